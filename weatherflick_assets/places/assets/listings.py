"""`raw/kto/<type>_listing`: the list of one kind of place, region by region, as the upstream gives it.

Assets import heavy modules only when they run: client and data frames would cost every Dagster process a second.
"""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import dagster as dg

from weatherflick_assets.korea.regions import NAME_OF
from weatherflick_assets.orchestration.collected import asking, collected_asset
from weatherflick_assets.orchestration.resume import resumed_from
from weatherflick_assets.orchestration.upstream import UpstreamResource
from weatherflick_assets.orchestration.warehouse import WarehouseResource
from weatherflick_assets.places.content_types import CONTENT_TYPES, ContentType
from weatherflick_assets.places.kto import KTO, LIST_OPERATION
from weatherflick_assets.places.partitions import REGION_PARTITIONS
from weatherflick_assets.places.tables import PLACE_ITEMS
from weatherflick_assets.settings import now

if TYPE_CHECKING:
    from weatherflick_assets.places.collect.listing import Listing


def listing_key(content_type: ContentType) -> dg.AssetKey:
    """The key of the listing asset of a kind of place."""
    return dg.AssetKey(["raw", KTO.name, f"{content_type.name}_listing"])


def _listing_asset(content_type: ContentType) -> dg.AssetsDefinition:
    @collected_asset(
        KTO,
        listing_key(content_type),
        partitions_def=REGION_PARTITIONS,
        description=(
            f"The list of {content_type.name} ({content_type.korean_name}, type {content_type.content_type_id}) of one "
            f"region from {LIST_OPERATION.name}: every page kept in raw.responses, every item current in raw.place_items. "
            "All pages are read, those that the list moved under are read again, and ids are counted against the "
            "upstream's total; only then are absences believed. "
            "`unassigned` takes the rows that carry no region code.\n\n"
            f"Partitions: {', '.join(f'{code} {name}' for code, name in NAME_OF.items())}."
        ),
        table=PLACE_ITEMS,
        operation=LIST_OPERATION.name,
    )
    async def listing(
        context: dg.AssetExecutionContext, upstream: UpstreamResource, warehouse: WarehouseResource
    ) -> dg.MaterializeResult:
        from weatherflick_assets.places.collect.listing import collect_listing
        from weatherflick_assets.places.store.item_stage import ItemStage

        async with (
            asking(KTO, context, upstream, warehouse) as (client, responses),
            ItemStage(warehouse.dsn, run_id=context.run.run_id) as stage,
        ):
            result = await collect_listing(
                client,
                responses,
                stage,
                content_type,
                context.partition_key,
                clock=now,
                resumed_from=resumed_from(context),
            )
        if result.absences.withheld:
            context.log.warning(
                "%d places are missing from the list, too many to believe; none was marked absent. "
                "Look at the upstream: a list that really shrank this much is rare.",
                result.absences.withheld,
            )
        return dg.MaterializeResult(metadata=_metadata(result))

    return listing


def _metadata(listing: "Listing") -> dict[str, Any]:
    return {
        "dagster/partition_row_count": listing.listed + listing.hidden,
        "listed": listing.listed,
        "hidden": listing.hidden,
        "region_found_by": dict(listing.found_by),
        "calls": listing.calls,
        "retries": listing.retries,
        "pages": listing.pages,
        "readings": listing.readings,
        "pages_read_again": listing.reread_pages,
        "newly_absent": listing.absences.marked,
        "absences_withheld": listing.absences.withheld,
    }


def place_listing_assets() -> Sequence[dg.AssetsDefinition]:
    """One listing asset per kind of place."""
    return [_listing_asset(content_type) for content_type in CONTENT_TYPES]
