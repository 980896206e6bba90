"""Dagster's view of the platform's database. What writes to it is imported when it is made."""

from typing import TYPE_CHECKING

import dagster as dg

if TYPE_CHECKING:
    from weatherflick_assets.places.store.raw import RawStore


class WarehouseResource(dg.ConfigurableResource):
    """The database the platform writes to.

    Attributes:
        dsn: its address; `weatherflick env` sets the variable it comes from.
    """

    dsn: str

    def raw_store(self, context: dg.AssetExecutionContext) -> "RawStore":
        """The raw layer, stamped with the run of `context`, and its partition where it has one."""
        from weatherflick_assets.places.store.raw import RawStore

        partition_key = context.partition_key if context.has_partition_key else None
        return RawStore(self.dsn, run_id=context.run.run_id, partition_key=partition_key)
