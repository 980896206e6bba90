"""The retention job: drops response bodies and verdicts that have expired, which keeps the database in bounds."""

from collections.abc import Sequence
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
        domains: each says which responses it still needs.
    """
    needed: list[LiteralString] = [query for domain in domains for query in domain.needed_responses]

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

    @dg.op(out=dg.Out(dg.Nothing), description="Deletes verdicts older than 400 days, in short transactions.")
    def delete_old_verdicts(context: dg.OpExecutionContext, warehouse: WarehouseResource) -> None:
        from weatherflick_assets.quality.store import forget_verdicts

        with as_failures():
            context.add_output_metadata({"deleted": forget_verdicts(warehouse.dsn, now=now())})

    @dg.job(
        tags={**MAX_RUNTIME_SECONDS, "owner": OWNERS[0]},
        executor_def=dg.in_process_executor,
        description=(
            "Drops the bodies of responses whose time to live is over, unless something was made from them. Calls and "
            "verdicts stay on record for more than a year. It may be stopped at any moment."
        ),
    )
    def retention() -> None:
        drop_expired_responses()
        delete_old_verdicts()

    return retention
