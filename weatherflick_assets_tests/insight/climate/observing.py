"""Years of days of stations, written by hand: every day of a month alike, and every fourth one wet."""

from datetime import date
from typing import Any

import psycopg

WET_EVERY, WET_MM = 4, 20.0

USUAL = {
    "temperature_max": 24.0, "temperature_min": 14.0, "humidity_mean": 60.0, "cloud_cover_mean": 2.0, "wind_speed_mean": 2.0,
    "sunshine_hours": 8.0,
}  # fmt: skip
"""A day."""

_DAYS = """
INSERT INTO core.station_days (
    station_id, station_name, region_code, day, temperature_mean, temperature_max, temperature_min, humidity_mean, cloud_cover_mean,
    wind_speed_mean, sunshine_hours, precipitation_mm, source_response_id, recorded_at
)
SELECT %(station)s, 'Station', %(region)s, day::date, %(temperature_min)s, %(temperature_max)s, %(temperature_min)s, %(humidity_mean)s,
    %(cloud_cover_mean)s, %(wind_speed_mean)s, %(sunshine_hours)s,
    CASE WHEN (day::date - date '2000-01-01') %% %(wet_every)s = 0 THEN %(wet_mm)s END, 1, now()
FROM generate_series(%(first)s::date, %(last)s::date, '1 day') AS day
WHERE %(month)s::int IS NULL OR extract(month FROM day) = %(month)s
"""


def observed(
    dsn: str,
    first: date,
    last: date,
    *,
    station: str = "108",
    region: str = "11",
    month: int | None = None,
    wet_mm: float = WET_MM,
    **values: Any,
) -> None:
    """Publish the days of a station, of one month of each year if it is named; `values` differ from the usual ones."""
    given = {
        **USUAL, "station": station, "region": region, "first": first, "last": last, "month": month, "wet_every": WET_EVERY,
        "wet_mm": wet_mm, **values,
    }  # fmt: skip
    with psycopg.connect(dsn) as connection:
        connection.execute(_DAYS, given)
