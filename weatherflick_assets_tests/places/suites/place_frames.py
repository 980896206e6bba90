"""Batches for the tests of judging: good ones of every table, and one way to break them for every rule of the suites."""

from collections.abc import Mapping
from typing import Any

import pandas as pd

from weatherflick_assets.places.content_types import CONTENT_TYPE_BY_NAME
from weatherflick_assets.places.detail_tables import DETAILS
from weatherflick_assets.places.fields import (
    COMMON_FIELDS,
    COURSE_STOP_FIELDS,
    IMAGE_FIELDS,
    INFO_FIELDS,
    LOSSY_FIELDS,
    PET_POLICY_FIELDS,
    PLACE_FIELDS,
    ROOM_FIELDS,
    Kind,
    PlaceField,
)
from weatherflick_assets.places.suites import findings
from weatherflick_assets.places.suites.common_rules import ASKED_BY, THE_OUTBOX
from weatherflick_assets.places.suites.places import SUITES
from weatherflick_assets.quality.rules import USUAL_ROWS, GivenValues
from weatherflick_assets.settings import KST
from weatherflick_assets_tests.quality.breaks import Break, in_half_of_the_rows, in_one_row, in_some_rows

JUDGED_AT = pd.Timestamp("2026-10-01 09:00", tz=KST)
ROWS = 40
GIVEN: GivenValues = {
    "minimum_rows": 1,
    USUAL_ROWS: ROWS,
    "region_code": "50",
    "judged_at": JUDGED_AT.isoformat(),
    ASKED_BY: THE_OUTBOX,
}

_CLASS_CODES = {
    "attractions": ("NA", "NA01", "NA010100"), "cultural_facilities": ("VE", "VE07", "VE070100"),
    "festivals": ("EV", "EV01", "EV010100"), "travel_courses": ("C01", "C0112", "C01120001"),
    "leisure_sports": ("LS", "LS01", "LS010100"), "accommodations": ("AC", "AC01", "AC010100"),
    "shopping": ("SH", "SH06", "SH060100"), "restaurants": ("FD", "FD01", "FD010100"),
}  # fmt: skip

DETAIL_FIELDS: Mapping[str, tuple[PlaceField, ...]] = {
    **{f"core.{name}": (*COMMON_FIELDS, *fields) for name, fields in PLACE_FIELDS.items()},
    "core.place_images": IMAGE_FIELDS, "core.place_infos": INFO_FIELDS, "core.course_stops": COURSE_STOP_FIELDS,
    "core.rooms": ROOM_FIELDS, "core.pet_policies": PET_POLICY_FIELDS,
}  # fmt: skip
"""The columns from details of each table."""

NUMBERS = {Kind.WON: "Int32", Kind.MINUTES: "Int32", Kind.INTEGER: "Int32", Kind.NUMBER: "float64"}
_VALUES: Mapping[Kind, object] = {
    **dict.fromkeys(NUMBERS, 5), Kind.URL: "http://place.example/", Kind.IMAGE_URL: "https://images.example/1.jpg",
    Kind.PERIOD_START: "2026-10-01", Kind.PERIOD_END: "2026-10-03", Kind.FLAG: True, Kind.ALL_YEAR: False,
}  # fmt: skip


def detail_columns(table_name: str, rows: int) -> pd.DataFrame:
    """The columns from details of a table, all filled."""
    columns = {
        field.column: pd.Series(
            [_VALUES.get(field.kind, "말")] * rows,
            dtype=NUMBERS.get(field.kind, "boolean" if field.kind in (Kind.FLAG, Kind.ALL_YEAR) else "object"),
        )
        for field in DETAIL_FIELDS[table_name]
    }
    return pd.DataFrame(columns)


def good_details(table_name: str, rows: int = ROWS) -> pd.DataFrame:
    """Rows of a table of details of places of Jeju against which no rule of its suite has anything to say."""
    (table,) = [detail for detail in DETAILS if f"core.{detail.name}" == table_name]
    frame = detail_columns(table_name, rows)
    frame["content_id"] = [str(126_000 + number) for number in range(rows)]
    frame["content_type_id"] = [table.content_type_ids[number % len(table.content_type_ids)] for number in range(rows)]
    frame["region_code"] = "50"
    if table.in_order:
        frame["position"] = pd.Series([1] * rows, dtype="Int32")
    if table.name == "place_images":
        frame[findings.IMAGE_OF_PLACE] = [f"{number} https://images.example/1.jpg" for number in range(rows)]
        frame["licence"] = "Type3"
    return _without_findings(frame, table_name)


def _without_findings(frame: pd.DataFrame, table_name: str) -> pd.DataFrame:
    """The frame with the columns of findings that the suite of the table judges, all empty."""
    found = [column for column in SUITES[table_name].columns if column.endswith("_finding")]
    return frame.assign(**{column: pd.Series([None] * len(frame), dtype=object) for column in found})


def good_batch(table_name: str, rows: int = ROWS) -> pd.DataFrame:
    """A batch of any table with all its columns."""
    if table_name.removeprefix("core.") in CONTENT_TYPE_BY_NAME:
        frame = pd.concat([good_places(table_name, rows), detail_columns(table_name, rows)], axis="columns")
        if table_name == "core.festivals":
            frame[findings.EVENT_DAYS] = frame[findings.DAYS_TO_EVENT] = pd.Series([2] * rows, dtype="Int64")
        return _without_findings(frame, table_name)
    return good_details(table_name, rows)


def good_places(table_name: str, rows: int = ROWS) -> pd.DataFrame:
    """Places of Jeju of which the list alone is known, against which no rule of the table's suite has anything to say."""
    name = table_name.removeprefix("core.")
    division, group, class_code = _CLASS_CODES[name]
    numbers = range(rows)
    frame = pd.DataFrame(
        {
            "content_id": [str(126_000 + number) for number in numbers],
            "content_type_id": [CONTENT_TYPE_BY_NAME[name].content_type_id] * rows,
            "title": [f"장소 {number}" for number in numbers],
            "region_code": ["50"] * rows,
            "address": [f"제주특별자치도 제주시 {number}" for number in numbers],
            "zip_code": ["63000"] * rows,
            "latitude": [33.3 + number / 1000 for number in numbers],
            "longitude": [126.5 + number / 1000 for number in numbers],
            "nx": pd.Series([53] * rows, dtype="Int16"),
            "ny": pd.Series([38] * rows, dtype="Int16"),
            "class_code": [class_code] * rows,
            "class_group_code": [group] * rows,
            "class_division_code": [division] * rows,
            "phone": ["064-1234-5678"] * rows,
            "image_url": [f"https://images.example/{number}.jpg" for number in numbers],
            "thumbnail_url": [f"https://images.example/{number}_s.jpg" for number in numbers],
            "image_licence": ["Type1"] * rows,
            findings.TITLE_AND_ADDRESS: [f"장소{number}제주시{number}" for number in numbers],
            findings.PLACES_AT_POINT: pd.Series([1] * rows, dtype="Int64"),
            "created_at": pd.Series([pd.Timestamp("2020-01-01", tz=KST)] * rows, dtype="datetime64[us, Asia/Seoul]"),
            "modified_at": pd.Series([pd.Timestamp("2025-01-01", tz=KST)] * rows, dtype="datetime64[us, Asia/Seoul]"),
        }
    )
    listed = (
        findings.LISTED_FINDING, findings.LOCATION_FINDING, findings.ZIP_CODE_FINDING, findings.DISTRICT_FINDING,
        findings.CLASS_FINDING, findings.CLASS_LIST_FINDING, findings.TEXT_FINDING,
        *(findings.value_finding(field.column) for field in LOSSY_FIELDS),
    )  # fmt: skip
    return frame.assign(**{column: pd.Series([None] * rows, dtype=object) for column in listed})


def _in_most_rows(column: str, value: Any) -> Break:
    def change(frame: pd.DataFrame) -> None:
        frame.loc[frame.index[5:], column] = value

    return Break(change)


def _in_all_rows(column: str, value: Any, given: GivenValues) -> Break:
    def change(frame: pd.DataFrame) -> None:
        frame[column] = value

    return Break(change, given)


def _of_kinds(fields: tuple[PlaceField, ...]) -> dict[str, Break]:
    """Breaks of the rules that follow from the kinds of columns."""
    breaks = {f"{field.column}_in_range": in_one_row(field.column, -1) for field in fields if field.kind in NUMBERS}
    for field in fields:
        if field.kind is Kind.URL:
            breaks[f"{field.column}_web_address"] = in_one_row(field.column, "place.example")
        elif field.kind is Kind.IMAGE_URL:
            breaks[f"{field.column}_https"] = in_one_row(field.column, "http://images.example/1.jpg")
        elif field.kind is Kind.PERIOD_END:
            breaks["event_end_date_not_before_event_start_date"] = in_one_row(field.column, "2026-09-30")
    # A share of the images of places may be otherwise; of images in a table of their own, none.
    addresses = ("image_url", "thumbnail_url")
    return {
        **breaks,
        **{f"{name}_https": in_half_of_the_rows(name, "http://images.example/1.jpg") for name in addresses},
    }


BREAKS: Mapping[str, Break] = {
    "row_count": Break(lambda _: None, {"minimum_rows": 1_000}),
    "row_count_not_fallen": Break(lambda _: None, {USUAL_ROWS: 3 * ROWS}, also=("row_count_as_usual",)),
    "row_count_as_usual": Break(lambda _: None, {USUAL_ROWS: 57}),
    "listed_once": in_one_row(findings.LISTED_FINDING, "also listed with title 봉"),
    "content_id_never_null": in_one_row("content_id", None),
    "content_id_unique": in_one_row("content_id", "126001"),
    "content_id_digits": in_one_row("content_id", "12600a"),
    "title_never_null": in_one_row("title", None),
    "title_not_blank": in_one_row("title", "  "),
    "content_type_id_never_null": in_one_row("content_type_id", None),
    "content_type_of_the_table": in_one_row("content_type_id", "99"),
    "region_code_never_null": in_one_row("region_code", None),
    "region_code_known": _in_all_rows("region_code", "46", {"region_code": "46"}),
    "region_code_of_the_partition": in_one_row("region_code", "11"),
    "latitude_in_range": in_one_row("latitude", 19.69),
    "longitude_in_range": in_one_row("longitude", 12.797),
    "nx_in_range": in_one_row("nx", 150),
    "ny_in_range": in_one_row("ny", 0),
    "nx_filled_where_latitude": in_half_of_the_rows("nx", None),
    "latitude_filled": in_half_of_the_rows("latitude", None),
    "longitude_filled": in_half_of_the_rows("longitude", None),
    "address_filled": in_half_of_the_rows("address", None),
    "address_not_blank": in_one_row("address", ""),
    "zip_code_five_digits": in_half_of_the_rows("zip_code", "612-040"),
    "class_code_filled": in_half_of_the_rows("class_code", None),
    "class_division_of_the_kind": in_half_of_the_rows("class_division_code", "ZZ"),
    "class_group_known": in_half_of_the_rows("class_group_code", "NA99"),
    "image_url_filled": _in_most_rows("image_url", None),
    "modified_at_never_null": in_one_row("modified_at", None),
    "modified_at_in_range": in_one_row("modified_at", JUDGED_AT + pd.Timedelta(seconds=1)),
    "modified_at_not_before_created_at": in_half_of_the_rows("created_at", pd.Timestamp("2025-06-01", tz=KST)),
    "created_at_in_range": in_one_row("created_at", JUDGED_AT + pd.Timedelta(seconds=1)),
    "coordinates_in_region": in_one_row(findings.LOCATION_FINDING, "37.5 127.0 is not in 50"),
    "zip_codes_of_region": in_one_row(findings.ZIP_CODE_FINDING, "06234 is of 11"),
    "districts_of_region": in_one_row(findings.DISTRICT_FINDING, "999 is not of 50"),
    "classes_consistent": in_one_row(findings.CLASS_FINDING, "NA010100 is not in NA02"),
    "class_code_listed": in_half_of_the_rows(findings.CLASS_LIST_FINDING, "NA019900 is not listed"),
    "title_and_address_once": in_one_row(findings.TITLE_AND_ADDRESS, "장소1제주시1"),
    "few_titles_and_addresses_twice": in_half_of_the_rows(
        findings.TITLE_AND_ADDRESS, "장소1제주시1", also=("title_and_address_once",)
    ),
    "few_places_at_one_point": in_half_of_the_rows(findings.PLACES_AT_POINT, 501),
    "phone_has_a_number": in_half_of_the_rows("phone", "없음"),
    "image_licence_known": in_half_of_the_rows("image_licence", "Type9"),
    "texts_clean": in_one_row(findings.TEXT_FINDING, "title: markup"),
    "most_texts_clean": in_half_of_the_rows(findings.TEXT_FINDING, "title: markup", also=("texts_clean",)),
    "numbers_plausible": in_one_row(findings.NUMBER_FINDING, "admission_fee_won: 15881234"),
    "event_dates_usable": in_some_rows(findings.PERIOD_FINDING, "reversed: 20261003 20261001", 6),
    "most_event_dates_usable": in_half_of_the_rows(
        findings.PERIOD_FINDING, "reversed: 20261003 20261001", also=("event_dates_usable",)
    ),
    "events_of_a_year_at_most": in_half_of_the_rows(findings.EVENT_DAYS, 4_000),
    "events_in_our_time": in_one_row(findings.DAYS_TO_EVENT, 36_500),
    "place_published": in_one_row(findings.PLACE_FINDING, "is not in core.attractions"),
    "images_once": in_one_row(findings.IMAGE_OF_PLACE, "1 https://images.example/1.jpg"),
    "licence_known": in_half_of_the_rows("licence", "Type9"),
    "stops_known": in_half_of_the_rows(findings.STOP_FINDING, "999 is no place"),
    "most_guests_not_below_guests": in_half_of_the_rows("guests", 9),
    "position_never_null": in_one_row("position", None),
    "position_in_range": in_one_row("position", 0),
    "image_url_never_null": in_one_row("image_url", None),
    **{
        f"{column}_filled": in_half_of_the_rows(column, None)
        for column in ("licence", "name", "stop_content_id", "title", "scope")
    },
    **{
        f"{field.column}_usable": in_half_of_the_rows(findings.value_finding(field.column), "?")
        for field in LOSSY_FIELDS
    },
    **{rule_id: breaking for fields in DETAIL_FIELDS.values() for rule_id, breaking in _of_kinds(fields).items()},
}
"""Per rule id the break that this rule, and no other, must see."""
