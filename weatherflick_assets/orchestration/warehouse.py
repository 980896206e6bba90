"""Dagster's view of the platform's database. Code that writes to it is imported when it is needed."""

from typing import TYPE_CHECKING

import dagster as dg

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
