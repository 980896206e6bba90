"""How each policy is carried out. What is deleted, and in which order, is in the modules that these functions call."""

from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import asdict
from typing import TYPE_CHECKING, LiteralString

from psycopg import sql
from sqlalchemy import Table, text

from weatherflick_assets.alerts import store as incidents
from weatherflick_assets.alerts.tables import DELIVERIES, INCIDENTS, MESSAGES
from weatherflick_assets.operations.upkeep import dagster_history, log_files
from weatherflick_assets.operations.upkeep.policy import Policy, Removed, Surroundings
from weatherflick_assets.quality import statistics
from weatherflick_assets.quality import store as verdicts
from weatherflick_assets.quality.tables import COLUMN_PROFILES, REJECTIONS, RULE_RESULTS, STATISTICS, TRENDS, VERDICTS
from weatherflick_assets.warehouse import partitioned, retention
from weatherflick_assets.warehouse.connections import connect
from weatherflick_assets.warehouse.row_policies import RowPolicy, delete_old
from weatherflick_assets.warehouse.statements import identifier
from weatherflick_assets.warehouse.storage_policies import StoragePolicy

if TYPE_CHECKING:
    import dagster as dg

_COUNT = sql.SQL("SELECT count(*), pg_total_relation_size({}::regclass) FROM {}")
_TREES = "SELECT coalesce(sum(pg_total_relation_size(relid)), 0)::bigint FROM unnest(%s::text[]) AS root, pg_partition_tree(root::regclass)"


def drop_responses(on: Surroundings, needed: Iterable[LiteralString]) -> Removed:
    """Drop expired bodies, then old calls."""
    done = retention.drop_expired(on.dsn, needed=needed, now=on.at)
    return Removed(
        done.bodies_dropped,
        done.bytes_freed,
        {
            "kept_because_needed": done.bodies_depended_on,
            "calls_deleted": done.calls_deleted,
            "remaining": done.left.bodies,
            "remaining_bytes": done.left.stored_bytes,
            "remaining_bytes_as_received": done.left.received_bytes,
            "calls_on_record": done.left.calls,
        },
    )


def keep_partitions(on: Surroundings, policies: Sequence[StoragePolicy]) -> Removed:
    """Make partitions ahead; thin, merge and drop those of the past."""
    before = _size_of_trees(on.dsn, policies)
    kept = partitioned.keep_in_order(on.dsn, policies, on.at)
    return Removed(
        sum(len(upkeep.replaced) + len(upkeep.dropped) for upkeep in kept.values()),
        max(before - _size_of_trees(on.dsn, policies), 0),
        {table: asdict(upkeep) for table, upkeep in kept.items()},
        tuple(f"{table}: {', '.join(upkeep.postponed)}" for table, upkeep in kept.items() if upkeep.postponed),
    )


def forget_verdicts(on: Surroundings, of_state: Collection[str]) -> Removed:
    """Delete old verdicts with their results and profiles."""
    tables = (VERDICTS, RULE_RESULTS, COLUMN_PROFILES, REJECTIONS)
    return _by_share(on.dsn, tables, lambda: verdicts.forget_verdicts(on.dsn, now=on.at, of_state=of_state))


def forget_statistics(on: Surroundings) -> Removed:
    """Delete old statistics and trends."""
    return _by_share(on.dsn, (STATISTICS, TRENDS), lambda: statistics.forget_statistics(on.dsn, now=on.at))


def forget_incidents(on: Surroundings) -> Removed:
    """Delete incidents that were over long ago, with their messages."""
    return _by_share(on.dsn, (INCIDENTS, MESSAGES, DELIVERIES), lambda: incidents.forget(on.dsn, on.at))


def storage_dsn(instance: "dg.DagsterInstance") -> str | None:
    """The address of Dagster's storage; None where it is not in PostgreSQL, as of plain `dagster` commands."""
    return getattr(instance.event_log_storage, "postgres_url", None)


def prune_runs(on: Surroundings) -> Removed:
    """Delete and thin old runs."""
    if storage_dsn(on.instance) is None:
        return Removed(0)
    done = dagster_history.prune(on.instance, on.at)
    later = ("there are more old runs than one night deletes",) if done.left_for_later else ()
    return Removed(done.deleted, done.bytes_freed, {"thinned": done.thinned, "events": done.events}, later)


def forget_snapshots(on: Surroundings) -> Removed:
    """Delete the forms of jobs that no run has any more."""
    if storage_dsn(on.instance) is None:
        return Removed(0)
    return Removed(*dagster_history.forget_snapshots(on.instance))


def forget_backfills(on: Surroundings) -> Removed:
    """Delete old backfills."""
    if storage_dsn(on.instance) is None:
        return Removed(0)
    return Removed(*dagster_history.forget_backfills(on.instance, on.at))


def purge_ticks(on: Surroundings) -> Removed:
    """Delete old ticks."""
    if storage_dsn(on.instance) is None:
        return Removed(0)
    return Removed(*dagster_history.purge_ticks(on.instance, on.at))


def shorten_logs(on: Surroundings) -> Removed:
    """Put aside logs that are too long, and delete the oldest ones put aside."""
    deleted = log_files.shorten(on.home)
    return Removed(deleted, deleted)


def delete_rows(on: Surroundings, policy: RowPolicy) -> Removed:
    """Delete the old rows of a table."""
    return Removed(*delete_old(on.dsn, policy, on.at))


def make_space_reusable(on: Surroundings, policy: Policy) -> None:
    """Vacuum the tables of a policy, beside everything else, so that new rows take the place of those that left.

    The files keep their size, or lose their empty ends: nothing is rewritten, and nobody is kept waiting.
    """
    ours = [name for name in policy.tables if not name.startswith("dagster.")]
    with connect(on.dsn, autocommit=True) as connection:
        for name in ours:
            connection.execute(sql.SQL("VACUUM {}").format(sql.Identifier(*name.split("."))))
    if len(ours) < len(policy.tables):
        with dagster_history.connected(on.instance) as storage:
            for name in policy.tables:
                storage.execute(text(f"VACUUM {name.removeprefix('dagster.')}"))


def _by_share(dsn: str, tables: Sequence[Table], remove: Callable[[], int]) -> Removed:
    """What was removed, and its share of the tables' size by the number of rows that left."""
    before, size = _rows(dsn, tables)
    count = remove()
    left, _ = _rows(dsn, tables)
    return Removed(count, round(size * max(before - left, 0) / before) if before else 0)


def _rows(dsn: str, tables: Sequence[Table]) -> tuple[int, int]:
    with connect(dsn) as connection:
        found = [
            connection.execute(_COUNT.format(sql.Literal(table.fullname), identifier(table))).fetchone() or (0, 0)
            for table in tables
        ]
    return sum(count for count, _ in found), sum(size for _, size in found)


def _size_of_trees(dsn: str, policies: Sequence[StoragePolicy]) -> int:
    with connect(dsn) as connection:
        row = connection.execute(_TREES, ([policy.table.fullname for policy in policies],)).fetchone()
    return row[0] if row else 0
