"""`raw/kto/place_changes`: what changed in the upstream's list of all places since it was last read.

The asset imports heavy modules only when it runs: client and data frames would cost every Dagster process a second.
"""

from typing import TYPE_CHECKING, Any

import dagster as dg

from weatherflick_assets.orchestration.collected import asking, collected_assets, warned
from weatherflick_assets.orchestration.report import Report
from weatherflick_assets.orchestration.resume import resumed_from
from weatherflick_assets.orchestration.samples import responses_metadata
from weatherflick_assets.orchestration.schemas import table_metadata
from weatherflick_assets.orchestration.upstream import UpstreamResource
from weatherflick_assets.orchestration.warehouse import WarehouseResource
from weatherflick_assets.places.assets.listings import NO_ABSENCES, warn_of_withheld
from weatherflick_assets.places.kto import KTO, LIST_OPERATION
from weatherflick_assets.places.tables import PLACE_ITEMS
from weatherflick_assets.settings import now

if TYPE_CHECKING:
    from weatherflick_assets.places.collect.changes import Changes

PLACE_CHANGES_KEY = dg.AssetKey(["raw", KTO.name, "place_changes"])

CHANGES = ("new", "changed", "hidden", "returned", "moved", "rekeyed", "absent")
"""The kinds of changes that are counted. `rekeyed` places also count as new."""


@collected_assets(
    KTO,
    dg.AssetSpec(
        PLACE_CHANGES_KEY,
        description=(
            f"What changed in the list of all places since it was last read, from {LIST_OPERATION.name}, newest first: one "
            "page on a usual day. New, changed, hidden, returned, moved and re-keyed places become current in "
            "raw.place_items. Then the upstream's count is compared with ours, and places that vanished without a trace are "
            "searched for. What has to be published again is noted in ops.pending_publications.\n\n"
            "There are no partitions, because only the list of now can be read."
        ),
        metadata=table_metadata(PLACE_ITEMS),
        tags={"operation": LIST_OPERATION.name},
    ),
)
async def place_changes(
    context: dg.AssetExecutionContext, upstream: UpstreamResource, warehouse: WarehouseResource
) -> dg.MaterializeResult:
    """What changed in the list of all places."""
    from weatherflick_assets.places.collect.changes import read_changes
    from weatherflick_assets.places.store.item_stage import ItemStage

    report = Report(context)
    async with (
        asking(KTO, context, upstream, warehouse) as (client, responses),
        ItemStage(warehouse.dsn, run_id=context.run.run_id) as stage,
    ):
        changes = await read_changes(client, responses, stage, clock=now, resumed_from=resumed_from(context))
    warn_of_withheld(context, changes.absences_withheld)
    return report.only(
        {
            **_metadata(changes),
            **warned(context, changes.doubt and f"{changes.doubt} {NO_ABSENCES}"),
            **responses_metadata(responses.kept),
        }
    )


def _metadata(changes: "Changes") -> dict[str, Any]:
    times = {"watermark_before": changes.watermark_before, "watermark": changes.watermark}
    return {
        **{kind: changes.counts.get(kind, 0) for kind in CHANGES},
        "absences_withheld": changes.absences_withheld,
        "calls": changes.calls,
        "retries": changes.retries,
        "pages": changes.pages,
        "whole_list_read": changes.is_whole,
        **{name: dg.MetadataValue.timestamp(time) for name, time in times.items() if time},
        "total_count": changes.total_count,
        "known_count": changes.known_count,
        "partitions_touched": len(changes.touched),
    }
