"""Source tables of the synthetic Korea, its details and the code lists, read from the CSV files in this folder.

- `regions.csv`: the number of shown places per region and content type, and the share with legacy codes.
- `sigungu.csv`: the approximate centre, extent and weight of each district.
- `classes.csv`: the smallest classes with their weight per content type, legacy category and title patterns.
- `intro.csv`, `info.csv`, `pets.csv`: the forms and fill rates of detail fields.
"""

import csv
from dataclasses import dataclass
from functools import cache
from pathlib import Path

CONTENT_TYPES = ("12", "14", "15", "25", "28", "32", "38", "39")


@dataclass(frozen=True)
class Region:
    """A region (`lDongRegnCd`): the number of shown places by content type, and the share with legacy codes."""

    code: str
    name: str
    former_names: tuple[str, ...]
    legacy_share: float
    places: tuple[int, ...]


@dataclass(frozen=True)
class Sigungu:
    """A district: centre in degrees, radius in km, legacy codes, and the first three digits of its zip codes."""

    region_code: str
    code: str
    name: str
    latitude: float
    longitude: float
    radius_km: float
    area_code: str
    area_sigungu_code: str
    zipcode_prefix: str
    weight: int


@dataclass(frozen=True)
class PlaceClass:
    """A smallest class: whether the code list has it, weight by content type, legacy category, title patterns."""

    code: str
    name: str
    listed: bool
    weights: dict[str, int]
    category_code: str
    titles: tuple[str, ...]


@dataclass(frozen=True)
class FieldForms:
    """A detail field: its fill rate, its forms (`phrases.py`), and for detailInfo2 its `fldgubun` as `group`."""

    name: str
    filled: float
    forms: str
    group: str = ""


def _rows(name: str) -> list[dict[str, str]]:
    with (Path(__file__).parent / name).open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


@cache
def regions() -> tuple[Region, ...]:
    """The 16 regions in force since 2026-07-01."""
    return tuple(
        Region(
            code=row["code"],
            name=row["name"],
            former_names=tuple(row["former_names"].split("|")),
            legacy_share=float(row["legacy_share"]),
            places=tuple(int(row[f"type_{content_type}"]) for content_type in CONTENT_TYPES),
        )
        for row in _rows("regions.csv")
    )


@cache
def sigungu() -> tuple[Sigungu, ...]:
    """The districts of all regions, in the order of the regions."""
    return tuple(
        Sigungu(
            region_code=row["region_code"],
            code=row["code"],
            name=row["name"],
            latitude=float(row["latitude"]),
            longitude=float(row["longitude"]),
            radius_km=float(row["radius_km"]),
            area_code=row["area_code"],
            area_sigungu_code=row["area_sigungu_code"],
            zipcode_prefix=row["zipcode_prefix"],
            weight=int(row["places"]),
        )
        for row in _rows("sigungu.csv")
    )


@cache
def classes() -> tuple[PlaceClass, ...]:
    """The smallest classes (`lclsSystm3`), both listed and unlisted."""
    return tuple(
        PlaceClass(
            code=row["code"],
            name=row["name"],
            listed=row["listed"] == "Y",
            weights={use.split(":")[0]: int(use.split(":")[1]) for use in row["uses"].split()},
            category_code=row["category_code"],
            titles=tuple(row["titles"].split("|")),
        )
        for row in _rows("classes.csv")
    )


@cache
def class_groups() -> dict[str, str]:
    """Names of the larger classes (`lclsSystm1` and `lclsSystm2`) by code."""
    return {row["code"]: row["name"] for row in _rows("class_groups.csv")}


@cache
def categories() -> dict[str, str]:
    """Names of the legacy categories (`cat1` to `cat3`) by code."""
    return {row["code"]: row["name"] for row in _rows("categories.csv")}


@cache
def areas() -> dict[tuple[str, str], str]:
    """Names of the legacy areas by area code and sigungu code. The area itself has a blank sigungu code."""
    return {(row["area_code"], row["sigungu_code"]): row["name"] for row in _rows("areas.csv")}


@cache
def intro_forms() -> dict[str, tuple[FieldForms, ...]]:
    """The fields of detailIntro2 that are filled at least sometimes, by content type."""
    return _forms("intro.csv", "field", "filled")


@cache
def info_forms() -> dict[str, tuple[FieldForms, ...]]:
    """The entries of detailInfo2 for places that are neither courses nor stays, by content type, in order."""
    return _forms("info.csv", "name", "present")


@cache
def pet_forms() -> tuple[FieldForms, ...]:
    """The fields of detailPetTour2."""
    return _forms("pets.csv", "field", "filled")[""]


def _forms(file: str, name: str, filled: str) -> dict[str, tuple[FieldForms, ...]]:
    forms: dict[str, list[FieldForms]] = {}
    for row in _rows(file):
        field = FieldForms(row[name], float(row[filled]), row["forms"], row.get("group", ""))
        forms.setdefault(row.get("content_type", ""), []).append(field)
    return {content_type: tuple(fields) for content_type, fields in forms.items()}


def middle_class(code: str) -> str:
    """The middle class of a smallest class: `HS010100` is in `HS01`, `C01120001` in `C0112`."""
    return code[:5] if code.startswith("C01") else code[:4]


def large_class(code: str) -> str:
    """The large class of a smaller class: `HS010100` is in `HS`, `C01120001` in `C01`."""
    return code[:3] if code.startswith("C01") else code[:2]
