"""When published data are checked, and when their quality is measured, compared and reported."""

from collections.abc import Sequence
from datetime import date, datetime, timedelta

from weatherflick_assets.operations import data_checks, drift_check
from weatherflick_assets.operations.quality_assets import STATISTICS_KEY, TRENDS_KEY
from weatherflick_assets.operations.quality_report import REPORT_KEY
from weatherflick_assets.orchestration.flows import Flow, Stage, partitions_due
from weatherflick_assets.orchestration.schedules import asset_job

_A_DAY = timedelta(days=1)


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
CHECKS = (DATA_CHECKS, FIELD_CHECKS)
"""What evaluates the checks that no collection evaluates."""

JOBS = (
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
)
