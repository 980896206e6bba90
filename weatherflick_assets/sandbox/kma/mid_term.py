"""MidFcstInfoService: the mid-term forecast of regions and cities, and its text.

Here: which days an issue covers, the law of probabilities and wordings, and the rows of an answer.

The 06:00 issue covers D+4 to D+10, the 18:00 issue D+5 to D+10; half-days up to D+7, whole days after. The wording has
precipitation exactly when the probability is 60 or more, and rain becomes rarer with the lead, as in a recorded year. A
region that does not exist is answered with zeros and blanks, as recorded.
"""

import csv
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache, lru_cache
from pathlib import Path
from typing import Any

import numpy as np

from weatherflick_assets.sandbox.weather.sky import Hours, Places, Sky, Weather, hour_number

MID_TERM_TIMES = ("0600", "1800")
LAND_REGIONS = {
    "11B00000": ("서울·인천·경기", ("11B",)),
    "11D10000": ("강원영서", ("11D1",)),
    "11D20000": ("강원영동", ("11D2",)),
    "11C20000": ("대전·세종·충남", ("11C2",)),
    "11C10000": ("충북", ("11C1",)),
    "11F20000": ("광주·전남", ("11F2", "21F2")),
    "11F10000": ("전북", ("11F1", "21F1")),
    "11H10000": ("대구·경북", ("11H1",)),
    "11H20000": ("부산·울산·경남", ("11H2",)),
    "11G00000": ("제주도", ("11G",)),
}
"""Names of the land regions and the first letters of the codes of their cities."""

OFFICES = {
    "108": tuple(LAND_REGIONS),
    "109": ("11B00000",),
    "105": ("11D10000", "11D20000"),
    "131": ("11C10000",),
    "133": ("11C20000",),
    "146": ("11F10000",),
    "156": ("11F20000",),
    "143": ("11H10000",),
    "159": ("11H20000",),
    "184": ("11G00000",),
}
"""The land regions that the text of each office is about."""

_LAST_DAY, _LAST_HALF_DAY = 10, 7
_POINTS = 6  # of a region
_STEP_H = 3
_RANGES = {4: (1, 1), 5: (1, 1), 6: (1, 1), 7: (1, 1), 8: (0, 2), 9: (0, 2), 10: (0, 3)}

# The wettest three hours of half a day, averaged over a region: mean and deviation of the field of rain.
_MEAN_WETNESS, _DEVIATION = 0.72, 0.80
_MEMORY_H, _RAINY = 150.0, 0.49
_DRY = (
    (-0.85, "맑음", 10),
    (-0.60, "맑음", 20),
    (-0.30, "구름많음", 20),
    (0.25, "구름많음", 30),
    (0.43, "구름많음", 40),
)
_PROBABLE = ((0.62, 60), (0.78, 70), (1.02, 80))
_SNOW_BELOW, _SLEET_BELOW, _SHOWERS_FROM = 1.0, 4.0, 22.0
_CLOUDY_RAIN = 0.53


@dataclass(frozen=True)
class City:
    """A city of the mid-term forecast."""

    code: str
    name: str
    latitude: float
    longitude: float


@cache
def cities() -> Mapping[str, City]:
    """The cities with temperatures, by code."""
    with Path(__file__).with_name("cities.csv").open(encoding="utf-8", newline="") as file:
        return {
            row["code"]: City(row["code"], row["name"], float(row["latitude"]), float(row["longitude"]))
            for row in csv.DictReader(file)
        }


def days_of(issued: datetime) -> range:
    """The days, counted from that of the issue, that it covers."""
    return range(4 if issued.hour < 12 else 5, _LAST_DAY + 1)


def said(wetness: float, temperature: float, lead_h: float) -> tuple[int, str]:
    """Probability and wording for a half-day, from its standardised wetness and its temperature in degrees."""
    certain = wetness * float(np.exp(-lead_h / _MEMORY_H))
    if certain < _RAINY:
        return next(((chance, words) for most, words, chance in _DRY if wetness < most), (40, "흐림"))
    chance = next((chance for most, chance in _PROBABLE if certain < most), 90)
    if temperature < _SNOW_BELOW:
        kind = "눈"
    elif temperature < _SLEET_BELOW:
        kind = "비/눈"
    elif temperature > _SHOWERS_FROM and certain < _CLOUDY_RAIN:
        return chance, "구름많고 소나기"
    else:
        kind = "비"
    return chance, f"{'구름많고' if certain < _CLOUDY_RAIN - 0.02 else '흐리고'} {kind}"


class MidTerm:
    """Rows of mid-term issues."""

    def __init__(self, sky: Sky) -> None:
        """Forecast `sky`."""
        self._sky = sky
        self._region = lru_cache(maxsize=len(LAND_REGIONS))(self._points_of)
        self.land = lru_cache(maxsize=64)(self._land)

    @staticmethod
    def _points_of(region: str) -> Places:
        _, starts = LAND_REGIONS[region]
        inside = [city for city in cities().values() if city.code.startswith(starts)]
        chosen = inside[:: max(1, len(inside) // _POINTS)]
        return Places.at_degrees([city.latitude for city in chosen], [city.longitude for city in chosen])

    def _land(self, issued: datetime, region: str) -> Mapping[str, Any]:
        """The row of getMidLandFcst."""
        parts = {f"{day}{half}": (day, half) for day in days_of(issued) for half in _halves(day)}
        if region not in LAND_REGIONS:
            return {
                "regId": region,
                **{f"rnSt{part}": 0 for part in parts},
                **{f"wf{part}": "" for part in parts},
            }
        weather = self._weather(issued, self._region(region))
        half_days = weather.wetness.reshape(len(weather.wetness), -1, 12 // _STEP_H).max(axis=2).mean(axis=0)
        wetness = (half_days - _MEAN_WETNESS) / _DEVIATION
        temperature = weather.temperature.reshape(len(weather.wetness), -1, 12 // _STEP_H).mean(axis=(0, 2))
        chances, words = {}, {}
        for name, (day, half) in parts.items():
            first = 2 * (day - days_of(issued)[0])
            chosen = slice(first, first + 2) if not half else slice(first + (half == "Pm"), first + (half == "Pm") + 1)
            lead = 24 * day + {"Am": 6, "Pm": 18, "": 12}[half] - issued.hour
            chances[f"rnSt{name}"], words[f"wf{name}"] = said(
                float(wetness[chosen].max() - 0.3 * (not half)), float(temperature[chosen].mean()), lead
            )
        return {"regId": region, **chances, **words}

    def temperatures(self, issued: datetime, code: str) -> Mapping[str, Any]:
        """The row of getMidTa."""
        city, days = cities().get(code), days_of(issued)
        lows = highs = [0] * len(days)
        ranges = _RANGES if city else dict.fromkeys(days, (0, 0))
        if city:
            weather = self._weather(issued, Places.at_degrees([city.latitude], [city.longitude]))
            by_day = weather.temperature[0].reshape(len(days), -1).round().astype(int)
            lows, highs = by_day.min(axis=1).tolist(), by_day.max(axis=1).tolist()
        row: dict[str, Any] = {"regId": code}
        for day, *extremes in zip(days, lows, highs, strict=True):
            for name, value in zip((f"taMin{day}", f"taMax{day}"), extremes, strict=True):
                row |= {name: value, f"{name}Low": ranges[day][0], f"{name}High": ranges[day][1]}
        return row

    def text(self, issued: datetime, office: str) -> Mapping[str, str]:
        """The row of getMidFcst: the sky and the temperatures in words."""
        days = [f"{issued + timedelta(days=day):%d}일" for day in days_of(issued)]
        lines = []
        for region in OFFICES[office]:
            wet = [word for key, word in self.land(issued, region).items() if key.startswith("wf")]
            rainy = sorted({word for word in wet if " " in word})
            lines.append(f"{LAND_REGIONS[region][0]}: {', '.join(rainy) or '가끔 구름많겠음'}")
        first = next(
            city.code for city in cities().values() if city.code.startswith(LAND_REGIONS[OFFICES[office][0]][1])
        )
        row = self.temperatures(issued, first)
        lows, highs = ([row[f"{name}{day}"] for day in days_of(issued)] for name in ("taMin", "taMax"))
        sky = f"○ (하늘상태) {days[0]}~{days[-1]} " + " / ".join(lines)
        degrees = f"○ (기온) 아침 기온은 {min(lows)}~{max(lows)}도, 낮 기온은 {min(highs)}~{max(highs)}도가 되겠습니다."
        return {"wfSv": f"{sky}\n{degrees}"}

    def _weather(self, issued: datetime, places: Places) -> Weather:
        first = hour_number(issued.replace(hour=0)) + 24 * days_of(issued)[0]
        numbers = tuple(first + step for step in range(0, 24 * len(days_of(issued)), _STEP_H))
        return self._sky.forecast(places, Hours(numbers, issued=hour_number(issued)))


def _halves(day: int) -> Sequence[str]:
    return ("Am", "Pm") if day <= _LAST_HALF_DAY else ("",)
