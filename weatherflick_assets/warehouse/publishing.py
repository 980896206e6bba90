"""Core tables: read a partition's raw items, stage what was made of them, and publish it all at once or not at all.

Write, audit, publish: the caller stages rows, has them judged, and calls `publish` inside the same transaction. Leaving
without it changes nothing, so the last good rows stay visible. The database works in the background meanwhile: it takes in
and merges one chunk while the next is made. What a row looks like is decided in `transforms/`.

That no place is published twice is proven by the database: the ids of everything merged are the primary key of a table.
"""

from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from datetime import datetime
from types import TracebackType
from typing import Self

import orjson
import pandas as pd
import psycopg
from psycopg import sql
from sqlalchemy import Table

from weatherflick_assets.warehouse.loading import copy_rows, copy_text, identifier, names
from weatherflick_assets.warehouse.tables import KEPT_BY_THE_TABLE

CHUNK_ROWS = 2_500
"""Rows handled at once: enough to be fast, few enough to keep memory flat."""

_READ_ITEMS = """
SELECT content_id, content_type_id, region_code, region_source, sigungu_code, response_id, payload::text
FROM raw.place_items
WHERE content_type_id = %s AND region_code = %s AND is_visible AND absent_since IS NULL
"""
_ITEM_COLUMNS = (
    "content_id",
    "content_type_id",
    "region_code",
    "region_source",
    "sigungu_code",
    "response_id",
    "payload",
)

_STAGED = sql.Identifier("staged_places")
_REJECTED = sql.Identifier("staged_rejections")

_CREATE_STAGES = """
CREATE TEMPORARY TABLE staged_places (LIKE {table}) ON COMMIT DROP;
ALTER TABLE staged_places {drop_kept};
CREATE TEMPORARY TABLE merged_ids (content_id text PRIMARY KEY) ON COMMIT DROP;
CREATE TEMPORARY TABLE staged_rejections (content_id text, reason text, payload jsonb, response_id bigint) ON COMMIT DROP
"""

_UPSERT = """
WITH merged AS (
    INSERT INTO {table} AS place ({columns}, published_at, updated_at)
    SELECT {columns}, %(now)s, %(now)s FROM staged_places
    ON CONFLICT (content_id) DO UPDATE SET {assignments}, updated_at = %(now)s, removed_at = NULL
    WHERE ({current}) IS DISTINCT FROM ({staged}) OR place.removed_at IS NOT NULL
    RETURNING xmax = 0 AS is_new
)
SELECT count(*) FILTER (WHERE is_new), count(*) FILTER (WHERE NOT is_new) FROM merged
"""

# A chunk has been merged: what remains of it are its ids.
_KEEP_IDS = "INSERT INTO merged_ids SELECT content_id FROM staged_places"
_EMPTY_STAGE = "TRUNCATE staged_places"

# A place that has moved to another region is that region's to publish: it is not gone.
_REMOVE = """
UPDATE {table} AS place SET removed_at = %(now)s
WHERE region_code = %(region_code)s AND removed_at IS NULL
  AND NOT EXISTS (SELECT FROM merged_ids AS merged WHERE merged.content_id = place.content_id)
  AND NOT EXISTS (
    SELECT FROM raw.place_items AS item
    WHERE item.content_id = place.content_id AND item.content_type_id = place.content_type_id
      AND item.region_code <> %(region_code)s AND item.is_visible AND item.absent_since IS NULL
  )
"""

_REJECT = """
INSERT INTO core.rejected_items AS rejected (
    content_type_id, item_key, region_code, content_id, reason, payload, response_id, rejected_at
)
SELECT %(content_type_id)s, content_id, %(region_code)s, content_id, reason, payload, response_id, %(now)s
FROM staged_rejections
ON CONFLICT (content_type_id, item_key) DO UPDATE SET
    region_code = EXCLUDED.region_code,
    payload = EXCLUDED.payload,
    response_id = EXCLUDED.response_id,
    reason = EXCLUDED.reason,
    rejected_at = CASE WHEN rejected.reason = EXCLUDED.reason THEN rejected.rejected_at ELSE EXCLUDED.rejected_at END
WHERE (rejected.region_code, rejected.reason, rejected.response_id)
    IS DISTINCT FROM (EXCLUDED.region_code, EXCLUDED.reason, EXCLUDED.response_id)
"""

_FORGET_REJECTIONS = """
DELETE FROM core.rejected_items AS rejected
WHERE content_type_id = %(content_type_id)s AND region_code = %(region_code)s AND content_id IS NOT NULL
  AND NOT EXISTS (SELECT FROM staged_rejections AS staged WHERE staged.content_id = rejected.content_id)
"""

_COUNT_REJECTED = """
SELECT count(*) FROM core.rejected_items WHERE content_type_id = %(content_type_id)s AND region_code = %(region_code)s
"""


@dataclass(frozen=True)
class Published:
    """What publishing one partition did, in rows.

    Attributes:
        published: rows of the partition that are visible now.
        added: of these, rows that were not there before.
        changed: of these, rows of which a value changed.
        removed: rows marked removed, because their place is gone or no longer usable.
        rejected: items of the partition that can't be used.
    """

    published: int
    added: int
    changed: int
    removed: int
    rejected: int


class Publication:
    """One partition of one core table, from reading to publishing, in one transaction. Use it as a context manager.

    Runs for the same partition wait for each other, whoever started them.

    Args:
        dsn: the platform's database.
        table: the core table.
        content_type_id, region_code: which partition.
        now: when it is published.
    """

    def __init__(self, dsn: str, table: Table, *, content_type_id: str, region_code: str, now: datetime) -> None:
        self._dsn = dsn
        self._table = table
        self._columns = [column.name for column in table.columns if column.name not in KEPT_BY_THE_TABLE]
        self._scope = {"content_type_id": content_type_id, "region_code": region_code, "now": now}
        self._upsert = self._upsert_statement()
        self._staged = self._added = self._changed = 0
        self._work: Future | None = None

    def __enter__(self) -> Self:
        self._connection = psycopg.connect(self._dsn)
        self._background = ThreadPoolExecutor(max_workers=1, thread_name_prefix="publication")
        cursor = self._connection.cursor()
        cursor.execute(
            "SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))",
            (f"{self._table.fullname}/{self._scope['region_code']}",),
        )
        drop_kept = sql.SQL(", ").join(
            sql.SQL("DROP COLUMN {}").format(sql.Identifier(name)) for name in KEPT_BY_THE_TABLE
        )
        cursor.execute(sql.SQL(_CREATE_STAGES).format(table=identifier(self._table), drop_kept=drop_kept))
        self._cursor = cursor
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self._background.shutdown()
        self._connection.rollback()
        self._connection.close()
        if error is None and self._work is not None:
            self._work.result()  # what went wrong unnoticed is raised

    def items(self) -> Iterator[pd.DataFrame]:
        """The partition's visible raw items, at most `CHUNK_ROWS` at a time, the payload as a mapping."""
        with (
            psycopg.connect(self._dsn) as connection,
            connection.cursor(name="items") as cursor,
            ThreadPoolExecutor(max_workers=1, thread_name_prefix="items") as reader,
        ):
            cursor.execute(_READ_ITEMS, (self._scope["content_type_id"], self._scope["region_code"]))
            following = reader.submit(cursor.fetchmany, CHUNK_ROWS)
            while rows := following.result():
                # The next chunk is read while this one is worked on.
                following = reader.submit(cursor.fetchmany, CHUNK_ROWS)
                yield _items(rows)

    def stage(self, places: pd.DataFrame, rejected: pd.DataFrame) -> None:
        """Take rows for the table, and items that can't be used (content_id, reason, payload as text, response_id).

        Nobody sees them before `publish`.
        """
        self._staged += len(places)
        rows, rejections = copy_text(places[self._columns]), copy_text(rejected)

        def merge() -> None:
            copy_rows(self._cursor, _STAGED, self._columns, rows)
            copy_rows(self._cursor, _REJECTED, rejected.columns, rejections)
            added, changed = self._one_row(self._upsert)
            self._added += added
            self._changed += changed
            self._cursor.execute(_KEEP_IDS)
            self._cursor.execute(_EMPTY_STAGE)

        self._then(merge)

    def complete(self) -> None:
        """Begin to make what was staged the whole content of the partition; what else it had is removed."""
        self._then(self._complete)

    def publish(self) -> Published:
        """Commit what was completed."""
        assert self._work is not None, "complete first"
        published = self._work.result()
        self._connection.commit()
        return published

    def _then(self, work: Callable[[], object]) -> None:
        """Have the database do `work` once it has done what it was given before; an error of that is raised here."""
        if self._work is not None:
            self._work.result()
        self._work = self._background.submit(work)

    def _complete(self) -> Published:
        remove = sql.SQL(_REMOVE).format(table=identifier(self._table))
        removed = self._cursor.execute(remove, self._scope).rowcount
        self._cursor.execute(_FORGET_REJECTIONS, self._scope)
        self._cursor.execute(_REJECT, self._scope)
        (rejected,) = self._one_row(sql.SQL(_COUNT_REJECTED))
        return Published(self._staged, self._added, self._changed, removed, rejected)

    def _upsert_statement(self) -> sql.Composed:
        assignments = sql.SQL(", ").join(
            sql.SQL("{column} = EXCLUDED.{column}").format(column=sql.Identifier(name))
            for name in self._columns
            if name != "content_id"
        )
        # The same values in a newer response are no change.
        compared = [name for name in self._columns if name != "source_response_id"]
        return sql.SQL(_UPSERT).format(
            table=identifier(self._table),
            columns=names(self._columns),
            assignments=assignments,
            current=names(compared, "place"),
            staged=names(compared, "excluded"),
        )

    def _one_row(self, statement: sql.SQL | sql.Composed) -> tuple[int, ...]:
        row = self._cursor.execute(statement, self._scope).fetchone()
        assert row is not None
        return row


def _items(rows: list[tuple]) -> pd.DataFrame:
    columns = dict(zip(_ITEM_COLUMNS, zip(*rows, strict=True), strict=True))
    # One document is read in half of the time of thousands.
    columns["payload"] = orjson.loads(f"[{','.join(columns['payload'])}]")
    # Of objects: pandas would look through every value for a type of its own.
    kinds = {"response_id": "int64"}
    return pd.DataFrame({name: pd.Series(values, dtype=kinds.get(name, "object")) for name, values in columns.items()})
