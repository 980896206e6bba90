"""The assets of sources, run on a real database and a real upstream server: what they record, and what they refuse."""

from collections.abc import Iterator, Sequence
from datetime import timedelta
from typing import Any

import dagster as dg
import pytest

from weatherflick_assets.korea.asos_stations import asos_stations
from weatherflick_assets.orchestration.collected import WARNING
from weatherflick_assets.orchestration.gate import GATE
from weatherflick_assets.orchestration.upstream import UpstreamResource
from weatherflick_assets.orchestration.warehouse import WarehouseResource
from weatherflick_assets.settings import now
from weatherflick_assets.weather.assets.lists import LIST_ASSETS
from weatherflick_assets.weather.assets.stations import STATION_ASSETS
from weatherflick_assets.weather.assets.warnings import WARNING_ASSETS
from weatherflick_assets.weather.collect.station_years import RESERVED_ROUNDS
from weatherflick_assets.weather.issues import AIR_QUALITY as HOURS
from weatherflick_assets.weather.issues import key_of
from weatherflick_assets.weather.sources import AIR_QUALITY, AIR_STATIONS, HOLIDAYS, STATION_YEARS, WARNINGS, Source
from weatherflick_assets_tests.sandbox.agencies import agencies
from weatherflick_assets_tests.weather.collecting import rows
from weatherflick_assets_tests.weather.collecting_sources import change_answers

# Dagster 1.13 asks pydantic for the fields of resources in the old way.
pytestmark = pytest.mark.filterwarnings("ignore:The `__fields__` attribute is deprecated")

RAW_WARNINGS, CORE_WARNINGS = WARNING_ASSETS
_BY_KEY = {asset.key.to_user_string(): asset for asset in (*LIST_ASSETS, *STATION_ASSETS, *WARNING_ASSETS)}


@pytest.fixture
def instance() -> Iterator[dg.DagsterInstance]:
    with dg.DagsterInstance.ephemeral() as ephemeral:
        yield ephemeral


@pytest.fixture(autouse=True)
def upstream(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """The agencies as they are now; the environment says where they are."""
    with agencies(now()) as served:
        for provider in ("KMA", "AIRKOREA", "KASI"):
            monkeypatch.setenv(f"{provider}_API_KEY", "sandbox")
        monkeypatch.setenv("DATA_GO_KR_BASE_URL", served.sandbox.url)
        yield


def assets_of(source: Source) -> list[dg.AssetsDefinition]:
    return [_BY_KEY[key] for key in (source.raw, *source.published)]


def run(
    dsn: str, instance: dg.DagsterInstance, assets: Sequence[dg.AssetsDefinition], partition_key: str | None = None
) -> dg.ExecuteInProcessResult:
    return dg.materialize(
        assets,
        instance=instance,
        partition_key=partition_key,
        resources={"warehouse": WarehouseResource(dsn=dsn), "upstream": UpstreamResource()},
        raise_on_error=False,
        run_config={"loggers": {"console": {"config": {"log_level": "CRITICAL"}}}},
    )


def metadata(result: dg.ExecuteInProcessResult, key: str) -> dict[str, Any]:
    assert result.success
    made = result.asset_materializations_for_node(dg.AssetKey.from_user_string(key).to_python_identifier())
    return {name: value.value for name, value in made[0].metadata.items()}


def test_lists_tell_what_was_read_and_published(store: str, instance: dg.DagsterInstance) -> None:
    result = run(store, instance, [*assets_of(HOLIDAYS), *assets_of(AIR_STATIONS)])
    assert metadata(result, HOLIDAYS.raw)["dagster/row_count"] == 2
    ((holidays,),) = rows(store, "SELECT count(*) FROM core.holidays")
    assert metadata(result, "core/holidays")["dagster/row_count"] == holidays > 0
    assert (
        metadata(result, "core/air_stations_of_cells")["published"] > metadata(result, "core/air_stations")["published"]
    )
    gates = [event for event in result.get_asset_check_evaluations() if event.check_name == GATE]
    assert [gate.passed for gate in gates] == [True] * 3


def test_an_hour_that_is_over_fails_for_good_and_stores_nothing(store: str, instance: dg.DagsterInstance) -> None:
    result = run(store, instance, assets_of(AIR_QUALITY), key_of(HOURS.readable(now())[0] - timedelta(hours=5)))
    (event,) = [event for event in result.all_events if event.is_step_failure]
    data = event.step_failure_data.user_failure_data
    assert data is not None
    assert str(data.metadata["failure_kind"].value) == "permanent"
    assert "can't be read any more" in (data.description or "")
    assert rows(store, "SELECT count(*) FROM raw.calls") == [(0,)]


def test_an_hour_tells_how_many_stations_were_published(store: str, instance: dg.DagsterInstance) -> None:
    result = run(store, instance, assets_of(AIR_QUALITY), key_of(HOURS.readable(now())[0]))
    assert metadata(result, AIR_QUALITY.raw)["dagster/partition_row_count"] == 17
    published = metadata(result, "core/air_quality")
    assert rows(store, "SELECT count(*) FROM core.air_quality") == [(published["dagster/partition_row_count"],)]


def test_a_year_tells_what_was_left_for_another_day(
    store: str, instance: dg.DagsterInstance, monkeypatch: pytest.MonkeyPatch
) -> None:
    stations, few = len(asos_stations()), 2
    monkeypatch.setenv("KMA_API_DAILY_LIMIT", str(RESERVED_ROUNDS * stations + few))
    result = run(store, instance, assets_of(STATION_YEARS), "202501010000")
    collected, published = metadata(result, STATION_YEARS.raw), metadata(result, "core/station_years")
    assert (collected["planned"], collected["asked"], collected["calls"]) == (stations, few, few)
    assert collected[WARNING] == (
        f"{stations - few} of {stations} subjects of getAsosYear are left for a time with more calls."
    )
    assert published["dagster/partition_row_count"] == few * 365
    assert {check.asset_key.to_user_string() for check in result.get_asset_check_evaluations()} == {
        "core/station_years"
    }


@pytest.mark.parametrize(
    ("text", "told", "warning"),
    [
        ("o 없음", "No warning is in force on land.", None),
        (
            "o 없음\r\no 한파주의보 : 서울((",
            "No warning is in force on land.",
            "Lines of the newest answer that can't be read: 1.",
        ),
    ],
    ids=["nothing in force", "a line that can't be read"],
)
def test_warnings_say_so_where_nothing_is_in_force_or_a_line_can_not_be_read(
    store: str, instance: dg.DagsterInstance, text: str, told: str, warning: str | None
) -> None:
    assert metadata(run(store, instance, [RAW_WARNINGS]), WARNINGS.raw)["planned"] == 2
    change_answers(store, "getPwnStatus", lambda items: items[0].update(t6=text, t7="o 없음"))
    found = metadata(run(store, instance, [CORE_WARNINGS]), "core/weather_warnings")
    assert (found["notice"], found["in_force"], found["dagster/row_count"]) == (told, 0, 0)
    if warning is None:
        assert WARNING not in found
    else:
        assert found[WARNING].startswith(warning)
