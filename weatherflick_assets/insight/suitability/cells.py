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
from weatherflick_assets.insight.suitability.day_weather import WET_DAY, Days, Hourly
from weatherflick_assets.insight.suitability.daylight import daylight
from weatherflick_assets.insight.suitability.evidence import HOURLY_DAYS, Cells, Chunk
from weatherflick_assets.insight.suitability.hours import Bools
from weatherflick_assets.insight.suitability.reasons import Facts, Texts
from weatherflick_assets.insight.suitability.scoring import AIR_GRADES, FACETS, LEVELS, Scored, Weather
from weatherflick_assets.insight.suitability.steps import Floats
from weatherflick_assets.insight.suitability.warnings import Warned, days_of, share_left
from weatherflick_assets.settings import KST

NEAR_C = 3.0
"""How far off, in °C, the day's highest temperature may be and still be called right: HCI's ratings change about every 3 °C."""


class Warnings(NamedTuple):
    """What warnings leave of days, cells by days, and the one that leaves least, as phenomenon and level."""

    share: Floats
    gravest: Texts


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


def rows_of(evidence: Evidence, chunk: Chunk, first: int, last: int, made_at: datetime) -> pd.DataFrame:
    """The rows of the cells from number `first` to before `last`, with the columns of the table.

    A day of which no hour is to come has no row, and neither has one of which nothing is forecast at all.
    """
    by_hour = evidence.dates[:HOURLY_DAYS]
    starts = [datetime(day.year, day.month, day.day, tzinfo=KST) for day in by_hour]
    to_come = hours.still_to_come(evidence.issue, starts)
    said = _said(evidence.cells.said_at[first:last], starts)
    light = np.stack([_daylight(evidence, day, first, last) for day in by_hour], axis=1)
    hourly = Hourly(*chunk.hours)
    made = []
    for name, of_activity in groupby(chunk.groups, key=lambda group: group[1]):
        activity, groups = ACTIVITIES[name], list(of_activity)
        number = np.array([group[0] for group in groups], dtype=np.int64)
        warnings = _warnings(evidence, activity, first, last)
        counting = counting_hours(activity, groups, light) & to_come
        found = day_weather.of_hours(Hourly(*(values[number] for values in hourly)), counting, said[number] & to_come)
        made.append(_rows(evidence, chunk, activity, groups, number, first, found.over(evidence.days), warnings))
    columns: dict[str, Any] = {name: np.concatenate([each[name] for each in made]) for name in made[0]}
    cell = columns.pop("cell")
    for name, values in columns.items():
        if values.dtype == object:  # left to itself, pandas looks at every value for what kind of text it is
            columns[name] = pd.Series(values, dtype=object)
    return pd.DataFrame(
        {
            "nx": evidence.cells.nx[cell],
            "ny": evidence.cells.ny[cell],
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


def counting_hours(activity: Activity, groups: Sequence[tuple[int, str, str]], light: Bools) -> Bools:
    """The hours that count, groups by days by 24.

    Args:
        activity: for what.
        groups: number of the cell, activity and opening hours, by opening hours.
        light: the hours of daylight, cells by days by 24.
    """
    parts = []
    for opened, same in groupby(groups, key=lambda group: group[2]):
        numbers = [group[0] for group in same]
        parts.append(hours.that_count(activity.hours, light[numbers], hours.open_hours(opened)))
    return np.concatenate(parts)


def _warnings(evidence: Evidence, activity: Activity, first: int, last: int) -> Warnings:
    share = np.ones((last - first, evidence.days))
    gravest = np.full(share.shape, "", dtype=object)
    for number, warned in evidence.warned:
        if not first <= number < last:
            continue
        left = share_left(activity, warned.phenomenon, warned.level)
        for day in days_of(warned, evidence.as_of, evidence.dates):
            place = number - first, (day - evidence.dates[0]).days
            if left < share[place]:
                share[place], gravest[place] = left, f"{warned.phenomenon} {warned.level}"
    return Warnings(share, gravest)


def _outlook(
    activity: Activity, chunk: Chunk, number: NDArray[np.int64], dates: Sequence[date]
) -> tuple[Weather, Floats]:
    """The weather of mid-term days, and what it costs in the mean of a dry day and the wet ones, as likely as they are."""
    by_day = [
        day_weather.of_outlook(
            chunk.temperature_min[number, at],
            chunk.temperature_max[number, at],
            chunk.cloud[number, at],
            day.month,
            is_whole_day=activity.hours is Hours.WHOLE_DAY,
        )
        for at, day in enumerate(dates)
    ]
    weather = Weather(*(np.stack(values, axis=-1) for values in zip(*by_day, strict=True)))
    chance = chunk.chance[number] / 100
    lost = scoring.weather_losses(activity.method, weather) * (1 - chance)[..., None]
    for amount, share in WET_DAY:
        wet = weather._replace(rain=np.full_like(weather.rain, amount))
        lost += scoring.weather_losses(activity.method, wet) * (share * chance)[..., None]
    return weather, lost


def _rows(  # noqa: PLR0913, PLR0917 - what a row is made from
    evidence: Evidence,
    chunk: Chunk,
    activity: Activity,
    groups: Sequence[tuple[int, str, str]],
    number: NDArray[np.int64],
    first: int,
    found: Days,
    warnings: Warnings,
) -> dict[str, NDArray[Any]]:
    """The columns of the rows of one activity; `cell` is the number of the cell."""
    is_mid_term, is_short_term = chunk.is_mid_term[number], chunk.is_short_term[number]
    later, lost_later = _outlook(activity, chunk, number, evidence.dates)
    weather = Weather(
        *(np.where(is_mid_term, outlook, ours) for outlook, ours in zip(later, found.weather, strict=True))
    )
    lost = np.where(is_mid_term[..., None], lost_later, scoring.weather_losses(activity.method, found.weather))
    air = evidence.air[first + number]
    share, gravest = warnings.share[number], warnings.gravest[number]
    result = scoring.scored(activity, lost, weather, air, share)
    # A day of the outlook is the same whatever the opening hours: one row of the cell is enough.
    is_first = np.zeros((len(number), 1), dtype=bool)
    is_first[np.unique(number, return_index=True)[1]] = True
    row, day = np.nonzero((is_mid_term & is_first) | (is_short_term & (found.hours > 0)))
    at = row, day
    chance = np.where(is_mid_term, chunk.chance[number], found.chance)
    rain = np.where(is_mid_term, np.nan, weather.rain)
    scores = np.round(result.score[at], 1)
    korean, english = reasons.sentences(
        Facts(
            scores,
            result.losses[at],
            weather.temperature_max[at],
            rain[at],
            weather.wind[at],
            weather.cloud[at],
            chance[at],
            weather.feels_like_min[at],
            weather.feels_like_max[at],
            found.parts[at],
            found.is_snow[at],
            air[at],
            gravest[at],
            activity.is_outdoors,
        )
    )
    cell = first + number[row]
    warned = gravest[at]
    warned[warned == ""] = None
    return {
        "cell": cell,
        "activity": np.full(len(cell), activity.name, dtype=object),
        "open_hours": np.where(is_mid_term[at], hours.ANY, np.array([group[2] for group in groups], dtype=object)[row]),
        "day": np.array([each.isoformat() for each in evidence.dates], dtype=object)[day],
        "source": np.array(["short_term", "mid_term"], dtype=object)[is_mid_term[at].astype(np.int64)],
        "score": scores,
        "level": _levels(scores),
        **{f"{facet}_loss": np.round(result.losses[at][:, place], 1) for place, facet in enumerate(FACETS)},
        "limiting": np.array([*FACETS, None], dtype=object)[_limiting(result, at)],
        "reason_ko": korean,
        "reason_en": english,
        "confidence": evidence.likely[day + evidence.days_old[cell]],
        "hours": np.where(is_mid_term, np.nan, found.hours)[at],
        "temperature_max": weather.temperature_max[at].round(1),
        "humidity": weather.humidity[at].round(1),
        "cloud_cover": weather.cloud[at].round(1),
        "precipitation_mm": rain[at].round(2),
        "precipitation_probability": chance[at],
        "wind_speed": weather.wind[at].round(2),
        "feels_like_min": weather.feels_like_min[at].round(1),
        "feels_like_max": weather.feels_like_max[at].round(1),
        "air_grade": np.array([*AIR_GRADES, None], dtype=object)[
            np.where(np.isnan(air[at]), len(AIR_GRADES), air[at]).astype(np.int64)
        ],
        "warning": warned,
        "warning_share": share[at],
    }


def _limiting(result: Scored, at: tuple[NDArray[np.int64], NDArray[np.int64]]) -> NDArray[np.int64]:
    is_known = ~np.isnan(result.score[at])
    return np.where(is_known, reasons.limiting(result.losses[at]), -1)


def _levels(scores: Floats) -> Texts:
    names = np.array([None, "not_recommended", *list(LEVELS)[::-1]], dtype=object)
    ascending = sorted(LEVELS.values())
    level = np.where(scores > 0, 1 + np.searchsorted(ascending, np.nan_to_num(scores), side="right"), 1)
    return names[np.where(np.isnan(scores), 0, level)]
