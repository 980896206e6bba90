"""Incidents in the database: read, and written together with the messages about them, in one transaction.

How they follow from observations is in `incidents.py`, what becomes of messages in `outbox.py`.
"""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import astuple, dataclass, fields, replace
from datetime import datetime, timedelta

import psycopg
from psycopg import sql
from psycopg.rows import class_row
from psycopg.types.json import Jsonb

from weatherflick_assets.alerts import routing, texts
from weatherflick_assets.alerts.incidents import BY_HAND, Incident, Key, Observation, changed
from weatherflick_assets.alerts.kinds import Severity
from weatherflick_assets.alerts.texts import Words
from weatherflick_assets.upstream.access import without_secrets
from weatherflick_assets.warehouse.connections import connect
from weatherflick_assets.warehouse.statements import names

OPENED, CLOSED, RETURNED, DIGEST = "opened", "closed", "returned", "digest"
"""Occasions of messages. Of an incident that comes and goes, each is told once, and its end a second time."""

INCIDENTS_KEPT = timedelta(days=400)
"""How long incidents that are over are kept, and digests."""

LONGEST_BREAK = timedelta(minutes=10)
"""After a longer time without a look, what was due in the meantime is due from now on."""

_COLUMNS = names([field.name for field in fields(Incident)])

_OPEN = sql.SQL("""
SELECT {columns} FROM ops.incidents WHERE closed_at IS NULL
ORDER BY array_position('{{critical,error,warning}}', severity), opened_at, incident_id
""").format(columns=_COLUMNS)

_LAST = sql.SQL("""
SELECT DISTINCT ON (kind, subject) {columns} FROM ops.incidents
WHERE closed_at IS NOT NULL AND (kind, subject) IN (SELECT * FROM unnest(%s::text[], %s::text[]))
ORDER BY kind, subject, closed_at DESC
""").format(columns=_COLUMNS)

_INSERT = """
INSERT INTO ops.incidents (kind, subject, owner, severity, opened_at, last_seen_at, detail, remedy, count, run_id,
                           closed_at, closed_because, openings, quiet_since)
VALUES (%s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s) RETURNING incident_id
"""

_UPDATE = """
UPDATE ops.incidents
SET last_seen_at = %(last_seen_at)s, count = %(count)s, detail = %(detail)s, run_id = %(run_id)s, closed_at = %(closed_at)s,
    closed_because = %(closed_because)s, openings = %(openings)s, quiet_since = %(quiet_since)s
WHERE incident_id = %(incident_id)s
"""

_WRITE = """
INSERT INTO ops.messages (incident_id, occasion, owner, severity, title, body, run_id, created_at, due_at)
VALUES (%s, %s, %s, %s, %s, %s, %s, %s, %s)
"""

_BEGIN = """
INSERT INTO ops.incident_watch (watch, positions, watched_since, watched_at, digested_at)
VALUES ('incidents', '{}', %(at)s, %(at)s, %(at)s) ON CONFLICT DO NOTHING
"""
_LOOK = "SELECT positions, watched_since, watched_at, digested_at FROM ops.incident_watch FOR UPDATE"
_GO_ON = "UPDATE ops.incident_watch SET positions = %s, watched_since = %s, watched_at = %s"
_DIGESTED = "UPDATE ops.incident_watch SET digested_at = %s"

_OVER = sql.SQL(
    "SELECT {columns} FROM ops.incidents WHERE closed_at > %s AND severity = 'warning' ORDER BY closed_at, incident_id"
).format(columns=_COLUMNS)

_FORGET = (
    "DELETE FROM ops.incidents WHERE closed_at < %s",
    "DELETE FROM ops.messages WHERE incident_id IS NULL AND created_at < %s",
)


@dataclass(frozen=True)
class Watch:
    """How far the search for incidents has come.

    Attributes:
        positions: by stream of events, the id of the last one that was read.
        watched_since: since when it goes on without a break.
        watched_at: the last look.
        digested_at: when the last digest was written.
    """

    positions: Mapping[str, int]
    watched_since: datetime
    watched_at: datetime
    digested_at: datetime

    def since(self, at: datetime) -> datetime:
        """Since when there is no break, at a look now."""
        return self.watched_since if at - self.watched_at <= LONGEST_BREAK else at


@dataclass(frozen=True)
class Noticed:
    """What a look has changed."""

    opened: int
    closed: int


def watch(dsn: str, at: datetime) -> Watch:
    """How far the search has come; it begins now if it never was."""
    with connect(dsn) as connection:
        connection.execute(_BEGIN, {"at": at})
        return _watch(connection)


def notice(
    dsn: str,
    observations: Iterable[Observation],
    positions: Mapping[str, int],
    *,
    surveyed: Collection[str] = (),
    at: datetime,
) -> Noticed:
    """Write what follows from observations, the messages about it, and the digest if it is due, in one transaction.

    Args:
        dsn: the platform's database.
        observations: what was seen; what is known already changes nothing.
        positions: how far the streams of events were read.
        surveyed: kinds of which the observations name every subject.
        at: now.
    """
    seen = [replace(one, problem=without_secrets(one.problem)) if one.problem else one for one in observations]
    with connect(dsn) as connection:
        connection.execute(_BEGIN, {"at": at})
        # Who looks at the same time waits here, and then finds what was written.
        before = _watch(connection)
        last = _last(connection, {one.key for one in seen})
        were_over = {incident.incident_id for incident in last.values()}
        changes = changed(_open(connection), last, seen, surveyed=surveyed, at=at)
        opened = [one for one in changes if one.incident_id is None or one.incident_id in were_over]
        for incident in changes:
            _store(connection, incident, at, is_back=incident.incident_id in were_over)
        connection.execute(_GO_ON, (Jsonb({**before.positions, **positions}), before.since(at), at))
        _digest(connection, before, at)
    return Noticed(len(opened), sum(one.closed_at is not None for one in changes))


def open_incidents(dsn: str) -> list[Incident]:
    """What is open, the gravest first."""
    with connect(dsn) as connection:
        return _open(connection)


def close_by_hand(dsn: str, incident_id: int, at: datetime) -> Incident | None:
    """Close an open incident without waiting for proof that it is over; None if there is none with this number."""
    with connect(dsn) as connection:
        connection.execute(_BEGIN, {"at": at})
        _watch(connection)
        found = next((one for one in _open(connection) if one.incident_id == incident_id), None)
        if found is not None:
            _store(connection, found.closed(at, BY_HAND), at)
        return found


def forget(dsn: str, at: datetime) -> int:
    """Delete incidents that were over more than `INCIDENTS_KEPT` ago, with their messages, and old digests.

    Returns how many incidents and digests there were.
    """
    with connect(dsn) as connection:
        return sum(connection.execute(statement, (at - INCIDENTS_KEPT,)).rowcount for statement in _FORGET)


def _watch(connection: psycopg.Connection) -> Watch:
    row = connection.cursor(row_factory=class_row(Watch)).execute(_LOOK).fetchone()
    assert row is not None
    return row


def _open(connection: psycopg.Connection) -> list[Incident]:
    return connection.cursor(row_factory=class_row(Incident)).execute(_OPEN).fetchall()


def _last(connection: psycopg.Connection, keys: Collection[Key]) -> dict[Key, Incident]:
    """Of each of these subjects, the last incident that is over."""
    named = ([kind for kind, _ in keys], [subject for _, subject in keys])
    found = connection.cursor(row_factory=class_row(Incident)).execute(_LAST, named).fetchall()
    return {incident.key: incident for incident in found}


def _store(connection: psycopg.Connection, incident: Incident, at: datetime, *, is_back: bool = False) -> None:
    """Write a new or changed incident, and messages about its beginning, its end, and that it is back after its end."""
    is_new = incident.incident_id is None
    if is_new:
        row = connection.execute(_INSERT, astuple(incident)[:-1]).fetchone()
        assert row is not None
        incident = replace(incident, incident_id=row[0])
        _tell(connection, incident, OPENED, texts.of_opened(incident), at)
    else:
        connection.execute(_UPDATE, vars(incident))
        if is_back:
            _tell(connection, incident, RETURNED, texts.of_returned(incident), at)
    if incident.closed_at is not None:
        _tell(connection, incident, CLOSED, texts.of_closed(incident), at)


def _tell(connection: psycopg.Connection, incident: Incident, occasion: str, words: Words, at: datetime) -> None:
    due = routing.due_at(incident.owner, incident.severity, at)
    if due is not None:
        about = (incident.incident_id, occasion, incident.owner, incident.severity)
        connection.execute(_WRITE, (*about, words.title, words.body, incident.run_id, at, due))


def _digest(connection: psycopg.Connection, before: Watch, at: datetime) -> None:
    """Write the digest of every owner who has something to read, once a day."""
    day = routing.digest_day(at)
    if routing.digest_time(day) <= before.digested_at:
        return
    is_open = _open(connection)
    over = connection.cursor(row_factory=class_row(Incident)).execute(_OVER, (before.digested_at,)).fetchall()
    for owner in sorted({one.owner for one in (*is_open, *over)}):
        mine = [[one for one in group if one.owner == owner] for group in (is_open, over)]
        words = texts.of_digest(day, *mine)
        about = (None, DIGEST, owner, Severity.WARNING.value)
        connection.execute(_WRITE, (*about, words.title, words.body, None, at, routing.after_the_quiet_time(at)))
    connection.execute(_DIGESTED, (at,))
