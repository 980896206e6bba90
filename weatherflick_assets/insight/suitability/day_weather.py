"""From what is forecast to the weather of a day in the hours that count. Arrays are cells or groups by days by hours.

Up to the seam, and a day beyond it, a forecast has hours. Of later days the mid-term forecast says the extremes of temperature,
the sky, and how likely rain is. What it does not say is taken as it usually is, and rain as it usually falls on a wet day.

What is usual was measured: hourly observations of Seoul, Andong, Daegu, Jeonju and Gwangju, 2018 to 2022 (cloud by the KMA's
definition of the sky, 06 to 18 h; humidity and wind 09 to 18 h; rain of an hour May to September), and the daily rain of 97 stations,
January to October 2025 (2,063 wet days).
"""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from weatherflick_assets.insight.suitability.hours import Bools
from weatherflick_assets.insight.suitability.scoring import Weather
from weatherflick_assets.insight.suitability.steps import Floats

CLOUD: Mapping[str, float] = MappingProxyType({"clear": 13.0, "mostly_cloudy": 72.0, "overcast": 96.0})
"""Mean cloud cover, %, of the hours that the KMA calls clear (0 to 5 tenths), mostly cloudy (6 to 8) and overcast (9, 10)."""

RATE_OF_LEVEL: Mapping[int, float] = MappingProxyType({0: 0.0, 1: 0.84, 2: 6.1, 3: 23.5})
"""Mean rain of an hour, mm, of the hours with none, less than 3, 3 to less than 15, and 15 mm or more."""

USUAL_HUMIDITY = (49.0, 45.0, 50.0, 45.0, 50.0, 60.0, 69.0, 70.0, 66.0, 57.0, 54.0, 54.0)
USUAL_WIND = (2.3, 2.6, 2.6, 2.7, 2.5, 2.2, 2.1, 2.2, 2.2, 2.0, 2.0, 2.0)
"""Mean relative humidity, %, and wind, m/s, of the day's hours, by month. December, of which there are hardly observations, has
the values of November."""

WET_DAY: tuple[tuple[float, float], ...] = (
    (1.0, 0.44),
    (4.5, 0.13),
    (7.5, 0.08),
    (10.5, 0.05),
    (18.0, 0.13),
    (40.0, 0.17),
)
"""What falls on a wet day: an amount in mm, in the middle of an interval of HCI's table, and the share of days with it."""

LEAST_KNOWN = 0.8
"""The share of the hours that count of which a value must be there: with fewer, the day has none."""


class Hourly(NamedTuple):
    """What is forecast by hour: arrays of days by 24, after any axes; NaN where nothing is said.

    Attributes:
        temperature, feels_like: °C.
        humidity: %.
        cloud: %.
        rain: mm in an hour.
        wind: m/s.
        chance: of precipitation, %.
        snow: 1 where it snows, else 0.
    """

    temperature: Floats
    feels_like: Floats
    humidity: Floats
    cloud: Floats
    rain: Floats
    wind: Floats
    chance: Floats
    snow: Floats


class Days(NamedTuple):
    """The weather of days in the hours that count.

    Attributes:
        weather: of the days.
        chance: greatest chance of precipitation, %.
        parts: the share of the rain that falls before noon, before 18 h and later, in a last axis.
        is_snow: whether most hours with precipitation have snow.
        hours: how many hours count.
    """

    weather: Weather
    chance: Floats
    parts: Floats
    is_snow: Bools
    hours: Floats


PARTS = ((0, 12), (12, 18), (18, 24))
"""Morning, afternoon and evening."""


def of_hours(hourly: Hourly, counting: Bools, said: Bools) -> Days:
    """The weather of days from their hours.

    Args:
        hourly: what is forecast.
        counting: the hours that count.
        said: the hours that the forecast speaks of; of a window between two of them, those beside it count.
    """
    asked = counting & said
    beside = counting | np.roll(counting, 1, axis=-1) | np.roll(counting, -1, axis=-1)
    asked = _hour_first(np.where(asked.any(axis=-1, keepdims=True), asked, beside & said))
    hourly = Hourly(*map(_hour_first, hourly))
    wanted = asked.sum(axis=0)
    hours = _hour_first(counting).sum(axis=0).astype(np.float64)

    def known(values: Floats) -> tuple[Bools, NDArray[np.int64], Bools]:
        there = asked & ~np.isnan(values)
        count = there.sum(axis=0)
        return there, count, (wanted > 0) & (count >= LEAST_KNOWN * wanted)

    def extreme(values: Floats, sign: int) -> Floats:
        there, _, enough = known(values)
        return np.where(enough, sign * np.where(there, sign * values, -np.inf).max(axis=0), np.nan)

    def mean(values: Floats) -> Floats:
        there, count, enough = known(values)
        return np.where(enough, np.where(there, values, 0.0).sum(axis=0) / np.maximum(count, 1), np.nan)

    wet = np.where(asked & (hourly.rain > 0), hourly.rain, 0.0)
    fallen = wet.sum(axis=0)
    parts = np.stack([wet[first:last].sum(axis=0) for first, last in PARTS], axis=-1)
    return Days(
        Weather(
            temperature_max=extreme(hourly.temperature, 1),
            humidity=mean(hourly.humidity),
            cloud=mean(hourly.cloud),
            rain=mean(hourly.rain) * hours,
            wind=mean(hourly.wind),
            feels_like_min=extreme(hourly.feels_like, -1),
            feels_like_max=extreme(hourly.feels_like, 1),
        ),
        chance=extreme(hourly.chance, 1),
        parts=parts / np.where(fallen > 0, fallen, 1.0)[..., None],
        is_snow=2 * np.where(wet > 0, hourly.snow, 0.0).sum(axis=0) > (wet > 0).sum(axis=0),
        hours=hours,
    )


def _hour_first(values: NDArray[Any]) -> NDArray[Any]:
    """The hours, which are the last axis, as the first: numbers are summed many at once only if they lie side by side."""
    return np.ascontiguousarray(np.moveaxis(values, -1, 0))


def of_outlook(
    temperature_min: Floats, temperature_max: Floats, cloud: Floats, month: NDArray[np.int64], *, is_whole_day: bool
) -> Weather:
    """The weather of days of the mid-term forecast, dry; rain is scored apart, because only its chance is said.

    Args:
        temperature_min: lowest temperature, °C.
        temperature_max: highest temperature, °C.
        cloud: cloud cover, %.
        month: of the Korean calendar, 1 to 12.
        is_whole_day: whether the night counts; else the lowest that counts is half-way between the extremes.
    """
    lowest = temperature_min if is_whole_day else (temperature_min + temperature_max) / 2
    return Weather(
        temperature_max=temperature_max,
        humidity=np.array(USUAL_HUMIDITY)[month - 1],
        cloud=cloud,
        rain=np.zeros_like(temperature_max),
        wind=np.array(USUAL_WIND)[month - 1],
        feels_like_min=lowest,
        feels_like_max=temperature_max,
    )
