"""What every schedule asks for at its time, on a database in which there is nothing yet; and that none is left out.

docs/automation.md shows the same from the declarations. What follows when runs fail is in the tests of `orchestration/`.
"""

import logging
import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

import dagster as dg
import pytest
from dagster._core.definitions.run_request import InstigatorType
from dagster._core.remote_origin import InProcessCodeLocationOrigin
from dagster._core.test_utils import freeze_time
from dagster._core.types.loadable_target_origin import LoadableTargetOrigin
from dagster._core.workspace.context import WorkspaceProcessContext
from dagster._core.workspace.load_target import InProcessWorkspaceLoadTarget
from dagster._scheduler.scheduler import launch_scheduled_runs
from dagster._utils.schedules import cron_string_iterator

from weatherflick_assets.alerts.facts import KIND_OF_JOB
from weatherflick_assets.build import build_defs, scheduled_flows
from weatherflick_assets.orchestration.flows import Flow, Priority, UnknownFlowError, switched_on
from weatherflick_assets.orchestration.tags import TICK_TAG
from weatherflick_assets.orchestration.warehouse import WarehouseResource
from weatherflick_assets.settings import KST, Settings

# Dagster 1.13 asks pydantic for the fields of resources in the old way.
pytestmark = pytest.mark.filterwarnings("ignore:The `__fields__` attribute is deprecated")

MONDAY = datetime(2026, 11, 23, tzinfo=KST)
TIMELY, STEADY, UPKEEP = Priority.TIMELY, Priority.STEADY, Priority.UPKEEP


@dataclass(frozen=True)
class Expected:
    """What a schedule does.

    Attributes:
        ticks: in a week.
        first: its first tick in a week that begins on Monday, in Korean time.
        asks: job and partition that it requests then; or why it requests nothing.
    """

    name: str
    ticks: int
    first: str
    asks: str
    priority: Priority


SCHEDULES = (
    Expected("changes", 7, "Mon 00:05", "collect_changes", STEADY),
    Expected("festivals", 7, "Mon 00:15", "collect_festivals", STEADY),
    Expected("details", 7, "Mon 00:30", "raw/kto/place_changes was not made within 24 hours.", STEADY),
    Expected("places", 1, "Sun 02:00", "collect_places unassigned", STEADY),
    Expected("codes", 1, "Mon 03:00", "collect_codes", STEADY),
    Expected("pets", 1, "Mon 03:15", "collect_pets", STEADY),
    Expected("stays", 1, "Mon 03:30", "collect_stays", STEADY),
    Expected("quotas", 21, "Mon 06:00", "check_quotas", STEADY),
    Expected("observations", 504, "Mon 00:14", "collect_observations 202611230000", TIMELY),
    Expected("nowcasts", 504, "Mon 00:08", "collect_nowcasts 202611222330", TIMELY),
    Expected("midterm", 28, "Mon 06:35", "collect_midterm 202611230600", TIMELY),
    Expected("forecasts", 672, "Mon 00:12", "collect_forecasts 202611222300", TIMELY),
    Expected("air_quality", 504, "Mon 00:18", "collect_air_quality 202611230000", TIMELY),
    Expected("air_quality_forecasts", 98, "Mon 05:25", "collect_air_quality_forecasts 202611230500", TIMELY),
    Expected("warnings", 672, "Mon 00:04", "collect_warnings", TIMELY),
    Expected("station_days", 21, "Mon 11:10", "collect_station_days 202611220000", TIMELY),
    Expected("station_years", 42, "Mon 17:40", "collect_station_years 202501010000", STEADY),
    Expected("holidays", 1, "Mon 05:00", "collect_holidays", STEADY),
    Expected("air_stations", 1, "Mon 05:10", "collect_air_stations", STEADY),
    Expected("forecast_skill", 7, "Mon 01:20", "core/weather_observations was not made within 24 hours.", STEADY),
    Expected(
        "recommendation_verification", 7, "Mon 01:50", "core/weather_observations was not made within 24 hours.", STEADY
    ),
    Expected("climate", 7, "Mon 23:20", "No partition of work_out_climate has to be made at present.", STEADY),
    Expected("region_reports", 1, "Mon 07:30", "No partition of report_regions has to be made at present.", STEADY),
    Expected("suitability", 672, "Mon 00:17", "core/daily_forecasts was not made within 24 hours.", TIMELY),
    Expected("retention", 7, "Mon 04:00", "retention", UPKEEP),
    Expected("data_checks", 168, "Mon 00:07", "check_published_data", UPKEEP),
    Expected("field_checks", 7, "Mon 05:40", "check_upstream_fields", UPKEEP),
    Expected("quality", 7, "Mon 06:00", "measure_quality 2026-11-22", UPKEEP),
    Expected("backup", 7, "Mon 04:30", "No backup is made: WEATHERFLICK_BACKUP_URL is not set.", UPKEEP),
    Expected("wal", 168, "Mon 00:55", "No backup is made: WEATHERFLICK_BACKUP_URL is not set.", UPKEEP),
    Expected("restore_drill", 1, "Sun 05:30", "No backup is made: WEATHERFLICK_BACKUP_URL is not set.", UPKEEP),
)


@pytest.fixture(scope="module")
def defs() -> dg.Definitions:
    return build_defs()


@pytest.fixture(scope="module")
def instance(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dg.DagsterInstance]:
    with dg.DagsterInstance.local_temp(str(tmp_path_factory.mktemp("dagster"))) as local:
        yield local


def ticks_of(flow: Flow) -> list[datetime]:
    """Its ticks in a week."""
    assert flow.cron is not None
    found = []
    for at in cron_string_iterator(MONDAY.timestamp(), flow.cron, str(KST)):
        if at >= MONDAY + timedelta(days=7):
            break
        found.append(at)
    return found


@pytest.mark.parametrize("expected", SCHEDULES, ids=lambda one: one.name)
def test_at_its_time_a_schedule_asks_for_what_there_is_to_get(
    defs: dg.Definitions, instance: dg.DagsterInstance, store: str, expected: Expected
) -> None:
    (flow,) = (flow for flow in scheduled_flows() if flow.name == expected.name)
    ticks = ticks_of(flow)
    assert (len(ticks), f"{ticks[0]:%a %H:%M}", flow.priority) == (expected.ticks, expected.first, expected.priority)
    schedule = defs.resolve_schedule_def(f"{expected.name}_schedule")
    with dg.build_schedule_context(
        instance=instance,
        scheduled_execution_time=ticks[0],
        resources={"warehouse": WarehouseResource(dsn=store)},
        repository_def=defs.get_repository_def(),
    ) as context:
        data = schedule.evaluate_tick(context)
    if data.run_requests:
        (request,) = data.run_requests
        assert " ".join(filter(None, (request.job_name, request.partition_key))) == expected.asks
        assert int(request.tags["dagster/priority"]) == flow.priority
    else:
        assert (data.skip_message or "").startswith(expected.asks)


SOME = ("changes", "forecasts", "codes", "data_checks")


def some_schedules() -> dg.Definitions:
    """What the scheduler loads: with the schedules that the environment names."""
    return build_defs()


# A location within a process warns about itself.
@pytest.mark.filterwarnings("ignore")
class TestMissedTicks:
    """The scheduler of Dagster's daemon, which was down from Monday 00:00 to 09:00."""

    UP_AGAIN = MONDAY + timedelta(hours=9)

    @pytest.fixture
    def daemon(self, store: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[WorkspaceProcessContext]:
        monkeypatch.setenv("WEATHERFLICK_DATABASE_URL", store)
        monkeypatch.setenv("WEATHERFLICK_SCHEDULES", ",".join(SOME))
        queued = {"module": "dagster.core.run_coordinator", "class": "QueuedRunCoordinator"}
        platform = InProcessCodeLocationOrigin(
            LoadableTargetOrigin(module_name=__name__, attribute=some_schedules.__name__), location_name="tests"
        )
        with (
            dg.DagsterInstance.local_temp(str(tmp_path), overrides={"run_coordinator": queued}) as instance,
            WorkspaceProcessContext(instance, InProcessWorkspaceLoadTarget(platform)) as context,  # type: ignore[arg-type]
        ):
            yield context

    def evaluate(self, daemon: WorkspaceProcessContext, at: datetime) -> None:
        """What the scheduler does at a time, with nothing in its memory."""
        with freeze_time(at):
            for _ in launch_scheduled_runs(daemon, logging.getLogger("quiet"), at, {}):
                pass

    def ticks(self, daemon: WorkspaceProcessContext) -> dict[str, list[datetime]]:
        instance = daemon.instance
        found = {
            state.instigator_name.removesuffix("_schedule"): instance.get_ticks(
                state.instigator_origin_id, state.selector_id
            )
            for state in instance.all_instigator_state(instigator_type=InstigatorType.SCHEDULE)
        }
        return {name: [datetime.fromtimestamp(tick.timestamp, KST) for tick in of] for name, of in found.items()}

    def test_the_last_one_of_each_schedule_is_made_up_once(
        self, daemon: WorkspaceProcessContext, caplog: pytest.LogCaptureFixture
    ) -> None:
        caplog.set_level(logging.CRITICAL)
        self.evaluate(daemon, MONDAY - timedelta(minutes=1))
        assert self.ticks(daemon) == {name: [] for name in SOME}
        self.evaluate(daemon, self.UP_AGAIN)
        missed = {
            flow.name: [at for at in ticks_of(flow) if at <= self.UP_AGAIN]
            for flow in scheduled_flows()
            if flow.name in SOME
        }
        assert {name: len(ticks) for name, ticks in missed.items()} == {
            "changes": 1, "forecasts": 36, "codes": 1, "data_checks": 9,
        }  # fmt: skip
        assert self.ticks(daemon) == {name: ticks[-1:] for name, ticks in missed.items()}
        self.evaluate(daemon, self.UP_AGAIN)
        asked = sorted((run.job_name, run.tags[TICK_TAG]) for run in daemon.instance.get_runs())
        assert asked == [
            ("check_published_data", "2026-11-23 08:07"),
            ("collect_changes", "2026-11-23 00:05"),
            ("collect_codes", "2026-11-23 03:00"),
            ("collect_forecasts", "2026-11-23 08:52"),
        ]


def test_every_schedule_sensor_and_condition_is_named_by_a_test_that_states_what_it_does(defs: dg.Definitions) -> None:
    folder = Path(__file__).parent
    marked = [re.findall(r"mark\.automation\(([^)]*)\)", path.read_text()) for path in folder.rglob("test_*.py")]
    named = {name for found in marked for names in found for name in re.findall(r'"(\w+)"', names)}
    graph = defs.resolve_asset_graph()
    conditions = {key for key in graph.get_all_asset_keys() if graph.get(key).automation_condition is not None}
    assert {sensor.name for sensor in defs.sensors or ()} == named
    assert {schedule.name for schedule in defs.schedules or ()} == {f"{one.name}_schedule" for one in SCHEDULES}
    assert conditions == set()


class TestSwitches:
    def on(self, monkeypatch: pytest.MonkeyPatch, said: str) -> set[str]:
        monkeypatch.setenv("WEATHERFLICK_SCHEDULES", said)
        running = dg.DefaultScheduleStatus.RUNNING
        found = [one for one in build_defs().schedules or () if isinstance(one, dg.ScheduleDefinition)]
        return {one.name.removesuffix("_schedule") for one in found if one.default_status is running}

    def test_an_environment_that_says_nothing_has_every_schedule_on(self, monkeypatch: pytest.MonkeyPatch) -> None:
        assert self.on(monkeypatch, "") == {one.name for one in SCHEDULES}

    def test_an_environment_can_have_none_or_some(self, monkeypatch: pytest.MonkeyPatch) -> None:
        assert self.on(monkeypatch, "none") == set()
        assert self.on(monkeypatch, " forecasts, midterm ") == {"forecasts", "midterm"}

    def test_a_name_that_there_is_none_of_is_told_with_those_that_there_are(
        self, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setenv("WEATHERFLICK_SCHEDULES", "forecasts,wether")
        with pytest.raises(
            UnknownFlowError, match=r"WEATHERFLICK_SCHEDULES names wether, .* Write all, none, or some of"
        ):
            switched_on(scheduled_flows(), Settings())


def test_every_job_whose_failures_are_a_kind_of_their_own_is_a_job_of_the_platform(defs: dg.Definitions) -> None:
    names = {job.name for job in defs.resolve_all_job_defs()}
    assert set(KIND_OF_JOB) <= names
