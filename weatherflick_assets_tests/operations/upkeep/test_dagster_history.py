"""Old runs leave Dagster's storage, and nothing that status, freshness, checks or automation say changes by it."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any
from warnings import catch_warnings, simplefilter

import dagster as dg
import pytest
from dagster._core.definitions.freshness import FreshnessState, FreshnessStateChange
from dagster._core.definitions.run_request import InstigatorType
from dagster._core.execution.backfill import BulkActionStatus, PartitionBackfill
from dagster._core.remote_origin import ManagedGrpcPythonEnvCodeLocationOrigin, RemoteRepositoryOrigin
from dagster._core.scheduler.instigation import InstigatorState, InstigatorStatus
from dagster._core.types.loadable_target_origin import LoadableTargetOrigin

from weatherflick_assets.operations.upkeep.dagster_history import (
    RUNS_KEPT,
    TIMES_KEPT,
    Pruned,
    forget_backfills,
    forget_snapshots,
    prune,
    purge_ticks,
)
from weatherflick_assets.settings import now
from weatherflick_assets_tests.operations.upkeep.conftest import Stored

# Dagster 1.13 asks pydantic for the fields of resources in the old way.
pytestmark = pytest.mark.filterwarnings("ignore:The `__fields__` attribute is deprecated")

FAILS, WARNS = "fails", "warns"
"""Tags of runs."""

LATER = RUNS_KEPT + timedelta(hours=1)
"""After this time every run of a test is old."""

REGIONS = dg.StaticPartitionsDefinition(["11", "50"])
ISSUES = dg.TimeWindowPartitionsDefinition(
    start="202611010500", fmt="%Y%m%d%H%M", cron_schedule="0 5 * * *", timezone="Asia/Seoul", end_offset=1
)
_MISSING = dg.AutomationCondition.missing() & ~dg.AutomationCondition.in_progress()


@dg.asset(partitions_def=REGIONS, automation_condition=_MISSING)
def places(context: dg.AssetExecutionContext) -> dg.MaterializeResult:
    if FAILS in context.run.tags:
        raise dg.Failure("It fails.", allow_retries=False)
    return dg.MaterializeResult(metadata={"rows": 1}, data_version=dg.DataVersion(context.run.run_id))


@dg.asset(partitions_def=ISSUES, automation_condition=_MISSING)
def weather() -> None: ...


@dg.asset(deps=[places], automation_condition=dg.AutomationCondition.eager())
def report() -> None: ...


with catch_warnings():
    simplefilter("ignore", dg.PreviewWarning)  # partitions of checks are a preview in Dagster 1.13

    @dg.asset_check(asset=places, partitions_def=REGIONS)
    def publishable(context: dg.AssetCheckExecutionContext) -> dg.AssetCheckResult:
        return dg.AssetCheckResult(passed=WARNS not in context.run.tags)


DEFS = dg.Definitions(
    assets=[places, weather, report],
    asset_checks=[publishable],
    jobs=[
        dg.define_asset_job(
            name, [name] if name != "places" else dg.AssetSelection.assets(places), executor_def=dg.in_process_executor
        )
        for name in ("places", "weather", "report")
    ],
)
CHECK = dg.AssetCheckKey(dg.AssetKey("places"), "publishable")
KEYS = [dg.AssetKey(name) for name in ("places", "weather", "report")]
QUIET = {"loggers": {"console": {"config": {"log_level": "CRITICAL"}}}}


def run(stored: Stored, job: str, partition: str | None = None, *tags: str) -> str:
    done = DEFS.resolve_job_def(job).execute_in_process(
        instance=stored.instance,
        partition_key=partition,
        tags=dict.fromkeys(tags, "1"),
        run_config=QUIET,
        raise_on_error=False,
    )
    return done.run_id


def pruned(stored: Stored, after: timedelta = LATER, **limits: int) -> Pruned:
    return prune(stored.instance, now() + after, **limits)


def runs(stored: Stored) -> set[str]:
    return {found.run_id for found in stored.instance.get_runs()}


def events(stored: Stored, run_id: str) -> list[str]:
    return [
        kind
        for (kind,) in stored.rows(
            "SELECT dagster_event_type FROM event_logs WHERE run_id = :run ORDER BY id", run=run_id
        )
    ]


def said(stored: Stored) -> Mapping[str, Any]:
    """What the UI, freshness and automation work out from what is stored."""
    instance = stored.instance
    with catch_warnings():
        simplefilter("ignore", dg.BetaWarning)  # Dagster's own tester uses what is a beta
        requested = dg.evaluate_automation_conditions(DEFS, instance)
    records = instance.get_asset_records(KEYS)
    checks = instance.event_log_storage.get_asset_check_summary_records([CHECK])[CHECK]
    last, completed = checks.last_check_execution_record, checks.last_completed_check_execution_record
    return {
        "partitions": {str(key): instance.get_materialized_partitions(key) for key in KEYS},
        "newest": {
            str(key): instance.event_log_storage.get_latest_storage_id_by_partition(
                key, dg.DagsterEventType.ASSET_MATERIALIZATION
            )
            for key in KEYS
        },
        "attempts": {
            str(
                key
            ): instance.event_log_storage.get_latest_asset_partition_materialization_attempts_without_materializations(
                key
            )
            for key in KEYS
        },
        "versions": instance.event_log_storage.get_latest_tags_by_partition(
            dg.AssetKey("places"), dg.DagsterEventType.ASSET_MATERIALIZATION, ["dagster/data_version"]
        ),
        "records": {
            str(record.asset_entry.asset_key): (
                record.asset_entry.last_materialization_storage_id,
                instance.get_latest_materialization_event(record.asset_entry.asset_key),
            )
            for record in records
        },
        "checks": (last and (last.id, last.status), completed and (completed.id, completed.status)),
        "freshness": instance.get_freshness_state_records(KEYS),
        "requested": {str(key): requested.get_requested_partitions(key) for key in KEYS},
    }


class TestRuns:
    def test_a_run_leaves_when_a_newer_one_has_made_the_same(self, stored: Stored) -> None:
        first = run(stored, "places", "50")
        second, other = run(stored, "places", "50"), run(stored, "places", "11")
        before = said(stored)
        done = pruned(stored)
        assert (done.deleted, done.thinned, runs(stored)) == (1, 2, {second, other})
        assert events(stored, first) == []
        assert events(stored, second) == ["ASSET_MATERIALIZATION"]
        assert said(stored) == before
        assert done.events > 10
        assert done.bytes_freed > 5_000
        assert stored.rows("SELECT count(*) FROM run_tags WHERE run_id = :run", run=first) == [(0,)]

    def test_what_a_run_of_many_partitions_says_stays_for_each_of_them(self, stored: Stored) -> None:
        for partition in ("50", "11", "50"):
            run(stored, "places", partition)
        run(stored, "report")
        run(stored, "report")
        for issue in ("202611020500", "202611030500"):
            run(stored, "weather", issue)
        before = said(stored)
        assert pruned(stored).deleted == 2
        assert said(stored) == before

    def test_young_runs_stay_whole(self, stored: Stored) -> None:
        run(stored, "places", "50")
        run(stored, "places", "50")
        count = stored.rows("SELECT count(*) FROM event_logs")
        assert pruned(stored, RUNS_KEPT - timedelta(hours=1)) == Pruned()
        assert stored.rows("SELECT count(*) FROM event_logs") == count

    @pytest.mark.parametrize("status", ["QUEUED", "STARTING", "STARTED", "CANCELING"])
    def test_a_run_that_has_not_ended_stays_however_old_it_is(self, stored: Stored, status: str) -> None:
        first = run(stored, "places", "50")
        run(stored, "places", "50")
        stored.rows("UPDATE runs SET status = :status WHERE run_id = :run", status=status, run=first)
        kept = events(stored, first)
        assert pruned(stored).deleted == 0
        assert events(stored, first) == kept

    def test_what_is_already_pruned_is_left_alone(self, stored: Stored) -> None:
        for _ in range(2):
            run(stored, "places", "50")
        pruned(stored)
        again = pruned(stored)
        assert (again.deleted, again.events, again.bytes_freed) == (0, 0, 0)


class TestPartitionsThatAreTimes:
    def test_they_count_as_made_until_they_are_long_past(self, stored: Stored) -> None:
        old, new = (run(stored, "weather", issue) for issue in ("202611020500", "202611030500"))
        assert (pruned(stored).thinned, runs(stored)) == (2, {old, new})
        assert pruned(stored, TIMES_KEPT + timedelta(days=30)).deleted == 1
        assert runs(stored) == {new}, "an asset never loses the newest that it has"
        assert stored.instance.get_materialized_partitions(dg.AssetKey("weather")) == {"202611030500"}

    def test_a_region_is_never_given_up(self, stored: Stored) -> None:
        kept = {run(stored, "places", "50"), run(stored, "places", "11")}
        pruned(stored, 10 * TIMES_KEPT)
        assert runs(stored) == kept


class TestWhatFailed:
    def test_a_partition_whose_last_attempt_failed_still_counts_as_failed(self, stored: Stored) -> None:
        run(stored, "places", "50")
        failed = run(stored, "places", "50", FAILS)
        before = said(stored)
        assert before["attempts"][str(KEYS[0])]["50"][0] == failed
        pruned(stored)
        assert said(stored) == before
        assert stored.instance.get_run_by_id(failed).status is dg.DagsterRunStatus.FAILURE  # type: ignore[union-attr]

    def test_a_failure_that_was_made_good_leaves(self, stored: Stored) -> None:
        failed = run(stored, "places", "50", FAILS)
        good = run(stored, "places", "50")
        pruned(stored)
        assert runs(stored) == {good}
        assert events(stored, failed) == []

    def test_the_last_verdict_of_a_check_stays_for_every_partition(self, stored: Stored) -> None:
        run(stored, "places", "50", WARNS)
        run(stored, "places", "11")
        run(stored, "places", "11")
        before = said(stored)
        history = stored.instance.event_log_storage.get_asset_check_execution_history
        assert len(history(CHECK, limit=9)) == 3
        pruned(stored)
        assert said(stored) == before
        assert {(one.partition, one.status.value) for one in history(CHECK, limit=9)} == {
            ("50", "FAILED"),
            ("11", "SUCCEEDED"),
        }


class TestEventsOfNoRun:
    def test_only_the_newest_observation_of_an_asset_stays(self, stored: Stored) -> None:
        for number in range(3):
            stored.instance.report_runless_asset_event(dg.AssetObservation("incidents", metadata={"open": number}))
        assert pruned(stored).events == 2
        (record,) = stored.instance.fetch_observations(dg.AssetKey("incidents"), limit=9).records
        assert record.asset_observation is not None
        assert record.asset_observation.metadata["open"].value == 2

    def test_the_state_of_freshness_stays(self, stored: Stored) -> None:
        at = now().timestamp()
        for state in (FreshnessState.PASS, FreshnessState.FAIL):
            stored.instance._report_runless_asset_event(
                FreshnessStateChange(
                    key=KEYS[0], new_state=state, previous_state=FreshnessState.UNKNOWN, state_change_timestamp=at
                )
            )
        before = stored.instance.get_freshness_state_records(KEYS)
        assert pruned(stored).events == 1
        assert stored.instance.get_freshness_state_records(KEYS) == before


class TestBounds:
    def test_a_night_deletes_no_more_than_it_may_and_the_next_one_goes_on(self, stored: Stored) -> None:
        for _ in range(4):
            run(stored, "report")
        first = pruned(stored, batch=1, most=2)
        assert (first.deleted, first.left_for_later) == (2, True)
        second = pruned(stored, batch=1, most=2)
        assert (second.deleted, second.left_for_later, len(runs(stored))) == (1, False, 1)

    @pytest.mark.fault(
        "Liveness", "the nightly upkeep is killed while it deletes a run", "the next one deletes the rest of it"
    )
    def test_a_run_whose_events_are_gone_already_is_deleted_too(self, stored: Stored) -> None:
        half = run(stored, "report")
        run(stored, "report")
        stored.instance.event_log_storage.delete_events(half)
        pruned(stored)
        assert half not in runs(stored)


def test_the_forms_of_jobs_leave_with_their_last_run_and_pages_of_runs_still_show_the_job(stored: Stored) -> None:
    part = dg.define_asset_job("places_and_report", ["places", "report"], executor_def=dg.in_process_executor)
    defs = dg.Definitions(assets=[places, weather, report], jobs=[part])
    job = defs.resolve_job_def("places_and_report")

    def made(partition: str, *keys: str) -> str:
        return job.execute_in_process(
            instance=stored.instance,
            partition_key=partition,
            asset_selection=[dg.AssetKey(key) for key in keys] or None,
            run_config=QUIET,
        ).run_id

    made("50", "report")
    made("50", "places")
    newest = made("50", "places")
    run(stored, "report")
    count = stored.rows("SELECT count(*) FROM snapshots")[0][0]
    pruned(stored)
    gone, size = forget_snapshots(stored.instance)
    assert gone > 0
    assert size > 0
    assert stored.rows("SELECT count(*) FROM snapshots") == [(count - gone,)]
    assert forget_snapshots(stored.instance) == (0, 0)
    for found in stored.instance.get_runs():
        assert found.job_snapshot_id is not None
        shown = stored.instance.get_historical_job(found.job_snapshot_id)
        assert shown.name == found.job_name
        assert found.execution_plan_snapshot_id is not None
        assert stored.instance.get_execution_plan_snapshot(found.execution_plan_snapshot_id).steps
    assert newest in runs(stored)


class TestBackfills:
    def backfill(self, stored: Stored, status: str, began: int, ended: int | None) -> str:
        """One that began and ended so many days ago, of the regions of an asset."""
        made = PartitionBackfill(
            f"{status}-{began}".lower(),
            BulkActionStatus(status),
            from_failure=False,
            tags={"who": "a person"},
            backfill_timestamp=(now() - timedelta(days=began)).timestamp(),
            asset_selection=[KEYS[0]],
            serialized_asset_backfill_data="{}",
            backfill_end_timestamp=None if ended is None else (now() - timedelta(days=ended)).timestamp(),
        )
        stored.instance.add_backfill(made)
        return made.backfill_id

    def test_they_leave_with_their_tags_when_they_ended_as_long_ago_as_old_runs(self, stored: Stored) -> None:
        for status in ("COMPLETED_SUCCESS", "COMPLETED_FAILED", "FAILED", "CANCELED"):
            self.backfill(stored, status, 32, 31)
        self.backfill(stored, "CANCELED", 31, None)
        kept = {self.backfill(stored, "COMPLETED_SUCCESS", 40, 29), self.backfill(stored, "CANCELED", 29, None)}
        count, size = forget_backfills(stored.instance, now())
        assert (count, size > 0) == (5, True)
        assert {found.backfill_id for found in stored.instance.get_backfills()} == kept
        assert {name for (name,) in stored.rows("SELECT backfill_id FROM backfill_tags")} == kept
        assert forget_backfills(stored.instance, now()) == (0, 0)

    def test_one_that_has_not_ended_stays_however_old_it_is(self, stored: Stored) -> None:
        kept = {self.backfill(stored, status, 400, None) for status in ("REQUESTED", "CANCELING", "FAILING")}
        assert forget_backfills(stored.instance, now()) == (0, 0)
        assert {found.backfill_id for found in stored.instance.get_backfills()} == kept


def test_ticks_of_what_is_not_declared_any_more_are_deleted_too(stored: Stored) -> None:
    def tick(status: str, age: timedelta) -> None:
        stored.rows(
            "INSERT INTO job_ticks (job_origin_id, selector_id, status, type, timestamp, tick_body) "
            "VALUES ('origin', 'selector', :status, 'SENSOR', :at, '{}')",
            status=status,
            at=(now() - age).replace(tzinfo=None),
        )

    origin = RemoteRepositoryOrigin(
        ManagedGrpcPythonEnvCodeLocationOrigin(LoadableTargetOrigin(module_name="gone"), "gone"), "__repository__"
    ).get_instigator_origin("former_sensor")
    stored.instance.add_instigator_state(InstigatorState(origin, InstigatorType.SENSOR, InstigatorStatus.RUNNING))
    for status, age in (("SKIPPED", 1), ("SKIPPED", 8), ("SUCCESS", 400)):
        tick(status, timedelta(days=age))
    stored.rows(
        "UPDATE job_ticks SET selector_id = :selector", selector=stored.instance.all_instigator_state()[0].selector_id
    )
    count, size = purge_ticks(stored.instance, now())
    assert (count, size > 0) == (1, True), "without settings, Dagster keeps all but those that did nothing for a week"
    assert stored.rows("SELECT status FROM job_ticks ORDER BY id") == [("SKIPPED",), ("SUCCESS",)]
