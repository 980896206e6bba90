"""What is known about Korea's regions, declared once.

Here belong the 16 current regions, all their code spaces (legal-dong codes old and new, KTO area codes, KMA grid cells
and forecast regions, AirKorea names), the spellings found in addresses, and the table of 시군구 (sigungu: cities, counties
and wards). Data frames, geometry and database access do not. Nothing heavy is imported, because the Dagster definitions
import this module.

A region is identified by its current lDongRegnCd (the legal-dong code of its 시도). Two codes are unusual: Sejong is
`36110` at both levels, and `12` is 전남광주통합특별시, which replaced 29 (Gwangju) and 46 (Jeonnam) on 2026-07-01.
"""

import csv
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from importlib.resources import files
from types import MappingProxyType
from typing import Final

UNASSIGNED: Final = "unassigned"
"""The region code of a row whose region could not be found. It is not a region and is not in `REGIONS`."""


@dataclass(frozen=True, slots=True)
class Region:
    """One current region and the names it has elsewhere.

    Latitude and longitude (degrees, WGS84) are those of the seat of government. `kma_nx`, `kma_ny` is the cell of KMA's
    5 km grid that contains this point, by KMA's own projection formula. If a region has several forecast regions, that
    of its seat comes first.
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


REGIONS: Final[tuple[Region, ...]] = (
    Region(
        region_code="11", name="서울특별시", short_name="서울", english_name="Seoul",
        former_region_codes=(), kto_area_codes=("1",),
        address_prefixes=("서울특별시", "서울특별", "서울시", "서울"),
        latitude=37.5663, longitude=126.9779, kma_nx=60, kma_ny=127,
        kma_land_region_ids=("11B00000",), kma_temperature_region_ids=("11B10101",),
        airkorea_names=("서울",),
    ),
    Region(
        # The law of the merger names no single seat; Gwangju's city hall stands for the whole.
        region_code="12", name="전남광주통합특별시", short_name="전남광주", english_name="Jeonnam-Gwangju",
        former_region_codes=("29", "46"), kto_area_codes=("5", "38"),
        address_prefixes=("전남광주통합특별시", "전남광주통합시", "전남광주특별시", "전남광주", "광주광역시", "광주광역",
                          "광주", "전라남도", "전남도", "전남"),
        latitude=35.1601, longitude=126.8514, kma_nx=58, kma_ny=74,
        kma_land_region_ids=("11F20000",), kma_temperature_region_ids=("11F20501", "21F20801"),
        airkorea_names=("광주", "전남"),
    ),
    Region(
        region_code="26", name="부산광역시", short_name="부산", english_name="Busan",
        former_region_codes=(), kto_area_codes=("6",),
        address_prefixes=("부산광역시", "부산광역", "부산시", "부산"),
        latitude=35.1798, longitude=129.0750, kma_nx=98, kma_ny=76,
        kma_land_region_ids=("11H20000",), kma_temperature_region_ids=("11H20201",),
        airkorea_names=("부산",),
    ),
    Region(
        region_code="27", name="대구광역시", short_name="대구", english_name="Daegu",
        former_region_codes=(), kto_area_codes=("4",),
        address_prefixes=("대구광역시", "대구광역", "대구시", "대구"),
        latitude=35.8714, longitude=128.6014, kma_nx=89, kma_ny=91,
        kma_land_region_ids=("11H10000",), kma_temperature_region_ids=("11H10701",),
        airkorea_names=("대구",),
    ),
    Region(
        region_code="28", name="인천광역시", short_name="인천", english_name="Incheon",
        former_region_codes=(), kto_area_codes=("2",),
        address_prefixes=("인천광역시", "인천광역", "인천시", "인천"),
        latitude=37.4563, longitude=126.7052, kma_nx=55, kma_ny=124,
        kma_land_region_ids=("11B00000",), kma_temperature_region_ids=("11B20201",),
        airkorea_names=("인천",),
    ),
    Region(
        region_code="30", name="대전광역시", short_name="대전", english_name="Daejeon",
        former_region_codes=(), kto_area_codes=("3",),
        address_prefixes=("대전광역시", "대전광역", "대전시", "대전"),
        latitude=36.3504, longitude=127.3845, kma_nx=67, kma_ny=100,
        kma_land_region_ids=("11C20000",), kma_temperature_region_ids=("11C20401",),
        airkorea_names=("대전",),
    ),
    Region(
        region_code="31", name="울산광역시", short_name="울산", english_name="Ulsan",
        former_region_codes=(), kto_area_codes=("7",),
        address_prefixes=("울산광역시", "울산광역", "울산시", "울산"),
        latitude=35.5384, longitude=129.3114, kma_nx=102, kma_ny=84,
        kma_land_region_ids=("11H20000",), kma_temperature_region_ids=("11H20101",),
        airkorea_names=("울산",),
    ),
    Region(
        region_code="36110", name="세종특별자치시", short_name="세종", english_name="Sejong",
        former_region_codes=("36",), kto_area_codes=("8",),
        address_prefixes=("세종특별자치시", "세종특별자치", "세종특별시", "세종시", "세종"),
        latitude=36.4800, longitude=127.2890, kma_nx=66, kma_ny=103,
        kma_land_region_ids=("11C20000",), kma_temperature_region_ids=("11C20404",),
        airkorea_names=("세종",),
    ),
    Region(
        region_code="41", name="경기도", short_name="경기", english_name="Gyeonggi",
        former_region_codes=(), kto_area_codes=("31",),
        address_prefixes=("경기도", "경기"),
        latitude=37.2894, longitude=127.0535, kma_nx=61, kma_ny=121,
        kma_land_region_ids=("11B00000",), kma_temperature_region_ids=("11B20601",),
        airkorea_names=("경기",),
    ),
    Region(
        region_code="43", name="충청북도", short_name="충북", english_name="Chungbuk",
        former_region_codes=(), kto_area_codes=("33",),
        address_prefixes=("충청북도", "충북도", "충북"),
        latitude=36.6357, longitude=127.4917, kma_nx=69, kma_ny=107,
        kma_land_region_ids=("11C10000",), kma_temperature_region_ids=("11C10301",),
        airkorea_names=("충북",),
    ),
    Region(
        region_code="44", name="충청남도", short_name="충남", english_name="Chungnam",
        former_region_codes=(), kto_area_codes=("34",),
        address_prefixes=("충청남도", "충남도", "충남"),
        latitude=36.6588, longitude=126.6728, kma_nx=55, kma_ny=107,
        kma_land_region_ids=("11C20000",), kma_temperature_region_ids=("11C20104",),
        airkorea_names=("충남",),
    ),
    Region(
        region_code="47", name="경상북도", short_name="경북", english_name="Gyeongbuk",
        former_region_codes=(), kto_area_codes=("35",),
        address_prefixes=("경상북도", "경북도", "경북"),
        latitude=36.5760, longitude=128.5056, kma_nx=87, kma_ny=106,
        kma_land_region_ids=("11H10000",), kma_temperature_region_ids=("11H10501", "11H10201"),
        airkorea_names=("경북",),
    ),
    Region(
        region_code="48", name="경상남도", short_name="경남", english_name="Gyeongnam",
        former_region_codes=(), kto_area_codes=("36",),
        address_prefixes=("경상남도", "경남도", "경남"),
        latitude=35.2377, longitude=128.6924, kma_nx=91, kma_ny=77,
        kma_land_region_ids=("11H20000",), kma_temperature_region_ids=("11H20301",),
        airkorea_names=("경남",),
    ),
    Region(
        region_code="50", name="제주특별자치도", short_name="제주", english_name="Jeju",
        former_region_codes=(), kto_area_codes=("39",),
        address_prefixes=("제주특별자치도", "제주특별자치", "제주도", "제주"),
        latitude=33.4890, longitude=126.4983, kma_nx=52, kma_ny=38,
        kma_land_region_ids=("11G00000",), kma_temperature_region_ids=("11G00201", "11G00401"),
        airkorea_names=("제주",),
    ),
    Region(
        # The mountains divide its weather: 영서 (west, with the seat) and 영동 (the coast).
        region_code="51", name="강원특별자치도", short_name="강원", english_name="Gangwon",
        former_region_codes=("42",), kto_area_codes=("32",),
        address_prefixes=("강원특별자치도", "강원특별자치", "강원도", "강원"),
        latitude=37.8854, longitude=127.7298, kma_nx=73, kma_ny=134,
        kma_land_region_ids=("11D10000", "11D20000"), kma_temperature_region_ids=("11D10301", "11D20501"),
        airkorea_names=("강원",),
    ),
    Region(
        region_code="52", name="전북특별자치도", short_name="전북", english_name="Jeonbuk",
        former_region_codes=("45",), kto_area_codes=("37",),
        address_prefixes=("전북특별자치도", "전북특별자치", "전라북도", "전북도", "전북"),
        latitude=35.8203, longitude=127.1088, kma_nx=63, kma_ny=89,
        kma_land_region_ids=("11F10000",), kma_temperature_region_ids=("11F10201",),
        airkorea_names=("전북",),
    ),
)  # fmt: skip
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

GWANGJU_WARD_CODES: Final = frozenset({"210", "240", "270", "300", "330"})
"""동구, 서구, 남구, 북구, 광산구: the sigungu codes of region 12 that were Gwangju until the merger of 2026-07."""

_KTO_AREA_CODES_OF: Final = {region.region_code: region.kto_area_codes for region in REGIONS}


def kto_area_code(region_code: str, sigungu_code: str | None) -> str:
    """Return the KTO area code (areaCode, "1" to "39") of a current region and sigungu code.

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
    (area_code,) = region.kto_area_codes
    return ServingRegion(
        kto_area_code=area_code,
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
    """Return every sigungu, by the government's legal-dong codes after the reform of 2026-07 (269 rows)."""
    text = files("weatherflick_assets.korea").joinpath("sigungu.csv").read_text(encoding="utf-8")
    return tuple(
        Sigungu(row["region_code"], row["sigungu_code"], row["name"], row["former_code"] or None)
        for row in csv.DictReader(text.splitlines())
    )


@lru_cache(maxsize=1)
def sigungu_codes() -> frozenset[tuple[str, str]]:
    """Return the pairs (region code, sigungu code) that exist, such as ("52", "111"); Sejong is ("36110", "36110")."""
    return frozenset((sigungu.region_code, sigungu.sigungu_code) for sigungu in sigungu_table())


@lru_cache(maxsize=1)
def current_sigungu_code_of() -> Mapping[str, str]:
    """Return former five-digit legal-dong code → current sigungu code, such as "46780" → "750" (보성군).

    The last three digits can't be kept: 780 was 보성군 under 46 and is 강진군 under 12.
    """
    return MappingProxyType(
        {sigungu.former_code: sigungu.sigungu_code for sigungu in sigungu_table() if sigungu.former_code is not None}
    )
