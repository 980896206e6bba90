"""The services of the Korea Meteorological Administration on data.go.kr (기상청), declared.

Forecasts and nowcasts of grid cells (15084084), mid-term forecasts of regions (15059468), warnings (15000415), hourly and
daily observations of stations (15057210, 15059093). Parameters as the guides of 2026-07 have them.
"""

from dataclasses import replace
from datetime import timedelta
from types import MappingProxyType

from weatherflick_assets.settings import DATA_GO_KR
from weatherflick_assets.upstream.declarations import KeyPlace, Operation, Provider, Quota, RateLimit

KMA = Provider(
    name="kma",
    host=DATA_GO_KR,
    path="/1360000",
    key=KeyPlace(parameter="serviceKey"),
    common_parameters=MappingProxyType({"dataType": "JSON"}),
    # That of a development account, for each operation; KMA_API_DAILY_LIMIT replaces it.
    quota=Quota(10_000),
    # Documented are 30 a second. Another service of the same gateway refuses four or five in flight.
    rate_limit=RateLimit(in_flight=3, per_second=30),
)

_CELLS, _REGIONS, _WARNINGS = "VilageFcstInfoService_2.0", "MidFcstInfoService", "WthrWrnInfoService"
_CELL = ("base_date", "base_time", "nx", "ny")
_STATION_DAYS = ("dataCd", "dateCd", "startDt", "endDt", "stnIds")

_ISSUE_OF_THE_DAY = MappingProxyType({"tmFc": r"\d{4}$"})
"""The issue of 18:00 lacks the fields of the fourth day, which the one of 06:00 has."""


def _operation(
    service: str,
    name: str,
    description: str,
    *,
    days: int,
    required: tuple[str, ...] = (),
    optional: tuple[str, ...] = (),
    called: str = "",
) -> Operation:
    return Operation(
        provider=KMA,
        name=called or name,
        description=description,
        time_to_live=timedelta(days=days),
        required=required,
        optional=optional,
        rows_per_page=999 if service.startswith("Asos") else 1000,
        has_single_item=service == _REGIONS,
        shaped_by=_ISSUE_OF_THE_DAY if service == _REGIONS else MappingProxyType({}),
        own_path=f"{KMA.path}/{service}/{name}",
    )


_DAYS_OF_STATIONS = _operation(
    "AsosDalyInfoService",
    "getWthrDataList",
    "daily observations of stations (종관기상관측 일자료)",
    days=90,
    required=_STATION_DAYS,
    called="getAsosDaily",
)

# Bodies of forecasts are large, and core keeps their values: a body is only needed to read it again by a better rule.
OPERATIONS = (
    _operation(_CELLS, "getUltraSrtNcst", "a cell's weather now, hourly (초단기실황)", days=3, required=_CELL),
    _operation(_CELLS, "getUltraSrtFcst", "a cell's next six hours (초단기예보)", days=3, required=_CELL),
    _operation(_CELLS, "getVilageFcst", "a cell's next days, by the hour (단기예보)", days=3, required=_CELL),
    _operation(
        _CELLS,
        "getFcstVersion",
        "when a forecast was last changed (예보버전)",
        days=3,
        required=("ftype", "basedatetime"),
    ),
    _operation(
        _REGIONS,
        "getMidLandFcst",
        "a region's sky and rain, days 4 to 10 (중기육상예보)",
        days=30,
        required=("regId", "tmFc"),
    ),
    _operation(
        _REGIONS,
        "getMidTa",
        "a city's temperatures, days 4 to 10 (중기기온)",
        days=30,
        required=("regId", "tmFc"),
    ),
    _operation(
        _REGIONS,
        "getMidFcst",
        "the outlook in words (중기전망)",
        days=30,
        required=("stnId", "tmFc"),
    ),
    _operation(
        _WARNINGS,
        "getWthrWrnList",
        "bulletins of warnings (기상특보목록)",
        days=90,
        optional=("stnId", "fromTmFc", "toTmFc"),
    ),
    # Dates are answered with an error, and a station changes nothing.
    _operation(_WARNINGS, "getPwnStatus", "the warnings in force (특보현황)", days=90),
    # These are called getWthrDataList.
    _operation(
        "AsosHourlyInfoService",
        "getWthrDataList",
        "hourly observations of stations (종관기상관측 시간자료)",
        days=90,
        required=(*_STATION_DAYS, "startHh", "endHh"),
        called="getAsosHourly",
    ),
    _DAYS_OF_STATIONS,
    # The same again under another name, so that what is known of a year is told apart from what is known of its first day.
    replace(
        _DAYS_OF_STATIONS,
        name="getAsosYear",
        description="daily observations of stations, a year at once (종관기상관측 일자료)",
        meter=_DAYS_OF_STATIONS.name,
    ),
)

OPERATION_BY_NAME = {operation.name: operation for operation in OPERATIONS}
