"""`raw/kto/<type>_listing`: the lists of places of a region by kind, as the upstream gives them, read in one step.

Assets import heavy modules only when they run: client and data frames would cost every Dagster process a second.
"""

import asyncio
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import dagster as dg

from weatherflick_assets.korea.regions import NAME_OF
from weatherflick_assets.orchestration.collected import asking, collected_assets, warned
from weatherflick_assets.orchestration.report import Report
from weatherflick_assets.orchestration.resume import resumed_from
from weatherflick_assets.orchestration.samples import responses_metadata
from weatherflick_assets.orchestration.schemas import table_metadata
from weatherflick_assets.orchestration.steps import Attempts
from weatherflick_assets.orchestration.upstream import UpstreamResource
from weatherflick_assets.orchestration.warehouse import WarehouseResource
from weatherflick_assets.places.content_types import CONTENT_TYPES, ContentType
from weatherflick_assets.places.kto import KTO, LIST_OPERATION
from weatherflick_assets.places.partitions import REGION_PARTITIONS
from weatherflick_assets.places.tables import PLACE_ITEMS
from weatherflick_assets.settings import now

if TYPE_CHECKING:
    from weatherflick_assets.places.collect.listing import Listing

PARTITIONS_IN_WORDS = f"Partitions: {', '.join(f'{code} {name}' for code, name in NAME_OF.items())}."


NO_ABSENCES = "What was seen is published; no place is taken to be gone until the list adds up."


def listing_key(content_type: ContentType) -> dg.AssetKey:
    """The key of the listing asset of a kind of place."""
    return dg.AssetKey(["raw", KTO.name, f"{content_type.name}_listing"])


_KIND_OF = {listing_key(content_type): content_type for content_type in CONTENT_TYPES}


def _spec(key: dg.AssetKey, content_type: ContentType) -> dg.AssetSpec:
    return dg.AssetSpec(
        key,
        description=(
            f"The list of {content_type.name} ({content_type.korean_name}, type {content_type.content_type_id}) of one "
            f"region from {LIST_OPERATION.name}: every page kept in raw.responses, every item current in raw.place_items. "
            "All pages are read, those that the list moved under are read again, and ids are counted against the "
            "upstream's total; only then are absences believed. "
            f"`unassigned` takes the rows that carry no region code.\n\n{PARTITIONS_IN_WORDS}"
        ),
        metadata=table_metadata(PLACE_ITEMS),
        tags={"operation": LIST_OPERATION.name},
    )


@collected_assets(
    KTO,
    *(_spec(key, content_type) for key, content_type in _KIND_OF.items()),
    name="region_listings",
    partitions_def=REGION_PARTITIONS,
)
def listings(
    context: dg.AssetExecutionContext, upstream: UpstreamResource, warehouse: WarehouseResource
) -> Iterator[dg.MaterializeResult]:
    """Read the selected lists, one after another, until a failure would stop every other."""
    attempts = Attempts(context)
    # Nothing is open while Dagster records the results: it may end the step there.
    yield from asyncio.run(_read(context, upstream, warehouse, attempts))
    attempts.conclude()


async def _read(
    context: dg.AssetExecutionContext, upstream: UpstreamResource, warehouse: WarehouseResource, attempts: Attempts
) -> list[dg.MaterializeResult]:
    from weatherflick_assets.places.collect.listing import collect_listing
    from weatherflick_assets.places.store.item_stage import ItemStage

    results, since, report = [], resumed_from(context), Report(context)
    async with asking(KTO, context, upstream, warehouse) as (client, responses):
        for key, content_type in attempts.over(_KIND_OF):
            before = len(responses.kept)
            with attempts.at(key):
                async with ItemStage(warehouse.dsn, run_id=context.run.run_id) as stage:
                    listing = await collect_listing(
                        client, responses, stage, content_type, context.partition_key, clock=now, resumed_from=since
                    )
                warn_of_withheld(context, listing.absences.withheld)
                metadata = {
                    **_metadata(listing),
                    **warned(context, listing.doubt and f"{listing.doubt} {NO_ABSENCES}"),
                    **responses_metadata(responses.kept[before:]),
                }
                results.append(report.made(key, metadata))
            if attempts.is_hopeless:
                break
    report.tell()
    return results


def warn_of_withheld(context: dg.AssetExecutionContext, withheld: int) -> None:
    """Log a warning if places are missing that were not marked absent."""
    if withheld:
        context.log.warning(
            "%d places are missing from the list, too many to believe; none of these was marked absent. "
            "Look at the upstream: a list that really shrank this much is rare.",
            withheld,
        )


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
