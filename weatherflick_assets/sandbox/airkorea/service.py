"""ArpltnInforInqireSvc and MsrstnInfoInqireSvc of AirKorea behind the gateway.

Here: the rows of measurements, stations and dust forecasts, and AirKorea's envelope, whose items are a bare list.

The measurement of an hour appears a quarter of an hour later; midnight is written as 24:00 of the day before. Pages
have at most 100 rows. Without a date the dust forecast has only dates and codes, as recorded.
"""

from collections.abc import Callable, Mapping, Sequence
from datetime import date, datetime, timedelta
from typing import Any

import numpy as np
import orjson

from weatherflick_assets.sandbox.airkorea.air import (
    POLLUTANTS,
    Air,
    AirStation,
    air_index,
    grade,
    rounded,
    stations,
    written,
)
from weatherflick_assets.sandbox.airkorea.operations import OPERATIONS
from weatherflick_assets.sandbox.clock import KOREA
from weatherflick_assets.sandbox.envelopes import JSON, XML_DECLARATION, Format
from weatherflick_assets.sandbox.paging import Rows, RowsOnDemand
from weatherflick_assets.sandbox.parameters import ParameterError, Parameters
from weatherflick_assets.sandbox.publication import is_published
from weatherflick_assets.sandbox.rendering import xml_item
from weatherflick_assets.sandbox.services import Circumstances
from weatherflick_assets.sandbox.weather.sky import Sky, hour_number

Row = dict[str, Any]

MOST_ROWS = 100
_DELAY = timedelta(minutes=15)
_HOUR = timedelta(hours=1)
_NATIONWIDE = "전국"
_HOURS_OF_TERM = {"DAILY": 22, "MONTH": 30 * 24, "3MONTH": 90 * 24}
_FORECAST_HOURS = (5, 11, 17, 23)
_FORECAST_DELAY = timedelta(minutes=10)
_LISTED_DAYS = 36
_WORDS = ("좋음", "보통", "나쁨", "매우나쁨")
_CODES = {"PM10": "pm10", "PM25": "pm25", "O3": "o3"}
_ZONES = {
    "서울": ("서울",), "제주": ("제주",), "전남": ("전남",), "전북": ("전북",), "광주": ("광주",), "경남": ("경남",),
    "경북": ("경북",), "울산": ("울산",), "대구": ("대구",), "부산": ("부산",), "충남": ("충남",), "충북": ("충북",),
    "세종": ("세종",), "대전": ("대전",), "영동": ("강원", 128.5, 180.0), "영서": ("강원", 0.0, 128.5),
    "경기남부": ("경기", 0.0, 37.55), "경기북부": ("경기", 37.55, 90.0), "인천": ("인천",),
}  # fmt: skip
_MEASURED_KEYS = (
    "so2Grade", "coFlag", "khaiValue", "so2Value", "coValue", "pm25Flag", "pm10Flag", "pm10Value24", "o3Grade",
    "pm10Value", "khaiGrade", "pm25Value", "sidoName", "no2Flag", "no2Grade", "o3Flag", "pm25Grade", "so2Flag",
    "dataTime", "coGrade", "no2Value", "stationName", "mangName", "pm10Grade", "pm25Value24", "o3Value", "pm10Grade1h",
    "pm25Grade1h",
)  # fmt: skip
"""All keys in the order of recorded answers; those of later versions follow their neighbours."""
_SINCE_VERSION = {
    **dict.fromkeys(("pm25Value", "pm25Grade", "pm25Flag", "mangName"), 1.0),
    **dict.fromkeys(("pm10Value24", "pm25Value24"), 1.2),
    **dict.fromkeys(("pm10Grade1h", "pm25Grade1h"), 1.3),
}


class AirKoreaService:
    """Answers AirKorea's operations."""

    def __init__(self, sky: Sky, seed: int) -> None:
        """Measure the air under `sky`."""
        self._air = Air(sky, seed)
        self._answers: dict[str, Callable[[Parameters, Circumstances], Rows]] = {
            "getCtprvnRltmMesureDnsty": self._by_sido,
            "getMsrstnAcctoRltmMesureDnsty": self._by_station,
            "getMinuDustFrcstDspth": self._forecasts,
            "getMsrstnList": self._stations,
        }

    def answer(self, operation: str, parameters: Parameters, form: Format, circumstances: Circumstances) -> bytes:
        """The body of the answer to a call. Raises ParameterError: it is malformed."""
        OPERATIONS[operation].check(parameters)
        rows = self._answers[operation](parameters, circumstances)
        page, size = parameters.page, min(parameters.rows_per_page, MOST_ROWS)
        return _success(form, rows[(page - 1) * size : page * size], page=page, size=size, total=len(rows))

    @staticmethod
    def refused(error: ParameterError, form: Format, _circumstances: Circumstances) -> bytes:
        """The body of the answer to a call that the service refuses."""
        header = {"resultMsg": error.message, "resultCode": error.code}
        if form is JSON:
            return orjson.dumps({"response": {"header": header}})
        return f"{XML_DECLARATION}<response>{_xml_header(header)}</response>".encode()

    def _by_sido(self, parameters: Parameters, circumstances: Circumstances) -> list[Row]:
        sido = parameters.get("sidoName")
        chosen = tuple(at for at in stations() if sido in {_NATIONWIDE, at.sido})
        hour = _newest_hour("getCtprvnRltmMesureDnsty", circumstances)
        return self._rows(chosen, [hour], parameters, without=("mangName",)) if chosen else []

    def _by_station(self, parameters: Parameters, circumstances: Circumstances) -> Rows:
        """The hours of one station, the newest first; of stations of one name, the first."""
        chosen = tuple(at for at in stations() if at.name == parameters.get("stationName"))[:1]
        newest = _newest_hour("getMsrstnAcctoRltmMesureDnsty", circumstances)
        term = _HOURS_OF_TERM[parameters.get("dataTerm").upper()]
        without = ("sidoName", "stationName")
        return RowsOnDemand(
            term if chosen else 0,
            lambda start, count: self._rows(
                chosen, [newest - step * _HOUR for step in range(start, start + count)], parameters, without=without
            ),
        )

    def _rows(
        self, chosen: tuple[AirStation, ...], hours: Sequence[datetime], parameters: Parameters, without: Sequence[str]
    ) -> list[Row]:
        version = float(parameters.get("ver", "0"))  # without a version there is no fine dust
        left_out = {key for key, since in _SINCE_VERSION.items() if version < since} | set(without)
        keys = [key for key in _MEASURED_KEYS if key not in left_out]
        numbers = tuple(hour_number(hour) for hour in reversed(hours))
        day = tuple(numbers[0] - step for step in range(23, 0, -1))
        values = self._air.measured(chosen, day + numbers)
        rows = []
        for at, hour in enumerate(hours):
            column = len(day) + len(numbers) - 1 - at
            for line, station in enumerate(chosen):
                own = {name: rounded(name, held[line, column]) for name, held in values.items()}
                means = {
                    name: rounded(name, held[line, column - 23 : column + 1].mean()) for name, held in values.items()
                }
                row = self._row(station, hour, own, means)
                rows.append({key: row[key] for key in keys})
        return rows

    def _row(self, station: AirStation, hour: datetime, own: dict[str, float], means: dict[str, float]) -> Row:
        flags = {name: self._air.failure(station, hour_number(hour), name) or None for name in POLLUTANTS}
        works = {name: own[name] for name in POLLUTANTS if not flags[name]}
        index = air_index(works) if {"pm10", "o3"} <= works.keys() else None
        row: Row = {
            "sidoName": station.sido,
            "stationName": station.name,
            "mangName": station.kind,
            "dataTime": data_time(hour),
            "khaiValue": "-" if index is None else str(index),
            "khaiGrade": None if index is None else str(1 + sum(index > step for step in (50, 100, 250))),
        }
        for name in POLLUTANTS:
            there, graded = name in works, means[name] if name.startswith("pm") else own[name]
            row[f"{name}Value"] = written(name, own[name]) if there else "-"
            row[f"{name}Grade"] = str(grade(name, graded)) if there else None
            row[f"{name}Flag"] = flags[name]
            row[f"{name}Value24"] = written(name, means[name]) if there else "-"
            row[f"{name}Grade1h"] = str(grade(name, own[name])) if there else None
        return row

    @staticmethod
    def _stations(parameters: Parameters, _circumstances: Circumstances) -> list[Row]:
        """Stations whose address and name contain what is asked. dmX is the latitude and dmY the longitude."""
        address, name = parameters.get("addr"), parameters.get("stationName")
        return [
            {
                "dmX": f"{at.latitude:.6f}",
                "item": "SO2, CO, O3, NO2, PM10, PM2.5",
                "mangName": at.kind,
                "year": str(at.since),
                "addr": at.address,
                "stationName": at.name,
                "dmY": f"{at.longitude:.6f}",
            }
            for at in stations()
            if address in at.address and name in at.name
        ]

    def _forecasts(self, parameters: Parameters, circumstances: Circumstances) -> list[Row]:
        codes = [parameters.get("InformCode")] if parameters.get("InformCode") else list(_CODES)
        now = circumstances.now
        if not parameters.get("searchDate"):
            days = [now.date() - timedelta(days=step) for step in range(_LISTED_DAYS)]
            return [
                {"dataTime": day.isoformat(), "informCode": code} for day in days for _ in range(8) for code in codes
            ]
        day = date.fromisoformat(parameters.get("searchDate"))
        issues = [datetime(day.year, day.month, day.day, hour, tzinfo=KOREA) for hour in _FORECAST_HOURS]
        return [
            self._forecast(code, issued, issued.date() + timedelta(days=ahead))
            for issued in reversed(issues)
            if is_published("getMinuDustFrcstDspth", issued, _FORECAST_DELAY, now, circumstances.behaviour)
            for code in codes
            for ahead in ((0, 1) if issued.hour < 17 else (1, 2))
        ]

    def _forecast(self, code: str, issued: datetime, day: date) -> Row:
        """The forecast of a day: the grade of the daily mean of each zone, of ozone that of the daily maximum."""
        chosen = stations()
        start = hour_number(datetime(day.year, day.month, day.day, tzinfo=KOREA))
        values = self._air.measured(chosen, tuple(start + hour for hour in range(0, 24, 3)))[_CODES[code]]
        daily = values.max(axis=1) if code == "O3" else values.mean(axis=1)
        grades = {
            zone: _WORDS[grade(_CODES[code], float(daily[_inside(chosen, *where)].mean())) - 1]
            for zone, where in _ZONES.items()
        }
        bad = [zone for zone, word in grades.items() if word in _WORDS[2:]]
        worst = f"{'·'.join(bad)}은 ‘나쁨’, 그 밖의 권역은 " if bad else "전 권역이 "
        rest = "‘좋음’" if set(grades.values()) == {"좋음"} else "‘좋음’∼‘보통’"
        name = {"PM10": "미세먼지", "PM25": "초미세먼지", "O3": "오존"}[code]
        return {
            "imageUrl1": "", "imageUrl2": "", "imageUrl3": "", "imageUrl4": "", "imageUrl5": "", "imageUrl6": "",
            "imageUrl7": "", "imageUrl8": "", "imageUrl9": "",
            "informCode": code,
            "informOverall": f"○ [{name}] {worst}{rest}으로 예상됩니다.",
            "informCause": f"○ [{name}] 대기 상태가 대체로 {'정체' if bad else '원활'}할 것으로 예상됩니다.",
            "informGrade": ",".join(f"{zone} : {word}" for zone, word in grades.items()),
            "informData": day.isoformat(),
            "dataTime": f"{issued:%Y-%m-%d %H}시 발표",
            "actionKnack": "",
        }  # fmt: skip


def data_time(hour: datetime) -> str:
    """The time of a measurement as written: midnight is 24:00 of the day before."""
    return f"{hour - _HOUR:%Y-%m-%d} 24:00" if hour.hour == 0 else f"{hour:%Y-%m-%d %H:%M}"


def _newest_hour(operation: str, circumstances: Circumstances) -> datetime:
    """The newest hour whose measurements are out."""
    hour = circumstances.now.replace(minute=0, second=0, microsecond=0)
    while not is_published(operation, hour, _DELAY, circumstances.now, circumstances.behaviour):
        hour -= _HOUR
        if circumstances.now - hour > timedelta(days=2):
            break
    return hour


def _inside(chosen: tuple[AirStation, ...], sido: str, least: float = 0.0, most: float = 180.0) -> np.ndarray:
    """Which stations are in a zone: a sido, of 강원 a range of longitudes and of 경기 one of latitudes."""
    return np.array(
        [at.sido == sido and least <= (at.longitude if sido == "강원" else at.latitude) < most for at in chosen]
    )


def _success(form: Format, items: Sequence[Mapping[str, Any]], *, page: int, size: int, total: int) -> bytes:
    header = {"resultMsg": "NORMAL_CODE", "resultCode": "00"}
    if form is JSON:
        body = {"totalCount": total, "items": items, "pageNo": page, "numOfRows": size}
        return orjson.dumps({"response": {"body": body, "header": header}})
    listed = b"".join(xml_item({key: "" if held is None else held for key, held in row.items()}) for row in items)
    counts = f"<numOfRows>{size}</numOfRows><pageNo>{page}</pageNo><totalCount>{total}</totalCount>"
    body = f"<body><items>{listed.decode()}</items>{counts}</body>"
    return f"{XML_DECLARATION}<response>{_xml_header(header)}{body}</response>".encode()


def _xml_header(header: dict[str, str]) -> str:
    return (
        f"<header><resultCode>{header['resultCode']}</resultCode><resultMsg>{header['resultMsg']}</resultMsg></header>"
    )
