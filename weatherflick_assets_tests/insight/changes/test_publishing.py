"""Changes between issues as published, cell by cell: what is told, once, and what the backend reads of it."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime, timedelta
from typing import Any

import psycopg
import pytest
from psycopg.rows import dict_row

from weatherflick_assets.insight.changes.publish import Publishing, publish_changes
from weatherflick_assets.weather.issues import NothingCollectedError
from weatherflick_assets_tests.insight.recommendations.recommending import MUSEUM, PALACE, spot
from weatherflick_assets_tests.insight.suitability.country import (
    ISSUE,
    JEJU,
    SEOUL,
    TODAY,
    TOMORROW,
    forecast,
    scored,
    warn,
)

LATER = ISSUE + timedelta(hours=3)
AFTER_TOMORROW = TODAY + timedelta(days=2)
RAIN = {"precipitation_mm": 3.0, "sky": "overcast"}

OUTLOOK = {"temperature_min": 18.0, "temperature_max": 26.0, "precipitation_probability": 0.0, "wind_speed_max": 2.0}


def said(
    dsn: str,
    issue: datetime = ISSUE,
    cell: tuple[int, int] = SEOUL,
    hours: Mapping[date, Mapping[str, Any]] | None = None,
    **days: Mapping[str, Any],
) -> None:
    """Publish a fine forecast, but for the hours and the outlook of some days, which are named like `d0827`."""
    forecast(dsn, cell, issue, days=hours, outlook={**OUTLOOK})
    with psycopg.connect(dsn) as connection:
        for day, values in days.items():
            for column, value in values.items():
                connection.execute(
                    f"UPDATE core.daily_forecasts SET {column} = %s "  # type: ignore[arg-type]
                    "WHERE (nx, ny, issued_at) = (%s, %s, %s) AND to_char(day, 'MMDD') = %s",
                    (value, *cell, issue, day[1:]),
                )


def compared(dsn: str, issue: datetime = ISSUE, minutes: int = 20) -> Publishing:
    """Score an issue, and publish what it changed."""
    assert scored(dsn, issue, minutes).verdict.passed
    made = publish_changes(dsn, issue, clock=lambda: issue + timedelta(minutes=minutes), run_id="run")
    assert made.verdict.passed, made.verdict.summary()
    return made


def query(dsn: str, text: str) -> Sequence[dict[str, Any]]:
    with psycopg.connect(dsn) as connection, connection.cursor(row_factory=dict_row) as cursor:
        return cursor.execute(text).fetchall()  # type: ignore[arg-type]


def told(dsn: str) -> list[tuple[Any, ...]]:
    """All that was told: issue by the hour, cell, day, kind, direction, values."""
    rows = query(
        dsn, "SELECT * FROM insight.forecast_changes ORDER BY issued_at, nx, ny, day, kind, activity, open_hours"
    )
    return [
        (
            int((row["issued_at"] - ISSUE) / timedelta(hours=1)), (row["nx"], row["ny"]), row["day"].strftime("%m%d"),
            row["kind"] if row["activity"] == "any" else row["activity"], row["direction"], row["from_value"], row["to_value"],
        )
        for row in rows
    ]  # fmt: skip


def test_every_cell_day_and_limit_is_compared_by_itself(store: str) -> None:
    spot(store, "palace", PALACE)
    spot(store, "palace of the south", PALACE, JEJU, "39")
    wind = {"wind_speed_max": 19.0}
    said(store, d0827={"temperature_max": 30.0}, d0829={"temperature_min": -9.0}, d0830=wind)
    said(
        store,
        cell=JEJU,
        d0831={"temperature_max": 36.0, "precipitation_probability": 60.0},
        d0901={"temperature_max": None},
    )
    assert compared(store).rows == 0
    said(
        store,
        LATER,
        d0827={"temperature_max": 25.0},
        d0828={"precipitation_probability": 30.0},
        d0829={"temperature_min": -10.0},
        d0830={"wind_speed_max": 20.0},
        d0902={"temperature_max": 22.0, "temperature_min": 14.0, "precipitation_probability": 20.0},
    )
    said(
        store,
        LATER,
        JEJU,
        d0831={"temperature_max": 34.0, "precipitation_probability": 20.0},
        d0901={"temperature_max": 40.0},
        d0903={"temperature_max": None, "precipitation_probability": None},
    )
    made = compared(store, LATER)
    weather = [row for row in told(store) if row[3] not in {"sightseeing", "indoor"}]
    assert weather == [
        (3, JEJU, "0831", "heat", "no_longer", 36, 34),
        (3, JEJU, "0831", "rain", "no_longer", 60, 20),
        (3, SEOUL, "0827", "temperature_max", "down", 30, 25),
        (3, SEOUL, "0828", "rain", "became", 0, 30),
        (3, SEOUL, "0829", "cold", "became", -9, -10),
        (3, SEOUL, "0830", "wind", "became", 19, 20),
    ]
    assert made.issue_before == ISSUE
    assert {(kind.kind, kind.direction, kind.places) for kind in made.kinds if kind.kind == "rain"} == {
        ("rain", "became", 1),
        ("rain", "no_longer", 1),
    }


def test_a_score_changes_when_its_level_does_and_the_reason_says_why(store: str) -> None:
    spot(store, "palace", PALACE)
    spot(store, "museum", MUSEUM, kind="cultural_facilities")
    said(store)
    compared(store)
    said(store, LATER, hours={TODAY: RAIN, TOMORROW: RAIN})
    compared(store, LATER)
    rows = query(store, "SELECT * FROM insight.forecast_changes ORDER BY activity")
    scores = query(
        store,
        f"SELECT activity, day, score, level, reason_ko, reason_en FROM insight.suitability_of_cells WHERE issued_at = '{LATER}'",
    )
    now = {(row["activity"], row["day"]): row for row in scores}
    assert [(row["day"], row["activity"], row["direction"]) for row in rows] == [
        (TOMORROW, "indoor", "down"),
        (TOMORROW, "sightseeing", "down"),
    ], "the score of today is of fewer hours, and is not compared"
    museum, palace = rows
    assert (palace["from_value"], palace["from_level"], palace["to_level"]) == (96, "excellent", "poor")
    assert palace["to_value"] == now["sightseeing", TOMORROW]["score"]
    assert palace["reason_ko"] == f"관광 매우 좋음에서 나쁨으로: {now['sightseeing', TOMORROW]['reason_ko']}"
    assert palace["reason_en"] == f"Sightseeing from excellent to poor: {now['sightseeing', TOMORROW]['reason_en']}"
    assert (museum["from_value"], museum["from_level"], museum["to_level"]) == (80, "good", "fair")
    assert {row["compared_with"] for row in rows} == {ISSUE}


def test_the_first_issue_has_nothing_to_be_compared_with(store: str) -> None:
    spot(store, "palace", PALACE)
    said(store, d0827={"temperature_max": 40.0, "precipitation_probability": 90.0})
    made = compared(store)
    assert (made.rows, made.issue_before, made.kinds) == (0, None, [])
    assert told(store) == []


def test_comparing_again_adds_nothing_and_leaves_what_was_told_as_it_was(store: str) -> None:
    spot(store, "palace", PALACE)
    said(store)
    compared(store)
    said(store, LATER, hours={TOMORROW: RAIN}, d0827={"precipitation_probability": 70.0})
    assert compared(store, LATER).told_before == 0
    read = "SELECT * FROM insight.forecast_changes ORDER BY kind, activity"
    before = query(store, read)
    assert len(before) == 2
    made = compared(store, LATER, minutes=50)
    assert query(store, read) == before
    assert (made.rows, made.told_before) == (2, 2)


def test_a_warning_that_comes_between_two_issues_is_told_when_the_issue_is_scored_again(store: str) -> None:
    spot(store, "palace", PALACE)
    said(store)
    compared(store)
    said(store, LATER, d0829={"precipitation_probability": 70.0})
    compared(store, LATER)
    first = told(store)
    warn(store, "호우", "warning", hours=24)
    compared(store, LATER, minutes=90)
    added = [row for row in told(store) if row not in first]
    assert added == [(3, SEOUL, "0827", "sightseeing", "down", 96, 0)]
    rows = query(store, "SELECT to_level, reason_en, known_at FROM insight.forecast_changes ORDER BY known_at")
    assert [row["known_at"] - LATER for row in rows] == [timedelta(minutes=20), timedelta(minutes=90)]
    assert rows[-1]["to_level"] == "not_recommended"


def test_a_value_that_flickers_around_a_limit_is_told_once_a_day(store: str) -> None:
    spot(store, "palace", PALACE)
    for number in range(14):
        issue = ISSUE + number * timedelta(hours=3)
        said(store, issue, d0830={"precipitation_probability": 40.0 if number % 2 else 20.0})
        compared(store, issue)
    assert [row[:1] + row[3:] for row in told(store)] == [
        (3, "rain", "became", 20, 40),
        # Silent for 24 hours: at the 27th the same is said as was told, at the 30th it is the other way.
        (30, "rain", "no_longer", 40, 20),
    ]


def test_rain_that_has_passed_today_is_no_change_and_rain_that_comes_up_is(store: str) -> None:
    spot(store, "palace", PALACE)
    morning = {"precipitation_probability": lambda hour: 80.0 if hour < 9 else 10.0}
    said(store, hours={TODAY: morning}, d0826={"precipitation_probability": 80.0})
    compared(store)
    said(store, LATER + timedelta(hours=3), hours={TODAY: morning}, d0826={"precipitation_probability": 10.0})
    assert compared(store, LATER + timedelta(hours=3)).rows == 0
    said(store, LATER + timedelta(hours=6), d0826={"precipitation_probability": 60.0})
    compared(store, LATER + timedelta(hours=6))
    assert told(store) == [(9, SEOUL, "0826", "rain", "became", 10, 60)]


def test_a_day_that_the_hourly_forecast_reaches_is_compared_with_its_outlook(store: str) -> None:
    """Of a mid-term day there is one score for all opening hours, later one for each."""
    spot(store, "always", PALACE)
    spot(store, "museum", MUSEUM, kind="cultural_facilities", opens_at="09:00", closes_at="18:00")
    said(store)
    compared(store)
    evening = ISSUE + timedelta(hours=12)
    new_day = TODAY + timedelta(days=4)
    said(store, evening, hours={new_day: {**RAIN, "precipitation_mm": 20.0}})
    compared(store, evening)
    rows = query(
        store, "SELECT DISTINCT activity, open_hours, day FROM insight.forecast_changes WHERE kind = 'suitability'"
    )
    assert {(row["activity"], row["open_hours"], row["day"]) for row in rows} >= {("sightseeing", "unknown", new_day)}
    assert {row["open_hours"] for row in rows} <= {"unknown", "09-18"}


def test_an_issue_that_was_held_back_or_not_made_is_passed_over(store: str) -> None:
    spot(store, "palace", PALACE)
    said(store, d0830={"temperature_max": 20.0})
    compared(store)
    two_days_later = ISSUE + timedelta(days=2)
    said(store, two_days_later, d0830={"temperature_max": 26.0})
    compared(store, two_days_later)
    assert told(store) == [(48, SEOUL, "0830", "temperature_max", "up", 20, 26)]


def test_an_issue_that_was_not_scored_says_what_to_do(store: str) -> None:
    spot(store, "palace", PALACE)
    with pytest.raises(NothingCollectedError, match="Make insight/suitability of this partition first"):
        publish_changes(store, ISSUE, clock=lambda: ISSUE)
