"""Dagster runs executed in this process, on the instance that the UI shows, and what they come to together.

What is heavy to import is imported once, where a process for every run would import it each time.
"""

import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from enum import StrEnum
from typing import NamedTuple

import dagster as dg
import psycopg

from weatherflick_assets.build import build_defs
from weatherflick_assets.cli.interruption import interrupts_noticed, termination_as_interrupt
from weatherflick_assets.cli.resumption import HOPELESS, end_killed_runs
from weatherflick_assets.korea.regions import REGION_CODES, UNASSIGNED
from weatherflick_assets.orchestration.tags import FAILURE_KIND
from weatherflick_assets.quality.judge_process import JUDGE
from weatherflick_assets.settings import Settings
from weatherflick_assets.warehouse.gc_tuning import expect_many_rows

_STATEMENT_MILLISECONDS, _CONNECTION_SECONDS, _CONNECTIONS = 60_000, 3600, 20
"""Of Dagster's storage: how long a statement may take, how long a connection is kept, and how many there may be."""


class Outcome(StrEnum):
    """How a run, or several together, ended."""

    COMPLETE = "complete"
    PARTIAL = "partial"
    FAILED = "failed"
    HELD_BACK = "held_back"


@dataclass
class RunResult:
    """One run in figures.

    Attributes:
        name: the partition, a region mostly; of a job without partitions the job.
    """

    name: str
    outcome: Outcome = Outcome.COMPLETE
    calls: int = 0
    retries: int = 0
    items: int = 0
    published: int = 0
    rejected: int = 0
    removed: int = 0
    duration_s: float = 0
    run_id: str = ""
    problems: list[str] = field(default_factory=list)
    failure_kinds: list[str] = field(default_factory=list)

    @property
    def is_hopeless(self) -> bool:
        """Whether every further run would fail for the same reason."""
        return not HOPELESS.isdisjoint(self.failure_kinds)


@dataclass
class Summary:
    """Several runs in figures: the object that `--json` prints."""

    outcome: Outcome
    regions: list[str]
    calls: int
    retries: int
    items: int
    published: int
    rejected: int
    removed: int
    duration_s: float
    untried: int
    by_region: dict[str, RunResult]

    @classmethod
    def of(cls, results: Sequence[RunResult], duration_s: float, *, untried: int) -> "Summary":
        """Sum up the runs; `untried` is the number of those that were left for later."""
        return cls(
            outcome=_overall([result.outcome for result in results]),
            regions=[result.name for result in results if result.name in REGION_CODES],
            calls=sum(result.calls for result in results),
            retries=sum(result.retries for result in results),
            items=sum(result.items for result in results),
            published=sum(result.published for result in results),
            rejected=sum(result.rejected for result in results),
            removed=sum(result.removed for result in results),
            duration_s=round(duration_s, 2),
            untried=untried,
            by_region={result.name: result for result in results},
        )

    @property
    def exit_code(self) -> int:
        """0 complete, 1 failed, 3 stopped because the quota is spent, 4 held back by a quality gate."""
        if any("exhausted" in result.failure_kinds for result in self.by_region.values()):
            return 3
        outcomes = {result.outcome for result in self.by_region.values()}
        if Outcome.FAILED in outcomes:
            return 1
        return 4 if Outcome.HELD_BACK in outcomes else 0

    def as_json(self) -> dict[str, object]:
        """Plain types, in the order of the contract."""
        return asdict(self)


def run_name(job_name: str, partition_key: str | None) -> str:
    """What a run is called: by its region, else by its job."""
    return partition_key if partition_key in (UNASSIGNED, *REGION_CODES) else job_name


class Finished(NamedTuple):
    """A run that has ended, and what it made."""

    result: RunResult
    made: Sequence[dg.AssetMaterialization]


class Launcher:
    """Runs jobs one after the other. Make one with `launching`."""

    def __init__(self, instance: dg.DagsterInstance, held: psycopg.Connection, interrupted: Callable[[], None]) -> None:
        self.instance = instance
        self.held = held
        self._raise_if_interrupted = interrupted
        self._definitions = build_defs()

    def run(
        self,
        job_name: str,
        partition_key: str | None,
        *,
        selection: Sequence[dg.AssetKey] | None = None,
        tags: Mapping[str, str],
    ) -> Finished:
        """Execute a job, or a part of its assets, to its end; failures are in the result.

        Raises:
            KeyboardInterrupt: the command was interrupted; the run is not settled, and is gone on with.
        """
        started = time.monotonic()
        run = self._definitions.resolve_job_def(job_name).execute_in_process(
            instance=self.instance,
            partition_key=partition_key,
            asset_selection=None if selection is None else list(selection),
            tags=dict(tags),
            # Events are in the instance; on the terminal they would drown the progress display.
            run_config={"loggers": {"console": {"config": {"log_level": "CRITICAL"}}}},
            raise_on_error=False,
        )
        self._raise_if_interrupted()
        result, made = RunResult(run_name(job_name, partition_key), run_id=run.run_id), []
        for event in run.all_events:
            if event.is_step_materialization:
                made.append(event.step_materialization_data.materialization)
                _add(result, made[-1])
            elif event.is_step_failure:
                kind, problem = _failure(event)
                if problem not in result.problems:
                    result.failure_kinds.append(kind)
                    result.problems.append(problem)
        if result.failure_kinds:
            gravest = next((kind for kind in result.failure_kinds if kind in HOPELESS), result.failure_kinds[0])
            self.instance.add_run_tags(run.run_id, {FAILURE_KIND: gravest})
        if not run.success:
            result.outcome = Outcome.HELD_BACK if set(result.failure_kinds) == {"held_back"} else Outcome.FAILED
        result.duration_s = round(time.monotonic() - started, 2)
        return Finished(result, made)


@contextmanager
def launching(*, beside: bool = False) -> Iterator[Launcher]:
    """A launcher on the shared instance; runs that a killed command left are ended first.

    The judge imports what it needs while the first pages are fetched.

    Args:
        beside: whether another process of the command has a launcher, and has seen to what was left.
    """
    expect_many_rows()
    database_url = Settings().database_url  # type: ignore[call-arg]
    assert database_url is not None, "services.enter sets it"
    with (
        JUDGE.kept(),
        termination_as_interrupt(),
        interrupts_noticed() as interrupted,
        psycopg.connect(database_url.get_secret_value(), autocommit=True) as held,
        dg.DagsterInstance.get() as instance,
    ):
        # Else every event of a run opens a connection of its own, which takes longer than storing it.
        instance.optimize_for_webserver(_STATEMENT_MILLISECONDS, _CONNECTION_SECONDS, max_overflow=_CONNECTIONS)
        if not beside:
            end_killed_runs(instance, held)
        yield Launcher(instance, held, interrupted)


def _add(result: RunResult, materialization: dg.AssetMaterialization) -> None:
    for name in ("calls", "retries", "items", "published", "rejected", "removed"):
        if found := materialization.metadata.get(name):
            setattr(result, name, getattr(result, name) + found.value)


def _failure(event: dg.DagsterEvent) -> tuple[str, str]:
    data = event.step_failure_data
    failure = data.user_failure_data
    if failure is not None:
        kind = failure.metadata.get(FAILURE_KIND)
        return str(kind.value if kind else ""), failure.description or ""
    error = data.error
    while error is not None and error.cause is not None:
        error = error.cause
    reason = error.message.strip() if error is not None else "it did not say why"
    return "unexpected", f"{event.step_key}: {reason}"


def _overall(outcomes: Sequence[Outcome]) -> Outcome:
    if not outcomes or all(outcome is Outcome.COMPLETE for outcome in outcomes):
        return Outcome.COMPLETE
    if len(set(outcomes)) == 1:
        return outcomes[0]
    return Outcome.PARTIAL
