"""The operations of KorService2 the sandbox answers, declared as data.

Here: per operation its parameters and the exact order of the keys of its items. Not here: what a parameter may hold
(`parameters.py`), how rows are found (`selection.py`) or code lists made (`code_tables.py`).
"""

from dataclasses import dataclass

SERVICE_PATH = "/B551011/KorService2/"

COMMON_PARAMETERS = ("serviceKey", "ServiceKey", "MobileOS", "MobileApp", "_type", "numOfRows", "pageNo")
MANDATORY_PARAMETERS = ("MobileOS", "MobileApp")

_REGION_AND_CLASS = ("lDongRegnCd", "lDongSignguCd", "lclsSystm1", "lclsSystm2", "lclsSystm3")
_LEGACY = ("areaCode", "sigunguCode", "cat1", "cat2", "cat3")
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
        keys: The keys of an item, in order; empty for a code list, whose keys depend on the list asked for.
        required: Parameters beside the common ones without which it answers error 11.
        optional: Every other parameter it knows; any further one is error 10.
        shows_hidden: Whether rows with `showflag` 0 are among its rows.
    """

    name: str
    keys: tuple[str, ...] = ()
    required: tuple[str, ...] = ()
    optional: tuple[str, ...] = ()
    shows_hidden: bool = False

    @property
    def lists_places(self) -> bool:
        """Whether its items are places rather than codes."""
        return bool(self.keys)

    @property
    def known(self) -> frozenset[str]:
        """Every parameter name it accepts."""
        return frozenset((*COMMON_PARAMETERS, *self.required, *self.optional))


def _area_keys(*between: str) -> tuple[str, ...]:
    return (
        "addr1", "addr2", "areacode", *_CATEGORY_KEYS, *_IDENTITY_KEYS, *_IMAGE_KEYS, *_POSITION_KEYS, "zipcode",
        *between, *_REGION_AND_CLASS,
    )  # fmt: skip


def _search_keys(*between: str) -> tuple[str, ...]:
    return (
        "addr1", "addr2", "zipcode", "areacode", *_CATEGORY_KEYS, *_IDENTITY_KEYS, *between, *_IMAGE_KEYS,
        *_POSITION_KEYS, *_REGION_AND_CLASS,
    )  # fmt: skip


OPERATIONS: dict[str, Operation] = {
    operation.name: operation
    for operation in (
        Operation("areaBasedList2", _area_keys(), optional=_LIST_PARAMETERS),
        Operation(
            "areaBasedSyncList2",
            _area_keys("showflag"),
            optional=(*_LIST_PARAMETERS, "showflag", "oldContentid"),
            shows_hidden=True,
        ),
        Operation(
            "locationBasedList2",
            _search_keys("dist"),
            required=("mapX", "mapY", "radius"),
            optional=_LIST_PARAMETERS,
        ),
        Operation("searchKeyword2", _search_keys(), required=("keyword",), optional=_LIST_PARAMETERS),
        Operation("ldongCode2", optional=("lDongRegnCd", "lDongListYn")),
        Operation("lclsSystmCode2", optional=("lclsSystm1", "lclsSystm2", "lclsSystm3", "lclsSystmListYn")),
        Operation("areaCode2", optional=("areaCode",)),
        Operation("categoryCode2", optional=("contentTypeId", "cat1", "cat2", "cat3")),
    )
}
