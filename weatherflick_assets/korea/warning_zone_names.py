"""Which zones of warnings a name means.

The KMA's texts name a zone by its short name in that of a larger one: `전라남도(완도)`. They leave parts out: `완도(여서도 제외)`.
A name means all of the smallest zones below it. 시 and 군 may be written or not, and a part of a city may be written
without the city's name. A name that several zones have (고성, 광주) is told apart by the zone around it.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from functools import cache, lru_cache
from typing import NamedTuple

from weatherflick_assets.korea.regions import REGIONS, SERVING_REGIONS
from weatherflick_assets.korea.warning_zones import NATIONWIDE, WarningZone, children_of, leaves_below, warning_zones

_AT_SEA = re.compile(r".*(?:바다|해상|평수구역)")
_SEPARATORS = re.compile(r"[.·]")
_IN_BRACKETS = re.compile(r"\(.*\)")
_CITY = ("시", "군")

Zones = tuple[WarningZone, ...]


class ResolvedZones(NamedTuple):
    """The codes of the smallest zones that a name means, in order, and the names in it that no zone has."""

    codes: tuple[str, ...]
    unknown: tuple[str, ...]


def resolve(path: Sequence[str], without: Iterable[str] = ()) -> ResolvedZones:
    """The zones that a text names.

    Args:
        path: the name of the zone after those of the larger zones around it, such as 전라남도, 완도.
        without: the names of parts that are left out.

    Returns:
        No codes where a name of the path is unknown or means several zones; a zone at sea has no codes either, but is not
        unknown. An unknown part leaves nothing out.
    """
    return _resolved(tuple(path), tuple(without))


@lru_cache(maxsize=4096)
def _resolved(path: tuple[str, ...], without: tuple[str, ...]) -> ResolvedZones:
    if any(_AT_SEA.fullmatch(name) for name in path):
        return ResolvedZones((), ())
    around: Zones = (warning_zones()[NATIONWIDE],)
    for name in path:
        found = _named(name, around)
        if not found:
            return ResolvedZones((), (", ".join(path),))
        around = found
    codes = list(dict.fromkeys(leaf for zone in around for leaf in leaves_below(zone.code)))
    unknown = []
    for name in without:
        left_out = _named(name, around)
        if left_out:
            out = {leaf for zone in left_out for leaf in leaves_below(zone.code)}
            codes = [code for code in codes if code not in out]
        elif not any(name.replace(" ", "") in zone.name for zone in around):  # 신안(흑산면제외) is so called
            unknown.append(name)
    return ResolvedZones(tuple(codes), tuple(unknown))


def _named(name: str, around: Zones) -> Zones:
    """The zones that a name means within others, or else in their region; none if it is not known or not clear."""
    key = _key(name)
    is_nationwide = around[0].code == NATIONWIDE
    level = [child for zone in around for child in children_of(zone.code)]
    if is_nationwide:
        # A province comes before a city of the same name.
        found = tuple(zone for zone in level if key in _names_of(zone)) or _provinces().get(key, ())
        if found:
            return found
    everything = []
    while level:
        if found := [zone for zone in level if key in _names_of(zone) or _is_part(key, zone)]:
            return (found[0],) if len(found) == 1 else ()
        everything += level
        level = [child for zone in level for child in children_of(zone.code)]
    if found := tuple(zone for zone in around if key in _names_of(zone)):
        return found  # 대구(대구) is all of it
    regions = {zone.region_code for zone in around}
    near = [zone for zone in warning_zones().values() if zone.region_code in regions and zone not in everything]
    for names, zones in ((_names_of, near), (_cities_in, everything), (_cities_in, near)):
        found = [zone for zone in zones if key in names(zone)]
        # 울릉도.독도 is in a zone of the same name.
        found = [zone for zone in found if warning_zones().get(zone.parent) not in found]
        if found:
            return (found[0],) if len(found) == 1 else ()
    return ()


def _key(name: str) -> str:
    return _SEPARATORS.sub("", "".join(name.split()))


@cache
def _names_of(zone: WarningZone) -> frozenset[str]:
    """How texts may write a zone."""
    names = {zone.name, zone.full_name}
    names |= {_IN_BRACKETS.sub("", name) for name in names}
    names |= {name[:-1] for name in names if name.endswith(_CITY)}
    names |= {part for name in names for part in _SEPARATORS.split(name)}
    return frozenset(_key(name) for name in names)


@cache
def _cities_in(zone: WarningZone) -> frozenset[str]:
    """The cities and counties that are in a zone of another name, such as 울릉."""
    cities = {district for district in zone.districts if district.endswith(_CITY)}
    return frozenset(cities | {city[:-1] for city in cities})


def _is_part(key: str, zone: WarningZone) -> bool:
    """Whether a zone is so called within the zone above: 완도여서도 is 여서도 of 완도."""
    above = warning_zones()[zone.parent]
    return any(_key(name) + key in _names_of(zone) for name in (above.name, above.full_name))


@cache
def _provinces() -> Mapping[str, Zones]:
    """The zones of provinces by names that the KMA's table does not have, such as 강원특별자치도; of a merged one, both."""
    found: dict[str, Zones] = {}
    short = {region.full_name: region.name for region in SERVING_REGIONS}
    for region in REGIONS:
        tops = [zone for zone in children_of(NATIONWIDE) if zone.region_code == region.region_code]
        if len(tops) > 1:  # islands are listed beside their province
            tops = [zone for zone in tops if zone.full_name in region.address_prefixes]
        for name in region.address_prefixes:
            meant = tops if len(tops) == 1 else [zone for zone in tops if short[zone.full_name] in name]
            found[_key(name)] = tuple(meant)
    return found
