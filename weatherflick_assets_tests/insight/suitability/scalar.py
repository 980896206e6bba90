"""The score of one place, activity and day, worked out from published rows one number after the other.

A second calculation for the tests, and the plain loop that the benchmark compares with. It shares the declared activities of classes
with the platform, and nothing else: indices, shares and hours are written down again.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from math import ceil
from typing import Any

from weatherflick_assets_tests.insight.suitability import published

INDEX = {
    "sightseeing": "hci_urban", "outdoor_event": "hci_urban", "beach": "hci_beach", "hiking": "hiking", "camping": "hiking",
    "cycling": "cycling", "golf": "golf", "sailing": "sailing", "boating": "boating", "indoor": "indoor",
}  # fmt: skip
CLOUD = {"clear": 13.0, "mostly_cloudy": 72.0, "overcast": 96.0}
RATE = {0: 0.0, 1: 0.84, 2: 6.1, 3: 23.5}
WET = ((1.0, 0.44), (4.5, 0.13), (7.5, 0.08), (10.5, 0.05), (18.0, 0.13), (40.0, 0.17))
HUMIDITY = (49, 45, 50, 45, 50, 60, 69, 70, 66, 57, 54, 54)
WIND = (2.3, 2.6, 2.6, 2.7, 2.5, 2.2, 2.1, 2.2, 2.2, 2.0, 2.0, 2.0)
GRADES = ("good", "moderate", "bad", "very_bad")
AIR = {True: (1, 1, 0.7, 0.3), False: (1, 1, 0.95, 0.8)}


@dataclass
class Day:
    """The weather of a day in the hours that count, for one place; None is what is not known."""

    temperature: float
    humidity: float
    cloud: float
    rain: float
    wind: float
    felt_min: float
    felt_max: float


def index(activity: str, day: Day, rain: float) -> float:
    """The score by the weather alone, 0 to 100."""
    name = INDEX[activity]
    if name == "hci_urban":
        return published.hci_urban(day.temperature, day.humidity, day.cloud, rain, day.wind)
    if name == "hci_beach":
        return published.hci_beach(day.temperature, day.humidity, day.cloud, rain, day.wind)
    if name == "indoor":
        return 60 + published.rain(rain, six_to_nine=5, nine_to_twelve=2) + published.wind(day.wind * 3.6, calm=0)
    return published.cit(name, day.temperature, day.cloud, rain, day.wind)[1] * 100 / 7


def share_of_felt(activity: str, day: Day) -> float:
    heat = [(38, 0, 0.8), (35, 0.5, 0.9), (33, 0.8, 0.95)]
    cold = [(-15.4, 0.3, 0.8), (-10.5, 0.6, 0.9), (-3.2, 0.9, 0.95)]
    at = 2 if activity == "indoor" else 1
    hot = next((row[at] for row in heat if day.felt_max >= row[0]), 1)
    icy = next((row[at] for row in cold if day.felt_min < row[0]), 1)
    return min(hot, icy)


def warned_share(activity: str, warnings: Iterable[tuple[str, str]]) -> float:
    """What warnings, as phenomenon and level, leave."""
    left = 1.0
    for phenomenon, level in warnings:
        is_advisory, is_indoor = level == "advisory", activity == "indoor"
        if phenomenon == "건조":
            share = (0.7 if is_advisory else 0) if activity in {"hiking", "camping"} else 1
        elif phenomenon == "열대야":
            share = (0.7 if is_advisory else 0) if activity == "camping" else 1
        elif phenomenon in {"폭염", "한파", "황사"}:
            share = (0.9 if is_advisory else 0.6) if is_indoor else (0.4 if is_advisory else 0)
        else:
            share = (0.7 if is_indoor else 0.4) if is_advisory else 0
        left = min(left, share)
    return left


def score(
    activity: str, day: Day, air: str | None, warnings: Iterable[tuple[str, str]], chance: float | None = None
) -> float:
    """The score of a day; with a chance of rain in %, of a mid-term day."""
    if chance is None:
        weather = index(activity, day, day.rain)
    else:
        wet = sum(share * index(activity, day, amount) for amount, share in WET)
        weather = (1 - chance / 100) * index(activity, day, 0) + chance / 100 * wet
    left = max(weather, 0) * share_of_felt(activity, day)
    if air is not None:
        left *= AIR[activity != "indoor"][GRADES.index(air)]
    return left * warned_share(activity, warnings)


def open_hours(opens: Any, closes: Any) -> set[int] | None:
    """The hours in which a place is open, rounded out to three hours."""
    if opens is None or closes is None:
        return None
    first = opens.hour // 3 * 3
    last = ceil((closes.hour + closes.minute / 60) / 3) * 3 % 24
    return {hour for hour in range(24) if (first <= hour < last if first < last else hour >= first or hour < last)}


def hours_that_count(activity: str, sunrise: float, sunset: float, opened: set[int] | None) -> set[int]:
    light = {hour for hour in range(24) if sunrise <= hour <= sunset}
    if activity == "camping":
        return set(range(24))
    if opened is None:
        return light
    if activity in {"indoor", "outdoor_event"}:
        return opened
    return light & opened or opened


def day_of_hours(rows: Sequence[Mapping[str, Any]], counting: set[int]) -> Day | None:
    """The day from the rows of `core.hourly_forecasts` after the issue, by their local hour; None where too little is there."""
    of_day = {row["hour"]: row for row in rows}
    said = [hour for hour in sorted(of_day) if hour in counting]
    if not said:
        beside = {hour + step for hour in counting for step in (-1, 1)}
        said = [hour for hour in sorted(of_day) if hour in beside]
    found = [of_day[hour] for hour in said]
    rates = [
        RATE[row["precipitation_level"]] if row["precipitation_mm"] is None else row["precipitation_mm"]
        for row in found
    ]
    if not found or any(
        row[name] is None for row in found for name in ("temperature", "feels_like", "humidity", "sky")
    ):
        return None
    many = len(found)
    return Day(
        max(row["temperature"] for row in found),
        sum(row["humidity"] for row in found) / many,
        sum(CLOUD[row["sky"]] for row in found) / many,
        sum(rates) / many * len(counting),
        sum(row["wind_speed"] for row in found) / many,
        min(row["feels_like"] for row in found),
        max(row["feels_like"] for row in found),
    )


def day_of_outlook(row: Mapping[str, Any], activity: str, month: int) -> Day:
    """The day from its row of `core.daily_forecasts`, of the mid-term forecast."""
    low, high = row["temperature_min"], row["temperature_max"]
    felt = low if activity == "camping" else (low + high) / 2
    return Day(high, HUMIDITY[month - 1], CLOUD[row["sky"]], 0.0, WIND[month - 1], felt, high)


def is_in_force(warned: Mapping[str, Any], as_of: datetime, midnight: datetime) -> bool:
    """Whether a warning counts for a day: in force between 6 and 22 h, for at most a day where no end is known."""
    end = warned["lifted_at"] or as_of + timedelta(hours=24)
    return warned["effective_at"] < midnight + timedelta(hours=22) and end > max(as_of, midnight + timedelta(hours=6))
