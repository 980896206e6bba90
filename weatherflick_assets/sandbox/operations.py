"""The operations of KorService2 that the sandbox serves, declared as data."""

from dataclasses import dataclass
from typing import Literal

SERVICE_PATH = "/B551011/KorService2/"

COMMON_PARAMETERS = ("serviceKey", "ServiceKey", "MobileOS", "MobileApp", "_type", "numOfRows", "pageNo")
MANDATORY_PARAMETERS = ("MobileOS", "MobileApp")

_REGION_AND_CLASS = ("lDongRegnCd", "lDongSignguCd", "lclsSystm1", "lclsSystm2", "lclsSystm3")
_AREA = ("areaCode", "sigunguCode")
_LEGACY = (*_AREA, "cat1", "cat2", "cat3")
_SEARCH_PARAMETERS = ("arrange", "modifiedtime", *_REGION_AND_CLASS, *_AREA)
_LIST_PARAMETERS = ("arrange", "contentTypeId", "modifiedtime", *_REGION_AND_CLASS, *_LEGACY)

_CATEGORY_KEYS = ("cat1", "cat2", "cat3")
_IMAGE_KEYS = ("firstimage", "firstimage2", "cpyrhtDivCd")
_IDENTITY_KEYS = ("contentid", "contenttypeid", "createdtime")
_POSITION_KEYS = ("mapx", "mapy", "mlevel", "modifiedtime", "sigungucode", "tel", "title")


@dataclass(frozen=True)
class Operation:
    """One operation, named like the last segment of its path.

    Attributes:
        keys: The keys of a place, in order. The keys of codes and details depend on the call.
        required: Mandatory parameters in addition to the common ones; a missing one is error 11.
        optional: All other parameters it accepts; an unknown one is error 10.
        shows_hidden: Whether its rows include those with `showflag` 0.
        content_type: The only content type it covers; empty for all.
    """

    name: str
    answers: Literal["places", "codes", "details"]
    keys: tuple[str, ...] = ()
    required: tuple[str, ...] = ()
    optional: tuple[str, ...] = ()
    shows_hidden: bool = False
    content_type: str = ""

    @property
    def known(self) -> frozenset[str]:
        """Every parameter name it accepts."""
        return frozenset((*COMMON_PARAMETERS, *self.required, *self.optional))


def _area_keys(*between: str) -> tuple[str, ...]:
    return (
        "addr1", "addr2", "areacode", *_CATEGORY_KEYS, *_IDENTITY_KEYS, *_IMAGE_KEYS, *_POSITION_KEYS, "zipcode",
        *between, *_REGION_AND_CLASS,
    )  # fmt: skip


def _festival_keys() -> tuple[str, ...]:
    return (
        "addr1", "addr2", "zipcode", *_CATEGORY_KEYS, *_IDENTITY_KEYS, "eventstartdate", "eventenddate", *_IMAGE_KEYS,
        "mapx", "mapy", "mlevel", "modifiedtime", "areacode", "sigungucode", "tel", "title", *_REGION_AND_CLASS,
        "progresstype", "festivaltype",
    )  # fmt: skip


def _stay_keys() -> tuple[str, ...]:
    return (
        "addr1", "addr2", "areacode", "sigungucode", *_CATEGORY_KEYS, *_IDENTITY_KEYS, *_IMAGE_KEYS, "mapx", "mapy",
        "mlevel", "modifiedtime", "tel", "title", "zipcode", *_REGION_AND_CLASS,
    )  # fmt: skip


def _search_keys(*between: str) -> tuple[str, ...]:
    return (
        "addr1", "addr2", "zipcode", "areacode", *_CATEGORY_KEYS, *_IDENTITY_KEYS, *between, *_IMAGE_KEYS,
        *_POSITION_KEYS, *_REGION_AND_CLASS,
    )  # fmt: skip


OPERATIONS: dict[str, Operation] = {
    operation.name: operation
    for operation in (
        Operation("areaBasedList2", "places", _area_keys(), optional=_LIST_PARAMETERS),
        Operation(
            "areaBasedSyncList2",
            "places",
            _area_keys("showflag"),
            optional=(*_LIST_PARAMETERS, "showflag", "oldContentid"),
            shows_hidden=True,
        ),
        Operation(
            "locationBasedList2",
            "places",
            _search_keys("dist"),
            required=("mapX", "mapY", "radius"),
            optional=_LIST_PARAMETERS,
        ),
        Operation("searchKeyword2", "places", _search_keys(), required=("keyword",), optional=_LIST_PARAMETERS),
        Operation(
            "searchFestival2",
            "places",
            _festival_keys(),
            required=("eventStartDate",),
            optional=("eventEndDate", *_SEARCH_PARAMETERS),
            content_type="15",
        ),
        Operation("searchStay2", "places", _stay_keys(), optional=_SEARCH_PARAMETERS, content_type="32"),
        Operation("detailCommon2", "details", required=("contentId",)),
        Operation("detailIntro2", "details", required=("contentId", "contentTypeId")),
        Operation("detailInfo2", "details", required=("contentId", "contentTypeId")),
        Operation("detailImage2", "details", required=("contentId",), optional=("imageYN",)),
        Operation("detailPetTour2", "details", optional=("contentId",)),
        Operation("ldongCode2", "codes", optional=("lDongRegnCd", "lDongListYn")),
        Operation("lclsSystmCode2", "codes", optional=("lclsSystm1", "lclsSystm2", "lclsSystm3", "lclsSystmListYn")),
        Operation("areaCode2", "codes", optional=("areaCode",)),
        Operation("categoryCode2", "codes", optional=("contentTypeId", "cat1", "cat2", "cat3")),
    )
}
