"""Forecasts of dust and ozone, from a sandbox into the database: an issue beside the others, late, held back."""

from datetime import timedelta
from typing import Any

import pytest

from weatherflick_assets.weather.issues import LateIssueError
from weatherflick_assets.weather.publish_air_forecasts import publish_air_forecasts
from weatherflick_assets.weather.sources import AIR_FORECASTS
from weatherflick_assets.weather.transform.air_forecasts import POLLUTANTS, ZONES
from weatherflick_assets_tests.sandbox.agencies import korea
from weatherflick_assets_tests.weather.collecting import rows
from weatherflick_assets_tests.weather.collecting_sources import change_answers, country

MORNING, EVENING = korea(2026, 8, 26, 5), korea(2026, 8, 26, 17)
SOON = timedelta(minutes=25)
OF_A_DAY = len(ZONES) * len(POLLUTANTS)


def test_every_issue_is_published_beside_the_others(store: str) -> None:
    with country(store, MORNING + SOON) as at:
        assert at.collect(AIR_FORECASTS, MORNING).calls == 1
        assert at.collect(AIR_FORECASTS, MORNING).calls == 0
        first = at.publish(publish_air_forecasts, MORNING)
        at.at(EVENING + SOON).collect(AIR_FORECASTS, EVENING)
        second = at.publish(publish_air_forecasts, EVENING)
    assert first.verdict.passed, first.verdict.summary()
    assert second.verdict.passed, second.verdict.summary()
    assert not first.problems
    said = rows(
        store,
        "SELECT issued_at, min(day)::text, max(day)::text, count(*) FROM core.air_quality_forecasts GROUP BY 1 ORDER BY 1",
    )
    assert said == [
        (MORNING, "2026-08-26", "2026-08-27", 2 * OF_A_DAY),
        (EVENING, "2026-08-27", "2026-08-28", 2 * OF_A_DAY),
    ]
    assert rows(store, "SELECT count(*) FROM ops.pending_publications") == [(0,)]


def test_an_issue_that_is_late_is_collected_once_it_is_there(store: str) -> None:
    with country(store, EVENING + SOON, issues={"getMinuDustFrcstDspth 202608261700": 30}) as at:
        with pytest.raises(LateIssueError, match="is not published"):
            at.collect(AIR_FORECASTS, EVENING)
        at.at(EVENING + timedelta(hours=1)).collect(AIR_FORECASTS, EVENING)
        assert at.publish(publish_air_forecasts, EVENING).verdict.passed


def test_a_pollutant_that_is_missing_holds_an_issue_back_and_the_one_before_stands(store: str) -> None:
    def lose(items: list[dict[str, Any]]) -> None:
        items[:] = [item for item in items if item["informCode"] != "PM10"][:2]

    with country(store, MORNING + SOON) as at:
        at.collect(AIR_FORECASTS, MORNING)
        at.publish(publish_air_forecasts, MORNING)
        at.at(EVENING + SOON).collect(AIR_FORECASTS, EVENING)
        change_answers(store, "getMinuDustFrcstDspth", lose)
        assert not at.publish(publish_air_forecasts, EVENING).verdict.passed
    assert rows(store, "SELECT DISTINCT issued_at FROM core.air_quality_forecasts") == [(MORNING,)]
