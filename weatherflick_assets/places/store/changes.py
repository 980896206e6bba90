"""Writes a reading of the change feed to the raw layer in one transaction: items, absences, re-keyed places, record.

It shares the transaction of the staged items (`item_stage.py`). Nothing is visible to others before `record`.
`places/collect/changes.py` decides what is read and what that proves.
"""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime

from psycopg import sql

from weatherflick_assets.korea.regions import REGION_CODES, UNASSIGNED
from weatherflick_assets.places.content_types import CONTENT_TYPES
from weatherflick_assets.places.store.item_stage import UNSEEN, Absences, ItemStage, too_many_absences
from weatherflick_assets.places.tables import PLACE_DETAILS
from weatherflick_assets.settings import KST
from weatherflick_assets.warehouse.statements import names

_LAST_WATERMARK = "SELECT watermark FROM raw.change_readings ORDER BY reading_id DESC LIMIT 1"

# The watermark uses the upstream's own times. If its clock is behind ours, the time of a sweep would be too late.
_WATERMARK_OF_SWEEPS = """
SELECT least(min(started_at), (SELECT max(modified_at) FROM raw.place_items))
FROM (
    SELECT DISTINCT ON (content_type_id, region_code) started_at
    FROM raw.sweeps
    WHERE provider = %(provider)s AND operation = %(operation)s AND is_complete
      AND content_type_id = ANY(%(kinds)s) AND region_code = ANY(%(regions)s)
    ORDER BY content_type_id, region_code, started_at DESC
) AS last_sweeps
HAVING count(*) = %(partitions)s
"""

_COUNT = "SELECT count(*) FROM raw.place_items WHERE absent_since IS NULL"

_UNKEYED_TIMES = "SELECT btrim(payload ->> 'modifiedtime') FROM core.rejected_items WHERE content_id IS NULL"

_MIRROR = """
SELECT content_id, extract(epoch FROM modified_at)::bigint FROM raw.place_items
WHERE absent_since IS NULL AND content_id <> ALL(%(without)s)
"""

_UNSEEN = UNSEEN.format(covered=sql.SQL("TRUE"))

# Twins were created at the same second. Only the few places with these times are compared, whatever the planner expects: on
# both sides the list is read once and not sorted.
_CREATION_TIMES = sql.SQL("""
SELECT DISTINCT {side}.payload ->> 'createdtime' FROM raw.place_items AS {side}
WHERE {side}.absent_since IS NULL AND {condition} AND {side}.payload ->> 'createdtime' <> ''
""")

# A place that is not absent was also seen by every complete reading of a list that covers it.
_LAST_SEEN = sql.SQL("""
greatest(former.last_seen_at, (SELECT max(finished_at) FROM raw.change_readings WHERE read_back_to IS NULL), (
    SELECT max(finished_at) FROM raw.sweeps AS sweep
    WHERE is_complete AND sweep.content_type_id = former.content_type_id AND sweep.region_code = coalesce(
        (SELECT region_code FROM core.regions AS region WHERE region.region_code = former.listed_region_code), 'unassigned'
    )
))
""")

_TWINS = sql.SQL("""
SELECT DISTINCT ON (newer.content_id) newer.content_id, former.content_id
FROM raw.place_items AS newer JOIN raw.place_items AS former
  ON newer.content_id <> former.content_id AND newer.content_type_id = former.content_type_id
 AND newer.payload ->> 'createdtime' = former.payload ->> 'createdtime'
 AND newer.payload ->> 'title' = former.payload ->> 'title'
 AND newer.payload ->> 'mapx' = former.payload ->> 'mapx' AND newer.payload ->> 'mapy' = former.payload ->> 'mapy'
WHERE newer.first_seen_at > {last_seen} AND newer.absent_since IS NULL AND newer.previous_content_id IS NULL
  AND former.absent_since IS NULL AND former.content_id <> ALL(%(listed)s) AND {condition}
  AND newer.payload ->> 'createdtime' = ANY(%(created)s) AND former.payload ->> 'createdtime' = ANY(%(created)s)
ORDER BY newer.content_id, {last_seen} DESC, former.content_id
""")

_NEWER, _FORMER = sql.Identifier("newer"), sql.Identifier("former")
_NEW_IN_THIS_READING = sql.SQL("newer.first_seen_at = %(seen_at)s")
_FORMER_IS_GONE = sql.SQL("former.content_id = ANY(%(gone)s)")

_REKEY = """
UPDATE raw.place_items AS newer SET previous_content_id = former.content_id, first_seen_at = former.first_seen_at
FROM raw.place_items AS former
WHERE newer.content_id = %(newer)s AND former.content_id = %(former)s
RETURNING newer.content_type_id,
          (SELECT region_code FROM core.place_regions AS located WHERE located.content_id = newer.content_id),
          newer.content_id, newer.is_visible
"""

_TAKE_OVER_DETAILS = sql.SQL("""
INSERT INTO raw.place_details (content_id, {columns})
SELECT %(newer)s, {columns} FROM raw.place_details WHERE content_id = %(former)s
ON CONFLICT DO NOTHING
""").format(columns=names(column.name for column in PLACE_DETAILS.columns if column.name != "content_id"))

_COUNT_ABSENCES = """
SELECT content_type_id, region_code, array_agg(content_id) FILTER (WHERE content_id = ANY(%(gone)s)), count(*)
FROM raw.place_items JOIN core.place_regions USING (content_id)
WHERE absent_since IS NULL
GROUP BY 1, 2
HAVING count(*) FILTER (WHERE content_id = ANY(%(gone)s)) > 0
"""

_MARK_ABSENCES = """
UPDATE raw.place_items AS item SET absent_since = %(seen_at)s FROM core.place_regions AS located
WHERE item.content_id = ANY(%(gone)s) AND absent_since IS NULL AND located.content_id = item.content_id
RETURNING content_type_id, region_code, item.content_id, is_visible
"""

_RECORD = """
INSERT INTO raw.change_readings (
    day, started_at, finished_at, read_back_to, watermark, pages, total_count, known_count, run_id
) VALUES (
    %(day)s, %(started_at)s, %(finished_at)s, %(read_back_to)s, %(watermark)s, %(pages)s, %(total_count)s,
    %(known_count)s, %(run_id)s
)
RETURNING reading_id
"""


@dataclass(frozen=True)
class ReadingRecord:
    """The record of one reading. The fields are columns of `raw.change_readings`."""

    started_at: datetime
    finished_at: datetime
    read_back_to: datetime | None
    watermark: datetime | None
    pages: int
    total_count: int
    known_count: int


class ChangeStore:
    """The transaction of one reading: call `merge` any number of times, then `conclude`, then `record`.

    Attributes:
        counts: items that really changed: new, changed, hidden, returned, moved (to another region or kind), absent;
            and rekeyed, the new ones that were known under another id.
        touched: partitions in which the visible data changed.
    """

    def __init__(self, items: ItemStage) -> None:
        self._items = items
        self.counts = items.changes
        self.touched = items.touched

    async def watermark(self, provider: str, operation: str) -> datetime | None:
        """The time up to which all changes are known, by the upstream's clock; None if the whole list was never read.

        Args:
            provider: the provider of the list.
            operation: the list operation. Sweeps of every kind and region together also cover the whole list.
        """
        connection = self._items.connection
        if row := await (await connection.execute(_LAST_WATERMARK)).fetchone():
            return row[0]
        kinds, regions = [kind.content_type_id for kind in CONTENT_TYPES], [*REGION_CODES, UNASSIGNED]
        parameters = {
            "provider": provider,
            "operation": operation,
            "kinds": kinds,
            "regions": regions,
            "partitions": len(kinds) * len(regions),
        }
        row = await (await connection.execute(_WATERMARK_OF_SWEEPS, parameters)).fetchone()
        return row[0] if row else None

    async def merge(self, seen_at: datetime, *, is_whole: bool = False) -> set[str]:
        """Merge the staged items.

        Args:
            seen_at: the time of the reading; the same in every call.
            is_whole: whether the whole list is staged. If so, rejected items without an id that it lacks are deleted.

        Returns:
            Ids of places known to be listed that the whole list lacks; none if it is not staged.
        """
        await self._items.merge(seen_at)
        unseen: set[str] = set()
        if is_whole:
            await self._items.forget_unkeyed()
            ((_, missing),) = await (await self._items.connection.execute(_UNSEEN)).fetchall()
            unseen = set(missing)
        await self._items.clear()
        return unseen

    async def counted(self) -> tuple[int, int]:
        """The number of places known to be listed, and the number of items without an id."""
        connection = self._items.connection
        (places,) = await (await connection.execute(_COUNT)).fetchone() or (0,)
        return places, len(await self.unkeyed_times())

    async def mirror(self, *, without: Collection[str]) -> list[tuple[str, int | None]]:
        """Ids and modification times (epoch seconds) of the places known to be listed, without some ids."""
        return await (await self._items.connection.execute(_MIRROR, {"without": list(without)})).fetchall()

    async def unkeyed_times(self) -> list[str]:
        """The modification times, as received, of items without an id that are known to be listed."""
        rows = await (await self._items.connection.execute(_UNKEYED_TIMES)).fetchall()
        return [text or "" for (text,) in rows]

    async def suspected_rekeyings(self, seen_at: datetime, listed: Collection[str]) -> dict[str, str]:
        """New ids of this reading whose places look like known ones, mapped to the known ids.

        Args:
            seen_at: the time of the reading.
            listed: the ids that it showed; none of these is a former one.
        """
        return await self._twins(_NEWER, _NEW_IN_THIS_READING, {"seen_at": seen_at, "listed": list(listed)})

    async def conclude(self, gone: Collection[str], seen_at: datetime) -> Absences:
        """Mark places absent that are proven gone, except in partitions that would lose too many.

        If such a place is now listed under another id, the new id takes over its details and the time it was first
        seen.
        """
        connection = self._items.connection
        if not gone:
            return Absences()
        rekeyed = await self._twins(_FORMER, _FORMER_IS_GONE, {"gone": list(gone), "listed": []})
        for newer, former in rekeyed.items():
            pair = {"newer": newer, "former": former}
            # The new id now has a history and details.
            self._note_shown(await (await connection.execute(_REKEY, pair)).fetchall())
            await connection.execute(_TAKE_OVER_DETAILS, pair)
        believed, withheld = set(rekeyed.values()), 0
        rows = await (await connection.execute(_COUNT_ABSENCES, {"gone": list(gone)})).fetchall()
        lost = [(set(missing) - believed, covered) for _, _, missing, covered in rows]
        (places,) = await (await connection.execute(_COUNT)).fetchone() or (0,)
        is_too_much = too_many_absences(sum(len(missing) for missing, _ in lost), places)
        for missing, covered in lost:
            if is_too_much or too_many_absences(len(missing), covered):
                withheld += len(missing)
            else:
                believed |= missing
        cursor = await connection.execute(_MARK_ABSENCES, {"gone": list(believed), "seen_at": seen_at})
        self._note_shown(await cursor.fetchall())
        self.counts.update(rekeyed=len(rekeyed), absent=len(believed) - len(rekeyed))
        return Absences(marked=len(believed), withheld=withheld)

    async def record(self, reading: ReadingRecord) -> int:
        """Record the reading and commit everything; return its id."""
        values = {
            **vars(reading),
            "day": reading.started_at.astimezone(KST).date(),
            "run_id": self._items.run_id,
        }
        row = await (await self._items.connection.execute(_RECORD, values)).fetchone()
        assert row is not None
        await self._items.note_pending(cause="the change feed was read", since=reading.finished_at)
        await self._items.commit()
        return row[0]

    def _note_shown(self, places: Iterable[tuple[str, str, str, bool]]) -> None:
        """Note places that appeared or left: kind, region, id, and whether each is visible."""
        self._items.note_moves(
            (kind, region, content_id) for kind, region, content_id, is_visible in places if is_visible
        )

    async def _twins(self, side: sql.Identifier, condition: sql.SQL, parameters: dict[str, object]) -> dict[str, str]:
        """Places that look the same, newer to former id, where those of one side fulfil a condition."""
        connection = self._items.connection
        few = await connection.execute(_CREATION_TIMES.format(side=side, condition=condition), parameters)
        created = [time for (time,) in await few.fetchall()]
        if not created:
            return {}
        statement = _TWINS.format(condition=condition, last_seen=_LAST_SEEN)
        rows = await (await connection.execute(statement, {**parameters, "created": created})).fetchall()
        # If several places look the same, each is paired with a different one.
        former_of: dict[str, str] = {}
        for newer, former in rows:
            if former not in former_of.values():
                former_of[newer] = former
        return former_of
