"""What counts as a change of a day, declared once: by how much, across which limit, and how it is said in Korean and English.

The limits of the weather are those by which the previous system notified: five degrees, a chance of rain of 30 %, heat from 35 °C
and cold from -10 °C on, wind from 20 m/s on. A score changes when its level does.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from types import MappingProxyType

import numpy as np
from numpy.typing import NDArray

from weatherflick_assets.insight.suitability.scoring import LEVELS
from weatherflick_assets.insight.suitability.steps import Floats, Steps, above
from weatherflick_assets.insight.suitability.suite import NOT_RECOMMENDED

QUIET = timedelta(hours=24)
"""The quiet time after a change, in which no further change of the same kind is told. Otherwise a value that flickers around a limit
would be told every three hours. The previous system told a traveller once a day at most. A change that lasts is told when the quiet
time is over."""

FORWARD, BACK = 1, -1
"""Directions: up or into what a limit is about, and down or out of it."""

Sentences = Mapping[int, tuple[str, str]]
"""Templates in Korean and English, by direction."""


@dataclass(frozen=True)
class Bands:
    """A change is to another band of values."""

    of: Steps

    def directions(self, before: Floats, now: Floats) -> NDArray[np.int64]:
        """The direction of each change; 0 without one, and where a value is not known."""
        return np.sign(np.nan_to_num(self.of.of(now) - self.of.of(before))).astype(np.int64)


@dataclass(frozen=True)
class Difference:
    """A change is by so much at least."""

    least: float

    def directions(self, before: Floats, now: Floats) -> NDArray[np.int64]:
        """The direction of each change; 0 without one, and where a value is not known."""
        # Values have one decimal. Their difference in binary may lie a little below what it is.
        change = np.nan_to_num(np.round(now - before, 2))
        return np.where(np.abs(change) >= self.least, np.sign(change), 0).astype(np.int64)


@dataclass(frozen=True)
class Kind:
    """One kind of change.

    Attributes:
        name: as in tables.
        element: the column of `core.daily_forecasts` that changes; "" of a score.
        rule: what a change is.
        sentences: how it is said. `{before}` and `{now}` stand for values; of a score for levels, and `{what}` and `{why}` for the
            activity and the reason of the score.
        is_crossing: whether a limit is crossed, so that something became or is no longer.
        is_of_hours: whether the value is that of the day's hours, of which some are over on the day itself.
    """

    name: str
    element: str
    rule: Bands | Difference
    sentences: Sentences
    is_crossing: bool = False
    is_of_hours: bool = False

    def called(self, direction: int) -> str:
        """The direction as in tables."""
        if self.is_crossing:
            return "became" if direction == FORWARD else "no_longer"
        return "up" if direction == FORWARD else "down"


def _from(limit: float) -> Bands:
    return Bands(Steps((limit,), (0, 1)))


def _until(limit: float) -> Bands:
    return Bands(Steps((above(limit),), (1, 0)))


SUITABILITY = "suitability"

_LEAST_OF_LEVELS = sorted(least for least in LEVELS.values() if least)

LEVELS_OF_SCORES = Steps((above(0), *_LEAST_OF_LEVELS), tuple(range(len(_LEAST_OF_LEVELS) + 2)))
"""The level of a score as a number, from 0 for a day that is not recommended on."""

KINDS: Mapping[str, Kind] = MappingProxyType(
    {
        kind.name: kind
        for kind in (
            Kind(
                "temperature_max",
                "temperature_max",
                Difference(5),
                {
                    FORWARD: ("낮 최고기온 {before}°C에서 {now}°C로 오름", "High up from {before} to {now} °C"),
                    BACK: ("낮 최고기온 {before}°C에서 {now}°C로 내림", "High down from {before} to {now} °C"),
                },
            ),
            Kind(
                "temperature_min",
                "temperature_min",
                Difference(5),
                {
                    FORWARD: ("아침 최저기온 {before}°C에서 {now}°C로 오름", "Low up from {before} to {now} °C"),
                    BACK: ("아침 최저기온 {before}°C에서 {now}°C로 내림", "Low down from {before} to {now} °C"),
                },
            ),
            Kind(
                "rain",
                "precipitation_probability",
                _from(30),
                {
                    FORWARD: ("비나 눈 올 가능성 높아짐: {before}%에서 {now}%로", "Rain or snow became likely: from {before} to {now} %"),
                    BACK: ("비나 눈 올 가능성 낮아짐: {before}%에서 {now}%로", "Rain or snow no longer likely: from {before} to {now} %"),
                },
                is_crossing=True,
                is_of_hours=True,
            ),
            Kind(
                "heat",
                "temperature_max",
                _from(35),
                {
                    FORWARD: ("무더위 예상: 최고 {before}°C에서 {now}°C로", "Great heat became likely: high from {before} to {now} °C"),
                    BACK: ("무더위 예상 풀림: 최고 {before}°C에서 {now}°C로", "Great heat no longer likely: high from {before} to {now} °C"),
                },
                is_crossing=True,
            ),
            Kind(
                "cold",
                "temperature_min",
                _until(-10),
                {
                    FORWARD: ("강추위 예상: 최저 {before}°C에서 {now}°C로", "Severe cold became likely: low from {before} to {now} °C"),
                    BACK: ("강추위 예상 풀림: 최저 {before}°C에서 {now}°C로", "Severe cold no longer likely: low from {before} to {now} °C"),
                },
                is_crossing=True,
            ),
            Kind(
                "wind",
                "wind_speed_max",
                _from(20),
                {
                    FORWARD: ("강한 바람 예상: {before} m/s에서 {now} m/s로", "Strong wind became likely: from {before} to {now} m/s"),
                    BACK: ("강한 바람 예상 풀림: {before} m/s에서 {now} m/s로", "Strong wind no longer likely: from {before} to {now} m/s"),
                },
                is_crossing=True,
                is_of_hours=True,
            ),
            Kind(
                SUITABILITY,
                "",
                Bands(LEVELS_OF_SCORES),
                dict.fromkeys((FORWARD, BACK), ("{what} {before}에서 {now}으로: {why}", "{what} from {before} to {now}: {why}")),
            ),
        )
    }
)  # fmt: skip
"""Every kind of change by name."""

DIRECTIONS = ("became", "no_longer", "up", "down")

LEVEL_NAMES: Mapping[str, tuple[str, str]] = MappingProxyType(
    {
        "excellent": ("매우 좋음", "excellent"),
        "good": ("좋음", "good"),
        "fair": ("보통", "fair"),
        "poor": ("나쁨", "poor"),
        NOT_RECOMMENDED: ("권하지 않음", "not recommended"),
    }
)
"""The levels of scores in Korean and English, the best first."""
