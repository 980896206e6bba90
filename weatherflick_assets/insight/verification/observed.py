"""Scores a day by the weather that came, with the method by which days ahead are scored.

Hours count as they do for days ahead, all of the day's. A value that fewer than `day_weather.LEAST_KNOWN` of them have is not known,
and without all that its index needs there is no score. The KMA's observations of cells have no sky: in its place counts the sky
that the newest nowcast said of the hour, at most six hours before. The air and warnings are no weather that came, and are left out.
"""

from collections.abc import Sequence
from datetime import date
from itertools import groupby

import numpy as np
import pandas as pd
import psycopg
from numpy.typing import NDArray

from weatherflick_assets.insight.suitability import day_weather, hours, scoring
from weatherflick_assets.insight.suitability.activities import ACTIVITIES
from weatherflick_assets.insight.suitability.cells import counting_hours
from weatherflick_assets.insight.suitability.day_weather import CLOUD, Hourly
from weatherflick_assets.insight.suitability.daylight import daylight
from weatherflick_assets.insight.suitability.evidence import Group
from weatherflick_assets.insight.suitability.hours import Bools
from weatherflick_assets.insight.suitability.steps import Floats
from weatherflick_assets.korea.cells import centre_of
from weatherflick_assets.settings import bounds

_SEEN = """
SELECT seen.nx, seen.ny, extract(hour FROM seen.observed_at AT TIME ZONE 'Asia/Seoul')::integer, seen.temperature, seen.feels_like,
    seen.humidity, sky.sky, seen.precipitation_mm, seen.wind_speed, (seen.precipitation_type = 'snow')::integer
FROM core.weather_observations AS seen
LEFT JOIN (
    SELECT DISTINCT ON (nx, ny, valid_at) nx, ny, valid_at, sky FROM core.nowcasts
    WHERE valid_at >= %(start)s AND valid_at < %(end)s AND sky IS NOT NULL
      AND issued_at > %(start)s - interval '6 hours' AND issued_at < %(end)s
    ORDER BY nx, ny, valid_at, issued_at DESC
) AS sky ON (sky.nx, sky.ny, sky.valid_at) = (seen.nx, seen.ny, seen.observed_at)
WHERE seen.observed_at >= %(start)s AND seen.observed_at < %(end)s
ORDER BY seen.nx, seen.ny, seen.observed_at
"""

_GROUPS = """
SELECT DISTINCT nx, ny, activity, open_hours FROM insight.activities_of_places ORDER BY activity, open_hours, nx, ny
"""


def read_observed(cursor: psycopg.Cursor, day: date) -> pd.DataFrame:
    """The scores of a day, with the columns of `insight.observed_suitability`; none of a cell that was not observed."""
    start, end = bounds(day)
    seen = cursor.execute(_SEEN, {"start": start, "end": end}).fetchall()
    numbers = {cell: number for number, cell in enumerate(dict.fromkeys((nx, ny) for nx, ny, *_ in seen))}
    hourly = np.full((8, len(numbers), 1, 24), np.nan)
    for nx, ny, hour, temperature, feels_like, humidity, sky, rain, wind, snow in seen:
        values = (temperature, feels_like, humidity, CLOUD.get(sky), rain, wind, None, snow)
        hourly[:, numbers[nx, ny], 0, hour] = [np.nan if value is None else float(value) for value in values]
    groups = [
        Group(numbers[nx, ny], activity, opened)
        for nx, ny, activity, opened in cursor.execute(_GROUPS).fetchall()
        if (nx, ny) in numbers
    ]
    cells = np.array([*numbers], dtype=np.int64).reshape(-1, 2)
    return _rows(day, cells, groups, Hourly(*hourly))


def _rows(day: date, cells: NDArray[np.int64], groups: Sequence[Group], hourly: Hourly) -> pd.DataFrame:
    light = hours.of_daylight(daylight(day, *centre_of(cells[:, 0], cells[:, 1])))[:, None] if len(cells) else None
    made = []
    for name, of_activity in groupby(groups, key=lambda group: group.activity):
        assert light is not None, "groups are of cells"
        listed = list(of_activity)
        number = np.array([group.number for group in listed], dtype=np.int64)
        score = scores(name, listed, Hourly(*(values[number] for values in hourly)), light)
        known = np.flatnonzero(~np.isnan(score))
        made += [(*cells[number[row]].tolist(), name, listed[row].open_hours, score[row]) for row in known.tolist()]
    found = pd.DataFrame(made, columns=["nx", "ny", "activity", "open_hours", "score"])
    return found.assign(day=day.isoformat(), score=found["score"].astype("float64").round(1))


def scores(activity_name: str, groups: Sequence[Group], hourly: Hourly, light: Bools) -> Floats:
    """The scores of a day for one activity, by group; NaN where too little was observed.

    Args:
        activity_name: for what.
        groups: by opening hours.
        hourly: what was observed, groups by one day by 24 hours.
        light: the hours of daylight, cells by one day by 24.
    """
    activity = ACTIVITIES[activity_name]
    counting = counting_hours(activity, groups, light)
    weather = day_weather.of_hours(hourly, counting, np.ones_like(counting)).weather
    lost = scoring.weather_losses(activity.method, weather)
    unknown = np.full(lost.shape[:-1], np.nan)
    return scoring.scored(activity, lost, weather, unknown, np.ones_like(unknown)).score[:, 0]
