"""The facts about regions hold together, and agree with the government's tables where these are at hand."""

import csv
import math

import pytest

from weatherflick_assets.korea.regions import (
    CURRENT_REGION_CODE_OF,
    GWANGJU_WARD_CODES,
    REGION_CODES,
    REGIONS,
    SERVING_REGIONS,
    UNASSIGNED,
    Region,
    ServingRegion,
    current_sigungu_code_of,
    kto_area_code,
    sigungu_table,
)
from weatherflick_assets_tests.recorded import REFERENCE

SIGUNGU_CODES = {(sigungu.region_code, sigungu.sigungu_code) for sigungu in sigungu_table()}
KTO_AREA_CODES = [*map(str, range(1, 9)), *map(str, range(31, 40))]


def kma_cell(latitude: float, longitude: float) -> tuple[int, int]:
    """KMA's Lambert conformal conic projection, as published with its forecast service: 5 km cells, 30° and 60° true."""
    radius, first, second = 6371.00877 / 5.0, math.radians(30.0), math.radians(60.0)
    origin_longitude, origin_latitude = math.radians(126.0), math.radians(38.0)

    def tangent(angle: float) -> float:
        return math.tan(math.pi / 4 + angle / 2)

    cone = math.log(math.cos(first) / math.cos(second)) / math.log(tangent(second) / tangent(first))
    scale = tangent(first) ** cone * math.cos(first) / cone
    distance = radius * scale / tangent(math.radians(latitude)) ** cone
    origin_distance = radius * scale / tangent(origin_latitude) ** cone
    angle = (math.radians(longitude) - origin_longitude) * cone
    x = distance * math.sin(angle) + 43
    y = origin_distance - distance * math.cos(angle) + 136
    return math.floor(x + 0.5), math.floor(y + 0.5)


def reference_rows(name: str) -> list[dict[str, str]]:
    path = REFERENCE / name
    if not path.exists():
        pytest.skip(f"the reference table {path} is not here, so nothing was compared with it")
    return list(csv.DictReader(path.read_text(encoding="utf-8-sig").splitlines()))


def test_there_are_sixteen_regions_in_the_order_of_their_codes() -> None:
    assert REGION_CODES == (
        "11", "12", "26", "27", "28", "30", "31", "36110", "41", "43", "44", "47", "48", "50", "51", "52",
    )  # fmt: skip


def test_unassigned_is_not_a_region() -> None:
    assert UNASSIGNED not in REGION_CODES
    assert UNASSIGNED not in CURRENT_REGION_CODE_OF


def test_every_kto_area_code_is_reached_exactly_once() -> None:
    reached = [code for region in REGIONS for code in region.kto_area_codes]
    assert sorted(reached, key=int) == KTO_AREA_CODES


@pytest.mark.parametrize(
    ("former", "current"), [("29", "12"), ("46", "12"), ("42", "51"), ("45", "52"), ("36", "36110")]
)
def test_a_former_region_code_leads_to_the_current_one(former: str, current: str) -> None:
    assert CURRENT_REGION_CODE_OF[former] == current


def test_a_current_region_code_leads_to_itself() -> None:
    assert all(CURRENT_REGION_CODE_OF[code] == code for code in REGION_CODES)


def test_no_code_belongs_to_two_regions() -> None:
    codes = [code for region in REGIONS for code in (region.region_code, *region.former_region_codes)]
    assert len(codes) == len(set(codes)) == len(CURRENT_REGION_CODE_OF)


def test_no_spelling_belongs_to_two_regions_and_each_region_has_its_own_names() -> None:
    spellings = [spelling for region in REGIONS for spelling in region.address_prefixes]
    assert len(spellings) == len(set(spellings))
    for region in REGIONS:
        assert {region.name, region.short_name} <= set(region.address_prefixes)


def test_the_wards_of_gwangju_are_area_5_and_the_rest_of_region_12_is_area_38() -> None:
    areas = {sigungu.name: kto_area_code("12", sigungu.sigungu_code) for sigungu in sigungu_table()
             if sigungu.region_code == "12"}  # fmt: skip
    assert {name for name, area in areas.items() if area == "5"} == {"동구", "서구", "남구", "북구", "광산구"}
    assert set(areas.values()) == {"5", "38"}
    assert kto_area_code("12", None) == "38"
    assert {("12", code) for code in GWANGJU_WARD_CODES} <= SIGUNGU_CODES


def test_the_other_regions_have_one_area_whatever_the_sigungu() -> None:
    assert kto_area_code("50", "110") == kto_area_code("50", "210") == kto_area_code("50", None) == "39"
    assert kto_area_code("36110", "36110") == "8"


@pytest.mark.parametrize("code", [UNASSIGNED, "46", "", "99"])
def test_a_code_that_is_no_current_region_has_no_area(code: str) -> None:
    with pytest.raises(KeyError):
        kto_area_code(code, None)


@pytest.mark.parametrize("region", REGIONS, ids=lambda region: region.english_name)
def test_the_grid_cell_of_a_region_is_the_one_its_coordinates_fall_in(region: Region) -> None:
    assert (region.kma_nx, region.kma_ny) == kma_cell(region.latitude, region.longitude)


@pytest.mark.parametrize("region", SERVING_REGIONS, ids=lambda region: region.english_name)
def test_the_grid_cell_of_a_served_region_is_the_one_its_coordinates_fall_in(region: ServingRegion) -> None:
    assert (region.grid_x, region.grid_y) == kma_cell(region.latitude, region.longitude)


def test_the_backend_gets_the_seventeen_areas_under_the_names_and_codes_it_expects() -> None:
    served = {region.kto_area_code: (region.name, region.administrative_code) for region in SERVING_REGIONS}
    assert list(served) == KTO_AREA_CODES
    assert served == {
        "1": ("서울", "11"), "2": ("인천", "28"), "3": ("대전", "30"), "4": ("대구", "27"), "5": ("광주", "29"),
        "6": ("부산", "26"), "7": ("울산", "31"), "8": ("세종", "36"), "31": ("경기", "41"), "32": ("강원", "51"),
        "33": ("충북", "43"), "34": ("충남", "44"), "35": ("경북", "47"), "36": ("경남", "48"), "37": ("전북", "52"),
        "38": ("전남", "46"), "39": ("제주", "50"),
    }  # fmt: skip


def test_a_served_region_comes_from_the_region_that_its_administrative_code_leads_to() -> None:
    for region in SERVING_REGIONS:
        assert CURRENT_REGION_CODE_OF[region.administrative_code] == region.region_code


def test_sejong_has_one_code_at_both_levels() -> None:
    assert [pair for pair in SIGUNGU_CODES if pair[0] == "36110"] == [("36110", "36110")]


def test_every_region_has_sigungu_and_no_pair_of_codes_comes_twice() -> None:
    assert {region_code for region_code, _ in SIGUNGU_CODES} == set(REGION_CODES)
    assert len(SIGUNGU_CODES) == len(sigungu_table())


def test_former_sigungu_codes_are_converted_and_not_carried_over() -> None:
    assert current_sigungu_code_of()["46780"] == "750", "보성군; 12780 is 강진군"
    assert current_sigungu_code_of()["29200"] == "330", "광산구"
    assert current_sigungu_code_of()["45111"] == "111", "전주시완산구"
    assert current_sigungu_code_of()["42820"] == "820", "고성군"


def test_every_sigungu_of_a_region_with_a_former_code_has_one_itself() -> None:
    reformed = {region.region_code for region in REGIONS if region.former_region_codes}
    for sigungu in sigungu_table():
        assert (sigungu.former_code is not None) == (sigungu.region_code in reformed), sigungu


def test_the_sigungu_are_those_of_the_government_table() -> None:
    official = {row["lawd_cd"]: (row["sido"], row["sigungu"]) for row in reference_rows("lawd_sigungu_2026.csv")}
    region_names = {region.region_code: region.name for region in REGIONS}
    ours = {
        sigungu.region_code[:2] + sigungu.sigungu_code[-3:]: (region_names[sigungu.region_code], sigungu.name)
        for sigungu in sigungu_table()
    }
    assert ours == official


def test_the_forecast_regions_are_those_of_the_kma_table() -> None:
    rows = reference_rows("mid_regid.csv")
    for operation, used in (
        ("getMidLandFcst", {code for region in REGIONS for code in region.kma_land_region_ids}),
        ("getMidTa", {code for region in REGIONS for code in region.kma_temperature_region_ids}),
    ):
        assert used <= {row["regId"] for row in rows if row["op"] == operation}


LAND_FORECASTS = {
    "11B00000": ("서울.인천.경기", {"11", "28", "41"}), "11C10000": ("충청북도", {"43"}),
    "11C20000": ("충청남도", {"30", "36110", "44"}), "11D10000": ("강원영서", {"51"}), "11D20000": ("강원영동", {"51"}),
    "11F10000": ("전북자치도", {"52"}), "11F20000": ("전라남도", {"12"}), "11G00000": ("제주도", {"50"}),
    "11H10000": ("경상북도", {"27", "47"}), "11H20000": ("경상남도", {"26", "31", "48"}),
}  # fmt: skip
"""What KMA calls each of its land forecast regions, and the regions that lie in it."""


def test_every_region_is_in_the_land_forecast_of_its_part_of_the_country() -> None:
    ours = {
        code: {region.region_code for region in REGIONS if code in region.kma_land_region_ids}
        for region in REGIONS
        for code in region.kma_land_region_ids
    }
    assert ours == {code: regions for code, (_, regions) in LAND_FORECASTS.items()}


def test_the_land_forecasts_are_called_so_by_kma() -> None:
    names = {row["regId"]: row["name"] for row in reference_rows("mid_regid.csv") if row["op"] == "getMidLandFcst"}
    assert {code: names[code] for code in LAND_FORECASTS} == {code: name for code, (name, _) in LAND_FORECASTS.items()}


def test_the_temperatures_of_a_region_are_those_of_its_seat_and_its_other_parts() -> None:
    names = {row["regId"]: row["name"] for row in reference_rows("mid_regid.csv") if row["op"] == "getMidTa"}
    assert {region.short_name: [names[code] for code in region.kma_temperature_region_ids] for region in REGIONS} == {
        "서울": ["서울"], "전남광주": ["광주", "목포"], "부산": ["부산"], "대구": ["대구"], "인천": ["인천"], "대전": ["대전"],
        "울산": ["울산"], "세종": ["세종"], "경기": ["수원"], "충북": ["청주"], "충남": ["홍성"], "경북": ["안동", "포항"],
        "경남": ["창원"], "제주": ["제주", "서귀포"], "강원": ["춘천", "강릉"], "전북": ["전주"],
    }  # fmt: skip


def test_airkorea_calls_the_regions_by_the_seventeen_names_of_before_the_merger() -> None:
    names = [name for region in REGIONS for name in region.airkorea_names]
    assert sorted(names) == sorted(region.name for region in SERVING_REGIONS)


def test_the_districts_of_an_area_are_those_that_its_area_code_is_given_to() -> None:
    named = {area.kto_area_code: set(area.sigungu_codes) for area in SERVING_REGIONS if area.sigungu_codes}
    assert set(named) == {"5"}
    for sigungu in sigungu_table():
        area = kto_area_code(sigungu.region_code, sigungu.sigungu_code)
        assert (area == "5") == (sigungu.region_code == "12" and sigungu.sigungu_code in named["5"]), sigungu


def test_the_merged_region_has_the_districts_of_both_and_none_of_their_former_codes_is_official_any_more() -> None:
    official = {row["lawd_cd"] for row in reference_rows("lawd_sigungu_2026.csv")}
    merged = [sigungu for sigungu in sigungu_table() if sigungu.region_code == "12"]
    assert {(sigungu.former_code or "")[:2] for sigungu in merged} == {"29", "46"}
    assert {code[:2] for code in official}.isdisjoint({"29", "42", "45", "46"})
    assert {code for code in official if code.startswith("36")} == {"36110"}
