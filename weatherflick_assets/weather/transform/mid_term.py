"""From mid-term answers to rows: sky and rain of regions by half-day, temperatures of cities by day. Pure.

The answer of 06:00 covers days 4 to 10, that of 18:00 days 5 to 10. It has a field for each day and half-day, those of
absent days are left out or blank. It names its region, but not its time of issue, which only the call knows.
"""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from types import MappingProxyType
from typing import Any

import pandas as pd

from weatherflick_assets.settings import KST
from weatherflick_assets.weather.transform.rows import Rows
from weatherflick_assets.weather.transform.values import SENTINEL

DAYS = range(4, 11)
HALVED_DAYS = range(4, 8)
"""Days with a forecast for the morning and one for the afternoon; later days have one."""

_SKIES: Mapping[str, str] = MappingProxyType(
    {
        "맑음": "clear",
        "구름많음": "mostly_cloudy",
        "구름많고": "mostly_cloudy",
        "흐림": "overcast",
        "흐리고": "overcast",
    }
)
_PRECIPITATION: Mapping[str, str] = MappingProxyType(
    {"": "none", "비": "rain", "눈": "snow", "비/눈": "rain_and_snow", "눈/비": "rain_and_snow", "소나기": "shower"}
)

LAND_COLUMNS = ("region_id", "issued_at", "day", "part", "sky", "precipitation_type", "precipitation_probability")
TEMPERATURE_COLUMNS = (
    "region_id", "issued_at", "day", "temperature_min", "temperature_min_least", "temperature_min_most",
    "temperature_max", "temperature_max_least", "temperature_max_most",
)  # fmt: skip


@dataclass(frozen=True)
class RegionAnswer:
    """One answer about a region or city, and what was asked for."""

    region_id: str
    issued_at: datetime
    response_id: int
    item: Mapping[str, Any]


def land_rows(answers: Sequence[RegionAnswer]) -> Rows:
    """Rows of getMidLandFcst.

    The columns are `LAND_COLUMNS` and source_response_id: `day` is a date in Korea, `part` am, pm or day, and the
    probability is in %. A half-day without a wording is absent: an unknown region has blank wordings and 0 %.
    """
    problems: Counter[str] = Counter()
    found = [row for answer in answers for row in _land(answer, problems)]
    return _framed(found, (*LAND_COLUMNS, "source_response_id"), problems)


def temperature_rows(answers: Sequence[RegionAnswer]) -> Rows:
    """Rows of getMidTa: `TEMPERATURE_COLUMNS` and source_response_id, in °C, with the range that the KMA gives."""
    problems: Counter[str] = Counter()
    found = [row for answer in answers for row in _temperatures(answer, problems)]
    return _framed(found, (*TEMPERATURE_COLUMNS, "source_response_id"), problems)


def sky_and_precipitation(wording: str) -> tuple[str, str] | None:
    """What a wording such as 구름많고 비/눈 says of the sky and of precipitation; None if it is none of the known ones."""
    sky, _, precipitation = " ".join(wording.split()).partition(" ")
    if sky not in _SKIES or precipitation not in _PRECIPITATION:
        return None
    return _SKIES[sky], _PRECIPITATION[precipitation]


def _land(answer: RegionAnswer, problems: Counter[str]) -> Iterator[tuple[Any, ...]]:
    for day in DAYS:
        for part, suffix in (("am", "Am"), ("pm", "Pm")) if day in HALVED_DAYS else (("day", ""),):
            wording = answer.item.get(f"wf{day}{suffix}")
            if not isinstance(wording, str) or not wording.strip():
                continue
            said = sky_and_precipitation(wording)
            if said is None:
                problems["wording_unknown"] += 1
            probability = _number(answer.item.get(f"rnSt{day}{suffix}"), "probability_unreadable", problems)
            yield (*_when(answer, day), part, *(said or (None, None)), probability, answer.response_id)


def _temperatures(answer: RegionAnswer, problems: Counter[str]) -> Iterator[tuple[Any, ...]]:
    for day in DAYS:
        values = []
        for name in ("taMin", "taMax"):
            value, below, above = (
                _number(answer.item.get(f"{name}{day}{which}"), "temperature_unreadable", problems)
                for which in ("", "Low", "High")
            )
            values += [value, *(_moved(value, -1, below), _moved(value, 1, above))]
        if any(value is not None for value in values):
            yield (*_when(answer, day), *values, answer.response_id)


def _when(answer: RegionAnswer, day: int) -> tuple[Any, ...]:
    issued_at = answer.issued_at.astimezone(KST)
    return answer.region_id, issued_at, issued_at.date() + timedelta(days=day)


def _moved(value: float | None, way: int, by: float | None) -> float | None:
    return None if value is None or by is None else value + way * by


def _number(value: object, reason: str, problems: Counter[str]) -> float | None:
    """A number, or None if it is absent, a sentinel, or unreadable, which is counted."""
    if value is None or (isinstance(value, str) and not value.strip()):
        return None
    try:
        number = float(value) if isinstance(value, str | int | float) and not isinstance(value, bool) else None
    except ValueError:
        number = None
    if number is None or number != number:  # noqa: PLR0124 - NaN
        problems[reason] += 1
        return None
    return None if abs(number) >= SENTINEL else number


def _framed(found: list[tuple[Any, ...]], columns: Sequence[str], problems: Counter[str]) -> Rows:
    rows = pd.DataFrame(found, columns=list(columns), dtype=object)
    numeric = [name for name in columns if name.startswith(("temperature", "precipitation_probability"))]
    kinds = dict.fromkeys(numeric, "float64") | {
        "source_response_id": "int64",
        "issued_at": pd.DatetimeTZDtype("us", KST),
    }
    return Rows(rows.astype(kinds), problems)
