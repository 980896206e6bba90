"""From raw items to rows of a core table: typed, clean, and nothing lost between rows and rejections."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import orjson
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import Table

from weatherflick_assets.places.content_types import CONTENT_TYPES, ContentType
from weatherflick_assets.places.fields import COMMON_FIELDS, PLACE_FIELDS, RECEIVED_FIELDS
from weatherflick_assets.places.tables import KEPT_BY_THE_TABLE, PLACE_TABLES
from weatherflick_assets.places.transform.places import FIELDS, places
from weatherflick_assets.settings import KST
from weatherflick_assets_tests.places.transform.received import items, place, recorded_rows, stored
from weatherflick_assets_tests.places.transform.recorded_details import recorded_items


def row_of(**changes: object) -> pd.Series:
    made = places(stored([place(**changes)]))
    assert len(made.rejected) == 0
    return made.rows.iloc[0]


def missing(value: Any) -> bool:
    return bool(pd.isna(value))


def test_an_item_becomes_a_typed_row() -> None:
    row = row_of()
    expected = {
        "content_id": "126508", "content_type_id": "12", "title": "경복궁", "region_code": "11", "region_source": "code",
        "sigungu_code": "110", "kto_area_code": "1", "address": "서울특별시 종로구 사직로 161", "zip_code": "03045",
        "latitude": 37.5760836609, "longitude": 126.9767375783, "image_licence": "Type3", "class_division_code": "HS",
        "image_url": "https://tong.visitkorea.or.kr/cms/resource/33/2678633_image2_1.jpg",
        "thumbnail_url": "https://tong.visitkorea.or.kr/cms/resource/33/2678633_image3_1.jpg",
        "class_group_code": "HS01", "class_code": "HS010100", "legacy_area_code": "1", "legacy_sigungu_code": "23",
        "legacy_category_code_1": "A02", "legacy_category_code_2": "A0201", "legacy_category_code_3": "A02010100",
        "nx": 60, "ny": 127, "map_level": 6, "source_response_id": 1,
        "created_at": pd.Timestamp(2003, 12, 2, 9, tz=KST), "modified_at": pd.Timestamp(2025, 11, 12, 13, 48, 24, tz=KST),
    }  # fmt: skip
    assert {name: row[name] for name in expected} == expected
    assert all(missing(row[name]) for name in ("address_detail", "phone", "coordinates_problem"))


CELLS = {
    "Dokdo": ("131.8597", "37.2426", (144, 123)),
    "Marado": ("126.2680", "33.1190", (48, 30)),
    "no position": ("", "", None),
    "a position that is none": ("0", "0", None),
    "the sea that is within Korea's bounds and outside the grid": ("131.95", "33.05", None),
}


@pytest.mark.parametrize(("mapx", "mapy", "cell"), CELLS.values(), ids=CELLS)
def test_a_row_has_the_cell_of_the_forecast_grid_that_it_lies_in(
    mapx: str, mapy: str, cell: tuple[int, int] | None
) -> None:
    made = row_of(mapx=mapx, mapy=mapy)
    assert [missing(made[name]) for name in ("nx", "ny")] == [cell is None] * 2
    assert cell is None or (made["nx"], made["ny"]) == cell


def said(response_id: int, item: Mapping[str, object] | None, **kept_from: int) -> dict[str, Any]:
    """What an operation says about a place, as it is read from the raw layer."""
    return {"item": item, "response_id": response_id, "kept_from": kept_from}


def detailed(details: dict[str, Any] | None, **changes: object) -> pd.DataFrame:
    """One stored place with its details."""
    frame = stored([place(**changes)])
    frame["details"] = pd.Series([details], index=frame.index, dtype=object)
    return frame


def columns_of(table: Table) -> set[str]:
    return {column.name for column in table.columns} - set(KEPT_BY_THE_TABLE)


@pytest.mark.parametrize("content_type", CONTENT_TYPES, ids=lambda content_type: content_type.name)
def test_a_row_has_every_column_of_its_table_but_those_the_table_keeps(content_type: ContentType) -> None:
    table = PLACE_TABLES[content_type.name]
    details = {"detailCommon2": said(2, {"overview": "말"})}
    items = detailed(details, contenttypeid=content_type.content_type_id)
    received = {field.column: f'["{field.operation}"]' for field in RECEIVED_FIELDS}
    made = places(items.assign(**received)).rows
    assert set(made.columns) == columns_of(table)
    assert {column: made[column].tolist() for column in received} == {
        column: [text] for column, text in received.items()
    }


@pytest.mark.parametrize("content_type", CONTENT_TYPES, ids=lambda content_type: content_type.name)
def test_where_nothing_but_the_list_is_known_only_the_columns_of_the_list_are_made(content_type: ContentType) -> None:
    made = places(stored([place(contenttypeid=content_type.content_type_id)])).rows
    own = {field.column for field in (*COMMON_FIELDS, *PLACE_FIELDS[content_type.name], *RECEIVED_FIELDS)}
    assert set(made.columns) == columns_of(PLACE_TABLES[content_type.name]) - own - {"detail_sources"}
    assert made["detail_completeness"].isna().all()


def test_details_fill_columns_and_say_which_response_each_came_from() -> None:
    details = {
        "detailCommon2": said(5, {"overview": "궁궐", "homepage": "http://a.kr"}, homepage=3),
        "detailIntro2": said(6, {"usetime": "09:00~18:00", "restdate": "", "heritage1": "0"}),
    }
    (row,) = places(detailed(details)).rows.to_dict("records")
    expected = {
        "overview": "궁궐", "homepage": "http://a.kr", "homepage_url": "http://a.kr", "opening_hours": "09:00~18:00",
        "opens_at": "09:00", "closes_at": "18:00", "is_world_cultural_heritage": False,
    }  # fmt: skip
    assert {name: row[name] for name in expected} == expected
    assert missing(row["rest_days"])
    assert orjson.loads(row["detail_sources"]) == {
        "overview": 5, "homepage": 3, "homepage_url": 3, "opening_hours": 6, "opens_at": 6, "closes_at": 6,
        "is_world_cultural_heritage": 6,
    }  # fmt: skip
    assert row["detail_completeness"] == round(7 / len((*COMMON_FIELDS, *PLACE_FIELDS["attractions"])), 4)
    assert row["source_response_id"] == 1


def test_an_answer_that_was_kept_whole_is_of_the_older_response() -> None:
    made = places(detailed({"detailCommon2": said(9, {"overview": "궁궐"}, items=4)})).rows
    assert orjson.loads(made["detail_sources"].iloc[0]) == {"overview": 4}


def test_a_place_that_was_asked_for_in_vain_has_details_that_say_nothing() -> None:
    row = places(detailed({"detailCommon2": said(5, None)})).rows.iloc[0]
    assert (row["detail_completeness"], row["detail_sources"]) == (0, "{}")
    assert missing(row["overview"])


def test_of_places_without_details_among_others_the_columns_are_empty() -> None:
    frame = pd.concat([stored([place()]), detailed({"detailCommon2": said(5, {"overview": "궁궐"})}, contentid="2")])
    made = places(frame).rows.set_index("content_id")
    assert all(missing(made.loc["126508", name]) for name in ("overview", "detail_completeness", "detail_sources"))
    assert made.loc["2", "overview"] == "궁궐"


FESTIVAL = {"contenttypeid": "15", "lclsSystm1": "EV"}


def festival(listed: dict[str, Any] | None, introduced: dict[str, Any] | None) -> pd.Series:
    details = {"searchFestival2": listed, "detailIntro2": introduced}
    made = places(detailed({name: answer for name, answer in details.items() if answer}, **FESTIVAL)).rows
    return made.iloc[0]


SPRING = {"eventstartdate": "20260401", "eventenddate": "20260403"}
AUTUMN = {"eventstartdate": "20261001", "eventenddate": "20261003"}


@pytest.mark.parametrize(("listed", "introduced", "start"), [(7, 6, "2026-10-01"), (6, 7, "2026-04-01")])
def test_the_newer_of_two_statements_about_the_days_of_a_festival_counts(
    listed: int, introduced: int, start: str
) -> None:
    row = festival(said(listed, AUTUMN | {"progresstype": "취소"}), said(introduced, SPRING | {"eventplace": "광장"}))
    assert (row["event_start_date"], row["progress"], row["event_place"]) == (start, "취소", "광장")
    assert orjson.loads(row["detail_sources"]) == {
        "event_start_date": 7, "event_end_date": 7, "progress": listed, "event_place": introduced,
    }  # fmt: skip


def test_a_blank_never_takes_the_place_of_a_value_of_the_other_statement() -> None:
    blank = dict.fromkeys(SPRING, " ")
    for row in (festival(said(7, blank), said(6, SPRING)), festival(said(6, SPRING), said(7, blank))):
        assert (row["event_start_date"], row["event_end_date"]) == ("2026-04-01", "2026-04-03")
        assert missing(row["event_dates_problem"])


def test_the_days_of_a_festival_are_taken_from_one_statement() -> None:
    row = festival(said(7, {"eventstartdate": "20261001", "eventenddate": ""}), said(6, SPRING))
    assert missing(row["event_start_date"])
    assert row["event_dates_problem"] == "not_a_date: 20261001 to blank"


def test_a_festival_of_which_nobody_gave_days_says_so_and_one_nobody_was_asked_about_does_not() -> None:
    assert festival(said(7, {"progresstype": ""}), None)["event_dates_problem"] == "blank"
    asked_in_vain = places(detailed({"detailCommon2": said(5, {"overview": "말"})}, **FESTIVAL)).rows.iloc[0]
    assert missing(asked_in_vain["event_dates_problem"])


_WORDS = st.sampled_from(["", " ", "말", "20260401", "20261001", "가능", "09:00~18:00", "http://a.kr", "5"])
_DETAILS = st.none() | st.dictionaries(
    st.sampled_from(["detailCommon2", "detailIntro2", "searchFestival2"]),
    st.builds(
        said,
        st.integers(1, 9),
        st.none()
        | st.dictionaries(
            st.sampled_from(["overview", "homepage", "eventstartdate", "eventenddate", "progresstype", "playtime"]),
            _WORDS,
        ),
    ),
    max_size=3,
)


@settings(max_examples=40, deadline=None)
@given(st.lists(_DETAILS, min_size=1, max_size=5), st.data())
def test_rows_with_details_depend_on_their_own_details_alone(details: list[Any], data: st.DataObject) -> None:
    frame = stored([place(contentid=str(number), **FESTIVAL) for number in range(len(details))])
    frame["details"] = pd.Series(details, index=frame.index, dtype=object)
    whole = places(frame).rows
    row = data.draw(st.sampled_from(range(len(details))))
    alone = places(frame.iloc[[row]]).rows
    for name in alone:
        together, apart = whole[name].iloc[row], alone[name].iloc[0]
        assert (missing(together) and missing(apart)) or together == apart, name
    assert missing(alone["detail_completeness"].iloc[0]) is not bool(details[row])
    if details[row]:
        said_of = orjson.loads(alone["detail_sources"].iloc[0])
        own = [field.column for field in (*COMMON_FIELDS, *PLACE_FIELDS["festivals"])]
        filled = {name for name in own if not missing(alone[name].iloc[0])} - {"event_dates_problem"}
        assert filled <= said_of.keys() <= filled | {"event_dates_problem"}


@pytest.mark.recorded
def test_recorded_details_add_nothing_to_what_the_list_says(recorded_data: Path) -> None:
    listed = {row["contentid"]: row for row in recorded_rows(recorded_data, "jeju_2026")}
    added = [
        name
        for item in recorded_items(recorded_data, "detailCommon2")
        for name in FIELDS
        if (row := listed.get(item["contentid"]))
        and name in item
        and not str(row[name]).strip()
        and str(item[name]).strip()
    ]
    assert len(listed) > 1000
    assert added == []


def test_completeness_is_the_share_of_descriptive_columns_that_are_filled() -> None:
    assert row_of()["completeness"] == pytest.approx(5 / 6, abs=1e-4)
    assert row_of(tel="02-3700-3900")["completeness"] == 1
    assert row_of(addr1="", mapx="0", mapy="0", firstimage="", lclsSystm3="", zipcode="")["completeness"] == 0


@pytest.mark.parametrize(
    ("region", "sigungu", "area"),
    [
        ("11", "110", "1"),
        ("36110", "36110", "8"),
        ("12", "210", "5"),
        ("12", "750", "38"),
        ("12", "", "38"),
        ("51", "", "32"),
    ],
)
def test_the_former_area_follows_from_region_and_district(region: str, sigungu: str, area: str) -> None:
    assert row_of(lDongRegnCd=region, lDongSignguCd=sigungu, addr1="", mapx="", mapy="")["kto_area_code"] == area


def test_a_place_of_no_known_region_has_no_former_area() -> None:
    row = row_of(lDongRegnCd="", lDongSignguCd="", addr1="", mapx="0", mapy="0")
    assert row["region_code"] == "unassigned"
    assert missing(row["kto_area_code"])


@pytest.mark.parametrize("title", ["", " ", "<br>", None, [], "\x00", "\u3000", "\x07"])
def test_a_place_without_a_title_is_rejected_with_the_item_as_received(title: object) -> None:
    received = stored([place(title=title)], response_id=9)
    made = places(received)
    assert len(made.rows) == 0
    (rejected,) = made.rejected.to_dict("records")
    assert rejected["content_id"] == "126508"
    assert rejected["reason"] == "title_missing"
    assert rejected["response_id"] == 9
    assert orjson.loads(rejected["payload"]) == received["payload"].iloc[0]


@pytest.mark.parametrize("identity", ["12a", "-1", "1.5", "١٢٣", "１２３", "12 34", 1.5])
def test_a_place_whose_id_is_no_number_is_rejected(identity: object) -> None:
    made = places(stored([place(contentid=identity)]))
    assert len(made.rows) == 0
    assert made.rejected["reason"].tolist() == ["content_id_not_a_number"]


def test_a_doubtful_value_is_emptied_and_the_place_stays() -> None:
    row = row_of(
        mapx="12.797", zipcode="612-020,1", tel="<br>", firstimage="none", mlevel="여섯", createdtime="어제",
        modifiedtime="20251332000000", addr1="<br />",
    )  # fmt: skip
    emptied = (
        "longitude",
        "latitude",
        "zip_code",
        "phone",
        "image_url",
        "map_level",
        "created_at",
        "modified_at",
        "address",
    )
    assert all(missing(row[name]) for name in emptied)
    assert row["coordinates_problem"] == "outside_korea"
    assert row["title"] == "경복궁"
    assert orjson.loads(row["unusable_values"]) == {
        "zip_code": {"reason": "not_five_digits", "received": "612-020,1"},
        "image_url": {"reason": "no_web_address", "received": "none"},
        "map_level": {"reason": "no_small_number", "received": "여섯"},
        "created_at": {"reason": "no_time", "received": "어제"},
        "modified_at": {"reason": "no_time", "received": "20251332000000"},
    }


def test_what_is_blank_or_could_be_used_is_no_unusable_value() -> None:
    blank = dict.fromkeys(("zipcode", "firstimage", "firstimage2", "mlevel", "createdtime", "modifiedtime"), " ")
    assert missing(row_of()["unusable_values"])
    assert missing(row_of(**blank)["unusable_values"])
    long = orjson.loads(row_of(firstimage="x" * 5_000)["unusable_values"])
    assert long["image_url"]["received"] == "x" * 100


def test_what_is_too_long_is_cut_and_said_and_such_a_code_is_left_out() -> None:
    row = row_of(title="궁 " * 5_000, addr1="가" * 201, addr2="🏯" * 200, lclsSystm1="N" * 21, cat1="A" * 20)
    assert row["title"] == "궁 " * 99 + "궁"
    assert row["address"] == "가" * 200
    assert row["address_detail"] == "🏯" * 200
    assert missing(row["class_division_code"])
    assert row["legacy_category_code_1"] == "A" * 20
    assert orjson.loads(row["unusable_values"]) == {
        "title": {"reason": "too_long", "received": "궁 " * 50},
        "address": {"reason": "too_long", "received": "가" * 100},
        "class_division_code": {"reason": "too_long", "received": "N" * 21},
    }


def test_a_title_may_hold_brackets_and_a_byte_order_mark_does_no_harm() -> None:
    assert row_of(title="연극 ‹햄릿› <앵콜>")["title"] == "연극 ‹햄릿› <앵콜>"
    assert row_of(title="\ufeff경복궁")["title"].endswith("경복궁")


def test_one_bad_item_does_not_touch_its_neighbours() -> None:
    alone = places(stored([place()])).rows
    among = places(stored([place(contentid="1", title=""), place(), place(contentid="x")])).rows
    pd.testing.assert_frame_equal(alone.reset_index(drop=True), among.reset_index(drop=True))


def test_no_items_make_no_rows_and_no_rejections() -> None:
    made = places(stored([place()]).iloc[:0])
    assert (len(made.rows), len(made.rejected)) == (0, 0)


@settings(max_examples=40, deadline=None)
@given(st.lists(items, min_size=1, max_size=6), st.data())
def test_every_item_is_either_a_row_or_rejected_and_chunks_make_no_difference(
    received: list[dict[str, object]], data: st.DataObject
) -> None:
    frame = stored(received)
    whole = places(frame)
    made, rejected = whole.rows["content_id"].tolist(), whole.rejected["content_id"].tolist()
    assert sorted([*made, *rejected]) == sorted(frame["content_id"])
    assert len(whole.rows) + len(whole.rejected) == len(frame)
    assert whole.rejected["reason"].notna().all()
    assert whole.rows["title"].notna().all()

    cut = data.draw(st.integers(0, len(frame)))
    chunks = [places(chunk) for chunk in (frame.iloc[:cut], frame.iloc[cut:]) if len(chunk)]
    for part, all_at_once in (("rows", whole.rows), ("rejected", whole.rejected)):
        joined = [getattr(chunk, part) for chunk in chunks if len(getattr(chunk, part))]
        if joined:
            pd.testing.assert_frame_equal(
                pd.concat(joined, ignore_index=True), all_at_once.reset_index(drop=True), check_dtype=False
            )
        else:
            assert len(all_at_once) == 0


PLAIN_COPIES = {
    "contentid": "content_id", "contenttypeid": "content_type_id", "lclsSystm1": "class_division_code",
    "lclsSystm2": "class_group_code", "lclsSystm3": "class_code", "areacode": "legacy_area_code",
    "sigungucode": "legacy_sigungu_code", "cat1": "legacy_category_code_1", "cat2": "legacy_category_code_2",
    "cat3": "legacy_category_code_3", "cpyrhtDivCd": "image_licence",
}  # fmt: skip


@pytest.mark.recorded
def test_recorded_rows_come_out_as_they_were_received(recorded_data: Path) -> None:
    received = {str(row["contentid"]): row for row in recorded_rows(recorded_data)}
    made = places(stored(list(received.values())))
    assert len(made.rejected) == 0
    assert len(made.rows) == len(received)
    sources = [received[content_id] for content_id in made.rows["content_id"]]
    for field, name in PLAIN_COPIES.items():
        assert made.rows[name].fillna("").tolist() == [row[field] for row in sources], name

    def squeezed(text: object) -> str:
        return "".join(str(text).replace("¸", ",").replace("&amp;", "&").split())

    assert [squeezed(title) for title in made.rows["title"]] == [squeezed(row["title"]) for row in sources]
    for field, name in (("createdtime", "created_at"), ("modifiedtime", "modified_at")):
        assert made.rows[name].dt.strftime("%Y%m%d%H%M%S").tolist() == [row[field] for row in sources]
    for field, name in (("firstimage", "image_url"), ("firstimage2", "thumbnail_url")):
        assert made.rows[name].fillna("").tolist() == [
            str(row[field]).replace("http://", "https://") for row in sources
        ]
    located = made.rows["latitude"].notna().tolist()
    for field, name in (("mapx", "longitude"), ("mapy", "latitude")):
        assert [value for value in made.rows[name] if pd.notna(value)] == [
            float(str(row[field])) for row, there in zip(sources, located, strict=True) if there
        ]
    assert 0.99 < sum(located) / len(located) < 1
    assert made.rows.loc[[not there for there in located], "coordinates_problem"].notna().all()


@pytest.mark.recorded
def test_the_recorded_placeholders_for_no_coordinates_are_all_recognised(recorded_data: Path) -> None:
    received = {str(row["contentid"]): row for row in recorded_rows(recorded_data)}
    made = places(stored(list(received.values()))).rows
    problems = made.set_index("content_id")["coordinates_problem"].dropna()
    assert 10 < len(problems) < 100
    for content_id, problem in problems.items():
        x, y = (float(str(received[str(content_id)][name])) for name in ("mapx", "mapy"))
        assert not (124 <= x <= 132 and 33 <= y <= 39), content_id
        assert problem == ("zero" if (x, y) == (0, 0) else "outside_korea")


def test_every_field_that_becomes_a_column_is_one_that_the_list_sends() -> None:
    assert set(FIELDS) <= set(place())
