"""In the sandbox's world, whose forecasts are known to be worse the further ahead they look: figures follow, and scores are right."""

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from typing import Any

import numpy as np
import pandas as pd
import pytest
from sqlalchemy import Table

from weatherflick_assets.insight.recommendations.publish import publish_recommendations
from weatherflick_assets.insight.suitability.day_weather import CLOUD
from weatherflick_assets.insight.suitability.daylight import daylight
from weatherflick_assets.insight.suitability.publish import publish_suitability
from weatherflick_assets.korea.cells import centre_of
from weatherflick_assets.sandbox.kma.short_term import GridForecasts
from weatherflick_assets.sandbox.weather.sky import Sky
from weatherflick_assets.warehouse.replacing import Replacement
from weatherflick_assets.weather.publish_days import publish_days
from weatherflick_assets.weather.tables import HOURLY_FORECASTS, NOWCASTS, WEATHER_OBSERVATIONS
from weatherflick_assets.weather.transform.cell_forecasts import CellAnswer, forecast_rows, nowcast_rows
from weatherflick_assets_tests.insight.recommendations.recommending import PALACE, spot
from weatherflick_assets_tests.insight.suitability.published import hci_urban
from weatherflick_assets_tests.insight.verification.coming import found, midnight, verified
from weatherflick_assets_tests.places.store.stock import rows

CELLS = [(nx, ny) for nx in (60, 76, 92) for ny in (84, 106, 126)]
DAYS = [date(2026, 9, day) for day in range(10, 13)]
LEADS = (1, 3)

MILD = (-3.2, 33.0)
"""What it may feel like without taking a share of the score."""


def publish(dsn: str, table: Table, made: pd.DataFrame, at: datetime, column: str = "issued_at") -> None:
    with Replacement(dsn, table, "", "", {column: at}) as replacement:
        replacement.stage(made.assign(recorded_at=at))
        replacement.publish(lambda _: None)


def let_say(dsn: str, world: GridForecasts, issue: datetime) -> None:
    """Publish an issue of the short-term forecast, and its scores."""
    answers = [CellAnswer(*cell, 1, world.short_term(issue, *cell)) for cell in CELLS]
    publish(dsn, HOURLY_FORECASTS, forecast_rows(issue, answers).rows, issue)
    for make in (publish_days, publish_suitability):
        assert make(dsn, issue, clock=lambda: issue + timedelta(minutes=20)).verdict.passed


def let_come(dsn: str, world: GridForecasts, day: date) -> None:
    """Publish what was observed from morning to evening, and the sky that nowcasts said of it."""
    for hour in range(6, 20):
        at = midnight(day) + timedelta(hours=hour)
        answers = [CellAnswer(*cell, 1, world.nowcast(at, *cell)) for cell in CELLS]
        seen = nowcast_rows(at, answers).rows.rename(columns={"issued_at": "observed_at"})
        publish(dsn, WEATHER_OBSERVATIONS, seen, at, "observed_at")
        if hour % 6 == 0:
            issue = at - timedelta(minutes=30)
            answers = [CellAnswer(*cell, 1, world.next_hours(issue, *cell)) for cell in CELLS]
            publish(dsn, NOWCASTS, forecast_rows(issue, answers).rows, issue)


@pytest.fixture
def lived(store: str) -> str:
    """Some days in some cells of the sandbox's world: what was said of them, what came, and what was found."""
    world = GridForecasts(Sky(7))
    for nx, ny in CELLS:
        spot(store, f"palace {nx} {ny}", PALACE, (nx, ny))
    issues = sorted({midnight(day) + timedelta(hours=5, days=-lead) for day in DAYS for lead in LEADS})
    for issue in issues:
        let_say(store, world, issue)
    publish_recommendations(store, issues[-1], clock=lambda: issues[-1] + timedelta(minutes=20))
    for day in [DAYS[0] - timedelta(days=1), *DAYS]:
        let_come(store, world, day)
        verified(store, day)
    return store


_HOURS = """
SELECT seen.nx, seen.ny, extract(hour FROM observed_at AT TIME ZONE 'Asia/Seoul')::float8 AS hour, seen.temperature, seen.feels_like,
    seen.humidity, seen.precipitation_mm, seen.wind_speed, said.sky
FROM core.weather_observations AS seen JOIN core.nowcasts AS said ON (said.nx, said.ny, said.valid_at) = (seen.nx, seen.ny, observed_at)
WHERE (observed_at AT TIME ZONE 'Asia/Seoul')::date = %s
"""


def plainly(hours: Sequence[dict[str, Any]]) -> float:
    """The score for sightseeing of the hours of daylight, by the tables as they are printed."""

    def mean(name: str) -> float:
        return float(np.mean([row[name] for row in hours]))

    highest = max(row["temperature"] for row in hours)
    cloud = float(np.mean([CLOUD[row["sky"]] for row in hours]))
    return hci_urban(highest, mean("humidity"), cloud, mean("precipitation_mm") * len(hours), mean("wind_speed"))


def test_the_further_ahead_the_worse_and_what_came_is_scored_as_the_tables_are_printed(lived: str) -> None:
    by_day = [found(lived, day=day) for day in DAYS]
    assert {row["compared"] for of_day in by_day for row in of_day.values()} == {len(CELLS)}
    tomorrow, later = (np.mean([of_day[lead]["mean_absolute_error"] for of_day in by_day]) for lead in LEADS)
    same_as_today = np.mean([of_day[1]["persistence_error"] for of_day in by_day])
    assert 0 < tomorrow < later
    assert tomorrow < same_as_today
    checked = 0
    for day in DAYS:
        came = rows(lived, "SELECT nx, ny, score FROM insight.observed_suitability WHERE day = %s", day)
        hours = rows(lived, _HOURS, day)
        for row in came:
            light = daylight(day, *centre_of(row["nx"], row["ny"]))
            counting = [
                hour
                for hour in hours
                if (hour["nx"], hour["ny"]) == (row["nx"], row["ny"]) and light.sunrise <= hour["hour"] <= light.sunset
            ]
            if all(MILD[0] < hour["feels_like"] < MILD[1] for hour in counting):
                assert row["score"] == plainly(counting)
                checked += 1
    assert checked > len(CELLS)
