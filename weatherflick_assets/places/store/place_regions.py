"""Finds the regions of all places again from their stored list items, after the region rule has changed.

This makes no calls. When items are merged, `item_stage.py` writes the regions of their places.
"""

from collections.abc import Iterator
from datetime import datetime

import orjson
import pandas as pd
import psycopg

from weatherflick_assets.places.following import publications_of_change
from weatherflick_assets.places.transform.columns import text_columns
from weatherflick_assets.places.transform.regions import REGION_FIELDS, resolve_regions
from weatherflick_assets.warehouse.outbox import NOTE, Notes

CHUNK_PLACES = 5_000
"""Places processed at once, which keeps memory flat."""

_FOUND = ["region_code", "region_source", "sigungu_code"]

# Rows are locked in the order in which items are merged, so a merge waits and no deadlock arises.
_READ = """
SELECT content_id, item.content_type_id, item.is_visible AND item.absent_since IS NULL AS is_shown, item.payload::text,
       item.response_id, located.region_code, located.region_source, located.sigungu_code
FROM raw.place_items AS item LEFT JOIN core.place_regions AS located USING (content_id)
WHERE content_id > %s
ORDER BY content_id LIMIT %s
FOR NO KEY UPDATE OF item
"""

_WRITE = """
INSERT INTO core.place_regions AS located (content_id, region_code, region_source, sigungu_code, source_response_id)
SELECT * FROM unnest(%s::text[], %s::text[], %s::text[], %s::text[], %s::bigint[])
ON CONFLICT (content_id) DO UPDATE SET
    (region_code, region_source, sigungu_code, source_response_id) =
    (EXCLUDED.region_code, EXCLUDED.region_source, EXCLUDED.sigungu_code, EXCLUDED.source_response_id)
"""


def relocate(connection: psycopg.Connection, *, since: datetime) -> int:
    """Find the region of every place by the current rule, and note in the outbox what must be published again.

    The caller commits; until then, merges of items wait. Returns the number of places whose region, district or source
    of the region changed.
    """
    count = 0
    notes = Notes()
    for places in _chunks(connection):
        payloads = orjson.loads(f"[{','.join(places['payload'])}]")
        found = resolve_regions(text_columns(payloads, REGION_FIELDS))
        differs = places[_FOUND].ne(found[_FOUND]) & (places[_FOUND].notna() | found[_FOUND].notna())
        changed = differs.any(axis="columns")
        before, after = places[changed], found[changed]
        columns = (before["content_id"], *(after[name] for name in _FOUND), before["response_id"])
        connection.execute(_WRITE, [column.tolist() for column in columns])
        count += len(after)
        for content_id, kind, is_shown, former, present in zip(
            *(before[name] for name in ("content_id", "content_type_id", "is_shown", "region_code")),
            after["region_code"],
            strict=True,
        ):
            if is_shown:
                notes.add(publications_of_change((kind, former) if former else None, (kind, present)), [content_id])
    connection.execute(NOTE, notes.parameters(cause="the rule that finds regions changed", since=since))
    return count


def _chunks(connection: psycopg.Connection) -> Iterator[pd.DataFrame]:
    last = ""
    while True:
        cursor = connection.execute(_READ, (last, CHUNK_PLACES))
        assert cursor.description is not None
        rows = cursor.fetchall()
        if not rows:
            return
        yield pd.DataFrame(rows, columns=[column.name for column in cursor.description], dtype=object)
        last = rows[-1][0]
