"""`insight/suitability` as Dagster shows it: the figures, the checks of its gate, and what is held back."""

import dagster as dg
import psycopg
import pytest

from weatherflick_assets.insight.assets.forecast_changes import forecast_changes
from weatherflick_assets.insight.assets.recommendations import recommendations
from weatherflick_assets.insight.assets.suitability import SUITABILITY_KEY, suitability
from weatherflick_assets.insight.flows import SUITABILITY
from weatherflick_assets.orchestration.gate import GATE, WARNINGS
from weatherflick_assets.orchestration.warehouse import WarehouseResource
from weatherflick_assets.settings import now
from weatherflick_assets.weather.issues import FORECASTS, key_of
from weatherflick_assets_tests.insight.suitability.country import ISSUE, forecast, place

# Dagster 1.13 asks pydantic for the fields of resources in the old way.
pytestmark = pytest.mark.filterwarnings("ignore:The `__fields__` attribute is deprecated")


def materialize(dsn: str, key: str, *assets: dg.AssetsDefinition) -> dg.ExecuteInProcessResult:
    return dg.materialize(
        assets or [suitability],
        partition_key=key,
        resources={"warehouse": WarehouseResource(dsn=dsn)},
        raise_on_error=False,
    )


def test_an_issue_shows_the_country_by_activity_and_day_and_how_many_places_have_no_score(store: str) -> None:
    place(store, "palace", "HS010100")
    place(store, "beach", "NA020900")
    place(store, "strange", "ZZ990000")
    forecast(store)
    result = materialize(store, key_of(ISSUE))
    assert result.success
    (made,) = result.asset_materializations_for_node(suitability.op.name)
    assert made.asset_key == SUITABILITY_KEY
    shown = {name: value.value for name, value in made.metadata.items()}
    assert (shown["places"], shown["places_without_score"], shown["share_without_score"]) == (3, 1, 0.3333)
    assert shown["why_without_score"] == {"The class is not known.": 1}
    assert shown["dagster/partition_row_count"] == 22
    table = made.metadata["country"]
    assert isinstance(table, dg.TableMetadataValue)
    records = {record.data["activity"]: record.data for record in table.records}
    assert set(records) == {"beach", "sightseeing"}
    assert records["sightseeing"]["places"] == 2
    assert records["sightseeing"]["08-27"] == 96
    checks = {check.check_name: check.passed for check in result.get_asset_check_evaluations()}
    assert checks == {GATE: True, WARNINGS: True}


def test_an_issue_with_too_many_days_without_a_score_is_held_back(store: str) -> None:
    place(store, "palace", "HS010100")
    forecast(store, outlook={"temperature_max": None})
    result = materialize(store, key_of(ISSUE))
    assert not result.success
    (failure,) = [event for event in result.all_events if event.event_type == dg.DagsterEventType.STEP_FAILURE]
    assert "the issue before it stands" in str(failure.step_failure_data.user_failure_data)
    assert {check.check_name: check.passed for check in result.get_asset_check_evaluations()}[GATE] is False
    with psycopg.connect(store) as connection:
        assert connection.execute("SELECT count(*) FROM insight.suitability_of_cells").fetchone() == (0,)


def test_an_issue_that_nothing_is_published_of_fails_and_says_what_to_do(store: str) -> None:
    result = materialize(store, key_of(ISSUE))
    (failure,) = [event for event in result.all_events if event.event_type == dg.DagsterEventType.STEP_FAILURE]
    data = failure.step_failure_data
    assert "Publish core/daily_forecasts of this partition first" in str(data.user_failure_data or data.error)


def test_the_schedule_asks_for_the_newest_published_issue_and_not_again(store: str) -> None:
    (stage,) = SUITABILITY.stages
    at = now()
    issue = FORECASTS.readable(at)[0]
    assert stage.partitions(store, at) == []
    place(store, "palace", "HS010100")
    forecast(store, issue=issue)
    assert stage.partitions(store, at) == [key_of(issue)]
    assert materialize(store, key_of(issue), suitability, recommendations, forecast_changes).success
    assert stage.partitions(store, now()) == []
