"""A small country by hand: places, what is forecast of their cells, warnings and the air."""

from collections.abc import Mapping
from datetime import date, datetime, time, timedelta
from typing import Any

import psycopg
from psycopg import sql
from psycopg.rows import dict_row

from weatherflick_assets.insight.suitability.publish import Publishing, publish_suitability
from weatherflick_assets.settings import KST
from weatherflick_assets.warehouse.partitioned import ensure
from weatherflick_assets.weather.issues import seam
from weatherflick_assets.weather.tables import AIR_QUALITY, DAILY_FORECASTS, HOURLY_FORECASTS

ISSUE = datetime(2026, 8, 26, 5, tzinfo=KST)
TODAY = ISSUE.date()
TOMORROW = TODAY + timedelta(days=1)

SEOUL, JEJU, GANGNEUNG = (60, 127), (52, 38), (92, 131)

FINE: Mapping[str, Any] = {
    "temperature": 24.0, "feels_like": 24.0, "humidity": 60.0, "sky": "clear", "precipitation_type": "none",
    "precipitation_mm": 0.0, "precipitation_probability": 0.0, "wind_speed": 2.0,
}  # fmt: skip
"""An hour of a fine day."""

_TYPES = {
    "attractions": "12", "cultural_facilities": "14", "festivals": "15", "leisure_sports": "28", "restaurants": "39",
}  # fmt: skip


def insert(dsn: str, table: str, *rows: Mapping[str, Any], **values: Any) -> None:
    """Add rows, which have the same columns, or one of these values."""
    given = rows or (values,)
    with psycopg.connect(dsn) as connection:
        schema, _, name = table.partition(".")
        for declared in (HOURLY_FORECASTS, DAILY_FORECASTS, AIR_QUALITY):
            if declared.fullname == table:
                ensure(connection, declared, given[0].get("issued_at") or given[0]["measured_at"])
        connection.cursor().executemany(
            sql.SQL("INSERT INTO {} ({}) VALUES ({})").format(
                sql.Identifier(schema, name),
                sql.SQL(", ").join(map(sql.Identifier, given[0])),
                sql.SQL(", ").join([sql.Placeholder()] * len(given[0])),
            ),
            [list(row.values()) for row in given],
        )


def place(
    dsn: str,
    content_id: str,
    class_code: str | None,
    cell: tuple[int, int] = SEOUL,
    kind: str = "attractions",
    **more: Any,
) -> None:
    """Publish a place; `more` are further columns, or these with other values."""
    usual = {
        "content_id": content_id, "content_type_id": _TYPES[kind], "class_code": class_code, "title": "곳", "region_code": "11",
        "region_source": "code", "nx": cell[0], "ny": cell[1], "completeness": 0, "source_response_id": 1,
        "created_at": ISSUE, "published_at": ISSUE, "updated_at": ISSUE,
    }  # fmt: skip
    insert(dsn, f"core.{kind}", **{**usual, **more})


def forecast(
    dsn: str,
    cell: tuple[int, int] = SEOUL,
    issue: datetime = ISSUE,
    days: Mapping[date, Mapping[str, Any]] | None = None,
    without: Mapping[date, tuple[int, ...]] | None = None,
    outlook: Mapping[str, Any] | None = None,
) -> None:
    """Publish a forecast of fine hours, with what differs by day, and the outlook of ten days.

    Args:
        dsn: the database.
        cell: of which.
        issue: which one.
        days: what the hours of a day have instead.
        without: local hours of a day that are not there.
        outlook: what mid-term days have instead.
    """
    at, last = issue + timedelta(hours=1), seam(issue) + timedelta(hours=21)
    known = {"nx": cell[0], "ny": cell[1], "issued_at": issue, "recorded_at": issue, "source_response_id": 1}
    hours = []
    while at <= last:
        is_coded = at > seam(issue)
        if not (is_coded and at.hour % 3) and at.hour not in (without or {}).get(at.date(), ()):
            values = {**FINE, "precipitation_level": None, **(days or {}).get(at.date(), {})}
            values = {name: value(at.hour) if callable(value) else value for name, value in values.items()}
            if is_coded:
                values |= {"precipitation_level": 0 if not values["precipitation_mm"] else 1, "precipitation_mm": None}
            hours.append({**known, "valid_at": at, **values})
        at += timedelta(hours=1)
    insert(dsn, "core.hourly_forecasts", *hours)
    short = (seam(issue).date() - issue.date()).days
    later = {"temperature_min": 18.0, "temperature_max": 26.0, "sky": "clear", "precipitation_probability": 0.0}
    insert(
        dsn,
        "core.daily_forecasts",
        *(
            {
                **known, "day": issue.date() + timedelta(days=ahead), "said_at": issue,
                "source": "short_term" if ahead <= short else "mid_term", "hours": 24 if ahead <= short else 0,
                **later, **(outlook or {}),
            }
            for ahead in range(11)
        ),
    )  # fmt: skip


def warn(dsn: str, phenomenon: str, level: str, hours: int = 0, lifted_at: datetime | None = None) -> None:
    """Publish a warning for the zone of the cell in Seoul, in force so many hours after the issue."""
    with psycopg.connect(dsn) as connection:
        zones = "SELECT zone_code FROM core.warning_zones_of_cells WHERE (nx, ny) = (%s, %s) ORDER BY place LIMIT 1"
        (zone,) = connection.execute(zones, SEOUL).fetchone() or ("",)
    insert(
        dsn, "core.weather_warnings", zone_code=zone, phenomenon=phenomenon, level=level, zone_name="서울", status="in_force",
        announced_at=ISSUE - timedelta(hours=1), effective_at=ISSUE + timedelta(hours=hours), lifted_at=lifted_at,
        last_told_at=ISSUE, recorded_at=ISSUE, source_response_id=1,
    )  # fmt: skip


def scored(dsn: str, issue: datetime = ISSUE, minutes: int = 20) -> Publishing:
    """Publish the scores of an issue some minutes after it."""
    return publish_suitability(dsn, issue, clock=lambda: issue + timedelta(minutes=minutes), run_id="run")


def suitability(dsn: str, content_id: str, day: date = TOMORROW, activity: str | None = None) -> dict[str, Any]:
    """The row of a place and day, of its only activity or of one of them."""
    with psycopg.connect(dsn) as connection, connection.cursor(row_factory=dict_row) as cursor:
        found = cursor.execute(
            "SELECT * FROM insight.suitability WHERE content_id = %s AND day = %s AND (%s::text IS NULL OR activity = %s)",
            (content_id, day, activity, activity),
        ).fetchall()
    assert len(found) == 1, found
    return found[0]


def clock(text: str) -> time:
    """A time of day."""
    return time.fromisoformat(text)
