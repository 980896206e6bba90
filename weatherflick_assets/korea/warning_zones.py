"""The zones for which the KMA warns of weather on land (특보구역), and the zones of grid cells.

`warning_zones.csv` is the KMA's code table of 2026-06-01 (Sheet 2 of 특보구역코드안내, a part of the guide to 기상특보
조회서비스, data.go.kr 15000415), as far as it is on land and in force: code, zone above, short and full name. Only one row
differs: 흑산도.홍도 is in 전라남도, where the KMA's texts list it. `districts` are the 시군구 and 읍면동 of a zone that is only a
part of a city or consists of wards, as the KMA's list of the divisions of 2026-05-31 (기상특보 세분구역 안내) has them;
`city/town` is written where the zone above is not the city.

`warning_zone_cells.csv` lists the zones of the cells in which there are towns (the KMA's grid table of 2025-10-27) or
stations (its list of 2024-07-15). `tools/build_warning_zone_cells.py` made it and says how. A cell of 5 km may be in several
zones. Of the cells of 597 stations 93 % were in the right zone by towns alone; the others lie at a border.
"""

import csv
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

import numpy as np
from numpy.typing import ArrayLike, NDArray

from weatherflick_assets.korea.cells import centre_of
from weatherflick_assets.korea.geography import regions_of_points

NATIONWIDE = "L1000000"


@dataclass(frozen=True, slots=True)
class WarningZone:
    """A zone of warnings: one that is warned of, or one that stands for all zones below it.

    Attributes:
        parent: the code of the zone above; empty for the whole country.
        name: as texts write it, such as 파주동북부.
        full_name: such as 파주시동북부.
        region_code: the current region that it lies in; empty for the whole country.
        districts: see the module.
    """

    code: str
    parent: str
    name: str
    full_name: str
    region_code: str
    districts: tuple[str, ...]


@cache
def warning_zones() -> Mapping[str, WarningZone]:
    """All zones by code."""
    rows = {row["code"]: row for row in _rows_of("warning_zones.csv")}
    found: dict[str, WarningZone] = {}
    for code, row in rows.items():
        above = row
        while not above["region_code"] and above["parent"]:
            above = rows[above["parent"]]
        districts = tuple(row["districts"].split())
        found[code] = WarningZone(code, row["parent"], row["name"], row["full_name"], above["region_code"], districts)
    return found


@cache
def children_of(code: str) -> tuple[WarningZone, ...]:
    """The zones right below a zone, in order."""
    return tuple(zone for zone in warning_zones().values() if zone.parent == code)


@cache
def leaves_below(code: str) -> tuple[str, ...]:
    """The codes of the smallest zones of a zone, in order; of one that is not divided, its own."""
    below = children_of(code)
    return tuple(leaf for zone in below for leaf in leaves_below(zone.code)) if below else (code,)


def zones_of_cells(nx: ArrayLike, ny: ArrayLike) -> list[tuple[str, ...]]:
    """The codes of the zones that each cell is in.

    A cell that the table does not list is in the zones of the nearest cell that it lists. The first zone is of the region
    in which the centre of the cell lies. A cell that is neither listed nor within 15 km of land is in none.
    """
    east, north = np.atleast_1d(np.asarray(nx, dtype=np.int64)), np.atleast_1d(np.asarray(ny, dtype=np.int64))
    latitude, longitude = centre_of(east, north)
    listed, of_region = _listed_cells(), _listed_cells_by_region()
    found: list[tuple[str, ...]] = []
    for x, y, region in zip(east.tolist(), north.tolist(), regions_of_points(longitude, latitude), strict=True):
        here = listed.get((x, y), ())
        own = tuple(code for code in here if warning_zones()[code].region_code == region)
        if region is not None and not own:
            cells, codes = of_region[region]
            own = codes[int(((cells - (x, y)) ** 2).sum(axis=1).argmin())]
        found.append(own + tuple(code for code in here if code not in own))
    return found


@cache
def _listed_cells() -> Mapping[tuple[int, int], tuple[str, ...]]:
    rows = _rows_of("warning_zone_cells.csv")
    return {(int(row["nx"]), int(row["ny"])): tuple(row["zone_codes"].split()) for row in rows}


@cache
def _listed_cells_by_region() -> Mapping[str, tuple[NDArray[np.int64], list[tuple[str, ...]]]]:
    """For each region its listed cells, as rows of nx and ny, with those of their zones that are in it."""
    found: dict[str, dict[tuple[int, int], tuple[str, ...]]] = {}
    for cell, codes in _listed_cells().items():
        for code in codes:
            region = found.setdefault(warning_zones()[code].region_code, {})
            region[cell] = (*region.get(cell, ()), code)
    return {code: (np.array(list(cells)), list(cells.values())) for code, cells in found.items()}


def _rows_of(file: str) -> list[dict[str, str]]:
    text = files("weatherflick_assets.korea").joinpath(file).read_text(encoding="utf-8")
    return list(csv.DictReader(text.splitlines()))
