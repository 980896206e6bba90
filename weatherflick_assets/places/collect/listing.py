"""Collecting the list of places: one kind, one region, one complete and counted sweep into the raw layer.

Here client, transforms and warehouse are put together; Dagster's view of it stands in `assets/`.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from weatherflick_assets.korea.regions import UNASSIGNED
from weatherflick_assets.places.collect.whole_lists import recall_pages
from weatherflick_assets.places.content_types import ContentType
from weatherflick_assets.places.kto import LIST_OPERATION
from weatherflick_assets.places.store.item_stage import Absences, ItemStage
from weatherflick_assets.places.store.sweeps import SweepRecord, merge_sweep
from weatherflick_assets.places.transform.listing import listed_items
from weatherflick_assets.settings import Clock
from weatherflick_assets.upstream.client import Answer, UpstreamClient
from weatherflick_assets.upstream.errors import IncompleteSweepError
from weatherflick_assets.upstream.sweep import sweep
from weatherflick_assets.warehouse.response_store import ResponseStore


@dataclass(frozen=True)
class Listing:
    """What collecting one partition brought, in items unless said otherwise.

    Attributes:
        listed: visible ones, counted by id, plus those without an id.
        hidden: ones the upstream has withdrawn (showflag 0).
        found_by: how the region of each was found, counted.
        pages: pages read, those read again included.
        reread_pages: pages read again because the list had moved.
        readings: the first one, and how often pages were read again until they added up.
        calls: calls sent, retries included.
        retries: calls that had to be sent again.
        absences: what the sweep proved gone.
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
    """Sweep one partition of the list and make it current.

    A region is swept by its code. Rows without one are in no region's list, so the `unassigned` partition sweeps the
    whole country and takes just these; most of them are hidden ones, which lose their codes.

    Args:
        client: of the provider.
        responses: the raw layer, open.
        stage: where items are staged and merged, open.
        content_type: the kind of place that is listed.
        region_code: the partition.
        clock: the time.
        resumed_from: when a collection began that was broken off: pages read since then are not asked for again.

    Raises:
        UpstreamError: a page could not be had; the responses received are kept, the current items are as before.
        IncompleteSweepError: the pages do not add up. What was seen is current, and nothing is concluded from absences.
    """
    parameters = {"contentTypeId": content_type.content_type_id}
    if region_code != UNASSIGNED:
        parameters["lDongRegnCd"] = region_code

    async def take(answer: Answer) -> None:
        if not answer.page.items:
            return
        items = listed_items(answer.page.items, answer.response_id)
        if region_code == UNASSIGNED:
            items = items[items["region_source"] != "code"]
        await stage.stage(items)

    started_at = clock()
    recalled = (
        None if resumed_from is None else recall_pages(client, responses, LIST_OPERATION, parameters, resumed_from)
    )
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
    if not swept.is_complete:
        message = (
            f"The list of {content_type.name} in {region_code} does not add up: after {swept.readings} readings its pages "
            f"hold {swept.items_seen:,} different ids and the upstream counts {swept.total_count:,}. What was seen is kept; "
            "no place is taken to be gone. Collect the region again later."
        )
        raise IncompleteSweepError(message, code="incomplete")
    return Listing(
        listed=merged.listed,
        hidden=merged.hidden,
        found_by=merged.found_by,
        pages=swept.pages,
        reread_pages=swept.reread_pages,
        readings=swept.readings,
        calls=client.count.sent,
        retries=client.count.retried,
        absences=merged.absences,
    )
