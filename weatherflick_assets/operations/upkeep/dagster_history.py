"""Old runs leave Dagster's storage with their events. What status, freshness and automation read stays.

Dagster itself forgets nothing but ticks. A run is deleted through Dagster's instance when it ended long enough ago. What Dagster
works out from events would be lost with some runs: which partitions are made, how old an asset is, how a check went. So a run
that holds the newest event of its kind about an asset and partition is *thinned*: the run and these events stay, and its
other events go. It is deleted when a newer run has made the same.

A partition that is a time is made once, and would keep its run for ever. It is given up when the time is long past, unless it is
the newest that the asset has. The partition of another kind, such as a region, is never given up.

Everything is done in batches, each of which may be the last: what a killed run of this leaves is done by the next.
"""

from collections.abc import Collection, Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

import dagster as dg
from dagster._core.execution.backfill import BULK_ACTION_TERMINAL_STATUSES, BulkActionsFilter, PartitionBackfill
from dagster._core.instance import RUNLESS_RUN_ID
from dagster._core.storage.event_log import SqlEventLogStorage
from sqlalchemy import Connection, text

RUNS_KEPT = timedelta(days=30)
"""How long a run is kept whole after it has ended."""

TIMES_KEPT = timedelta(days=100)
"""How long a partition that is a time counts as made."""

BATCH = 200
"""Runs that are looked at together."""

MOST_RUNS = 20_000
"""Runs that one pruning deletes at most. It finds the others the next time."""

_ENDED = text("""
SELECT id, run_id FROM runs
WHERE id > :after AND status IN ('SUCCESS', 'FAILURE', 'CANCELED') AND update_timestamp < :before ORDER BY id LIMIT :most
""")

_WITHOUT_A_RUN = text("""
SELECT id, run_id FROM event_logs WHERE run_id = :no_run AND id > :after AND timestamp < :before ORDER BY id LIMIT :most
""")

_IS_PAST = """
one.partition ~ '^20[0-9][0-9]-?[01][0-9]-?[0-3][0-9]' AND left(translate(one.partition, '-', ''), 8) < :{day}
"""

_LATER = """
EXISTS (SELECT FROM event_logs AS later WHERE later.asset_key = one.asset_key AND later.id > one.id
        AND later.dagster_event_type = {kind} AND {partition})
"""
_SAME_KIND, _SAME_PARTITION = "one.dagster_event_type", "later.partition = one.partition"

# The newest events of their kind. That something was planned matters while nothing came of it.
_NEWEST = f"""
SELECT one.id, one.run_id FROM event_logs AS one
WHERE {{chosen}} AND one.asset_key IS NOT NULL
  AND NOT {_LATER.format(kind=_SAME_KIND, partition=_SAME_PARTITION)}
  AND (one.partition IS NOT NULL OR NOT {_LATER.format(kind=_SAME_KIND, partition="later.partition IS NULL")})
  AND NOT (one.dagster_event_type = 'ASSET_MATERIALIZATION_PLANNED'
           AND {_LATER.format(kind="'ASSET_MATERIALIZATION'", partition="later.partition IS NOT DISTINCT FROM one.partition")})
  AND NOT ({_IS_PAST.format(day="past")} AND {_LATER.format(kind=_SAME_KIND, partition="TRUE")})
"""  # noqa: S608 - constants
_NEWEST_OF_RUNS = text(_NEWEST.format(chosen="one.run_id = ANY(:runs)"))
_NEWEST_OF_EVENTS = text(_NEWEST.format(chosen="one.id = ANY(:events)"))

_LATER_CHECK = f"""
EXISTS (SELECT FROM asset_check_executions AS later WHERE later.asset_key = one.asset_key AND later.check_name = one.check_name
        AND later.id > one.id {{ended}}
        AND ({_IS_PAST.format(day="before_day")} OR later.partition IS NOT DISTINCT FROM one.partition))
"""  # noqa: S608 - constants
_NEWEST_CHECKS = text(f"""
SELECT one.id, one.run_id FROM asset_check_executions AS one
WHERE one.run_id = ANY(:runs) AND (
    NOT {_LATER_CHECK.format(ended="")} OR one.execution_status <> 'PLANNED'
    AND NOT {_LATER_CHECK.format(ended="AND later.execution_status <> 'PLANNED'")}
)
""")  # noqa: S608 - constants

_SIZE = text("SELECT count(*), coalesce(sum(pg_column_size(event)), 0) FROM event_logs WHERE run_id = ANY(:runs)")
_DELETE_CHECKS = text("""
DELETE FROM asset_check_executions WHERE run_id = ANY(:runs) AND id <> ALL(CAST(:kept AS bigint[]))
RETURNING pg_column_size(evaluation_event)
""")
_DELETE_EVENTS = """
DELETE FROM event_logs WHERE {chosen} AND id <> ALL(CAST(:kept AS bigint[]))
RETURNING CASE WHEN asset_key IS NOT NULL THEN id END, pg_column_size(event)
"""
_DELETE_EVENTS_OF_RUNS = text(_DELETE_EVENTS.format(chosen="run_id = ANY(:runs)"))
_DELETE_THESE_EVENTS = text(_DELETE_EVENTS.format(chosen="id = ANY(:events)"))
_DELETE_TAGS = text("DELETE FROM asset_event_tags WHERE event_id = ANY(:events)")

# What has a higher id than all that runs use may belong to a run that is just being made.
_USED_SNAPSHOTS = r"""
WITH used AS (
    SELECT snapshot_id FROM runs
    UNION SELECT substring(run_body FROM '"execution_plan_snapshot_id": "([0-9a-f]+)"') FROM runs
)
"""
_USED_JOBS = text("""
SELECT snapshot_id FROM snapshots
WHERE snapshot_type = 'PIPELINE' AND EXISTS (SELECT FROM runs WHERE runs.snapshot_id = snapshots.snapshot_id)
""")
_DELETE_SNAPSHOTS = text(f"""
{_USED_SNAPSHOTS}
DELETE FROM snapshots
WHERE id < (SELECT max(id) FROM snapshots JOIN used USING (snapshot_id))
  AND snapshot_id NOT IN (SELECT snapshot_id FROM used WHERE snapshot_id IS NOT NULL) AND snapshot_id <> ALL(:parents)
RETURNING pg_column_size(snapshot_body)
""")  # noqa: S608 - constants

_DELETE_BACKFILLS = text("DELETE FROM bulk_actions WHERE key = ANY(:backfills) RETURNING pg_column_size(body)")
_DELETE_THEIR_TAGS = text("DELETE FROM backfill_tags WHERE backfill_id = ANY(:backfills)")

_TICKS = text("SELECT count(*), coalesce(sum(pg_column_size(tick_body)), 0) FROM job_ticks")


@dataclass
class Pruned:
    """What was done.

    Attributes:
        deleted: runs that left.
        thinned: runs of which only the newest events about their assets are left.
        events: events that left.
        bytes_freed: what these events took.
        left_for_later: whether there is more to delete than one pruning may.
    """

    deleted: int = 0
    thinned: int = 0
    events: int = 0
    bytes_freed: int = 0
    left_for_later: bool = False


def connected(instance: dg.DagsterInstance) -> AbstractContextManager[Connection]:
    """A connection to the database in which Dagster keeps everything."""
    storage = instance.event_log_storage
    assert isinstance(storage, SqlEventLogStorage)
    return storage.index_connection()


def prune(instance: dg.DagsterInstance, at: datetime, *, batch: int = BATCH, most: int = MOST_RUNS) -> Pruned:
    """Delete and thin what is old at a time; it may be stopped at any moment."""
    pruning = _Pruning(instance, at, batch)
    after = 0
    while found := pruning.page(_ENDED, after):
        if pruning.done.deleted >= most:
            pruning.done.left_for_later = True
            break
        pruning.prune_runs([run_id for _, run_id in found])
        after = found[-1][0]
    after = 0
    while found := pruning.page(_WITHOUT_A_RUN, after):
        pruning.prune_events([event_id for event_id, _ in found])
        after = found[-1][0]
    return pruning.done


@dataclass(frozen=True)
class _Pruning:
    instance: dg.DagsterInstance
    at: datetime
    batch: int
    done: Pruned = field(default_factory=Pruned)

    @property
    def _bounds(self) -> Mapping[str, Any]:
        before = self.at - RUNS_KEPT
        return {
            "before": before.astimezone(UTC).replace(tzinfo=None),  # Dagster's columns have no time zone
            "before_day": f"{before:%Y%m%d}",
            "past": f"{self.at - TIMES_KEPT:%Y%m%d}",
        }

    def _rows(self, statement: Any, **parameters: Any) -> list[Any]:
        with connected(self.instance) as connection:
            return [*connection.execute(statement, {**self._bounds, "no_run": RUNLESS_RUN_ID, **parameters})]

    def page(self, statement: Any, after: int) -> list[Any]:
        """The next rows of a list."""
        return self._rows(statement, after=after, most=self.batch)

    def prune_runs(self, runs: Collection[str]) -> None:
        """Delete runs, or thin them."""
        newest = self._rows(_NEWEST_OF_RUNS, runs=[*runs])
        checks = self._rows(_NEWEST_CHECKS, runs=[*runs])
        gone = self._rows(_DELETE_CHECKS, runs=[*runs], kept=[check_id for check_id, _ in checks])
        self.done.bytes_freed += sum(size or 0 for (size,) in gone)
        thinned = {run_id for _, run_id in (*newest, *checks)}
        if thinned:
            self._delete_events(_DELETE_EVENTS_OF_RUNS, [event_id for event_id, _ in newest], runs=[*thinned])
            self.done.thinned += len(thinned)
        rest = [run_id for run_id in runs if run_id not in thinned]
        if rest:
            ((events, size),) = self._rows(_SIZE, runs=rest)
            for run_id in rest:
                # The events first, so that none is left without its run when this is killed in between.
                self.instance.event_log_storage.delete_events(run_id)
                self.instance.delete_run(run_id)
                self.done.deleted += 1
            self.done.events += events
            self.done.bytes_freed += int(size)

    def prune_events(self, events: Collection[int]) -> None:
        """Delete events that belong to no run."""
        kept = [event_id for event_id, _ in self._rows(_NEWEST_OF_EVENTS, events=[*events])]
        self._delete_events(_DELETE_THESE_EVENTS, kept, events=[*events])

    def _delete_events(self, statement: Any, kept: list[int], **chosen: Any) -> None:
        gone = self._rows(statement, kept=kept, **chosen)
        if tagged := [event_id for event_id, _ in gone if event_id is not None]:
            self._execute(_DELETE_TAGS, events=tagged)
        self.done.events += len(gone)
        self.done.bytes_freed += sum(size for _, size in gone)

    def _execute(self, statement: Any, **parameters: Any) -> None:
        with connected(self.instance) as connection:
            connection.execute(statement, parameters)


def forget_snapshots(instance: dg.DagsterInstance) -> tuple[int, int]:
    """Delete what Dagster keeps of the form of jobs that no run has any more. Returns how many there were, and their bytes.

    A new version of the code, and every new selection of assets, makes some. A job of selected assets refers to the whole job.
    """
    with connected(instance) as connection:
        used = [snapshot_id for (snapshot_id,) in connection.execute(_USED_JOBS)]
        lineages = (instance.get_job_snapshot(snapshot_id).lineage_snapshot for snapshot_id in used)
        parents = [lineage.parent_snapshot_id for lineage in lineages if lineage]
        gone = connection.execute(_DELETE_SNAPSHOTS, {"parents": parents}).fetchall()
    return len(gone), sum(size for (size,) in gone)


def forget_backfills(instance: dg.DagsterInstance, at: datetime) -> tuple[int, int]:
    """Delete backfills that ended as long ago as runs that are old. Returns how many there were, and their bytes.

    Dagster keeps what was asked for, and how far it came, for ever. One that has not ended stays: the daemon works on it.
    """
    before = (at - RUNS_KEPT).timestamp()
    ended = instance.get_backfills(filters=BulkActionsFilter(statuses=BULK_ACTION_TERMINAL_STATUSES))
    old = [found.backfill_id for found in ended if _ended_at(found) < before]
    with connected(instance) as connection:
        connection.execute(_DELETE_THEIR_TAGS, {"backfills": old})
        gone = connection.execute(_DELETE_BACKFILLS, {"backfills": old}).fetchall()
    return len(gone), sum(size for (size,) in gone)


def _ended_at(backfill: PartitionBackfill) -> float:
    """When a backfill ended. Dagster does not note it of one that is canceled before it has begun."""
    return backfill.backfill_end_timestamp or backfill.backfill_timestamp


def purge_ticks(instance: dg.DagsterInstance, at: datetime) -> tuple[int, int]:
    """Delete old ticks of every schedule and sensor, as dagster.yaml says how long. Returns ticks and their bytes.

    The daemon does the same for those that are declared. It leaves the ticks of one that is not declared any more.
    """
    before = _ticks(instance)
    for state in instance.all_instigator_state():
        for status, days in instance.get_tick_retention_settings(state.instigator_type).items():
            if days > 0:
                oldest = (at - timedelta(days=days)).timestamp()
                instance.purge_ticks(state.instigator_origin_id, state.selector_id, oldest, [status])
    after = _ticks(instance)
    return max(before[0] - after[0], 0), max(before[1] - after[1], 0)


def _ticks(instance: dg.DagsterInstance) -> tuple[int, int]:
    with connected(instance) as connection:
        count, size = next(iter(connection.execute(_TICKS)))
    return count, int(size)
