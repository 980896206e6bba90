"""How old published data are: from the verdicts, the outbox, and when what they are made from was last read. Pure SQL.

Data are as old as what was last said or read, whatever was run since. A region's rows are as of the last whole reading of their
lists, also where that changed nothing and nothing was published for it. While a change waits in the outbox, they are as of the
time at which it was noted. What nobody ever tried to collect is not stale, it is not there.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

import psycopg
from psycopg.rows import class_row

from weatherflick_assets.quality.measured import MeasuredTable
from weatherflick_assets.quality.store import HeldBack, held_back
from weatherflick_assets.warehouse.connections import connect

AWAITED_FOR = timedelta(hours=1)
"""What was collected less long ago and never published may be in a run that has not ended."""

_REGIONS = """
WITH judged AS (
    SELECT partition_key, bool_or(published) AS is_published FROM quality.verdicts
    WHERE table_name = %(table_name)s GROUP BY partition_key
), shown AS (
    SELECT DISTINCT ON (partition_key) partition_key, data_as_of, row_count FROM quality.verdicts
    WHERE table_name = %(table_name)s AND published ORDER BY partition_key, judged_at DESC, verdict_id DESC
), waiting AS (
    SELECT partition_key, since FROM ops.pending_publications WHERE asset_key = %(asset_key)s
), source AS ({read_at})
SELECT partition_key, coalesce(is_published, FALSE) AS is_published, coalesce(row_count, 0) AS row_count,
    CASE WHEN is_published
        THEN greatest(data_as_of, CASE WHEN read_at IS NOT NULL THEN least(read_at, since) END)
    END AS data_as_of,
    is_published IS NOT NULL OR coalesce(least(since, read_at), '-infinity') <= %(awaited_since)s AS is_awaited_too_long
FROM judged FULL JOIN source USING (partition_key) FULL JOIN waiting USING (partition_key) LEFT JOIN shown USING (partition_key)
ORDER BY partition_key
"""

_NOTHING_READ = "SELECT NULL AS partition_key, NULL::timestamptz AS read_at WHERE FALSE"

_WHOLE_TABLE = """
SELECT NULL AS partition_key, coalesce(bool_or(published), FALSE) AS is_published,
    NULL AS row_count, max(data_as_of) FILTER (WHERE published) AS data_as_of,
    count(*) > 0 OR EXISTS (
        SELECT FROM ops.pending_publications WHERE asset_key = %(asset_key)s AND since <= %(awaited_since)s
    ) AS is_awaited_too_long
FROM quality.verdicts WHERE table_name = %(table_name)s
HAVING count(*) > 0 OR EXISTS (SELECT FROM ops.pending_publications WHERE asset_key = %(asset_key)s)
"""

_NEWEST = "SELECT max(partition_key) FROM quality.verdicts WHERE table_name = %s AND published"


class State(StrEnum):
    """Whether data are fresh."""

    FRESH = "fresh"
    STALE = "stale"
    NEVER_PUBLISHED = "never published"
    AGE_UNKNOWN = "of unknown age"
    AWAITED = "about to be published"

    @property
    def is_good(self) -> bool:
        """Whether nobody need look."""
        return self in (State.FRESH, State.AWAITED)


@dataclass(frozen=True)
class Part:
    """A region of a table, or a whole table that is not by region.

    Attributes:
        partition_key: the region; None of a whole table.
        row_count: rows as last published; None of a whole table.
        data_as_of: the time of its newest data; None: it was never published, or nobody knows.
        age: how old they are.
    """

    partition_key: str | None
    state: State
    row_count: int | None
    data_as_of: datetime | None
    age: timedelta | None


@dataclass(frozen=True)
class _Found:
    partition_key: str | None
    is_published: bool
    row_count: int | None
    data_as_of: datetime | None
    is_awaited_too_long: bool


def parts_of(connection: psycopg.Connection, table: MeasuredTable, at: datetime) -> list[Part]:
    """The parts of a table that were ever tried, by key, as they are at a time. None: nobody ever tried to collect it."""
    asked = {"table_name": table.table_name, "asset_key": table.asset_key, "awaited_since": at - AWAITED_FOR}
    query = _REGIONS.format(read_at=table.read_at or _NOTHING_READ) if table.by_region else _WHOLE_TABLE
    with connection.cursor(row_factory=class_row(_Found)) as cursor:
        return [_part(found, table, at) for found in cursor.execute(query, asked)]  # type: ignore[arg-type]


def _part(found: _Found, table: MeasuredTable, at: datetime) -> Part:
    age = None if found.data_as_of is None else max(at - found.data_as_of, timedelta())
    if not found.is_published:
        state = State.NEVER_PUBLISHED if found.is_awaited_too_long else State.AWAITED
    elif age is None:
        state = State.AGE_UNKNOWN
    else:
        state = State.STALE if age > table.stale_after else State.FRESH
    return Part(found.partition_key, state, found.row_count, found.data_as_of, age)


def not_fresh(dsn: str, tables: Iterable[MeasuredTable], at: datetime) -> dict[MeasuredTable, list[Part]]:
    """The parts that are not fresh, of tables that have any."""
    with connect(dsn) as connection:
        found = {
            table: [part for part in parts_of(connection, table, at) if not part.state.is_good] for table in tables
        }
    return {table: parts for table, parts in found.items() if parts}


def held_back_now(dsn: str, tables: Iterable[MeasuredTable]) -> dict[str, list[HeldBack]]:
    """What is held back of each table, by its name.

    State is held back until the partition passes. An issue is held back until a later one is published: then that stands.
    """
    held: dict[str, list[HeldBack]] = {table.table_name: [] for table in tables}
    newest: dict[str, Any] = {}
    with connect(dsn) as connection:
        for table in tables:
            if not table.is_state:
                (newest[table.table_name],) = connection.execute(_NEWEST, (table.table_name,)).fetchone() or (None,)
    for each in held_back(dsn):
        last = newest.get(each.table_name)
        if each.table_name in held and (last is None or (each.partition_key or "") > last):
            held[each.table_name].append(each)
    return held
