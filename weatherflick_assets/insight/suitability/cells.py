"""The scores of some cells: from what is forecast of them to rows of `insight.suitability_of_cells`. Pure."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import cached_property
from itertools import groupby
from math import erf, sqrt
from typing import Any, NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from weatherflick_assets.insight.suitability import day_weather, hours, reasons, scoring
from weatherflick_assets.insight.suitability.activities import ACTIVITIES, Activity, Hours
from weatherflick_assets.insight.suitability.day_weather import WET_DAY, Hourly
from weatherflick_assets.insight.suitability.daylight import daylight
from weatherflick_assets.insight.suitability.evidence import HOURLY_DAYS, Cells, Chunk, Group
from weatherflick_assets.insight.suitability.hours import Bools
from weatherflick_assets.insight.suitability.reasons import Facts, Texts
from weatherflick_assets.insight.suitability.scoring import AIR_GRADES, FACETS, LEVELS, Scored, Weather
from weatherflick_assets.insight.suitability.steps import Floats
from weatherflick_assets.insight.suitability.warnings import Warned, days_of, share_left
from weatherflick_assets.settings import KST, bounds

Ints = NDArray[np.int64]

NEAR_C = 3.0
"""How far off, in °C, the day's highest temperature may be and still be called right: HCI's ratings change about every 3 °C."""


class Warnings(NamedTuple):
    """What warnings leave of days, and the one that leaves least.

    Attributes:
        share: what is left, cells by days.
        gravest: the one that leaves least, as its place in `names`; cells by days.
        names: each as phenomenon and level, separated by a blank; "" for none.
    """

    share: Floats
    gravest: Ints
    names: list[str]


@dataclass(frozen=True)
class Evidence:
    """What is the same for all cells, and what is known of each.

    Attributes:
        issue: the issue that is scored.
        as_of: until when warnings and the air are known.
        days: how many days are scored, that of the issue included.
        cells: all of them.
        air: grade by cell and day, as its place in `AIR_GRADES`.
        warned: warnings with the numbers of their cells.
        errors: of the day's highest temperature, by days ahead.
    """

    issue: datetime
    as_of: datetime
    days: int
    cells: Cells
    air: Floats
    warned: Sequence[tuple[int, Warned]]
    errors: Mapping[int, float]

    @cached_property
    def dates(self) -> list[date]:
        """The days that are scored, that of the issue first."""
        today = self.issue.astimezone(KST).date()
        return [today + timedelta(days=ahead) for ahead in range(self.days)]

    @cached_property
    def said_at(self) -> pd.DatetimeIndex:
        """When each cell was last spoken of."""
        return pd.DatetimeIndex(list(self.cells.said_at))

    @cached_property
    def days_old(self) -> NDArray[np.int64]:
        """How many days before that of the issue each cell was last spoken of."""
        return np.array([(self.dates[0] - at.date()).days for at in self.cells.said_at], dtype=np.int64)

    @cached_property
    def likely(self) -> Floats:
        """How likely the day's highest temperature is within `NEAR_C` of what is said, by days ahead, if errors are normal."""
        known = (self.errors.get(ahead) for ahead in range(self.days + int(self.days_old.max(initial=0))))
        return np.array(
            [np.nan if error is None else erf(NEAR_C / (sqrt(2) * error)) if error else 1.0 for error in known]
        ).round(2)


class _Days(NamedTuple):
    """Days of some cells for one activity, one element for each row.

    Attributes:
        number: of the cell, less that of the first.
        day: how many days after that of the issue.
        open_hours: of the places that the row is about.
        places: how many these are.
        weather: of the hours that count.
        lost: what the weather costs.
        rain: mm; NaN where only its chance is known.
        chance: greatest chance of precipitation, %.
        parts: the share of the rain by part of the day, in a last axis.
        is_snow: whether it snows rather than rains.
        hours: how many hours count; NaN of mid-term days.
    """

    number: Ints
    day: Ints
    open_hours: Texts
    places: Ints
    weather: Weather
    lost: Floats
    rain: Floats
    chance: Floats
    parts: Floats
    is_snow: Bools
    hours: Floats


def _joined(days: Any, others: Any) -> Any:
    """Days, or an array of them, then others."""
    return type(days)(*map(_joined, days, others)) if isinstance(days, tuple) else np.concatenate([days, others])


def rows_of(evidence: Evidence, chunk: Chunk, first: int, last: int, made_at: datetime) -> pd.DataFrame:
    """The rows of the cells from number `first` to before `last`, in the order of the key.

    The columns are those of the table, and `places`: how many a row is about. A day of which no hour is to come has no row, and
    neither has one of which nothing is forecast at all.
    """
    by_hour = evidence.dates[:HOURLY_DAYS]
    starts = [bounds(day)[0] for day in by_hour]
    to_come = hours.still_to_come(evidence.issue, starts)
    said = _said(evidence.cells.said_at[first:last], starts) & to_come
    light = np.stack([_daylight(evidence, day, first, last) for day in by_hour], axis=1)
    made = []
    for name, of_activity in groupby(chunk.groups, key=lambda group: group.activity):
        activity, groups = ACTIVITIES[name], list(of_activity)
        counting = counting_hours(activity, groups, light) & to_come
        days = _joined(
            _by_hour(chunk, activity, groups, counting, said), _by_outlook(evidence, chunk, activity, groups)
        )
        made.append(_rows(evidence, activity, days, first, _warnings(evidence, activity, first, last)))
    columns: dict[str, Any] = {name: np.concatenate([each[name] for each in made]) for name in made[0]}
    of_activity = np.repeat(np.arange(len(made)), [len(each["cell"]) for each in made])
    opened, _ = pd.factorize(columns["open_hours"], sort=True)
    # Rows in the order of their key are written at half the cost: the index grows at its end.
    order = np.lexsort((columns["ahead"], opened, of_activity, columns["cell"]))
    columns = {name: values[order] for name, values in columns.items()}
    cell, ahead = columns.pop("cell"), columns.pop("ahead")
    for name, values in columns.items():
        if values.dtype == object:  # left to itself, pandas looks at every value for what kind of text it is
            columns[name] = pd.Series(values, dtype=object)
    return pd.DataFrame(
        {
            "nx": evidence.cells.nx[cell],
            "ny": evidence.cells.ny[cell],
            "day": pd.Series(
                np.array([each.isoformat() for each in evidence.dates], dtype=object)[ahead], dtype=object
            ),
            **columns,
            "issued_at": evidence.issue,
            "said_at": evidence.said_at[cell],
            "hours": pd.array(columns["hours"], dtype="Int16"),
            "made_at": made_at,
        },
        copy=False,
    )


def _said(said_at: Iterable[datetime], starts: list[datetime]) -> Bools:
    known: dict[datetime, Bools] = {}
    for at in said_at:
        if at not in known:
            known[at] = hours.forecast_hours(at, starts)
    return np.stack([known[at] for at in said_at])


def _daylight(evidence: Evidence, day: date, first: int, last: int) -> Bools:
    return hours.of_daylight(daylight(day, evidence.cells.latitude[first:last], evidence.cells.longitude[first:last]))


def counting_hours(activity: Activity, groups: Sequence[Group], light: Bools) -> Bools:
    """The hours that count, groups by days by 24.

    Args:
        activity: for what.
        groups: of the activity, by opening hours.
        light: the hours of daylight, cells by days by 24.
    """
    parts = []
    for opened, same in groupby(groups, key=lambda group: group.open_hours):
        numbers = [group.number for group in same]
        parts.append(hours.that_count(activity.hours, light[numbers], hours.open_hours(opened)))
    return np.concatenate(parts)


def _warnings(evidence: Evidence, activity: Activity, first: int, last: int) -> Warnings:
    share = np.ones((last - first, evidence.days))
    gravest = np.zeros(share.shape, dtype=np.int64)
    names = [""]
    for number, warned in evidence.warned:
        if not first <= number < last:
            continue
        left = share_left(activity, warned.phenomenon, warned.level)
        for day in days_of(warned, evidence.as_of, evidence.dates):
            place = number - first, (day - evidence.dates[0]).days
            if left < share[place]:
                name = f"{warned.phenomenon} {warned.level}"
                if name not in names:
                    names.append(name)
                share[place], gravest[place] = left, names.index(name)
    return Warnings(share, gravest, names)


def _by_hour(chunk: Chunk, activity: Activity, groups: Sequence[Group], counting: Bools, said: Bools) -> _Days:
    """The days that the short-term forecast speaks of."""
    number, opened, places = _columns(groups)
    row, day = np.nonzero(chunk.is_short_term[number, :HOURLY_DAYS] & counting.any(axis=-1))
    at = number[row], day
    found = day_weather.of_hours(Hourly(*chunk.hours[:, *at]), counting[row, day], said[at])
    lost = scoring.weather_losses(activity.method, found.weather)
    return _Days(
        *at,
        opened[row],
        places[row],
        found.weather,
        lost,
        found.weather.rain,
        found.chance,
        found.parts,
        found.is_snow,
        found.hours,
    )


def _by_outlook(evidence: Evidence, chunk: Chunk, activity: Activity, groups: Sequence[Group]) -> _Days:
    """The days of which only the mid-term forecast speaks: they are the same whatever the opening hours.

    What the weather costs is the mean of a dry day and of wet ones, as likely as they are.
    """
    number, _, places = _columns(groups)
    cells = np.unique(number)
    row, day = np.nonzero(chunk.is_mid_term[cells])
    at = cells[row], day
    weather = day_weather.of_outlook(
        chunk.temperature_min[at],
        chunk.temperature_max[at],
        chunk.cloud[at],
        np.array([each.month for each in evidence.dates])[day],
        is_whole_day=activity.hours is Hours.WHOLE_DAY,
    )
    chance = chunk.chance[at]
    wet, shares = np.array(WET_DAY).T
    likely = np.stack([1 - chance / 100, *(shares[:, None] * chance / 100)], axis=-1)
    falling = Weather(*(values[:, None] for values in weather))._replace(rain=np.array([[0.0, *wet]]))
    unknown = np.full(len(row), np.nan)
    return _Days(
        *at,
        open_hours=np.full(len(row), hours.ANY, dtype=object),
        places=np.bincount(number, places)[at[0]].astype(np.int64),
        weather=weather,
        lost=(scoring.weather_losses(activity.method, falling) * likely[..., None]).sum(axis=1),
        rain=unknown,
        chance=chance,
        parts=np.zeros((len(row), len(day_weather.PARTS))),
        is_snow=np.zeros(len(row), dtype=bool),
        hours=unknown,
    )


def _columns(groups: Sequence[Group]) -> tuple[Ints, Texts, Ints]:
    """The numbers of the cells, the opening hours and the counts of places of groups."""
    number, _, opened, places = zip(*groups, strict=True)
    return np.array(number), np.array(opened, dtype=object), np.array(places)


def _rows(
    evidence: Evidence, activity: Activity, days: _Days, first: int, warnings: Warnings
) -> dict[str, NDArray[Any]]:
    """The columns of the rows of one activity; `cell` is the number of the cell, `ahead` that of the day."""
    at = days.number, days.day
    cell, weather = first + days.number, days.weather
    air, share, gravest = evidence.air[cell, days.day], warnings.share[at], warnings.gravest[at]
    result = scoring.scored(activity, days.lost, weather, air, share)
    scores = np.round(result.score, 1)
    korean, english = reasons.sentences(
        Facts(
            scores,
            result.losses,
            weather.temperature_max,
            days.rain,
            weather.wind,
            weather.cloud,
            days.chance,
            weather.feels_like_min,
            weather.feels_like_max,
            days.parts,
            days.is_snow,
            air,
            gravest,
            warnings.names,
            activity.is_outdoors,
        )
    )
    return {
        "cell": cell,
        "ahead": days.day,
        "places": days.places,
        "activity": np.full(len(cell), activity.name, dtype=object),
        "open_hours": days.open_hours,
        "source": np.array(["short_term", "mid_term"], dtype=object)[np.isnan(days.hours).astype(np.int64)],
        "score": scores,
        "level": _levels(scores),
        **{f"{facet}_loss": np.round(result.losses[:, place], 1) for place, facet in enumerate(FACETS)},
        "limiting": np.array([*FACETS, None], dtype=object)[_limiting(result)],
        "reason_ko": korean,
        "reason_en": english,
        "confidence": evidence.likely[days.day + evidence.days_old[cell]],
        "hours": days.hours,
        "temperature_max": weather.temperature_max.round(1),
        "humidity": weather.humidity.round(1),
        "cloud_cover": weather.cloud.round(1),
        "precipitation_mm": days.rain.round(2),
        "precipitation_probability": days.chance,
        "wind_speed": weather.wind.round(2),
        "feels_like_min": weather.feels_like_min.round(1),
        "feels_like_max": weather.feels_like_max.round(1),
        "air_grade": np.array([*AIR_GRADES, None], dtype=object)[
            np.where(np.isnan(air), len(AIR_GRADES), air).astype(np.int64)
        ],
        "warning": np.array([None, *warnings.names[1:]], dtype=object)[gravest],
        "warning_share": share,
    }


def _limiting(result: Scored) -> Ints:
    return np.where(np.isnan(result.score), -1, reasons.limiting(result.losses))


def _levels(scores: Floats) -> Texts:
    names = np.array([None, "not_recommended", *list(LEVELS)[::-1]], dtype=object)
    ascending = sorted(LEVELS.values())
    level = np.where(scores > 0, 1 + np.searchsorted(ascending, np.nan_to_num(scores), side="right"), 1)
    return names[np.where(np.isnan(scores), 0, level)]
