"""AirKorea's stations: rows with positions, and which of them are nearest to a grid cell. Pure.

Answers of getMsrstnList name no region: it is that of the address, by its name in the measurements (서울, 전남). dmX is the
latitude and dmY the longitude in recorded answers and the reverse in the guide, so the ranges of Korea decide.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray

from weatherflick_assets.korea.cells import centre_of
from weatherflick_assets.korea.geography import EAST, NORTH, SOUTH, WEST
from weatherflick_assets.korea.regions import GWANGJU_WARD_CODES, REGIONS, Region, sigungu_table
from weatherflick_assets.weather.transform.rows import Rows

NEAR_KM = 40.0
"""Of 1,630 cells with a town, 99.8 % have a station within it, and 98.7 % have three (stations of 2024)."""

STATION_COLUMNS = ("sido_name", "station_name", "network", "address", "latitude", "longitude", "source_response_id")
NEAREST_COLUMNS = ("nx", "ny", "place", "sido_name", "station_name", "distance_km")

_EARTH_RADIUS_KM = 6371.0088
_MERGED = "12"
_GWANGJU, _JEONNAM = "광주", "전남"


def air_station_rows(items: Sequence[Mapping[str, Any]], *, response_id: int) -> Rows:
    """Rows of stations: `STATION_COLUMNS`; a station whose position is missing or not in Korea has NaN for it.

    Args:
        items: of getMsrstnList; of repeated stations the first counts.
        response_id: where they come from.
    """
    problems: Counter[str] = Counter()
    found: dict[tuple[str, str], tuple[Any, ...]] = {}
    for item in items:
        name, address = _text(item.get("stationName")), _text(item.get("addr"))
        sido = _text(item.get("sidoName")) or sido_of(address)
        if not name:
            problems["station_missing"] += 1
        elif sido is None:
            problems["sido_unknown"] += 1
        elif (sido, name) in found:
            problems["station_repeated"] += 1
        else:
            network = _text(item.get("mangName")) or None
            position = _position(item.get("dmX"), item.get("dmY"), problems)
            found[sido, name] = (sido, name, network, address or None, *position, response_id)
    rows = pd.DataFrame(list(found.values()), columns=list(STATION_COLUMNS), dtype=object)
    kinds = {"latitude": "float64", "longitude": "float64", "source_response_id": "int64"}
    return Rows(rows.astype(kinds), problems)


def sido_of(address: str) -> str | None:
    """The name that measurements have for the region of an address; None if it begins with no region.

    Of the region that was merged in 2026-07 it is that of the part: 광주 for Gwangju's wards, else 전남.
    """
    first, _, rest = address.partition(" ")
    region = next((region for region in REGIONS if first in region.address_prefixes), None)
    if region is None:
        return None
    return region.airkorea_names[0] if region.region_code != _MERGED else _part_of_merged(region, first, rest)


def nearest_stations(
    nx: ArrayLike, ny: ArrayLike, stations: pd.DataFrame, *, count: int = 3, within_km: float = NEAR_KM
) -> pd.DataFrame:
    """The stations that are nearest to the centres of cells.

    Args:
        nx: of the cells.
        ny: of the cells, as many.
        stations: with sido_name, station_name, latitude and longitude; without a position it is never near.
        count: how many stations a cell has at most.
        within_km: how far away they are at most.

    Returns:
        `NEAREST_COLUMNS`, in the order of the cells, the nearest first: place 1, 2, … A cell without a station near has no
        row. Distances are great circles on a sphere.
    """
    east, north = (np.atleast_1d(np.asarray(cell, dtype=np.int64)) for cell in (nx, ny))
    known = stations[stations["latitude"].notna() & stations["longitude"].notna()]
    latitude, longitude = centre_of(east, north)
    away = haversine_km(latitude[:, None], longitude[:, None], known["latitude"], known["longitude"])
    order = np.argsort(away, axis=1, kind="stable")[:, :count]
    distance = np.take_along_axis(away, order, axis=1)
    cell, place = np.nonzero(distance <= within_km)
    chosen = known.iloc[order[cell, place]]
    return pd.DataFrame(
        {
            "nx": east[cell],
            "ny": north[cell],
            "place": place + 1,
            "sido_name": chosen["sido_name"].to_numpy(),
            "station_name": chosen["station_name"].to_numpy(),
            "distance_km": distance[cell, place],
        }
    )


def haversine_km(
    latitude: ArrayLike, longitude: ArrayLike, to_latitude: ArrayLike, to_longitude: ArrayLike
) -> NDArray[np.float64]:
    """Great-circle distances in km between points in degrees, broadcast."""
    from_north, from_east, to_north, to_east = (
        np.radians(np.asarray(degrees, dtype=np.float64))
        for degrees in (latitude, longitude, to_latitude, to_longitude)
    )
    squared = (
        np.sin((to_north - from_north) / 2) ** 2
        + np.cos(from_north) * np.cos(to_north) * np.sin((to_east - from_east) / 2) ** 2
    )
    return 2 * _EARTH_RADIUS_KM * np.arcsin(np.sqrt(squared))


def _part_of_merged(region: Region, name: str, rest: str) -> str:
    if not name.startswith(region.short_name):  # a former name
        return _GWANGJU if name.startswith(_GWANGJU) else _JEONNAM
    wards = {
        one.name
        for one in sigungu_table()
        if one.region_code == region.region_code and one.sigungu_code in GWANGJU_WARD_CODES
    }
    return _GWANGJU if rest.partition(" ")[0] in wards else _JEONNAM


def _position(first: object, second: object, problems: Counter[str]) -> tuple[float, float]:
    """Latitude and longitude, in whichever order they are given; NaN if they are missing or not in Korea."""
    numbers = [_number(first), _number(second)]
    if None in numbers:
        problems["position_missing"] += 1
        return np.nan, np.nan
    for latitude, longitude in (numbers, numbers[::-1]):
        if latitude and longitude and SOUTH <= latitude < NORTH and WEST <= longitude < EAST:
            return latitude, longitude
    problems["position_outside"] += 1
    return np.nan, np.nan


def _number(value: object) -> float | None:
    try:
        number = float(value) if isinstance(value, str | int | float) else None
    except ValueError:
        return None
    return number if number is not None and np.isfinite(number) else None


def _text(value: object) -> str:
    return " ".join(value.split()) if isinstance(value, str) else ""
