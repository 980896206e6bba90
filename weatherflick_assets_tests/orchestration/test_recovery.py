"""What a tick could not get is asked for again: after the reset of a quota, by one run while an upstream is down, not for ever."""

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import dagster as dg
import pytest
from dagster._core.definitions.run_request import InstigatorType
from dagster._core.definitions.sensor_definition import SensorExecutionData
from dagster._core.remote_origin import ManagedGrpcPythonEnvCodeLocationOrigin, RemoteRepositoryOrigin
from dagster._core.scheduler.instigation import InstigatorState, InstigatorStatus, ScheduleInstigatorData
from dagster._core.storage.runs.schema import RunsTable
from dagster._core.test_utils import freeze_time
from dagster._core.types.loadable_target_origin import LoadableTargetOrigin

from weatherflick_assets.alerts import store as incidents
from weatherflick_assets.orchestration.flows import PARTITIONS_DUE, STOPPED_FLOWS, Flow, Patience, Priority, Stage
from weatherflick_assets.orchestration.recovery import collect_again
from weatherflick_assets.orchestration.schedules import flow_schedule, stage_requests, tick_of
from weatherflick_assets.orchestration.tags import FAILURE_KIND, RESUMED_FROM_TAG
from weatherflick_assets.orchestration.warehouse import WarehouseResource
from weatherflick_assets.places.kto import OPERATION_BY_NAME
from weatherflick_assets.settings import KST
from weatherflick_assets_tests.places.store.stock import execute

# Dagster 1.13 asks pydantic for the fields of resources in the old way.
pytestmark = pytest.mark.filterwarnings("ignore:The `__fields__` attribute is deprecated")

MINUTE, HOUR = timedelta(minutes=1), timedelta(hours=1)
TICK = datetime(2026, 11, 29, 2, tzinfo=KST)
REGIONS = dg.StaticPartitionsDefinition(["11", "26", "50"])
FAILS = "fails"
"""Tag of a run that fails with a failure of this kind; "died" is one that does not say why."""


@dg.asset(partitions_def=REGIONS)
def places(context: dg.AssetExecutionContext) -> None:
    if kind := context.run.tags.get(FAILS):
        raise dg.Failure("It failed.", metadata={} if kind == "died" else {FAILURE_KIND: kind})


@dg.asset
def changes() -> None: ...


JOBS = {
    "collect": dg.define_asset_job("collect", [places], executor_def=dg.in_process_executor),
    "read": dg.define_asset_job("read", [changes], executor_def=dg.in_process_executor),
}
WEEKLY = Flow("weekly", "0 2 * * sun", "Every region.", (Stage("collect", lambda *_: ["11", "26", "50"]),), "kto")
DAILY = Flow("daily", "30 0 * * *", "One region.", (Stage("collect", lambda *_: ["50"]),), needs=("changes",))
HOURLY = replace(WEEKLY, name="hourly", cron="10 * * * *")
DEFS = dg.Definitions(assets=[places, changes], jobs=list(JOBS.values()))
QUIET = {"loggers": {"console": {"config": {"log_level": "CRITICAL"}}}}
ORIGIN = RemoteRepositoryOrigin(
    ManagedGrpcPythonEnvCodeLocationOrigin(LoadableTargetOrigin(module_name="tests"), "tests"), "__repository__"
)


@dataclass
class Daemon:
    """An instance at a time, which goes on when the test says so."""

    instance: dg.DagsterInstance
    dsn: str
    at: datetime = TICK
    flows: tuple[Flow, ...] = (WEEKLY,)
    last: SensorExecutionData | None = field(default=None)

    def tick(self, flow: Flow | None = None) -> list[dg.RunRequest]:
        """What the schedule requests at its time."""
        with (
            freeze_time(self.at),
            dg.build_schedule_context(
                instance=self.instance,
                scheduled_execution_time=self.at,
                resources={"warehouse": WarehouseResource(dsn=self.dsn)},
                repository_def=DEFS.get_repository_def(),
            ) as context,
        ):
            return list(flow_schedule(flow or self.flows[0]).evaluate_tick(context).run_requests or ())

    def run(self, *requests: dg.RunRequest, fails: str | None = None) -> None:
        """Execute what was requested."""
        for request in requests:
            with freeze_time(self.at):
                result = DEFS.resolve_job_def(request.job_name or "collect").execute_in_process(
                    instance=self.instance,
                    partition_key=request.partition_key,
                    tags={**request.tags, **({FAILS: fails} if fails else {})},
                    run_config=QUIET,
                    raise_on_error=False,
                )
            self._began(result.run_id)

    def _began(self, run_id: str) -> None:
        """When a run was created is said by the database, and not by Dagster's clock."""
        at = self.at.astimezone(UTC).replace(tzinfo=None)
        with self.instance.run_storage.connect() as connection:  # type: ignore[attr-defined]
            connection.execute(RunsTable.update().where(RunsTable.c.run_id == run_id).values(create_timestamp=at))

    def again(self, after: timedelta = timedelta()) -> list[dg.RunRequest]:
        """What the sensor requests after some time."""
        self.at += after
        sensor = collect_again(self.flows, tuple(OPERATION_BY_NAME.values()), JOBS, {}, lambda: self.at)
        with freeze_time(self.at):
            context = dg.build_sensor_context(
                instance=self.instance,
                resources={"warehouse": WarehouseResource(dsn=self.dsn)},
                repository_def=DEFS.get_repository_def(),
            )
            self.last = sensor.evaluate_tick(context)
        return list(self.last.run_requests or ())

    @property
    def said(self) -> str:
        """Why the sensor requested nothing."""
        assert self.last is not None
        return self.last.skip_message or ""

    def answer(self) -> None:
        """The upstream answers a call, whoever made it."""
        execute(
            self.dsn,
            "WITH body AS (INSERT INTO raw.bodies (body_sha256, body_bytes) VALUES (sha256(%s::bytea), 0) RETURNING *) "
            "INSERT INTO raw.calls (provider, operation, request_params, http_status, result_code, body_sha256, "
            "api_key_id, duration_ms, fetched_at) "
            "SELECT 'kto', 'areaBasedSyncList2', '{}', 200, '0000', body_sha256, 'key', 1, %s FROM body",
            str(self.at), self.at,
        )  # fmt: skip


@pytest.fixture
def daemon(tmp_path: Path, store: str) -> Iterator[Daemon]:
    with dg.DagsterInstance.local_temp(str(tmp_path)) as instance:
        yield Daemon(instance, store)


def partitions(requests: list[dg.RunRequest]) -> list[str | None]:
    return [request.partition_key for request in requests]


class TestDistances:
    PATIENCE = Patience(at_once=2, first=HOUR, longest=4 * HOUR, most=7)

    def test_distances_grow_up_to_the_longest_and_then_it_ends(self) -> None:
        found = [self.PATIENCE.next_at(failures, TICK) for failures in range(1, 8)]
        assert [at and at - TICK for at in found] == [0 * HOUR, 0 * HOUR, HOUR, 2 * HOUR, 4 * HOUR, 4 * HOUR, None]

    @pytest.mark.parametrize("patience", [PARTITIONS_DUE, STOPPED_FLOWS])
    def test_everything_that_is_requested_again_ends(self, patience: Patience) -> None:
        assert patience.next_at(patience.most - 1, TICK) is not None
        assert patience.next_at(patience.most, TICK) is None


@pytest.mark.automation("collect_again")
class TestStopped:
    def test_what_succeeded_is_not_asked_for_again(self, daemon: Daemon) -> None:
        daemon.run(*daemon.tick())
        assert daemon.again(HOUR) == []
        assert daemon.said == "Nothing is left that a tick could not get."

    @pytest.mark.parametrize("kind", ["held_back", "permanent", "no_keys", "not_yet"])
    def test_what_would_fail_again_is_not_asked_for_again(self, daemon: Daemon, kind: str) -> None:
        daemon.run(*daemon.tick(), fails=kind)
        assert daemon.again(12 * HOUR) == []

    def test_what_a_spent_quota_stopped_is_asked_for_after_the_reset(self, daemon: Daemon) -> None:
        first, *others = daemon.tick()
        daemon.run(first)
        daemon.run(*others, fails="exhausted")
        assert daemon.again(21 * HOUR) == []
        assert daemon.said.startswith("collect 26: it is asked for again after 2026-11-30 00:00.")
        assert partitions(daemon.again(61 * MINUTE)) == ["26", "50"]

    def test_what_is_asked_for_again_uses_what_was_received(self, daemon: Daemon) -> None:
        daemon.run(*daemon.tick(), fails="died")
        found = daemon.again(HOUR)
        assert {request.tags[RESUMED_FROM_TAG] for request in found} != {""}
        assert all(datetime.fromisoformat(request.tags[RESUMED_FROM_TAG]).tzinfo for request in found)

    def test_while_an_upstream_is_down_one_run_tries_and_the_others_follow_when_it_answers(
        self, daemon: Daemon
    ) -> None:
        daemon.run(*daemon.tick(), fails="unreachable")
        assert daemon.again() == []
        probe = daemon.again(15 * MINUTE)
        assert partitions(probe) == ["11"]
        daemon.run(*probe, fails="unreachable")
        assert daemon.again(29 * MINUTE) == []
        assert daemon.said == "kto does not answer; one run tries after 2026-11-29 02:45, and 3 wait for it."
        # The next one tries the next region, so that one bad region does not keep the others from it.
        assert partitions(daemon.again(MINUTE)) == ["26"]
        daemon.at += MINUTE
        daemon.answer()
        assert partitions(daemon.again(HOUR)) == ["11", "26", "50"]

    def test_the_same_request_made_twice_creates_one_run(self, daemon: Daemon) -> None:
        daemon.run(*daemon.tick(), fails="died")
        assert [one.run_key for one in daemon.again(HOUR)] == [one.run_key for one in daemon.again(MINUTE)]

    def test_a_run_under_way_is_waited_for(self, daemon: Daemon) -> None:
        daemon.run(*daemon.tick(), fails="died")
        (first, *_) = daemon.again(HOUR)
        daemon.instance.create_run_for_job(
            DEFS.resolve_job_def("collect"), tags=dict(first.tags) | {"dagster/partition": "11"},
            status=dg.DagsterRunStatus.STARTED,
        )  # fmt: skip
        assert partitions(daemon.again(HOUR)) == ["26", "50"]

    def test_a_region_that_fails_again_and_again_is_given_up_and_is_an_incident_until_it_works(
        self, daemon: Daemon
    ) -> None:
        first, *others = daemon.tick()
        daemon.run(first, fails="died")
        daemon.run(*others)
        for distance in (15, 30, 60, *[120] * 8):
            assert daemon.again((distance - 1) * MINUTE) == []
            found = daemon.again(MINUTE)
            assert partitions(found) == ["11"]
            daemon.run(*found, fails="died")
        assert daemon.again(timedelta(days=5)) == []
        assert daemon.said == "collect 11: 12 runs have failed; look at them, then launch it by hand."
        (incident,) = incidents.open_incidents(daemon.dsn)
        assert (incident.kind, incident.subject) == ("given_up", "collect 11")
        assert incident.detail.startswith("12 runs have failed in a row, the last one at 11-29 ")
        daemon.run(first)
        assert daemon.again(HOUR) == []
        assert incidents.open_incidents(daemon.dsn) == []

    def test_what_the_next_tick_does_within_the_hour_is_left_to_it(self, daemon: Daemon) -> None:
        daemon.run(*daemon.tick(), fails="died")
        assert daemon.again(timedelta(days=7) - HOUR / 2) == []
        assert daemon.said == "Nothing is left that a tick could not get."

    def test_a_flow_that_ticks_every_hour_makes_up_for_itself(self, daemon: Daemon) -> None:
        daemon.flows = (HOURLY,)
        daemon.at += 10 * MINUTE
        daemon.run(*daemon.tick(), fails="died")
        assert daemon.again(5 * HOUR) == []

    def test_what_the_last_tick_of_the_day_missed_does_not_wait_for_the_next_morning(self, daemon: Daemon) -> None:
        daemon.flows = (replace(WEEKLY, name="noon", cron="10 11,13,16 * * *"),)
        daemon.at = TICK.replace(hour=16, minute=10)
        daemon.run(*daemon.tick(), fails="unreachable")
        daemon.at += 2 * HOUR
        daemon.answer()
        assert partitions(daemon.again(MINUTE)) == ["11", "26", "50"]

    def test_a_schedule_that_is_switched_off_is_left_alone(self, daemon: Daemon) -> None:
        daemon.run(*daemon.tick(), fails="died")
        origin = ORIGIN.get_instigator_origin("weekly_schedule")
        daemon.instance.add_instigator_state(
            InstigatorState(
                origin, InstigatorType.SCHEDULE, InstigatorStatus.STOPPED, ScheduleInstigatorData(WEEKLY.cron or "")
            )
        )
        assert daemon.again(HOUR) == []


class TestNeeds:
    def test_a_tick_is_skipped_where_what_it_needs_was_not_made_within_a_day(self, daemon: Daemon) -> None:
        read = dg.RunRequest(job_name="read")
        daemon.flows = (DAILY,)
        assert daemon.tick() == []
        daemon.run(read)
        daemon.at += 23 * HOUR
        assert partitions(daemon.tick()) == ["50"]
        daemon.at += 2 * HOUR
        assert daemon.tick() == []

    def test_the_tick_is_made_up_once_when_it_is_made(self, daemon: Daemon) -> None:
        daemon.flows = (DAILY,)
        daemon.at = TICK.replace(hour=0, minute=30)
        assert daemon.tick() == []
        assert daemon.again(3 * HOUR) == []
        daemon.run(dg.RunRequest(job_name="read"))
        found = daemon.again(MINUTE)
        assert [request.run_key for request in found] == ["daily 2026-11-29 00:30 1 50"]
        daemon.run(*found)
        assert daemon.again(HOUR) == []


class TestPartitionsDue:
    """A schedule requests a partition as long as it is due, and not for ever."""

    FLOW = Flow("issues", "0 * * * *", "One issue.", (Stage("collect", lambda *_: ["50"], depends_on_need=True),))

    def test_a_partition_that_fails_at_every_tick_is_requested_less_and_less_and_then_not_any_more(
        self, daemon: Daemon
    ) -> None:
        daemon.flows = (self.FLOW,)
        for hours in (0, *[1] * 6, 2, 4, 8, 16, *[24] * 9):
            if hours > 1:
                daemon.at += (hours - 1) * HOUR
                assert daemon.tick() == []
            daemon.at += min(hours, 1) * HOUR
            found = daemon.tick()
            assert partitions(found) == ["50"]
            daemon.run(*found, fails="died")
        daemon.at += timedelta(days=300)
        assert daemon.tick() == []
        assert daemon.again() == []
        (incident,) = incidents.open_incidents(daemon.dsn)
        assert (incident.kind, incident.subject) == ("given_up", "collect 50")


def test_requests_of_the_weather_leave_the_queue_before_those_of_the_catalogue_and_upkeep_comes_last() -> None:
    def first_of(priority: Priority) -> list[int]:
        flow = replace(WEEKLY, priority=priority)
        requests = stage_requests(flow, 0, tick_of(TICK), ["11", "26", "50"])
        return [int(request.tags["dagster/priority"]) for request in requests]

    timely, steady, upkeep = map(first_of, (Priority.TIMELY, Priority.STEADY, Priority.UPKEEP))
    assert min(timely) > max(steady)
    assert min(steady) > max(upkeep)
    assert steady == sorted(steady, reverse=True)
