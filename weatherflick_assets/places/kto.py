"""KorService2 of the Korea Tourism Organization (한국관광공사 국문 관광정보, data.go.kr 15101578), declared.

All fifteen operations. Parameters as the manual v4.4 of 2026-02 has them, plus the legacy ones that the service still
answers; page size and times to live by measurement and by the storage policy of the system this platform replaces.
"""

from datetime import timedelta
from types import MappingProxyType

from weatherflick_assets.settings import DATA_GO_KR
from weatherflick_assets.upstream.declarations import ALL_OF_IT, KeyPlace, Operation, Provider, Quota, RateLimit

KTO = Provider(
    name="kto",
    host=DATA_GO_KR,
    path="/B551011/KorService2",
    key=KeyPlace(parameter="serviceKey"),
    common_parameters=MappingProxyType({"MobileOS": "ETC", "MobileApp": "WeatherFlick", "_type": "json"}),
    # That of a development account, for each operation; KTO_API_DAILY_LIMIT replaces it.
    quota=Quota(1000),
    # Documented are 30 a second; four or five in flight have been refused.
    rate_limit=RateLimit(in_flight=3, per_second=30),
)

_REGION = ("lDongRegnCd", "lDongSignguCd")
_CLASS = ("lclsSystm1", "lclsSystm2", "lclsSystm3")
_LEGACY = ("areaCode", "sigunguCode", "cat1", "cat2", "cat3")
_FILTERS = ("arrange", "modifiedtime", *_REGION, *_CLASS)
_LIST = ("contentTypeId", *_FILTERS, *_LEGACY)
_DEPENDS = {
    "lDongSignguCd": ("lDongRegnCd",),
    "lclsSystm2": ("lclsSystm1",),
    "lclsSystm3": ("lclsSystm1", "lclsSystm2"),
    "sigunguCode": ("areaCode",),
    "cat2": ("cat1",),
    "cat3": ("cat1", "cat2"),
}
_ROWS_PER_PAGE = 1000
_SHAPING = ("contentTypeId", "lDongListYn", "lclsSystmListYn")
"""Parameters that decide which fields an item has, or, of the lists of places, which asset keeps it."""


def _operation(
    name: str,
    description: str,
    *,
    days: int,
    required: tuple[str, ...] = (),
    optional: tuple[str, ...] = (),
    has_single_item: bool = False,
) -> Operation:
    return Operation(
        provider=KTO,
        name=name,
        description=description,
        time_to_live=timedelta(days=days),
        required=required,
        optional=optional,
        depends=MappingProxyType({key: value for key, value in _DEPENDS.items() if key in optional}),
        rows_per_page=_ROWS_PER_PAGE,
        has_single_item=has_single_item,
        shaped_by=MappingProxyType({name: ALL_OF_IT for name in _SHAPING if name in (*required, *optional)}),
    )


OPERATIONS = (
    _operation("areaBasedList2", "places by region and kind (지역기반)", optional=_LIST, days=180),
    _operation(
        "areaBasedSyncList2",
        "places by region and kind, hidden ones included (동기화)",
        optional=(*_LIST, "showflag", "oldContentid"),
        days=30,
    ),
    _operation(
        "locationBasedList2",
        "places around a point (위치기반)",
        required=("mapX", "mapY", "radius"),
        optional=_LIST,
        days=180,
    ),
    _operation(
        "searchKeyword2", "places whose name holds a word (키워드)", required=("keyword",), optional=_LIST, days=180
    ),
    _operation(
        "searchFestival2",
        "festivals that end on or after a day, with their dates (행사정보)",
        required=("eventStartDate",),
        optional=("eventEndDate", *_FILTERS, *_LEGACY),
        days=30,
        has_single_item=True,
    ),
    _operation("searchStay2", "places to stay (숙박정보)", optional=(*_FILTERS, *_LEGACY), days=30),
    _operation(
        "detailCommon2",
        "overview, homepage and the list's fields (공통정보)",
        required=("contentId",),
        days=180,
        has_single_item=True,
    ),
    _operation(
        "detailIntro2",
        "opening hours, fees, facilities, by kind (소개정보)",
        required=("contentId", "contentTypeId"),
        days=180,
        has_single_item=True,
    ),
    _operation(
        "detailInfo2",
        "further texts; the stops of a course, the rooms of a stay (반복정보)",
        required=("contentId", "contentTypeId"),
        days=180,
    ),
    _operation("detailImage2", "pictures (이미지정보)", required=("contentId",), optional=("imageYN",), days=90),
    _operation("detailPetTour2", "rules for pets (반려동물)", optional=("contentId",), days=90, has_single_item=True),
    _operation("ldongCode2", "legal-dong region codes (법정동)", optional=("lDongRegnCd", "lDongListYn"), days=365),
    _operation("lclsSystmCode2", "classification codes (분류체계)", optional=(*_CLASS, "lclsSystmListYn"), days=180),
    _operation("areaCode2", "former area codes (지역코드)", optional=("areaCode",), days=365),
    _operation(
        "categoryCode2",
        "former category codes (서비스분류)",
        optional=("contentTypeId", "cat1", "cat2", "cat3"),
        days=180,
    ),
)

LIST_OPERATION = next(operation for operation in OPERATIONS if operation.name == "areaBasedSyncList2")
"""The list that the catalogue is collected from: it names hidden places too."""

OPERATION_BY_NAME = {operation.name: operation for operation in OPERATIONS}
