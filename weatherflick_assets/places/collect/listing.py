"""Collects the list of places of one kind in one region: one complete, counted sweep into the raw layer."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from weatherflick_assets.korea.regions import UNASSIGNED
from weatherflick_assets.places.collect.whole_lists import recall_pages
from weatherflick_assets.places.content_types import CONTENT_TYPES, ContentType
from weatherflick_assets.places.kto import LIST_OPERATION
from weatherflick_assets.places.store.item_stage import Absences, ItemStage
from weatherflick_assets.places.store.sweeps import SweepRecord, merge_sweep
from weatherflick_assets.places.transform.listing import listed_items
from weatherflick_assets.settings import Clock
from weatherflick_assets.upstream.client import Answer, UpstreamClient
from weatherflick_assets.upstream.second_reading import STAND_IN
from weatherflick_assets.upstream.sweep import sweep
from weatherflick_assets.warehouse.response_store import ResponseStore

_KINDS = tuple(content_type.content_type_id for content_type in CONTENT_TYPES)


@dataclass(frozen=True)
class Listing:
    """The result of collecting one partition, in items unless stated otherwise.

    Attributes:
        listed: distinct ids of visible items, plus the items without an id.
        hidden: items that the upstream has withdrawn (showflag 0).
        found_by: number of items by the source of their region.
        pages, reread_pages, readings: see `Sweep`.
        calls, retries: calls sent, and how many of them were retries.
        absences: the places that the sweep proved gone.
        doubt: why the sweep proves no absences; "" if the list adds up.
    """

    listed: int
    hidden: int
    found_by: Mapping[str, int]
    pages: int
    reread_pages: int
    readings: int
    calls: int
    retries: int
    absences: Absences
    doubt: str


async def collect_listing(
    client: UpstreamClient,
    responses: ResponseStore,
    stage: ItemStage,
    content_type: ContentType,
    region_code: str,
    *,
    clock: Clock,
    resumed_from: datetime | None = None,
) -> Listing:
    """Sweep one partition of the list and merge its items.

    A region is swept by its code. Rows without a code are in no region's list, so the `unassigned` partition sweeps the
    whole country and keeps only these rows. Most of them are hidden places, which lose their codes.

    Args:
        client: the provider's client.
        responses: the raw layer, open.
        stage: where items are staged and merged, open.
        content_type: the kind of place.
        region_code: the partition.
        clock: the current time.
        resumed_from: when the interrupted collection began. Pages read since then are not fetched again.

    Raises:
        UpstreamError: a page could not be fetched. The responses received are kept; nothing is merged.
        IncompleteSweepError: the list differs with every reading. The items seen are merged; no place is marked absent.
    """
    parameters = {"contentTypeId": content_type.content_type_id}
    if region_code != UNASSIGNED:
        parameters["lDongRegnCd"] = region_code

    asked_for: dict[str, object] = {}
    if region_code != UNASSIGNED:
        asked_for["lDongRegnCd"] = region_code

    async def take(answer: Answer) -> None:
        if not answer.page.items:
            return
        # What stands in for a row that could not be read belongs to the region that was asked for.
        received = [asked_for | item if STAND_IN in item else item for item in answer.page.items]
        items = listed_items(received, answer.response_id)
        # A row of no known kind is of the one that was asked for. Otherwise it would be listed and in no table.
        kinds = items["content_type_id"]
        items["content_type_id"] = kinds.where(kinds.isin(_KINDS), content_type.content_type_id)
        if region_code == UNASSIGNED:
            items = items[items["region_source"] != "code"]
        await stage.stage(items)

    started_at = clock()
    sent, retried = client.count.sent, client.count.retried
    recalled = recall_pages(client, responses, LIST_OPERATION, parameters, resumed_from)
    swept = await sweep(client, LIST_OPERATION, parameters, id_field="contentid", take=take, recalled=recalled)
    merged = await merge_sweep(
        stage,
        SweepRecord(
            provider=client.provider.name,
            operation=LIST_OPERATION.name,
            content_type_id=content_type.content_type_id,
            region_code=region_code,
            started_at=started_at,
            finished_at=clock(),
            pages=swept.pages,
            total_count=swept.total_count,
            items_seen=swept.items_seen,
            is_complete=swept.is_complete,
        ),
    )
    name = f"The list of {content_type.name} in {region_code}"
    swept.require_steady(
        name,
        "What was seen is kept; no place is taken to be gone. Collect the region again later.",
    )
    return Listing(
        listed=merged.listed,
        hidden=merged.hidden,
        found_by=merged.found_by,
        pages=swept.pages,
        reread_pages=swept.reread_pages,
        readings=swept.readings,
        calls=client.count.sent - sent,
        retries=client.count.retried - retried,
        absences=merged.absences,
        doubt=swept.doubt(name),
    )
