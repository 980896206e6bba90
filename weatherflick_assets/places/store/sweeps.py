"""Writes the result of a sweep (the reading of one whole list) to the raw layer: merged items, absences, its record.

`item_stage.py` stages and merges items. The counterpart for the change feed is `changes.py`.
"""

from dataclasses import dataclass
from datetime import datetime

from psycopg import sql

from weatherflick_assets.places.store.item_stage import (
    NOT_STAGED_UNKEYED,
    UNSEEN,
    Absences,
    Counted,
    ItemStage,
    too_many_absences,
)

_FORGET_UNKEYED_OF_THE_SWEEP = f"""
DELETE FROM core.rejected_items AS rejected
WHERE content_type_id = %(content_type_id)s
  -- Like the items a sweep covers: those that carry its region's code, or for `unassigned` no current one.
  AND CASE WHEN %(region_code)s = 'unassigned'
           THEN NOT EXISTS (SELECT FROM core.regions AS region WHERE region.region_code = btrim(payload ->> 'lDongRegnCd'))
           ELSE btrim(payload ->> 'lDongRegnCd') = %(region_code)s END
  AND {NOT_STAGED_UNKEYED}
RETURNING content_type_id, region_code
"""  # noqa: S608 - constants

# A region's sweep covers the items with its code. The sweep for `unassigned` covers those without a current code.
_UNSEEN = UNSEEN.format(
    covered=sql.SQL("""
        content_type_id = %(content_type_id)s AND is_visible
        AND CASE WHEN %(region_code)s = 'unassigned'
                 THEN NOT EXISTS (SELECT FROM core.regions AS region WHERE region.region_code = listed_region_code)
                 ELSE listed_region_code = %(region_code)s END
    """)
)

_MARK_ABSENT = """
WITH marked AS (
    UPDATE raw.place_items SET absent_since = %(finished_at)s
    WHERE content_id = ANY(%(missing)s) AND absent_since IS NULL
    RETURNING content_id, content_type_id
)
SELECT content_type_id, located.region_code, content_id
FROM marked JOIN core.place_regions AS located USING (content_id)
"""

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
    """The record of one sweep. The fields are columns of `raw.sweeps`."""

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
class Merged(Counted):
    """The result of merging a sweep.

    Attributes:
        absences: the places that the sweep proved gone.
    """

    absences: Absences


async def merge_sweep(items: ItemStage, sweep: SweepRecord) -> Merged:
    """Merge the staged items and record their sweep in one transaction."""
    counted = await items.merge(sweep.finished_at)
    absences = Absences()
    if sweep.is_complete:
        cursor = await items.connection.execute(_FORGET_UNKEYED_OF_THE_SWEEP, vars(sweep))
        items.note_rejections(await cursor.fetchall())
        absences = await _mark_absences(items, sweep)
    await items.connection.execute(_RECORD_SWEEP, {**vars(sweep), "run_id": items.run_id})
    await items.clear()
    await items.note_pending(cause="the list was read", since=sweep.finished_at)
    await items.commit()
    return Merged(**vars(counted), absences=absences)


async def _mark_absences(items: ItemStage, sweep: SweepRecord) -> Absences:
    cursor = await items.connection.execute(_UNSEEN, vars(sweep))
    row = await cursor.fetchone()
    assert row is not None
    covered, missing = row
    if too_many_absences(len(missing), covered):
        return Absences(withheld=len(missing))
    if missing:
        cursor = await items.connection.execute(_MARK_ABSENT, {"missing": missing, "finished_at": sweep.finished_at})
        items.note_moves(await cursor.fetchall())
    return Absences(marked=len(missing))
