"""The climate of the simulated country: normal values by month, and how they depend on place and hour.

The monthly values are those of an inland place at 80 m and 36.3 degrees north, 60 km from the sea. They are fitted to
five years of hourly observations at five stations, and for the coast to published normals.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from statistics import NormalDist

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

_MONTHS = {
    # Degrees: the mean; its fall per degree of latitude; the rise at the coast; the deviation of single days.
    "temperature": (-0.2, 2.0, 8.7, 13.2, 19.3, 23.5, 27.1, 27.6, 22.4, 15.7, 9.4, 1.8),
    "northward": (1.05, 0.95, 0.65, 0.35, 0.25, 0.05, -0.1, 0.05, 0.15, 0.5, 0.8, 1.0),
    "coastal": (3.2, 2.6, 1.2, 0.0, -0.8, -1.4, -1.2, -0.2, 0.8, 1.8, 2.6, 3.2),
    "deviation": (3.8, 4.0, 3.3, 3.3, 2.6, 2.1, 2.6, 2.4, 1.9, 3.2, 3.4, 3.9),
    "daily_wave": (3.7, 4.1, 4.8, 5.2, 5.1, 4.4, 3.5, 3.4, 3.8, 4.7, 4.6, 3.9),
    "humidity": (57.0, 52.0, 62.0, 54.0, 61.0, 69.0, 77.0, 78.0, 75.0, 69.0, 65.0, 60.0),
    # Shares: of hours with rain; millimetres an hour when it rains.
    "wet": (0.036, 0.036, 0.045, 0.076, 0.085, 0.096, 0.135, 0.135, 0.105, 0.058, 0.036, 0.034),
    "intensity": (0.65, 0.7, 1.6, 1.3, 1.2, 2.2, 3.3, 3.7, 1.75, 1.75, 1.45, 0.7),
    "cloud": (4.2, 4.3, 4.7, 4.1, 4.8, 5.9, 6.6, 6.4, 6.2, 4.3, 3.7, 4.0),
    "wind": (1.83, 2.03, 2.01, 2.08, 1.93, 1.79, 1.73, 1.71, 1.70, 1.55, 1.55, 1.75),
    "westerly": (0.9, 0.8, 0.6, 0.4, 0.2, 0.0, 0.2, -0.1, -0.3, 0.1, 0.5, 0.9),
    "southerly": (-0.7, -0.5, -0.2, 0.1, 0.2, 0.3, 0.6, 0.3, -0.4, -0.5, -0.5, -0.7),
    "dust": (43.0, 46.0, 50.0, 45.0, 42.0, 33.0, 24.0, 23.0, 22.0, 27.0, 38.0, 42.0),
}
INTENSITY_POWER = 2.2
"""Rain is this power of how far the field of rain exceeds its threshold."""

_MID_MONTHS = np.array([15, 45, 74, 105, 135, 166, 196, 227, 258, 288, 319, 349], dtype=float)
_YEAR = 365.25
_DRY = {"threshold": tuple(NormalDist().inv_cdf(1 - share) for share in _MONTHS["wet"])}
_TABLES = {name: np.array(values) for name, values in (_MONTHS | _DRY).items()}


@dataclass(frozen=True)
class Season:
    """The normals at some hours, and the course of their days.

    Attributes:
        normals: The monthly normals by name, interpolated between the middles of the months.
        daily_wave: The course of the temperature within a day, of mean 0: lowest before dawn, highest after three.
        breeze: The factor of the wind by the hour: weak at night, strong in the afternoon.
    """

    normals: Mapping[str, Floats]
    daily_wave: Floats
    breeze: Floats

    def __getitem__(self, name: str) -> Floats:
        return self.normals[name]


@lru_cache(maxsize=64)
def season_at(hours: tuple[float, ...]) -> Season:
    """The season at `hours` since 2000-01-01 00:00 in Korea. It is the same for every place."""
    numbers = np.array(hours)
    day, angle = (numbers / 24) % _YEAR, 2 * np.pi / 24 * (numbers % 24)
    return Season(
        normals={name: np.interp(day, _MID_MONTHS, table, period=_YEAR) for name, table in _TABLES.items()},
        daily_wave=np.cos(angle - 4.03) + 0.26 * np.cos(2 * angle - 0.94),
        breeze=1.0 + 0.33 * np.cos(angle - 4.06) + 0.06 * np.cos(2 * angle - 7.85),
    )
