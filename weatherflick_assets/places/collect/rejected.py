"""Reads listed items again that never became items of the raw layer, because they had no id; makes no call.

By the present rules. An item that could be read is made again from itself, as it is kept. A row that could not be read is
made again from the body of its response: what is now read there belongs to it if the row's text holds its id. Whatever
is known of a place from a later response stays.
"""

import asyncio
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby

import pandas as pd

from weatherflick_assets.places.content_types import CONTENT_TYPES
from weatherflick_assets.places.kto import LIST_OPERATION
from weatherflick_assets.places.store.item_stage import ItemStage
from weatherflick_assets.places.transform.listing import listed_items
from weatherflick_assets.upstream.errors import UpstreamError
from weatherflick_assets.upstream.outcomes import Reply, read_answer
from weatherflick_assets.upstream.second_reading import STAND_IN

Item = dict[str, object]

_KINDS = tuple(kind.content_type_id for kind in CONTENT_TYPES)

# Bodies are large and repeat for every row of a page, so they are read one by one.
_KEPT = """
SELECT rejected.response_id, rejected.content_type_id, rejected.item_key, rejected.payload, call.fetched_at
FROM core.rejected_items AS rejected JOIN raw.calls AS call USING (response_id)
WHERE rejected.content_id IS NULL
  AND (%(kinds)s::text[] IS NULL OR rejected.content_type_id = ANY(%(kinds)s))
  AND (%(regions)s::text[] IS NULL OR rejected.region_code = ANY(%(regions)s))
  AND (%(reason)s::text IS NULL OR rejected.reason = %(reason)s)
ORDER BY rejected.response_id, rejected.item_key
"""

_BODY = "SELECT http_status, body FROM raw.responses WHERE response_id = %s AND operation = %s AND body IS NOT NULL"


@dataclass(frozen=True)
class _Kept:
    """A rejected item without an id."""

    response_id: int
    content_type_id: str
    item_key: str
    payload: Item
    fetched_at: datetime


def read_again(
    dsn: str,
    *,
    content_type_ids: Collection[str] | None,
    region_codes: Collection[str] | None,
    reason: str | None,
    at: datetime,
) -> None:
    """Read items without an id again, and note in the outbox what follows, in a transaction for each response.

    Args:
        dsn: the platform's database.
        content_type_ids: the kinds they are listed as; None: all.
        region_codes: the regions they are listed in; None: all.
        reason: why they were rejected; None: any.
        at: the time.
    """
    kinds, regions = (None if codes is None else list(codes) for codes in (content_type_ids, region_codes))
    asked = {"kinds": kinds, "regions": regions, "reason": reason}
    asyncio.run(_read_again(dsn, asked, at))


async def _read_again(dsn: str, asked: dict[str, object], at: datetime) -> None:
    async with ItemStage(dsn, run_id=None) as stage:
        kept = [_Kept(*row) for row in await stage.rows(_KEPT, asked)]
        for response_id, of_response in groupby(kept, key=lambda one: one.response_id):
            items = list(of_response)
            needs_body = any(STAND_IN in one.payload for one in items)
            received = await _received(stage, response_id) if needs_body else []
            await stage.stage(pd.concat([_listed(one, received) for one in items], ignore_index=True))
            # The time of the response: a place was first listed then.
            await stage.merge(items[0].fetched_at)
            await stage.forget_unkeyed([one.item_key for one in items])
            await stage.clear()
            await stage.note_pending(cause="rejected items were read again", since=at)
            await stage.commit()


async def _received(stage: ItemStage, response_id: int) -> list[Item]:
    """The items of a response as they are read now; none if its body is no longer stored."""
    for status, body in await stage.rows(_BODY, (response_id, LIST_OPERATION.name)):
        try:
            return read_answer(LIST_OPERATION, Reply(status, {}, body), needs_total=False).items
        except UpstreamError:
            return []
    return []


def _listed(kept: _Kept, received: Iterable[Item]) -> pd.DataFrame:
    """The rows that a rejected item is now."""
    found = [kept.payload]
    if STAND_IN in kept.payload:
        text = _text(kept.payload)
        asked_for = {name: value for name, value in kept.payload.items() if name != STAND_IN}
        found = [asked_for | item if STAND_IN in item else item for item in received if _is_of(item, text)] or found
    rows = listed_items(found, kept.response_id)
    kinds = rows["content_type_id"]
    return rows.assign(content_type_id=kinds.where(kinds.isin(_KINDS), kept.content_type_id))


def _is_of(item: Item, text: str) -> bool:
    """Whether an item, or what stands in for one, was read from a text."""
    if STAND_IN in item:
        piece = _text(item)
        return piece in text or text in piece
    content_id = item.get("contentid")
    return bool(content_id) and str(content_id) in text


def _text(stand_in: Item) -> str:
    return str(stand_in[STAND_IN])
