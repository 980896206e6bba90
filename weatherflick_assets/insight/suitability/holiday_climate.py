"""The Holiday Climate Index of a day: HCI:Urban for sightseeing, HCI:Beach for the beach.

Source: Scott, Rutty, Amelung and Tang (2016), Atmosphere 7(6), 80, tables 3 to 6, as the Slovenian Environment Agency applies
them to both indices. A rating is at most 10, and some are negative. An index is the sum of the ratings by their weights, at
most 100. The printed cloud cover is in whole per cent: here a cover counts by its whole per cent.
"""

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike

from weatherflick_assets.insight.suitability.steps import Floats, Steps, above

KMH_PER_MS = 3.6


@dataclass(frozen=True)
class HolidayClimate:
    """One index: the weights of its facets, which sum to 10, and the ratings of their values.

    Attributes:
        temperature: by effective temperature, °C.
        sky: by cloud cover, %.
        rain: by the day's precipitation, mm.
        wind: by mean wind speed, km/h.
    """

    weights: tuple[int, int, int, int]
    temperature: Steps
    sky: Steps
    rain: Steps
    wind: Steps


class Ratings(NamedTuple):
    """The ratings of the four facets, at most 10 each, NaN where a value is missing."""

    temperature: Floats
    sky: Floats
    rain: Floats
    wind: Floats


URBAN = HolidayClimate(
    weights=(4, 2, 3, 1),
    temperature=Steps(
        (above(-6), 0, 7, 11, 15, 18, 20, 23, 26, 27, 29, 31, 33, 35, 37, 39),
        (1, 2, 3, 4, 5, 6, 7, 9, 10, 9, 8, 7, 6, 5, 4, 2, 0),
    ),
    sky=Steps((1, 11, 21, 31, 41, 51, 61, 71, 81, 91, 100), (8, 9, 10, 9, 8, 7, 6, 5, 4, 3, 2, 1)),
    rain=Steps((above(0), 3, 6, 9, 12, above(25)), (10, 9, 8, 5, 2, 0, -1)),
    wind=Steps((above(0), 10, 20, 30, 40, 50, 70), (8, 10, 9, 8, 6, 3, 0, -10)),
)
"""HCI:Urban."""

BEACH = HolidayClimate(
    weights=(2, 4, 3, 1),
    temperature=Steps(
        (10, 15, 17, 18, 19, 20, 21, 22, 23, 26, 28, 31, 33, 34, 35, 36, 37, 38, 39),
        (-10, -5, 0, 1, 2, 3, 4, 5, 6, 7, 9, 10, 9, 8, 7, 6, 5, 4, 2, 0),
    ),
    sky=Steps((1, 15, 26, 36, 46, 56, 66, 76, 86, 96), (8, 9, 10, 9, 8, 7, 6, 5, 4, 3, 2)),
    rain=Steps((above(0), 3, 6, 9, 12, above(25)), (10, 9, 8, 6, 4, 0, -1)),
    wind=Steps((above(0.5), 10, 20, 30, 40, 50, 70), (8, 10, 9, 8, 6, 3, 0, -10)),
)
"""HCI:Beach."""


def effective_temperature(temperature_max: ArrayLike, humidity: ArrayLike) -> Floats:
    """The effective temperature (Missenard), °C, of the day's highest temperature (°C) and mean relative humidity (%)."""
    air, moisture = np.asarray(temperature_max, dtype=np.float64), np.asarray(humidity, dtype=np.float64)
    return air - 0.4 * (air - 10) * (1 - moisture / 100)


def ratings(
    index: HolidayClimate,
    *,
    temperature_max: ArrayLike,
    humidity: ArrayLike,
    cloud: ArrayLike,
    rain: ArrayLike,
    wind: ArrayLike,
) -> Ratings:
    """The ratings of days, elementwise.

    Args:
        index: by which.
        temperature_max: highest temperature, °C.
        humidity: mean relative humidity, %.
        cloud: mean cloud cover, %.
        rain: precipitation, mm.
        wind: mean wind speed, m/s.
    """
    return Ratings(
        index.temperature.of(effective_temperature(temperature_max, humidity)),
        index.sky.of(cloud),
        index.rain.of(rain),
        index.wind.of(np.asarray(wind, dtype=np.float64) * KMH_PER_MS),
    )


def score(index: HolidayClimate, rated: Ratings) -> Floats:
    """The index of days by their ratings: at most 100; below 0 where the weather is very bad."""
    return np.asarray(
        sum(weight * rating for weight, rating in zip(index.weights, rated, strict=True)), dtype=np.float64
    )
