"""Rows and checksums of all tables at one moment, so that what was restored can be compared with what there was.

For the embedded server the moment is also a place in the WAL: a transaction that changes nothing, and before whose commit no
other one commits after the tables were looked at. Recovery to that transaction gives the same rows, whoever wrote meanwhile.
"""

import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass
from datetime import datetime
from typing import Any, LiteralString

import psycopg
from psycopg import sql
from sqlalchemy import URL

from weatherflick_assets.warehouse.connections import connect

Tables = Mapping[str, tuple[int, str]]
"""Schema and name of a table to its rows and its checksum: the sum of hashes of the rows as text, in whatever order."""

_PATIENCE_SECONDS = 300.0
_STILL_SECONDS = 0.5
"""A commit takes no longer from being written to being seen."""
_PAUSE_SECONDS = 0.02

_DATABASES = (
    "SELECT datname FROM pg_database WHERE datallowconn AND NOT datistemplate AND datname <> 'postgres' ORDER BY 1"
)

# What is unlogged or temporary is in no backup.
_TABLES: LiteralString = """
SELECT nspname, relname FROM pg_class JOIN pg_namespace ON pg_namespace.oid = relnamespace
WHERE relkind = 'r' AND relpersistence = 'p' AND nspname <> 'information_schema' AND NOT starts_with(nspname, 'pg_')
ORDER BY 1, 2
"""
_LOCK = sql.SQL("LOCK TABLE ONLY {} IN ACCESS SHARE MODE")
_SUM = sql.SQL("""
SELECT count(*), coalesce(sum(hashtextextended("the whole row"::text COLLATE "C", 0)), 0)::text
FROM ONLY {} AS "the whole row"
""")


@dataclass(frozen=True)
class Figures:
    """What was in the tables.

    Attributes:
        taken_at: when, by the server's clock.
        xid: the transaction to which recovery gives the same; None for a dump, which holds just these rows.
        tables: by database.
    """

    taken_at: datetime
    xid: int | None
    tables: Mapping[str, Tables]

    @classmethod
    def of(cls, values: Mapping[str, Any]) -> "Figures":
        """From JSON."""
        tables = {
            database: {name: (rows, checksum) for name, (rows, checksum) in found.items()}
            for database, found in values["tables"].items()
        }
        return cls(datetime.fromisoformat(values["taken_at"]), values["xid"], tables)

    @property
    def count(self) -> int:
        """How many tables there were."""
        return sum(map(len, self.tables.values()))

    @property
    def rows(self) -> int:
        """How many rows there were."""
        return sum(rows for tables in self.tables.values() for rows, _ in tables.values())


@dataclass(frozen=True)
class Snapshot:
    """Which transactions a moment sees: all below `ends` that are not among those `under_way`."""

    ends: int
    under_way: frozenset[int]

    @classmethod
    def of(cls, text: str) -> "Snapshot":
        """From `pg_snapshot`, which is written xmin:xmax:xid,xid."""
        _, ends, under_way = text.split(":")
        return cls(int(ends), frozenset(map(int, filter(None, under_way.split(",")))))


def is_place(before: Snapshot, marker: int, after: Snapshot) -> bool:
    """Whether nothing became visible from the moment `before` to the commit of the transaction `marker`.

    `after` is a moment behind that commit. What was under way before, or began since, must still be under way.
    """
    begun = set(range(before.ends, marker))
    return after.ends == marker + 1 and before.under_way | begun <= after.under_way


def databases(maintenance: URL) -> list[URL]:
    """The databases of a server that hold somebody's data."""
    with connect(maintenance, autocommit=True) as connection:
        return [maintenance.set(database=name) for (name,) in connection.execute(_DATABASES)]


def of_server(maintenance: URL, *, patience: float = _PATIENCE_SECONDS) -> Figures | None:
    """The figures of all databases of the embedded server, at a place in its WAL.

    None if for so long no moment could be found: transactions committed all the time, or one with savepoints went on.
    """
    urls = databases(maintenance)
    deadline = time.monotonic() + patience
    with connect(maintenance, autocommit=True) as aside:
        while True:
            with ExitStack() as open_sessions, suppress(psycopg.errors.UndefinedTable):  # dropped before it was locked
                sessions = [open_sessions.enter_context(_looking_at(url)) for url in urls]
                moments = {_snapshot(session) for session in sessions}
                names = [_locked(session) for session in sessions]
                xid, taken_at = _commit_nothing(aside)
                if len(moments) == 1 and _still(moments.pop(), xid, aside):
                    found = {
                        str(url.database): _sums(session, tables)
                        for url, session, tables in zip(urls, sessions, names, strict=True)
                    }
                    return Figures(taken_at, xid, found)
            if time.monotonic() > deadline:
                return None
            time.sleep(_PAUSE_SECONDS)


@contextmanager
def of_database(url: URL) -> Iterator[tuple[str, datetime, Tables]]:
    """A snapshot of a database that pg_dump may use while the context lasts, when it was taken, and what it sees."""
    with _looking_at(url) as session:
        row = session.execute("SELECT pg_export_snapshot(), clock_timestamp()").fetchone()
        assert row is not None
        yield row[0], row[1], _sums(session, _locked(session))


def now_in(urls: Sequence[URL]) -> dict[str, Tables]:
    """What is in databases to which nobody writes."""
    found = {}
    for url in urls:
        with _looking_at(url) as session:
            found[str(url.database)] = _sums(session, _locked(session))
    return found


def differences(expected: Mapping[str, Tables], found: Mapping[str, Tables]) -> list[str]:
    """What differs, a sentence for each table."""
    said = []
    for database in sorted({*expected, *found}):
        were, are = expected.get(database, {}), found.get(database, {})
        for name in sorted({*were, *are}):
            if name not in are:
                said.append(f"{database}: {name} is missing.")
            elif name not in were:
                said.append(f"{database}: {name} was not there.")
            elif were[name] != are[name]:
                counts = f"{were[name][0]:,} rows were backed up, {are[name][0]:,} restored"
                said.append(
                    f"{database}: {name} differs: {counts}{', with other content' * (were[name][0] == are[name][0])}."
                )
    return said


@contextmanager
def _looking_at(url: URL) -> Iterator[psycopg.Connection]:
    with connect(url) as session:
        session.isolation_level = psycopg.IsolationLevel.REPEATABLE_READ
        session.read_only = True
        yield session
        session.rollback()


def _snapshot(session: psycopg.Connection) -> Snapshot:
    row = session.execute("SELECT pg_current_snapshot()::text").fetchone()
    assert row is not None
    return Snapshot.of(row[0])


def _commit_nothing(session: psycopg.Connection) -> tuple[int, datetime]:
    """The transaction, and the time before its commit."""
    row = session.execute("SELECT pg_current_xact_id()::text, clock_timestamp()").fetchone()
    assert row is not None
    return int(row[0]), row[1]


def _still(before: Snapshot, xid: int, aside: psycopg.Connection) -> bool:
    after = _snapshot(aside)
    if not is_place(before, xid, after):
        return False
    if waited_for := after.under_way:
        # What is under way may have written its commit before ours. Then it ends at once.
        time.sleep(_STILL_SECONDS)
        later = _snapshot(aside)
        return {each for each in waited_for if each < xid} <= later.under_way
    return True


def _locked(session: psycopg.Connection) -> list[sql.Identifier]:
    """The tables of a database, which nobody may drop or truncate before the session's transaction ends."""
    names = [sql.Identifier(*row) for row in session.execute(_TABLES)]
    for name in names:
        session.execute(_LOCK.format(name))
    return names


def _sums(session: psycopg.Connection, names: Sequence[sql.Identifier]) -> dict[str, tuple[int, str]]:
    found = {}
    for name in names:
        row = session.execute(_SUM.format(name)).fetchone()
        assert row is not None
        found[name.as_string().replace('"', "")] = (row[0], row[1])
    return found
