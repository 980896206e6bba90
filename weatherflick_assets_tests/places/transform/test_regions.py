"""Each rule by which a place gets its region, and how often the coordinates alone are right."""

import gzip
import json

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from weatherflick_assets.korea.geography import regions_of_points
from weatherflick_assets.korea.regions import (
    CURRENT_REGION_CODE_OF,
    REGION_CODES,
    REGIONS,
    UNASSIGNED,
    Region,
    sigungu_table,
)
from weatherflick_assets.places.transform.regions import place_of_address, resolve_regions
from weatherflick_assets_tests.recorded import RECORDED

COLUMNS = ("lDongRegnCd", "lDongSignguCd", "addr1", "mapx", "mapy")
SEOUL = ("126.9767375783", "37.5760836609")
NO_COORDINATES = [
    ("", ""), (None, None), ("0", "0"), ("117.9925662504", "19.6944274800"), ("9.9997", "9.9998"), ("46505448", "0"),
    ("12.797", "37.5"), ("not a number", "37.5"), ("nan", "inf"), ("1e999", "37.5"), ("9" * 5_000, "37.5"), ("12_6.9", "37.5"), ("0x7E", "37.5"), ("37.5760836609", "126.9767375783"),
]  # fmt: skip
NATIONWIDE = RECORDED / "kto/list_reduced_2025-08/nationwide_reduced.jsonl.gz"


def resolve(*rows: tuple[str | None, ...]) -> list[tuple[str, str | None, str]]:
    resolved = resolve_regions(pd.DataFrame(list(rows), columns=list(COLUMNS)))
    return list(resolved.itertuples(index=False, name=None))


def resolve_one(
    region: str | None = "", sigungu: str | None = "", address: str | None = "", x: str | None = "", y: str | None = ""
) -> tuple[str, str | None, str]:
    (result,) = resolve((region, sigungu, address, x, y))
    return result


# --- by code ---------------------------------------------------------------------------------------------------------


def test_a_row_keeps_its_codes_whatever_its_address_and_coordinates_say() -> None:
    assert resolve_one("26", "230", "서울특별시 종로구 사직로 161", *SEOUL) == ("26", "230", "code")


def test_sejong_has_five_digits_at_both_levels() -> None:
    assert resolve_one("36110", "36110") == ("36110", "36110", "code")


@pytest.mark.parametrize(
    ("region", "sigungu", "expected"),
    [
        ("29", "200", ("12", "330", "former_code")),
        ("46", "780", ("12", "750", "former_code")),
        ("42", "150", ("51", "150", "former_code")),
        ("45", "111", ("52", "111", "former_code")),
        ("36", "110", ("36110", "36110", "former_code")),
        ("46", "999", ("12", None, "former_code")),
        ("46", None, ("12", None, "former_code")),
    ],
)
def test_former_codes_become_the_current_ones(region: str, sigungu: str, expected: tuple[str, str | None, str]) -> None:
    assert resolve_one(region, sigungu) == expected


def test_a_row_without_a_sigungu_code_gets_it_from_its_address() -> None:
    assert resolve_one("11", "", "서울특별시 강서구 하늘길 112") == ("11", "500", "code")
    assert resolve_one("46", "", "전라남도 보성군 보성읍") == ("12", "750", "former_code")


def test_an_address_in_another_region_gives_no_sigungu() -> None:
    assert resolve_one("11", "", "부산광역시 중구 광복로 1") == ("11", None, "code")


def test_an_unknown_code_is_no_code() -> None:
    assert resolve_one("99", "110", "제주특별자치도 서귀포시 성산읍") == ("50", "130", "address")
    assert resolve_one("99", "110") == (UNASSIGNED, None, "unassigned")


# --- by address ------------------------------------------------------------------------------------------------------


def test_the_recorded_row_2946402_without_codes_is_placed_by_its_address() -> None:
    address, x, y = "전북특별자치도 전주시 완산구 교동 산7-3 한벽당", "127.1606634986", "35.8119286687"
    assert resolve_one("", "", address, x, y) == ("52", "111", "address")


@pytest.mark.parametrize("region", REGIONS, ids=lambda region: region.english_name)
def test_every_spelling_of_a_region_is_understood(region: Region) -> None:
    for spelling in region.address_prefixes:
        assert place_of_address(spelling)[0] == region.region_code
        assert place_of_address(f"  {spelling}  어느길 12")[0] == region.region_code


@pytest.mark.parametrize(
    ("address", "expected"),
    [
        ("전라북도 전주시 덕진구 백제대로 771", ("52", "113")),
        ("전북 전주시 덕진구 백제대로 771", ("52", "113")),
        ("강원도 고성군 토성면", ("51", "820")),
        ("경남 고성군 고성읍", ("48", "820")),
        ("광주광역시 동구 증심사길", ("12", "210")),
        ("광주 북구 무등로", ("12", "300")),
        ("전라남도 목포시 상동", ("12", "110")),
        ("전남광주통합특별시 동구 증심사길", ("12", "210")),
        ("전남광주통합특별시 담양군 담양읍", ("12", "710")),
        ("서울특별 중구 장충단로", ("11", "140")),
        ("울산시 남구 삼산로 282", ("31", "140")),
        ("세종특별자치시 한누리대로 2130", ("36110", "36110")),
        ("세종시 한솔동", ("36110", "36110")),
        ("제주도 서귀포시 안덕면", ("50", "130")),
    ],
)
def test_old_and_short_names_are_understood(address: str, expected: tuple[str, str]) -> None:
    assert place_of_address(address) == expected


@pytest.mark.parametrize(
    ("address", "expected"),
    [
        ("   전북특별자치도   전주시\t완산구 교동", ("52", "111")),
        ("전라북도전주시완산구 교동", ("52", "111")),
        ("경기도수원시 팔달구 정조로", ("41", "115")),
        ("서울강남구 도산대로", ("11", "680")),
        ("부산진구 가야대로", ("26", "230")),
        ("제주시 애월읍", ("50", "110")),
    ],
)
def test_spaces_may_be_too_many_or_missing(address: str, expected: tuple[str, str]) -> None:
    assert place_of_address(address) == expected


@pytest.mark.parametrize("address", ["", "   ", "미상", "13-29,", "18,", "세종로 12", "광주시 오포읍", "사직로 161"])
def test_what_names_no_region_gives_none(address: str) -> None:
    assert place_of_address(address) == (None, None)


def test_the_city_of_gwangju_in_gyeonggi_is_not_the_former_metropolis() -> None:
    assert place_of_address("경기도 광주시 남한산성면") == ("41", "610")


@pytest.mark.parametrize("address", ["경기도 수원시 정조로 825", "서울특별시", "인천광역시 중구 공항로"])
def test_an_ambiguous_or_abolished_sigungu_is_left_open(address: str) -> None:
    region_code, sigungu_code = place_of_address(address)
    assert region_code is not None
    assert sigungu_code is None


def test_every_undivided_sigungu_is_found_by_its_name() -> None:
    names = {(sigungu.region_code, sigungu.name) for sigungu in sigungu_table()}
    for sigungu in sigungu_table():
        is_divided = any(code == sigungu.region_code and name != sigungu.name and name.startswith(sigungu.name)
                         for code, name in names)  # fmt: skip
        expected = None if is_divided else sigungu.sigungu_code
        region = next(region for region in REGIONS if region.region_code == sigungu.region_code)
        assert place_of_address(f"{region.name} {sigungu.name} 1") == (sigungu.region_code, expected)


# --- by coordinates --------------------------------------------------------------------------------------------------


def test_coordinates_decide_where_nothing_else_does() -> None:
    assert resolve_one("", "", "미상", *SEOUL) == ("11", None, "coordinates")
    assert resolve_one(None, None, None, *SEOUL) == ("11", None, "coordinates")


@pytest.mark.parametrize(("x", "y"), NO_COORDINATES)
def test_without_code_address_or_coordinates_in_korea_a_row_is_unassigned(x: str | None, y: str | None) -> None:
    assert resolve_one("", "", "", x, y) == (UNASSIGNED, None, "unassigned")


@pytest.mark.parametrize(
    ("place", "longitude", "latitude", "region_code"),
    [
        ("독도", 131.8669, 37.2411, "47"),
        ("울릉도", 130.9057, 37.4845, "47"),
        ("마라도", 126.2686, 33.1172, "50"),
        ("추자도", 126.2967, 33.9633, "50"),
        ("백령도", 124.7150, 37.9740, "28"),
        ("흑산도", 125.4350, 34.6840, "12"),
        ("거문도", 127.3080, 34.0290, "12"),
        ("군위군", 128.5728, 36.2428, "27"),
        ("통일전망대", 128.3745, 38.5860, "51"),
    ],
)
def test_islands_and_outlying_counties_are_found(
    place: str, longitude: float, latitude: float, region_code: str
) -> None:
    assert list(regions_of_points([longitude], [latitude])) == [region_code], place


@pytest.mark.parametrize(
    ("place", "longitude", "latitude"),
    [("평양", 125.7625, 39.0), ("쓰시마", 129.2880, 34.2030), ("황해", 124.5, 36.0), ("동해", 130.2, 37.8)],
)
def test_what_is_far_from_korea_is_in_no_region(place: str, longitude: float, latitude: float) -> None:
    assert list(regions_of_points([longitude], [latitude])) == [None], place


@pytest.mark.parametrize("region", REGIONS, ids=lambda region: region.english_name)
def test_the_seat_of_every_region_lies_in_it(region: Region) -> None:
    assert list(regions_of_points([region.longitude], [region.latitude])) == [region.region_code]


def test_points_may_come_in_any_number_of_rows() -> None:
    assert regions_of_points([], []).shape == (0,)
    assert regions_of_points([[126.98, np.nan]], [[37.57, 37.57]]).tolist() == [["11", None]]


# --- as a whole ------------------------------------------------------------------------------------------------------


def test_the_index_is_kept_and_columns_may_be_missing() -> None:
    frame = pd.DataFrame({"addr1": ["부산 중구", None, "미상"]}, index=[7, 7, 3])
    resolved = resolve_regions(frame)
    assert list(resolved.index) == [7, 7, 3]
    assert resolved.to_dict("list") == {
        "region_code": ["26", UNASSIGNED, UNASSIGNED],
        "sigungu_code": ["110", None, None],
        "region_source": ["address", "unassigned", "unassigned"],
    }


def test_no_rows_give_no_rows() -> None:
    resolved = resolve_regions(pd.DataFrame({column: [] for column in COLUMNS}))
    assert list(resolved.columns) == ["region_code", "sigungu_code", "region_source"]
    assert resolved.empty


def test_the_frame_received_is_left_as_it_was() -> None:
    frame = pd.DataFrame([("46", "780", "", "", ""), ("", "", "제주시", "", "")], columns=list(COLUMNS))
    before = frame.copy(deep=True)
    resolve_regions(frame)
    pd.testing.assert_frame_equal(frame, before)


SPELLINGS = [spelling for region in REGIONS for spelling in region.address_prefixes]
ROWS = st.lists(
    st.tuples(
        st.sampled_from(["", None, "99", *CURRENT_REGION_CODE_OF]),
        st.sampled_from(["", None, "110", "200", "780", "36110", "999"]),
        st.none()
        | st.text(max_size=8)
        | st.tuples(st.sampled_from(SPELLINGS), st.sampled_from(["", " ", "  "]),
                    st.sampled_from([sigungu.name for sigungu in sigungu_table()])).map("".join),
        st.none() | st.text(max_size=6) | st.floats(123.0, 133.0).map(str),
        st.none() | st.text(max_size=6) | st.floats(32.0, 40.0).map(str),
    ),
    max_size=12,
)  # fmt: skip


@given(rows=ROWS)
def test_a_row_is_resolved_as_if_it_were_alone(rows: list[tuple[str | None, ...]]) -> None:
    assert resolve(*rows) == [resolve(row)[0] for row in rows]


@given(data=st.data(), rows=ROWS)
def test_the_order_of_the_rows_does_not_matter(data: st.DataObject, rows: list[tuple[str | None, ...]]) -> None:
    order = data.draw(st.permutations(range(len(rows))))
    together = resolve(*rows)
    assert resolve(*(rows[position] for position in order)) == [together[position] for position in order]


@given(rows=ROWS)
def test_every_result_is_a_region_or_unassigned_and_says_how_it_was_found(rows: list[tuple[str | None, ...]]) -> None:
    for region_code, sigungu_code, source in resolve(*rows):
        if source == "unassigned":
            assert (region_code, sigungu_code) == (UNASSIGNED, None)
        else:
            assert region_code in REGION_CODES
            assert source in {"code", "former_code", "address", "coordinates"}


# --- against what the upstream really sends --------------------------------------------------------------------------


@pytest.mark.recorded
def test_coordinates_alone_place_at_least_97_percent_of_the_listed_places_rightly() -> None:
    if not NATIONWIDE.exists():
        pytest.skip(f"the recorded data are not at {RECORDED}: the accuracy was NOT measured")
    with gzip.open(NATIONWIDE, "rt", encoding="utf-8") as lines:
        rows = pd.DataFrame(json.loads(line) for line in lines)
    by_address = resolve_regions(pd.DataFrame({"addr1": rows["region_or_addr"]}))
    by_coordinates = resolve_regions(pd.DataFrame({"mapx": rows["mapx"], "mapy": rows["mapy"]}))
    known = (by_address["region_source"] == "address").to_numpy()
    right = (by_address["region_code"] == by_coordinates["region_code"]).to_numpy()[known]
    print(f"coordinates alone: {right.mean():.2%} of {known.sum():,} places in the right region")  # noqa: T201
    assert known.sum() > 49_000
    assert right.mean() >= 0.97
