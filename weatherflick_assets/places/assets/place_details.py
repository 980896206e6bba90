"""`raw/kto/place_details`: the detail operations' answers about a region's places, as far as the plan allots calls.

The asset imports heavy modules only when it runs: client and data frames would cost every Dagster process a second.
"""

from typing import TYPE_CHECKING, Any

import dagster as dg

from weatherflick_assets.orchestration.collected import asking, collected_assets
from weatherflick_assets.orchestration.report import Report
from weatherflick_assets.orchestration.samples import responses_metadata
from weatherflick_assets.orchestration.schemas import table_metadata
from weatherflick_assets.orchestration.upstream import UpstreamResource
from weatherflick_assets.orchestration.warehouse import WarehouseResource
from weatherflick_assets.places.assets.listings import listing_key
from weatherflick_assets.places.content_types import CONTENT_TYPES
from weatherflick_assets.places.kto import KTO
from weatherflick_assets.places.partitions import FROM_LISTING, REGION_PARTITIONS
from weatherflick_assets.places.tables import PLACE_DETAILS
from weatherflick_assets.settings import now

if TYPE_CHECKING:
    from weatherflick_assets.places.collect.details import Details

PLACE_DETAILS_KEY = dg.AssetKey(["raw", KTO.name, "place_details"])


@collected_assets(
    KTO,
    dg.AssetSpec(
        PLACE_DETAILS_KEY,
        # The plan is not a dependency: it is made from published data, which is made from these details.
        deps=[dg.AssetDep(listing_key(content_type), partition_mapping=FROM_LISTING) for content_type in CONTENT_TYPES],
        description=(
            "Overview, opening hours, fees, further texts and pictures of the places of one region, from detailCommon2, "
            "detailIntro2, detailInfo2 and detailImage2: as many as the collection plan of the day allots to the region, the "
            "places worth most first. Every answer is kept in raw.responses and merged into raw.place_details, where what "
            "comes blank never takes the place of what was known. It may be stopped at any moment, and resumes where it was: "
            "nothing that was answered is asked again."
        ),
        metadata=table_metadata(PLACE_DETAILS),
    ),
    partitions_def=REGION_PARTITIONS,
)
async def place_details(
    context: dg.AssetExecutionContext, upstream: UpstreamResource, warehouse: WarehouseResource
) -> dg.MaterializeResult:
    """Make the calls that the plan allots to the region and that were not made yet."""
    from weatherflick_assets.places.collect.details import collect_details

    report = Report(context)
    async with asking(KTO, context, upstream, warehouse) as (client, responses):
        details = await collect_details(
            client, warehouse.dsn, context.partition_key, access=upstream.access(KTO), clock=now
        )
        unreadable = [
            f"{operation} of {content_id}: {reason}"
            for operation, reasons in details.unreadable.items()
            for content_id, reason in reasons.items()
        ]
        if unreadable:
            context.log.warning(
                "%d answers could not be read; these places are put off, and the others went on. The first: %s",
                *(len(unreadable), unreadable[0]),
            )
        if details.stopped_by is not None:
            context.log.warning(
                "%d of %d planned calls were answered and are kept.", sum(details.asked.values()), details.planned
            )
            raise details.stopped_by
    return report.only({**_metadata(details), **responses_metadata(responses.kept)})


def _metadata(details: "Details") -> dict[str, Any]:
    return {
        "planned": details.planned,
        "asked": sum(details.asked.values()),
        "asked_by_operation": dg.MetadataValue.json(dict(details.asked)),
        "empty": details.empty,
        "unreadable": sum(map(len, details.unreadable.values())),
        "recalled": details.recalled,
        "calls": details.calls,
        "retries": details.retries,
        "partitions_touched": len(details.touched),
    }
