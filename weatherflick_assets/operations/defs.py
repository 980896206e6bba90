"""Upkeep of the platform itself, as Dagster knows it."""

from collections.abc import Sequence

import dagster as dg

from weatherflick_assets.operations.retention import retention_job
from weatherflick_assets.orchestration.domain import Domain
from weatherflick_assets.orchestration.flows import Flow, Stage
from weatherflick_assets.orchestration.incidents import incidents_asset

FLOWS = (
    Flow(
        "retention",
        "0 4 * * *",
        "Drops what has expired, and makes partitions for the days to come.",
        (Stage("retention"),),
    ),
)
"""What keeps the platform in bounds, and when it runs."""


def definitions(domains: Sequence[Domain]) -> dg.Definitions:
    """Jobs that keep what these domains collect in bounds, and the asset that shows what is wrong."""
    return dg.Definitions(assets=[incidents_asset()], jobs=[retention_job(domains)])
