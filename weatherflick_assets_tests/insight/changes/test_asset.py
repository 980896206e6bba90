"""`insight/forecast_changes` as Dagster shows it: the figures, the checks of its gate, and what a first issue says."""

from datetime import datetime
from typing import Any

import dagster as dg
import psycopg
import pytest

from weatherflick_assets.insight.assets.forecast_changes import FORECAST_CHANGES_KEY, forecast_changes
from weatherflick_assets.insight.assets.suitability import suitability
from weatherflick_assets.orchestration.collected import WARNING
from weatherflick_assets.orchestration.gate import GATE, WARNINGS
from weatherflick_assets.orchestration.warehouse import WarehouseResource
from weatherflick_assets.weather.issues import key_of
from weatherflick_assets_tests.insight.changes.test_publishing import LATER, compared, query, said
from weatherflick_assets_tests.insight.recommendations.recommending import PALACE, spot
from weatherflick_assets_tests.insight.suitability.country import ISSUE

# Dagster 1.13 asks pydantic for the fields of resources in the old way.
pytestmark = pytest.mark.filterwarnings("ignore:The `__fields__` attribute is deprecated")


def materialize(dsn: str, issue: datetime, *assets: dg.AssetsDefinition) -> dg.ExecuteInProcessResult:
    return dg.materialize(
        assets, partition_key=key_of(issue), resources={"warehouse": WarehouseResource(dsn=dsn)}, raise_on_error=False
    )


def shown(result: dg.ExecuteInProcessResult) -> dict[str, Any]:
    (made,) = result.asset_materializations_for_node(forecast_changes.op.name)
    assert made.asset_key == FORECAST_CHANGES_KEY
    return {name: value.value for name, value in made.metadata.items()} | {"table": made.metadata["kinds"]}


def test_one_run_scores_an_issue_and_shows_what_it_changed(store: str) -> None:
    spot(store, "palace", PALACE)
    spot(store, "another", PALACE)
    said(store)
    compared(store)
    said(store, LATER, d0830={"precipitation_probability": 60.0}, d0831={"precipitation_probability": 60.0})
    result = materialize(store, LATER, suitability, forecast_changes)
    assert result.success
    found = shown(result)
    assert WARNING not in found
    assert found["compared_with"] == f"{ISSUE:%Y-%m-%d %H:%M}"
    assert found["dagster/partition_row_count"] == found["published"] >= 2
    (rain,) = [record.data for record in found["table"].records if record.data["kind"] == "rain"]
    assert rain == {
        "kind": "rain", "direction": "became", "changes": 2, "places": 2, "first day": "2026-08-30", "last day": "2026-08-31",
    }  # fmt: skip
    checks = {
        (check.asset_key.path[-1], check.check_name): check.passed for check in result.get_asset_check_evaluations()
    }
    assert checks == {(name, check): True for name in ("suitability", "forecast_changes") for check in (GATE, WARNINGS)}


def test_a_first_issue_says_that_nothing_can_have_changed(store: str) -> None:
    spot(store, "palace", PALACE)
    said(store)
    result = materialize(store, ISSUE, suitability, forecast_changes)
    assert result.success
    found = shown(result)
    assert found["published"] == 0
    assert found["compared_with"] == "nothing: no issue before this one covers its days"
    assert WARNING not in found, "a first issue is no fault"


def test_changes_that_break_a_rule_are_held_back(store: str) -> None:
    spot(store, "palace", PALACE)
    said(store)
    compared(store)
    said(store, LATER, d0830={"precipitation_probability": 600.0})
    compared_before = query(store, "SELECT * FROM insight.forecast_changes")
    result = materialize(store, LATER, suitability, forecast_changes)
    assert not result.success
    assert query(store, "SELECT * FROM insight.forecast_changes") == compared_before
    with psycopg.connect(store) as connection:
        verdicts = connection.execute(
            "SELECT published FROM quality.verdicts WHERE table_name = 'insight.forecast_changes' ORDER BY judged_at"
        ).fetchall()
    assert verdicts == [(True,), (False,)]
