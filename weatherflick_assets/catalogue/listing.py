"""Collecting the list of places: one kind, one region, one complete and counted sweep into the raw layer.

Here client, transforms and warehouse are put together; Dagster's view of it stands in `assets/`.
"""

from collections import Counter
from dataclasses import dataclass, field

from weatherflick_assets.content_types import ContentType
from weatherflick_assets.regions import UNASSIGNED
from weatherflick_assets.settings import Clock
from weatherflick_assets.transforms.listing import listed_items
from weatherflick_assets.upstream.client import Answer, Keep, ReceivedResponse, UpstreamClient
from weatherflick_assets.upstream.errors import IncompleteSweepError
from weatherflick_assets.upstream.kto import LIST_OPERATION
from weatherflick_assets.upstream.sweep import sweep
from weatherflick_assets.warehouse.raw_store import Absences, RawStore, ResponseRecord, SweepRecord


@dataclass
class Listing:
    """What collecting one partition brought, in items unless said otherwise.

    Attributes:
        listed: visible ones, counted by id, plus those without an id.
        hidden: ones the upstream has withdrawn (showflag 0).
        found_by: how the region of each was found, counted.
        pages: pages read.
        calls: calls sent, retries included.
        retries: calls that had to be sent again.
        readings: how often the list had to be read until its pages added up.
        absences: what the sweep proved gone.
    """

    listed: int = 0
    hidden: int = 0
    found_by: Counter[str] = field(default_factory=Counter)
    pages: int = 0
    calls: int = 0
    retries: int = 0
    readings: int = 0
    absences: Absences = field(default_factory=Absences)


def keep_in(store: RawStore) -> Keep:
    """The client's `keep`, storing in the raw layer with the operation's time to live."""

    async def keep(response: ReceivedResponse) -> int:
        return await store.keep(
            ResponseRecord(
                provider=response.operation.provider.name,
                operation=response.operation.name,
                request_params=dict(response.parameters),
                http_status=response.http_status,
                result_code=response.result_code,
                body=response.body,
                api_key_id=response.api_key_id,
                duration_ms=response.duration_ms,
                fetched_at=response.fetched_at,
                expires_at=response.fetched_at + response.operation.time_to_live,
            )
        )

    return keep


async def collect_listing(
    client: UpstreamClient, store: RawStore, content_type: ContentType, region_code: str, *, clock: Clock
) -> Listing:
    """Sweep one partition of the list and make it current.

    A region is swept by its code. Rows without one are in no region's list, so the `unassigned` partition sweeps the
    whole country and takes just these; most of them are hidden ones, which lose their codes.

    Raises:
        UpstreamError: a page could not be had; the responses received are kept, the current items are as before.
        IncompleteSweepError: the pages do not add up. What was seen is current, and nothing is concluded from absences.
    """
    parameters = {"contentTypeId": content_type.content_type_id}
    if region_code != UNASSIGNED:
        parameters["lDongRegnCd"] = region_code
    listing = Listing()
    visible: dict[str, bool] = {}
    sources: dict[str, str] = {}
    unkeyed: set[str] = set()

    async def take(answer: Answer) -> None:
        if not answer.page.items:
            return
        items = listed_items(answer.page.items, answer.response_id)
        if region_code == UNASSIGNED:
            items = items[items["region_source"] != "code"]
        keyed = items[items["content_id"].notna()]
        visible.update(zip(keyed["content_id"], keyed["is_visible"], strict=True))
        sources.update(zip(keyed["content_id"], keyed["region_source"], strict=True))
        unkeyed.update(items.loc[items["content_id"].isna(), "payload"])
        await store.stage(items)

    started_at = clock()
    swept = await sweep(client, LIST_OPERATION, parameters, id_field="contentid", take=take)
    absences = await store.merge(
        SweepRecord(
            provider=client.provider.name,
            operation=LIST_OPERATION.name,
            content_type_id=content_type.content_type_id,
            region_code=region_code,
            started_at=started_at,
            finished_at=clock(),
            pages=swept.pages,
            total_count=swept.total_count,
            items_seen=len(swept.ids),
            is_complete=swept.is_complete,
        )
    )
    if not swept.is_complete:
        message = (
            f"The list of {content_type.name} in {region_code} does not add up: after {swept.readings} readings its pages "
            f"hold {len(swept.ids):,} different ids and the upstream counts {swept.total_count:,}. What was seen is kept; "
            "no place is taken to be gone. Collect the region again later."
        )
        raise IncompleteSweepError(message, code="incomplete")
    listing.hidden = sum(not shown for shown in visible.values())
    listing.listed = len(visible) - listing.hidden + len(unkeyed)
    listing.found_by = Counter(sources.values())
    listing.pages, listing.readings = swept.pages, swept.readings
    listing.calls, listing.retries = client.count.sent, client.count.retried
    listing.absences = absences
    return listing
