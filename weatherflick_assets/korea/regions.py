"""What is known about Korea's regions, declared once.

Here belong the 16 current regions, all their code spaces (legal-dong codes old and new, KTO area codes, KMA grid cells
and forecast regions, AirKorea names), the spellings found in addresses, and the table of 시군구 (sigungu: cities, counties
and wards). Data frames, geometry and database access do not. Nothing heavy is imported, because the Dagster definitions
import this module.

A region is identified by its current lDongRegnCd (the legal-dong code of its 시도). Two codes are unusual: Sejong is
`36110` at both levels, and `12` is 전남광주통합특별시, which replaced 29 (Gwangju) and 46 (Jeonnam) on 2026-07-01.
"""

import csv
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, fields
from functools import lru_cache
from importlib.resources import files
from types import MappingProxyType
from typing import Any, Final

UNASSIGNED: Final = "unassigned"
"""The region code of a row whose region could not be found. It is not a region and is not in `REGIONS`."""


@dataclass(frozen=True, slots=True)
class Region:
    """One current region and the names it has elsewhere: a line of `regions.csv`, where spaces separate several values.

    Latitude and longitude (degrees, WGS84) are those of the seat of government. `kma_nx`, `kma_ny` is the cell of KMA's
    5 km grid that contains this point, by KMA's own projection formula. If a region has several forecast regions, that
    of its seat comes first. The law of the merger names no single seat for 12; Gwangju's city hall stands for the whole.
    Mountains divide the weather of 51: 영서 (west, with the seat) and 영동 (the coast).
    """

    region_code: str
    name: str
    short_name: str
    english_name: str
    former_region_codes: tuple[str, ...]
    kto_area_codes: tuple[str, ...]
    address_prefixes: tuple[str, ...]
    latitude: float
    longitude: float
    kma_nx: int
    kma_ny: int
    kma_land_region_ids: tuple[str, ...]
    kma_temperature_region_ids: tuple[str, ...]
    airkorea_names: tuple[str, ...]

    @property
    def kto_area_code(self) -> str:
        """KTO's area code; of a region with two, that of its larger part."""
        return self.kto_area_codes[-1]


def _rows_of(file: str) -> Iterator[dict[str, str]]:
    text = files("weatherflick_assets.korea").joinpath(file).read_text(encoding="utf-8")
    return csv.DictReader(text.splitlines())


def _read(kind: Any, text: str) -> Any:
    return kind(text) if kind in (str, int, float) else tuple(text.split())


REGIONS: Final = tuple(
    Region(**{field.name: _read(field.type, row[field.name]) for field in fields(Region)})
    for row in _rows_of("regions.csv")
)
"""The current regions, in the order of their codes."""

NAME_OF: Final[Mapping[str, str]] = MappingProxyType(
    {UNASSIGNED: "no known region", **{region.region_code: region.short_name for region in REGIONS}}
)
"""Short name for people, by region code, `UNASSIGNED` included."""

REGION_CODES: Final[tuple[str, ...]] = tuple(region.region_code for region in REGIONS)

CURRENT_REGION_CODE_OF: Final[Mapping[str, str]] = MappingProxyType(
    {code: region.region_code for region in REGIONS for code in (region.region_code, *region.former_region_codes)}
)
"""The current region code for every 시도 code that an upstream API has ever sent, current ones included."""

_REGION_CODE_NAMED: Final = {UNASSIGNED: UNASSIGNED} | {
    name.casefold(): region.region_code
    for region in REGIONS
    for name in (
        *(region.region_code, region.name, region.short_name, region.english_name),
        *(*region.former_region_codes, *region.address_prefixes, *region.airkorea_names),
    )
}


def region_code_named(text: str) -> str | None:
    """The region that a person means: by its code, a former one, or a name in Korean or English; None: there is no such."""
    return _REGION_CODE_NAMED.get(" ".join(text.split()).casefold())


GWANGJU_WARD_CODES: Final = frozenset({"210", "240", "270", "300", "330"})
"""동구, 서구, 남구, 북구, 광산구: the sigungu codes of region 12 that were Gwangju until the merger of 2026-07."""

_KTO_AREA_CODES_OF: Final = {region.region_code: region.kto_area_codes for region in REGIONS}


def kto_area_code(region_code: str, sigungu_code: str | None) -> str:
    """The KTO area code (areaCode, "1" to "39") of a current region and sigungu code.

    Only region 12 needs the sigungu: Gwangju's wards are area 5, and the rest, an unknown sigungu included, is area 38.

    Raises:
        KeyError: `region_code` is not a current region code (`UNASSIGNED` is not one either).
    """
    area_codes = _KTO_AREA_CODES_OF[region_code]
    if len(area_codes) == 1:
        return area_codes[0]
    gwangju, jeonnam = area_codes
    return gwangju if sigungu_code in GWANGJU_WARD_CODES else jeonnam


@dataclass(frozen=True, slots=True)
class ServingRegion:
    """A region as the WeatherFlick backend reads it: one of the 17 that KTO's area codes told apart.

    The backend compares the region code of a place with KTO's area code, so the area code is the key here. The
    administrative code is the two-digit one that the backend's own map expects; the merged region still counts as 29
    and 46 there. `region_code` is the current region that the area is served from. The area has the districts
    `sigungu_codes`; if none are named, it has all districts that no other area names. Coordinates are in degrees, and
    the grid is KMA's.
    """

    kto_area_code: str
    name: str
    full_name: str
    english_name: str
    administrative_code: str
    region_code: str
    latitude: float
    longitude: float
    grid_x: int
    grid_y: int
    sigungu_codes: tuple[str, ...] = ()


_GWANGJU: Final = ServingRegion(
    "5", "광주", "광주광역시", "Gwangju", "29", "12", 35.1601, 126.8514, 58, 74, tuple(sorted(GWANGJU_WARD_CODES))
)
_JEONNAM: Final = ServingRegion("38", "전남", "전라남도", "Jeonnam", "46", "12", 34.8161, 126.4629, 51, 67)


def _serving_region(region: Region) -> ServingRegion:
    return ServingRegion(
        kto_area_code=region.kto_area_code,
        name=region.short_name,
        full_name=region.name,
        english_name=region.english_name,
        administrative_code=region.region_code[:2],
        region_code=region.region_code,
        latitude=region.latitude,
        longitude=region.longitude,
        grid_x=region.kma_nx,
        grid_y=region.kma_ny,
    )


SERVING_REGIONS: Final[tuple[ServingRegion, ...]] = tuple(
    sorted(
        (_GWANGJU, _JEONNAM, *(_serving_region(region) for region in REGIONS if len(region.kto_area_codes) == 1)),
        key=lambda region: int(region.kto_area_code),
    )
)
"""The 17 regions that the backend reads, in the order of KTO's area codes (1 to 8, 31 to 39)."""


@dataclass(frozen=True, slots=True)
class Sigungu:
    """A city, county or ward by its official name, written without spaces (전주시완산구).

    `former_code` is the five-digit legal-dong code it had under a former region code, or `None` if it had none. A city
    that is divided into wards is listed along with its wards.
    """

    region_code: str
    sigungu_code: str
    name: str
    former_code: str | None


@lru_cache(maxsize=1)
def sigungu_table() -> tuple[Sigungu, ...]:
    """Every sigungu, by the government's legal-dong codes after the reform of 2026-07 (269 rows)."""
    return tuple(Sigungu(**{**row, "former_code": row["former_code"] or None}) for row in _rows_of("sigungu.csv"))


@lru_cache(maxsize=1)
def current_sigungu_code_of() -> Mapping[str, str]:
    """Former five-digit legal-dong code → current sigungu code, such as "46780" → "750" (보성군).

    The last three digits can't be kept: 780 was 보성군 under 46 and is 강진군 under 12.
    """
    return MappingProxyType(
        {sigungu.former_code: sigungu.sigungu_code for sigungu in sigungu_table() if sigungu.former_code is not None}
    )
