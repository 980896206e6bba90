"""Upkeep of the platform itself, and the checks of what it holds, as Dagster knows them."""

from collections.abc import Sequence

import dagster as dg

from weatherflick_assets.operations import data_checks, drift_check
from weatherflick_assets.operations.retention import retention_job
from weatherflick_assets.orchestration.domain import Domain
from weatherflick_assets.orchestration.flows import Flow, Stage

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

FLOWS = (RETENTION, DATA_CHECKS, FIELD_CHECKS)
"""What keeps the platform in bounds and looks after its data, and when it runs."""

CHECKS = (DATA_CHECKS, FIELD_CHECKS)
"""What evaluates the checks that no collection evaluates."""


def definitions(domains: Sequence[Domain]) -> dg.Definitions:
    """Jobs that keep what these domains collect in bounds, and checks of what they publish and receive."""
    tables = [table for domain in domains for table in domain.measured]
    answers = {key: kept for domain in domains for key, kept in domain.answers.items()}
    return dg.Definitions(
        asset_checks=[data_checks.data_checks(tables), drift_check.drift_check(answers)],
        jobs=[
            retention_job(domains),
            data_checks.data_job(tables),
            drift_check.drift_job(answers),
        ],
    )
