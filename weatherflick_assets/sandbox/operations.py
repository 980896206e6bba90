"""The operations of KorService2 the sandbox answers, declared as data.

Here: per operation its parameters and the exact order of the keys of its items. Not here: what a parameter may hold
(`parameters.py`), how rows are found (`selection.py`), code lists made (`code_tables.py`) or details had (`details.py`).
"""

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
    """One operation.

    Attributes:
        name: The last part of its path.
        answers: What its items are: places, codes, or details of one place.
        keys: The keys of a place, in order; those of codes and details depend on what is asked for.
        required: Parameters beside the common ones without which it answers error 11.
        optional: Every other parameter it knows; any further one is error 10.
        shows_hidden: Whether rows with `showflag` 0 are among its rows.
        content_type: The one content type it is about; empty for all.
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
