"""The assets of the weather as Dagster runs them: described, told in figures, failing in words; and what schedules request."""

from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta
from functools import cache
from typing import Any

import dagster as dg
import pytest

from weatherflick_assets.build import build_defs
from weatherflick_assets.orchestration.flows import Flow
from weatherflick_assets.orchestration.schedules import flow_schedule
from weatherflick_assets.orchestration.upstream import UpstreamResource
from weatherflick_assets.orchestration.warehouse import WarehouseResource
from weatherflick_assets.sandbox.catalogue import Catalogue
from weatherflick_assets.sandbox.server import RunningSandbox
from weatherflick_assets.settings import KST, now
from weatherflick_assets.weather import flows, issues
from weatherflick_assets.weather.assets.cell_tables import CELL_TABLE_ASSETS, core_key
from weatherflick_assets.weather.assets.cells import CELL_ASSETS, raw_key
from weatherflick_assets.weather.assets.days import DAYS_KEY, daily_forecasts
from weatherflick_assets.weather.assets.midterm import MIDTERM_KEY, RAW_MIDTERM_KEY, midterm, midterm_forecasts
from weatherflick_assets.weather.issues import key_of
from weatherflick_assets.weather.partitions import ISSUE_PARTITIONS
from weatherflick_assets.weather.products import FORECASTS, PRODUCTS
from weatherflick_assets.weather.store import collections
from weatherflick_assets.weather.tables import DAILY_FORECASTS, ISSUE_ANSWERS, MIDTERM_FORECASTS
from weatherflick_assets_tests.weather.collecting import rows, stock

pytestmark = [
    # Dagster 1.13 asks pydantic for the fields of resources in the old way.
    pytest.mark.filterwarnings("ignore:The `__fields__` attribute is deprecated"),
]

RAW = dict(zip(PRODUCTS, CELL_ASSETS, strict=True))
CORE = dict(zip(PRODUCTS, CELL_TABLE_ASSETS, strict=True))
SEATS = 17


@pytest.fixture
def instance() -> Iterator[dg.DagsterInstance]:
    with dg.DagsterInstance.ephemeral() as ephemeral:
        yield ephemeral


@pytest.fixture
def sandbox(monkeypatch: pytest.MonkeyPatch) -> Iterator[RunningSandbox]:
    """A sandbox at the real time, as the assets are."""
    with RunningSandbox(catalogue=Catalogue.from_rows([])) as running:
        monkeypatch.setenv("WEATHERFLICK_SANDBOX_URL", running.url)
        yield running


def newest() -> datetime:
    """The newest issue of the short-term forecast that the upstream gives."""
    return issues.FORECASTS.readable(now())[0]


def run(
    instance: dg.DagsterInstance, dsn: str, assets: list[dg.AssetsDefinition], issue: datetime
) -> dg.ExecuteInProcessResult:
    return dg.materialize(
        assets,
        instance=instance,
        partition_key=key_of(issue),
        resources={"warehouse": WarehouseResource(dsn=dsn), "upstream": UpstreamResource()},
        raise_on_error=False,
        run_config={"loggers": {"console": {"config": {"log_level": "CRITICAL"}}}},
    )


def told(result: dg.ExecuteInProcessResult, key: dg.AssetKey) -> Mapping[str, Any]:
    assert result.success
    (event,) = [event for event in result.get_asset_materialization_events() if event.asset_key == key]
    return {name: value.value for name, value in event.materialization.metadata.items()}


def failure_of(result: dg.ExecuteInProcessResult) -> tuple[str, str]:
    """Kind and words of the failure of the one step that failed; it must not have been retried."""
    assert not result.success
    assert not [event for event in result.all_events if event.is_step_up_for_retry]
    (event,) = [event for event in result.all_events if event.is_step_failure]
    failure = event.step_failure_data.user_failure_data
    assert failure is not None
    return str(failure.metadata["failure_kind"].value), failure.description or ""


def stored(dsn: str) -> list[int]:
    """Calls, answers, collections."""
    return [
        rows(dsn, f"SELECT count(*) FROM {table}")[0][0]
        for table in ("raw.calls", "raw.issue_answers", "ops.issue_collections")
    ]


@pytest.mark.parametrize(
    ("asset", "key", "group", "kinds", "table", "series"),
    [
        *(
            (RAW[name], raw_key(product), "raw_kma", "python", ISSUE_ANSWERS, name)
            for name, product in PRODUCTS.items()
        ),
        *((CORE[name], core_key(product), "core", "pandas", product.table, name) for name, product in PRODUCTS.items()),
        (midterm, RAW_MIDTERM_KEY, "raw_kma", "python", ISSUE_ANSWERS, "midterm"),
        (midterm_forecasts, MIDTERM_KEY, "core", "pandas", MIDTERM_FORECASTS, "midterm"),
        (daily_forecasts, DAYS_KEY, "core", "pandas", DAILY_FORECASTS, "forecasts"),
    ],
    ids=lambda value: value.to_user_string() if isinstance(value, dg.AssetKey) else "",
)
def test_they_say_whose_they_are_and_what(
    asset: dg.AssetsDefinition, key: dg.AssetKey, group: str, kinds: str, table: Any, series: str
) -> None:
    spec = asset.get_asset_spec(key)
    assert (spec.owners, spec.group_name, spec.kinds) == (["team:data-platform"], group, {kinds, "postgres"})
    assert spec.description is not None
    assert spec.description.endswith(".")
    assert "YYYYMMDDHHMM" in spec.description
    assert spec.metadata["dagster/table_name"] == table.fullname
    assert [column.name for column in spec.metadata["dagster/column_schema"].columns] == list(table.columns.keys())
    assert asset.partitions_def == ISSUE_PARTITIONS[series]
    assert asset.op.pool == ("api_kma" if group == "raw_kma" else None)
    checks = {check.name: check for check in asset.check_specs}
    assert set(checks) == (set() if group == "raw_kma" else {"publishable", "warnings"})
    assert all(check.partitions_def == asset.partitions_def for check in checks.values())


def test_an_issue_is_told_in_figures_with_the_age_of_what_places_have(
    instance: dg.DagsterInstance, store: str, sandbox: RunningSandbox
) -> None:
    issue = newest()
    stock(store, {(60, 127): 3, (98, 76): 1})  # both are cells of seats
    result = run(instance, store, [RAW["forecasts"], CORE["forecasts"], daily_forecasts], issue)
    collected = told(result, raw_key(FORECASTS))
    assert (collected["cells"], collected["planned"], collected["asked"], collected["empty"]) == (
        SEATS,
        SEATS,
        SEATS,
        0,
    )
    assert collected["calls"] == sum(entry["answered"] for entry in sandbox.status()["calls"])
    shares = collected["places_by_age"]
    assert (shares.pop("under 3 h"), {*shares.values()}) == (1.0, {0.0})
    hours = told(result, core_key(FORECASTS))
    times = SEATS * len(FORECASTS.valid_times(issue))
    assert (hours["items"], hours["published"], hours["dagster/partition_row_count"]) == (SEATS, times, times)
    assert hours["unusable_values"] == 0
    assert told(result, DAYS_KEY)["items"] == SEATS
    checks = {(check.asset_key, check.check_name): check for check in result.get_asset_check_evaluations()}
    assert set(checks) == {
        (key, name) for key in (core_key(FORECASTS), DAYS_KEY) for name in ("publishable", "warnings")
    }
    assert all(check.passed for check in checks.values())
    assert all(check.partition == key_of(issue) for check in checks.values())
    assert (checks[core_key(FORECASTS), "publishable"].description or "").startswith(f"{key_of(issue)}: ")


@pytest.mark.parametrize("name", [*PRODUCTS, "midterm"])
def test_a_past_partition_fails_with_the_reason_and_stores_nothing(
    instance: dg.DagsterInstance, store: str, sandbox: RunningSandbox, name: str
) -> None:
    series = ISSUE_PARTITIONS[name]
    past = series.get_partition_keys(current_time=now() - timedelta(days=3))[-1]
    asset = {**RAW, "midterm": midterm}[name]
    result = run(instance, store, [asset], datetime.strptime(past, "%Y%m%d%H%M").replace(tzinfo=KST))
    kind, words = failure_of(result)
    assert kind == "permanent"
    assert f"The issue {past} of {name} can't be read any more: the upstream gives an issue for 24 hours." in words
    assert stored(store) == [0, 0, 0]
    assert sandbox.status()["calls"] == []


def test_a_late_issue_fails_with_the_reason_and_what_follows_is_not_made(
    instance: dg.DagsterInstance, store: str, sandbox: RunningSandbox
) -> None:
    issue = newest()
    sandbox.change(issues={f"getVilageFcst {key_of(issue)}": "absent"})
    result = run(instance, store, [RAW["forecasts"], CORE["forecasts"]], issue)
    kind, words = failure_of(result)
    assert kind == "not_yet"
    assert words.startswith(f"getVilageFcst of {key_of(issue)} is not published: ")
    assert "until then the issue before it stands" in words
    assert not result.get_asset_materialization_events()
    assert rows(store, "SELECT is_complete, answered, attempts FROM ops.issue_collections") == [(False, 0, 1)]


def test_an_issue_that_the_gate_holds_back_says_so_and_keeps_the_one_before(
    instance: dg.DagsterInstance, store: str, sandbox: RunningSandbox
) -> None:
    issue, before, *_ = issues.FORECASTS.readable(now())
    assert run(instance, store, [RAW["forecasts"], CORE["forecasts"]], before).success
    sandbox.change(missing_values=0.5)
    result = run(instance, store, [RAW["forecasts"], CORE["forecasts"], daily_forecasts], issue)
    kind, words = failure_of(result)
    assert kind == "held_back"
    assert words.endswith("Nothing was published; the issue before it stands.")
    gate, warnings = result.get_asset_check_evaluations()
    assert (gate.check_name, gate.passed, gate.severity) == ("publishable", False, dg.AssetCheckSeverity.ERROR)
    assert (gate.partition, warnings.partition) == (key_of(issue), key_of(issue))
    assert "17 of 17 left out. Values that could not be used: " in (gate.description or "")
    assert "sky_unreadable" in (gate.description or "")
    assert [event.asset_key for event in result.get_asset_materialization_events()] == [raw_key(FORECASTS)]
    assert rows(store, "SELECT DISTINCT issued_at FROM core.hourly_forecasts") == [(before,)]


def test_half_an_issue_is_published_with_a_warning(
    instance: dg.DagsterInstance, store: str, sandbox: RunningSandbox
) -> None:
    issue = newest()
    sandbox.change(issues={f"getVilageFcst {key_of(issue)}": "partial"}, seed=2)
    # Three cells without data are enough to wait for the next tick, which begins with others.
    results = (run(instance, store, [RAW["forecasts"], CORE["forecasts"]], issue) for _ in range(SEATS // 3))
    result = next(result for result in results if result.success)
    collected = told(result, raw_key(FORECASTS))
    assert 0 < collected["empty"] < SEATS
    assert collected["warning"].startswith(f"{collected['empty']} cells have no data in this issue, ")
    assert told(result, core_key(FORECASTS))["items"] == SEATS - collected["empty"]


@pytest.mark.parametrize(
    ("asset", "raw"),
    [*((CORE[name], f"raw/kma/{name}") for name in PRODUCTS), (midterm_forecasts, "raw/kma/midterm")],
    ids=[*PRODUCTS, "midterm"],
)
def test_without_answers_nothing_is_published_and_what_to_do_is_said(
    instance: dg.DagsterInstance, store: str, asset: dg.AssetsDefinition, raw: str
) -> None:
    assert asset.partitions_def is not None
    partition = asset.partitions_def.get_last_partition_key()
    assert partition is not None
    result = run(instance, store, [asset], datetime.strptime(partition, "%Y%m%d%H%M").replace(tzinfo=KST))
    kind, words = failure_of(result)
    assert kind == "permanent"
    assert f"Materialize {raw} of this partition first" in words


def test_days_without_published_hours_say_what_to_publish_first(instance: dg.DagsterInstance, store: str) -> None:
    kind, words = failure_of(run(instance, store, [daily_forecasts], newest()))
    assert kind == "permanent"
    assert "Publish core/hourly_forecasts of this partition first" in words


# Schedules


@cache
def repository() -> dg.RepositoryDefinition:
    return build_defs().get_repository_def()


@pytest.fixture(scope="module")
def persistent(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dg.DagsterInstance]:
    """Schedules are only evaluated by an instance that keeps what it knows."""
    with dg.DagsterInstance.local_temp(str(tmp_path_factory.mktemp("dagster"))) as kept:
        yield kept


def tick(instance: dg.DagsterInstance, dsn: str, flow: Flow, at: datetime) -> Any:
    with dg.build_schedule_context(
        instance=instance,
        scheduled_execution_time=at,
        resources={"warehouse": WarehouseResource(dsn=dsn)},
        repository_def=repository(),
    ) as context:
        return flow_schedule(flow).evaluate_tick(context)


def requested(instance: dg.DagsterInstance, dsn: str, flow: Flow, at: datetime) -> list[dg.RunRequest]:
    return list(tick(instance, dsn, flow, at).run_requests or [])


BY_ISSUE = (flows.OBSERVATIONS, flows.NOWCASTS, flows.FORECASTS, flows.MIDTERM)


@pytest.mark.parametrize("flow", BY_ISSUE, ids=lambda flow: flow.name)
def test_a_tick_requests_the_newest_issue_first_and_says_when_nothing_is_due(
    persistent: dg.DagsterInstance, store: str, flow: Flow
) -> None:
    now_ = datetime(2026, 8, 27, 19, 35, tzinfo=KST)
    series = getattr(issues, flow.name.upper())
    this, before, *_ = series.readable(now_)
    # Nothing was ever asked for: the newest issue alone is due.
    (first,) = requested(persistent, store, flow, now_)
    assert (first.job_name, first.partition_key) == (f"collect_{flow.name}", key_of(this))
    assert first.run_key == f"{flow.name} 2026-08-27 19:35 1 {key_of(this)}"
    # The first one that was asked for was late.
    with collections.attempt(store, series, before, now_ - timedelta(hours=3)) as attempt:
        attempt.problem = "late"
    both = requested(persistent, store, flow, now_)
    assert [request.partition_key for request in both] == [key_of(this), key_of(before)]
    assert [request.tags["dagster/priority"] for request in both] == ["1000", "999"]
    assert [request.run_key for request in requested(persistent, store, flow, now_)] == [
        request.run_key for request in both
    ]
    for issue in (this, before):
        with collections.attempt(store, series, issue, now_) as attempt:
            attempt.problem = None
    nothing = tick(persistent, store, flow, now_)
    assert not nothing.run_requests
    assert nothing.skip_message == f"No partition of collect_{flow.name} has to be made at present."


def test_assets_count_as_stale_after_the_longest_time_between_issues() -> None:
    graph = build_defs().resolve_asset_graph()
    for flow in BY_ISSUE:
        (stage,) = flow.stages
        assert stage.every is not None
        keys = build_defs().resolve_job_def(stage.job).asset_layer.executable_asset_keys
        assert keys
        for key in keys:
            policy = graph.get(key).freshness_policy
            assert policy == dg.FreshnessPolicy.time_window(
                warn_window=1.25 * stage.every, fail_window=2 * stage.every
            ), key
