"""The grid of the KMA's forecasts (동네예보 격자): cells of 5 km, from which cell a point is in.

Source: KMA, guide to 단기예보 조회서비스 (VilageFcstInfoService_2.0), with the constants of its C program. The projection
itself is PROJ's.
"""

from functools import cache
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import ArrayLike, NDArray

if TYPE_CHECKING:
    from pyproj import Proj

CELL_KM = 5.0
COLUMNS, ROWS = 149, 253
"""Cells count from 1, nx eastwards and ny northwards."""

_PROJECTION = "+proj=lcc +lat_1=30 +lat_2=60 +lat_0=38 +lon_0=126 +a=6371008.77 +b=6371008.77 +units=km"
_ORIGIN_KM = 210.0, 675.0
"""How far 38° N 126° E is from the centre of cell (1, 1), eastwards and northwards."""


def cells_of(latitude: ArrayLike, longitude: ArrayLike) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """The cells that points are in.

    Args:
        latitude: in degrees north, of any shape.
        longitude: in degrees east, of the same shape.

    Returns:
        nx and ny, of that shape; 0 and 0 for a point outside the grid or without a position (NaN).
    """
    x, y = _projection()(np.asarray(longitude, dtype=np.float64), np.asarray(latitude, dtype=np.float64))
    nx, ny = (
        np.floor((np.asarray(way) + origin) / CELL_KM + 1.5) for way, origin in zip((x, y), _ORIGIN_KM, strict=True)
    )
    is_inside = (nx >= 1) & (nx <= COLUMNS) & (ny >= 1) & (ny <= ROWS)
    return np.where(is_inside, nx, 0).astype(np.int64), np.where(is_inside, ny, 0).astype(np.int64)


def centre_of(nx: ArrayLike, ny: ArrayLike) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Latitude and longitude, in degrees, of the centres of cells."""
    x, y = (
        (np.asarray(cell, dtype=np.float64) - 1) * CELL_KM - origin
        for cell, origin in zip((nx, ny), _ORIGIN_KM, strict=True)
    )
    longitude, latitude = _projection()(x, y, inverse=True)
    return np.asarray(latitude), np.asarray(longitude)


@cache
def _projection() -> "Proj":
    from pyproj import Proj  # noqa: PLC0415 - only where something is projected

    return Proj(_PROJECTION)
