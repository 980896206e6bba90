"""The points and land regions of the KMA's mid-term forecast (중기기온 지점, 중기육상 구역), and those of grid cells.

`temperature_points.csv` lists the points of getMidTa in South Korea with the land region of getMidLandFcst that they
belong to by the KMA's code table of forecast zones. 백령도 and 울릉도 have no land region of their own in that service and
get that of their province. 독도 and 이어도 are left out: nobody stays there. Positions are those of the cities' centres, to 0.01
degrees; of 성판악 and 순천 (승주) that of the code table.
"""

import csv
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

from weatherflick_assets.korea.cells import centre_of
from weatherflick_assets.korea.geography import regions_of_points


@dataclass(frozen=True, slots=True)
class TemperaturePoint:
    """A point of the mid-term temperatures. Latitude and longitude are in degrees (WGS 84)."""

    point_id: str
    name: str
    land_region_id: str
    region_code: str
    latitude: float
    longitude: float


class MidTermPlaces(NamedTuple):
    """For each cell the id of its temperature point and that of its land region; None where a cell has none."""

    point_ids: NDArray[Any]
    land_region_ids: NDArray[Any]


@cache
def temperature_points() -> Mapping[str, TemperaturePoint]:
    """All points by id."""
    text = files("weatherflick_assets.korea").joinpath("temperature_points.csv").read_text(encoding="utf-8")
    return {
        row["point_id"]: TemperaturePoint(
            row["point_id"],
            row["name"],
            row["land_region_id"],
            row["region_code"],
            float(row["latitude"]),
            float(row["longitude"]),
        )
        for row in csv.DictReader(text.splitlines())
    }


def mid_term_places_of_cells(nx: ArrayLike, ny: ArrayLike) -> MidTermPlaces:
    """The temperature point and the land region of each cell.

    The point is the nearest one of the region in which the centre of the cell lies, and its land region is the cell's: so
    영동 and 영서 are told apart. A cell more than 15 km from land has neither.
    """
    latitude, longitude = centre_of(np.atleast_1d(nx), np.atleast_1d(ny))
    regions = regions_of_points(longitude, latitude)
    points, lands = np.full(regions.shape, None, dtype=object), np.full(regions.shape, None, dtype=object)
    for region in {code for code in regions if code is not None}:
        of_region = [point for point in temperature_points().values() if point.region_code == region]
        inside = regions == region
        # Within a region a degree of longitude is equally long everywhere, for the purpose of what is nearer.
        east = np.cos(np.radians(latitude[inside].mean()))
        away = np.square(latitude[inside, None] - [point.latitude for point in of_region])
        away += np.square((longitude[inside, None] - [point.longitude for point in of_region]) * east)
        nearest = away.argmin(axis=1)
        points[inside] = np.array([point.point_id for point in of_region], dtype=object)[nearest]
        lands[inside] = np.array([point.land_region_id for point in of_region], dtype=object)[nearest]
    return MidTermPlaces(points, lands)
