"""Upkeep of the platform itself, the checks of what it holds, and the quality of what it publishes, as Dagster knows them."""

from collections.abc import Sequence
from datetime import date, datetime, timedelta

import dagster as dg

from weatherflick_assets.operations import data_checks, drift_check
from weatherflick_assets.operations.backup_assets import (
    BACKUP_KEY,
    DRILL_CHECK,
    DRILL_KEY,
    WAL_KEY,
    backup,
    restore_drill,
    wal,
    why_no_wal,
    why_none,
)
from weatherflick_assets.operations.quality_assets import STATISTICS_KEY, TRENDS_KEY, quality_assets
from weatherflick_assets.operations.quality_report import REPORT_KEY, report_asset
from weatherflick_assets.operations.retention import retention_job
from weatherflick_assets.orchestration.domain import Domain
from weatherflick_assets.orchestration.flows import Flow, Stage, partitions_due
from weatherflick_assets.orchestration.incidents import incidents_asset
from weatherflick_assets.orchestration.schedules import asset_job
from weatherflick_assets.orchestration.tags import HEAVY

_HOURS = {"dagster/max_runtime": str(6 * 3600), **HEAVY}
"""A large database takes longer than a region."""


def _to_measure(dsn: str, at: datetime) -> Sequence[str]:
    """The days whose quality is to be measured."""
    from weatherflick_assets.quality.statistics import due

    return partitions_due(dsn, at, due, date.isoformat)


def _to_compare(dsn: str, at: datetime) -> Sequence[str]:
    """The days that are to be compared with those before."""
    from weatherflick_assets.quality.trends import due

    return partitions_due(dsn, at, due, date.isoformat)


def _to_report(dsn: str, at: datetime) -> Sequence[str]:
    """The days that are to be reported."""
    from weatherflick_assets.quality.report import due

    return partitions_due(dsn, at, due, date.isoformat)


_A_DAY = timedelta(days=1)

RETENTION = Flow(
    "retention",
    "0 4 * * *",
    "Drops what has expired, and makes partitions for the days to come.",
    (Stage("retention"),),
)
DATA_CHECKS = Flow(
    "data_checks",
    "7 * * * *",
    "Looks at the age of all published data, and at what the gates hold back.",
    (Stage(data_checks.JOB),),
)
FIELD_CHECKS = Flow(
    "field_checks",
    "40 5 * * *",
    "Looks for fields that the upstreams have added, dropped or retyped, in the answers of the day.",
    (Stage(drift_check.JOB),),
)
QUALITY = Flow(
    "quality",
    "0 6 * * *",
    "Measures the quality of yesterday, before people begin their day, and of days that were missed; compares them, and reports.",
    (
        Stage("measure_quality", _to_measure, depends_on_need=True, every=_A_DAY),
        Stage("compare_quality", _to_compare, depends_on_need=True, every=_A_DAY),
        Stage("report_quality", _to_report, depends_on_need=True, every=_A_DAY),
    ),
)
BACKUP = Flow(
    "backup",
    "30 4 * * *",
    "Backs up all databases when the day's upkeep has made them smaller, before people are up.",
    (Stage("make_backup", tags=_HOURS),),
    unless=why_none,
)
WAL = Flow(
    "wal",
    "55 * * * *",
    "Stores the embedded server's WAL every hour, when the hour's collections have ended.",
    (Stage("store_wal", tags=_HOURS),),
    unless=why_no_wal,
)
RESTORE_DRILL = Flow(
    "restore_drill",
    "30 5 * * 0",
    "Restores the newest backup into a temporary folder and compares it, on Sundays after it was made.",
    (Stage("drill_restore", tags=_HOURS),),
    unless=why_none,
)

FLOWS = (RETENTION, DATA_CHECKS, FIELD_CHECKS, QUALITY, BACKUP, WAL, RESTORE_DRILL)
"""What keeps the platform in bounds and safe, and looks after its data; and when it runs."""

CHECKS = (DATA_CHECKS, FIELD_CHECKS)
"""What evaluates the checks that no collection evaluates."""

_JOBS = (
    asset_job(
        "measure_quality",
        [STATISTICS_KEY.to_user_string()],
        "Measures the quality of every table on a day, out of stored verdicts.",
    ),
    asset_job(
        "compare_quality",
        [TRENDS_KEY.to_user_string()],
        "Compares the quality of a day with that of 1, 7 and 30 days before.",
    ),
    asset_job("report_quality", [REPORT_KEY.to_user_string()], "Writes the quality report of a day, one HTML file."),
    asset_job("make_backup", [BACKUP_KEY.to_user_string()], "Makes the next backup, without a call."),
    asset_job("store_wal", [WAL_KEY.to_user_string()], "Stores the WAL since the last backup, without a call."),
    asset_job(
        "drill_restore",
        [DRILL_KEY.to_user_string()],
        "Restores the newest backup and compares it, without a call.",
        checks=[DRILL_CHECK],
    ),
)


def definitions(domains: Sequence[Domain]) -> dg.Definitions:
    """What keeps what these domains collect in bounds and safe, checks it, measures its quality, and shows what is wrong."""
    tables = [table for domain in domains for table in domain.measured]
    rejections = [domain.rejections for domain in domains if domain.rejections]
    answers = {key: kept for domain in domains for key, kept in domain.answers.items()}
    return dg.Definitions(
        assets=[
            *quality_assets(tables),
            report_asset(tables, rejections),
            incidents_asset(),
            backup,
            wal,
            restore_drill,
        ],
        asset_checks=[data_checks.data_checks(tables), drift_check.drift_check(answers)],
        jobs=[
            retention_job(domains),
            data_checks.data_job(tables),
            drift_check.drift_job(answers),
            *_JOBS,
        ],
    )
