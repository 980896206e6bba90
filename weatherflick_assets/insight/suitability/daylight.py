"""When the sun rises and sets, to some two minutes.

The sun's declination and the equation of time are the Fourier series of Spencer (1971), as NOAA's solar calculator documents
them. Rising and setting are when the middle of the sun is 0.833° below the horizon, as almanacs have it.
"""

from datetime import date
from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike

from weatherflick_assets.insight.suitability.steps import Floats

_MERIDIAN = 135.0
"""Korean time is that of 135° E."""

_ALTITUDE = -0.833


class Daylight(NamedTuple):
    """Sunrise and sunset, in hours of Korean time."""

    sunrise: Floats
    sunset: Floats


def daylight(day: date, latitude: ArrayLike, longitude: ArrayLike) -> Daylight:
    """Sunrise and sunset of a day at places, elementwise; degrees, in Korea, where the sun rises every day."""
    north, east = (np.radians(np.asarray(degrees, dtype=np.float64)) for degrees in (latitude, longitude))
    year = 2 * np.pi * (day.timetuple().tm_yday - 1) / 365
    declination = (
        0.006918
        - 0.399912 * np.cos(year)
        + 0.070257 * np.sin(year)
        - 0.006758 * np.cos(2 * year)
        + 0.000907 * np.sin(2 * year)
        - 0.002697 * np.cos(3 * year)
        + 0.00148 * np.sin(3 * year)
    )
    equation = 229.18 / 60 * (
        0.000075
        + 0.001868 * np.cos(year)
        - 0.032077 * np.sin(year)
        - 0.014615 * np.cos(2 * year)
        - 0.040849 * np.sin(2 * year)
    )  # fmt: skip
    noon = 12 - equation + (_MERIDIAN - np.degrees(east)) / 15
    cosine = (np.sin(np.radians(_ALTITUDE)) - np.sin(north) * np.sin(declination)) / (
        np.cos(north) * np.cos(declination)
    )
    half = np.degrees(np.arccos(cosine)) / 15
    return Daylight(noon - half, noon + half)
