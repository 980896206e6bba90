"""`operations/expired_responses`: keeps the raw layer in bounds by dropping response bodies that have expired."""

from typing import TYPE_CHECKING, Any

import dagster as dg

from weatherflick_assets.orchestration.failures import as_failures
from weatherflick_assets.orchestration.schemas import table_metadata
from weatherflick_assets.orchestration.tags import OWNERS
from weatherflick_assets.orchestration.warehouse import WarehouseResource
from weatherflick_assets.settings import now
from weatherflick_assets.warehouse.tables import BODIES

if TYPE_CHECKING:
    from weatherflick_assets.warehouse.retention import Upkeep

EXPIRED_RESPONSES_KEY = dg.AssetKey(["operations", "expired_responses"])


@dg.asset(
    key=EXPIRED_RESPONSES_KEY,
    group_name="operations",
    owners=OWNERS,
    kinds={"python", "postgres"},
    description=(
        "Bodies of responses whose time to live is over are dropped, unless the current item of a place, what is known of "
        "its details, or a rejected item came from them. The calls themselves stay on record for more than a year. It runs beside collections, in short "
        "transactions, and may be stopped at any moment."
    ),
    metadata=table_metadata(BODIES),
)
def expired_responses(warehouse: WarehouseResource) -> dg.MaterializeResult:
    """Drop what has expired."""
    from weatherflick_assets.warehouse.retention import drop_expired

    with as_failures():
        upkeep = drop_expired(warehouse.dsn, now=now())
    return dg.MaterializeResult(metadata=_metadata(upkeep))


def _metadata(upkeep: "Upkeep") -> dict[str, Any]:
    return {
        "dropped": upkeep.bodies_dropped,
        "bytes_freed": upkeep.bytes_freed,
        "kept_because_depended_on": upkeep.bodies_depended_on,
        "calls_deleted": upkeep.calls_deleted,
        "remaining": upkeep.left.bodies,
        "remaining_bytes": upkeep.left.stored_bytes,
        "remaining_bytes_as_received": upkeep.left.received_bytes,
        "calls_on_record": upkeep.left.calls,
    }
