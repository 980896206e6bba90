"""Rows of codes from what the code operations answer: every level, every code once, whatever comes."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from weatherflick_assets.places.transform.codes import (
    CODE_COLUMNS,
    Items,
    areas,
    categories,
    classes,
    joined,
    legal_districts,
)
from weatherflick_assets_tests.places.transform.received import values

CLASS = {
    "lclsSystm1Cd": "AC", "lclsSystm1Nm": "숙박", "lclsSystm2Cd": "AC05", "lclsSystm2Nm": "캠핑", "lclsSystm3Cd": "AC050100",
    "lclsSystm3Nm": "일반야영장", "rnum": 1,
}  # fmt: skip
DISTRICT = {"lDongRegnCd": "12", "lDongRegnNm": "전남광주", "lDongSignguCd": "210", "lDongSignguNm": "동구", "rnum": 1}
SEJONG = {"lDongRegnCd": "36110", "lDongRegnNm": "세종", "lDongSignguCd": "36110", "lDongSignguNm": "세종", "rnum": 2}


def triples(rows: object) -> list[tuple[str, str, str | None]]:
    return [(row.code, row.name, row.parent_code) for row in rows.itertuples(index=False)]  # type: ignore[attr-defined]


def test_a_class_comes_with_the_levels_above_it_each_once() -> None:
    rows = classes([CLASS, {**CLASS, "lclsSystm3Cd": "AC050200", "lclsSystm3Nm": "자동차야영장"}], [7, 8])
    assert triples(rows) == [
        ("AC", "숙박", None),
        ("AC05", "캠핑", "AC"),
        ("AC050100", "일반야영장", "AC05"),
        ("AC050200", "자동차야영장", "AC05"),
    ]
    assert rows["level"].tolist() == [1, 2, 3, 3]
    assert rows["source_response_id"].tolist() == [8, 8, 7, 8]


def test_a_class_belongs_to_the_kind_of_place_that_its_longest_official_code_names() -> None:
    assert classes([CLASS], [1])["content_type_id"].tolist() == ["32", "28", "28"]


def test_a_district_gets_its_five_digit_code_and_sejong_keeps_its_own() -> None:
    rows = legal_districts([DISTRICT, SEJONG], [1, 1])
    assert triples(rows[rows["code_space"] == "region"]) == [("12", "전남광주", None), ("36110", "세종", None)]
    assert triples(rows[rows["code_space"] == "sigungu"]) == [("12210", "동구", "12"), ("36110", "세종", "36110")]


def test_a_former_district_is_named_with_its_area() -> None:
    assert triples(areas([{"code": "1", "name": "서울", "rnum": 1}], [1])) == [("1", "서울", None)]
    assert triples(areas([{"code": "23", "name": "종로구", "rnum": 1}], [1], "1")) == [("1-23", "종로구", "1")]


def test_categories_are_of_the_level_and_below_the_one_they_were_asked_for() -> None:
    rows = categories([{"code": "A0101", "name": "자연관광지", "rnum": 1}], [1], 2, "A01")
    assert triples(rows) == [("A0101", "자연관광지", "A01")]
    assert rows["level"].tolist() == [2]


def test_one_code_with_two_names_stays_twice_for_the_judge() -> None:
    assert len(joined([areas([{"code": "1", "name": name}], [1]) for name in ("서울", "서울", "다른 이름")])) == 2


def test_blank_codes_and_names_are_missing() -> None:
    rows = legal_districts([{**DISTRICT, "lDongSignguCd": " ", "lDongRegnNm": None}], [1])
    assert rows["code"].tolist() == ["12", None]
    assert rows["name"].tolist() == [None, "동구"]


_ITEMS = st.lists(st.fixed_dictionaries({}, optional={**dict.fromkeys([*CLASS, *DISTRICT, "code", "name"], values)}))


@pytest.mark.parametrize(
    "transform",
    [
        classes,
        legal_districts,
        areas,
        lambda items, ids: areas(items, ids, "1"),
        lambda items, ids: categories(items, ids, 1),
    ],
    ids=["classes", "legal districts", "areas", "former districts", "categories"],
)
@given(items=_ITEMS)
def test_no_item_makes_a_transform_fail_and_no_row_comes_twice(transform: object, items: Items) -> None:
    rows = transform(items, [1] * len(items))  # type: ignore[operator]
    assert tuple(rows.columns) == CODE_COLUMNS
    assert not rows.duplicated(["code_space", "code", "name", "parent_code"]).any()
    assert {type(code) for code in rows["code"]} <= {str, type(None)}
