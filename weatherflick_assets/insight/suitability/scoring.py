"""The score of a day for an activity, from 0 to 100, and what costs how much of it.

A score begins with the index of the activity: HCI as it is, CIT times 100 / 7, so that the classes of both agree: from 70 on a
day is good, from 50 on it is fair. What it feels like at its extremes, the air and warnings then take a share of what is left.
What is lost is counted by facet, so that score and losses always sum to the best that the activity can have.
"""

from collections.abc import Mapping
from typing import NamedTuple, Self

import numpy as np

from weatherflick_assets.insight.suitability import holiday_climate, tourism_climate
from weatherflick_assets.insight.suitability.activities import Activity, Indoors, Method
from weatherflick_assets.insight.suitability.holiday_climate import HolidayClimate
from weatherflick_assets.insight.suitability.steps import Floats, Steps
from weatherflick_assets.insight.suitability.tourism_climate import TourismClimate

WEATHER_FACETS = ("temperature", "sky", "rain", "wind")
FACETS = (*WEATHER_FACETS, "feels_like", "air", "warning")
"""What can cost a day some of its score, in the order in which it does."""

LEVELS: Mapping[str, float] = {"excellent": 85.0, "good": 70.0, "fair": 50.0, "poor": 0.0}
"""The least score of each level. HCI and CIT are called good (ideal) and fair (marginal) from these scores on; 85 is what the
previous system called excellent. A score of 0 is not recommended."""


class Weather(NamedTuple):
    """The weather of days in the hours that count, as arrays that broadcast; NaN where something is not known.

    Attributes:
        temperature_max: highest temperature, °C.
        humidity: mean relative humidity, %.
        cloud: mean cloud cover, %.
        rain: precipitation, mm.
        wind: mean wind speed, m/s.
        feels_like_min, feels_like_max: lowest and highest feels-like temperature, °C.
    """

    temperature_max: Floats
    humidity: Floats
    cloud: Floats
    rain: Floats
    wind: Floats
    feels_like_min: Floats
    feels_like_max: Floats

    def at(self, where: object) -> Self:
        """The weather of some of the days."""
        return type(self)(*(values[where] for values in self))  # type: ignore[index]


class Scored(NamedTuple):
    """Scores, 0 to 100, NaN where they are not known; and what each of `FACETS` cost, in the last axis."""

    score: Floats
    losses: Floats


HEAT = Steps((33, 35, 38), (1, 0.8, 0.5, 0))
"""What is left outdoors by the highest feels-like temperature, °C. The KMA warns from 33 (폭염주의보), 35 (폭염경보) and 38 on
(폭염중대경보)."""

COLD = Steps((-15.4, -10.5, -3.2), (0.3, 0.6, 0.9, 1))
"""What is left outdoors by the lowest feels-like temperature, °C, at the limits of the KMA's winter index (위험, 경고, 주의)."""

INDOOR_HEAT = Steps((33, 35, 38), (1, 0.95, 0.9, 0.8))
INDOOR_COLD = Steps((-15.4, -10.5, -3.2), (0.8, 0.9, 0.95, 1))
"""The same indoors, where it is felt on the way alone."""

AIR_GRADES = ("good", "moderate", "bad", "very_bad")
AIR: Mapping[bool, tuple[float, float, float, float]] = {True: (1, 1, 0.7, 0.3), False: (1, 1, 0.95, 0.8)}
"""What is left by the grade of the air, outdoors (True) and indoors. In bad air one should not exert oneself outside for long, in
very bad air not at all (미세먼지 행동요령)."""

# The shares themselves are this platform's: no index of tourism has any.


def base(method: Method) -> float:
    """The best score that a method gives."""
    return method.base + 20 if isinstance(method, Indoors) else 100.0


def weather_losses(method: Method, weather: Weather) -> Floats:
    """What temperature, sky, rain and wind cost, in points, in a last axis; NaN where what is needed is not known."""
    if isinstance(method, HolidayClimate):
        rated = holiday_climate.ratings(
            method,
            temperature_max=weather.temperature_max,
            humidity=weather.humidity,
            cloud=weather.cloud,
            rain=weather.rain,
            wind=weather.wind,
        )
        return _stacked(*(weight * (10 - rating) for weight, rating in zip(method.weights, rated, strict=True)))
    if isinstance(method, TourismClimate):
        return _losses_of_parts(
            tourism_climate.parts(
                method,
                temperature_max=weather.temperature_max,
                cloud=weather.cloud,
                rain=weather.rain,
                wind=weather.wind,
            )
        )
    rain = 10 - holiday_climate.URBAN.rain.of(weather.rain)
    wind = 10 - holiday_climate.URBAN.wind.of(weather.wind * holiday_climate.KMH_PER_MS)
    return _stacked(np.zeros_like(rain), np.zeros_like(rain), rain, wind)


def _losses_of_parts(decisive: tourism_climate.Parts) -> Floats:
    """Only the worst of sky, rain and wind costs anything; of equals rain, then wind."""
    per_point = 100 / tourism_climate.BEST
    thermal, _, rain, wind = np.broadcast_arrays(*decisive)
    worst = tourism_climate.score(decisive)
    lost = (thermal - worst) * per_point
    is_rain = rain == worst
    is_wind = ~is_rain & (wind == worst)
    return _stacked(
        (tourism_climate.BEST - thermal) * per_point,
        np.where(is_rain | is_wind, 0 * lost, lost),
        np.where(is_rain, lost, 0 * lost),
        np.where(is_wind, lost, 0 * lost),
    )


def _stacked(*losses: Floats) -> Floats:
    return np.stack(np.broadcast_arrays(*losses), axis=-1)


def scored(activity: Activity, lost: Floats, weather: Weather, air: Floats, warning: Floats) -> Scored:
    """The score of days.

    Args:
        activity: for what.
        lost: of `weather_losses`, or a mean of several.
        weather: of which the feels-like temperatures count.
        air: the grade of the air, as its place in `AIR_GRADES`; NaN where it is not known, which costs nothing.
        warning: the share that warnings leave, 0 to 1.
    """
    left = np.maximum(base(activity.method) - lost.sum(axis=-1), 0)
    heat, cold = (HEAT, COLD) if activity.is_outdoors else (INDOOR_HEAT, INDOOR_COLD)
    shares = (
        np.minimum(heat.of(weather.feels_like_max), cold.of(weather.feels_like_min)),
        np.asarray((*AIR[activity.is_outdoors], 1.0))[np.where(np.isnan(air), -1, air).astype(np.int64)],
        warning,
    )
    losses = [lost[..., facet] for facet in range(len(WEATHER_FACETS))]
    for share in shares:
        losses.append(left * (1 - share))
        left = left * share
    return Scored(left, _stacked(*losses))
