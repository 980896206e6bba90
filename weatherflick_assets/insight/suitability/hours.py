"""Which hours of a day count for an activity at a place: those of daylight, of opening, and after the issue."""

import re
from datetime import datetime

import numpy as np
from numpy.typing import NDArray

from weatherflick_assets.insight.suitability.activities import Hours
from weatherflick_assets.insight.suitability.daylight import Daylight
from weatherflick_assets.settings import KST
from weatherflick_assets.weather.issues import seam

Bools = NDArray[np.bool_]

UNKNOWN = "unknown"
"""Opening hours that are not known, in place of `09-18`: from 9, and until 18, which does not count any more."""

ANY = "any"
"""In place of opening hours where these make no difference."""

STEP_HOURS = 3
"""Hours between the times of the later part of a forecast."""

_OPEN_HOURS = re.compile(r"(\d\d)-(\d\d)")
_OF_A_DAY = np.arange(24)


def open_hours(text: str) -> Bools | None:
    """The hours of the day, 0 to 23, in which a place with such hours is open; None if they are not known.

    Closing is on the next day unless it is later than opening: 18-02, and 00-00 is always.
    """
    found = _OPEN_HOURS.fullmatch(text)
    if found is None:
        return None
    opens, closes = map(int, found.groups())
    if opens < closes:
        return (opens <= _OF_A_DAY) & (closes > _OF_A_DAY)
    return (opens <= _OF_A_DAY) | (closes > _OF_A_DAY)


def of_daylight(light: Daylight) -> Bools:
    """The full hours between sunrise and sunset, in a last axis of 24."""
    return (light.sunrise[..., None] <= _OF_A_DAY) & (light.sunset[..., None] >= _OF_A_DAY)


def that_count(kind: Hours, daylight: Bools, opened: Bools | None) -> Bools:
    """The hours that count.

    Args:
        kind: which ones do for the activity.
        daylight: the hours of daylight, in a last axis of 24.
        opened: the opening hours, if they are known.
    """
    if kind is Hours.WHOLE_DAY:
        return np.ones_like(daylight)
    if opened is None:
        return daylight
    if kind is Hours.OPEN:
        return np.broadcast_to(opened, daylight.shape)
    both = daylight & opened
    return np.where(both.any(axis=-1, keepdims=True), both, opened)


def forecast_hours(issued_at: datetime, day_starts: list[datetime]) -> Bools:
    """The hours of days that an issue of the short-term forecast speaks of: every one until the seam, then every third.

    Returns:
        Days by 24 hours.
    """
    hours = np.zeros((len(day_starts), 24), dtype=bool)
    last = seam(issued_at)
    for row, start in enumerate(day_starts):
        until_seam = (last - start).total_seconds() / 3600
        hours[row] = (until_seam >= _OF_A_DAY) | (_OF_A_DAY % STEP_HOURS == 0)
        hours[row] &= (issued_at - start).total_seconds() / 3600 < _OF_A_DAY
    return hours


def still_to_come(issue: datetime, day_starts: list[datetime]) -> Bools:
    """The hours of days that are after an issue: days by 24 hours."""
    gone = np.array([(issue.astimezone(KST) - start).total_seconds() / 3600 for start in day_starts])
    return gone[:, None] < _OF_A_DAY
