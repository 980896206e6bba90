"""The bytes of an answer: key order, types, JSON and XML."""

from typing import Any

import pytest

from weatherflick_assets.sandbox.catalogue import Catalogue
from weatherflick_assets.sandbox.operations import OPERATIONS
from weatherflick_assets.sandbox.server import RunningSandbox
from weatherflick_assets_tests.sandbox.calling import ask

# Repeated here on purpose: the order that upstream documents, operation by operation.
REGION_AND_CLASS = "lDongRegnCd lDongSignguCd lclsSystm1 lclsSystm2 lclsSystm3"
KEY_ORDER = {
    "areaBasedList2": (
        "addr1 addr2 areacode cat1 cat2 cat3 contentid contenttypeid createdtime firstimage firstimage2 cpyrhtDivCd mapx mapy "
        f"mlevel modifiedtime sigungucode tel title zipcode {REGION_AND_CLASS}"
    ),
    "areaBasedSyncList2": (
        "addr1 addr2 areacode cat1 cat2 cat3 contentid contenttypeid createdtime firstimage firstimage2 cpyrhtDivCd mapx mapy "
        f"mlevel modifiedtime sigungucode tel title zipcode showflag {REGION_AND_CLASS}"
    ),
    "locationBasedList2": (
        "addr1 addr2 zipcode areacode cat1 cat2 cat3 contentid contenttypeid createdtime dist firstimage firstimage2 cpyrhtDivCd "
        f"mapx mapy mlevel modifiedtime sigungucode tel title {REGION_AND_CLASS}"
    ),
    "searchKeyword2": (
        "addr1 addr2 zipcode areacode cat1 cat2 cat3 contentid contenttypeid createdtime firstimage firstimage2 cpyrhtDivCd "
        f"mapx mapy mlevel modifiedtime sigungucode tel title {REGION_AND_CLASS}"
    ),
    "searchFestival2": (
        "addr1 addr2 zipcode cat1 cat2 cat3 contentid contenttypeid createdtime eventstartdate eventenddate firstimage "
        "firstimage2 cpyrhtDivCd mapx mapy mlevel modifiedtime areacode sigungucode tel title "
        f"{REGION_AND_CLASS} progresstype festivaltype"
    ),
    "searchStay2": (
        "addr1 addr2 areacode sigungucode cat1 cat2 cat3 contentid contenttypeid createdtime firstimage firstimage2 "
        f"cpyrhtDivCd mapx mapy mlevel modifiedtime tel title zipcode {REGION_AND_CLASS}"
    ),
    "detailCommon2": (
        "contentid contenttypeid title createdtime modifiedtime tel telname homepage firstimage firstimage2 cpyrhtDivCd "
        f"areacode sigungucode {REGION_AND_CLASS} cat1 cat2 cat3 addr1 addr2 zipcode mapx mapy mlevel overview"
    ),
    "detailIntro2": (
        "contentid contenttypeid heritage1 heritage2 heritage3 infocenter opendate restdate expguide expagerange "
        "accomcount useseason usetime parking chkbabycarriage chkpet chkcreditcard"
    ),
    "detailInfo2": "contentid contenttypeid serialnum infoname infotext fldgubun",
    "detailImage2": "contentid originimgurl imgname smallimageurl cpyrhtDivCd serialnum",
    "detailPetTour2": (
        "contentid relaAcdntRiskMtr acmpyTypeCd relaPosesFclty relaFrnshPrdlst etcAcmpyInfo relaPurcPrdlst acmpyPsblCpam "
        "relaRntlPrdlst acmpyNeedMtr"
    ),
}
REQUIRED: dict[str, dict[str, str]] = {
    "areaBasedList2": {},
    "areaBasedSyncList2": {},
    "locationBasedList2": {"mapX": "126.98", "mapY": "37.56", "radius": "20000"},
    "searchKeyword2": {"keyword": "산"},
    "searchFestival2": {"eventStartDate": "20250101"},
    "searchStay2": {},
    "detailCommon2": {},
    "detailIntro2": {"contentTypeId": "12"},
    "detailInfo2": {"contentTypeId": "12"},
    "detailImage2": {},
    "detailPetTour2": {},
    "ldongCode2": {"lDongListYn": "Y"},
    "lclsSystmCode2": {},
    "areaCode2": {},
    "categoryCode2": {},
}


def required(sandbox: RunningSandbox, operation: str) -> dict[str, str]:
    """Parameters with which an operation has something to answer."""
    given = REQUIRED[operation]
    if "contentId" not in OPERATIONS[operation].required:
        return given
    sights = ask(sandbox, "areaBasedList2", contentTypeId="12", numOfRows=100).items
    asked = (given | {"contentId": sight["contentid"]} for sight in sights)
    return next(parameters for parameters in asked if ask(sandbox, operation, **parameters).total)


def test_these_tests_cover_every_operation() -> None:
    assert REQUIRED.keys() == OPERATIONS.keys()


@pytest.mark.parametrize("operation", KEY_ORDER)
def test_items_have_the_documented_keys_in_the_documented_order_and_text_values(
    hamlet: RunningSandbox, operation: str
) -> None:
    items = ask(hamlet, operation, numOfRows=100, **required(hamlet, operation)).items
    assert items
    for item in items:
        assert list(item) == KEY_ORDER[operation].split()
        assert all(type(value) is str for value in item.values())


def test_the_envelope_has_header_then_body_and_numbers_for_counts(hamlet: RunningSandbox) -> None:
    reply = ask(hamlet, "areaBasedList2")
    assert list(reply.json["response"]) == ["header", "body"]
    assert reply.json["response"]["header"] == {"resultCode": "0000", "resultMsg": "OK"}
    assert list(reply.content) == ["items", "numOfRows", "pageNo", "totalCount"]
    assert all(type(reply.content[name]) is int for name in ("numOfRows", "pageNo", "totalCount"))
    assert reply.headers["Content-Type"].startswith("application/json")


def test_json_is_compact_and_writes_korean_as_it_is(hamlet: RunningSandbox) -> None:
    body = ask(hamlet, "ldongCode2", numOfRows=1).body.decode()
    assert '{"item":[{"rnum":1,"code":"11","name":"서울특별시"}]}' in body


@pytest.mark.parametrize("operation", REQUIRED)
def test_xml_has_the_same_content_as_json(hamlet: RunningSandbox, operation: str) -> None:
    parameters: dict[str, Any] = {"numOfRows": 1000, **required(hamlet, operation)}
    in_json, in_xml = ask(hamlet, operation, **parameters), ask(hamlet, operation, **parameters, _type=None)
    assert in_xml.headers["Content-Type"].startswith("application/xml")
    assert in_xml.xml.tag == "response"
    assert {part.tag: part.text for part in in_xml.xml.find("header")} == in_json.json["response"]["header"]
    read = [{child.tag: child.text or "" for child in item} for item in in_xml.xml.iterfind("body/items/item")]
    assert read == [{key: str(value) for key, value in item.items()} for item in in_json.items]
    assert [list(item) for item in read] == [list(item) for item in in_json.items]
    assert int(in_xml.xml.findtext("body/totalCount")) == in_json.total


def test_xml_survives_any_text() -> None:
    title = "<노원 & 달빛> ]]> \"'\r\n\t끝"
    places = Catalogue.from_rows([{"contentid": "1", "title": f"{title}\x00\x1b"}])
    with RunningSandbox(catalogue=places) as sandbox:
        assert ask(sandbox, "areaBasedList2", _type="xml").xml.findtext("body/items/item/title") == title


def test_an_empty_result_in_xml_has_no_items(hamlet: RunningSandbox) -> None:
    written = ask(hamlet, "areaBasedList2", lDongRegnCd="99", _type=None).xml
    assert len(written.find("body/items")) == 0
    assert written.findtext("body/totalCount") == "0"
