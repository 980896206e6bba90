"""WthrWrnInfoService: the bulletins of warnings, and the warnings in force.

Here: which phenomena there are, when each is raised, and the texts.

Warnings follow from the weather to come, decided four times a day: at each time every zone has a level of every
phenomenon (0 none, 1 주의보, 2 경보, 3 중대경보). A bulletin tells how the levels of one office differ from those of the
time before: announced, changed or lifted. It is in force two hours later. The preliminary ones are for the day after.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import lru_cache
from math import ceil
from typing import Any

import numpy as np
from numpy.typing import NDArray

from weatherflick_assets.sandbox.clock import KOREA
from weatherflick_assets.sandbox.kma.zones import NOTHING, listed, zones
from weatherflick_assets.sandbox.weather.sky import Hours, Places, Sky, hour_number

Floats = NDArray[np.float64]
Levels = NDArray[np.int64]

NATIONWIDE = "108"
BULLETIN_HOURS = (4, 10, 16, 22)
_IN_FORCE_AFTER = timedelta(hours=2)
_STEP_H = 3
_LOOKS_AHEAD = 16  # steps
_LEVEL_NAMES = ("", "주의보", "경보", "중대경보")
_GUST = 2.1
_DAYS_AHEAD = 3
_LOOKS_BACK_DAYS = 10


@dataclass(frozen=True)
class _Ahead:
    """The next two days of all zones, in steps of three hours: rows are zones."""

    temperature: Floats
    feels_like: Floats
    humidity: Floats
    rain: Floats
    gust: Floats
    month: int


@dataclass(frozen=True)
class _Phenomenon:
    """A phenomenon: its name, the months in which it occurs, and the level of each zone for what lies ahead."""

    name: str
    months: frozenset[int]
    level: Callable[[_Ahead], Levels]


def _above(value: Floats, *thresholds: float) -> Levels:
    return np.sum([value >= threshold for threshold in thresholds], axis=0)


def _both_days(values: Floats, pick: Callable[..., Floats]) -> Floats:
    """The lesser of two daily extremes."""
    return np.minimum(pick(values[:, :8], axis=1), pick(values[:, 8:16], axis=1))


def _rain_sums(ahead: _Ahead) -> Levels:
    amount = ahead.rain[:, :4] * _STEP_H
    return np.maximum(_above(amount.max(axis=1), 60, 90), _above(amount.sum(axis=1), 110, 180))


def _snow(ahead: _Ahead) -> Levels:
    falls = np.where(ahead.temperature[:, :8] < 1, ahead.rain[:, :8], 0.0)
    return _above(falls.sum(axis=1) * _STEP_H, 5, 20)


_YEAR = frozenset(range(1, 13))
_SUMMER, _WINTER = frozenset({5, 6, 7, 8, 9}), frozenset({10, 11, 12, 1, 2, 3, 4})

_PHENOMENA = (
    _Phenomenon("호우", _YEAR, _rain_sums),
    _Phenomenon("대설", _WINTER, _snow),
    _Phenomenon("폭염", _SUMMER, lambda ahead: _above(_both_days(ahead.feels_like, np.max), 33, 35, 38)),
    _Phenomenon("열대야", _SUMMER, lambda ahead: _above(_both_days(ahead.temperature, np.min), 25)),
    _Phenomenon("한파", _WINTER, lambda ahead: _above(-ahead.temperature[:, :8].min(axis=1), 12, 15)),
    _Phenomenon("강풍", _YEAR, lambda ahead: _above(ahead.gust[:, :4].max(axis=1), 20, 26)),
    _Phenomenon("건조", _YEAR, lambda ahead: _above(-_both_days(ahead.humidity, np.mean), -38, -30)),
)


@dataclass(frozen=True)
class Bulletin:
    """A bulletin of an office about one phenomenon; `number` counts those of its office within the month."""

    office: str
    at: datetime
    number: int
    changes: str

    @property
    def row(self) -> dict[str, Any]:
        """Its row in getWthrWrnList."""
        title = f"[특보] 제{self.at:%m}-{self.number}호 : {self.at:%Y.%m.%d.%H:%M} / {self.changes} (*)"
        return {"stnId": self.office, "title": title, "tmFc": int(f"{self.at:%Y%m%d%H%M}"), "tmSeq": self.number}


class Warnings:
    """The warnings of one sky."""

    def __init__(self, sky: Sky) -> None:
        """Warn of the weather of `sky`."""
        self._sky = sky
        self._places = Places.at_degrees([zone.latitude for zone in zones()], [zone.longitude for zone in zones()])
        self._weather = lru_cache(maxsize=4)(self._weather_of)
        self._levels = lru_cache(maxsize=512)(self._levels_at)
        self._month = lru_cache(maxsize=24)(self._bulletins_of)

    def bulletins(self, first: date, last: date, now: datetime, office: str = NATIONWIDE) -> list[Bulletin]:
        """The bulletins of an office (or of all) on the days from `first` to `last` that are out at `now`.

        The newest come first.
        """
        months = sorted(
            {(day.year, day.month) for day in (first + timedelta(days=step) for step in range((last - first).days + 1))}
        )
        found = [
            bulletin
            for month in months
            for bulletin in self._month(*month)
            if first <= bulletin.at.date() <= last and bulletin.at <= now and office in {NATIONWIDE, bulletin.office}
        ]
        return found[::-1]

    def status(self, now: datetime) -> dict[str, Any]:
        """The row of getPwnStatus: the newest bulletin, what is in force by it, and what is expected."""
        newest = self.bulletins(now.date() - timedelta(days=_LOOKS_BACK_DAYS), now.date(), now)
        last = newest[0] if newest else Bulletin(NATIONWIDE, _decided(now), 1, "")
        levels = self._levels(last.at)
        in_force = [
            f"o {phenomenon.name}{_LEVEL_NAMES[level]} : {listed(chosen)}"
            for place, phenomenon in enumerate(_PHENOMENA)
            for level in (3, 2, 1)
            if (chosen := [zone for zone, held in zip(zones(), levels[place], strict=True) if held == level])
        ]
        return {
            "tmFc": int(f"{last.at:%Y%m%d%H%M}"),
            "tmEf": f"{last.at + _IN_FORCE_AFTER:%Y%m%d%H%M}",
            "tmSeq": last.number,
            "t6": "\r\n".join(in_force) or NOTHING,
            "t7": self._preliminary(last.at, levels),
            "other": NOTHING,
        }

    def _preliminary(self, at: datetime, levels: Levels) -> str:
        tomorrow = self._levels(at + timedelta(days=1))
        texts = []
        for place, phenomenon in enumerate(_PHENOMENA):
            coming = (tomorrow[place] > 0) & (levels[place] == 0)
            if coming.any():
                when = at + timedelta(days=1)
                part = "밤" if when.hour >= 18 or when.hour < 6 else "오전" if when.hour < 12 else "오후"
                chosen = [zone for zone, comes in zip(zones(), coming, strict=True) if comes]
                texts.append(
                    f"({len(texts) + 1}) {phenomenon.name} 예비특보\r\no {when:%m월 %d일} {part} : {listed(chosen)}"
                )
        return "\r\n".join(texts) or NOTHING

    def _bulletins_of(self, year: int, month: int) -> Sequence[Bulletin]:
        """The bulletins of a month, the oldest first."""
        found, counts = [], dict.fromkeys((zone.office for zone in zones()), 0)
        offices = {office: np.array([zone.office == office for zone in zones()]) for office in counts}
        at = datetime(year, month, 1, BULLETIN_HOURS[0], tzinfo=KOREA)
        while at.month == month:
            before, after = self._levels(_decided(at - timedelta(hours=1))), self._levels(at)
            for place, phenomenon in enumerate(_PHENOMENA):
                for office, inside in offices.items():
                    changes = _changes(phenomenon.name, before[place][inside], after[place][inside])
                    if changes:
                        counts[office] += 1
                        found.append(Bulletin(office, at, counts[office], changes))
            at += timedelta(hours=6)
        return found

    def _levels_at(self, at: datetime) -> Levels:
        """The level of every phenomenon (rows) in every zone (columns), decided at a time of bulletins."""
        first, columns = self._weather(at.year, at.month)
        start = ceil((hour_number(at) - first) / _STEP_H)
        temperature, humidity, rain, wind = (column[:, start : start + _LOOKS_AHEAD] for column in columns)
        ahead = _Ahead(temperature, _feels_like(temperature, humidity), humidity, rain, _GUST * wind, at.month)
        return np.stack(
            [
                phenomenon.level(ahead) if ahead.month in phenomenon.months else np.zeros(len(zones()), dtype=np.int64)
                for phenomenon in _PHENOMENA
            ]
        )

    def _weather_of(self, year: int, month: int) -> tuple[float, tuple[Floats, ...]]:
        """The weather of a month and the days after it, and the hour number of its first step."""
        start = hour_number(datetime(year, month, 1, tzinfo=KOREA))
        steps = range(0, (31 + _DAYS_AHEAD) * 24, _STEP_H)
        weather = self._sky.observed(self._places, Hours(tuple(start + step for step in steps)))
        return start, (weather.temperature, weather.humidity, weather.rain, weather.wind)


def _decided(at: datetime) -> datetime:
    """The last time of bulletins up to `at`."""
    earlier = [hour for hour in BULLETIN_HOURS if hour <= at.hour]
    if earlier:
        return at.replace(hour=earlier[-1], minute=0, second=0, microsecond=0)
    return _decided(at.replace(hour=23) - timedelta(days=1))


def _changes(name: str, before: Levels, after: Levels) -> str:
    """What a title says: `호우경보 변경·호우주의보 발표`; empty if nothing changes."""
    moved = {(int(old), int(new)) for old, new in zip(before, after, strict=True) if old != new}
    said = [
        *(f"{name}{_LEVEL_NAMES[new]} 변경" for new in (3, 2, 1) if any(old and level == new for old, level in moved)),
        *(f"{name}{_LEVEL_NAMES[new]} 발표" for new in (3, 2, 1) if (0, new) in moved),
        *(f"{name}{_LEVEL_NAMES[old]} 해제" for old in (3, 2, 1) if (old, 0) in moved),
    ]
    return "·".join(said)


def _feels_like(temperature: Floats, humidity: Floats) -> Floats:
    """KMA's summer formula, with the wet-bulb temperature of Stull."""
    wet = (
        temperature * np.arctan(0.151977 * np.sqrt(humidity + 8.313659))
        + np.arctan(temperature + humidity)
        - np.arctan(humidity - 1.67633)
        + 0.00391838 * humidity**1.5 * np.arctan(0.023101 * humidity)
        - 4.686035
    )
    return -0.2442 + 0.55399 * wet + 0.45535 * temperature - 0.0022 * wet**2 + 0.00278 * wet * temperature + 3.0
