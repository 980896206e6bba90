"""Upkeep of the platform itself, the checks of what it holds, and the quality of what it publishes, as Dagster knows them."""

from collections.abc import Sequence

import dagster as dg

from weatherflick_assets.operations import backup_flows, data_checks, drift_check, quality_flows
from weatherflick_assets.operations.backup_assets import backup, restore_drill, wal
from weatherflick_assets.operations.quality_assets import quality_assets
from weatherflick_assets.operations.quality_report import report_asset
from weatherflick_assets.operations.upkeep.asset import JOB, upkeep_asset, upkeep_job
from weatherflick_assets.orchestration.domain import Domain
from weatherflick_assets.orchestration.flows import Flow, Stage
from weatherflick_assets.orchestration.incidents import incidents_asset
from weatherflick_assets.orchestration.tags import HOURS

RETENTION = Flow(
    "retention",
    "0 4 * * *",
    "Removes what is too old by policy, makes partitions for the days to come, and measures what everything takes.",
    (Stage(JOB, tags=HOURS),),
)
FLOWS = (
    RETENTION,
    *quality_flows.CHECKS,
    quality_flows.QUALITY,
    backup_flows.BACKUP,
    backup_flows.WAL,
    backup_flows.RESTORE_DRILL,
)
"""What keeps the platform in bounds and safe, and looks after its data; and when it runs."""


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
            upkeep_asset(domains),
            backup,
            wal,
            restore_drill,
        ],
        asset_checks=[data_checks.data_checks(tables), drift_check.drift_check(answers)],
        jobs=[
            upkeep_job(),
            data_checks.data_job(tables),
            drift_check.drift_job(answers),
            *quality_flows.JOBS,
            *backup_flows.JOBS,
        ],
    )
