"""KorService2 of the Korea Tourism Organization (한국관광공사 국문 관광정보, data.go.kr 15101578), declared.

List and code operations. Parameters as the manual v4.4 of 2026-02 has them, plus the legacy ones that the service still
answers; page size and times to live by measurement and by the storage policy of the system this platform replaces.
"""

from datetime import timedelta
from types import MappingProxyType

from weatherflick_assets.upstream.declarations import Operation, Pace, Provider, Quota

KTO = Provider(
    name="kto",
    path="/B551011/KorService2",
    key_parameter="serviceKey",
    common_parameters=MappingProxyType({"MobileOS": "ETC", "MobileApp": "WeatherFlick", "_type": "json"}),
    # A development account's, for each operation; KTO_API_DAILY_LIMIT says otherwise.
    quota=Quota(1000),
    # 30 a second are documented; four or five at once have been refused.
    pace=Pace(in_flight=3, per_second=30),
)

_REGION = ("lDongRegnCd", "lDongSignguCd")
_CLASS = ("lclsSystm1", "lclsSystm2", "lclsSystm3")
_LEGACY = ("areaCode", "sigunguCode", "cat1", "cat2", "cat3")
_LIST = ("arrange", "contentTypeId", "modifiedtime", *_REGION, *_CLASS, *_LEGACY)
_LIST_DEPENDS = MappingProxyType(
    {
        "lDongSignguCd": ("lDongRegnCd",),
        "lclsSystm2": ("lclsSystm1",),
        "lclsSystm3": ("lclsSystm1", "lclsSystm2"),
        "sigunguCode": ("areaCode",),
        "cat2": ("cat1",),
        "cat3": ("cat1", "cat2"),
    }
)
_ROWS_PER_PAGE = 1000


def _list(
    name: str, description: str, *, required: tuple[str, ...] = (), also: tuple[str, ...] = (), days: int
) -> Operation:
    return Operation(
        provider=KTO,
        name=name,
        description=description,
        time_to_live=timedelta(days=days),
        required=required,
        optional=(*_LIST, *also),
        depends=_LIST_DEPENDS,
        rows_per_page=_ROWS_PER_PAGE,
    )


def _codes(name: str, description: str, *optional: str, days: int) -> Operation:
    return Operation(
        provider=KTO,
        name=name,
        description=description,
        time_to_live=timedelta(days=days),
        optional=optional,
        depends=MappingProxyType({key: value for key, value in _LIST_DEPENDS.items() if key in optional}),
        rows_per_page=_ROWS_PER_PAGE,
    )


OPERATIONS = (
    _list("areaBasedList2", "places by region and kind (지역기반)", days=180),
    _list(
        "areaBasedSyncList2",
        "places by region and kind, hidden ones included (동기화)",
        also=("showflag", "oldContentid"),
        days=30,
    ),
    _list("locationBasedList2", "places around a point (위치기반)", required=("mapX", "mapY", "radius"), days=180),
    _list("searchKeyword2", "places whose name holds a word (키워드)", required=("keyword",), days=180),
    _codes("ldongCode2", "legal-dong region codes (법정동)", "lDongRegnCd", "lDongListYn", days=365),
    _codes("lclsSystmCode2", "classification codes (분류체계)", *_CLASS, "lclsSystmListYn", days=180),
    _codes("areaCode2", "former area codes (지역코드)", "areaCode", days=365),
    _codes("categoryCode2", "former category codes (서비스분류)", "contentTypeId", "cat1", "cat2", "cat3", days=180),
)

LIST_OPERATION = next(operation for operation in OPERATIONS if operation.name == "areaBasedSyncList2")
"""The list that the catalogue is collected from: it names hidden places too."""

OPERATION_BY_NAME = {operation.name: operation for operation in OPERATIONS}
