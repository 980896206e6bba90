"""Dagster runs executed in this process, on the instance that the UI shows, and their combined result.

A run looks like one that Dagster launched. It belongs to the code location, so the UI lists it with its job. Heavy
modules are imported once, whereas a process per run would import them every time.
"""

import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass, field
from enum import StrEnum
from functools import cache
from uuid import uuid4

import dagster as dg
import psycopg
from dagster._core.code_pointer import ModuleCodePointer
from dagster._core.definitions.job_base import InMemoryJob
from dagster._core.execution.api import execute_run_iterator
from dagster._core.origin import JobPythonOrigin, RepositoryPythonOrigin
from dagster._core.remote_origin import ManagedGrpcPythonEnvCodeLocationOrigin, RemoteRepositoryOrigin
from dagster._core.types.loadable_target_origin import LoadableTargetOrigin
from dagster._core.utils import make_new_run_id
from dagster_postgres.utils import DagsterPostgresException

from weatherflick_assets.build import build_defs
from weatherflick_assets.cli.interruption import interrupts_noticed, termination_as_interrupt, without_tracebacks_of
from weatherflick_assets.cli.resume import RunKey
from weatherflick_assets.korea.regions import NAME_OF
from weatherflick_assets.orchestration.collected import WARNING
from weatherflick_assets.orchestration.dagster_storage import giving_up_at_once
from weatherflick_assets.orchestration.failures import HOPELESS, INTERRUPTS, gravest, told_by
from weatherflick_assets.orchestration.lost_runs import EXECUTED
from weatherflick_assets.orchestration.publication import announce_command
from weatherflick_assets.orchestration.schedules import region_tags
from weatherflick_assets.orchestration.tags import COMMAND_TAG, FAILURE_KIND, NO_RETRY, PARTITION_TAG, RETRIES_TAG
from weatherflick_assets.quality.judge_process import JUDGE
from weatherflick_assets.settings import Settings
from weatherflick_assets.warehouse import leases, outages
from weatherflick_assets.warehouse.gc_tuning import expect_many_rows

_LOCATION, _MODULE, _REPOSITORY = "weatherflick", "weatherflick_assets.definitions", "__repository__"
"""The code location as workspace.yaml names it, and the repository that Dagster makes from its definitions."""

_QUIET = {"loggers": {"console": {"config": {"log_level": "CRITICAL"}}}}
"""Events are in the instance; on the terminal they would hide the progress display."""

DATABASE_ERRORS = (*outages.ERRORS, DagsterPostgresException)
"""What the platform's database raises, and Dagster's."""

_CALLS = "SELECT count(*) FROM raw.calls WHERE run_id = %s"

_FIGURES = ("retries", "listed", "items", "published", "rejected", "removed")
"""What materializations of a run report, besides its calls."""


class Outcome(StrEnum):
    """How a run, or a group of runs, ended."""

    COMPLETE = "complete"
    PARTIAL = "partial"
    FAILED = "failed"
    HELD_BACK = "held_back"


def _name(job: str, partition_key: str | None) -> str:
    """A region says by itself what a run is about; of any other partition, what is collected must be said."""
    if partition_key is None or partition_key in NAME_OF:
        return partition_key or job
    return f"{job.removeprefix('collect_')} {partition_key}"


@dataclass(frozen=True)
class Order:
    """A run to execute: a job, its partition (None for a job without partitions), its assets (None for all), tags."""

    job: str
    partition_key: str | None = None
    assets: Sequence[str] | None = None
    tags: dict[str, str] = field(default_factory=dict)

    @property
    def key(self) -> RunKey:
        """Job and partition."""
        return self.job, self.partition_key

    @property
    def name(self) -> str:
        """The display name of the run."""
        return _name(self.job, self.partition_key)


@dataclass
class RunResult:
    """One run in figures. `calls` counts every call sent, even if the run failed.

    `listed` counts what its lists show, and `items` those items from which it made rows: new and changed ones.
    """

    job: str
    partition: str | None
    outcome: Outcome = Outcome.COMPLETE
    calls: int = 0
    retries: int = 0
    listed: int = 0
    items: int = 0
    published: int = 0
    rejected: int = 0
    removed: int = 0
    duration_s: float = 0
    run_id: str = ""
    problems: list[str] = field(default_factory=list)
    failure_kinds: list[str] = field(default_factory=list)

    @property
    def name(self) -> str:
        """The display name of the run."""
        return _name(self.job, self.partition)

    @property
    def is_hopeless(self) -> bool:
        """Whether every further run would fail for the same reason."""
        return any(kind in HOPELESS for kind in self.failure_kinds)

    @property
    def is_spent(self) -> bool:
        """Whether it has failed because a quota is spent, and for no graver reason."""
        return {*self.failure_kinds}.intersection(HOPELESS) == {"exhausted"}


@dataclass
class Summary:
    """Several runs in figures: the object that `--json` prints."""

    outcome: Outcome
    calls: int
    retries: int
    listed: int
    items: int
    published: int
    rejected: int
    removed: int
    duration_s: float
    untried: int
    problems: list[str]
    by_run: dict[str, RunResult]

    @classmethod
    def of(cls, results: Sequence[RunResult], duration_s: float, *, untried: int = 0) -> "Summary":
        """Sum up the runs; `untried` is the number of runs left for later."""
        by_run: dict[str, RunResult] = {}
        for result in results:
            names = (result.name, f"{result.job} {result.name}", f"{result.job} {result.name} {result.run_id}")
            by_run[next(name for name in names if name not in by_run)] = result
        return cls(
            outcome=_overall([result.outcome for result in results]),
            **{name: sum(getattr(result, name) for result in results) for name in ("calls", *_FIGURES)},
            duration_s=round(duration_s, 2),
            untried=untried,
            problems=[f"{name}: {problem}" for name, result in by_run.items() for problem in result.problems],
            by_run=by_run,
        )

    @property
    def exit_code(self) -> int:
        """0 complete, 1 failed, 3 stopped because the quota is spent, 4 held back by a quality gate."""
        if any("exhausted" in result.failure_kinds for result in self.by_run.values()):
            return 3
        outcomes = {result.outcome for result in self.by_run.values()}
        if Outcome.FAILED in outcomes:
            return 1
        return 4 if Outcome.HELD_BACK in outcomes else 0

    def as_json(self) -> dict[str, object]:
        """Plain types, in the order of the contract."""
        return asdict(self)


class Launcher:
    """Executes runs one after another. Create it with `launching`.

    Attributes:
        instance: where runs are recorded.
        dsn: address of the platform's database.
        platform: a connection to it, in autocommit mode; it holds the leases of this process.
        command: the name of the command's lease.
    """

    def __init__(
        self,
        instance: dg.DagsterInstance,
        dsn: str,
        platform: psycopg.Connection,
        command: str,
        interrupted: Callable[[], None],
    ) -> None:
        self.instance = instance
        self.dsn = dsn
        self.platform = platform
        self.command = command
        self._raise_if_interrupted = interrupted
        self._definitions = build_defs()

    def run(self, order: Order) -> RunResult:
        """Execute a run to its end; the result reports failures.

        Raises:
            KeyboardInterrupt: the command was interrupted; the run has failed, and can be resumed.
        """
        started = time.monotonic()
        result = RunResult(order.job, order.partition_key, run_id=make_new_run_id())
        try:
            self._execute(order, result)
        except KeyboardInterrupt:
            with suppress(*DATABASE_ERRORS):
                self._end(result.run_id)
            raise
        except DATABASE_ERRORS as error:
            result.outcome = Outcome.FAILED
            result.failure_kinds.append("unreachable")
            result.problems.append(outages.sentence(error))
            self._raise_if_interrupted()
        result.duration_s = round(time.monotonic() - started, 2)
        return result

    def _execute(self, order: Order, result: RunResult) -> None:
        """Execute the run under its lease, and fill in its result."""
        leases.hold(self.platform, result.run_id)
        events = list(execute_run_iterator(*self._created(order, result.run_id), self.instance))
        self._raise_if_interrupted()
        figures = Counter[str]()
        for event in events:
            if event.is_step_materialization:
                reported = event.step_materialization_data.materialization.metadata
                figures.update({name: reported[name].value for name in _FIGURES if name in reported})
                if WARNING in reported:
                    result.problems.append(str(reported[WARNING].value))
            elif event.is_step_failure:
                for kind, problem in told_by(event):
                    if problem not in result.problems:
                        result.failure_kinds.append(kind)
                        result.problems.append(problem)
        for name, figure in figures.items():
            setattr(result, name, figure)
        if not any(event.is_job_success for event in events):
            recorded = self.instance.get_run_by_id(result.run_id)
            result.retries = int(recorded.tags.get(RETRIES_TAG, "0")) if recorded else result.retries
            result.outcome = Outcome.HELD_BACK if set(result.failure_kinds) == {"held_back"} else Outcome.FAILED
        row = self.platform.execute(_CALLS, (result.run_id,)).fetchone()
        result.calls = row[0] if row else 0
        if result.failure_kinds:
            self.instance.add_run_tags(result.run_id, {FAILURE_KIND: gravest(result.failure_kinds)})
        leases.release(self.platform, result.run_id)

    def _end(self, run_id: str) -> None:
        """End a run that an interrupt has kept from its beginning, or from its end."""
        run = self.instance.get_run_by_id(run_id)
        if run is not None and run.status in EXECUTED:
            self.instance.report_run_failed(run, "The command that executed this run was interrupted.")
            self.instance.event_log_storage.free_concurrency_slots_for_run(run_id)
        leases.release(self.platform, run_id)

    def _created(self, order: Order, run_id: str) -> tuple[InMemoryJob, dg.DagsterRun]:
        job = self._definitions.resolve_job_def(order.job)
        selection = None if order.assets is None else frozenset(map(dg.AssetKey.from_user_string, order.assets))
        partition = {} if order.partition_key is None else {PARTITION_TAG: order.partition_key}
        of_command = {COMMAND_TAG: self.command, **NO_RETRY}
        run = self.instance.create_run_for_job(
            job_def=job if selection is None else job.get_subset(asset_selection=selection),
            run_id=run_id,
            run_config=_QUIET,
            tags={**job.run_tags, **partition, **region_tags(order.partition_key), **order.tags, **of_command},
            asset_selection=selection,
            remote_job_origin=_REMOTE_REPOSITORY.get_job_origin(order.job),
            job_code_origin=JobPythonOrigin(order.job, _PYTHON_REPOSITORY),
        )
        return InMemoryJob(job), run


_REMOTE_REPOSITORY = RemoteRepositoryOrigin(
    ManagedGrpcPythonEnvCodeLocationOrigin(LoadableTargetOrigin(module_name=_MODULE), _LOCATION), _REPOSITORY
)
_PYTHON_REPOSITORY = RepositoryPythonOrigin(sys.executable, ModuleCodePointer(_MODULE, "defs"))


@contextmanager
def launching(command: str | None = None) -> Iterator[Launcher]:
    """A launcher on the shared instance.

    `command`: the name of the lease of a command whose other process has done all that; None in its first process.
    """
    expect_many_rows()
    database_url = Settings().database_url
    assert database_url is not None, "services.enter sets it"
    dsn = database_url.get_secret_value()
    with (
        JUDGE.kept(),
        termination_as_interrupt(),
        interrupts_noticed() as interrupted,
        without_tracebacks_of(INTERRUPTS),
        leases.session(dsn) as platform,
        dg.DagsterInstance.get() as instance,
        giving_up_at_once(instance, DATABASE_ERRORS),
    ):
        # Otherwise every third event of a run asks again whether a table of Dagster's own is there.
        events = instance.event_log_storage
        events.has_table = cache(events.has_table)  # type: ignore[attr-defined, method-assign]
        if command is None:
            command = uuid4().hex[:12]
            leases.hold(platform, command)
            announce_command(platform)
        yield Launcher(instance, dsn, platform, command, interrupted)


def _overall(outcomes: Sequence[Outcome]) -> Outcome:
    if not outcomes or all(outcome is Outcome.COMPLETE for outcome in outcomes):
        return Outcome.COMPLETE
    if len(set(outcomes)) == 1:
        return outcomes[0]
    return Outcome.PARTIAL
