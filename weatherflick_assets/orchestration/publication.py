"""What to publish from the outbox: decided once, for the sensor, for commands, and for runs that collect.

One run publishes the entries of one partition. The run carries their change ids, which shows later which entries were
already tried. How runs are requested or executed is not decided here.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING, TypeVar

import dagster as dg

from weatherflick_assets.orchestration.failures import as_failures
from weatherflick_assets.orchestration.tags import CHANGES_TAG, FAILURE_KIND, PARTITION_TAG

if TYPE_CHECKING:
    import psycopg

    from weatherflick_assets.warehouse.outbox import Pending

T = TypeVar("T")

UNFINISHED = (
    dg.DagsterRunStatus.QUEUED,
    dg.DagsterRunStatus.NOT_STARTED,
    dg.DagsterRunStatus.STARTING,
    dg.DagsterRunStatus.STARTED,
    dg.DagsterRunStatus.CANCELING,
)
"""Statuses of runs that have not ended."""

_SAME_AGAIN = frozenset({"held_back", "permanent"})
"""Kinds of failure that the same rows would cause again."""

_RUNS_LOOKED_AT = 20
"""Runs checked per partition: entries that older runs tried have changed since."""

_COMMAND_LOCK = 7_314_403
"""Advisory lock shared by all commands that execute runs."""


@dataclass(frozen=True)
class Publication:
    """A run that publishes entries of the outbox.

    Attributes:
        job: the job's name.
        partition_key: the partition; None for assets without partitions.
        entries: the entries to publish.
    """

    job: str
    partition_key: str | None
    entries: tuple["Pending", ...]

    @property
    def asset_keys(self) -> list[str]:
        """The assets to publish, e.g. `core/attractions`."""
        return sorted(entry.asset_key for entry in self.entries)

    @property
    def change_ids(self) -> frozenset[int]:
        """The change ids of the entries."""
        return frozenset(entry.change_id for entry in self.entries)

    @property
    def is_whole(self) -> bool:
        """Whether a whole table is made again, which takes as long as collecting it."""
        return any(entry.is_whole for entry in self.entries)

    @property
    def tags(self) -> dict[str, str]:
        """The tags of its run."""
        return {CHANGES_TAG: ",".join(map(str, sorted(self.change_ids)))}

    def without(self, change_ids: Collection[int]) -> "Publication":
        """The same publication without these entries."""
        return replace(self, entries=tuple(entry for entry in self.entries if entry.change_id not in change_ids))


def publications(pending: Iterable["Pending"], jobs: Mapping[str, Collection[str]]) -> list[Publication]:
    """One publication for each partition that has entries, the longest waiting first.

    Args:
        pending: entries of the outbox, the longest waiting first.
        jobs: asset keys by the name of the job that publishes them. Entries about other assets are ignored.
    """
    job_of = {asset_key: job for job, asset_keys in jobs.items() for asset_key in asset_keys}
    grouped: dict[tuple[str, str], list[Pending]] = {}
    for entry in pending:
        if entry.asset_key in job_of:
            grouped.setdefault((job_of[entry.asset_key], entry.partition_key), []).append(entry)
    return [
        Publication(job, partition_key or None, tuple(entries)) for (job, partition_key), entries in grouped.items()
    ]


def follows_outbox(context: dg.AssetExecutionContext) -> bool:
    """Whether a run publishes what is pending, because it collects or the outbox requested it. Others are asked for."""
    collects = any(key.path[0] == "raw" for key in context.job_def.asset_layer.selected_asset_keys)
    return collects or CHANGES_TAG in context.run.tags


def due(dsn: str, partition_key: str, sources: Mapping[dg.AssetKey, T]) -> dict[dg.AssetKey, T]:
    """The assets that are pending in a partition or were never published there, each with what it is made from."""
    from weatherflick_assets.quality.store import never_published
    from weatherflick_assets.warehouse.connections import connect
    from weatherflick_assets.warehouse.outbox import pending

    with as_failures(), connect(dsn) as connection:
        noted = {entry.asset_key for entry in pending(connection) if entry.partition_key == partition_key}
        new = never_published(connection, [".".join(key.path) for key in sources], partition_key)
    return {key: source for key, source in sources.items() if "/".join(key.path) in noted or ".".join(key.path) in new}


def partitions_at_work(instance: dg.DagsterInstance) -> set[str | None]:
    """The partitions of runs that have not ended: these runs may publish what is pending."""
    runs = instance.get_runs(dg.RunsFilter(statuses=list(UNFINISHED)))
    return {run.tags.get(PARTITION_TAG) for run in runs}


def tried(instance: dg.DagsterInstance, publication: Publication) -> tuple[frozenset[int], int, datetime | None]:
    """Which entries need no further run until they change, how many runs with the other entries died, and when the last one did.

    A run whose rows the gate held back would end the same way again. A run that was killed, or that the database
    failed, is worth another try.
    """
    settled: set[int] = set()
    died: list[tuple[set[int], float]] = []
    partition = {} if publication.partition_key is None else {PARTITION_TAG: publication.partition_key}
    runs_of_it = dg.RunsFilter(job_name=publication.job, tags=partition)
    for record in instance.get_run_records(runs_of_it, limit=_RUNS_LOOKED_AT):
        run = record.dagster_run
        if CHANGES_TAG in run.tags and run.is_finished:
            change_ids = set(map(int, run.tags[CHANGES_TAG].split(",")))
            if run.is_success or _SAME_AGAIN.intersection(failure_kinds(instance, run.run_id)):
                settled |= change_ids
            else:
                died.append((change_ids, record.end_time or 0))
    left = publication.change_ids - settled
    ends = [ended_at for change_ids, ended_at in died if not left.isdisjoint(change_ids)]
    return frozenset(settled), len(ends), datetime.fromtimestamp(max(ends), UTC) if ends else None


def announce_command(connection: "psycopg.Connection") -> None:
    """Tell the sensor, until `connection` closes, that a command executes runs and will publish what they note."""
    connection.execute("SELECT pg_advisory_lock_shared(%s)", (_COMMAND_LOCK,))


def is_command_at_work(connection: "psycopg.Connection") -> bool:
    """Whether a command is executing runs. Like a transaction-level lock, the answer holds only for the transaction."""
    row = connection.execute("SELECT pg_try_advisory_xact_lock(%s)", (_COMMAND_LOCK,)).fetchone()
    return row != (True,)


def failure_kinds(instance: dg.DagsterInstance, run_id: str) -> Sequence[str]:
    """The kinds of the failures of a run's steps; none if its process died."""
    kinds = []
    for entry in instance.all_logs(run_id, of_type=dg.DagsterEventType.STEP_FAILURE):
        failure = entry.get_dagster_event().step_failure_data.user_failure_data
        if failure is not None and FAILURE_KIND in failure.metadata:
            kinds.append(str(failure.metadata[FAILURE_KIND].value))
    return kinds
