"""The weather that came, by hand, and what is found when it is compared with what was said."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime, timedelta
from typing import Any

import psycopg
from psycopg.rows import dict_row

from weatherflick_assets.insight.suitability.day_weather import CLOUD
from weatherflick_assets.insight.verification.verify import Verification, verify
from weatherflick_assets.settings import KST
from weatherflick_assets.warehouse.partitioned import ensure
from weatherflick_assets.weather.tables import NOWCASTS, WEATHER_OBSERVATIONS
from weatherflick_assets_tests.insight.recommendations.recommending import recommended
from weatherflick_assets_tests.insight.suitability.country import FINE, SEOUL, TODAY, forecast

_SEEN = ("temperature", "feels_like", "humidity", "precipitation_type", "precipitation_mm", "wind_speed")
WET = {"precipitation_mm": 3.0, "sky": "overcast"}


def midnight(day: date) -> datetime:
    return datetime(day.year, day.month, day.day, tzinfo=KST)


def came(
    dsn: str, day: date = TODAY, cell: tuple[int, int] = SEOUL, *, without: Sequence[int] = (), **values: Any
) -> None:
    """Publish what was observed of a fine day, but for some values, and the sky that nowcasts said half an hour before.

    Args:
        dsn: the database.
        day: in Korea.
        cell: of which.
        without: hours that were not observed.
        values: of every hour instead; no sky: None.
    """
    whole = {**FINE, **values}
    with psycopg.connect(dsn) as connection:
        ensure(connection, WEATHER_OBSERVATIONS, midnight(day))
        ensure(connection, NOWCASTS, midnight(day) - timedelta(minutes=30), midnight(day))
        for hour in range(24):
            at = midnight(day) + timedelta(hours=hour)
            seen = {name: whole[name] for name in _SEEN}
            if hour not in without:
                _insert(connection, "weather_observations", {"observed_at": at, **seen}, cell)
            if whole["sky"] in CLOUD:
                said = {"valid_at": at, "issued_at": at - timedelta(minutes=30), "sky": whole["sky"]}
                _insert(connection, "nowcasts", said, cell)


def _insert(connection: psycopg.Connection, table: str, row: Mapping[str, Any], cell: tuple[int, int]) -> None:
    whole = {"nx": cell[0], "ny": cell[1], "recorded_at": midnight(TODAY), "source_response_id": 1, **row}
    connection.execute(
        f"INSERT INTO core.{table} ({', '.join(whole)}) VALUES ({', '.join(['%s'] * len(whole))})",  # type: ignore[arg-type]
        [*whole.values()],
    )


def said(
    dsn: str,
    ahead: int,
    of: Mapping[str, Any] | None = None,
    day: date = TODAY,
    cells: Mapping[tuple[int, int], Mapping[str, Any]] | None = None,
) -> None:
    """Publish the issue of 05:00 so many days before a day, its scores and its lists.

    Args:
        dsn: the database.
        ahead: days before.
        of: what the hours of the day have instead of those of a fine one.
        day: the day.
        cells: likewise, by cell, where it is not Seoul alone.
    """
    issue = midnight(day) - timedelta(days=ahead) + timedelta(hours=5)
    for cell, hours in (cells or {SEOUL: of or {}}).items():
        forecast(dsn, cell, issue, days={day: hours})
    assert recommended(dsn, issue).verdict.passed


def verified(dsn: str, day: date = TODAY) -> Verification:
    return verify(dsn, day, clock=lambda: midnight(day) + timedelta(days=1, hours=2))


def found(dsn: str, area: str = "all", activity: str = "sightseeing", day: date = TODAY) -> dict[int, dict[str, Any]]:
    """What was found, by days ahead."""
    with psycopg.connect(dsn) as connection, connection.cursor(row_factory=dict_row) as cursor:
        rows = cursor.execute(
            "SELECT * FROM insight.recommendation_verification WHERE (day, kto_area_code, activity) = (%s, %s, %s)",
            (day, area, activity),
        ).fetchall()
    return {row["days_ahead"]: row for row in rows}
