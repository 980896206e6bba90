"""What the scores of an issue are made from, as the database has it: places, cells, forecasts, warnings, the air.

Everything is read in the transaction that publishes. Temporary tables name what is read: `scored_cells` has a number for each
cell, `scored_groups` what is scored in it. Forecasts are read some cells at a time.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from importlib.resources import files
from itertools import starmap
from typing import Any, LiteralString, NamedTuple

import numpy as np
import psycopg
from numpy.typing import NDArray
from psycopg import sql

from weatherflick_assets.insight.suitability.activities import activities_of
from weatherflick_assets.insight.suitability.closed_days import closed_days
from weatherflick_assets.insight.suitability.day_weather import CLOUD, RATE_OF_LEVEL
from weatherflick_assets.insight.suitability.scoring import AIR_GRADES
from weatherflick_assets.insight.suitability.steps import Floats
from weatherflick_assets.insight.suitability.warnings import Warned
from weatherflick_assets.insight.tables import ACTIVITIES_OF_PLACES
from weatherflick_assets.korea.cells import centre_of
from weatherflick_assets.korea.geography import regions_of_points
from weatherflick_assets.korea.temperature_points import mid_term_places_of_cells
from weatherflick_assets.places.tables import PLACE_TABLES
from weatherflick_assets.settings import KST, bounds
from weatherflick_assets.warehouse.loading import load_temporary
from weatherflick_assets.warehouse.replacing import follow
from weatherflick_assets.warehouse.statements import identifier

REMEMBERED = timedelta(hours=36)
"""How old the newest issue of a cell may be: every cell is asked for at least daily while the quota allows it."""

AS_OF = timedelta(hours=6)
"""How long after an issue later warnings and air forecasts still count for it. Then it can be scored again with the same result."""

HOURLY_DAYS = 6
"""Days that a short-term forecast can speak of by the hour: that of its issue and five more."""

_MEASURED = timedelta(hours=3)
_AIR_ISSUES = timedelta(days=2)

_OPTIONAL = {
    "opens_at": ("opens_at", "time"),
    "closes_at": ("closes_at", "time"),
    "rest_days": ("rest_days", "text"),
    "first_day": ("event_start_date", "date"),
    "last_day": ("event_end_date", "date"),
    "event_problem": ("progress", "text"),
}
"""What some kinds of places have: the name here, the column there, and its type."""

_PLACES = """
CREATE TEMPORARY TABLE published_places ON COMMIT DROP AS
SELECT DISTINCT ON (content_id COLLATE "C") * FROM ({}) AS place ORDER BY content_id COLLATE "C", published_at DESC, content_type_id
"""
"""A place whose kind has changed is published as both until the list of the former kind is collected: it is what it became last."""

_CELLS = """
CREATE TEMPORARY TABLE scored_cells ON COMMIT DROP AS
SELECT row_number() OVER (ORDER BY nx, ny)::integer - 1 AS number, nx, ny, issued_at
FROM (
    SELECT nx, ny, max(issued_at) AS issued_at FROM core.daily_forecasts
    WHERE issued_at <= %(issue)s AND issued_at > %(since)s AND (nx, ny) IN (SELECT nx, ny FROM insight.activities_of_places)
    GROUP BY nx, ny
) AS newest;
CREATE TEMPORARY TABLE scored_groups ON COMMIT DROP AS
SELECT cell.number, place.activity, place.open_hours, count(*)::integer AS places
FROM insight.activities_of_places AS place JOIN scored_cells AS cell USING (nx, ny)
GROUP BY cell.number, place.activity, place.open_hours;
CREATE INDEX ON scored_groups (number);
ANALYZE scored_cells;
ANALYZE scored_groups
"""

_HOURS = """
SELECT {columns}
FROM scored_cells AS cell
JOIN core.hourly_forecasts AS said
    ON said.nx = cell.nx AND said.ny = cell.ny AND said.issued_at = cell.issued_at AND said.issued_at > {since}
WHERE cell.number >= {first} AND cell.number < {last} AND said.valid_at > {issue}
"""
_OF_HOURS = (
    "said.temperature",
    "said.feels_like",
    "said.humidity",
    "CASE said.sky {cloud} END",
    "coalesce(said.precipitation_mm, CASE said.precipitation_level {rates} END)",
    "said.wind_speed",
    "said.precipitation_probability",
    "(said.precipitation_type = 'snow')::integer",
)
"""What is read of hours, in the order of `Hourly`."""

_DAYS = """
SELECT {columns}
FROM scored_cells AS cell
JOIN core.daily_forecasts AS said
    ON said.nx = cell.nx AND said.ny = cell.ny AND said.issued_at = cell.issued_at AND said.issued_at > {since}
WHERE cell.number >= {first} AND cell.number < {last} AND said.day >= {today} AND said.day < {end}
"""
_OF_DAYS = (
    "(said.source = 'mid_term')::integer",
    "said.temperature_min",
    "said.temperature_max",
    "CASE said.sky {cloud} END",
    "said.precipitation_probability",
)

_GROUPS = """
SELECT number - %(first)s, activity, open_hours, places FROM scored_groups WHERE number >= %(first)s AND number < %(last)s
ORDER BY activity, open_hours, number
"""

_NUMBERS = "string_agg(float4send(coalesce(({})::real, 'NaN')), '')"
"""A column of numbers as their bytes: a row of its own for each hour takes four times as long to bring here as to find."""

_DECIMALS = 5
"""Decimals of what is read as a `real`, which has seven digits: 26.1 is then 26.1 again, and not 26.1000004."""

_WARNINGS = """
SELECT DISTINCT cell.number, phenomenon, level, effective_at, lifted_at
FROM core.weather_warnings
JOIN core.warning_zones_of_cells USING (zone_code)
JOIN scored_cells AS cell USING (nx, ny)
WHERE level <> 'preliminary' AND announced_at <= %(as_of)s AND effective_at < %(as_of)s + interval '3 days'
  AND (lifted_at IS NULL OR lifted_at > %(as_of)s) AND last_told_at > %(as_of)s - interval '3 days'
"""

_MEASURED_AIR = """
SELECT number, max(array_position(%(grades)s::text[], grade)) - 1
FROM (
    SELECT DISTINCT ON (cell.number, told.pollutant) cell.number, told.grade
    FROM scored_cells AS cell
    JOIN core.air_stations_of_cells AS near USING (nx, ny)
    JOIN (
        SELECT DISTINCT ON (sido_name, station_name) * FROM core.air_quality
        WHERE measured_at > %(from)s AND measured_at <= %(as_of)s ORDER BY sido_name, station_name, measured_at DESC
    ) AS air USING (sido_name, station_name)
    CROSS JOIN LATERAL (VALUES ('pm10', air.pm10_grade), ('pm25', air.pm25_grade)) AS told (pollutant, grade)
    WHERE told.grade IS NOT NULL
    ORDER BY cell.number, told.pollutant, near.place
) AS nearest GROUP BY number
"""

_FORECAST_AIR = """
SELECT region_code, zone_name, day - %(today)s::date, max(array_position(%(grades)s::text[], grade)) - 1
FROM (
    SELECT DISTINCT ON (zone_name, pollutant, day) * FROM core.air_quality_forecasts
    WHERE issued_at <= %(as_of)s AND issued_at > %(from)s AND day >= %(today)s
    ORDER BY zone_name, pollutant, day, issued_at DESC
) AS newest GROUP BY region_code, zone_name, day
"""

_ERRORS = """
SELECT lead_hours / 24, root_mean_square_error FROM insight.expected_errors
WHERE element = 'temperature_max' AND root_mean_square_error IS NOT NULL
"""

_ZONES_OF_LAND = {"11D10000": "영서", "11D20000": "영동"}
"""The zones of the air in 강원, by the mid-term land region that they are."""


def note_places(cursor: psycopg.Cursor) -> dict[str, int]:
    """Bring `insight.activities_of_places` up to date; return how many places have no activity, by the reason."""
    cursor.execute(sql.SQL(_PLACES).format(_places()))
    cursor.execute("ANALYZE published_places")
    classes = cursor.execute("SELECT coalesce(class_code, ''), count(*) FROM published_places GROUP BY 1").fetchall()
    without: dict[str, int] = {}
    for code, count in classes:
        found = activities_of(code)
        if not found.activities:
            without[found.reason] = without.get(found.reason, 0) + count
    load_temporary(
        cursor,
        "activities_of_classes",
        "class_code text, activity text",
        [(code, activity) for code, _ in classes for activity in activities_of(code).activities],
    )
    texts = cursor.execute("SELECT DISTINCT rest_days FROM published_places WHERE rest_days IS NOT NULL").fetchall()
    closed = [(text, closed_days(text)) for (text,) in texts]
    load_temporary(
        cursor,
        "closed_days",
        "rest_days text, weekdays smallint, holidays text[], shifts boolean, is_whole boolean",
        [
            (text, found.weekdays, f"{{{','.join(found.holidays)}}}", str(found.shifts), str(found.is_whole))
            for text, found in closed
        ],
    )
    query = files("weatherflick_assets.insight.suitability").joinpath("places.sql").read_text(encoding="utf-8")
    cursor.execute(query)  # type: ignore[arg-type] - a file of the package
    follow(cursor, ACTIVITIES_OF_PLACES, "found_activities")
    return without


def note_cells(cursor: psycopg.Cursor, issue: datetime) -> "Cells":
    """Number the cells that are scored at an issue: those with places and with a forecast."""
    for statement in _CELLS.split(";"):
        cursor.execute(statement, {"issue": issue, "since": issue - REMEMBERED})  # type: ignore[arg-type]
    found = cursor.execute("SELECT nx, ny, issued_at FROM scored_cells ORDER BY number").fetchall()
    nx, ny = (np.array([row[place] for row in found], dtype=np.int64) for place in (0, 1))
    latitude, longitude = centre_of(nx, ny) if found else (np.empty(0), np.empty(0))
    return Cells(nx, ny, latitude, longitude, [at.astimezone(KST) for *_, at in found])


@dataclass(frozen=True)
class Cells:
    """The cells that are scored, by number: where they are, and the issue that last spoke of each."""

    nx: NDArray[np.int64]
    ny: NDArray[np.int64]
    latitude: Floats
    longitude: Floats
    said_at: Sequence[datetime]

    def __len__(self) -> int:
        return len(self.said_at)


class Group(NamedTuple):
    """Places that share their scores.

    Attributes:
        number: of their cell, less that of the first cell that is looked at.
        activity: for what they are scored.
        open_hours: when they are open.
        places: how many they are.
    """

    number: int
    activity: str
    open_hours: str
    places: int = 1


@dataclass(frozen=True)
class Chunk:
    """What is forecast of some cells.

    Attributes:
        hours: of what is said by hour, an array of 8 values by cells by `HOURLY_DAYS` by 24 hours; NaN where nothing is said.
        is_mid_term, is_short_term: whether the outlook of a day is of either; cells by days.
        temperature_min, temperature_max, cloud, chance: of the outlook, cells by days.
        groups: what is scored in the cells, by activity and opening hours.
    """

    hours: Floats
    is_mid_term: NDArray[np.bool_]
    is_short_term: NDArray[np.bool_]
    temperature_min: Floats
    temperature_max: Floats
    cloud: Floats
    chance: Floats
    groups: Sequence[Group]


class Said(NamedTuple):
    """What is forecast of some cells as it comes from the database: columns of numbers as their bytes, and `Chunk.groups`."""

    hours: tuple[bytes | None, ...]
    outlook: tuple[bytes | None, ...]
    groups: Sequence[tuple[int, str, str, int]]


def read_said(cursor: psycopg.Cursor, issue: datetime, first: int, last: int, days: int) -> Said:
    """Read what is forecast of the cells from number `first` to before `last`, for so many days."""
    today = issue.astimezone(KST).date()
    values = {
        "today": today,
        "end": today + timedelta(days=days),
        "midnight": bounds(today)[0],
        "since": issue - REMEMBERED,
        "issue": issue,
        "first": first,
        "last": last,
    }
    given: dict[str, sql.Composable] = {name: sql.Literal(value) for name, value in values.items()}
    given |= {"cloud": _cases(CLOUD), "rates": _cases(RATE_OF_LEVEL)}

    def columns(query: LiteralString, *numbers: LiteralString) -> tuple[bytes | None, ...]:
        chosen = sql.SQL(", ").join(sql.SQL(_NUMBERS).format(sql.SQL(number).format(**given)) for number in numbers)
        return cursor.execute(sql.SQL(query).format(columns=chosen, **given), binary=True).fetchone() or ()

    hour = "extract(epoch FROM said.valid_at - {midnight}) / 3600"
    return Said(
        columns(_HOURS, "cell.number - {first}", hour, *_OF_HOURS),
        columns(_DAYS, "cell.number - {first}", "said.day - {today}", *_OF_DAYS),
        cursor.execute(_GROUPS, {"first": first, "last": last}).fetchall(),
    )


def chunk_of(said: Said, cells: int, days: int) -> Chunk:
    """What was read of so many cells and days."""
    hours = _placed(said.hours, cells, 24 * HOURLY_DAYS).reshape(-1, cells, HOURLY_DAYS, 24)
    is_mid_term, lowest, highest, cloud, chance = _placed(said.outlook, cells, days)
    return Chunk(
        hours, is_mid_term == 1, is_mid_term == 0, lowest, highest, cloud, chance, [*starmap(Group, said.groups)]
    )


def _placed(columns: Sequence[bytes | None], cells: int, times: int) -> Floats:
    """Columns after the first two, in whose places those say, cells by times; NaN elsewhere."""
    read = (
        np.array([np.frombuffer(column or b"", dtype=">f4") for column in columns]).astype(np.float64).round(_DECIMALS)
    )
    number, at = read[:2].astype(np.int64)
    inside = at < times
    placed = np.full((len(columns) - 2, cells, times), np.nan)
    placed[:, number[inside], at[inside]] = read[2:, inside]
    return placed


def read_warnings(cursor: psycopg.Cursor, as_of: datetime) -> list[tuple[int, Warned]]:
    """The warnings of cells, each with the number of its cell, as they were known at a time."""
    return [(number, Warned(*warned)) for number, *warned in cursor.execute(_WARNINGS, {"as_of": as_of}).fetchall()]


def read_air(cursor: psycopg.Cursor, cells: Cells, today: date, as_of: datetime, days: int) -> Floats:
    """The worst grade of dust and ozone by cell and day, as its place in `AIR_GRADES`; NaN where it is not known.

    Of today it is the worse of what is forecast for the zone and what the nearest stations measure now. In 경기, which has two
    zones that no table divides, the worse one counts.
    """
    grades = np.full((len(cells), days), np.nan)
    given = {"grades": list(AIR_GRADES), "as_of": as_of, "today": today}
    regions = regions_of_points(cells.longitude, cells.latitude)
    lands = mid_term_places_of_cells(cells.nx, cells.ny).land_region_ids if len(cells) else np.empty(0)
    for region, zone, day, grade in cursor.execute(_FORECAST_AIR, {**given, "from": as_of - _AIR_ISSUES}).fetchall():
        if day < days:
            of_zone = (regions == region) & ~_is_beside(zone, lands)
            grades[of_zone, day] = np.fmax(grades[of_zone, day], grade)
    for number, grade in cursor.execute(_MEASURED_AIR, {**given, "from": as_of - _MEASURED}).fetchall():
        grades[number, 0] = np.fmax(grades[number, 0], grade)
    return grades


def _is_beside(zone: str, lands: NDArray[Any]) -> NDArray[np.bool_]:
    """Whether cells are in the other one of the two zones of 강원."""
    mine = np.array([_ZONES_OF_LAND.get(land) for land in lands], dtype=object)
    return (mine != zone) & (mine != None) if zone in _ZONES_OF_LAND.values() else np.zeros(len(lands), dtype=bool)  # noqa: E711


def read_errors(cursor: psycopg.Cursor) -> Mapping[int, float]:
    """The root of the mean square error of the day's highest temperature, °C, by days ahead, as far as it was measured."""
    return dict(cursor.execute(_ERRORS).fetchall())


def _places() -> sql.Composable:
    """A query for all published places, with what every kind has of what counts here."""
    return sql.SQL(" UNION ALL ").join(
        sql.SQL(
            "SELECT content_id, content_type_id, region_code, class_code, published_at, {} FROM {} WHERE removed_at IS NULL"
        ).format(
            sql.SQL(", ").join(
                sql.SQL("{} AS {}").format(
                    sql.Identifier(column) if column in table.columns else sql.SQL("NULL::" + kind),  # type: ignore[operator]
                    sql.Identifier(name),
                )
                for name, (column, kind) in _OPTIONAL.items()
            ),
            identifier(table),
        )
        for table in PLACE_TABLES.values()
    )


def _cases(values: Mapping[Any, float]) -> sql.Composable:
    return sql.SQL(" ").join(
        sql.SQL("WHEN {} THEN {}").format(sql.Literal(key), sql.Literal(value)) for key, value in values.items()
    )
