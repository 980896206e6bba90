"""Dagster's view of the platform's database. Code that writes to it is imported when it is needed."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

import dagster as dg

from weatherflick_assets.orchestration.lost_runs import is_of_a_command
from weatherflick_assets.orchestration.tags import COMMAND_TAG

if TYPE_CHECKING:
    from weatherflick_assets.warehouse.response_store import ResponseStore


class WarehouseResource(dg.ConfigurableResource):
    """The database the platform writes to.

    Attributes:
        dsn: its address; `weatherflick env` sets the variable it comes from.
    """

    dsn: str

    def responses(self, context: dg.AssetExecutionContext) -> "ResponseStore":
        """Where responses are kept, stamped with the run of `context`, and its partition where it has one."""
        from weatherflick_assets.warehouse.response_store import ResponseStore

        partition_key = context.partition_key if context.has_partition_key else None
        return ResponseStore(self.dsn, run_id=context.run.run_id, partition_key=partition_key)


class LeasedWarehouse(WarehouseResource):
    """The same in operation, where a run holds a lease while it executes, and writes nothing without."""

    @contextmanager
    def yield_for_execution(self, context: dg.InitResourceContext) -> Iterator["WarehouseResource"]:
        """Hold the lease of a run while it executes, unless a command holds it."""
        from weatherflick_assets.warehouse import leases

        run = context.run
        if run is None:
            yield self
        elif is_of_a_command(run):
            yield WarehouseResource(dsn=leases.fenced(self.dsn, [run.run_id, run.tags[COMMAND_TAG]]))
        else:
            with leases.session(self.dsn) as connection:
                leases.wait_to_hold(connection, run.run_id)
                yield WarehouseResource(dsn=leases.fenced(self.dsn, [run.run_id]))
