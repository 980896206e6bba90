"""Both sensors: a stage follows when the one before has ended, and what the outbox holds is published once for each change."""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import dagster as dg
import psycopg
import pytest
from dagster._core.definitions.sensor_definition import SensorExecutionData
from dagster._core.test_utils import freeze_time

from weatherflick_assets.build import build_defs
from weatherflick_assets.orchestration.flows import PUBLICATIONS, Flow, Stage
from weatherflick_assets.orchestration.publication import announce_command
from weatherflick_assets.orchestration.schedules import flow_schedule, stage_requests, tick_of
from weatherflick_assets.orchestration.sensors import continue_flows, publish_pending
from weatherflick_assets.orchestration.tags import CHANGES_TAG, COLLECTION_TAG, FAILURE_KIND, FLOW_TAG, PARTITION_TAG
from weatherflick_assets.orchestration.warehouse import WarehouseResource
from weatherflick_assets.settings import now
from weatherflick_assets.warehouse.outbox import NOTE, Notes, pending

# Dagster 1.13 asks pydantic for the fields of resources in the old way.
pytestmark = pytest.mark.filterwarnings("ignore:The `__fields__` attribute is deprecated")

TICK = datetime(2026, 11, 28, 17, tzinfo=UTC)


PARTITIONS = dg.StaticPartitionsDefinition(["a", "b", "c", "d", "11", "50"])
FAILS = "fails"
"""Tag of a run that fails with a failure of this kind; "died" is one that does not say why."""


def published(name: str) -> dg.AssetsDefinition:
    @dg.asset(key=["core", name], partitions_def=PARTITIONS)
    def asset(context: dg.AssetExecutionContext) -> None:
        if kind := context.run.tags.get(FAILS):
            raise dg.Failure("It failed.", metadata={} if kind == "died" else {FAILURE_KIND: kind})

    return asset


ASSETS = [published("attractions"), published("rooms")]
JOBS = {name: dg.define_asset_job(name, ASSETS, executor_def=dg.in_process_executor) for name in ("one", "publishing")}
FLOW = Flow(
    "letters", "0 2 * * *", "Two stages.", (Stage("one", lambda *_: ["a", "b"]), Stage("one", lambda *_: ["c", "d"]))
)
FLOWS = continue_flows([FLOW], JOBS)
OUTBOX = publish_pending(JOBS, {"publishing": ["core/attractions", "core/rooms"]})
DEFS = dg.Definitions(assets=ASSETS, jobs=list(JOBS.values()))
QUIET = {"loggers": {"console": {"config": {"log_level": "CRITICAL"}}}}


@pytest.fixture
def instance() -> Iterator[dg.DagsterInstance]:
    with dg.DagsterInstance.ephemeral() as ephemeral:
        yield ephemeral


def evaluate(
    sensor: dg.SensorDefinition, instance: dg.DagsterInstance, dsn: str, defs: dg.Definitions = DEFS
) -> SensorExecutionData:
    context = dg.build_sensor_context(
        instance=instance, resources={"warehouse": WarehouseResource(dsn=dsn)}, repository_def=defs.get_repository_def()
    )
    return sensor.evaluate_tick(context)


def execute(instance: dg.DagsterInstance, *requests: dg.RunRequest, fails: str | None = None) -> None:
    for request in requests:
        DEFS.resolve_job_def(request.job_name or "").execute_in_process(
            instance=instance,
            partition_key=request.partition_key,
            asset_selection=request.asset_selection,
            tags={**request.tags, **({FAILS: fails} if fails else {})},
            run_config=QUIET,
            raise_on_error=False,
        )


@pytest.mark.automation("continue_flows")
class TestFlows:
    @pytest.fixture
    def first(self) -> list[dg.RunRequest]:
        """What the schedule requests."""
        return list(stage_requests(FLOW, 0, tick_of(TICK), ["a", "b"]))

    def next_of(self, instance: dg.DagsterInstance) -> tuple[list[str | None], str]:
        data = evaluate(FLOWS, instance, "")
        return [request.partition_key for request in data.run_requests or ()], data.skip_message or ""

    @pytest.fixture
    def lasting(self, tmp_path: Path) -> Iterator[dg.DagsterInstance]:
        """An instance that a schedule's context can refer to."""
        with dg.DagsterInstance.local_temp(str(tmp_path)) as local:
            yield local

    def tick(
        self, instance: dg.DagsterInstance, at: datetime = TICK, flow: Flow = FLOW
    ) -> tuple[list[str | None], str]:
        """The run keys that the schedule requests, and why it does not."""
        with dg.build_schedule_context(
            instance=instance,
            scheduled_execution_time=at,
            resources={"warehouse": WarehouseResource(dsn="")},
            repository_def=DEFS.get_repository_def(),
        ) as context:
            data = flow_schedule(flow).evaluate_tick(context)
        return [request.run_key for request in data.run_requests or ()], data.skip_message or ""

    def test_the_schedule_requests_the_first_stage_and_a_tick_has_its_own_run_keys(
        self, lasting: dg.DagsterInstance
    ) -> None:
        keys = ["letters 2026-11-29 02:00 1 a", "letters 2026-11-29 02:00 1 b"]
        assert self.tick(lasting) == (keys, "") == self.tick(lasting)
        assert set(keys).isdisjoint(self.tick(lasting, TICK + timedelta(days=1))[0])

    def test_what_an_earlier_tick_requested_is_not_requested_again_before_its_run_has_ended(
        self, lasting: dg.DagsterInstance
    ) -> None:
        job = DEFS.resolve_job_def("one")
        for partition in ("a", "b"):
            tags = {PARTITION_TAG: partition}
            lasting.create_run_for_job(job, tags=tags, status=dg.DagsterRunStatus.STARTED)
            told = self.tick(lasting)
            if partition == "a":
                assert told == (["letters 2026-11-29 02:00 1 b"], "")
        assert told == ([], "The run of one that an earlier tick requested has not ended.")

    def test_a_tick_that_needs_no_run_says_so(self, lasting: dg.DagsterInstance) -> None:
        idle = Flow("idle", "0 2 * * *", "Nothing.", (Stage("one", lambda *_: []),))
        assert self.tick(lasting, flow=idle) == ([], "No partition of one has to be made at present.")

    def test_a_provider_without_keys_on_a_live_platform_is_left_alone_and_the_tick_says_so(
        self, lasting: dg.DagsterInstance, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        flow = replace(FLOW, provider="kma")
        assert self.tick(lasting, flow=flow)[0]
        monkeypatch.setenv("KTO_API_KEY", "abcdef")
        requested, reason = self.tick(lasting, flow=flow)
        assert requested == []
        assert reason.startswith("kma is skipped: no API key for it is set. Set KMA_API_KEY")

    def test_a_flow_that_has_nothing_to_do_with_the_settings_says_why(
        self, lasting: dg.DagsterInstance, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        flow = replace(FLOW, unless=lambda settings: None if settings.backup_url else "There is no place.")
        assert self.tick(lasting, flow=flow) == ([], "There is no place.")
        monkeypatch.setenv("WEATHERFLICK_BACKUP_URL", "/backups")
        assert self.tick(lasting, flow=flow)[0]

    def test_a_flow_that_has_not_begun_is_not_continued(self, instance: dg.DagsterInstance) -> None:
        assert self.next_of(instance) == ([], "letters: it has not begun lately.")

    def test_the_next_stage_waits_until_every_run_of_a_stage_has_ended(
        self, instance: dg.DagsterInstance, first: list[dg.RunRequest]
    ) -> None:
        execute(instance, *first[:1])
        assert self.next_of(instance) == ([], "letters: stage 1 has not ended.")
        execute(instance, *first[1:])
        assert self.next_of(instance)[0] == ["c", "d"]

    def test_a_stage_that_is_requested_is_not_requested_again(
        self, instance: dg.DagsterInstance, first: list[dg.RunRequest]
    ) -> None:
        execute(instance, *first)
        second = evaluate(FLOWS, instance, "").run_requests or []
        assert len({request.run_key for request in (*first, *second)}) == 4
        execute(instance, *second)
        assert self.next_of(instance) == ([], "letters: its last stage is requested.")

    def test_a_stage_of_which_a_run_failed_is_followed_all_the_same(
        self, instance: dg.DagsterInstance, first: list[dg.RunRequest]
    ) -> None:
        execute(instance, *first)
        instance.report_run_failed(instance.get_runs()[0])
        assert self.next_of(instance)[0] == ["c", "d"]

    def test_a_run_that_dagster_will_retry_has_not_ended(
        self, instance: dg.DagsterInstance, first: list[dg.RunRequest]
    ) -> None:
        execute(instance, *first)
        instance.add_run_tags(instance.get_runs()[0].run_id, {"dagster/will_retry": "true"})
        assert self.next_of(instance) == ([], "letters: stage 1 has not ended.")

    @pytest.mark.fault(
        "Liveness",
        "a command has run a flow that a schedule runs too",
        "the sensor goes on with the schedule's runs alone",
    )
    def test_runs_of_commands_and_their_executions_again_are_not_continued(
        self, instance: dg.DagsterInstance, first: list[dg.RunRequest]
    ) -> None:
        of_command = {FLOW_TAG: FLOW.name, COLLECTION_TAG: "a collection"}
        instance.create_run_for_job(DEFS.resolve_job_def("one"), tags=of_command)
        assert self.next_of(instance) == ([], "letters: it has not begun lately.")
        execute(instance, *first)
        assert self.next_of(instance)[0] == ["c", "d"]

    def test_the_next_tick_begins_the_flow_again(
        self, instance: dg.DagsterInstance, first: list[dg.RunRequest]
    ) -> None:
        execute(instance, *first, *stage_requests(FLOW, 1, tick_of(TICK), ["c", "d"]))
        tomorrow = list(stage_requests(FLOW, 0, tick_of(TICK + timedelta(days=1)), ["a", "b"]))
        execute(instance, *tomorrow[:1])
        assert self.next_of(instance) == ([], "letters: stage 1 has not ended.")


def note(dsn: str, *partitions: tuple[str, str], since: timedelta = timedelta(hours=1)) -> None:
    notes = Notes()
    notes.add(partitions)
    with psycopg.connect(dsn) as connection:
        connection.execute(NOTE, notes.parameters(cause="a test", since=now() - since))


def requested(instance: dg.DagsterInstance, dsn: str) -> Mapping[str | None, dg.RunRequest]:
    """What the sensor requests, by partition."""
    return {request.partition_key: request for request in evaluate(OUTBOX, instance, dsn).run_requests or ()}


def reason(instance: dg.DagsterInstance, dsn: str) -> str:
    """Why the sensor requests nothing."""
    data = evaluate(OUTBOX, instance, dsn)
    assert not data.run_requests
    return data.skip_message or ""


@pytest.mark.automation("publish_pending")
class TestOutbox:
    def test_the_entries_of_a_partition_are_published_by_one_run(
        self, instance: dg.DagsterInstance, store: str
    ) -> None:
        note(store, ("core/attractions", "50"), ("core/rooms", "50"), ("core/attractions", "11"))
        found = requested(instance, store)
        assert {partition: request.asset_selection for partition, request in found.items()} == {
            "11": [dg.AssetKey(["core", "attractions"])],
            "50": [dg.AssetKey(["core", "attractions"]), dg.AssetKey(["core", "rooms"])],
        }
        assert found["50"].tags["region"] == "제주"

    def test_an_empty_outbox_requests_nothing_and_says_so(self, instance: dg.DagsterInstance, store: str) -> None:
        assert reason(instance, store) == "The outbox is empty."

    def test_the_same_entries_have_the_same_run_key_and_changed_ones_another(
        self, instance: dg.DagsterInstance, store: str
    ) -> None:
        note(store, ("core/attractions", "50"))
        before = requested(instance, store)["50"].run_key
        assert requested(instance, store)["50"].run_key == before
        note(store, ("core/attractions", "50"))
        assert requested(instance, store)["50"].run_key != before

    def test_what_was_noted_just_now_is_left_to_the_run_that_noted_it(
        self, instance: dg.DagsterInstance, store: str
    ) -> None:
        note(store, ("core/attractions", "50"))
        note(store, ("core/rooms", "50"), since=timedelta(0))
        assert reason(instance, store) == "50: noted less than a minute ago."

    def test_a_partition_that_a_run_is_for_is_left_to_that_run(self, instance: dg.DagsterInstance, store: str) -> None:
        note(store, ("core/attractions", "50"), ("core/attractions", "11"))
        run = instance.create_run_for_job(DEFS.resolve_job_def("one"), tags={"dagster/partition": "50"})
        assert list(requested(instance, store)) == ["11"]
        instance.report_run_failed(run)
        assert set(requested(instance, store)) == {"11", "50"}

    def test_while_a_command_executes_runs_nothing_is_requested_until_it_ends(
        self, instance: dg.DagsterInstance, store: str
    ) -> None:
        note(store, ("core/attractions", "50"))
        with psycopg.connect(store, autocommit=True) as command, psycopg.connect(store, autocommit=True) as another:
            announce_command(command)
            announce_command(another)
            assert reason(instance, store).startswith("A command executes runs.")
        assert list(requested(instance, store)) == ["50"]

    def test_what_a_gate_holds_back_is_requested_again_only_when_it_has_changed(
        self, instance: dg.DagsterInstance, store: str
    ) -> None:
        note(store, ("core/attractions", "50"), ("core/rooms", "50"))
        execute(instance, requested(instance, store)["50"], fails="held_back")
        assert reason(instance, store) == "50: tried already; it waits for a change."
        note(store, ("core/rooms", "50"))
        assert requested(instance, store)["50"].asset_selection == [dg.AssetKey(["core", "rooms"])]

    def test_a_run_that_died_is_requested_again_but_not_for_ever(
        self, instance: dg.DagsterInstance, store: str
    ) -> None:
        note(store, ("core/attractions", "50"))
        time = [now()]
        outbox = publish_pending(JOBS, {"publishing": ["core/attractions", "core/rooms"]}, clock=lambda: time[0])
        distances, last = [], time[0]
        for _ in range(PUBLICATIONS.most):
            while not (found := evaluate(outbox, instance, store).run_requests):
                time[0] += timedelta(minutes=1)
            distances.append(round((time[0] - last) / timedelta(minutes=1)))
            last = time[0]
            with freeze_time(last):
                execute(instance, *found, fails="died")
        assert distances == [0, 1, 2, 4, 8, 16]
        time[0] += timedelta(days=30)
        said = evaluate(outbox, instance, store).skip_message
        assert said == "50: 6 runs have died; look at them, then launch publishing by hand."
        note(store, ("core/attractions", "50"))
        assert list(requested(instance, store)) == ["50"]

    def test_entries_about_assets_that_nothing_publishes_are_left_alone(
        self, instance: dg.DagsterInstance, store: str
    ) -> None:
        note(store, ("core/unknown", "50"))
        assert reason(instance, store) == "The outbox holds nothing that a job publishes."

    def test_a_request_carries_the_changes_it_publishes(self, instance: dg.DagsterInstance, store: str) -> None:
        note(store, ("core/attractions", "50"))
        with psycopg.connect(store) as connection:
            (entry,) = pending(connection)
        request = requested(instance, store)["50"]
        assert request.tags[CHANGES_TAG] == str(entry.change_id)
        assert COLLECTION_TAG not in request.tags


def test_the_sensors_of_the_platform_evaluate_on_an_empty_database(instance: dg.DagsterInstance, store: str) -> None:
    defs = build_defs()
    for name in ("continue_flows", "publish_pending"):
        assert evaluate(defs.resolve_sensor_def(name), instance, store, defs).skip_message, name
