"""`insight/recommendations` as Dagster shows it: the figures, the checks of its gate, and what is held back."""

from typing import Any

import dagster as dg
import pytest

from weatherflick_assets.insight.assets.recommendations import RECOMMENDATIONS_KEY, recommendations
from weatherflick_assets.insight.assets.suitability import suitability
from weatherflick_assets.orchestration.gate import GATE, WARNINGS
from weatherflick_assets.orchestration.warehouse import WarehouseResource
from weatherflick_assets.weather.issues import key_of
from weatherflick_assets_tests.insight.recommendations.recommending import MUSEUM, PALACE, ids, spot
from weatherflick_assets_tests.insight.suitability.country import ISSUE, TOMORROW, forecast

# Dagster 1.13 asks pydantic for the fields of resources in the old way.
pytestmark = pytest.mark.filterwarnings("ignore:The `__fields__` attribute is deprecated")


def materialize(dsn: str, *assets: dg.AssetsDefinition) -> dg.ExecuteInProcessResult:
    return dg.materialize(
        assets, partition_key=key_of(ISSUE), resources={"warehouse": WarehouseResource(dsn=dsn)}, raise_on_error=False
    )


def failure(result: dg.ExecuteInProcessResult) -> str:
    (failed,) = [event for event in result.all_events if event.event_type == dg.DagsterEventType.STEP_FAILURE]
    return str(failed.step_failure_data.user_failure_data or failed.step_failure_data.error)


def test_one_run_scores_and_recommends_and_shows_what_the_days_are_like(store: str) -> None:
    spot(store, "palace", PALACE)
    spot(store, "museum", MUSEUM, kind="cultural_facilities")
    forecast(store, days={TOMORROW: {"precipitation_mm": 3.0, "sky": "overcast"}})
    result = materialize(store, suitability, recommendations)
    assert result.success
    (made,) = result.asset_materializations_for_node(recommendations.op.name)
    assert made.asset_key == RECOMMENDATIONS_KEY
    shown: dict[str, Any] = {name: value.value for name, value in made.metadata.items()}
    assert shown["places"] == 2
    assert shown["dagster/partition_row_count"] == shown["published"] > shown["lists"] > 0
    days = made.metadata["days"]
    assert isinstance(days, dg.TableMetadataValue)
    by_day = {record.data["day"]: record.data for record in days.records}
    assert len(by_day) == 11
    assert (by_day[TOMORROW.isoformat()]["places"], by_day[TOMORROW.isoformat()]["share indoors"]) == (1, 1)
    checks = {
        (check.asset_key.path[-1], check.check_name): check.passed for check in result.get_asset_check_evaluations()
    }
    assert checks == {(name, check): True for name in ("suitability", "recommendations") for check in (GATE, WARNINGS)}


def test_lists_that_break_a_rule_are_held_back(store: str) -> None:
    spot(store, "palace", PALACE, completeness=40)
    forecast(store)
    result = materialize(store, suitability, recommendations)
    assert not result.success
    assert "the issue before it stands" in failure(result)
    assert ids(store) == []


def test_scores_that_are_held_back_are_not_recommended_by(store: str) -> None:
    spot(store, "palace", PALACE)
    forecast(store, outlook={"temperature_max": None})
    result = materialize(store, suitability, recommendations)
    assert not result.success
    assert result.asset_materializations_for_node(recommendations.op.name) == []


def test_an_issue_that_was_not_scored_fails_and_says_what_to_do(store: str) -> None:
    assert "Make insight/suitability of this partition first" in failure(materialize(store, recommendations))
