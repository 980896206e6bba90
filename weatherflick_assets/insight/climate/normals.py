"""From days of the stations of a region to its normals, by month and activity. Pure.

A day is scored by the index of the activity, as a day of the outlook is (`suitability/day_weather.py`), but with the humidity, wind,
cloud and rain that were observed. Air and warnings do not count: both are about a day, not about a month. Means are over all days of
all stations of the region, in the years of which enough is known.
"""

from calendar import monthrange
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Self

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from weatherflick_assets.insight.suitability.activities import ACTIVITIES, Activity, Hours
from weatherflick_assets.insight.suitability.day_weather import LEAST_KNOWN
from weatherflick_assets.insight.suitability.reasons import LEAST_LOSS
from weatherflick_assets.insight.suitability.scoring import FACETS, LEVELS, Scored, Weather, scored, weather_losses
from weatherflick_assets.insight.suitability.steps import Floats
from weatherflick_assets.weather.issues import YEARS_OF_HISTORY

Ints = NDArray[np.int64]

FEWEST_YEARS = YEARS_OF_HISTORY
"""With fewer, a month has no normal."""

WET_MM = 0.1
"""From here on a day counts as one with rain or snow, as for the KMA (강수일수)."""

MONTHS = range(1, 13)
GOOD = LEVELS["good"]
_DAYS_OF_MONTHS = {month: monthrange(2001, month)[1] + (0.25 if month == 2 else 0.0) for month in MONTHS}

OBSERVED = (
    "temperature_max",
    "temperature_min",
    "humidity_mean",
    "cloud_cover_mean",
    "wind_speed_mean",
    "precipitation_mm",
    "sunshine_hours",
)
"""The columns of core.station_days that are needed besides station and day."""


@dataclass(frozen=True)
class Normal:
    """A month in a region for an activity; the fields are columns of `insight.climate_normals`, null where there is no normal."""

    month: int
    activity: str
    years: int
    first_year: int | None = None
    last_year: int | None = None
    stations: int = 0
    days: int = 0
    score: float | None = None
    good_share: float | None = None
    limiting: str | None = None
    temperature_max: float | None = None
    temperature_min: float | None = None
    precipitation_mm: float | None = None
    rain_days: float | None = None
    sunshine_hours: float | None = None


def normals_of(days: pd.DataFrame) -> list[Normal]:
    """The normals of a region.

    Args:
        days: of its stations, in months that are over: station_id, day (dates), and the columns of `OBSERVED`.
    """
    observed = _Observed.of(days)
    return [
        _normal(observed, month, activity.name, result, counting & (observed.month == month))
        for activity in ACTIVITIES.values()
        for result in (_scores(observed, activity),)
        for counting in (observed.counting(~np.isnan(result.score)),)
        for month in MONTHS
    ]


@dataclass(frozen=True)
class _Observed:
    """The days of the stations of a region, as arrays of equal length.

    Attributes:
        station: number of the station.
        year, month: of the day.
        day: number of the day, and `months` says of each of these the number of its month.
        lengths: how many days each of the months has.
        values: by column; `rain` is the precipitation, 0 on a dry day.
    """

    station: Ints
    year: Ints
    month: Ints
    day: Ints
    months: Ints
    lengths: Ints
    values: Mapping[str, Floats]

    @classmethod
    def of(cls, days: pd.DataFrame) -> Self:
        """The days of a frame."""
        number, named = pd.factorize(days["day"])
        at = pd.DatetimeIndex(pd.to_datetime(named))
        months, first = pd.factorize(at.year * 100 + at.month)
        lengths = np.zeros(len(first), dtype=np.int64)
        lengths[months] = at.days_in_month
        values = {name: days[name].to_numpy(dtype=np.float64) for name in OBSERVED}
        # A dry day has a blank amount. Of a station that reports nothing else, it says nothing.
        is_dry = np.isnan(values["precipitation_mm"]) & ~np.isnan(values["temperature_max"])
        return cls(
            station=pd.factorize(days["station_id"])[0],
            year=at.year.to_numpy()[number],
            month=at.month.to_numpy()[number],
            day=number,
            months=months,
            lengths=lengths,
            values={**values, "rain": np.where(is_dry, 0.0, values["precipitation_mm"])},
        )

    def counting(self, is_known: NDArray[np.bool_]) -> NDArray[np.bool_]:
        """Which days are known, in a month of which enough days are known at one station at least."""
        known_days = np.unique(self.day[is_known])
        is_enough = np.bincount(self.months[known_days], minlength=len(self.lengths)) >= LEAST_KNOWN * self.lengths
        return is_known & is_enough[self.months[self.day]]


def _scores(observed: _Observed, activity: Activity) -> Scored:
    values = observed.values
    coldest = values["temperature_min"]
    if activity.hours is not Hours.WHOLE_DAY:
        coldest = (coldest + values["temperature_max"]) / 2
    weather = Weather(
        temperature_max=values["temperature_max"],
        humidity=values["humidity_mean"],
        cloud=10 * values["cloud_cover_mean"],
        rain=values["rain"],
        wind=values["wind_speed_mean"],
        feels_like_min=coldest,
        feels_like_max=values["temperature_max"],
    )
    unknown, whole = np.full(len(coldest), np.nan), np.ones(len(coldest))
    return scored(activity, weather_losses(activity.method, weather), weather, air=unknown, warning=whole)


def _normal(observed: _Observed, month: int, activity: str, result: Scored, where: NDArray[np.bool_]) -> Normal:
    years = np.unique(observed.year[where])
    if not len(years):
        return Normal(month, activity, 0)
    counted = Normal(
        month,
        activity,
        len(years),
        first_year=int(years[0]),
        last_year=int(years[-1]),
        stations=len(np.unique(observed.station[where])),
        days=int(where.sum()),
    )
    if len(years) < FEWEST_YEARS:
        return counted
    of_month = {name: values[where] for name, values in observed.values.items()}
    score, lost, length = result.score[where], result.losses[where].mean(axis=0), _DAYS_OF_MONTHS[month]
    return replace(
        counted,
        score=float(score.mean()),
        good_share=float((score >= GOOD).mean()),
        limiting=FACETS[lost.argmax()] if lost.max() >= LEAST_LOSS else None,
        temperature_max=_mean(of_month["temperature_max"]),
        temperature_min=_mean(of_month["temperature_min"]),
        precipitation_mm=_mean(of_month["rain"], length),
        rain_days=_mean((of_month["rain"] >= WET_MM).astype(np.float64), length),
        sunshine_hours=_mean(of_month["sunshine_hours"], length),
    )


def _mean(values: Floats, times: float = 1.0) -> float | None:
    known = values[~np.isnan(values)]
    return float(known.mean()) * times if len(known) else None


def ranked(normals: list[Normal]) -> Iterator[tuple[Normal, int | None]]:
    """The normals with the rank of the month among those of the activity, from 1, the best: by good days, then by score."""
    for activity in dict.fromkeys(normal.activity for normal in normals):
        months = [normal for normal in normals if normal.activity == activity]
        best = sorted(
            (normal for normal in months if normal.score is not None),
            key=lambda normal: (-(normal.good_share or 0), -(normal.score or 0), normal.month),
        )
        rank = {normal.month: place for place, normal in enumerate(best, 1)}
        yield from ((normal, rank.get(normal.month)) for normal in months)
