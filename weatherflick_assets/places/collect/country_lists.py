"""The lists that cover the whole country at once: dates of festivals, rules for pets, places to stay.

Festivals and pets are stored like details, one item per place. The list of places to stay adds no data to the list of
places; it only shows whether that list is missing any.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from weatherflick_assets.places.collect.whole_lists import ReceivedItem, WholeList, read_whole_list
from weatherflick_assets.places.content_types import CONTENT_TYPE_BY_NAME
from weatherflick_assets.places.kto import OPERATION_BY_NAME
from weatherflick_assets.places.store.details import DetailAnswer, DetailStore
from weatherflick_assets.places.transform.columns import text_columns
from weatherflick_assets.upstream.client import UpstreamClient
from weatherflick_assets.upstream.declarations import Operation
from weatherflick_assets.warehouse.response_store import ResponseStore
from weatherflick_assets.warehouse.sessions import Session

_NOT_LISTED = """
SELECT wanted.content_id
FROM unnest(%s::text[]) WITH ORDINALITY AS wanted (content_id, position)
LEFT JOIN raw.place_items AS item
    ON item.content_id = wanted.content_id AND item.content_type_id = %s AND item.is_visible AND item.absent_since IS NULL
WHERE item.content_id IS NULL
ORDER BY wanted.position
"""

FESTIVALS = OPERATION_BY_NAME["searchFestival2"]
PETS = OPERATION_BY_NAME["detailPetTour2"]
STAYS = OPERATION_BY_NAME["searchStay2"]

STILL_OF_INTEREST = timedelta(days=30)
"""Festivals are listed until this long after their last day, because dates may be postponed or entered late."""

MERGED_AT_ONCE = 500
"""Places merged in one transaction."""


@dataclass(frozen=True)
class CountryList:
    """The result of reading one such list.

    Attributes:
        listed: distinct places in the list.
        unkeyed: rows that do not name their place.
        touched: kinds and regions of listed places whose items changed.
        pages, reread_pages, readings: see `Sweep`.
        calls, retries: calls sent, and how many of them were retries.
        doubt: why the list may lack places; "" if it adds up.
    """

    listed: int
    unkeyed: int
    touched: frozenset[tuple[str, str]]
    pages: int
    reread_pages: int
    readings: int
    calls: int
    retries: int
    doubt: str


@dataclass(frozen=True)
class StayList:
    """How the list of places to stay was read, and the ids and titles that raw.place_items lacks as visible stays."""

    reading: CountryList
    not_listed: Mapping[str, str]


async def collect_festivals(
    client: UpstreamClient,
    responses: ResponseStore,
    details: DetailStore,
    day: date,
    *,
    resumed_from: datetime | None = None,
) -> CountryList:
    """Update the dates of all festivals that, on `day` in Korea, are under way, upcoming or recently ended.

    Raises:
        UpstreamError: see `read_whole_list`, also for `resumed_from`; nothing is merged.
    """
    since = {"eventStartDate": f"{day - STILL_OF_INTEREST:%Y%m%d}"}
    return await _collect_of_places(client, responses, details, FESTIVALS, since, resumed_from)


async def collect_pets(
    client: UpstreamClient, responses: ResponseStore, details: DetailStore, *, resumed_from: datetime | None = None
) -> CountryList:
    """Update the rules for pets of all places with known rules, as `collect_festivals` does."""
    return await _collect_of_places(client, responses, details, PETS, {}, resumed_from)


async def collect_stays(
    client: UpstreamClient, responses: ResponseStore, dsn: str, *, resumed_from: datetime | None = None
) -> StayList:
    """Read the list of places to stay and compare it with the list of places; errors as of `read_whole_list`."""
    read = await read_whole_list(client, responses, STAYS, {}, id_field="contentid", resumed_from=resumed_from)
    stays = _by_place(read)
    titles = dict(zip(stays, text_columns([stay.item for stay in stays.values()], ("title",))["title"], strict=True))
    kind = CONTENT_TYPE_BY_NAME["accommodations"].content_type_id
    async with Session(dsn) as session:
        missing = await session.rows(_NOT_LISTED, (list(titles), kind))
    return StayList(
        _reading(client, STAYS, read, frozenset()), {content_id: titles[content_id] for (content_id,) in missing}
    )


async def _collect_of_places(
    client: UpstreamClient,
    responses: ResponseStore,
    details: DetailStore,
    operation: Operation,
    parameters: Mapping[str, str],
    resumed_from: datetime | None,
) -> CountryList:
    read = await read_whole_list(
        client, responses, operation, parameters, id_field="contentid", resumed_from=resumed_from
    )
    answers = [
        DetailAnswer(content_id, [received.item], received.response_id, received.fetched_at)
        for content_id, received in _by_place(read).items()
    ]
    touched: frozenset[tuple[str, str]] = frozenset()
    for first in range(0, len(answers), MERGED_AT_ONCE):
        touched |= await details.merge(operation, answers[first : first + MERGED_AT_ONCE])
    return _reading(client, operation, read, touched)


def _by_place(read: WholeList) -> dict[str, ReceivedItem]:
    """The latest item of each place."""
    content_ids = text_columns([received.item for received in read.items], ("contentid",))["contentid"]
    return {content_id: received for content_id, received in zip(content_ids, read.items, strict=True) if content_id}


def _reading(
    client: UpstreamClient, operation: Operation, read: WholeList, touched: frozenset[tuple[str, str]]
) -> CountryList:
    return CountryList(
        listed=read.sweep.items_seen,
        unkeyed=read.sweep.unkeyed,
        touched=touched,
        pages=read.sweep.pages,
        reread_pages=read.sweep.reread_pages,
        readings=read.sweep.readings,
        calls=client.count.sent,
        retries=client.count.retried,
        doubt=read.sweep.doubt(f"The list {operation.name}"),
    )
