"""Locations of the synthetic places in upstream's format: coordinates, addresses, zip codes.

Here: everything that places at the same location share.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from weatherflick_assets.sandbox.korea import tables, words
from weatherflick_assets.sandbox.korea.frame import Frame, pick

_KM_PER_DEGREE = 111.2
_WITHIN_RADIUS = 0.75  # districts are not round, so stay away from the edge

_LEGACY_DECIMALS = 10
_DECIMALS = {12: 5762, 14: 663, 11: 470, 10: 352, 4: 160, 6: 158, 13: 104, 3: 17, 7: 9, 5: 8, 15: 4}

_DONG_IN_PARENTHESES = 0.85
_LOT_NUMBER = 0.08
_FLOOR_OF_SHOP = 0.45
_DONG_REPEATED = 0.05
_DETAIL = 0.07


@dataclass(frozen=True)
class Locations:
    """Parallel lists with one text per place in upstream's format; coordinates are in degrees."""

    longitude: list[str]
    latitude: list[str]
    address: list[str]
    detail: list[str]
    zipcode: list[str]


def draw_locations(random: np.random.Generator, frame: Frame, legacy: NDArray[np.bool_]) -> Locations:
    """Draw the location of every place. `legacy` rows have coordinates with ten decimals."""
    size = len(frame)
    districts = tables.sigungu()
    middle = np.array([(place.longitude, place.latitude, place.radius_km) for place in districts])[frame.sigungu]
    distance = middle[:, 2] * _WITHIN_RADIUS * np.sqrt(random.random(size)) / _KM_PER_DEGREE
    angle = random.random(size) * 2 * np.pi
    latitude = middle[:, 1] + distance * np.sin(angle)
    longitude = middle[:, 0] + distance * np.cos(angle) / np.cos(np.radians(latitude))
    drawn = np.array(list(_DECIMALS))[pick(random, list(_DECIMALS.values()), size)]
    decimals = np.where(legacy, _LEGACY_DECIMALS, drawn)
    addresses, dongs = _addresses(random, frame)
    last = random.integers(0, 100, size).tolist()
    zipcodes = [
        f"{districts[place].zipcode_prefix}{number:02}" for place, number in zip(frame.sigungu, last, strict=True)
    ]
    where = frame.location.tolist()
    longitudes = [f"{value:.{places}f}" for value, places in zip(longitude.tolist(), decimals.tolist(), strict=True)]
    latitudes = [f"{value:.{places}f}" for value, places in zip(latitude.tolist(), decimals.tolist(), strict=True)]
    return Locations(
        longitude=[longitudes[place] for place in where],
        latitude=[latitudes[place] for place in where],
        address=[addresses[place] for place in where],
        detail=_details(random, frame, dongs),
        zipcode=[zipcodes[place] for place in where],
    )


def _addresses(random: np.random.Generator, frame: Frame) -> tuple[list[str], list[str]]:
    """Addresses, and the dong in parentheses for places in a city; otherwise blank."""
    size = len(frame)
    names = {region.code: region.name for region in tables.regions()}
    full = [_district(names[place.region_code], place.name) for place in tables.sigungu()]
    rural = [place.name.endswith("군") for place in tables.sigungu()]
    roads = [
        f"{road}{kind}" for road in words.ROADS for kind in ("로", "길", "대로", "로1길", "로12번길", "2길", "안길")
    ]
    dongs = [f"({road}동)" for road in words.ROADS]
    towns = [f"{town}{kind}" for town in words.TOWNS for kind in ("면", "읍", "면")]
    road, dong, town, number, branch = (
        random.integers(0, high, size).tolist() for high in (len(roads), len(dongs), len(towns), 900, 60)
    )
    lots = (random.random(size) < _LOT_NUMBER).tolist()
    in_city = (random.random(size) < _DONG_IN_PARENTHESES).tolist()
    addresses, parenthesised = [""] * size, [""] * size
    for place, district in enumerate(frame.sigungu.tolist()):
        if frame.location[place] != place:
            continue
        house = f"{number[place] + 1}-{branch[place]}" if branch[place] else str(number[place] + 1)
        village = f" {towns[town[place]]}" if rural[district] else ""
        if lots[place]:
            addresses[place] = f"{full[district]}{village} {words.ROADS[road[place] % len(words.ROADS)]}리 {house}"
        else:
            addresses[place] = f"{full[district]}{village} {roads[road[place]]} {house}"
        if in_city[place] and not village and not lots[place]:
            parenthesised[place] = dongs[dong[place]]
            addresses[place] += f" {dongs[dong[place]]}"
    return addresses, parenthesised


def _district(region: str, name: str) -> str:
    return region if region == name else f"{region} {name}"


def _details(random: np.random.Generator, frame: Frame, dongs: list[str]) -> list[str]:
    size = len(frame)
    chance = random.random(size)
    floor = random.integers(0, len(words.FLOORS), size).tolist()
    shops = frame.of_type("38")
    has_floor = (np.where(shops, chance < _FLOOR_OF_SHOP, chance < _DETAIL)).tolist()
    repeats = (~shops & (chance > 1 - _DONG_REPEATED)).tolist()
    return [
        words.FLOORS[floor[place]] if has_floor[place] else dongs[place] if repeats[place] else ""
        for place in range(size)
    ]
