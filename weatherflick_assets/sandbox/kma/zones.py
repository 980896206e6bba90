"""The zones for which warnings are raised, with their regions and offices, and how a text lists them.

Provinces consist of districts, named without 시 and 군; other cities are one zone each. A few zones have a part of their
own, which a text names in a nested bracket. An island that is listed beside its district or province is a zone or a
region of its own.
"""

from collections.abc import Collection
from dataclasses import dataclass
from functools import cache

from weatherflick_assets.sandbox.korea import tables

NOTHING = "o 없음"
_REGIONS = {
    "11": ("서울", "109"),
    "28": ("인천", "109"),
    "41": ("경기도", "109"),
    "51": ("강원도", "105"),
    "43": ("충청북도", "131"),
    "30": ("대전", "133"),
    "36110": ("세종", "133"),
    "44": ("충청남도", "133"),
    "52": ("전북자치도", "146"),
    "12": ("전라남도", "156"),
    "27": ("대구", "143"),
    "47": ("경상북도", "143"),
    "26": ("부산", "159"),
    "31": ("울산", "159"),
    "48": ("경상남도", "159"),
    "50": ("제주도", "184"),
}
"""Name of the region in texts, and the number of its office, by `lDongRegnCd`."""

_OWN_ZONES = {
    "11": (
        ("서울동남권", 37.50, 127.06), ("서울동북권", 37.61, 127.06), ("서울서남권", 37.52, 126.89),
        ("서울서북권", 37.60, 126.93),
    ),
    "28": (("인천", 37.46, 126.70), ("강화", 37.73, 126.46), ("옹진", 37.25, 126.12)),
    "30": (("대전", 36.35, 127.38),),
    "36110": (("세종", 36.50, 127.26),),
    "27": (("대구", 35.87, 128.60), ("군위", 36.24, 128.57)),
    "26": (("부산동부", 35.20, 129.16), ("부산중부", 35.16, 129.06), ("부산서부", 35.12, 128.95)),
    "31": (("울산동부", 35.53, 129.38), ("울산서부", 35.56, 129.13)),
    "50": (
        ("제주도산지", 33.37, 126.53), ("제주시북부", 33.50, 126.52), ("제주시동부", 33.50, 126.85),
        ("제주시서부", 33.36, 126.22), ("서귀포시동부", 33.34, 126.83), ("서귀포시남부", 33.25, 126.56),
        ("추자도", 33.95, 126.30),
    ),
}  # fmt: skip
_PARTS = {"완도": ("여서도", 33.98, 126.92), "보령": ("보령도서", 36.30, 126.28)}
_BESIDE = {"신안": ("흑산도.홍도", 34.69, 125.44)}
_ISLANDS = {"울릉군": "울릉도.독도"}
_GWANGJU = "광주"
_MANY = 5


@dataclass(frozen=True)
class Zone:
    """A zone, and with `part_of` the part of one: its name, region, office, and position in degrees."""

    name: str
    region: str
    office: str
    latitude: float
    longitude: float
    part_of: str = ""


@cache
def zones() -> tuple[Zone, ...]:
    """All zones, region by region; a part follows its zone."""
    found: list[Zone] = []
    for code, (region, office) in _REGIONS.items():
        if code in _OWN_ZONES:
            found += [Zone(name, region, office, *point) for name, *point in _OWN_ZONES[code]]
            continue
        if code == "12":
            found.append(Zone(_GWANGJU, _GWANGJU, office, 35.16, 126.85))
        for place in tables.sigungu():
            if place.region_code != code or place.name[-1] not in "시군":
                continue  # a ward
            name = _ISLANDS.get(place.name, place.name[:-1])
            around = name if place.name in _ISLANDS else region
            found.append(Zone(name, around, office, place.latitude, place.longitude))
            if name in _BESIDE:
                island, latitude, longitude = _BESIDE[name]
                found.append(Zone(island, region, office, latitude, longitude))
            if name in _PARTS:
                part, *point = _PARTS[name]
                found.append(Zone(part, region, office, *point, part_of=name))
    return tuple(found)


def listed(chosen: Collection[Zone]) -> str:
    """Zones as a text lists them: whole regions by name, exclusions as `제외`, parts in nested brackets."""
    regions: dict[str, list[Zone]] = {}
    for zone in zones():
        regions.setdefault(zone.region, []).append(zone)
    texts = []
    for region, inside in regions.items():
        named = [zone for zone in inside if zone in chosen]
        left_out = [zone for zone in inside if zone not in chosen]
        if not named:
            continue
        if not left_out:
            texts.append(region)
        elif (
            len(inside) >= _MANY
            and len(left_out) <= len(inside) // _MANY
            and not any(zone.part_of or zone.name in _PARTS for zone in left_out)
        ):
            texts.append(f"{region}({', '.join(zone.name for zone in left_out)} 제외)")
        else:
            texts.append(f"{region}({', '.join(_zone(zone, left_out) for zone in named if _alone(zone, named))})")
    return ", ".join(texts)


def _alone(zone: Zone, named: list[Zone]) -> bool:
    """Whether a zone stands for itself: all but the parts whose zone is named as well."""
    return not any(zone.part_of == other.name for other in named)


def _zone(zone: Zone, left_out: list[Zone]) -> str:
    parts = [part.name for part in left_out if part.part_of == zone.name]
    if parts:
        return f"{zone.name}({', '.join(parts)} 제외)"
    return f"{zone.part_of}({zone.name})" if zone.part_of and zone.part_of not in zone.name else zone.name
