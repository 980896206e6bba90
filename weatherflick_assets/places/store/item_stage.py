"""List items on their way into `raw.place_items`: staged page by page, merged in one statement, changes counted.

Each item's region is written to `core.place_regions` with it, by the current rule. When the rule changes,
`place_regions.py` finds all regions again.

The readers of a list decide what a reading proves and when to commit: sweeps in `sweeps.py`, the change feed in
`changes.py`. This module has what both do with items, in the transaction they share. What the transaction makes pending
is noted in the outbox before the commit.

Only items that are new or differ from what is known are written, so reading an unchanged list rewrites no row. An item
from an older response than the known one changes nothing: a resumed collection merges pages that were read before
others.
"""

from collections import Counter
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Self

import pandas as pd
from psycopg import sql

from weatherflick_assets.places.following import Partition, publications_of, publications_of_change
from weatherflick_assets.places.kto import LIST_OPERATION
from weatherflick_assets.warehouse.loading import copy_text
from weatherflick_assets.warehouse.outbox import MOST_KEYS, NOTE, Notes
from weatherflick_assets.warehouse.sessions import Session
from weatherflick_assets.warehouse.statements import copy_statement

ITEM_COLUMNS = (
    "content_id",
    "content_type_id",
    "listed_region_code",
    "region_code",
    "region_source",
    "sigungu_code",
    "payload",
    "modified_at",
    "is_visible",
    "response_id",
)
"""Columns of a staged page of items; `content_id` is missing if the item has none."""

UNSEEN = sql.SQL("""
WITH covered AS MATERIALIZED (
    SELECT content_id, response_id FROM raw.place_items AS item WHERE absent_since IS NULL AND {covered}
)
SELECT (SELECT count(*) FROM covered), ARRAY(
    SELECT content_id FROM covered
    WHERE response_id < (SELECT coalesce(min(response_id), 9223372036854775807) FROM staged_items)
    EXCEPT SELECT content_id FROM staged_items
)
""")
"""How many places a list covers, and which of them are missing: not staged, and known only from before the list.

Sets are subtracted, because a join of tables without statistics may take the square of their size."""

GREATEST_ABSENT_SHARE = 0.2
"""A reading that misses more than this share of what it covers proves nothing: such a loss is usually an error."""

FEW_ABSENCES = 10
"""Up to this many absences are believed whatever their share. Otherwise small regions could never lose a place."""

_STAGE = sql.Identifier("staged_items")

_CREATE_STAGE = """
CREATE TEMPORARY TABLE staged_items (
    content_id text, content_type_id text, listed_region_code text, region_code text, region_source text, sigungu_code text,
    payload jsonb, modified_at timestamptz, is_visible boolean, response_id bigint, also_listed jsonb
);
CREATE TEMPORARY TABLE changed_items (content_id text) ON COMMIT DELETE ROWS
"""

# A place that moved between two pages is staged twice; the item from the later response wins. Only ids are sorted. If both
# are of the same time of change, and say different things, the list contradicts itself.
_DROP_REPEATED = """
WITH dropped AS (
    DELETE FROM staged_items WHERE ctid IN (
        SELECT ctid FROM (
            SELECT ctid, row_number() OVER (PARTITION BY content_id ORDER BY response_id DESC, ctid DESC) AS place
            FROM staged_items WHERE content_id IS NOT NULL
        ) AS ranked WHERE place > 1
    )
    RETURNING ctid, content_id, payload, modified_at
)
UPDATE staged_items AS listed SET also_listed = (
    SELECT coalesce(jsonb_object_agg(key, value), '{}') FROM jsonb_each(other.payload)
    WHERE value IS DISTINCT FROM listed.payload -> key
)
FROM dropped AS other
WHERE other.content_id = listed.content_id AND other.payload <> listed.payload
  AND other.modified_at IS NOT DISTINCT FROM listed.modified_at AND listed.ctid NOT IN (SELECT ctid FROM dropped)
"""

_COUNT_STAGED = """
SELECT region_source, is_visible, count(*) FROM staged_items WHERE content_id IS NOT NULL GROUP BY 1, 2
"""

# Looked up by key one by one: a join may read all places of the country for a short list.
_KNOWN = """
LATERAL (SELECT * FROM raw.place_items AS item WHERE item.content_id = listed.content_id OFFSET 0) AS item ON TRUE
LEFT JOIN LATERAL (SELECT * FROM core.place_regions AS former WHERE former.content_id = listed.content_id OFFSET 0) AS former
ON TRUE
"""

# Places marked absent return only with a response from after that.
_FIND_CHANGES = f"""
INSERT INTO changed_items
SELECT listed.content_id
FROM staged_items AS listed LEFT JOIN {_KNOWN}
WHERE listed.content_id IS NOT NULL AND (
    item.content_id IS NULL
    OR item.response_id <= listed.response_id AND (
        (item.payload, item.content_type_id, item.is_visible, item.listed_region_code, item.also_listed,
         former.region_code, former.region_source, former.sigungu_code)
        IS DISTINCT FROM (listed.payload, listed.content_type_id, listed.is_visible, listed.listed_region_code, listed.also_listed,
                          listed.region_code, listed.region_source, listed.sigungu_code)
        OR item.absent_since IS NOT NULL AND NOT EXISTS (
            SELECT FROM raw.calls WHERE response_id = listed.response_id AND fetched_at <= item.absent_since
        )
    )
)
"""  # noqa: S608 - constants

# Changed places are locked until the commit. One that a newer response has changed by then is left as it is.
_LOCK_KNOWN = """
SELECT count(*)
FROM (SELECT content_id FROM changed_items ORDER BY content_id) AS changed
CROSS JOIN LATERAL (
    SELECT FROM raw.place_items AS item WHERE item.content_id = changed.content_id FOR NO KEY UPDATE
) AS locked
"""

_MERGE_ITEMS = f"""
WITH listed AS MATERIALIZED (
    SELECT * FROM staged_items JOIN changed_items USING (content_id)
), known AS MATERIALIZED (
    SELECT listed.content_id, item.content_type_id, former.region_code,
           item.is_visible AND item.absent_since IS NULL AS is_shown
    FROM listed JOIN {_KNOWN}
), merged AS (
    INSERT INTO raw.place_items AS item (
        content_id, content_type_id, listed_region_code,
        payload, modified_at, is_visible, also_listed, first_seen_at, last_seen_at, response_id
    )
    SELECT content_id, content_type_id, listed_region_code,
           payload, modified_at, is_visible, also_listed, %(seen_at)s, %(seen_at)s, response_id
    FROM listed
    ON CONFLICT (content_id) DO UPDATE SET
        content_type_id = EXCLUDED.content_type_id,
        listed_region_code = EXCLUDED.listed_region_code,
        payload = EXCLUDED.payload,
        modified_at = EXCLUDED.modified_at,
        is_visible = EXCLUDED.is_visible,
        also_listed = EXCLUDED.also_listed,
        absent_since = NULL,
        last_seen_at = EXCLUDED.last_seen_at,
        response_id = CASE WHEN item.payload = EXCLUDED.payload THEN item.response_id ELSE EXCLUDED.response_id END
    WHERE item.response_id <= EXCLUDED.response_id
), located AS (
    INSERT INTO core.place_regions AS former (content_id, region_code, region_source, sigungu_code, source_response_id)
    SELECT content_id, region_code, region_source, sigungu_code, response_id FROM listed
    ON CONFLICT (content_id) DO UPDATE SET
        region_code = EXCLUDED.region_code,
        region_source = EXCLUDED.region_source,
        sigungu_code = EXCLUDED.sigungu_code,
        source_response_id = EXCLUDED.source_response_id
    WHERE former.source_response_id <= EXCLUDED.source_response_id
)
SELECT known.content_id IS NULL,
       CASE WHEN known.is_shown THEN ARRAY[known.content_type_id, known.region_code] END,
       CASE WHEN listed.is_visible THEN ARRAY[listed.content_type_id, listed.region_code] END,
       count(*), (array_agg(content_id))[:%(most_keys)s + 1]
FROM listed LEFT JOIN known USING (content_id)
GROUP BY 1, 2, 3
"""  # noqa: S608 - constants

_REJECT_UNKEYED = """
WITH unkeyed AS MATERIALIZED (
    SELECT DISTINCT ON (item_key) *
    FROM (SELECT *, 'sha256:' || encode(sha256(convert_to(payload::text, 'UTF8')), 'hex') AS item_key FROM staged_items) AS staged
    WHERE content_id IS NULL
    ORDER BY item_key, response_id DESC
), known AS (
    SELECT content_type_id, item_key, region_code FROM core.rejected_items WHERE content_id IS NULL
), rejected AS (
    INSERT INTO core.rejected_items (
        content_type_id, item_key, region_code, content_id, reason, payload, response_id, rejected_at
    )
    SELECT content_type_id, item_key, region_code, NULL,
           CASE WHEN payload ? 'unreadable' THEN 'unreadable' ELSE 'content_id_missing' END, payload, response_id, %(seen_at)s
    FROM unkeyed
    ON CONFLICT (content_type_id, item_key) DO UPDATE SET region_code = EXCLUDED.region_code
)
SELECT region_source, unkeyed.content_type_id, known.region_code, unkeyed.region_code, count(*)
FROM unkeyed LEFT JOIN known USING (content_type_id, item_key) GROUP BY 1, 2, 3, 4
"""

NOT_STAGED_UNKEYED = """\
content_id IS NULL AND NOT EXISTS (
    SELECT FROM staged_items AS staged WHERE staged.content_id IS NULL
      AND 'sha256:' || encode(sha256(convert_to(staged.payload::text, 'UTF8')), 'hex') = rejected.item_key
)"""
"""SQL condition: a row of `core.rejected_items AS rejected` has no id and is not staged."""

_FORGET_UNKEYED = f"""
DELETE FROM core.rejected_items AS rejected
WHERE {NOT_STAGED_UNKEYED} AND (%(item_keys)s::text[] IS NULL OR item_key = ANY(%(item_keys)s))
RETURNING content_type_id, region_code
"""  # noqa: S608 - constants


def too_many_absences(missing: int, covered: int) -> bool:
    """Whether too many of the places that a reading covers are missing for it to be believed."""
    return missing > max(FEW_ABSENCES, GREATEST_ABSENT_SHARE * covered)


@dataclass(frozen=True)
class Absences:
    """The places that a reading proved gone.

    Attributes:
        marked: places newly marked absent.
        withheld: places that were missing but not marked, because there were too many.
    """

    marked: int = 0
    withheld: int = 0


@dataclass(frozen=True)
class Counted:
    """The distinct items that were merged. If an item was staged twice, the later one counts.

    Attributes:
        listed: visible items, and items without an id.
        hidden: items that the upstream has withdrawn.
        found_by: number of items by the source of their region (`region_source`).
    """

    listed: int
    hidden: int
    found_by: dict[str, int]


class ItemStage(Session):
    """Staged items and the transaction they are merged in. Use it as an asynchronous context manager.

    Nothing is visible to others before `commit`. Leaving without it rolls everything back.

    Attributes:
        connection: lets callers conclude and record in the same transaction; one statement at a time.
        run_id: the run that merges.
        changes: places that really changed in this transaction: new, changed, hidden, returned, moved (to another
            region or kind).
        touched: partitions in which this transaction changes the visible data.
    """

    def __init__(self, dsn: str, *, run_id: str | None) -> None:
        super().__init__(dsn)
        self.run_id = run_id
        self.changes: Counter[str] = Counter()
        self.touched: set[Partition] = set()
        self._notes = Notes()

    async def __aenter__(self) -> Self:
        await super().__aenter__()
        await self.connection.execute(_CREATE_STAGE)
        # Merging compares the whole list at once. A join on disk takes several times as long.
        await self.connection.execute("SET work_mem = '64MB'")
        await self.connection.commit()
        return self

    async def stage(self, items: pd.DataFrame) -> None:
        """Stage one page of items with the columns of `ITEM_COLUMNS`. Safe to call for several pages concurrently."""
        text = copy_text(items[list(ITEM_COLUMNS)])
        async with self._one_at_a_time:
            cursor = self.connection.cursor()
            async with cursor.copy(copy_statement(_STAGE, ITEM_COLUMNS)) as copy:
                await copy.write(text)

    async def merge(self, seen_at: datetime) -> Counted:
        """Merge the staged items, and reject those without an id. All of them stay staged, each place once."""
        counted = {True: 0, False: 0}
        found_by: Counter[str] = Counter()
        await self.connection.execute(_DROP_REPEATED)
        cursor = await self.connection.execute(_COUNT_STAGED)
        for region_source, is_visible, count in await cursor.fetchall():
            counted[is_visible] += count
            found_by[region_source] += count
        if (await self.connection.execute(_FIND_CHANGES)).rowcount:
            await self._merge_changed(seen_at)
        cursor = await self.connection.execute(_REJECT_UNKEYED, {"seen_at": seen_at})
        for region_source, kind, former, region, count in await cursor.fetchall():
            counted[True] += count
            found_by[region_source] += count
            if former != region:
                self.note_rejections((kind, each) for each in (former, region) if each)
        return Counted(listed=counted[True], hidden=counted[False], found_by=dict(found_by))

    async def _merge_changed(self, seen_at: datetime) -> None:
        await self.connection.execute(_LOCK_KNOWN)
        cursor = await self.connection.execute(_MERGE_ITEMS, {"seen_at": seen_at, "most_keys": MOST_KEYS})
        for is_new, before, after, count, content_ids in await cursor.fetchall():
            former, current = before and tuple(before), after and tuple(after)
            self.changes[_change(former, current, is_new=is_new)] += count
            self.touched.update(partition for partition in (former, current) if partition)
            # More keys than a note holds note the whole partition.
            self._notes.add(publications_of_change(former, current), content_ids)

    def note_moves(self, places: Iterable[tuple[str, str, str]]) -> None:
        """Note places that appeared or left for a reason other than a merge: kind, region, id."""
        for kind, region, content_id in places:
            self.touched.add((kind, region))
            self._notes.add(publications_of([(kind, region)]), [content_id])

    def note_rejections(self, partitions: Iterable[Partition]) -> None:
        """Note partitions whose items without an id differ: nothing is made again, but the next verdict counts them."""
        self._notes.add(publications_of(partitions, LIST_OPERATION.name), ())

    async def forget_unkeyed(self, item_keys: Collection[str] | None = None) -> None:
        """Delete rejected items without an id that are not staged: these ones, or all if the whole list is staged."""
        keys = None if item_keys is None else list(item_keys)
        cursor = await self.connection.execute(_FORGET_UNKEYED, {"item_keys": keys})
        self.note_rejections(await cursor.fetchall())

    async def clear(self) -> None:
        """Remove everything staged."""
        await self.connection.execute("TRUNCATE staged_items")

    async def note_pending(self, *, cause: str, since: datetime) -> None:
        """Note in the outbox what this transaction makes pending. Call once, at the end, so others wait briefly."""
        if self._notes:
            await self.connection.execute(NOTE, self._notes.parameters(cause=cause, since=since))

    async def commit(self) -> None:
        """Commit what was merged, which makes it visible."""
        await self.connection.commit()
        self.changes, self.touched, self._notes = Counter(), set(), Notes()


def _change(before: Partition | None, after: Partition | None, *, is_new: bool) -> str:
    if is_new:
        return "new"
    if after is None:
        return "hidden" if before else "changed"
    if before is None:
        return "returned"
    return "changed" if before == after else "moved"
