"""The cells of the KMA's grid on land: those for which tables of cells are made once and for all."""

from functools import cache

import numpy as np
from numpy.typing import NDArray

from weatherflick_assets.korea.cells import COLUMNS, ROWS, centre_of
from weatherflick_assets.korea.geography import regions_of_points


@cache
def land_cells() -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Columns (nx) and rows (ny) of the cells whose centre lies in Korea or within 15 km of it, so of every cell with a place."""
    nx, ny = (axis.ravel() for axis in np.meshgrid(np.arange(1, COLUMNS + 1), np.arange(1, ROWS + 1)))
    latitude, longitude = centre_of(nx, ny)
    is_near = regions_of_points(longitude, latitude) != None  # noqa: E711 - elementwise
    return nx[is_near], ny[is_near]
