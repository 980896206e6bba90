"""Assembly: the domains there are, and what is made of all of them together.

A new domain is one line here. Dagster is imported when definitions are built, so that commands know the domains without it.
"""

from collections.abc import Mapping
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING

from weatherflick_assets.insight.domain import INSIGHT
from weatherflick_assets.places.domain import PLACES
from weatherflick_assets.settings import Mode, Settings, now
from weatherflick_assets.weather.domain import WEATHER

if TYPE_CHECKING:
    import dagster as dg

    from weatherflick_assets.orchestration.flows import Flow
    from weatherflick_assets.warehouse.database import Addresses

DOMAINS = (PLACES, WEATHER, INSIGHT)
"""Every domain, in the order in which the database is prepared for them."""

MEASURED = tuple(table for domain in DOMAINS for table in domain.measured)
"""What is measured of every table that is judged."""

OPERATIONS = {
    name: {
        operation.name: operation
        for domain in DOMAINS
        for operation in domain.operations
        if operation.provider.name == name
    }
    for name in dict.fromkeys(operation.provider.name for domain in DOMAINS for operation in domain.operations)
}
"""Provider name to operation name to operation."""


def prepare_database(addresses: "Addresses", mode: Mode) -> None:
    """Bring the database up to date for every domain; errors as of `database.prepare`."""
    from weatherflick_assets.warehouse import database, leases, located_places, partitioned

    locations = [domain.locations for domain in DOMAINS if domain.locations]
    policies = [policy for domain in DOMAINS for policy in domain.storage]
    database.prepare(
        addresses,
        mode,
        [
            # The views of a domain may read where the places are.
            partial(located_places.load, queries=locations),
            *(domain.load for domain in DOMAINS if domain.load),
            partial(partitioned.load, policies, now()),
            leases.load,
        ],
    )


def scheduled_flows() -> list["Flow"]:
    """Every flow that a schedule starts. Those of upkeep leave the queue last."""
    from weatherflick_assets.operations import defs as operations
    from weatherflick_assets.orchestration.flows import Priority

    upkeep = [replace(flow, priority=Priority.UPKEEP) for flow in operations.FLOWS]
    return [flow for flow in (*(flow for domain in DOMAINS for flow in domain.flows), *upkeep) if flow.cron]


def build_defs(*, resources: Mapping[str, object] | None = None) -> "dg.Definitions":
    """Everything Dagster knows of the platform.

    Args:
        resources: replacements by name; what is not named is as in operation.
    """
    import dagster as dg

    from weatherflick_assets.operations import defs as operations
    from weatherflick_assets.orchestration.flows import switched_on
    from weatherflick_assets.orchestration.freshness import with_freshness
    from weatherflick_assets.orchestration.incidents import notice_incidents
    from weatherflick_assets.orchestration.messages import send_messages
    from weatherflick_assets.orchestration.recovery import collect_again
    from weatherflick_assets.orchestration.schedules import flow_schedule
    from weatherflick_assets.orchestration.sensors import continue_flows, publish_pending
    from weatherflick_assets.orchestration.upstream import UpstreamResource
    from weatherflick_assets.orchestration.warehouse import LeasedWarehouse

    flows = scheduled_flows()
    on = switched_on(flows, Settings())  # type: ignore[call-arg]
    operated = [operation for domain in DOMAINS for operation in domain.operations]
    publishing = {job: assets for domain in DOMAINS for job, assets in domain.publishing.items()}
    parts = dg.Definitions.merge(
        *(domain.definitions() for domain in DOMAINS if domain.definitions), operations.definitions(DOMAINS)
    )
    priorities = {job: max(flow.priority for flow in domain.flows) for domain in DOMAINS for job in domain.publishing}
    jobs = {job.name: job for job in parts.jobs or ()}
    return dg.Definitions(
        assets=with_freshness(parts.assets or (), flows, jobs),
        asset_checks=parts.asset_checks,
        jobs=parts.jobs,
        schedules=[flow_schedule(flow, is_on=flow.name in on) for flow in flows],
        sensors=[
            continue_flows(flows, jobs),
            publish_pending(jobs, publishing, priorities),
            collect_again(flows, operated, jobs, publishing),
            notice_incidents(operated),
            send_messages(),
        ],
        executor=dg.in_process_executor,
        resources={
            "warehouse": LeasedWarehouse(dsn=dg.EnvVar("WEATHERFLICK_DATABASE_URL")),
            "upstream": UpstreamResource(),
            **(resources or {}),
        },
    )
