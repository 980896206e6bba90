"""KMA's forecast grid: 5 km cells of a Lambert conformal projection, columns 1 to 149 and rows 1 to 253."""

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

COLUMNS, ROWS, CELL_KM = 149, 253, 5.0

_RADIUS = 6371.00877 / CELL_KM
_FIRST, _SECOND = np.radians(30.0), np.radians(60.0)
_LONGITUDE, _LATITUDE = np.radians(126.0), np.radians(38.0)
_COLUMN, _ROW = 43.0, 136.0  # of the origin


def _conformal(latitude: Floats | float) -> Floats:
    return np.tan(np.pi / 4 + np.asarray(latitude) / 2)


_CONE = float(np.log(np.cos(_FIRST) / np.cos(_SECOND)) / np.log(_conformal(_SECOND) / _conformal(_FIRST)))
_SCALE = float(_RADIUS * np.cos(_FIRST) * _conformal(_FIRST) ** _CONE / _CONE)
_ORIGIN = float(_SCALE / _conformal(_LATITUDE) ** _CONE)


def to_grid(latitude: Floats | float, longitude: Floats | float) -> tuple[Floats, Floats]:
    """Column and row of points in degrees, with fractions; rounded they are the cell."""
    distance = _SCALE / _conformal(np.radians(latitude)) ** _CONE
    angle = (np.radians(longitude) - _LONGITUDE) * _CONE
    return distance * np.sin(angle) + _COLUMN, _ORIGIN - distance * np.cos(angle) + _ROW


def to_degrees(column: Floats | float, row: Floats | float) -> tuple[Floats, Floats]:
    """Latitude and longitude in degrees of points of the grid."""
    across, up = np.asarray(column) - _COLUMN, _ORIGIN - np.asarray(row) + _ROW
    latitude = 2 * np.arctan((_SCALE / np.hypot(across, up)) ** (1 / _CONE)) - np.pi / 2
    longitude = np.arctan2(across, up) / _CONE + _LONGITUDE
    return np.degrees(latitude), np.degrees(longitude)
