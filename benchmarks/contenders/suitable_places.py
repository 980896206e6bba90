"""A country of places with a forecast, as rows: what the contenders that score places begin with.

Classes are drawn as the sandbox's Korea has them. Places lie in the cells as real ones do: the cell of rank r has places in
proportion to 1 / (r + 10). Every second place has opening hours, and every third one a text about its days of rest.
"""

import csv
from datetime import date, datetime
from importlib.resources import files

import numpy as np
import psycopg

from weatherflick_assets.korea.cells import centre_of
from weatherflick_assets.korea.land_cells import land_cells
from weatherflick_assets.korea.regions import SERVING_REGIONS
from weatherflick_assets.settings import KST
from weatherflick_assets.warehouse.connections import connect
from weatherflick_assets.warehouse.partitioned import ensure
from weatherflick_assets.weather.tables import DAILY_FORECASTS, HOURLY_FORECASTS

ISSUE = datetime(2026, 8, 26, 5, tzinfo=KST)

AREAS = [area.kto_area_code for area in SERVING_REGIONS]
"""Each has every seventeenth row of cells."""

TYPES = {
    "12": "attractions", "14": "cultural_facilities", "15": "festivals", "25": "travel_courses", "28": "leisure_sports",
    "32": "accommodations", "38": "shopping", "39": "restaurants",
}  # fmt: skip

_HOURS = (
    ("09:00", "18:00"),
    ("10:00", "22:00"),
    ("11:30", "21:00"),
    ("00:00", "00:00"),
    ("10:00", "17:00"),
    ("18:00", "02:00"),
)
_REST = (
    "연중무휴",
    "매주 월요일",
    "매주 월요일 / 1월 1일 / 설·추석 연휴",
    "매월 둘째, 넷째 수요일",
    "매주 화요일, 수요일",
)

_PLACE = """
INSERT INTO core.{table} (content_id, content_type_id, class_code, class_group_code, title, region_code, region_source, kto_area_code,
    nx, ny, latitude, longitude, image_url, completeness, source_response_id, created_at, published_at, updated_at{more})
SELECT place.content_id, {type}, place.class_code, left(place.class_code, 4), 'Place', '11', 'code', place.area, place.nx, place.ny,
    place.latitude + random() / 25, place.longitude + random() / 25, CASE WHEN random() < 0.8 THEN 'https://picture' END,
    trunc(random() * 6) / 6, 1, now(), now(), now(){values}
FROM places AS place WHERE place.content_type_id = {type}
"""
_SAID = """
INSERT INTO core.hourly_forecasts (nx, ny, valid_at, issued_at, temperature, feels_like, humidity, precipitation_probability, sky,
    precipitation_type, precipitation_mm, precipitation_level, wind_speed, recorded_at, source_response_id)
SELECT nx, ny, valid_at, %(issue)s, temperature, temperature + 1, 40 + 50 * random(), 100 * random(),
    (ARRAY['clear', 'mostly_cloudy', 'overcast'])[1 + trunc(random() * 2.99)::int], 'none',
    CASE WHEN lead <= 67 THEN greatest(0, 3 * random() - 2) END, CASE WHEN lead > 67 THEN trunc(random() * 1.9)::int END,
    6 * random(), %(issue)s, 1
FROM cells CROSS JOIN unnest(%(leads)s::int[]) AS lead
CROSS JOIN LATERAL (
    SELECT %(issue)s + lead * interval '1 hour' AS valid_at, 22 + 6 * sin((lead - 4) * pi() / 12) + 4 * random() AS temperature
) AS hour
"""
_OUTLOOK = """
INSERT INTO core.daily_forecasts (nx, ny, day, issued_at, source, said_at, temperature_min, temperature_max,
    precipitation_probability, sky, hours, recorded_at, source_response_id)
SELECT nx, ny, %(today)s + ahead, %(issue)s, CASE WHEN ahead <= 3 THEN 'short_term' ELSE 'mid_term' END, %(issue)s,
    16 + 4 * random(), 26 + 6 * random(), 10 * trunc(random() * 10), (ARRAY['clear', 'mostly_cloudy', 'overcast'])[1 + trunc(random() * 2.99)::int],
    CASE WHEN ahead <= 3 THEN 19 ELSE 0 END, %(issue)s, 1
FROM cells CROSS JOIN generate_series(0, 10) AS ahead
"""


def fill(dsn: str, places: int, cells: int) -> None:
    """Write so many places, and a forecast and an outlook of so many cells."""
    draws = np.random.default_rng(20261130)
    nx, ny = land_cells()
    latitude, longitude = centre_of(nx, ny)
    chosen = draws.permutation(len(nx))[:cells]
    weight = 1 / (np.arange(cells) + 10)
    text = files("weatherflick_assets.sandbox.korea").joinpath("classes.csv").read_text(encoding="utf-8")
    uses = [(row["code"], *use.split(":")) for row in csv.DictReader(text.splitlines()) for use in row["uses"].split()]
    share = np.array([float(count) for *_, count in uses])
    of_class = draws.choice(len(uses), size=places, p=share / share.sum())
    of_cell = chosen[draws.choice(cells, size=places, p=weight / weight.sum())]
    with connect(dsn) as connection, connection.cursor() as cursor:
        cursor.execute("CREATE TEMPORARY TABLE cells (nx smallint, ny smallint)")
        with cursor.copy("COPY cells FROM STDIN") as copy:
            for cell in chosen:
                copy.write_row((int(nx[cell]), int(ny[cell])))
        cursor.execute(
            "CREATE TEMPORARY TABLE places (content_id text, content_type_id text, class_code text, nx smallint, ny smallint, area text, "
            "latitude float8, longitude float8, opens_at time, closes_at time, rest_days text)"
        )
        with cursor.copy("COPY places FROM STDIN") as copy:
            for number, (kind, cell) in enumerate(zip(of_class, of_cell, strict=True)):
                code, content_type, _ = uses[kind]
                hours = _HOURS[number % len(_HOURS)] if number % 2 else (None, None)
                rest = _REST[number % len(_REST)] if number % 3 == 0 else None
                area = AREAS[int(ny[cell]) % len(AREAS)]
                position = int(nx[cell]), int(ny[cell]), area, float(latitude[cell]), float(longitude[cell])
                copy.write_row((str(number), content_type, code, *position, *hours, rest))
        for content_type, table in TYPES.items():
            _add(cursor, content_type, table)
        _forecast(connection, ISSUE)


def forecast(dsn: str, issue: datetime) -> None:
    """Write a forecast and an outlook of the cells with places."""
    with connect(dsn) as connection:
        connection.execute("CREATE TEMPORARY TABLE cells AS SELECT nx, ny FROM core.cells")
        _forecast(connection, issue)


def _forecast(connection: psycopg.Connection, issue: datetime) -> None:
    """Write what is said of the cells in the temporary table."""
    ensure(connection, HOURLY_FORECASTS, issue)
    ensure(connection, DAILY_FORECASTS, issue)
    leads = [*range(1, 68), *range(70, 92, 3)]
    connection.execute(_SAID, {"issue": issue, "leads": leads})
    connection.execute(_OUTLOOK, {"issue": issue, "today": issue.date()})
    connection.commit()
    for name in ("hourly_forecasts", "daily_forecasts", *TYPES.values()):
        connection.execute(f"ANALYZE core.{name}")  # type: ignore[arg-type]
    connection.commit()


def _add(cursor: psycopg.Cursor, content_type: str, table: str) -> None:
    known = {
        name for (name,) in cursor.execute(
            "SELECT column_name FROM information_schema.columns WHERE table_schema = 'core' AND table_name = %s", (table,)
        )
    }  # fmt: skip
    more = [name for name in ("opens_at", "closes_at", "rest_days") if name in known]
    extra, values = "".join(f", {name}" for name in more), "".join(f", place.{name}" for name in more)
    if table == "festivals":
        first, last = date(2026, 8, 20), date(2026, 8, 30)
        extra += ", event_start_date, event_end_date"
        values += f", date '{first}', date '{last}' - (place.content_id::int % 5)"
    query = _PLACE.format(table=table, type=f"'{content_type}'", more=extra, values=values)
    cursor.execute(query)  # type: ignore[arg-type]
