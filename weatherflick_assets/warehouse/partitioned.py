"""Tables partitioned by day in Korea, kept in order by their storage policies beside whoever reads and writes them.

A partition that is thinned or merged is replaced in one transaction: a new table takes the rows that stay, then the old
partitions are dropped and the new one is attached. Readers see either. Until the last moment nothing blocks them, and the last
moment is given up if it has to be waited for; what was given up is done the next time.

Writers call `ensure` first. It makes a missing partition, and holds a lock of the day which keeps that day from being replaced
until they commit. A writer without it loses nothing, either: its rows go to the old partition before it is copied, or
to the new one afterwards.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

import psycopg
from psycopg import sql
from sqlalchemy import Connection, Table
from tenacity import Retrying, retry_if_exception_type, stop_after_attempt, wait_exponential

from weatherflick_assets.settings import KST
from weatherflick_assets.warehouse.connections import connect
from weatherflick_assets.warehouse.storage_policies import (
    Partition,
    Replacement,
    StoragePolicy,
    covering,
    day_partition,
    days_of,
    missing_days,
    replacements,
    time_column,
)

_SHORT_WAIT = "500ms"
"""For locks behind which others queue. It is shorter than the second after which PostgreSQL looks for deadlocks, so that it is
never the others that are broken off."""

_LONG_WAIT = "5s"
"""For locks behind which hardly anybody queues, such as that of an old partition; autovacuum gives way after a second."""

_ATTEMPTS = 6
"""How often the last lock is tried for, at growing distances, in which those who queued get their turn."""

# An advisory lock for each day of a table: shared by its writers, exclusive for whoever replaces its partition.
_DAY_KEY = "hashtextextended('partition of ' || %(table)s || ' ' || day, 0)"
_JOIN_WRITERS = f"SELECT pg_advisory_xact_lock_shared({_DAY_KEY}) FROM unnest(%(days)s::text[]) AS day"  # noqa: S608
_SHUT_WRITERS_OUT = f"SELECT pg_advisory_xact_lock({_DAY_KEY}) FROM unnest(%(days)s::text[]) AS day"  # noqa: S608
_WAIT_AT_MOST = "SELECT set_config('lock_timeout', %s, true)"

# The server reads the bounds that it writes, whatever the time zone of the session.
_PARTITIONS = r"""
SELECT relname, bounds[1]::timestamptz, bounds[2]::timestamptz, obj_description(pg_class.oid, 'pg_class')
FROM pg_inherits
JOIN pg_class ON pg_class.oid = inhrelid
CROSS JOIN regexp_match(pg_get_expr(relpartbound, pg_class.oid), 'FROM \(''(.+)''\) TO \(''(.+)''\)') AS bounds
WHERE inhparent = %s::regclass AND bounds IS NOT NULL
ORDER BY 2
"""
_BYTES = "SELECT coalesce(sum(pg_total_relation_size(relid)), 0)::bigint FROM pg_partition_tree(%s::regclass)"
_INDEXES = """
SELECT relname FROM pg_index JOIN pg_class ON pg_class.oid = indexrelid WHERE indrelid = %s::regclass
"""

_LOCK_TABLE = sql.SQL("LOCK TABLE ONLY {} IN {} MODE")
_CREATE = sql.SQL("CREATE TABLE {} (LIKE {} INCLUDING ALL EXCLUDING IDENTITY)")
_ATTACH = sql.SQL("ALTER TABLE {} ATTACH PARTITION {} FOR VALUES FROM ({}) TO ({})")
# With this constraint, attaching does not read the rows again while everybody waits.
_BOUND = sql.SQL("ALTER TABLE {} ADD CONSTRAINT within_bounds CHECK ({} IS NOT NULL AND {} >= {} AND {} < {})")
_UNBOUND = sql.SQL("ALTER TABLE {} DROP CONSTRAINT within_bounds")
_COPY = sql.SQL("INSERT INTO {} ({}) SELECT {} FROM ONLY {} WHERE {} ORDER BY {}")
_COMMENT = sql.SQL("COMMENT ON TABLE {} IS {}")


@dataclass(frozen=True)
class Upkeep:
    """What keeping one table in order did.

    Attributes:
        made: partitions made for days ahead.
        replaced: partitions that took the place of others, thinned or merged.
        dropped: partitions that left with all their rows.
        postponed: partitions that somebody used for too long; the next time will do.
        left: partitions that there are now.
        bytes_left: what they take on disk, with their indexes.
    """

    made: tuple[str, ...]
    replaced: tuple[str, ...]
    dropped: tuple[str, ...]
    postponed: tuple[str, ...]
    left: int
    bytes_left: int


def keep_in_order(dsn: str, policies: Iterable[StoragePolicy], now: datetime) -> dict[str, Upkeep]:
    """Make, thin, merge and drop partitions as the policies ask for at `now`; it may be stopped at any moment.

    Args:
        dsn: the platform's database.
        policies: one for each table.
        now: the time.

    Returns:
        What was done, by full name of the table.

    Raises:
        psycopg.Error: the database failed. What was done stays done.
    """
    with connect(dsn, autocommit=True, options=f"-c lock_timeout={_LONG_WAIT}") as connection:
        return {policy.table.fullname: _keep(connection, policy, now) for policy in policies}


def load(policies: Iterable[StoragePolicy], now: datetime, connection: Connection) -> None:
    """Make the partitions that are needed from `now` on, when a database is prepared; the caller commits."""
    driver = connection.connection.driver_connection
    assert driver is not None
    for policy in policies:
        for day in missing_days(policy, partitions_of(driver, policy.table), now):
            ensure(driver, policy.table, day.start)


def ensure(connection: psycopg.Connection, table: Table, *times: datetime) -> None:
    """Make sure that rows of these times have partitions, which stay what they are until the caller commits.

    It comes first in a transaction, once, for all that it will write. Rows may also go to a day that has been thinned; it is
    thinned again the next time.

    Args:
        connection: the writer's, in a transaction.
        table: declared with a storage policy.
        times: of the partitioning column; one of each day in Korea is enough.

    Raises:
        psycopg.Error: the database failed.
    """
    # In one order, so that writers of several days never wait for each other in a circle.
    wanted = sorted({day_partition(table, at) for at in times}, key=lambda day: day.start)
    names = [name for day in wanted for name in days_of(day)]
    connection.execute(_JOIN_WRITERS, {"table": table.fullname, "days": names})
    present = partitions_of(connection, table)
    if not all(covering(present, day.start) for day in wanted):
        # Two who miss a day at once make it one after the other, and the second finds it.
        _lock(connection, _identifier(table), "SHARE UPDATE EXCLUSIVE")
        present = partitions_of(connection, table)
    for day in wanted:
        found = covering(present, day.start)
        if found is None:
            made = _identifier(table, day.name)
            connection.execute(_CREATE.format(made, _identifier(table)))
            connection.execute(_ATTACH.format(_identifier(table), made, day.start, day.end))
        elif found.comment is not None:
            connection.execute(_COMMENT.format(_identifier(table, found.name), None))


def analyze(connection: psycopg.Connection, table: Table, at: datetime) -> None:
    """Have the planner look at the partition of a time, for whoever reads rows that were written moments ago."""
    found = covering(partitions_of(connection, table), at)
    if found:
        connection.execute(sql.SQL("ANALYZE {}").format(_identifier(table, found.name)))


def partitions_of(connection: psycopg.Connection, table: Table) -> list[Partition]:
    """The partitions that a table has, the oldest first."""
    rows = connection.execute(_PARTITIONS, (table.fullname,)).fetchall()
    return [Partition(name, start.astimezone(KST), end.astimezone(KST), comment) for name, start, end, comment in rows]


def _keep(connection: psycopg.Connection, policy: StoragePolicy, now: datetime) -> Upkeep:
    made: list[str] = []
    replaced: list[str] = []
    dropped: list[str] = []
    postponed: list[str] = []
    for day in missing_days(policy, partitions_of(connection, policy.table), now):
        try:
            with connection.transaction():
                ensure(connection, policy.table, day.start)
            made.append(day.name)
        except psycopg.errors.LockNotAvailable:
            postponed.append(day.name)
    for step in list(replacements(policy, partitions_of(connection, policy.table), now)):
        try:
            if not _replace(connection, policy, step, now):
                continue
        except (psycopg.errors.LockNotAvailable, psycopg.errors.DeadlockDetected):
            postponed.extend(each.name for each in step.old)
        else:
            if step.new is None:
                dropped.extend(each.name for each in step.old)
            else:
                replaced.append(step.new.name)
    left = len(partitions_of(connection, policy.table))
    (bytes_left,) = connection.execute(_BYTES, (policy.table.fullname,)).fetchone() or (0,)
    return Upkeep(tuple(made), tuple(replaced), tuple(dropped), tuple(postponed), left, bytes_left)


def _replace(connection: psycopg.Connection, policy: StoragePolicy, step: Replacement, now: datetime) -> bool:
    """Put the new partition in the place of the old ones; False if another process has done so already.

    Raises:
        psycopg.errors.LockNotAvailable: a writer or a reader kept one of them for too long; nothing has changed.
    """
    table = policy.table
    days = [day for old in step.old for day in days_of(step.new or old)]
    with connection.transaction():
        connection.execute(_WAIT_AT_MOST, (_SHORT_WAIT,))
        connection.execute(_SHUT_WRITERS_OUT, {"table": table.fullname, "days": sorted({*days})})
        connection.execute(_WAIT_AT_MOST, (_LONG_WAIT,))
        if step not in replacements(policy, partitions_of(connection, table), now):
            return False
        building = _build(connection, policy, step) if step.new else None
        _lock_at_last(connection, _identifier(table))
        for old in step.old:
            connection.execute(sql.SQL("DROP TABLE {}").format(_identifier(table, old.name)))
        if step.new and building:
            connection.execute(
                _ATTACH.format(_identifier(table), _identifier(table, building), step.new.start, step.new.end)
            )
            connection.execute(_UNBOUND.format(_identifier(table, building)))
            _rename(connection, table, building, step.new.name)
    return True


def _build(connection: psycopg.Connection, policy: StoragePolicy, step: Replacement) -> str:
    """Make a table with the rows that stay, which nobody else sees yet; return its name for now."""
    assert step.new is not None
    table, name = policy.table, f"{step.new.name}_new"
    new, column = _identifier(table, name), sql.Identifier(time_column(table))
    connection.execute(_CREATE.format(new, _identifier(table)))
    connection.execute(_BOUND.format(new, column, column, step.new.start, column, step.new.end))
    columns = sql.SQL(", ").join(sql.Identifier(each.name) for each in table.columns if each.computed is None)
    # Rows that are asked for together lie together.
    order = sql.SQL(", ").join(sql.Identifier(each.name) for each in table.primary_key) or column
    for old in step.old:
        _lock(connection, _identifier(table, old.name), "SHARE")
        connection.execute(
            _COPY.format(new, columns, columns, _identifier(table, old.name), sql.SQL(policy.thinned), order)
        )
    connection.execute(sql.SQL("ANALYZE {}").format(new))
    connection.execute(_COMMENT.format(new, step.new.comment))
    return name


def _lock_at_last(connection: psycopg.Connection, table: sql.Identifier) -> None:
    """Have the table for oneself until the transaction ends. Whoever comes meanwhile waits behind, so this gives up early."""
    attempts = Retrying(
        stop=stop_after_attempt(_ATTEMPTS),
        wait=wait_exponential(multiplier=0.1),
        retry=retry_if_exception_type(psycopg.errors.LockNotAvailable),
        reraise=True,
    )
    for attempt in attempts:
        with attempt, connection.transaction():
            connection.execute(_WAIT_AT_MOST, (_SHORT_WAIT,))
            _lock(connection, table, "ACCESS EXCLUSIVE")


def _rename(connection: psycopg.Connection, table: Table, building: str, name: str) -> None:
    """Give a new partition its name at last, and its indexes theirs."""
    full_name = f"{table.schema}.{building}" if table.schema else building
    for (index,) in connection.execute(_INDEXES, (full_name,)).fetchall():
        connection.execute(
            sql.SQL("ALTER INDEX {} RENAME TO {}").format(
                _identifier(table, index), sql.Identifier(index.replace(building, name))
            )
        )
    connection.execute(
        sql.SQL("ALTER TABLE {} RENAME TO {}").format(_identifier(table, building), sql.Identifier(name))
    )


def _lock(connection: psycopg.Connection, table: sql.Identifier, mode: str) -> None:
    connection.execute(_LOCK_TABLE.format(table, sql.SQL(mode)))  # type: ignore[arg-type] - one of PostgreSQL's modes


def _identifier(table: Table, name: str | None = None) -> sql.Identifier:
    """The full name of a table, or of one beside it."""
    return sql.Identifier(table.schema or "public", name or table.name)
