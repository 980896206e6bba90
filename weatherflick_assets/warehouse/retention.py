"""How long responses are kept: expired bodies are dropped unless something depends on them; old calls follow.

A body is dropped when every call that returned it has expired and none of these calls is a source. A source is the call
that a place's current item, its known details (even a single field) or a rejected item came from. Calls stay on record
for `CALLS_KEPT`, and a body that comes again is stored again.

All this runs alongside collections. A body that is just being stored is locked and left for the next time. Items and
details take a source only from calls that have not expired, so an expired call that is no source never becomes one.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import LiteralString

import psycopg
from psycopg import sql

from weatherflick_assets.warehouse.connections import connect

CALLS_KEPT = timedelta(days=400)
"""How long a call stays on record at least: a month can be compared with the same month of the year before."""

BATCH = 500
"""The most rows a transaction changes; a collection that needs one of them waits for milliseconds."""

_OPTIONS = "-c lock_timeout=5s -c synchronous_commit=off"
"""Whoever locks whole tables, as migrations do, goes first: nothing here is urgent. Work undone by a crash is repeated."""

_CREATE_SOURCES = "CREATE TEMPORARY TABLE sources (response_id bigint)"
_NOTE_SOURCES = sql.SQL("INSERT INTO sources {}")

_UNEXPIRED = "(call.expires_at > %(now)s OR call.expires_at IS NULL)"

_FIND_EXPIRED_BODIES = f"""
SELECT stored.body_sha256, EXISTS (
    SELECT FROM raw.calls AS call JOIN sources USING (response_id) WHERE call.body_sha256 = stored.body_sha256
) AS is_depended_on
FROM raw.bodies AS stored
WHERE stored.body IS NOT NULL
  AND NOT EXISTS (SELECT FROM raw.calls AS call WHERE call.body_sha256 = stored.body_sha256 AND {_UNEXPIRED})
"""  # noqa: S608 - constants

_LOCK_BODIES = """
SELECT body_sha256, pg_column_size(body) FROM raw.bodies
WHERE body_sha256 = ANY(%(found)b) AND body IS NOT NULL
FOR UPDATE SKIP LOCKED
"""

# Checked again now that they are locked: a call may have returned one of them in the meantime.
_DROP_BODIES = f"""
UPDATE raw.bodies SET body = NULL, dropped_at = %(now)s
WHERE body_sha256 = ANY(%(locked)b) AND body_sha256 NOT IN (
    SELECT call.body_sha256 FROM raw.calls AS call WHERE call.body_sha256 = ANY(%(locked)b) AND {_UNEXPIRED}
)
RETURNING body_sha256
"""  # noqa: S608 - constants

_FIND_OLD_CALLS = """
SELECT call.response_id FROM raw.calls AS call JOIN raw.bodies AS stored USING (body_sha256)
WHERE call.fetched_at < %(oldest)s AND stored.body IS NULL
  AND NOT EXISTS (SELECT FROM sources WHERE sources.response_id = call.response_id)
"""

# What is not locked has no call that is being recorded, or would have its body again.
_FORGET_BODIES = """
DELETE FROM raw.bodies WHERE body_sha256 IN (
    SELECT stored.body_sha256 FROM raw.bodies AS stored
    WHERE stored.body IS NULL AND NOT EXISTS (SELECT FROM raw.calls AS call WHERE call.body_sha256 = stored.body_sha256)
    LIMIT %(batch)s
    FOR UPDATE SKIP LOCKED
)
"""

_SPACE = """
SELECT (SELECT count(*) FROM raw.calls), count(body), coalesce(sum(pg_column_size(body)), 0),
       (SELECT coalesce(sum(stored.body_bytes), 0)
        FROM raw.calls AS call JOIN raw.bodies AS stored USING (body_sha256) WHERE stored.body IS NOT NULL)
FROM raw.bodies
"""


@dataclass(frozen=True)
class Space:
    """Calls on record, bodies stored, their size compressed, and what they would take if every call kept its own."""

    calls: int
    bodies: int
    stored_bytes: int
    received_bytes: int


@dataclass(frozen=True)
class Upkeep:
    """What keeping the responses in bounds did.

    Attributes:
        bytes_freed: size as stored; the server reuses the space once it has been vacuumed, which it does itself.
        bodies_depended_on: expired bodies that stay, because items came from them.
        left: what remains.
    """

    bodies_dropped: int
    bytes_freed: int
    calls_deleted: int
    bodies_depended_on: int
    left: Space


def drop_expired(dsn: str, *, needed: Iterable[LiteralString], now: datetime, batch: int = BATCH) -> Upkeep:
    """Drop what has expired at `now` and is not depended on; safe during collections, and may be stopped at any moment.

    Args:
        dsn: the platform's database.
        needed: queries for the ids of responses that something was made from; each returns one column, `response_id`.
        now: the time.
        batch: the most rows that a transaction changes.

    Raises:
        psycopg.errors.LockNotAvailable: a table is locked for longer than five seconds; what was done stays done.
    """
    with connect(dsn, options=_OPTIONS) as connection:
        connection.execute(_CREATE_SOURCES)
        for query in needed:
            connection.execute(_NOTE_SOURCES.format(sql.SQL(query)))
        connection.execute("ANALYZE sources")
        connection.commit()
        count, freed, depended_on = _drop_bodies(connection, now, batch)
        calls_deleted = _delete_calls(connection, now - CALLS_KEPT, batch)
        while connection.execute(_FORGET_BODIES, {"batch": batch}).rowcount:
            connection.commit()
        return Upkeep(count, freed, calls_deleted, depended_on, left=_space(connection))


def space(dsn: str) -> Space:
    """The space that the responses take now."""
    with connect(dsn) as connection:
        return _space(connection)


def _drop_bodies(connection: psycopg.Connection, now: datetime, batch: int) -> tuple[int, int, int]:
    """Drop what may be dropped; return how many bodies, their stored bytes, and how many expired ones are needed."""
    count = freed = depended_on = 0
    for found in _batches(connection, _FIND_EXPIRED_BODIES, {"now": now}, batch):
        free = [body_sha256 for body_sha256, is_depended_on in found if not is_depended_on]
        depended_on += len(found) - len(free)
        sizes = dict(connection.execute(_LOCK_BODIES, {"found": free}).fetchall())
        dropped = connection.execute(_DROP_BODIES, {"now": now, "locked": list(sizes)}).fetchall()
        connection.commit()
        count += len(dropped)
        freed += sum(sizes[body_sha256] for (body_sha256,) in dropped)
    return count, freed, depended_on


def _delete_calls(connection: psycopg.Connection, oldest: datetime, batch: int) -> int:
    """Delete calls before `oldest` whose bodies are gone; return how many."""
    count = 0
    for found in _batches(connection, _FIND_OLD_CALLS, {"oldest": oldest}, batch):
        ids = [response_id for (response_id,) in found]
        count += connection.execute("DELETE FROM raw.calls WHERE response_id = ANY(%s)", (ids,)).rowcount
        connection.commit()
    return count


def _batches(
    connection: psycopg.Connection, query: LiteralString, parameters: dict[str, object], batch: int
) -> Iterator[list[tuple]]:
    """The results of a query, batch by batch; the server holds the rest, even across commits."""
    with connection.cursor("found", withhold=True) as cursor:
        cursor.execute(query, parameters)
        connection.commit()
        while rows := cursor.fetchmany(batch):
            yield rows


def _space(connection: psycopg.Connection) -> Space:
    row = connection.execute(_SPACE).fetchone()
    assert row is not None
    return Space(*map(int, row))
