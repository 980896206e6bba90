"""The calendar of the Korea Astronomy and Space Science Institute on data.go.kr (한국천문연구원 특일정보, 15012690), declared."""

from datetime import timedelta
from types import MappingProxyType

from weatherflick_assets.settings import DATA_GO_KR
from weatherflick_assets.upstream.declarations import KeyPlace, Operation, Provider, Quota, RateLimit

KASI = Provider(
    name="kasi",
    host=DATA_GO_KR,
    path="/B090041/openapi/service/SpcdeInfoService",
    key=KeyPlace(parameter="serviceKey"),
    common_parameters=MappingProxyType({"_type": "json"}),
    # That of a development account, for each operation; KASI_API_DAILY_LIMIT replaces it.
    quota=Quota(10_000),
    rate_limit=RateLimit(in_flight=2, per_second=10),
)

OPERATIONS = (
    Operation(
        provider=KASI,
        name="getRestDeInfo",
        description="public holidays of a year or month (공휴일)",
        time_to_live=timedelta(days=365),
        required=("solYear",),
        optional=("solMonth",),
        rows_per_page=100,
    ),
)
