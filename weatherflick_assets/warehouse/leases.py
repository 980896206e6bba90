"""Leases: who holds one is alive, and who has lost one writes no more.

A lease is an advisory lock of a session. The server releases it however its holder ends, so nobody waits for a time-out,
and a name is never leased twice: a lost lease does not come back. A fence keeps those out who lost theirs. In a session
opened with a fenced address, every statement that writes to a fenced table first asks the server, in its own transaction,
whether the leases are still held. Whoever ends a holder waits for its transactions under way, so none commits later.

Here are locks and the fence. Which runs have ended is decided in `orchestration/lost_runs.py`.
"""

from collections.abc import Collection, Iterator
from contextlib import contextmanager
from typing import LiteralString

import psycopg
from psycopg import conninfo
from sqlalchemy import Connection

from weatherflick_assets.warehouse.connections import connect

LEASE_LOST = "WF001"
"""SQLSTATE with which the fence refuses a statement."""

_PATIENCE = "10s"
"""How long transactions of a holder that has lost its lease are waited for."""

AT_ONCE, ONCE_KILLED = "100ms", "10s"
"""How long to wait for a lease: a server needs a moment to notice that a process was killed."""

# A server notices within a minute that the machine of a holder has gone, and keeps a holder that has nothing to say.
_SESSION = (
    "-c idle_session_timeout=0 -c lock_timeout=60s "
    "-c tcp_keepalives_idle=20 -c tcp_keepalives_interval=10 -c tcp_keepalives_count=3"
)

_WAITING = "-c lock_timeout=10min"

_HOLD = "SELECT pg_try_advisory_lock(hashtextextended('lease ' || %s, 0))"
_WAIT_TO_HOLD = "SELECT pg_advisory_lock(hashtextextended('lease ' || %s, 0))"
_RELEASE = "SELECT pg_advisory_unlock(hashtextextended('lease ' || %s, 0))"
_TAKE_OVER = "SELECT pg_advisory_xact_lock(hashtextextended('lease ' || %s, 0))"
_WAIT_FOR_WRITES = "SELECT pg_advisory_xact_lock(hashtextextended('fence ' || %s, 0))"
_WAIT_AT_MOST = "SELECT set_config('lock_timeout', %s, true)"

# A lock that can be had is held by nobody. Locks of a transaction end with it.
_HELD_FUNCTION = """
CREATE OR REPLACE FUNCTION ops.leases_are_held() RETURNS boolean LANGUAGE plpgsql AS $$
DECLARE name text;
BEGIN
    FOREACH name IN ARRAY coalesce(string_to_array(current_setting('weatherflick.leases', true), ','), '{}') LOOP
        PERFORM pg_advisory_xact_lock_shared(hashtextextended('fence ' || name, 0));
        IF pg_try_advisory_xact_lock(hashtextextended('lease ' || name, 0)) THEN
            RETURN false;
        END IF;
    END LOOP;
    RETURN true;
END $$
"""

_FENCE_FUNCTION = f"""
CREATE OR REPLACE FUNCTION ops.needs_leases() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NOT ops.leases_are_held() THEN
        RAISE EXCEPTION 'the lease of this run is lost' USING ERRCODE = '{LEASE_LOST}';
    END IF;
    RETURN NULL;
END $$
"""

# What was sent and paid for is counted and kept whoever sent it, so these tables have no fence. Nor have partitions: who writes
# to them names their table.
_FENCE_TABLES = """
DO $$
DECLARE target regclass;
BEGIN
    FOR target IN
        SELECT pg_class.oid FROM pg_class JOIN pg_namespace ON pg_namespace.oid = relnamespace
        WHERE relkind IN ('r', 'p') AND NOT relispartition AND nspname IN ('raw', 'core', 'quality', 'insight', 'ops')
          AND pg_class.oid <> ALL (ARRAY['raw.calls', 'raw.bodies', 'ops.api_calls_daily', 'ops.api_key_refusals',
                                         'ops.api_paces']::regclass[])
          AND NOT EXISTS (SELECT FROM pg_trigger WHERE tgrelid = pg_class.oid AND tgname = 'needs_leases')
    LOOP
        EXECUTE 'CREATE TRIGGER needs_leases BEFORE INSERT OR UPDATE OR DELETE ON ' || target
            || ' FOR EACH STATEMENT EXECUTE FUNCTION ops.needs_leases()';
    END LOOP;
END $$
"""


def load(connection: Connection) -> None:
    """Put the fence before every table that has none yet; the caller commits."""
    for statement in (_HELD_FUNCTION, _FENCE_FUNCTION, _FENCE_TABLES):
        connection.exec_driver_sql(statement)


def session(dsn: str) -> psycopg.Connection:
    """A connection to hold leases with, in autocommit mode."""
    return connect(dsn, autocommit=True, options=_SESSION)


def hold(connection: psycopg.Connection, name: str) -> bool:
    """Take the lease `name` until `release`, or until `connection` closes; False if another session holds it."""
    return connection.execute(_HOLD, (name,)).fetchone() == (True,)


def hold_once_killed(connection: psycopg.Connection, name: str) -> bool:
    """As `hold`, when the former holder may have been killed a moment ago."""
    with connection.transaction():
        return _lock(connection, _WAIT_TO_HOLD, name, ONCE_KILLED)


def wait_to_hold(connection: psycopg.Connection, name: str) -> None:
    """Take a lease that nobody else wants; somebody may just be looking whether it is free."""
    connection.execute(_WAIT_TO_HOLD, (name,))


def release(connection: psycopg.Connection, name: str) -> None:
    """Give a lease back."""
    connection.execute(_RELEASE, (name,))


@contextmanager
def taken_over(connection: psycopg.Connection, name: str, patience: str = AT_ONCE) -> Iterator[bool]:
    """Whether nobody holds a lease. If so, its last holder can't write any more, and the context has it to itself.

    A holder that has lost its lease, and has had a transaction under way for longer than is waited, counts as holder.
    """
    with connection.transaction():
        yield _lock(connection, _TAKE_OVER, name, patience) and _lock(connection, _WAIT_FOR_WRITES, name, _PATIENCE)


def is_free(connection: psycopg.Connection, name: str, patience: str = AT_ONCE) -> bool:
    """Whether nobody holds a lease."""
    with connection.transaction():
        return _lock(connection, _TAKE_OVER, name, patience)


def _lock(connection: psycopg.Connection, statement: LiteralString, name: str, patience: str) -> bool:
    """Take a lock until the transaction ends; False if that takes longer than `patience`."""
    connection.execute(_WAIT_AT_MOST, (patience,))
    try:
        with connection.transaction():
            connection.execute(statement, (name,))
    except psycopg.errors.LockNotAvailable:
        return False
    return True


def fenced(dsn: str, names: Collection[str]) -> str:
    """The address `dsn` for sessions that write only while all leases `names` are held, by whichever session.

    They wait for locks of others, such as that of a partition which another run publishes, but not for ever.
    """
    options = conninfo.conninfo_to_dict(dsn).get("options") or ""
    return conninfo.make_conninfo(dsn, options=f"{options} {_WAITING} -c weatherflick.leases={','.join(names)}".strip())
