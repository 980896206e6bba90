"""The code lists upstream serves: legal districts, classes, and the legacy areas and categories.

Here: the entries that a call to a code operation returns, and the keys of each kind of entry.

The lists do not depend on the catalogue.
"""

from collections.abc import Callable, Iterable, Mapping

from weatherflick_assets.sandbox.korea import tables
from weatherflick_assets.sandbox.operations import Operation
from weatherflick_assets.sandbox.parameters import Parameters

Item = dict[str, str | int]


def code_items(operation: Operation, parameters: Parameters) -> list[Item]:
    """All items of the code list that a validated call asks for, numbered from 1 in `rnum`."""
    return _LISTS[operation.name](parameters)


def _number_first(named: Iterable[tuple[str, str]]) -> list[Item]:
    return [{"rnum": number, "code": code, "name": name} for number, (code, name) in enumerate(named, start=1)]


def _number_last(named: Iterable[tuple[str, str]]) -> list[Item]:
    return [{"code": code, "name": name, "rnum": number} for number, (code, name) in enumerate(named, start=1)]


def _numbered(rows: Iterable[Mapping[str, str]]) -> list[Item]:
    return [{**row, "rnum": number} for number, row in enumerate(rows, start=1)]


def _legal_districts(parameters: Parameters) -> list[Item]:
    region = parameters.get("lDongRegnCd")
    names = {known.code: known.name for known in tables.regions()}
    districts = [district for district in tables.sigungu() if region in {"", district.region_code}]
    if parameters.get("lDongListYn") == "Y":
        return _numbered(
            {
                "lDongRegnCd": district.region_code,
                "lDongRegnNm": names[district.region_code],
                "lDongSignguCd": district.code,
                "lDongSignguNm": district.name,
            }
            for district in districts
        )
    return _number_first([(district.code, district.name) for district in districts] if region else names.items())


def _classes(parameters: Parameters) -> list[Item]:
    one, two, three = (parameters.get(f"lclsSystm{level}") for level in (1, 2, 3))
    groups = tables.class_groups()
    chosen = [
        place_class
        for place_class in tables.classes()
        if place_class.listed
        and one in {"", tables.large_class(place_class.code)}
        and two in {"", tables.middle_class(place_class.code)}
        and three in {"", place_class.code}
    ]
    if parameters.get("lclsSystmListYn") == "Y":
        return _numbered(
            {
                "lclsSystm1Cd": tables.large_class(place_class.code),
                "lclsSystm1Nm": groups[tables.large_class(place_class.code)],
                "lclsSystm2Cd": tables.middle_class(place_class.code),
                "lclsSystm2Nm": groups[tables.middle_class(place_class.code)],
                "lclsSystm3Cd": place_class.code,
                "lclsSystm3Nm": place_class.name,
            }
            for place_class in chosen
        )
    if two:
        return _number_last((place_class.code, place_class.name) for place_class in chosen)
    group = tables.middle_class if one else tables.large_class
    return _number_last(
        (code, groups[code]) for code in dict.fromkeys(group(place_class.code) for place_class in chosen)
    )


def _areas(parameters: Parameters) -> list[Item]:
    wanted = parameters.get("areaCode")
    if not wanted:
        return _number_first((area, name) for (area, part), name in tables.areas().items() if not part)
    return _number_first((part, name) for (area, part), name in tables.areas().items() if part and area == wanted)


def _categories(parameters: Parameters) -> list[Item]:
    content_type = parameters.get("contentTypeId")
    used = (
        [place.category_code for place in tables.classes() if content_type in place.weights] if content_type else [""]
    )
    prefix = parameters.get("cat3") or parameters.get("cat2") or parameters.get("cat1")
    length = 9 if parameters.get("cat2") else 5 if parameters.get("cat1") else 3
    return _number_last(
        (code, name)
        for code, name in tables.categories().items()
        if len(code) == length and code.startswith(prefix) and any(category[:length] in {"", code} for category in used)
    )


_LISTS: dict[str, Callable[[Parameters], list[Item]]] = {
    "ldongCode2": _legal_districts,
    "lclsSystmCode2": _classes,
    "areaCode2": _areas,
    "categoryCode2": _categories,
}
