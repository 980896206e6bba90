"""Upkeep of the platform itself, as Dagster knows it."""

from collections.abc import Sequence

import dagster as dg

from weatherflick_assets.operations.retention import retention_job
from weatherflick_assets.orchestration.domain import Domain
from weatherflick_assets.orchestration.schedules import once, schedule


def definitions(domains: Sequence[Domain]) -> dg.Definitions:
    """Jobs and schedules that keep what these domains collect in bounds."""
    retention = retention_job(domains)
    return dg.Definitions(
        jobs=[retention],
        schedules=[schedule(retention, "0 4 * * *", once, "Drops responses that have expired.")],
    )
