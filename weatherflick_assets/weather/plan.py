"""Which cells of the grid are asked for at an issue, within the day's quota. Pure.

An answer about a cell is worth the places that it serves, times how much a newer issue changes what is known of them. It
is not decided here how the calls of a day are spent on what ages (`planning/rounds.py`), nor when issues appear.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from types import MappingProxyType

import numpy as np
from numpy.typing import ArrayLike, NDArray

from weatherflick_assets.planning.rounds import Round, chosen

CHANGE_EXPONENT = 0.7
"""Two issues that are `age` hours apart differ in proportion to age ** 0.7.

In the KMA's mid-term forecasts of 2025 the probability of precipitation differs by 2.8 points between issues 12 hours
apart, 4.8 (24), 7.6 (48), 9.9 (72) and 11.8 (96); a test derives this exponent from them. No archive of short-term issues is
public: that they change by the same law is assumed. Plans with any exponent between 0.5 and 1 are worth nearly the same.
"""

LONGEST_HOURS = 24.0
"""Every cell is asked for at least this often, while a day's quota has as many calls as cells."""

_AGES = MappingProxyType({"under 3 h": 3.0, "3 to 6 h": 6.0, "6 to 12 h": 12.0, "12 to 24 h": 24.0, "older": np.inf})
"""The classes of age, and where each ends, in hours."""

NO_FORECAST = "none"
"""The class of places without a forecast."""


def cells_to_ask(
    places: ArrayLike, age_hours: ArrayLike, issues: Sequence[datetime], *, calls_per_cell: int, calls_left: int
) -> NDArray[np.intp]:
    """The cells to ask for at an issue, in the order in which to ask.

    Args:
        places: how many places are in each cell. The seat of an area without any counts as one place.
        age_hours: how much older than this issue the last issue is that was answered; 0 if it was this one, NaN if there
            is none. An answer that has no rows is an answer.
        issues: this one, those after it that are asked for on the same day in Korea, and the first of the next day.
        calls_per_cell: pages of an answer.
        calls_left: calls that all usable keys together have left today.

    Returns:
        Positions in the arrays.
    """
    importance = np.maximum(np.asarray(places, dtype=np.float64), 1.0)
    age = np.asarray(age_hours, dtype=np.float64)
    this, following, *_ = issues
    now = Round(
        calls=calls_left // calls_per_cell,
        later=len(issues) - 2,
        hours_to_next=_hours(following - this),
        hours_to_next_period=_hours(issues[-1] - this),
    )
    age = np.where(np.isnan(age), np.inf, age)
    return chosen(importance, age, now, exponent=CHANGE_EXPONENT, longest=LONGEST_HOURS)


def shares_by_age(places: ArrayLike, age_hours: ArrayLike) -> Mapping[str, float]:
    """The share of places by the age of their cell's forecast, 0 to 1 each, together 1; empty if there are no places.

    Args:
        places: how many places are in each cell.
        age_hours: how long ago the forecast was issued; NaN if there is none.
    """
    counts, age = np.asarray(places, dtype=np.float64), np.asarray(age_hours, dtype=np.float64)
    if not counts.sum():
        return {}
    names = [*_AGES, NO_FORECAST]
    found = np.searchsorted(np.array(list(_AGES.values())), age, side="right")  # NaN comes after everything
    return dict(zip(names, (np.bincount(found, counts, len(names)) / counts.sum()).tolist(), strict=True))


def _hours(span: timedelta) -> float:
    return span / timedelta(hours=1)
