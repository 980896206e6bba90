"""The retention job keeps the database in bounds: response bodies, verdicts, statistics, incidents, tables by time."""

from collections.abc import Sequence
from dataclasses import asdict
from typing import LiteralString

import dagster as dg

from weatherflick_assets.orchestration.domain import Domain
from weatherflick_assets.orchestration.failures import as_failures
from weatherflick_assets.orchestration.tags import MAX_RUNTIME_SECONDS, OWNERS
from weatherflick_assets.orchestration.warehouse import WarehouseResource
from weatherflick_assets.settings import now


def retention_job(domains: Sequence[Domain]) -> dg.JobDefinition:
    """The job for everything that these domains keep.

    Args:
        domains: each says which responses it still needs, and how long it keeps what.
    """
    needed: list[LiteralString] = [query for domain in domains for query in domain.needed_responses]
    policies = [policy for domain in domains for policy in domain.storage]

    @dg.op(out=dg.Out(dg.Nothing), description="Drops expired bodies in short transactions, beside collections.")
    def drop_expired_responses(context: dg.OpExecutionContext, warehouse: WarehouseResource) -> None:
        from weatherflick_assets.warehouse.retention import drop_expired

        with as_failures():
            upkeep = drop_expired(warehouse.dsn, needed=needed, now=now())
        context.add_output_metadata(
            {
                "dropped": upkeep.bodies_dropped,
                "bytes_freed": upkeep.bytes_freed,
                "kept_because_needed": upkeep.bodies_depended_on,
                "calls_deleted": upkeep.calls_deleted,
                "remaining": upkeep.left.bodies,
                "remaining_bytes": upkeep.left.stored_bytes,
                "remaining_bytes_as_received": upkeep.left.received_bytes,
                "calls_on_record": upkeep.left.calls,
            }
        )

    of_state = [table.table_name for domain in domains for table in domain.measured if table.is_state]

    @dg.op(out=dg.Out(dg.Nothing), description="Deletes verdicts older than 400 days, in short transactions.")
    def delete_old_verdicts(context: dg.OpExecutionContext, warehouse: WarehouseResource) -> None:
        from weatherflick_assets.quality.store import forget_verdicts

        with as_failures():
            context.add_output_metadata({"deleted": forget_verdicts(warehouse.dsn, now=now(), of_state=of_state)})

    @dg.op(out=dg.Out(dg.Nothing), description="Deletes statistics older than 800 days, and trends older than 400.")
    def delete_old_statistics(context: dg.OpExecutionContext, warehouse: WarehouseResource) -> None:
        from weatherflick_assets.quality.statistics import forget_statistics

        with as_failures():
            context.add_output_metadata({"days_deleted": forget_statistics(warehouse.dsn, now=now())})

    @dg.op(out=dg.Out(dg.Nothing), description="Deletes incidents that were over 400 days ago, with their messages.")
    def delete_old_incidents(context: dg.OpExecutionContext, warehouse: WarehouseResource) -> None:
        from weatherflick_assets.alerts.store import forget

        with as_failures():
            context.add_output_metadata({"deleted": forget(warehouse.dsn, now())})

    @dg.op(out=dg.Out(dg.Nothing), description="Makes partitions ahead; thins, merges and drops those of the past.")
    def keep_partitions_in_order(context: dg.OpExecutionContext, warehouse: WarehouseResource) -> None:
        from weatherflick_assets.warehouse.partitioned import keep_in_order

        with as_failures():
            kept = keep_in_order(warehouse.dsn, policies, now())
        for table, upkeep in kept.items():
            if upkeep.postponed:
                context.log.warning("%s: in use, left for the next time: %s", table, ", ".join(upkeep.postponed))
        context.add_output_metadata({table: dg.MetadataValue.json(asdict(upkeep)) for table, upkeep in kept.items()})

    @dg.job(
        tags={**MAX_RUNTIME_SECONDS, "owner": OWNERS[0]},
        executor_def=dg.in_process_executor,
        description=(
            "Drops the bodies of responses whose time to live is over, unless something was made from them. Calls and "
            "verdicts stay on record for more than a year, and so do incidents; statistics for more than two years. Tables partitioned by time are "
            "thinned and shortened as their "
            "domains say. It may be stopped at any moment."
        ),
    )
    def retention() -> None:
        drop_expired_responses()
        delete_old_verdicts()
        delete_old_statistics()
        delete_old_incidents()
        keep_partitions_in_order()

    return retention
