"""The services of AirKorea on data.go.kr (한국환경공단 에어코리아), declared.

Measurements and the forecast of fine dust (15073861), and the stations (15073877).
"""

from datetime import timedelta
from types import MappingProxyType

from weatherflick_assets.settings import DATA_GO_KR
from weatherflick_assets.upstream.declarations import (
    ALL_OF_IT,
    KeyPlace,
    Layout,
    Operation,
    Provider,
    Quota,
    RateLimit,
    WireFormat,
)

AIRKOREA = Provider(
    name="airkorea",
    host=DATA_GO_KR,
    path="/B552584/ArpltnInforInqireSvc",
    key=KeyPlace(parameter="serviceKey"),
    common_parameters=MappingProxyType({"returnType": "json"}),
    # That of a development account, for each operation; AIRKOREA_API_DAILY_LIMIT replaces it.
    quota=Quota(500),
    rate_limit=RateLimit(in_flight=2, per_second=10),
    wire=WireFormat(layout=Layout(("response", "body", "items"), total=("response", "body", "totalCount"))),
)

_ROWS_PER_PAGE = 100
"""A page of a thousand rows is often answered with an error."""


def _operation(
    name: str,
    description: str,
    *,
    days: int,
    required: tuple[str, ...] = (),
    optional: tuple[str, ...] = (),
    path: str = AIRKOREA.path,
) -> Operation:
    return Operation(
        provider=AIRKOREA,
        name=name,
        description=description,
        time_to_live=timedelta(days=days),
        required=required,
        optional=optional,
        rows_per_page=_ROWS_PER_PAGE,
        # Later versions of an operation have more fields.
        shaped_by=MappingProxyType({"ver": ALL_OF_IT} if "ver" in optional else {}),
        own_path=f"{path}/{name}",
    )


OPERATIONS = (
    _operation(
        "getCtprvnRltmMesureDnsty",
        "the last measurements of a region's stations (시도별 실시간 측정정보)",
        days=30,
        required=("sidoName",),
        optional=("ver",),
    ),
    _operation(
        "getMsrstnAcctoRltmMesureDnsty",
        "measurements of a station (측정소별 실시간 측정정보)",
        days=30,
        required=("stationName", "dataTerm"),
        optional=("ver",),
    ),
    _operation(
        "getMinuDustFrcstDspth",
        "the forecast of fine dust and ozone (대기질 예보통보)",
        days=30,
        optional=("searchDate", "InformCode", "ver"),
    ),
    _operation(
        "getMsrstnList",
        "stations, with positions (측정소 목록)",
        days=365,
        path="/B552584/MsrstnInfoInqireSvc",
        optional=("addr", "stationName"),
    ),
)
