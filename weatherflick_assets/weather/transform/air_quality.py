"""From AirKorea's answers to rows of stations and hours. Pure.

A station's name is unique only within its region (there are several 중구), so region and name identify it. A measurement
of 24:00 is one of the next day's 00:00. Where a flag says that the sensor failed, its value is missing.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from types import MappingProxyType
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray

from weatherflick_assets.settings import KST
from weatherflick_assets.weather.transform.rows import Rows
from weatherflick_assets.weather.transform.values import SENTINEL, numbers

POLLUTANTS: Mapping[str, str] = MappingProxyType(
    {
        "so2_ppm": "so2",
        "co_ppm": "co",
        "o3_ppm": "o3",
        "no2_ppm": "no2",
        "pm10_ugm3": "pm10",
        "pm25_ugm3": "pm25",
        "air_quality_index": "khai",
    }
)
"""Columns, with their units, and the fields that hold them; the last one is the 통합대기환경지수, which has no unit."""

GRADES = ("good", "moderate", "bad", "very_bad")
"""좋음, 보통, 나쁨, 매우나쁨: AirKorea's grades 1 to 4."""

GRADE_STEPS: Mapping[str, tuple[float, float, float]] = MappingProxyType(
    {
        "so2_ppm": (0.02, 0.05, 0.15),
        "co_ppm": (2.0, 9.0, 15.0),
        "o3_ppm": (0.03, 0.09, 0.15),
        "no2_ppm": (0.03, 0.06, 0.2),
        "pm10_ugm3": (30.0, 80.0, 150.0),
        "pm25_ugm3": (15.0, 35.0, 75.0),
        "air_quality_index": (50.0, 100.0, 250.0),
    }
)
"""The greatest values of the first three grades, by column (에어코리아, 통합대기환경지수)."""

_NO_VALUE = frozenset({"", "-"})


def station_rows(items: Sequence[Mapping[str, Any]], *, sido_name: str | None = None, response_id: int) -> Rows:
    """Rows of measurements: sido_name, station_name, measured_at, the columns of `POLLUTANTS` and source_response_id.

    Args:
        items: as received; every station and hour once, of repeated ones the first counts.
        sido_name: the region that was asked for, where items don't name it.
        response_id: where they come from.
    """
    problems: Counter[str] = Counter()
    kept: dict[tuple[str, str, datetime], Mapping[str, Any]] = {}
    for item in items:
        station, region = _text(item.get("stationName")), _text(item.get("sidoName")) or sido_name
        if not station or not region:
            problems["station_missing"] += 1
        elif (at := measured_at(item.get("dataTime"))) is None:
            problems["time_missing"] += 1
        elif (region, station, at) in kept:
            problems["measurement_repeated"] += 1
        else:
            kept[region, station, at] = item
    columns: dict[str, Any] = {
        "sido_name": [region for region, _, _ in kept],
        "station_name": [station for _, station, _ in kept],
        "measured_at": pd.Series([at for _, _, at in kept], dtype=pd.DatetimeTZDtype("us", KST)),
    }
    for column, field in POLLUTANTS.items():
        texts = [_measured(item, field, problems) for item in kept.values()]
        # Only negative numbers stand for missing values here: dust storms exceed what does so elsewhere.
        read = numbers(pd.Series(texts, dtype=object), sentinel=np.inf)
        problems[f"{column}_unreadable"] += read.unreadable
        values = read.values["value"].mask(read.values["value"] <= -SENTINEL)
        problems[f"{column}_negative"] += int((values < 0).sum())
        columns[column] = values.mask(values < 0)
    rows = pd.DataFrame({**columns, "source_response_id": pd.Series([response_id] * len(kept), dtype="int64")})
    return Rows(rows, +problems)


def grades(column: str, values: ArrayLike) -> NDArray[Any]:
    """The grade (`GRADES`) of values of a column of `POLLUTANTS`, elementwise; None where the value is missing."""
    given = np.asarray(values, dtype=np.float64)
    names = np.array([*GRADES, None], dtype=object)
    return names[np.where(np.isnan(given), len(GRADES), np.searchsorted(GRADE_STEPS[column], given))]


def measured_at(text: object) -> datetime | None:
    """The time of a measurement, such as `2026-05-16 24:00`; None if it is missing or none."""
    day, _, hour = (_text(text) or "").partition(" ")
    is_midnight = hour == "24:00"
    try:
        at = datetime.strptime(f"{day} {'00:00' if is_midnight else hour}", "%Y-%m-%d %H:%M").replace(tzinfo=KST)
    except ValueError:
        return None
    return at + timedelta(days=is_midnight)


def _measured(item: Mapping[str, Any], field: str, problems: Counter[str]) -> str | None:
    if _text(item.get(f"{field}Flag")):
        problems["sensor_failed"] += 1
        return None
    value = item.get(f"{field}Value")
    text = _text(value) if isinstance(value, str) else None if value is None else str(value)
    return None if text is None or text in _NO_VALUE else text


def _text(value: object) -> str | None:
    return value.strip() or None if isinstance(value, str) else None
