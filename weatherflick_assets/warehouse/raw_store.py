"""The raw layer as a collecting run writes it: its responses, and the current list item of every place.

Responses are kept by `response_store.py`. Items are staged page by page and merged in one statement when their sweep is
over. What is made of them stands in `publishing.py`.
"""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from types import TracebackType
from typing import Self

import pandas as pd
import psycopg
from psycopg import sql

from weatherflick_assets.warehouse.loading import copy_statement, copy_text
from weatherflick_assets.warehouse.response_store import ResponseRecord, ResponseStore, StoredResponse

ITEM_COLUMNS = (
    "content_id",
    "content_type_id",
    "region_code",
    "region_source",
    "sigungu_code",
    "payload",
    "modified_at",
    "is_visible",
    "response_id",
)
"""Columns of a staged page of items; `content_id` is missing where the item has none."""

_STAGE = sql.Identifier("staged_items")

_CREATE_STAGE = """
CREATE TEMPORARY TABLE IF NOT EXISTS staged_items (
    content_id text, content_type_id text, region_code text, region_source text, sigungu_code text,
    payload jsonb, modified_at timestamptz, is_visible boolean, response_id bigint
)
"""

# A place that moved between two pages is staged twice: the item from the later response is the current one. What is merged
# is counted as it passes: another look at a long list would cost as much as sorting it.
_MERGE_ITEMS = """
WITH merged AS (
    INSERT INTO raw.place_items AS item (
        content_id, content_type_id, region_code, region_source, sigungu_code,
        payload, modified_at, is_visible, first_seen_at, last_seen_at, response_id
    )
    SELECT DISTINCT ON (content_id)
        content_id, content_type_id, region_code, region_source, sigungu_code,
        payload, modified_at, is_visible, %(seen_at)s, %(seen_at)s, response_id
    FROM staged_items
    WHERE content_id IS NOT NULL
    ORDER BY content_id, response_id DESC
    ON CONFLICT (content_id) DO UPDATE SET
        content_type_id = EXCLUDED.content_type_id,
        region_code = EXCLUDED.region_code,
        region_source = EXCLUDED.region_source,
        sigungu_code = EXCLUDED.sigungu_code,
        payload = EXCLUDED.payload,
        modified_at = EXCLUDED.modified_at,
        is_visible = EXCLUDED.is_visible,
        absent_since = NULL,
        last_seen_at = EXCLUDED.last_seen_at,
        response_id = CASE WHEN item.payload = EXCLUDED.payload THEN item.response_id ELSE EXCLUDED.response_id END
    RETURNING item.region_source, item.is_visible
)
SELECT region_source, is_visible, count(*) FROM merged GROUP BY 1, 2
"""

_REJECT_UNKEYED = """
WITH unkeyed AS MATERIALIZED (
    SELECT DISTINCT ON (item_key) *
    FROM (SELECT *, 'sha256:' || encode(sha256(convert_to(payload::text, 'UTF8')), 'hex') AS item_key FROM staged_items) AS staged
    WHERE content_id IS NULL
    ORDER BY item_key, response_id DESC
), rejected AS (
    INSERT INTO core.rejected_items (
        content_type_id, item_key, region_code, content_id, reason, payload, response_id, rejected_at
    )
    SELECT content_type_id, item_key, region_code, NULL, 'content_id_missing', payload, response_id, %(seen_at)s
    FROM unkeyed
    ON CONFLICT (content_type_id, item_key) DO UPDATE SET region_code = EXCLUDED.region_code
)
SELECT region_source, true, count(*) FROM unkeyed GROUP BY 1
"""

_FORGET_UNKEYED = """
DELETE FROM core.rejected_items AS rejected
WHERE content_type_id = %(content_type_id)s AND content_id IS NULL
  -- Like the items a sweep covers: those that carry its region's code, or for `unassigned` no current one.
  AND CASE WHEN %(region_code)s = 'unassigned'
           THEN NOT EXISTS (SELECT FROM core.regions AS region WHERE region.region_code = btrim(payload ->> 'lDongRegnCd'))
           ELSE btrim(payload ->> 'lDongRegnCd') = %(region_code)s END
  AND NOT EXISTS (
    SELECT FROM staged_items AS staged WHERE staged.content_id IS NULL
      AND 'sha256:' || encode(sha256(convert_to(staged.payload::text, 'UTF8')), 'hex') = rejected.item_key
  )
"""

# What a sweep covers: a region's sweep the items that carry its code, the sweep for `unassigned` those found otherwise.
_COVERED = """\
content_type_id = %(content_type_id)s AND absent_since IS NULL AND is_visible
AND CASE WHEN %(region_code)s = 'unassigned' THEN region_source <> 'code'
         ELSE region_code = %(region_code)s AND region_source = 'code' END
"""

_COUNT_ABSENCES = (
    "SELECT count(*) FILTER (WHERE last_seen_at < %(finished_at)s), count(*) FROM raw.place_items WHERE "  # noqa: S608 - constants
    + _COVERED
)

_MARK_ABSENCES = (
    "UPDATE raw.place_items SET absent_since = %(finished_at)s WHERE last_seen_at < %(finished_at)s AND "  # noqa: S608 - constants
    + _COVERED
)

GREATEST_ABSENT_SHARE = 0.2
"""A sweep that misses more than this share of what it covers proves nothing: lists shrink by mistake more often."""

FEW_ABSENCES = 10
"""Up to this many absences are believed whatever their share, or small regions could never lose a place."""

_RECORD_SWEEP = """
INSERT INTO raw.sweeps (
    provider, operation, content_type_id, region_code, started_at, finished_at,
    pages, total_count, items_seen, is_complete, run_id
) VALUES (
    %(provider)s, %(operation)s, %(content_type_id)s, %(region_code)s, %(started_at)s, %(finished_at)s,
    %(pages)s, %(total_count)s, %(items_seen)s, %(is_complete)s, %(run_id)s
)
"""


@dataclass(frozen=True)
class SweepRecord:
    """What is kept of one sweep; the fields are columns of `raw.sweeps`."""

    provider: str
    operation: str
    content_type_id: str
    region_code: str
    started_at: datetime
    finished_at: datetime
    pages: int
    total_count: int
    items_seen: int
    is_complete: bool


@dataclass(frozen=True)
class Absences:
    """What a complete sweep proved gone.

    Attributes:
        marked: places newly marked absent.
        withheld: places that were missing but not marked, because too many were.
    """

    marked: int = 0
    withheld: int = 0


@dataclass(frozen=True)
class Merged:
    """What merging a sweep brought, in different items: of one staged twice, the later counts.

    Attributes:
        listed: visible ones, and those without an id.
        hidden: ones the upstream has withdrawn.
        found_by: how the region of each of them was found (`region_source`), counted.
        absences: what the sweep proved gone.
    """

    listed: int
    hidden: int
    found_by: dict[str, int]
    absences: Absences


class RawStore:
    """Writes the raw layer for one run. Use it as an asynchronous context manager.

    Two connections: responses commit at once on the first, whatever becomes of the items staged on the second.
    """

    def __init__(self, dsn: str, *, run_id: str | None, partition_key: str | None) -> None:
        self._dsn = dsn
        self._run_id = run_id
        self._responses = ResponseStore(dsn, run_id=run_id, partition_key=partition_key)
        self._lock = asyncio.Lock()

    async def __aenter__(self) -> Self:
        await self._responses.__aenter__()
        self._items = await psycopg.AsyncConnection.connect(self._dsn)
        await self._items.execute(_CREATE_STAGE)
        # A whole list is sorted at once when it is merged; on disk that takes several times as long.
        await self._items.execute("SET work_mem = '64MB'")
        await self._items.commit()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        await self._responses.__aexit__(kind, error, traceback)
        await self._items.close()

    async def keep(self, record: ResponseRecord) -> int:
        """Store and commit one response; return its id."""
        return await self._responses.keep(record)

    def recall(
        self, provider: str, operation: str, parameters: Mapping[str, str], *, since: datetime
    ) -> AsyncIterator[StoredResponse]:
        """What has been answered to a list since then, page by page, in the order in which it came."""
        return self._responses.recall(
            provider, operation, parameters, page_parameters=("numOfRows", "pageNo"), since=since
        )

    async def stage(self, items: pd.DataFrame) -> None:
        """Take one page of items with the columns of `ITEM_COLUMNS`; nothing is visible before `merge`."""
        text = copy_text(items[list(ITEM_COLUMNS)])
        async with self._lock:
            cursor = self._items.cursor()
            async with cursor.copy(copy_statement(_STAGE, ITEM_COLUMNS)) as copy:
                await copy.write(text)

    async def merge(self, sweep: SweepRecord) -> Merged:
        """Make the staged items the current ones and record their sweep, in one transaction."""
        absences = Absences()
        counted = {True: 0, False: 0}
        found_by: Counter[str] = Counter()
        async with self._lock:
            for statement in (_MERGE_ITEMS, _REJECT_UNKEYED):
                cursor = await self._items.execute(statement, {"seen_at": sweep.finished_at})
                for region_source, is_visible, count in await cursor.fetchall():
                    counted[is_visible] += count
                    found_by[region_source] += count
            if sweep.is_complete:
                await self._items.execute(_FORGET_UNKEYED, vars(sweep))
                absences = await self._mark_absences(sweep)
            await self._items.execute(_RECORD_SWEEP, {**vars(sweep), "run_id": self._run_id})
            await self._items.execute("TRUNCATE staged_items")
            await self._items.commit()
        return Merged(listed=counted[True], hidden=counted[False], found_by=dict(found_by), absences=absences)

    async def _mark_absences(self, sweep: SweepRecord) -> Absences:
        cursor = await self._items.execute(_COUNT_ABSENCES, vars(sweep))
        row = await cursor.fetchone()
        assert row is not None
        missing, covered = row
        if missing > max(FEW_ABSENCES, GREATEST_ABSENT_SHARE * covered):
            return Absences(withheld=missing)
        if missing:
            await self._items.execute(_MARK_ABSENCES, vars(sweep))
        return Absences(marked=missing)
