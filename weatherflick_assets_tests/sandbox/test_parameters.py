"""Parameter errors: HTTP 200, flat JSON, in upstream's order."""

import re

import pytest

from weatherflick_assets.sandbox.server import RunningSandbox
from weatherflick_assets_tests.sandbox.calling import ask, everything

INVALID = "INVALID_REQUEST_PARAMETER_ERROR({})"
MISSING = "NO_MANDATORY_REQUEST_PARAMETERS_ERROR1({})"


def refused(sandbox: RunningSandbox, operation: str, **parameters: str | None) -> tuple[str, str]:
    reply = ask(sandbox, operation, **parameters)
    assert reply.status == 200
    assert list(reply.json) == ["responseTime", "resultCode", "resultMsg"]
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}", reply.json["responseTime"])
    return reply.json["resultCode"], reply.json["resultMsg"]


@pytest.mark.parametrize(
    "name", ["arrangeType", "listYN", "contentid", "contenttypeid", "defaultYN", "showflag", "areacode", "PageNo"]
)
def test_an_unknown_parameter_is_error_10_and_names_are_case_sensitive(hamlet: RunningSandbox, name: str) -> None:
    assert refused(hamlet, "areaBasedList2", **{name: "1"}) == ("10", INVALID.format(name))


@pytest.mark.parametrize("operation", ["areaBasedList2", "areaBasedSyncList2", "ldongCode2"])
@pytest.mark.parametrize("name", ["MobileOS", "MobileApp"])
@pytest.mark.parametrize("value", [None, ""])
def test_a_missing_or_blank_mandatory_parameter_is_error_11(
    hamlet: RunningSandbox, operation: str, name: str, value: str | None
) -> None:
    assert refused(hamlet, operation, **{name: value}) == ("11", MISSING.format(name))


def test_every_parameter_an_operation_requires_is_mandatory(hamlet: RunningSandbox) -> None:
    assert refused(hamlet, "searchKeyword2") == ("11", MISSING.format("keyword"))
    assert refused(hamlet, "locationBasedList2", mapX="127", mapY="37") == ("11", MISSING.format("radius"))


DETAIL_OF_A_TYPE = {"contentId": "126508", "contentTypeId": "12"}


@pytest.mark.parametrize(
    ("operation", "given", "missing"),
    [
        ("searchFestival2", {}, "eventStartDate"),
        ("searchFestival2", {"eventEndDate": "20260801"}, "eventStartDate"),
        ("detailCommon2", {}, "contentId"),
        ("detailCommon2", {"contentid": "126508"}, "contentId"),
        ("detailImage2", {"contentid": "126508", "imageYN": "Y"}, "contentId"),
        ("detailIntro2", {"contentId": "126508"}, "contentTypeId"),
        ("detailIntro2", {"contentTypeId": "12"}, "contentId"),
        ("detailInfo2", {"contentId": "126508", "contenttypeid": "12"}, "contentTypeId"),
    ],
)
def test_a_detail_or_festival_without_what_it_requires_is_error_11(
    hamlet: RunningSandbox, operation: str, given: dict[str, str], missing: str
) -> None:
    assert refused(hamlet, operation, **given) == ("11", MISSING.format(missing))


@pytest.mark.parametrize(
    ("operation", "given", "name"),
    [
        *(
            ("detailCommon2", {"contentId": "126508", name: "Y"}, name)
            for name in (
                "defaultYN",
                "firstImageYN",
                "areacodeYN",
                "catcodeYN",
                "addrinfoYN",
                "mapinfoYN",
                "overviewYN",
            )
        ),
        ("detailCommon2", {"contentId": "126508", "contentTypeId": "12"}, "contentTypeId"),
        ("detailIntro2", DETAIL_OF_A_TYPE | {"introYN": "Y"}, "introYN"),
        ("detailInfo2", DETAIL_OF_A_TYPE | {"detailYN": "Y"}, "detailYN"),
        ("detailImage2", {"contentId": "126508", "subImageYN": "Y"}, "subImageYN"),
        ("detailImage2", {"contentId": "126508", "imageYN": "y"}, "imageYN"),
        ("detailPetTour2", {"contentid": "126508"}, "contentid"),
        ("searchStay2", {"contentTypeId": "32"}, "contentTypeId"),
        ("searchStay2", {"hanOk": "1"}, "hanOk"),
        ("searchFestival2", {"eventStartDate": "20260701", "contentTypeId": "15"}, "contentTypeId"),
        ("searchFestival2", {"eventStartDate": "2026-07-01"}, "eventStartDate"),
        ("searchFestival2", {"eventStartDate": "20260701", "eventEndDate": "202608"}, "eventEndDate"),
    ],
)
def test_a_retired_or_invented_parameter_is_error_10(
    hamlet: RunningSandbox, operation: str, given: dict[str, str], name: str
) -> None:
    assert refused(hamlet, operation, **given) == ("10", INVALID.format(name))


def test_a_missing_parameter_is_reported_before_an_unknown_one(hamlet: RunningSandbox) -> None:
    assert refused(hamlet, "searchKeyword2", Keyword="강남") == ("11", MISSING.format("keyword"))


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("MobileOS", "ABC"),
        ("numOfRows", "0"),
        ("numOfRows", "ten"),
        ("numOfRows", "-1"),
        ("pageNo", "0"),
        ("pageNo", "1.5"),
        ("arrange", "Z"),
        ("arrange", "E"),
        ("arrange", "S"),
        ("modifiedtime", "26"),
        ("modifiedtime", "2026-07-01"),
    ],
)
def test_a_value_of_the_wrong_form_is_error_10(hamlet: RunningSandbox, name: str, value: str) -> None:
    assert refused(hamlet, "areaBasedList2", **{name: value}) == ("10", INVALID.format(name))


@pytest.mark.parametrize(("name", "value"), [("mapX", "east"), ("mapY", "nan"), ("radius", "20001"), ("radius", "1.5")])
def test_a_location_of_the_wrong_form_is_error_10(hamlet: RunningSandbox, name: str, value: str) -> None:
    location = {"mapX": "127", "mapY": "37", "radius": "1000"} | {name: value}
    assert refused(hamlet, "locationBasedList2", **location) == ("10", INVALID.format(name))


@pytest.mark.parametrize(
    ("given", "needed"),
    [
        ({"sigunguCode": "1"}, "areaCode"),
        ({"cat2": "A0101"}, "cat1"),
        ({"cat1": "A01", "cat3": "A01010100"}, "cat2"),
        ({"lDongSignguCd": "110"}, "lDongRegnCd"),
        ({"lclsSystm2": "FD01"}, "lclsSystm1"),
        ({"lclsSystm1": "FD", "lclsSystm3": "FD010100"}, "lclsSystm2"),
    ],
)
def test_a_filter_without_the_one_it_depends_on_is_error_11(
    hamlet: RunningSandbox, given: dict[str, str], needed: str
) -> None:
    assert refused(hamlet, "areaBasedList2", **given) == ("11", MISSING.format(needed))


def test_a_blank_optional_parameter_does_not_filter(hamlet: RunningSandbox) -> None:
    assert everything(hamlet, "areaBasedList2", contentTypeId="", lDongRegnCd="") == everything(
        hamlet, "areaBasedList2"
    )


def test_a_parameter_error_in_xml_has_the_same_fields(hamlet: RunningSandbox) -> None:
    reply = ask(hamlet, "areaBasedList2", _type=None, listYN="Y")
    assert reply.status == 200
    assert [child.tag for child in reply.xml] == ["responseTime", "resultCode", "resultMsg"]
    assert reply.xml.findtext("resultMsg") == INVALID.format("listYN")
