"""From items of the detail operations to typed rows: what comes of whole items, of the recorded ones, and of damaged ones."""

from collections.abc import Sequence
from pathlib import Path
from typing import LiteralString

import orjson
import pandas as pd
import psycopg
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from psycopg import sql

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
from weatherflick_assets.places.transform.details import (
    columns_of,
    images,
    infos,
    pet_policies,
)
from weatherflick_assets.warehouse.loading import copy_rows, copy_text
from weatherflick_assets_tests.places.transform.received import values
from weatherflick_assets_tests.places.transform.recorded_details import CONTENT_TYPE_IDS, recorded_items

TABLES: dict[str, Sequence[PlaceField]] = {
    **PLACE_FIELDS, "common": COMMON_FIELDS, "infos": INFO_FIELDS, "course_stops": COURSE_STOP_FIELDS, "rooms": ROOM_FIELDS,
    "images": IMAGE_FIELDS, "pet_policies": PET_POLICY_FIELDS,
}  # fmt: skip

TEXTS = (Kind.TEXT, Kind.CONTACT, Kind.CHOICE)


def row_of(frame: pd.DataFrame) -> dict[str, object]:
    """The only row, without what is missing."""
    ((_, row),) = frame.iterrows()
    return {str(column): value for column, value in row.dropna().items()}


def test_an_introduction_of_a_restaurant_becomes_typed_columns() -> None:
    received = {
        "contentid": "2805408", "contenttypeid": "39", "seat": "50석", "kidsfacility": "0", "firstmenu": "고기국수",
        "treatmenu": "비빔국수 / 수육 등", "smoking": "모두 금연석", "packing": "가능", "infocenterfood": "064-740-6000", "scalefood": "",
        "parkingfood": "가능<br>요금 (무료)", "opendatefood": "2001-03-01", "opentimefood": "11:00~21:00 (마지막 주문 20:00)",
        "restdatefood": "매주 화요일", "discountinfofood": "", "chkcreditcardfood": "없음", "reservationfood": "전화문의",
        "lcnsno": "19950631066",
    }  # fmt: skip
    assert row_of(columns_of(PLACE_FIELDS["restaurants"], [received])) == {
        "opening_hours": "11:00~21:00 (마지막 주문 20:00)", "opens_at": "11:00", "closes_at": "21:00", "rest_days": "매주 화요일",
        "open_all_year": False, "signature_dish": "고기국수", "menu": "비빔국수 / 수육 등", "seats": "50석", "seat_count": 50,
        "reservations": "전화문의", "takeout": "가능", "takeout_available": True, "smoking": "모두 금연석", "smoking_allowed": False,
        "has_kids_facility": False, "parking": "가능\n요금 (무료)", "parking_available": True, "credit_cards": "없음",
        "credit_cards_accepted": False, "opened": "2001-03-01", "opened_on": "2001-03-01", "licence_number": "19950631066",
        "enquiries": "064-740-6000", "enquiry_phone": "064-740-6000",
    }  # fmt: skip


def test_an_item_of_the_festival_list_can_be_merged_into_the_introduction() -> None:
    listed = {
        "eventstartdate": "20260916",
        "eventenddate": "20260920",
        "progresstype": "취소",
        "festivaltype": "선택안함",
    }
    row = row_of(columns_of(PLACE_FIELDS["festivals"], [listed | {"eventplace": "광장", "usetimefestival": "무료"}]))
    assert row == {
        "event_start_date": "2026-09-16", "event_end_date": "2026-09-20", "progress": "취소", "event_place": "광장",
        "admission_fee": "무료", "admission_fee_won": 0,
    }  # fmt: skip


def test_reversed_days_of_a_festival_are_both_missing_with_the_reason() -> None:
    row = row_of(columns_of(PLACE_FIELDS["festivals"], [{"eventstartdate": "20260920", "eventenddate": "20260916"}]))
    assert row == {"event_dates_problem": "reversed: 20260920 to 20260916"}


def test_what_every_place_has_comes_from_the_common_detail() -> None:
    received = {
        "overview": "첫째<br>둘째",
        "homepage": '누리집 <a href="https://a.kr">a.kr</a>',
        "telname": "누구",
        "tel": "1",
    }
    assert row_of(columns_of(COMMON_FIELDS, [received])) == {
        "overview": "첫째\n둘째",
        "homepage": "누리집 a.kr",
        "homepage_url": "https://a.kr",
    }


def test_pairs_of_name_and_text_stand_in_the_order_of_their_numbers() -> None:
    items = [
        {"serialnum": "10", "infoname": "주차요금", "infotext": "무료", "fldgubun": "3"},
        {"serialnum": "2", "infoname": "화장실", "infotext": "있음", "fldgubun": "3"},
        {"infoname": "입 장 료", "infotext": "무료"},
        {"serialnum": "0", "infoname": "", "infotext": " "},
    ]
    rows = infos("126508", "12", items)
    assert rows["name"].tolist() == ["화장실", "주차요금", "입 장 료"]
    assert rows["position"].tolist() == [1, 2, 3]
    assert set(rows["content_id"]) == {"126508"}


def test_the_stops_of_a_course_stand_in_order() -> None:
    stops = [
        {
            "subnum": str(number),
            "subcontentid": f"12{number}",
            "subname": f"정류 {number}",
            "subdetailimg": "http://a/b.jpg",
        }
        for number in (10, 0, 2)
    ]
    rows = infos("1846297", "25", stops)
    assert rows["stop_content_id"].tolist() == ["120", "122", "1210"]
    assert rows["position"].tolist() == [1, 2, 3]
    assert set(rows["image_url"]) == {"https://a/b.jpg"}


def test_rooms_have_numbers_and_images_and_zero_is_unknown() -> None:
    room = {
        "roomcode": "13551", "roomtitle": "16평형", "roomsize1": "16", "roomsize2": "52.5", "roomcount": "0", "roombasecount": "3",
        "roommaxcount": "4", "roomoffseasonminfee1": "60000", "roompeakseasonminfee1": "0", "roomtv": "Y", "roompc": "",
        "roomimg1": "http://a/1.jpg", "roomimg1alt": "하나", "cpyrhtDivCd1": "Type3", "roomimg3": "http://a/3.jpg",
    }  # fmt: skip
    row = row_of(infos("137477", "32", [room]))
    assert orjson.loads(str(row.pop("image_urls"))) == ["https://a/1.jpg", None, "https://a/3.jpg", None, None]
    assert orjson.loads(str(row.pop("image_captions"))) == ["하나", None, None, None, None]
    assert orjson.loads(str(row.pop("image_licences"))) == ["Type3", None, None, None, None]
    assert row == {
        "content_id": "137477", "position": 1, "room_code": "13551", "title": "16평형", "size_pyeong": 16.0,
        "size_square_metres": 52.5, "guests": 3, "most_guests": 4, "off_season_weekday_fee": 60000, "has_television": True,
    }  # fmt: skip


def test_items_of_several_places_are_numbered_within_each() -> None:
    items = [{"serialnum": number, "infoname": "a", "infotext": "b"} for number in ("1", "0", "0", "1")]
    rows = infos(["2", "2", "1", "1"], "12", items)
    assert list(zip(rows["content_id"], rows["position"], strict=True)) == [("1", 1), ("1", 2), ("2", 1), ("2", 2)]


def test_images_stand_in_the_order_of_their_serial_numbers() -> None:
    items = [
        {"contentid": "126108", "serialnum": serial, "originimgurl": url, "imgname": name, "cpyrhtDivCd": "Type3"}
        for serial, url, name in [
            ("3026526_10", "http://a/10.jpg", "열"),
            ("3026519_1", "http://a/1.jpg", "하나"),
            ("3026520_5", "none", "그림 없음"),
        ]
    ]
    rows = images([*items, {"originimgurl": "http://a/b.jpg"}])
    assert rows["caption"].tolist() == ["하나", "열"]
    assert rows["position"].tolist() == [1, 2]
    assert rows["image_url"].tolist() == ["https://a/1.jpg", "https://a/10.jpg"]


def test_pet_policies_are_one_row_for_each_place() -> None:
    items = [
        {"contentid": "1", "acmpyTypeCd": "일부구역 동반가능"},
        {"contentid": "2", "acmpyTypeCd": "전구역 동반가능", "acmpyNeedMtr": "목줄 착용"},
        {"contentid": "1", "acmpyTypeCd": "전구역 동반가능"},
        {"acmpyTypeCd": "전구역 동반가능"},
    ]
    rows = pet_policies(items)
    assert rows["content_id"].tolist() == ["2", "1"]
    assert rows["scope"].tolist() == ["전구역 동반가능"] * 2
    assert rows["requirements"].tolist()[0] == "목줄 착용"


def test_no_items_make_no_rows_of_the_same_columns() -> None:
    for made, fields, keys in (
        (columns_of(COMMON_FIELDS, []), COMMON_FIELDS, []),
        (columns_of(PLACE_FIELDS["shopping"], []), PLACE_FIELDS["shopping"], []),
        (infos("1", "12", []), INFO_FIELDS, ["content_id", "position"]),
        (infos("1", "25", []), COURSE_STOP_FIELDS, ["content_id", "position"]),
        (infos("1", "32", []), ROOM_FIELDS, ["content_id", "position"]),
        (images([]), IMAGE_FIELDS, ["content_id", "position"]),
        (pet_policies([]), PET_POLICY_FIELDS, ["content_id"]),
    ):
        assert len(made) == 0
        assert list(made.columns) == [*keys, *(field.column for field in fields)]


@st.composite
def received_items(draw: st.DrawFn, fields: Sequence[PlaceField]) -> list[dict[str, object]]:
    """Items with anything JSON can hold in any of their fields."""
    names = ["contentid", "serialnum", "subnum", *(name for field in fields for name in field.fields)]
    return draw(st.lists(st.dictionaries(st.sampled_from(names), values, max_size=8), max_size=4))


@pytest.mark.parametrize("table", TABLES)
@settings(max_examples=25, deadline=None)
@given(data=st.data())
def test_a_row_is_made_of_any_item_alone_and_can_be_copied(table: str, data: st.DataObject) -> None:
    fields = TABLES[table]
    items = data.draw(received_items(fields))
    made = columns_of(fields, items)
    assert list(made.index) == list(range(len(items)))
    assert copy_text(made).count("\n") == len(items)
    for position, item in enumerate(items):
        alone = columns_of(fields, [item])
        pd.testing.assert_frame_equal(made.iloc[[position]].reset_index(drop=True), alone)


@settings(max_examples=40, deadline=None)
@given(st.data())
def test_repeating_information_of_any_items_is_numbered_without_gaps(data: st.DataObject) -> None:
    content_type_id, fields = data.draw(
        st.sampled_from([("12", INFO_FIELDS), ("25", COURSE_STOP_FIELDS), ("32", ROOM_FIELDS)])
    )
    items = data.draw(received_items(fields))
    for rows in (infos("1", content_type_id, items), images(items)):
        assert copy_text(rows).count("\n") == len(rows) <= len(items)
        for _, of_one_place in rows.groupby("content_id"):
            assert of_one_place["position"].tolist() == list(range(1, len(of_one_place) + 1))
    assert pet_policies(items)["content_id"].is_unique


SQL_TYPES: dict[Kind, LiteralString] = {
    Kind.FLAG: "boolean", Kind.ALL_YEAR: "boolean", Kind.DATE: "date", Kind.PERIOD_START: "date", Kind.PERIOD_END: "date",
    Kind.TIME_OF_DAY: "time", Kind.OPENS_AT: "time", Kind.CLOSES_AT: "time", Kind.MINUTES: "integer", Kind.INTEGER: "integer",
    Kind.WON: "integer", Kind.NUMBER: "double precision", Kind.IMAGE_URLS: "jsonb", Kind.TEXTS: "jsonb",
}  # fmt: skip
"""What PostgreSQL holds a kind as, where it is not text."""

PIECES = [
    "0", "1", "Y", "가능", "연중무휴", "매주 월요일", "2007-05-05", "20260916", "20260920", "익일 24:00", "15:00", "08:30~26:00", "상시 개방",
    "999999999", "99시간 999분", "9,999,999.5km", "999,999,999원", "무료", "http://a.kr/\\b\t", "a\\\n\"b\"", "선택안함", "064-740-6000", "",
]  # fmt: skip


@pytest.mark.parametrize("table", TABLES)
def test_postgresql_takes_every_value_as_the_type_of_its_kind(table: str, prepared_database: str) -> None:
    fields = TABLES[table]
    names = sorted({name for field in fields for name in field.fields})
    items = [{name: PIECES[(row + at) % len(PIECES)] for at, name in enumerate(names)} for row in range(len(PIECES))]
    made = columns_of(fields, items)
    columns = sql.SQL(", ").join(
        sql.SQL("{} {}").format(sql.Identifier(field.column), sql.SQL(SQL_TYPES.get(field.kind, "text")))
        for field in fields
    )
    with psycopg.connect(prepared_database) as connection, connection.cursor() as cursor:
        cursor.execute(sql.SQL("CREATE TEMPORARY TABLE details ({})").format(columns))
        copy_rows(cursor, sql.Identifier("details"), made.columns, copy_text(made))
        stored = cursor.execute("SELECT * FROM details").fetchall()
    assert [[value is not None for value in row] for row in stored] == made.notna().to_numpy().tolist()


LEAST_SHARE_READ = 0.9
EXPECTED_SHARES = {
    # Many close at other times in winter or at weekends, or are beaches, paths and shops of many kinds.
    ("attractions", "opens_at"): 0.65, ("cultural_facilities", "opens_at"): 0.55, ("festivals", "opens_at"): 0.75,
    ("leisure_sports", "opens_at"): 0.5,
    ("shopping", "open_all_year"): 0.85,
    # Admission usually differs by age; reservations are often told by a number alone.
    ("cultural_facilities", "admission_fee_won"): 0.2, ("festivals", "admission_fee_won"): 0.65,
    ("restaurants", "reservations_accepted"): 0.4,
    # Some tell the year or the month alone, or days instead of hours.
    ("attractions", "opened_on"): 0.65, ("restaurants", "opened_on"): 0.5, ("travel_courses", "duration_minutes"): 0.5,
}  # fmt: skip
"""The shares of filled texts that a value can be read from, where they are lower, rounded down from what was measured."""


@pytest.mark.recorded
@pytest.mark.parametrize("table", [*PLACE_FIELDS, "common"])
def test_most_recorded_texts_can_be_read_where_they_say_one_thing(recorded_data: Path, table: str) -> None:
    items, fields = _recorded(recorded_data, table)
    made = columns_of(fields, items)
    shares = {}
    for field in fields:
        filled = [any(str(item.get(name) or "").strip() for name in field.fields) for item in items]
        if field.kind not in (*TEXTS, Kind.PERIOD_PROBLEM) and sum(filled) >= 10:
            shares[field.column] = made[field.column].notna().sum() / sum(filled)
    expected = {column: EXPECTED_SHARES.get((table, column), LEAST_SHARE_READ) for column in shares}
    # Both ends of a span of hours are read, or neither.
    expected |= {"closes_at": expected["opens_at"]} if "closes_at" in expected else {}
    assert shares
    assert {column: share for column, share in shares.items() if not expected[column] <= share <= 1} == {}


@pytest.mark.recorded
@pytest.mark.parametrize("table", [*PLACE_FIELDS, "common"])
def test_recorded_text_is_kept_whole(recorded_data: Path, table: str) -> None:
    items, fields = _recorded(recorded_data, table)
    made = columns_of(fields, items)
    compared = 0
    for field in fields:
        if field.kind in TEXTS:
            for item, text in zip(items, made[field.column], strict=True):
                # Text between two tags, and everything that is not a space, in the same order.
                assert _letters(str(text or "")) == _letters(str(item.get(field.fields[0]) or "")), field.column
                compared += bool(text)
    assert compared > 50


@pytest.mark.recorded
def test_the_recorded_list_of_festivals_gives_days_to_all_and_says_which_were_cancelled(recorded_data: Path) -> None:
    made = columns_of(PLACE_FIELDS["festivals"], recorded_items(recorded_data, "searchFestival2"))
    assert len(made) > 1000
    assert made["event_dates_problem"].isna().all()
    assert (made["event_start_date"] <= made["event_end_date"]).all()
    assert set(made["progress"].dropna()) == {"취소", "행사연기"}
    assert set(made["festival_format"].dropna()) == {"온라인"}


@pytest.mark.recorded
def test_recorded_repeating_information_makes_a_row_of_every_item(recorded_data: Path) -> None:
    for content_type_id in ("12", "14", "25", "28", "32", "38", "39"):
        items = recorded_items(recorded_data, "detailInfo2", content_type_id)
        rows = infos([str(item["contentid"]) for item in items], content_type_id, items)
        assert len(rows) == len(items) > 0
        assert not rows.duplicated(["content_id", "position"]).any()
    pictures = recorded_items(recorded_data, "detailImage2")
    assert len(images(pictures)) == len(pictures) > 1000
    policies = recorded_items(recorded_data, "detailPetTour2")
    assert len(pet_policies(policies)) == len({item["contentid"] for item in policies}) > 1300


def _recorded(recorded_data: Path, table: str) -> tuple[list[dict[str, object]], Sequence[PlaceField]]:
    if table == "common":
        return recorded_items(recorded_data, "detailCommon2"), COMMON_FIELDS
    return recorded_items(recorded_data, "detailIntro2", CONTENT_TYPE_IDS[table]), PLACE_FIELDS[table]


def _letters(text: str) -> str:
    """The letters and digits that people see, by a way of its own: everything between angle brackets that is a tag is cut out."""
    kept = []
    for position, part in enumerate(text.replace("&nbsp;", "").replace("&amp;", "&").replace("&gt;", ">").split("<")):
        is_tag = position > 0 and part.lstrip("/")[:2].rstrip(" />").lower() in ("a", "br", "b")
        kept.append(part.partition(">")[2] if is_tag else part)
    return "".join(character for character in "".join(kept) if character.isalnum())
