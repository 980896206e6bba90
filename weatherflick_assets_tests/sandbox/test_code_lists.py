"""The code lists."""

from itertools import islice

import pytest

from weatherflick_assets.sandbox.server import RunningSandbox
from weatherflick_assets_tests.sandbox.calling import ask, everything

REGIONS = "11 26 27 28 30 31 36110 41 43 44 47 48 50 51 52 12".split()  # noqa: SIM905 - reads as the list it is


def test_there_are_16_regions_and_each_has_its_districts(hamlet: RunningSandbox) -> None:
    regions = everything(hamlet, "ldongCode2")
    assert [region["code"] for region in regions] == REGIONS
    assert list(regions[0]) == ["rnum", "code", "name"]
    districts = {code: everything(hamlet, "ldongCode2", lDongRegnCd=code) for code in REGIONS}
    assert [(place["code"], place["name"]) for place in districts["50"]] == [("110", "제주시"), ("130", "서귀포시")]
    assert [place["code"] for place in districts["36110"]] == ["36110"]
    assert sum(map(len, districts.values())) == 269


def test_the_whole_list_of_districts_names_both_levels(hamlet: RunningSandbox) -> None:
    rows = everything(hamlet, "ldongCode2", lDongListYn="Y")
    assert list(rows[0]) == ["lDongRegnCd", "lDongRegnNm", "lDongSignguCd", "lDongSignguNm", "rnum"]
    assert [row["rnum"] for row in rows] == list(range(1, 270))
    codes = {(row["lDongRegnCd"], row["lDongSignguCd"]) for row in rows}
    assert {("12", "210"), ("12", "870"), ("28", "125"), ("52", "111")} <= codes
    assert not {("28", "110"), ("29", "110"), ("46", "110")} & codes
    assert everything(hamlet, "ldongCode2", lDongListYn="Y", lDongRegnCd="31")[0]["rnum"] == 1


def test_classes_are_listed_level_by_level_and_as_a_whole(hamlet: RunningSandbox) -> None:
    whole = everything(hamlet, "lclsSystmCode2", lclsSystmListYn="Y")
    assert [*islice(whole[0], 7)] == [f"lclsSystm{n}{what}" for n in (1, 2, 3) for what in ("Cd", "Nm")] + ["rnum"]
    assert len(whole) == 245
    large = everything(hamlet, "lclsSystmCode2")
    assert list(large[0]) == ["code", "name", "rnum"]
    assert [row["code"] for row in large] == ["AC", "C01", "EV", "EX", "FD", "HS", "LS", "NA", "SH", "VE"]
    smallest = []
    for one in large:
        for two in everything(hamlet, "lclsSystmCode2", lclsSystm1=one["code"]):
            smallest += everything(hamlet, "lclsSystmCode2", lclsSystm1=one["code"], lclsSystm2=two["code"])
    assert [(row["code"], row["name"]) for row in smallest] == [
        (row["lclsSystm3Cd"], row["lclsSystm3Nm"]) for row in whole
    ]


def test_one_class_in_use_is_missing_from_every_list(korea: RunningSandbox) -> None:
    listed = {row["lclsSystm3Cd"] for row in everything(korea, "lclsSystmCode2", lclsSystmListYn="Y")}
    used = {row["lclsSystm3"] for row in everything(korea, "areaBasedList2")}
    assert used - listed == {"EX050800"}


def test_the_legacy_areas_are_still_answered(hamlet: RunningSandbox) -> None:
    areas = everything(hamlet, "areaCode2")
    assert len(areas) == 17
    assert areas[0] == {"rnum": 1, "code": "1", "name": "서울"}
    parts = {row["code"]: row["name"] for row in everything(hamlet, "areaCode2", areaCode="36")}
    assert parts["17"] == "통영시"
    assert ask(hamlet, "areaCode2", areaCode="999").content["items"] == ""


def test_the_legacy_categories_are_still_answered(hamlet: RunningSandbox) -> None:
    assert [row["code"] for row in everything(hamlet, "categoryCode2")] == [
        "A01",
        "A02",
        "A03",
        "A04",
        "A05",
        "B02",
        "C01",
    ]
    assert [row["code"] for row in everything(hamlet, "categoryCode2", contentTypeId="39")] == ["A05"]
    assert [row["code"] for row in everything(hamlet, "categoryCode2", cat1="A01")] == ["A0101", "A0102"]
    small = everything(hamlet, "categoryCode2", cat1="A05", cat2="A0502")
    assert ("A05020100", "한식") in {(row["code"], row["name"]) for row in small}


def test_code_lists_are_paged_like_any_list(hamlet: RunningSandbox) -> None:
    assert [row["rnum"] for row in ask(hamlet, "ldongCode2", pageNo=2).items] == [11, 12, 13, 14, 15, 16]


@pytest.mark.parametrize(
    ("operation", "fields"),
    [
        ("ldongCode2", {"lDongRegnCd": "lDongRegnCd", "lDongSignguCd": "lDongSignguCd"}),
        ("lclsSystmCode2", {"lclsSystm1Cd": "lclsSystm1", "lclsSystm2Cd": "lclsSystm2", "lclsSystm3Cd": "lclsSystm3"}),
    ],
)
def test_the_codes_of_rows_are_codes_of_the_lists(
    korea: RunningSandbox, operation: str, fields: dict[str, str]
) -> None:
    listed = (
        everything(korea, operation, lDongListYn="Y")
        if operation == "ldongCode2"
        else everything(korea, operation, lclsSystmListYn="Y")
    )
    known = {tuple(row[field] for field in fields) for row in listed}
    rows = everything(korea, "areaBasedList2", modifiedtime="20260318")
    used = {tuple(row[field] for field in fields.values()) for row in rows}
    assert {codes for codes in used if "" not in codes and "EX050800" not in codes} <= known
