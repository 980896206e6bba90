"""The declared columns: complete, without collisions, and every value that was read has its text beside it."""

from pathlib import Path

import pytest

from weatherflick_assets.places.content_types import CONTENT_TYPES
from weatherflick_assets.places.fields import (
    COMMON_FIELDS,
    COURSE_STOP_FIELDS,
    IMAGE_FIELDS,
    INFO_FIELDS,
    PET_POLICY_FIELDS,
    PLACE_FIELDS,
    ROOM_FIELDS,
    Kind,
    PlaceField,
)
from weatherflick_assets.places.tables import place_columns
from weatherflick_assets.places.transform.detail_values import READERS
from weatherflick_assets_tests.places.transform.received import recorded_rows
from weatherflick_assets_tests.places.transform.recorded_details import CONTENT_TYPE_IDS, recorded_items

TABLES: dict[str, tuple[PlaceField, ...]] = {
    **{name: (*COMMON_FIELDS, *fields) for name, fields in PLACE_FIELDS.items()},
    "infos": INFO_FIELDS, "course_stops": COURSE_STOP_FIELDS, "rooms": ROOM_FIELDS, "images": IMAGE_FIELDS,
    "pet_policies": PET_POLICY_FIELDS,
}  # fmt: skip

TEXTS = {Kind.TEXT, Kind.CONTACT, Kind.CHOICE, Kind.TEXTS}
CODES = {Kind.PERIOD_START, Kind.PERIOD_END, Kind.PERIOD_PROBLEM, Kind.IMAGE_URL, Kind.IMAGE_URLS}
"""Kinds whose source holds nothing but the value."""

FIELDS_OF_THE_OPERATION = {
    ("detailCommon2", ""): COMMON_FIELDS,
    **{("detailIntro2", CONTENT_TYPE_IDS[name]): fields for name, fields in PLACE_FIELDS.items()},
    **{("detailInfo2", content_type_id): INFO_FIELDS for content_type_id in ("12", "14", "28", "38", "39")},
    ("detailInfo2", "25"): COURSE_STOP_FIELDS,
    ("detailInfo2", "32"): ROOM_FIELDS,
    ("detailImage2", ""): IMAGE_FIELDS,
    ("detailPetTour2", ""): PET_POLICY_FIELDS,
}

_OF_THE_LIST = "the list item has it, with the same value"
_IDENTITY = "says which place the item is of"
_ORDER = "gives the order of the rows (position)"

NOT_MAPPED = {
    **{
        ("detailCommon2", field): _OF_THE_LIST
        for field in (
            "title", "createdtime", "modifiedtime", "tel", "firstimage", "firstimage2", "cpyrhtDivCd", "areacode",
            "sigungucode", "lDongRegnCd", "lDongSignguCd", "lclsSystm1", "lclsSystm2", "lclsSystm3", "cat1", "cat2",
            "cat3", "addr1", "addr2", "zipcode", "mapx", "mapy", "mlevel",
        )
    },
    ("detailCommon2", "telname"): "nearly always blank, and else often the name of a private person",
    **{
        (operation, field): _IDENTITY
        for operation in ("detailCommon2", "detailIntro2", "detailInfo2")
        for field in ("contentid", "contenttypeid")
    },
    ("detailImage2", "contentid"): _IDENTITY,
    ("detailPetTour2", "contentid"): _IDENTITY,
    ("detailInfo2", "serialnum"): _ORDER,
    ("detailInfo2", "subnum"): _ORDER,
}  # fmt: skip
"""Fields of the detail operations that do not become columns, by operation and name, with the reason."""

DOCUMENTED_BUT_NOT_RECORDED = {"infocentertourcourse"}


@pytest.mark.parametrize("table", TABLES)
def test_no_column_is_declared_twice_nor_collides_with_those_of_every_place(table: str) -> None:
    names = [field.column for field in TABLES[table]]
    assert len(names) == len(set(names))
    if table in PLACE_FIELDS:
        assert not {*names} & {column.name for column in place_columns()}
    else:
        assert not {*names} & {"content_id", "position"}


@pytest.mark.parametrize("table", TABLES)
def test_what_is_read_from_free_text_has_the_text_beside_it(table: str) -> None:
    kept = {field.source for field in TABLES[table] if field.kind in TEXTS}
    read = [field for field in TABLES[table] if field.kind not in TEXTS | CODES and not _holds_a_code(field)]
    assert [field.column for field in read if field.source not in kept] == []


def _holds_a_code(field: PlaceField) -> bool:
    """Facilities that are ticked, and the numbers of rooms, have nothing but the value."""
    is_ticked = field.kind is Kind.FLAG and field.column.startswith(("is_", "has_"))
    return is_ticked or field.source[0] == "detailInfo2"


def test_every_kind_has_a_reader_and_is_used() -> None:
    assert set(READERS) == set(Kind)
    assert {field.kind for fields in TABLES.values() for field in fields} == set(Kind)


def test_every_kind_of_place_that_is_collected_has_its_columns() -> None:
    assert {content_type.name for content_type in CONTENT_TYPES} <= PLACE_FIELDS.keys()


def test_what_is_not_mapped_says_why_and_is_mapped_nowhere() -> None:
    mapped = {(field.source[0], name) for fields in TABLES.values() for field in fields for name in field.fields}
    assert all(NOT_MAPPED.values())
    assert not mapped & NOT_MAPPED.keys()


@pytest.mark.recorded
@pytest.mark.parametrize(("operation", "content_type_id"), FIELDS_OF_THE_OPERATION)
def test_every_recorded_field_is_mapped_or_says_why_not(
    recorded_data: Path, operation: str, content_type_id: str
) -> None:
    received = {name for item in recorded_items(recorded_data, operation, content_type_id) for name in item}
    declared = {
        name
        for field in FIELDS_OF_THE_OPERATION[operation, content_type_id]
        if field.source[0] == operation
        for name in field.fields
    }
    known = {name for source, name in NOT_MAPPED if source == operation}
    assert received - declared == received & known
    assert declared - received <= DOCUMENTED_BUT_NOT_RECORDED


@pytest.mark.recorded
def test_details_repeat_the_values_of_the_list_where_they_are_not_mapped_for_that_reason(recorded_data: Path) -> None:
    repeated = [name for (_, name), reason in NOT_MAPPED.items() if "list item" in reason]
    listed = {item["contentid"]: item for item in recorded_rows(recorded_data)}
    both = [
        (item, listed[item["contentid"]])
        for item in recorded_items(recorded_data, "detailCommon2")
        if listed.get(item["contentid"], {}).get("modifiedtime") == item["modifiedtime"]
    ]
    assert len(both) > 1000
    assert [name for name in repeated if any(detail[name] != place[name] for detail, place in both)] == []


@pytest.mark.recorded
@pytest.mark.parametrize("table", PLACE_FIELDS)
def test_facilities_that_are_ticked_hold_nothing_but_codes(recorded_data: Path, table: str) -> None:
    items = recorded_items(recorded_data, "detailIntro2", CONTENT_TYPE_IDS[table])
    ticked = [field for field in PLACE_FIELDS[table] if _holds_a_code(field)]
    assert {item[name] for item in items for field in ticked for name in field.fields} <= {"0", "1"}
