"""The sensor that notices incidents: it reads real runs, checks, ticks and freshness, once each, and shows what is open."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from warnings import catch_warnings, simplefilter

import dagster as dg
import pytest
from dagster._core.definitions.freshness import FreshnessState, FreshnessStateChange
from dagster._core.definitions.run_request import InstigatorType
from dagster._core.definitions.sensor_definition import SensorExecutionData
from dagster._core.remote_origin import ManagedGrpcPythonEnvCodeLocationOrigin, RemoteRepositoryOrigin
from dagster._core.scheduler.instigation import InstigatorState, InstigatorStatus, TickData, TickStatus
from dagster._core.types.loadable_target_origin import LoadableTargetOrigin
from dagster_shared.error import SerializableErrorInfo
from pydantic import SecretStr
from sqlalchemy import URL

from weatherflick_assets.alerts import store as incidents
from weatherflick_assets.alerts.incidents import Incident
from weatherflick_assets.orchestration.incidents import INCIDENTS, incidents_asset, notice_incidents
from weatherflick_assets.orchestration.tags import COMMAND_TAG, FAILURE_KIND
from weatherflick_assets.orchestration.warehouse import WarehouseResource
from weatherflick_assets.places.kto import OPERATION_BY_NAME
from weatherflick_assets.settings import KST, now
from weatherflick_assets.upstream.api_keys import ApiKey
from weatherflick_assets.warehouse.connections import rendered
from weatherflick_assets_tests.databases import addresses_of, dsn_of
from weatherflick_assets_tests.places.store.stock import execute, rows
from weatherflick_assets_tests.upstream.hosts import KEY

# Dagster 1.13 asks pydantic for the fields of resources in the old way.
pytestmark = pytest.mark.filterwarnings("ignore:The `__fields__` attribute is deprecated")

REGIONS = dg.StaticPartitionsDefinition(["11", "50"])
HOURS = dg.HourlyPartitionsDefinition("2026-11-01-00:00", timezone="Asia/Seoul", end_offset=1)
FAILS = "fails"
"""Tag of a run that fails with a failure of this kind; "bug" is one that nobody expected."""


def made(context: dg.AssetExecutionContext) -> None:
    kind = context.run.tags.get(FAILS)
    if kind == "bug":
        raise ValueError("nobody expected this")
    if kind:
        raise dg.Failure(f"It is {kind}.", metadata={FAILURE_KIND: kind})


@dg.asset(
    partitions_def=REGIONS,
    owners=["team:places"],
    freshness_policy=dg.FreshnessPolicy.time_window(fail_window=timedelta(days=2)),
)
def places(context: dg.AssetExecutionContext) -> None:
    made(context)


@dg.asset(partitions_def=HOURS)
def weather(context: dg.AssetExecutionContext) -> None:
    made(context)


def check(asset: dg.AssetsDefinition, name: str, partitions: dg.PartitionsDefinition) -> dg.AssetChecksDefinition:
    @dg.asset_check(asset=asset, name=name, partitions_def=partitions)
    def checked(context: dg.AssetCheckExecutionContext) -> dg.AssetCheckResult:
        verdict = context.run.tags.get(name, "passes")
        severity = dg.AssetCheckSeverity.WARN if verdict == "warns" else dg.AssetCheckSeverity.ERROR
        return dg.AssetCheckResult(
            passed=verdict == "passes", severity=severity, description="2 rules failed &#91;a, b&#93;."
        )

    return checked


@dg.sensor(default_status=dg.DefaultSensorStatus.RUNNING, minimum_interval_seconds=30)
def some_sensor() -> dg.SkipReason:
    return dg.SkipReason("Nothing.")


with catch_warnings():
    simplefilter("ignore", dg.PreviewWarning)  # partitions of checks are a preview in Dagster 1.13
    CHECKS = [check(places, "publishable", REGIONS), check(weather, "fresh", HOURS), check(weather, "quotas", HOURS)]
JOBS = [
    dg.define_asset_job("collect_places", dg.AssetSelection.assets(places), executor_def=dg.in_process_executor),
    dg.define_asset_job("collect_weather", dg.AssetSelection.assets(weather), executor_def=dg.in_process_executor),
    dg.define_asset_job(
        "make_backup", dg.AssetSelection.assets(weather).without_checks(), executor_def=dg.in_process_executor
    ),
]
DEFS = dg.Definitions(
    assets=[places, weather, incidents_asset()], asset_checks=CHECKS, jobs=JOBS, sensors=[some_sensor]
)
ORIGIN = RemoteRepositoryOrigin(
    ManagedGrpcPythonEnvCodeLocationOrigin(LoadableTargetOrigin(module_name="tests"), "tests"), "__repository__"
)
QUIET = {"loggers": {"console": {"config": {"log_level": "CRITICAL"}}}}


@dataclass
class Platform:
    """An instance, a database, and the time, which goes on by a minute for each look."""

    instance: dg.DagsterInstance
    dsn: str
    at: datetime = field(default_factory=now)
    cursor: str | None = None
    last: SensorExecutionData | None = None

    def run(self, job: str, partition: str, tags: Mapping[str, str] | None = None) -> str:
        definition = DEFS.resolve_job_def(job)
        done = definition.execute_in_process(
            instance=self.instance,
            partition_key=partition,
            tags=dict(tags or {}),
            run_config=QUIET,
            raise_on_error=False,
        )
        return done.run_id

    def look(self, operations: tuple[str, ...] = ()) -> str:
        """One evaluation of the sensor; what it says."""
        self.at = max(self.at, now()) + timedelta(minutes=1)
        sensor = notice_incidents([OPERATION_BY_NAME[name] for name in operations], lambda: self.at)
        context = dg.build_sensor_context(
            instance=self.instance,
            resources={"warehouse": WarehouseResource(dsn=self.dsn)},
            repository_def=DEFS.get_repository_def(),
            cursor=self.cursor,
        )
        self.last = sensor.evaluate_tick(context)
        self.cursor = self.last.cursor
        return self.last.skip_message or ""

    @property
    def open(self) -> list[Incident]:
        return incidents.open_incidents(self.dsn)

    @property
    def told(self) -> dict[str, str]:
        """The subjects that are open, with their kinds."""
        return {incident.subject: incident.kind for incident in self.open}


@pytest.fixture
def platform(command_database: URL, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Platform]:
    monkeypatch.setenv("WEATHERFLICK_HOME", str(tmp_path))
    storage = {
        "module": "weatherflick_assets.orchestration.dagster_storage",
        "class": "PooledPostgresStorage",
        "config": {"postgres_url": rendered(addresses_of(command_database).dagster, "postgresql+psycopg2")},
    }
    with dg.DagsterInstance.local_temp(
        str(tmp_path), overrides={"storage": {"custom": storage}, "telemetry": {"enabled": False}}
    ) as instance:
        yield Platform(instance, dsn_of(command_database))


@pytest.mark.automation("notice_incidents")
class TestRuns:
    def test_a_failed_run_is_open_until_one_of_the_same_job_and_partition_succeeds(self, platform: Platform) -> None:
        failed = platform.run("collect_places", "50", {FAILS: "transient"})
        platform.run("collect_places", "11")
        assert platform.look() == "1 open; 1 opened and 0 closed at this look."
        (incident,) = platform.open
        assert (incident.kind, incident.subject, incident.detail) == (
            "run_failed",
            "collect_places 50",
            "It is transient.",
        )
        assert incident.run_id == failed
        platform.run("collect_places", "11")
        assert platform.look() == "1 open; 0 opened and 0 closed at this look."
        platform.run("collect_places", "50")
        assert platform.look() == "0 open; 0 opened and 1 closed at this look."

    def test_every_run_counts_once_however_often_it_is_looked_at(self, platform: Platform) -> None:
        for _ in range(2):
            platform.run("collect_places", "50", {FAILS: "bug"})
            for _ in range(2):
                platform.look()
        (incident,) = platform.open
        assert (incident.count, incident.detail) == (2, "places: ValueError: nobody expected this")

    def test_where_partitions_are_times_the_next_one_closes_it(self, platform: Platform) -> None:
        platform.run("collect_weather", "2026-11-30-05:00", {FAILS: "unreachable"})
        platform.look()
        assert platform.told == {"collect_weather": "run_failed"}
        platform.run("collect_weather", "2026-11-30-06:00")
        platform.look()
        assert platform.told == {}

    def test_a_failed_backup_is_a_kind_of_its_own(self, platform: Platform) -> None:
        platform.run("make_backup", "2026-11-30-05:00", {FAILS: "permanent"})
        platform.look()
        assert platform.told == {"make_backup": "backup_failed"}

    @pytest.mark.parametrize("tags", [{FAILS: "exhausted"}, {FAILS: "bug", COMMAND_TAG: "a command"}])
    def test_a_run_that_is_told_of_otherwise_is_no_incident(self, platform: Platform, tags: dict[str, str]) -> None:
        platform.run("collect_places", "50", tags)
        platform.look()
        assert platform.told == {}

    def test_a_run_that_dagster_will_retry_is_none_before_the_last_try_has_failed(self, platform: Platform) -> None:
        first = platform.run("collect_places", "50", {FAILS: "bug"})
        platform.instance.add_run_tags(first, {"dagster/will_retry": "true"})
        platform.look()
        assert platform.told == {}
        platform.run("collect_places", "50", {FAILS: "bug", "dagster/will_retry": "false"})
        platform.look()
        assert platform.told == {"collect_places 50": "run_failed"}

    def test_a_run_whose_process_died_is_told_with_what_dagster_says(self, platform: Platform) -> None:
        job = DEFS.resolve_job_def("collect_places")
        run = platform.instance.create_run_for_job(
            job, tags={"dagster/partition": "50"}, status=dg.DagsterRunStatus.STARTED
        )
        platform.instance.report_run_failed(run, "The process that executed this run has ended.")
        platform.look()
        assert [one.detail for one in platform.open] == ["The process that executed this run has ended."]

    def test_what_happened_a_moment_ago_is_left_for_the_next_look(self, platform: Platform) -> None:
        platform.run("collect_places", "50", {FAILS: "bug"})
        platform.at = now() - timedelta(minutes=1)  # `look` adds a minute
        sensor = notice_incidents([], now)
        context = dg.build_sensor_context(
            instance=platform.instance,
            resources={"warehouse": WarehouseResource(dsn=platform.dsn)},
            repository_def=DEFS.get_repository_def(),
        )
        sensor.evaluate_tick(context)
        assert platform.told == {}
        platform.look()
        assert platform.told == {"collect_places 50": "run_failed"}


class TestChecks:
    def test_a_failed_check_is_open_until_it_passes_for_the_same_partition(self, platform: Platform) -> None:
        platform.run("collect_places", "50", {"publishable": "fails"})
        platform.run("collect_places", "11")
        platform.look()
        (incident,) = platform.open
        assert (incident.kind, incident.subject) == ("check_failed", "places publishable 50")
        assert incident.detail == "2 rules failed [a, b]."
        assert incident.owner == "team:places"
        platform.run("collect_places", "50")
        platform.look()
        assert platform.told == {}

    def test_a_check_that_warns_is_a_warning(self, platform: Platform) -> None:
        platform.run("collect_places", "50", {"publishable": "warns"})
        platform.look()
        assert [(one.kind, one.severity) for one in platform.open] == [("check_warned", "warning")]

    def test_data_that_are_not_fresh_are_stale_and_quotas_are_told_otherwise(self, platform: Platform) -> None:
        platform.run("collect_weather", "2026-11-30-05:00", {"fresh": "fails", "quotas": "warns"})
        platform.look()
        assert platform.told == {"weather fresh": "data_stale"}
        platform.run("collect_weather", "2026-11-30-06:00")
        platform.look()
        assert platform.told == {}


class TestQuotasAndKeys:
    OPERATION = "areaBasedSyncList2"

    @pytest.fixture
    def key(self, monkeypatch: pytest.MonkeyPatch) -> ApiKey:
        monkeypatch.setenv("KTO_API_KEY", KEY)
        return ApiKey.of(SecretStr(KEY))

    def spend(self, platform: Platform, key: ApiKey, day: object, calls: int) -> None:
        execute(
            platform.dsn,
            "INSERT INTO ops.api_calls_daily (provider, operation, api_key_id, day, daily_limit, reserved, used, refused) "
            "VALUES ('kto', %s, %s, %s, 1000, %s, %s, 0)",
            self.OPERATION, key.fingerprint, day, calls, calls,
        )  # fmt: skip

    def test_a_quota_that_is_nearly_spent_is_open_until_the_next_day(self, platform: Platform, key: ApiKey) -> None:
        self.spend(platform, key, platform.at.astimezone(KST).date(), 960)
        platform.look((self.OPERATION,))
        assert {one.kind for one in platform.open} == {"quota_low", "quota_nearly_spent"}
        assert {one.subject for one in platform.open} == {f"kto {self.OPERATION}"}
        platform.at += timedelta(days=1)
        platform.look((self.OPERATION,))
        assert platform.told == {}

    def test_a_refused_key_is_open_until_a_call_with_it_is_answered(self, platform: Platform, key: ApiKey) -> None:
        execute(
            platform.dsn,
            "INSERT INTO ops.api_key_refusals (provider, api_key_id, code, reason, refused_at, refused_until) "
            "VALUES ('kto', %s, '31', 'The key has expired.', now() - interval '2 hours', now() - interval '1 hour')",
            key.fingerprint,
        )  # fmt: skip
        platform.look((self.OPERATION,))
        assert platform.told == {f"kto {key.fingerprint}": "key_refused"}
        for code, is_open in (("31", True), ("0000", False)):
            execute(
                platform.dsn,
                "WITH body AS (INSERT INTO raw.bodies (body_sha256, body_bytes) VALUES (sha256(%s::bytea), 0) RETURNING *) "
                "INSERT INTO raw.calls (provider, operation, request_params, http_status, result_code, body_sha256, "
                "api_key_id, duration_ms, fetched_at) SELECT 'kto', 'x', '{}', 200, %s, body_sha256, %s, 1, now() FROM body",
                code, code, key.fingerprint,
            )  # fmt: skip
            platform.look((self.OPERATION,))
            assert bool(platform.told) == is_open

    def test_a_key_that_is_not_configured_any_more_is_no_incident(
        self, platform: Platform, key: ApiKey, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        execute(
            platform.dsn,
            "INSERT INTO ops.api_key_refusals (provider, api_key_id, code, reason, refused_at, refused_until) "
            "VALUES ('kto', %s, '31', 'The key has expired.', now(), now() + interval '1 hour')",
            key.fingerprint,
        )  # fmt: skip
        platform.look((self.OPERATION,))
        monkeypatch.setenv("KTO_API_KEY", "another-key-of-ours")
        platform.look((self.OPERATION,))
        assert rows(platform.dsn, "SELECT closed_because FROM ops.incidents") == [
            {"closed_because": "it is not there any more"}
        ]


class TestTicks:
    def state(self, platform: Platform, status: InstigatorStatus, *ticks: tuple[float, TickStatus]) -> None:
        """Some sensor as Dagster's daemon leaves it; ticks by the minutes since."""
        state = InstigatorState(ORIGIN.get_instigator_origin("some_sensor"), InstigatorType.SENSOR, status)
        known = platform.instance.get_instigator_state(state.instigator_origin_id, state.selector_id)
        (platform.instance.update_instigator_state if known else platform.instance.add_instigator_state)(state)
        for minutes, tick in ticks:
            error = SerializableErrorInfo("KeyError: 'x'\n", [], "KeyError") if tick is TickStatus.FAILURE else None
            at = (platform.at - timedelta(minutes=minutes)).timestamp()
            of_it = (state.instigator_origin_id, state.name, state.instigator_type, tick, at)
            platform.instance.create_tick(TickData(*of_it, selector_id=state.selector_id, error=error))

    def test_a_tick_that_failed_is_open_until_one_does_not(self, platform: Platform) -> None:
        running = InstigatorStatus.DECLARED_IN_CODE
        self.state(platform, running, (2, TickStatus.SKIPPED), (1, TickStatus.FAILURE))
        platform.look()
        assert [(one.subject, one.kind, one.detail) for one in platform.open] == [
            ("sensor some_sensor", "tick_failed", "KeyError: 'x'")
        ]
        self.state(platform, running, (0, TickStatus.SKIPPED))
        platform.look()
        assert platform.told == {}

    def test_a_sensor_that_has_stopped_ticking_is_told_when_the_platform_has_looked_for_long_enough(
        self, platform: Platform
    ) -> None:
        self.state(platform, InstigatorStatus.DECLARED_IN_CODE, (60, TickStatus.SKIPPED))
        for _ in range(16):
            platform.look()
            assert platform.told == {}
        platform.look()
        assert platform.told == {"sensor some_sensor": "not_ticking"}

    def test_a_sensor_that_is_switched_off_is_a_warning_until_it_is_switched_on(self, platform: Platform) -> None:
        self.state(platform, InstigatorStatus.STOPPED, (60, TickStatus.SKIPPED))
        platform.look()
        assert platform.told == {"sensor some_sensor": "switched_off"}
        self.state(platform, InstigatorStatus.RUNNING, (0, TickStatus.SKIPPED))
        platform.look()
        assert platform.told == {}


def test_an_asset_that_was_not_made_for_too_long_is_a_warning_until_it_is_made(platform: Platform) -> None:
    for before, after, told in (("PASS", "FAIL", {"places": "not_refreshed"}), ("FAIL", "PASS", {})):
        changed = FreshnessStateChange(
            key=places.key,
            new_state=FreshnessState(after),
            previous_state=FreshnessState(before),
            state_change_timestamp=platform.at.timestamp(),
        )
        platform.instance.report_runless_asset_event(changed)
        platform.look()
        assert platform.told == told


class TestShown:
    def test_the_page_of_the_asset_shows_what_is_open_whenever_that_changes(self, platform: Platform) -> None:
        platform.look()
        platform.run("collect_places", "50", {FAILS: "bug"})
        platform.look()
        assert platform.last is not None
        (shown,) = platform.last.asset_events
        assert isinstance(shown, dg.AssetObservation)
        assert (shown.asset_key, shown.description, shown.metadata["open"].value) == (INCIDENTS, "1 open.", 1)
        table = shown.metadata["incidents"].value
        assert [record.data["subject"] for record in table.records] == ["collect_places 50"]  # type: ignore[union-attr]
        platform.look()
        assert platform.last.asset_events == []
        platform.run("collect_places", "50")
        platform.look()
        assert [event.description for event in platform.last.asset_events] == ["Nothing is open."]  # type: ignore[union-attr]
