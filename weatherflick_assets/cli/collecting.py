"""`weatherflick collect`: launches the runs of one catalogue collection and sums them up.

Each region is one Dagster run, executed in this process on the instance that the UI shows: what is heavy to import is
imported once. A collection that was broken off (`resumption.py`) is gone on with.
"""

import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import asdict, dataclass, field
from enum import StrEnum

import dagster as dg
import psycopg

from weatherflick_assets.assets.core.places import places_key
from weatherflick_assets.assets.raw.place_listings import listing_key
from weatherflick_assets.build import build_defs
from weatherflick_assets.cli.resumption import (
    HOPELESS,
    Collection,
    Plan,
    current_collection,
    end_killed_runs,
    hold,
)
from weatherflick_assets.content_types import ContentType
from weatherflick_assets.jobs import PLACES_JOB
from weatherflick_assets.memory import expect_many_objects
from weatherflick_assets.quality.judge_process import JUDGE
from weatherflick_assets.regions import UNASSIGNED
from weatherflick_assets.settings import Settings, now
from weatherflick_assets.tags import FAILURE_KIND


class Outcome(StrEnum):
    """How a collection, or one region of it, ended."""

    COMPLETE = "complete"
    PARTIAL = "partial"
    FAILED = "failed"
    HELD_BACK = "held_back"


@dataclass
class RegionResult:
    """One region's run in figures."""

    region_code: str
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
        """Whether every further region would fail for the same reason."""
        return not HOPELESS.isdisjoint(self.failure_kinds)


@dataclass
class Summary:
    """A collection in figures: the object that `--json` prints."""

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
    by_region: dict[str, RegionResult]

    @classmethod
    def of(cls, results: Sequence[RegionResult], duration_s: float, *, untried: int) -> "Summary":
        """Sum up the regions that were run; `untried` is the number of those that were left for later."""
        return cls(
            outcome=_overall([result.outcome for result in results]),
            regions=[result.region_code for result in results if result.region_code != UNASSIGNED],
            calls=sum(result.calls for result in results),
            retries=sum(result.retries for result in results),
            items=sum(result.items for result in results),
            published=sum(result.published for result in results),
            rejected=sum(result.rejected for result in results),
            removed=sum(result.removed for result in results),
            duration_s=round(duration_s, 2),
            untried=untried,
            by_region={result.region_code: result for result in results},
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


def collect(
    regions: Iterable[str],
    content_types: Sequence[ContentType],
    *,
    anew: bool,
    begin: Callable[[Collection], None],
    before: Callable[[str], None],
    after: Callable[[RegionResult], None],
) -> Summary:
    """Run the collection for `regions` in order; stops early only when the others would fail for the same reason.

    Args:
        regions: partition keys.
        content_types: the kinds of places to list and publish.
        anew: whether to ask for everything again although the same collection was broken off lately.
        begin: told of the collection, new or gone on with, before its first run.
        before: told of each region before its run.
        after: told of each region's result.
    """
    JUDGE.start()  # it imports what it needs while the first pages are fetched
    expect_many_objects()
    job = build_defs().resolve_job_def(PLACES_JOB)
    selection = [key for kind in content_types for key in (listing_key(kind), places_key(kind))]
    plan = Plan(tuple(regions), tuple(kind.name for kind in content_types))
    started = time.monotonic()
    results: list[RegionResult] = []
    try:
        with psycopg.connect(_dsn(), autocommit=True) as held, dg.DagsterInstance.get() as instance:
            end_killed_runs(instance, held)
            collection = Collection.new(plan) if anew else current_collection(instance, plan, now())
            if not hold(held, collection.collection_id):  # another process is at it
                collection = Collection.new(plan)
                hold(held, collection.collection_id)
            begin(collection)
            for region_code in collection.left:
                before(region_code)
                result = _run(job, instance, region_code, selection, collection.tags)
                results.append(result)
                after(result)
                if result.is_hopeless:
                    break
    finally:
        JUDGE.stop()
    return Summary.of(results, time.monotonic() - started, untried=len(collection.left) - len(results))


def _dsn() -> str:
    database_url = Settings().database_url  # type: ignore[call-arg]
    assert database_url is not None, "services.enter sets it"
    return database_url.get_secret_value()


def _run(
    job: dg.JobDefinition,
    instance: dg.DagsterInstance,
    region_code: str,
    selection: Sequence[dg.AssetKey],
    tags: dict[str, str],
) -> RegionResult:
    started = time.monotonic()
    run = job.execute_in_process(
        instance=instance,
        partition_key=region_code,
        asset_selection=list(selection),
        tags=tags,
        # Events are in the instance; on the terminal they would drown the progress display.
        run_config={"loggers": {"console": {"config": {"log_level": "CRITICAL"}}}},
        raise_on_error=False,
    )
    result = RegionResult(region_code, run_id=run.run_id)
    for event in run.all_events:
        if event.is_step_materialization:
            _add(result, event.step_materialization_data.materialization)
        elif event.is_step_failure:
            kind, problem = _failure(event)
            if problem not in result.problems:
                result.failure_kinds.append(kind)
                result.problems.append(problem)
    if result.failure_kinds:
        gravest = next((kind for kind in result.failure_kinds if kind in HOPELESS), result.failure_kinds[0])
        instance.add_run_tags(run.run_id, {FAILURE_KIND: gravest})
    if not run.success:
        result.outcome = Outcome.HELD_BACK if set(result.failure_kinds) == {"held_back"} else Outcome.FAILED
    result.duration_s = round(time.monotonic() - started, 2)
    return result


def _add(result: RegionResult, materialization: dg.AssetMaterialization) -> None:
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
