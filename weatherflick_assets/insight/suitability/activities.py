"""What one can do at a place, and by what a day is scored for it. `activities_of_classes.csv` says it of KTO's classes.

A line of that table is about a group of classes, such as NA01, or about one class, which then counts alone. A class that is not
in a group of the table has no activity. Some have none on purpose; the reason is there.
"""

import csv
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from importlib.resources import files
from types import MappingProxyType

from weatherflick_assets.insight.suitability import holiday_climate, tourism_climate
from weatherflick_assets.insight.suitability.holiday_climate import HolidayClimate
from weatherflick_assets.insight.suitability.tourism_climate import TourismClimate


class Hours(StrEnum):
    """Which hours of a day count."""

    DAYLIGHT = "daylight"  # those of daylight in which the place is open; where it opens at night alone, these
    OPEN = "open"  # those in which it is open; where that is not known, those of daylight
    WHOLE_DAY = "whole_day"


@dataclass(frozen=True)
class Indoors:
    """The score of a day indoors: only the way there counts, by the ratings of HCI:Urban for rain and wind.

    An assumption of this platform. `base` + rain + wind is 80 at best, so that a good day outdoors is better, and rain alone
    leaves a day good.
    """

    base: float = 60.0


Method = HolidayClimate | TourismClimate | Indoors


@dataclass(frozen=True)
class Activity:
    """One activity.

    Attributes:
        name: as in tables.
        korean: as people say it.
        method: by which index a day is scored.
        index: the name of that index.
        hours: which hours count.
        is_outdoors: whether one stays outside.
    """

    name: str
    korean: str
    method: Method
    index: str
    hours: Hours
    is_outdoors: bool = True


ACTIVITIES: Mapping[str, Activity] = MappingProxyType(
    {
        activity.name: activity
        for activity in (
            Activity("sightseeing", "관광", holiday_climate.URBAN, "HCI:Urban", Hours.DAYLIGHT),
            Activity("beach", "해변", holiday_climate.BEACH, "HCI:Beach", Hours.DAYLIGHT),
            Activity("hiking", "자연·걷기", tourism_climate.HIKING, "CIT culture and hiking", Hours.DAYLIGHT),
            Activity("cycling", "자전거", tourism_climate.CYCLING, "CIT cycling", Hours.DAYLIGHT),
            Activity("golf", "골프", tourism_climate.GOLF, "CIT golf", Hours.DAYLIGHT),
            Activity("sailing", "돛·바람", tourism_climate.SAILING, "CIT sailing", Hours.DAYLIGHT),
            Activity("boating", "물놀이·뱃놀이", tourism_climate.BOATING, "CIT motor boating", Hours.DAYLIGHT),
            # No index of camping is at hand. One camps for what one hikes for, and rain and cold at night count as well.
            Activity("camping", "캠핑", tourism_climate.HIKING, "CIT culture and hiking", Hours.WHOLE_DAY),
            Activity("outdoor_event", "야외 행사", holiday_climate.URBAN, "HCI:Urban", Hours.OPEN),
            Activity("indoor", "실내", Indoors(), "the way there", Hours.OPEN, is_outdoors=False),
        )
    }
)
"""Every activity by name."""

_GROUP_LENGTHS = (4, 5)  # NA01; C0112 of courses


@dataclass(frozen=True)
class ClassActivities:
    """What one can do at the places of a class, and why it was declared so; no activity if none is rated."""

    activities: tuple[str, ...]
    reason: str


@cache
def declared() -> Mapping[str, ClassActivities]:
    """The table: by code of a class or of a group."""
    text = files("weatherflick_assets.insight.suitability").joinpath("activities_of_classes.csv")
    rows = csv.DictReader(text.read_text(encoding="utf-8").splitlines())
    return MappingProxyType(
        {row["code"]: ClassActivities(tuple(row["activities"].split()), row["reason"]) for row in rows}
    )


_UNKNOWN = ClassActivities((), "The class is not known.")


def activities_of(class_code: str | None) -> ClassActivities:
    """What one can do at places of a class (lclsSystm3)."""
    code = class_code or ""
    candidates = (code, *(code[:length] for length in _GROUP_LENGTHS))
    return next((declared()[each] for each in candidates if each in declared()), _UNKNOWN)
