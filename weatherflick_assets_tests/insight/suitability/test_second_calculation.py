"""The scores of a day of the sandbox, row by row beside a second calculation; and the laws of whole scores."""

from collections import defaultdict
from datetime import datetime, timedelta
from typing import Any

import numpy as np
import psycopg
import pytest
from hypothesis import given
from hypothesis import strategies as st

from weatherflick_assets.insight.suitability import scoring
from weatherflick_assets.insight.suitability.activities import ACTIVITIES, activities_of
from weatherflick_assets.insight.suitability.daylight import daylight
from weatherflick_assets.insight.suitability.publish import publish_suitability
from weatherflick_assets.insight.suitability.scoring import Weather
from weatherflick_assets.korea.cells import centre_of
from weatherflick_assets.settings import KST
from weatherflick_assets.weather.issues import FORECASTS, MIDTERM
from weatherflick_assets_tests.insight.suitability import scalar
from weatherflick_assets_tests.insight.suitability.country import clock, place
from weatherflick_assets_tests.places.store.stock import rows
from weatherflick_assets_tests.weather.collecting import weather

CELLS = ((60, 127), (98, 76), (92, 131), (52, 38))
CLASSES = {
    "attractions": ("HS010100", "NA020900", "NA010100", "NA040600", "EX070100"),
    "cultural_facilities": ("VE070100", "VE100100"),
    "leisure_sports": ("LS010200", "LS010400", "LS020300", "AC050100"),
}
OPENINGS = ((None, None), (clock("10:00"), clock("16:30")), (clock("20:00"), clock("02:00")))

_HOURS = """
SELECT nx, ny, valid_at, (valid_at AT TIME ZONE 'Asia/Seoul')::date AS day,
    extract(hour FROM valid_at AT TIME ZONE 'Asia/Seoul')::integer AS hour,
    temperature, feels_like, humidity, sky, precipitation_mm, precipitation_level, wind_speed
FROM core.hourly_forecasts WHERE issued_at = %s AND valid_at > issued_at
"""


def a_country(dsn: str) -> dict[str, tuple[Any, Any]]:
    """Publish places of every activity in every cell; return their opening hours."""
    opened = {}
    for cell in CELLS:
        for kind, codes in CLASSES.items():
            for number, code in enumerate(codes):
                name = f"{cell[0]} {code}"
                opened[name] = OPENINGS[(number + cell[0]) % len(OPENINGS)]
                place(dsn, name, code, cell, kind, opens_at=opened[name][0], closes_at=opened[name][1])
    return opened


@pytest.mark.parametrize("month", [1, 8])
def test_every_score_of_a_day_of_the_sandbox_is_that_of_a_second_calculation(store: str, month: int) -> None:
    now = datetime(2026, month, 26, 14, 30, tzinfo=KST)
    opened = a_country(store)
    with weather(store, now) as at:
        midterm, issue = (series.readable(now)[0] for series in (MIDTERM, FORECASTS))
        at.collect_midterm(midterm)
        at.publish_midterm(midterm)
        at.collect(issue)
        assert at.publish(issue).verdict.passed
        assert at.publish_days(issue).verdict.passed
    assert publish_suitability(store, issue, clock=lambda: now).verdict.passed
    hours: dict[Any, list[Any]] = defaultdict(list)
    for row in rows(store, _HOURS, issue):
        hours[row["nx"], row["ny"], row["day"]].append(row)
    outlooks = {
        (row["nx"], row["ny"], row["day"]): row
        for row in rows(store, "SELECT * FROM core.daily_forecasts WHERE issued_at = %s", issue)
    }
    found = rows(store, "SELECT * FROM insight.suitability")
    assert {row["activity"] for row in found} == set(ACTIVITIES)
    assert {row["source"] for row in found} == {"short_term", "mid_term"}
    for row in found:
        cell = row["nx"], row["ny"], row["day"]
        light = daylight(row["day"], *(float(degrees) for degrees in centre_of(row["nx"], row["ny"])))
        counting = scalar.hours_that_count(
            row["activity"], float(light.sunrise), float(light.sunset), scalar.open_hours(*opened[row["content_id"]])
        )
        if row["source"] == "mid_term":
            outlook = outlooks[cell]
            day = scalar.day_of_outlook(outlook, row["activity"], row["day"].month)
            expected = scalar.score(row["activity"], day, None, (), outlook["precipitation_probability"])
        else:
            left = {hour for hour in counting if row["day"] > now.date() or hour > issue.hour}
            hourly = scalar.day_of_hours(hours[cell], left)
            assert row["hours"] == len(left)
            if hourly is None:
                assert row["score"] is None
                continue
            expected = scalar.score(row["activity"], hourly, None, ())
        assert row["score"] == pytest.approx(expected, abs=0.051), row
    assert len({row["score"] for row in found}) > 30
    assert {activity for row in found for activity in activities_of(row["class_code"]).activities} == set(ACTIVITIES)


def test_the_order_of_places_does_not_matter(store: str) -> None:
    now = datetime(2026, 8, 26, 5, 30, tzinfo=KST)
    a_country(store)
    with weather(store, now) as at:
        issue = FORECASTS.readable(now)[0]
        at.collect(issue)
        at.publish(issue)
        at.publish_days(issue)
    publish_suitability(store, issue, clock=lambda: now)
    query = "SELECT content_id, activity, day, score, reason_ko FROM insight.suitability ORDER BY 1, 2, 3"
    before = rows(store, query)
    with psycopg.connect(store) as connection:
        connection.execute("CREATE TEMPORARY TABLE turned AS SELECT * FROM core.attractions ORDER BY content_id DESC")
        connection.execute("DELETE FROM core.attractions")
        connection.execute("INSERT INTO core.attractions SELECT * FROM turned")
    publish_suitability(store, issue, clock=lambda: now + timedelta(minutes=1))
    assert rows(store, query) == before


VALUES = st.tuples(
    st.floats(-20, 42), st.floats(10, 100), st.floats(0, 100), st.floats(0, 80), st.floats(0, 25), st.floats(0, 10)
)


def _score(name: str, values: tuple[float, ...], *, air: float = np.nan, warning: float = 1.0) -> float:
    temperature, humidity, cloud, rain, wind, below = (np.array(value) for value in values)
    felt = Weather(temperature, humidity, cloud, rain, wind, temperature - below, temperature)
    lost = scoring.weather_losses(ACTIVITIES[name].method, felt)
    found = scoring.scored(ACTIVITIES[name], lost, felt, np.array(air), np.array(warning))
    assert found.score == pytest.approx(
        max(scoring.base(ACTIVITIES[name].method) - found.losses.sum(), 0), abs=1e-6
    ) or lost.sum() > scoring.base(ACTIVITIES[name].method)
    return float(found.score)


@pytest.mark.parametrize("name", ACTIVITIES)
@given(VALUES, st.sampled_from([np.nan, 0, 1, 2, 3]), st.sampled_from([0.0, 0.4, 1.0]))
def test_a_score_is_that_of_a_second_calculation_whatever_the_weather(
    name: str, values: tuple[float, ...], air: float, warning: float
) -> None:
    temperature, humidity, cloud, rain, wind, below = values
    day = scalar.Day(temperature, humidity, cloud, rain, wind, temperature - below, temperature)
    grade = None if np.isnan(air) else scalar.GRADES[int(air)]
    second = scalar.score(name, day, grade, ()) * warning
    assert _score(name, values, air=air, warning=warning) == pytest.approx(second, abs=1e-6)


@pytest.mark.parametrize("name", ACTIVITIES)
@given(VALUES, st.floats(0, 60), st.floats(0, 20))
def test_more_rain_more_heat_beyond_the_optimum_and_worse_air_never_raise_a_score(
    name: str, values: tuple[float, ...], more_rain: float, hotter: float
) -> None:
    temperature, humidity, cloud, rain, wind, below = values
    before = _score(name, values)
    assert _score(name, (temperature, humidity, cloud, rain + more_rain, wind, below)) <= before + 1e-9
    hot = (36.0, max(humidity, 50.0), cloud, rain, wind, 0.0)
    assert _score(name, (36.0 + hotter, *hot[1:])) <= _score(name, hot) + 1e-9
    by_air = [_score(name, values, air=grade) for grade in (0, 1, 2, 3)]
    assert by_air == sorted(by_air, reverse=True)
    assert _score(name, values, warning=0.0) == 0
