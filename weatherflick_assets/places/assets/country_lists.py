"""`raw/kto/festivals`, `raw/kto/pets`, `raw/kto/stays`: the lists that cover the whole country at once.

Assets import heavy modules only when they run: client and data frames would cost every Dagster process a second.
"""

from collections.abc import Awaitable, Callable
from functools import partial
from typing import TYPE_CHECKING, Any

import dagster as dg

from weatherflick_assets.orchestration.collected import asking, collected_assets, warned
from weatherflick_assets.orchestration.report import Report
from weatherflick_assets.orchestration.resume import resumed_from
from weatherflick_assets.orchestration.samples import responses_metadata
from weatherflick_assets.orchestration.schemas import table_metadata
from weatherflick_assets.orchestration.upstream import UpstreamResource
from weatherflick_assets.orchestration.warehouse import WarehouseResource
from weatherflick_assets.places.assets.listings import listing_key
from weatherflick_assets.places.content_types import CONTENT_TYPE_BY_NAME, CONTENT_TYPES
from weatherflick_assets.places.kto import KTO
from weatherflick_assets.places.tables import PLACE_DETAILS
from weatherflick_assets.presentation import for_terminal
from weatherflick_assets.settings import KST, now
from weatherflick_assets.warehouse.tables import CALLS

if TYPE_CHECKING:
    from weatherflick_assets.places.collect.country_lists import CountryList
    from weatherflick_assets.warehouse.response_store import ResponseStore

FESTIVALS_KEY = dg.AssetKey(["raw", KTO.name, "festivals"])
PETS_KEY = dg.AssetKey(["raw", KTO.name, "pets"])
STAYS_KEY = dg.AssetKey(["raw", KTO.name, "stays"])

MOST_EXAMPLES = 10


@collected_assets(
    KTO,
    dg.AssetSpec(
        FESTIVALS_KEY,
        deps=[listing_key(CONTENT_TYPE_BY_NAME["festivals"])],
        description=(
            "The dates of festivals from searchFestival2, of the whole country: those that go on, are to come, or ended "
            "within the last 30 days. Every page kept in raw.responses, one item a festival in raw.place_details. There are "
            "no partitions, because only the list of now can be read."
        ),
        metadata=table_metadata(PLACE_DETAILS),
        tags={"operation": "searchFestival2"},
    ),
)
async def festivals(
    context: dg.AssetExecutionContext, upstream: UpstreamResource, warehouse: WarehouseResource
) -> dg.MaterializeResult:
    """Dates of festivals."""
    from weatherflick_assets.places.collect.country_lists import collect_festivals

    today = partial(collect_festivals, day=now().astimezone(KST).date())
    return await _collected(today, context, upstream, warehouse)


@collected_assets(
    KTO,
    dg.AssetSpec(
        PETS_KEY,
        deps=list(map(listing_key, CONTENT_TYPES)),
        description=(
            "Whether and how pets may come, from detailPetTour2, of all places of which the upstream knows it. Every page "
            "kept in raw.responses, one item a place in raw.place_details."
        ),
        metadata=table_metadata(PLACE_DETAILS),
        tags={"operation": "detailPetTour2"},
    ),
)
async def pets(
    context: dg.AssetExecutionContext, upstream: UpstreamResource, warehouse: WarehouseResource
) -> dg.MaterializeResult:
    """Rules for pets."""
    from weatherflick_assets.places.collect.country_lists import collect_pets

    return await _collected(collect_pets, context, upstream, warehouse)


async def _collected(
    collect: Callable[..., Awaitable["CountryList"]],
    context: dg.AssetExecutionContext,
    upstream: UpstreamResource,
    warehouse: WarehouseResource,
) -> dg.MaterializeResult:
    from weatherflick_assets.places.store.details import DetailStore

    report = Report(context)
    async with (
        asking(KTO, context, upstream, warehouse) as (client, responses),
        DetailStore(warehouse.dsn) as details,
    ):
        read = await collect(client, responses, details, resumed_from=resumed_from(context))
    return report.only({**_metadata(read, responses), **warned(context, read.doubt)})


@collected_assets(
    KTO,
    dg.AssetSpec(
        STAYS_KEY,
        deps=[listing_key(CONTENT_TYPE_BY_NAME["accommodations"])],
        description=(
            "The list of places to stay from searchStay2, of the whole country: every page kept in raw.responses. It has "
            "nothing that the list of accommodations lacks, and shows whether that one misses any: `not_listed`."
        ),
        metadata=table_metadata(CALLS),
        tags={"operation": "searchStay2"},
    ),
)
async def stays(
    context: dg.AssetExecutionContext, upstream: UpstreamResource, warehouse: WarehouseResource
) -> dg.MaterializeResult:
    """Places to stay."""
    from weatherflick_assets.places.collect.country_lists import collect_stays

    report = Report(context)
    async with asking(KTO, context, upstream, warehouse) as (client, responses):
        read = await collect_stays(client, responses, warehouse.dsn, resumed_from=resumed_from(context))
    examples = [
        for_terminal(f"{content_id} {title}") for content_id, title in list(read.not_listed.items())[:MOST_EXAMPLES]
    ]
    if examples:
        context.log.warning(
            "%d places to stay are not known as accommodations, %s among them. Collect the accommodations again if they are many.",
            len(read.not_listed),
            examples[0],
        )
    return report.only(
        {
            **_metadata(read.reading, responses),
            **warned(context, read.reading.doubt),
            "not_listed": len(read.not_listed),
            "examples": dg.MetadataValue.json(examples),
        }
    )


def _metadata(read: "CountryList", responses: "ResponseStore") -> dict[str, Any]:
    return {
        "dagster/row_count": read.listed,
        "listed": read.listed,
        "without_an_id": read.unkeyed,
        "partitions_touched": len(read.touched),
        "calls": read.calls,
        "retries": read.retries,
        "pages": read.pages,
        "readings": read.readings,
        "pages_read_again": read.reread_pages,
        **responses_metadata(responses.kept),
    }
