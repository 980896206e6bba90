"""The air of the simulated country: what its stations measure.

Here: the stations, the concentrations at a station and hour, and the grades and the index that follow from them.

Dust comes in waves of its own, more in spring than in summer, and rain washes it out. Ozone follows the sun and its
heat, nitrogen dioxide the traffic. A station fails now and then, which a flag says.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache, lru_cache

import numpy as np
from numpy.typing import NDArray

from weatherflick_assets.sandbox.korea import tables
from weatherflick_assets.sandbox.korea.draws import Draws
from weatherflick_assets.sandbox.weather.climate import season_at
from weatherflick_assets.sandbox.weather.sky import Hours, Places, Sky, Weather
from weatherflick_assets.sandbox.weather.waves import Waves

Floats = NDArray[np.float64]

POLLUTANTS = ("so2", "co", "o3", "no2", "pm10", "pm25")
_SIDO = {
    "11": "서울", "26": "부산", "27": "대구", "28": "인천", "30": "대전", "31": "울산", "36110": "세종", "41": "경기",
    "43": "충북", "44": "충남", "47": "경북", "48": "경남", "50": "제주", "51": "강원", "52": "전북", "12": "전남",
}  # fmt: skip
_GWANGJU_WARDS = frozenset({"동구", "서구", "남구", "북구", "광산구"})
_ROADSIDE = 0.1
_FAILS = 0.004
_FLAGS = ("통신장애", "점검및교정", "자료이상")

_STEPS = {
    "so2": (0.0, 0.02, 0.05, 0.15, 1.0),
    "co": (0.0, 2.0, 9.0, 15.0, 50.0),
    "o3": (0.0, 0.03, 0.09, 0.15, 0.6),
    "no2": (0.0, 0.03, 0.06, 0.2, 2.0),
    "pm10": (0.0, 30.0, 80.0, 150.0, 600.0),
    "pm25": (0.0, 15.0, 35.0, 75.0, 500.0),
}
"""The concentrations at which the grades 1 to 4 end; ppm, dust in µg/m³."""
_INDEX_STEPS = (0.0, 50.0, 100.0, 250.0, 500.0)
_DIGITS = {"so2": 3, "co": 1, "o3": 3, "no2": 3, "pm10": 0, "pm25": 0}


@dataclass(frozen=True)
class AirStation:
    """A station. Names are unique within a sido only.

    Attributes:
        latitude, longitude: In degrees.
        kind: The network it belongs to.
        since: The year in which it was set up.
    """

    sido: str
    name: str
    address: str
    latitude: float
    longitude: float
    kind: str
    since: int


@cache
def stations() -> tuple[AirStation, ...]:
    """One station per district, sido by sido. The merged region in the south west still has its two former names."""
    found = []
    for place in tables.sigungu():
        sido, name = _SIDO[place.region_code], place.name.split()[-1]
        if sido == "전남" and place.name in _GWANGJU_WARDS:
            sido = "광주"
        draws = Draws(0, f"air {place.region_code} {place.code}")
        kind = "도로변대기" if draws.happens("roadside", _ROADSIDE) else "도시대기"
        since = 1990 + draws.number("since", 33)
        found.append(AirStation(sido, name, f"{sido} {place.name}", place.latitude, place.longitude, kind, since))
    return tuple(found)


def grade(pollutant: str, value: float) -> int:
    """The grade of a concentration, 1 to 4."""
    return 1 + sum(value > step for step in _STEPS[pollutant][1:-1])


def air_index(values: Mapping[str, float]) -> int:
    """The comprehensive index: the highest of the single ones."""
    return round(max(float(np.interp(value, _STEPS[name], _INDEX_STEPS)) for name, value in values.items()))


def rounded(pollutant: str, value: float) -> float:
    """A concentration in the precision in which it is written."""
    return round(float(value), _DIGITS[pollutant])


def written(pollutant: str, value: float) -> str:
    """A concentration as text."""
    return f"{value:.{_DIGITS[pollutant]}f}"


class Air:
    """The air under one sky."""

    def __init__(self, sky: Sky, seed: int) -> None:
        """Measure below `sky`; the waves of dust are drawn with `seed`."""
        self._sky, self._seed = sky, seed
        self.measured = lru_cache(maxsize=32)(self._measured)
        random = np.random.default_rng([seed, 20_000_102])
        self._waves = (
            (0.85, Waves.drawn(random, reach_km=700, memory_h=40)),
            (0.45, Waves.drawn(random, reach_km=60, memory_h=8)),
        )

    def _measured(self, chosen: tuple[AirStation, ...], hours: tuple[float, ...]) -> dict[str, Floats]:
        """The concentration of every pollutant: rows are stations, columns are hours."""
        places = Places.at_degrees([at.latitude for at in chosen], [at.longitude for at in chosen])
        weather, season = self._sky.observed(places, Hours(hours)), season_at(hours)
        numbers = np.array(hours)
        haze = np.add.reduce(
            [
                share
                * np.einsum("pw,wt->pt", waves.in_space(places.east_km, places.north_km), waves.in_time(numbers)).real
                for share, waves in self._waves
            ]
        )
        return _concentrations(haze, weather, season["dust"], numbers % 24, places.coastal[:, np.newaxis])

    def failure(self, station: AirStation, hour: float, pollutant: str) -> str:
        """The flag of a station that measures nothing at this hour; empty if it works."""
        draws = Draws(self._seed, f"{station.sido} {station.name} {hour:.0f}")
        if draws.happens("all", _FAILS) or draws.happens(pollutant, _FAILS):
            return draws.pick("flag", _FLAGS)
        return ""


def _concentrations(haze: Floats, weather: Weather, dust: Floats, hour: Floats, coastal: Floats) -> dict[str, Floats]:
    washed = 1 / (1 + 0.5 * weather.rain)
    still = np.clip(1.25 - 0.13 * weather.wind, 0.5, 1.25)
    coarse = dust * np.exp(0.48 * haze - 0.48**2 / 2) * washed * still
    fine_share = np.clip(0.52 + 0.06 * np.tanh((12 - weather.temperature) / 12) + 0.03 * haze, 0.25, 0.8)
    rush = 1 + 0.35 * np.cos(2 * np.pi * (hour - 8.5) / 12)
    nitrogen = 0.013 * rush * still * (1 - 0.45 * coastal) * np.exp(0.25 * haze)
    sun = np.clip(np.cos(2 * np.pi * (hour - 15) / 24), 0, 1) * (1.2 - weather.cloud / 10)
    ozone = 0.024 + 0.03 * sun * np.clip(weather.temperature / 22, 0.3, 1.5) - 0.5 * nitrogen + 0.008 * coastal
    return {
        "so2": np.clip(0.0028 * np.exp(0.2 * haze), 0.001, None),
        "co": np.clip(0.36 * np.exp(0.3 * haze) * still, 0.1, None),
        "o3": np.clip(ozone, 0.001, None),
        "no2": np.clip(nitrogen, 0.001, None),
        "pm10": np.clip(coarse, 2, None),
        "pm25": np.clip(coarse * fine_share, 1, None),
    }
