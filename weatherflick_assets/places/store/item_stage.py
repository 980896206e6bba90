"""List items on their way into `raw.place_items`: staged page by page, merged in one statement.

Whoever reads a list decides what a reading proves and when it is committed: sweeps in `sweeps.py`, the change feed in
`changes.py`. Here stands what both do with items, in one transaction that they share.
"""

import asyncio
from collections import Counter
from dataclasses import dataclass
from datetime import datetime
from types import TracebackType
from typing import Self

import pandas as pd
import psycopg
from psycopg import sql

from weatherflick_assets.warehouse.loading import copy_statement, copy_text

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

GREATEST_ABSENT_SHARE = 0.2
"""A reading that misses more than this share of what it covers proves nothing: lists shrink by mistake more often."""

FEW_ABSENCES = 10
"""Up to this many absences are believed whatever their share, or small regions could never lose a place."""

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

NOT_STAGED_UNKEYED = """\
content_id IS NULL AND NOT EXISTS (
    SELECT FROM staged_items AS staged WHERE staged.content_id IS NULL
      AND 'sha256:' || encode(sha256(convert_to(staged.payload::text, 'UTF8')), 'hex') = rejected.item_key
)"""
"""The condition that a row of `core.rejected_items AS rejected` has no id and is not staged."""

_FORGET_UNKEYED = f"DELETE FROM core.rejected_items AS rejected WHERE {NOT_STAGED_UNKEYED}"  # noqa: S608 - constants


def too_many_absences(missing: int, covered: int) -> bool:
    """Whether so many of the places that a reading covers are missing that it isn't believed."""
    return missing > max(FEW_ABSENCES, GREATEST_ABSENT_SHARE * covered)


@dataclass(frozen=True)
class Absences:
    """What a reading proved gone.

    Attributes:
        marked: places newly marked absent.
        withheld: places that were missing but not marked, because too many were.
    """

    marked: int = 0
    withheld: int = 0


@dataclass(frozen=True)
class Counted:
    """Different items that were merged: of one staged twice, the later counts.

    Attributes:
        listed: visible ones, and those without an id.
        hidden: ones the upstream has withdrawn.
        found_by: how the region of each of them was found (`region_source`), counted.
    """

    listed: int
    hidden: int
    found_by: dict[str, int]


class ItemStage:
    """Staged items and the transaction they are merged in. Use it as an asynchronous context manager.

    Nothing is visible to others before `commit`; leaving without it changes nothing.

    Attributes:
        connection: for whoever merges, to conclude and to record in the same transaction; one statement at a time.
        run_id: the run that merges.
    """

    connection: psycopg.AsyncConnection

    def __init__(self, dsn: str, *, run_id: str | None) -> None:
        self._dsn = dsn
        self.run_id = run_id
        self._lock = asyncio.Lock()

    async def __aenter__(self) -> Self:
        self.connection = await psycopg.AsyncConnection.connect(self._dsn)
        await self.connection.execute(_CREATE_STAGE)
        # A whole list is sorted at once when it is merged; on disk that takes several times as long.
        await self.connection.execute("SET work_mem = '64MB'")
        await self.connection.commit()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        await self.connection.close()

    async def stage(self, items: pd.DataFrame) -> None:
        """Take one page of items with the columns of `ITEM_COLUMNS`; several pages may come at once."""
        text = copy_text(items[list(ITEM_COLUMNS)])
        async with self._lock:
            cursor = self.connection.cursor()
            async with cursor.copy(copy_statement(_STAGE, ITEM_COLUMNS)) as copy:
                await copy.write(text)

    async def merge(self, seen_at: datetime) -> Counted:
        """Make the staged items the current ones and reject those without an id; they stay staged."""
        counted = {True: 0, False: 0}
        found_by: Counter[str] = Counter()
        for statement in (_MERGE_ITEMS, _REJECT_UNKEYED):
            cursor = await self.connection.execute(statement, {"seen_at": seen_at})
            for region_source, is_visible, count in await cursor.fetchall():
                counted[is_visible] += count
                found_by[region_source] += count
        return Counted(listed=counted[True], hidden=counted[False], found_by=dict(found_by))

    async def forget_unkeyed(self) -> None:
        """Forget all rejected items without an id but the staged ones: what is staged is the whole list."""
        await self.connection.execute(_FORGET_UNKEYED)

    async def clear(self) -> None:
        """Have nothing staged any more."""
        await self.connection.execute("TRUNCATE staged_items")

    async def commit(self) -> None:
        """Make visible what was merged."""
        await self.connection.commit()
