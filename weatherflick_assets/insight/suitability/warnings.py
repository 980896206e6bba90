"""What warnings leave of a day: a 경보 of what endangers an activity leaves nothing, a 주의보 less than half.

A phenomenon that is not named here endangers everything, because the KMA adds new ones. These shares are this platform's.
"""

from collections.abc import Iterable, Mapping
from datetime import date, datetime, time, timedelta
from enum import StrEnum
from types import MappingProxyType
from typing import NamedTuple

from weatherflick_assets.insight.suitability.activities import Activity
from weatherflick_assets.settings import KST


class Danger(StrEnum):
    """Whom a phenomenon endangers."""

    TRAVEL = "travel"  # everybody, also on the way
    OUTSIDE = "outside"  # whoever stays outside: indoors one is better off
    FIRE = "fire"  # whoever is in the woods, which are closed then
    NIGHT = "night"  # whoever sleeps outside


DANGERS: Mapping[str, Danger] = MappingProxyType(
    {
        "폭염": Danger.OUTSIDE,
        "한파": Danger.OUTSIDE,
        "황사": Danger.OUTSIDE,
        "건조": Danger.FIRE,
        "열대야": Danger.NIGHT,
    }
)
"""By the KMA's word; 호우, 대설, 강풍, 태풍, 풍랑, 폭풍해일, 지진해일 and every other one endanger travel."""

ENGLISH: Mapping[str, str] = MappingProxyType(
    {
        "폭염": "Heat", "한파": "Cold", "황사": "Dust", "건조": "Dry air", "열대야": "Tropical night", "호우": "Heavy rain",
        "대설": "Heavy snow", "강풍": "Strong wind", "태풍": "Typhoon", "풍랑": "High waves", "폭풍해일": "Storm surge",
        "지진해일": "Tsunami",
    }
)  # fmt: skip

_GATES = ("warning", "critical")
_IN_THE_WOODS = ("hiking", "camping")

_SHARES: Mapping[tuple[Danger, bool], tuple[float, float]] = MappingProxyType(
    {
        (Danger.TRAVEL, True): (0.4, 0.0),
        (Danger.TRAVEL, False): (0.7, 0.0),
        (Danger.OUTSIDE, True): (0.4, 0.0),
        (Danger.OUTSIDE, False): (0.9, 0.6),
    }
)
"""What a 주의보 and a 경보 leave, outdoors (True) and indoors."""

_OF_WOODS_AND_NIGHTS = (0.7, 0.0)

HELD_FOR = timedelta(hours=24)
"""How long after an issue a warning counts whose end is not known: the KMA announces an end only when it comes."""

FIRST_HOUR, LAST_HOUR = time(6), time(22)
"""The hours of a day in which a warning must be in force to count for the day."""


class Warned(NamedTuple):
    """A warning: what of, at which level (advisory, warning, critical), from when, and until when if that is known."""

    phenomenon: str
    level: str
    effective_at: datetime
    lifted_at: datetime | None


def share_left(activity: Activity, phenomenon: str, level: str) -> float:
    """What a warning in force leaves of a day, 0 to 1."""
    danger = DANGERS.get(phenomenon, Danger.TRAVEL)
    if danger is Danger.FIRE:
        shares = _OF_WOODS_AND_NIGHTS if activity.name in _IN_THE_WOODS else (1.0, 1.0)
    elif danger is Danger.NIGHT:
        shares = _OF_WOODS_AND_NIGHTS if activity.name == "camping" else (1.0, 1.0)
    else:
        shares = _SHARES[danger, activity.is_outdoors]
    return shares[level in _GATES]


def days_of(warned: Warned, issue: datetime, days: Iterable[date]) -> list[date]:
    """Of these days those on which a warning counts, as it looks at an issue."""
    end = warned.lifted_at or issue + HELD_FOR
    return [
        day
        for day in days
        if warned.effective_at < datetime.combine(day, LAST_HOUR, KST)
        and end > max(issue, datetime.combine(day, FIRST_HOUR, KST))
    ]
