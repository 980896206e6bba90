"""AsosHourlyInfoService and AsosDalyInfoService: what the stations observed, by hour and by day.

Here: the stations, the keys in order, and rows cut from the sky. All values are texts; what was not observed is blank.

Data reach up to yesterday from eleven o'clock on, and up to the day before until then. To a period that ends today or
later the answer is an error, as documented. Pages have at most 999 rows.
"""

import csv
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from weatherflick_assets.sandbox.kma.wording import direction
from weatherflick_assets.sandbox.weather.sky import Hours, Places, Sky, Weather, hour_number

Floats = NDArray[np.float64]

MOST_ROWS = 999
READY_HOUR = 11

HOURLY_KEYS = (
    "tm", "rnum", "stnId", "stnNm", "ta", "taQcflg", "rn", "rnQcflg", "ws", "wsQcflg", "wd", "wdQcflg", "hm", "hmQcflg",
    "pv", "td", "pa", "paQcflg", "ps", "psQcflg", "ss", "ssQcflg", "icsr", "dsnw", "hr3Fhsc", "dc10Tca", "dc10LmcsCa",
    "clfmAbbrCd", "lcsCh", "vs", "gndSttCd", "dmstMtphNo", "ts", "tsQcflg", "m005Te", "m01Te", "m02Te", "m03Te",
)  # fmt: skip
DAILY_KEYS = (
    "stnId", "stnNm", "tm", "avgTa", "minTa", "minTaHrmt", "maxTa", "maxTaHrmt", "mi10MaxRn", "mi10MaxRnHrmt",
    "hr1MaxRn", "hr1MaxRnHrmt", "sumRnDur", "sumRn", "maxInsWs", "maxInsWsWd", "maxInsWsHrmt", "maxWs", "maxWsWd",
    "maxWsHrmt", "avgWs", "hr24SumRws", "maxWd", "avgTd", "minRhm", "minRhmHrmt", "avgRhm", "avgPv", "avgPa", "maxPs",
    "maxPsHrmt", "minPs", "minPsHrmt", "avgPs", "ssDur", "sumSsHr", "hr1MaxIcsrHrmt", "hr1MaxIcsr", "sumGsr", "ddMefs",
    "ddMefsHrmt", "ddMes", "ddMesHrmt", "sumDpthFhsc", "avgTca", "avgLmac", "avgTs", "minTg", "avgCm5Te", "avgCm10Te",
    "avgCm20Te", "avgCm30Te", "avgM05Te", "avgM10Te", "avgM15Te", "avgM30Te", "avgM50Te", "sumLrgEv", "sumSmlEv",
    "n99Rn", "iscs", "sumFogDur",
)  # fmt: skip

_GUST = 1.9
_LEAST_MM = 0.05
_SUNRISE, _SUNSET = 6.5, 18.5
_PER_DAY = 24
_DAYS_AT_ONCE = 31
"""The sky remembers the hours that it was last asked about, which are the same for every station: a year of them is large."""


@dataclass(frozen=True)
class Station:
    """A station: its number, name, position in degrees, and metres above the sea."""

    number: str
    name: str
    latitude: float
    longitude: float
    altitude: float


@cache
def stations() -> Mapping[str, Station]:
    """The stations by number."""
    with Path(__file__).with_name("stations.csv").open(encoding="utf-8", newline="") as file:
        return {
            row["number"]: Station(
                row["number"], row["name"], *(float(row[name]) for name in ("latitude", "longitude", "altitude"))
            )
            for row in csv.DictReader(file)
        }


def last_day(now: datetime) -> datetime:
    """The midnight at the start of the last day with data."""
    midnight = now.replace(hour=0, minute=0, second=0, microsecond=0)
    return midnight - timedelta(days=1 if now.hour >= READY_HOUR else 2)


class Asos:
    """Rows of stations."""

    def __init__(self, sky: Sky) -> None:
        """Observe `sky`."""
        self._sky = sky

    def hourly(self, station: Station, first: datetime, count: int, number: int) -> list[dict[str, Any]]:
        """The rows of `count` hours from `first`; `number` is that of the first row."""
        observed = self._observed(station, first, count)
        texts = {name: _texts(values) for name, values in observed.items()}
        rows = []
        for at in range(count):
            time = first + timedelta(hours=at)
            row = dict.fromkeys(HOURLY_KEYS, "") | {
                name: values[at] for name, values in texts.items() if name in _HOURLY
            }
            row |= {"tm": f"{time:%Y-%m-%d %H:%M}", "rnum": str(number + at), "stnId": station.number}
            row |= {"stnNm": station.name, "wd": str(int(observed["wd"][at])), "vs": str(int(observed["vs"][at]))}
            row |= {"hm": f"{observed['hm'][at]:.0f}", "dc10Tca": f"{observed['dc10Tca'][at]:.0f}"}
            if observed["rn"][at] < _LEAST_MM:
                row["rn"], row["rnQcflg"] = "", "9"
            rows.append({key: row[key] for key in HOURLY_KEYS})
        return rows

    def daily(self, station: Station, first: datetime, count: int) -> list[dict[str, Any]]:
        """The rows of `count` days from `first`."""
        return [
            row
            for start in range(0, count, _DAYS_AT_ONCE)
            for row in self._days(station, first + timedelta(days=start), min(_DAYS_AT_ONCE, count - start))
        ]

    def _days(self, station: Station, first: datetime, count: int) -> list[dict[str, Any]]:
        observed = self._observed(station, first, count * _PER_DAY)
        by_day = {name: values.reshape(count, _PER_DAY) for name, values in observed.items()}
        return [
            _day(station, first + timedelta(days=at), {name: values[at] for name, values in by_day.items()})
            for at in range(count)
        ]

    def _observed(self, station: Station, first: datetime, count: int) -> dict[str, Floats]:
        start = hour_number(first)
        hours = Hours(tuple(start + hour for hour in range(count)))
        places = Places.at_degrees([station.latitude], [station.longitude])
        return _columns(self._sky.observed(places, hours), np.array(hours.numbers), station.altitude)


_HOURLY = frozenset(
    {"ta", "rn", "ws", "pv", "td", "pa", "ps", "ss", "icsr", "dc10LmcsCa", "ts", "m005Te", "m01Te", "m02Te", "m03Te"}
)


def _columns(weather: Weather, numbers: Floats, altitude: float) -> dict[str, Floats]:
    """The elements of one station by hour, named as in the hourly rows."""
    hour = numbers % 24
    temperature, humidity, cloud = (
        np.round(held[0], 1) for held in (weather.temperature, weather.humidity, weather.cloud)
    )
    humidity = np.round(humidity)
    vapour = humidity / 100 * 6.112 * np.exp(17.62 * temperature / (243.12 + temperature))
    logarithm = np.log(vapour / 6.112)
    dew = 243.12 * logarithm / (17.62 - logarithm)
    sea_level = 1014 + 9 * np.cos(2 * np.pi * (numbers / 24 / 365.25)) - 3.5 * weather.wetness[0]
    height = np.clip((hour - _SUNRISE) / (_SUNSET - _SUNRISE), 0, 1)
    sun = np.sin(np.pi * height)
    by_day = (height > 0) & (height < 1)  # the sine of π is not quite 0
    sunshine = np.where(by_day, np.clip(1.25 - cloud / 8, 0, 1), 0.0)
    ground = temperature + 6 * sun * sunshine - 1
    return {
        "ta": temperature,
        "rn": np.round(weather.rain[0], 1),
        "ws": np.round(weather.wind[0], 1),
        "wd": np.round(np.round(direction(weather.east[0], weather.north[0]) / 22.5) * 2.25) * 10,
        "hm": humidity,
        "pv": vapour,
        "td": dew,
        "ps": sea_level,
        "pa": sea_level * np.exp(-altitude / (29.3 * (temperature + 273))),
        "ss": sunshine,
        "icsr": 3.2 * sun * (0.3 + 0.7 * sunshine),
        "dc10Tca": np.round(cloud),
        "dc10LmcsCa": np.round(cloud * 0.7),
        "vs": np.round(np.clip(4500 - 40 * humidity, 200, 3000) / 10) * 10,
        "ts": ground,
        "m005Te": (temperature + ground) / 2,
        "m01Te": temperature * 0.9 + 1,
        "m02Te": temperature * 0.8 + 2,
        "m03Te": temperature * 0.7 + 3,
    }


def _texts(values: Floats) -> list[str]:
    return [f"{value:.1f}" for value in (np.round(values, 1) + 0.0).tolist()]


def _day(station: Station, day: datetime, observed: Mapping[str, Floats]) -> dict[str, str]:
    def mean(name: str) -> str:
        return f"{observed[name].mean() + 0.0:.1f}"

    def extreme(name: str, key: str, *, highest: bool) -> dict[str, str]:
        at = int(observed[name].argmax() if highest else observed[name].argmin())
        return {key: f"{observed[name][at] + 0.0:.1f}", f"{key}Hrmt": f"{at:02}{(at * 37) % 60:02}"}

    rain, strongest = observed["rn"], int(observed["ws"].argmax())
    wet = {
        "sumRnDur": f"{(rain > 0).sum():.2f}",
        "sumRn": f"{rain.sum():.1f}",
        **extreme("rn", "hr1MaxRn", highest=True),
        "mi10MaxRn": f"{rain.max() / 3:.1f}",
        "mi10MaxRnHrmt": extreme("rn", "hr1MaxRn", highest=True)["hr1MaxRnHrmt"],
        "n99Rn": f"{rain.sum():.1f}",
    }
    winds = observed["wd"].astype(int).tolist()
    row = {
        "stnId": station.number,
        "stnNm": station.name,
        "tm": f"{day:%Y-%m-%d}",
        "avgTa": mean("ta"),
        **extreme("ta", "minTa", highest=False),
        **extreme("ta", "maxTa", highest=True),
        **(wet if rain.max() >= _LEAST_MM else {}),
        "maxInsWs": f"{observed['ws'].max() * _GUST:.1f}",
        "maxInsWsWd": str(winds[strongest]),
        "maxInsWsHrmt": f"{strongest:02}{(strongest * 41) % 60:02}",
        "maxWsWd": str(winds[strongest]),
        **extreme("ws", "maxWs", highest=True),
        "avgWs": mean("ws"),
        "hr24SumRws": f"{observed['ws'].sum() * 36:.0f}",
        "maxWd": str(max(sorted(set(winds)), key=winds.count)),
        "avgTd": mean("td"),
        **extreme("hm", "minRhm", highest=False),
        "minRhm": f"{observed['hm'].min():.0f}",
        "avgRhm": mean("hm"),
        "avgPv": mean("pv"),
        "avgPa": mean("pa"),
        **extreme("ps", "maxPs", highest=True),
        **extreme("ps", "minPs", highest=False),
        "avgPs": mean("ps"),
        "ssDur": f"{_SUNSET - _SUNRISE:.1f}",
        "sumSsHr": f"{observed['ss'].sum():.1f}",
        "hr1MaxIcsrHrmt": f"{int(observed['icsr'].argmax()):02}00",
        "hr1MaxIcsr": f"{observed['icsr'].max():.2f}",
        "sumGsr": f"{observed['icsr'].sum():.2f}",
        "avgTca": mean("dc10Tca"),
        "avgLmac": mean("dc10LmcsCa"),
        "avgTs": mean("ts"),
        "minTg": f"{observed['ts'].min() + 0.0:.1f}",
        "avgCm5Te": mean("m005Te"),
        "avgCm10Te": mean("m01Te"),
        "avgCm20Te": mean("m02Te"),
        "avgCm30Te": mean("m03Te"),
    }
    return {key: row.get(key, "") for key in DAILY_KEYS}
