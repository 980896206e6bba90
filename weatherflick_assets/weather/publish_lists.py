"""Publishes the lists that are read whole: holidays, the stations that measure the air, and the nearest ones of each cell."""

import math
from collections.abc import Mapping, Sequence
from datetime import datetime
from types import MappingProxyType

import pandas as pd
import psycopg
from psycopg import sql

from weatherflick_assets.korea.geography import are_near
from weatherflick_assets.korea.land_cells import land_cells
from weatherflick_assets.korea.regions import REGIONS
from weatherflick_assets.quality.store import Batch
from weatherflick_assets.settings import KST, Clock
from weatherflick_assets.warehouse.connections import connect
from weatherflick_assets.warehouse.replacing import Replacement
from weatherflick_assets.weather import tables
from weatherflick_assets.weather.issues import NothingCollectedError
from weatherflick_assets.weather.publish import Publishing
from weatherflick_assets.weather.publish_sources import judged, rows_of, unknown_stations
from weatherflick_assets.weather.source_suites import HOLIDAY_FINDING, STATION_FINDING
from weatherflick_assets.weather.sources import AIR_STATIONS, HOLIDAYS
from weatherflick_assets.weather.store.answers import StoredAnswer, newest_answers
from weatherflick_assets.weather.transform.air_stations import air_station_rows, nearest_stations
from weatherflick_assets.weather.transform.holidays import holiday_rows

FEWEST_HOLIDAYS = 10
"""A year has at least so many; those of a year to come may not be decided yet."""

FEWEST_STATIONS = 17
"""One for each region, as AirKorea names them."""

FIXED_HOLIDAYS: Mapping[str, tuple[int, int]] = MappingProxyType(
    {
        "1월1일": (1, 1),
        "삼일절": (3, 1),
        "어린이날": (5, 5),
        "현충일": (6, 6),
        "광복절": (8, 15),
        "개천절": (10, 3),
        "한글날": (10, 9),
        "기독탄신일": (12, 25),
    }
)
"""The holidays of a fixed month and day (관공서의 공휴일에 관한 규정), by the names that the calendar has for them."""

MOST_NAMES = 2
"""Two holidays may fall on one day, as 어린이날 and 부처님오신날 did on 2025-05-05; three never did."""

LEAST_LEFT = 0.8
"""A new list has at least this share of the rows that are published."""

_EVERYTHING = sql.SQL("TRUE")

_STATIONS = """
SELECT sido_name, station_name, latitude, longitude, recorded_at, source_response_id FROM core.air_stations
ORDER BY sido_name, station_name
"""


def publish_holidays(dsn: str, *, clock: Clock, run_id: str | None = None) -> Publishing:
    """Publish the newest list of every year; a year of which no list is stored stays as it is.

    Raises:
        NothingCollectedError: no list is stored.
        JudgeLostError: the judging process ended; nothing is published or recorded.
    """
    now = clock()
    with connect(dsn) as connection:
        answers = newest_answers(connection, HOLIDAYS.operation)
    years = [int(answer.subject) for answer in answers]
    of_the_years = sql.SQL("extract(year FROM day) = ANY({})").format(years)
    with Replacement(dsn, tables.HOLIDAYS, *_asset(tables.HOLIDAYS.name), of_the_years) as publication:
        rows, problems = rows_of(
            HOLIDAYS, answers, lambda items, answer: holiday_rows(items, response_id=answer.response_ids[0])
        )
        is_of_a_year = pd.Series([day.year in years for day in rows["day"]], index=rows.index, dtype=bool)
        problems["day_of_another_year"] += int((~is_of_a_year).sum())
        rows = rows[is_of_a_year]
        return judged(
            publication,
            Batch(tables.HOLIDAYS.fullname, None, now, run_id, data_as_of=_read_at(answers)),
            rows.assign(**{"day": rows["day"].astype(str), HOLIDAY_FINDING: _holiday_findings(rows)}),
            minimum_rows=FEWEST_HOLIDAYS * sum(year <= now.astimezone(KST).year for year in years),
            items=len(years),
            problems=+problems,
        )


def publish_air_stations(dsn: str, *, clock: Clock, run_id: str | None = None) -> Publishing:
    """Publish the newest list of stations in place of what was published; errors as of `publish_holidays`."""
    with connect(dsn) as connection:
        answers = newest_answers(connection, AIR_STATIONS.operation)
        (published,) = connection.execute("SELECT count(*) FROM core.air_stations").fetchone() or (0,)
    with Replacement(dsn, tables.AIR_STATIONS, *_asset(tables.AIR_STATIONS.name), _EVERYTHING) as publication:
        rows, problems = rows_of(
            AIR_STATIONS, answers, lambda items, answer: air_station_rows(items, response_id=answer.response_ids[0])
        )
        return judged(
            publication,
            Batch(tables.AIR_STATIONS.fullname, None, clock(), run_id, data_as_of=_read_at(answers)),
            rows.assign(**{STATION_FINDING: _stations_elsewhere(rows)}),
            minimum_rows=max(FEWEST_STATIONS, math.ceil(LEAST_LEFT * published)),
            items=len(rows) + problems["station_missing"] + problems["sido_unknown"],
            problems=problems,
        )


def publish_stations_of_cells(dsn: str, *, clock: Clock, run_id: str | None = None) -> Publishing:
    """Publish which stations are nearest to each cell on land.

    Raises:
        NothingCollectedError: no stations are published.
        JudgeLostError: the judging process ended; nothing is published or recorded.
    """
    table = tables.AIR_STATIONS_OF_CELLS
    with Replacement(dsn, table, *_asset(table.name), _EVERYTHING) as publication, connect(dsn) as connection:
        stations = _published_stations(connection)
        if stations.empty:
            raise NothingCollectedError("No stations are published. Publish core/air_stations first.")
        nearest = nearest_stations(*land_cells(), stations)
        rows = nearest.merge(stations[["sido_name", "station_name", "recorded_at", "source_response_id"]])
        return judged(
            publication,
            Batch(table.fullname, None, clock(), run_id, data_as_of=stations["recorded_at"].max()),
            rows.assign(**{STATION_FINDING: unknown_stations(connection, rows)}),
            minimum_rows=len(stations),
            items=len(stations),
        )


def _holiday_findings(rows: pd.DataFrame) -> pd.Series:
    """What is wrong about holidays: the day of one that has a fixed day, or a day with many names."""
    names_of_day = rows.groupby("day")["name"].transform("count")
    found = [
        f"is on {fixed[0]}-{fixed[1]}"
        if (fixed := FIXED_HOLIDAYS.get(name, (day.month, day.day))) != (day.month, day.day)
        else f"{names} names on a day"
        if names > MOST_NAMES
        else None
        for day, name, names in zip(rows["day"], rows["name"], names_of_day, strict=True)
    ]
    return pd.Series(found, rows.index, dtype=object)


def _stations_elsewhere(rows: pd.DataFrame) -> pd.Series:
    region_of = {name: region.region_code for region in REGIONS for name in region.airkorea_names}
    found = pd.Series(None, rows.index, dtype=object)
    for region_code, part in rows.groupby(rows["sido_name"].map(region_of)):
        elsewhere = part["latitude"].notna() & ~are_near(str(region_code), part["longitude"], part["latitude"])
        found[elsewhere.index[elsewhere]] = f"is not in {region_code}"
    return found


def _read_at(answers: Sequence[StoredAnswer]) -> datetime | None:
    """When the newest answer was read; None if there is none."""
    return max((answer.fetched_at for answer in answers), default=None)


def _published_stations(connection: psycopg.Connection) -> pd.DataFrame:
    columns = ["sido_name", "station_name", "latitude", "longitude", "recorded_at", "source_response_id"]
    stations = pd.DataFrame(connection.execute(_STATIONS).fetchall(), columns=columns)
    positions = dict.fromkeys(("latitude", "longitude"), "float64")
    return stations.astype({**positions, "recorded_at": pd.DatetimeTZDtype("us", KST)})


def _asset(name: str) -> tuple[str, str]:
    """The asset that a table is, which has no partitions."""
    return f"core/{name}", ""
