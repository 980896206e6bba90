"""Compares what was forecast of a day with what was observed, cell by cell, in the database.

Hours are compared with what was said exactly 6, 24, 48, 72 and 120 hours before. Issues are three hours apart, so such a
forecast exists for every third hour. Nothing nearer is taken instead, because only these leads stay when forecasts are
thinned: a day measured again a year later gives the same figures. For the same reason a day's extremes are compared with
what the issues of 05:00 said.

The observed extremes are those of the hours. The KMA's lie a little further out, because it looks between the hours.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from importlib.resources import files

import pandas as pd
import psycopg
from psycopg import sql
from psycopg.rows import class_row
from sqlalchemy import Table

from weatherflick_assets.insight.tables import FORECAST_SKILL, MOST_DAYS_AHEAD, WHOLE_COUNTRY
from weatherflick_assets.korea.cells import centre_of
from weatherflick_assets.korea.geography import regions_of_points
from weatherflick_assets.settings import KST, Clock, bounds
from weatherflick_assets.warehouse.loading import copy_rows, copy_text
from weatherflick_assets.warehouse.replacing import Replacement
from weatherflick_assets.warehouse.statements import identifier
from weatherflick_assets.weather.storage import LEAD_HOURS

ASSET_KEY = "insight/forecast_skill"

FEWEST_HOURS = 20
"""Hours of a day that must have been observed in a cell before its least and greatest temperature are those of the day."""

WET_MM = 0.1
"""From here on an hour counts as one with precipitation: the least that the KMA reports."""

KEPT_HOUR = 5
"""The issue of the day that stays when the outlook by day is thinned (`weather/storage.py`)."""

MEASURED_TWICE = 2
"""Days that are measured each night: an observation can be collected for a day, so that yesterday's may be incomplete."""

MADE_UP = 14
"""Days within which one that was never measured is made up for."""

_REGIONS = sql.Identifier("regions_of_cells")
_CELLS = (
    "SELECT DISTINCT nx, ny FROM core.weather_observations WHERE observed_at >= %(start)s AND observed_at < %(end)s"
)

_DUE = """
SELECT day
FROM (SELECT {today}::date - ago AS day, ago FROM generate_series(1, {made_up}) AS ago) AS past
WHERE ago <= {measured_twice} OR EXISTS (
    SELECT FROM core.weather_observations
    WHERE observed_at >= day::timestamp AT TIME ZONE 'Asia/Seoul' AND observed_at < (day + 1)::timestamp AT TIME ZONE 'Asia/Seoul'
) AND NOT EXISTS (SELECT FROM {table} AS known WHERE known.day = past.day)
ORDER BY day DESC
"""

LATELY_DAYS = 30
"""Days that are shown beside one, which alone says little."""

_COUNTRY = """
SELECT element, source, lead_hours, compared, bias, mean_absolute_error, root_mean_square_error,
    hits, misses, false_alarms, brier_score
FROM insight.skill_of_days(%(first_day)s, %(last_day)s) WHERE region_code = %(whole_country)s
ORDER BY element, lead_hours, source
"""


@dataclass(frozen=True)
class Skill:
    """The skill of one element at one lead time in the whole country; see `tables.py`."""

    element: str
    source: str
    lead_hours: int
    compared: int
    bias: float
    mean_absolute_error: float
    root_mean_square_error: float
    hits: int | None
    misses: int | None
    false_alarms: int | None
    brier_score: float | None


@dataclass(frozen=True)
class Measured:
    """What was compared of a day.

    Attributes:
        cells: cells that were observed.
        rows: rows that were written.
        country: what they say of the country, by element and lead time; nothing if there was nothing to compare.
        lately: the same of the 30 days that end with this one.
    """

    cells: int
    rows: int
    country: Sequence[Skill]
    lately: Sequence[Skill]

    @property
    def compared(self) -> int:
        """Pairs of what was said and what was observed."""
        return sum(skill.compared for skill in self.country)


def measure(dsn: str, day: date, *, clock: Clock) -> Measured:
    """Measure the skill of the forecasts of a day, and put it in place of what was measured of it before.

    Args:
        dsn: the platform's database.
        day: in Korea; it should be over.
        clock: the time.

    Raises:
        psycopg.Error: the database failed; what was measured before stays.
    """
    start, end = bounds(day)
    with Replacement(dsn, FORECAST_SKILL, ASSET_KEY, day.isoformat(), {"day": day}) as replacement:
        cells = replacement.then(lambda cursor: _note_regions(cursor, start, end)).result()
        rows = replacement.stage_from(
            files("weatherflick_assets.insight").joinpath("forecast_skill.sql").read_text(encoding="utf-8"),
            {
                "day": day,
                "start": start,
                "end": end,
                "first_issue": start - timedelta(hours=max(LEAD_HOURS)),
                "lead_hours": list(LEAD_HOURS),
                "daily_issues": kept_issues(day),
                "fewest_hours": FEWEST_HOURS,
                "wet_mm": WET_MM,
                "whole_country": WHOLE_COUNTRY,
                "measured_at": clock(),
            },
        )
        country, lately = replacement.publish(
            lambda cursor: [
                _of_country(cursor.connection, day - timedelta(days=days - 1), day) for days in (1, LATELY_DAYS)
            ]
        )
    return Measured(cells, rows, country, lately)


def due(connection: psycopg.Connection, now: datetime, table: Table = FORECAST_SKILL) -> list[date]:
    """The days to measure, newest first: the last two, and those of two weeks that were observed and are not in the table."""
    statement = sql.SQL(_DUE).format(
        table=identifier(table),
        today=now.astimezone(KST).date(),
        measured_twice=MEASURED_TWICE,
        made_up=MADE_UP,
    )
    return [day for (day,) in connection.execute(statement)]


def kept_issues(day: date) -> list[datetime]:
    """The issues that spoke of a day and are kept, the day's own first: one for each number of days ahead."""
    return [datetime.combine(day - timedelta(days=ahead), time(KEPT_HOUR), KST) for ahead in range(MOST_DAYS_AHEAD + 1)]


def _note_regions(cursor: psycopg.Cursor, start: datetime, end: datetime) -> int:
    """Stage the region of every cell that was observed; return how many cells there are."""
    cells = cursor.execute(_CELLS, {"start": start, "end": end}).fetchall()
    nx, ny = ([cell[place] for cell in cells] for place in (0, 1))
    latitude, longitude = centre_of(nx, ny)
    regions = pd.DataFrame({"nx": nx, "ny": ny, "region_code": regions_of_points(longitude, latitude)})
    cursor.execute(
        "CREATE TEMPORARY TABLE regions_of_cells (nx smallint, ny smallint, region_code text) ON COMMIT DROP"
    )
    copy_rows(cursor, _REGIONS, regions.columns, copy_text(regions))
    cursor.execute("ANALYZE regions_of_cells")
    return len(cells)


def _of_country(connection: psycopg.Connection, first_day: date, last_day: date) -> list[Skill]:
    days = {"first_day": first_day, "last_day": last_day, "whole_country": WHOLE_COUNTRY}
    with connection.cursor(row_factory=class_row(Skill)) as reading:
        return reading.execute(_COUNTRY, days).fetchall()
