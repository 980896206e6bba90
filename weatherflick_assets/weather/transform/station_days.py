"""From the observations of stations (ASOS) to rows of days and of hours. Pure.

A blank is missing. That holds for rain, too: on a dry day the amount is blank, but so is one that was not measured, and the
guides don't tell them apart. A value whose quality flag says that it is wrong or missing is missing.
"""

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from datetime import date, datetime
from types import MappingProxyType
from typing import Any

import pandas as pd

from weatherflick_assets.settings import KST
from weatherflick_assets.weather.transform.rows import Rows
from weatherflick_assets.weather.transform.values import SENTINEL, numbers

DAILY_FIELDS: Mapping[str, str] = MappingProxyType(
    {
        "temperature_mean": "avgTa",
        "temperature_min": "minTa",
        "temperature_max": "maxTa",
        "precipitation_mm": "sumRn",
        "precipitation_hours": "sumRnDur",
        "snow_depth_cm": "ddMes",
        "new_snow_cm": "ddMefs",
        "wind_speed_mean": "avgWs",
        "wind_speed_max": "maxWs",
        "wind_gust_max": "maxInsWs",
        "humidity_mean": "avgRhm",
        "humidity_min": "minRhm",
        "cloud_cover_mean": "avgTca",
        "sunshine_hours": "sumSsHr",
        "solar_radiation_mjm2": "sumGsr",
    }
)
"""Columns of days and the fields that hold them: °C, mm, hours, cm (the greatest depth and the greatest depth of new
snow), m/s, %, tenths of the sky, MJ/m²."""

HOURLY_FIELDS: Mapping[str, str] = MappingProxyType(
    {
        "temperature": "ta",
        "dew_point": "td",
        "precipitation_mm": "rn",
        "snow_depth_cm": "dsnw",
        "wind_speed": "ws",
        "wind_direction": "wd",
        "humidity": "hm",
        "pressure_hpa": "pa",
        "sea_level_pressure_hpa": "ps",
        "cloud_cover": "dc10Tca",
        "sunshine_hours": "ss",
        "solar_radiation_mjm2": "icsr",
        "visibility_10m": "vs",
    }
)
"""Columns of hours and their fields; the direction is that from which the wind comes, in degrees (0 is north), the
visibility in tens of metres."""

_NEVER_NEGATIVE = (
    "precipitation", "snow", "new_snow", "wind", "humidity", "pressure", "sea_level_pressure", "cloud", "sunshine", "solar",
    "visibility",
)  # fmt: skip
_LARGE = ("pressure", "sea_level_pressure", "visibility")
_LARGE_SENTINEL = 9000.0
"""A pressure or a visibility of 999 is a value."""
_BAD_FLAGS = frozenset({"1", "9"})
"""오류 and 결측; 0 and blank are good."""


def day_rows(items: Sequence[Mapping[str, Any]], *, response_id: int) -> Rows:
    """Rows of days: station_id, station_name, day (a date in Korea), the columns of `DAILY_FIELDS`, source_response_id.

    Args:
        items: of AsosDalyInfoService; of a repeated day of a station the first counts.
        response_id: where they come from.
    """
    return _rows(items, "day", _day, DAILY_FIELDS, response_id)


def hour_rows(items: Sequence[Mapping[str, Any]], *, response_id: int) -> Rows:
    """Rows of hours: station_id, station_name, observed_at, the columns of `HOURLY_FIELDS`, source_response_id."""
    rows, problems = _rows(items, "observed_at", _hour, HOURLY_FIELDS, response_id)
    rows["wind_direction"] %= 360
    return Rows(rows.astype({"observed_at": pd.DatetimeTZDtype("us", KST)}), problems)


def _rows(
    items: Sequence[Mapping[str, Any]],
    time: str,
    read: Callable[[str], date | None],
    fields: Mapping[str, str],
    response_id: int,
) -> Rows:
    problems: Counter[str] = Counter()
    kept: dict[tuple[str, date], Mapping[str, Any]] = {}
    for item in items:
        station, at = _text(item.get("stnId")), read(_text(item.get("tm")))
        if not station:
            problems["station_missing"] += 1
        elif at is None:
            problems["time_unreadable"] += 1
        elif (station, at) in kept:
            problems["observation_repeated"] += 1
        else:
            kept[station, at] = item
    columns: dict[str, Any] = {
        "station_id": pd.Series([station for station, _ in kept], dtype=object),
        "station_name": pd.Series([_text(item.get("stnNm")) or None for item in kept.values()], dtype=object),
        time: pd.Series([at for _, at in kept], dtype=object),
    }
    for column, field in fields.items():
        texts = [_value(item, field, problems) for item in kept.values()]
        sentinel = _LARGE_SENTINEL if column.startswith(_LARGE) else SENTINEL
        found = numbers(pd.Series(texts, dtype=object), sentinel=sentinel)
        problems[f"{column}_unreadable"] += found.unreadable
        values = found.values["value"]
        if column.startswith(_NEVER_NEGATIVE):
            problems[f"{column}_negative"] += int((values < 0).sum())
            values = values.mask(values < 0)
        columns[column] = values
    rows = pd.DataFrame({**columns, "source_response_id": pd.Series([response_id] * len(kept), dtype="int64")})
    return Rows(rows, +problems)


def _value(item: Mapping[str, Any], field: str, problems: Counter[str]) -> str | None:
    text = _text(item.get(field)) or None
    if text is not None and _text(item.get(f"{field}Qcflg")) in _BAD_FLAGS:
        problems["value_flagged"] += 1
        return None
    return text


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None


def _hour(text: str) -> datetime | None:
    try:
        return datetime.strptime(text, "%Y-%m-%d %H:%M").replace(tzinfo=KST)
    except ValueError:
        return None


def _text(value: object) -> str:
    if isinstance(value, int | float) and not isinstance(value, bool):
        return str(value)
    return value.strip() if isinstance(value, str) else ""
