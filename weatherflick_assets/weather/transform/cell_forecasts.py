"""From answers about grid cells to wide rows: one row for each cell and valid time. Pure.

Serves getVilageFcst, getUltraSrtFcst and getUltraSrtNcst, which write one item for each value. A value that can't be used
costs itself alone: it is missing in its row, and counted by reason.
"""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from weatherflick_assets.settings import KST
from weatherflick_assets.weather.issues import seam
from weatherflick_assets.weather.transform.feels_like import feels_like
from weatherflick_assets.weather.transform.rows import Rows
from weatherflick_assets.weather.transform.values import (
    PRECIPITATION_LEVELS,
    SNOW_LEVELS,
    amounts,
    levels,
    numbers,
    words,
)
from weatherflick_assets.weather.words import PRECIPITATION_TYPES, SKIES

_NUMBERS = {
    "temperature": ("TMP", "T1H"),
    "temperature_min": ("TMN",),
    "temperature_max": ("TMX",),
    "humidity": ("REH",),
    "precipitation_probability": ("POP",),
    "wind_speed": ("WSD",),
    "wind_direction": ("VEC",),
    "wind_east": ("UUU",),
    "wind_north": ("VVV",),
    "wave_height_m": ("WAV",),
    "lightning_ka": ("LGT",),
}
"""Columns that are plain numbers, and the categories that hold them."""

_CATEGORIES = (*(name for names in _NUMBERS.values() for name in names), "PCP", "RN1", "SNO", "PTY", "SKY")
_CATEGORY_NUMBERS = {name: number for number, name in enumerate(_CATEGORIES)}


@dataclass(frozen=True)
class CellAnswer:
    """All items of one cell's answer, and what was asked for: items that echo another cell or issue are not used.

    Attributes:
        items: as received; of several pages, all.
    """

    nx: int
    ny: int
    response_id: int
    items: Sequence[dict[str, Any]]


def forecast_rows(issued_at: datetime, answers: Sequence[CellAnswer]) -> Rows:
    """Rows of forecasts (getVilageFcst, getUltraSrtFcst) of one issue.

    The columns are nx, ny, issued_at, valid_at, those of values (°C, %, mm, cm, m/s, degrees, m, kA; text for
    precipitation_type and sky; missing is NaN or None) and source_response_id. The rows are in the order of the answers,
    then of valid_at.
    """
    return _rows(issued_at, answers, value="fcstValue", at=("fcstDate", "fcstTime"))


def nowcast_rows(issued_at: datetime, answers: Sequence[CellAnswer]) -> Rows:
    """Rows of nowcasts (getUltraSrtNcst), with the same columns: the weather at the time of issue."""
    return _rows(issued_at, answers, value="obsrValue", at=("baseDate", "baseTime"))


def _rows(issued_at: datetime, answers: Sequence[CellAnswer], *, value: str, at: tuple[str, str]) -> Rows:
    problems: Counter[str] = Counter()
    texts = _texts(issued_at, answers, value, at, problems)
    answer = texts.pop("answer").to_numpy(dtype="int64")
    issues = pd.Series(issued_at, index=texts.index, dtype=pd.DatetimeTZDtype("us", KST))
    identity = {
        "nx": np.array([one.nx for one in answers], dtype="int64")[answer],
        "ny": np.array([one.ny for one in answers], dtype="int64")[answer],
        "issued_at": issues,
        "valid_at": texts.pop("valid_at"),
    }
    # The code 2 and the amount 2 are written the same, so the time decides, never the value.
    is_coded = (identity["valid_at"] > seam(issued_at)).to_numpy()
    columns = _columns(texts, is_coded, problems)
    feeling = feels_like(
        columns["temperature"], columns["humidity"], columns["wind_speed"], identity["valid_at"].dt.month
    )
    columns["feels_like"] = pd.Series(feeling.round(1))
    source = np.array([one.response_id for one in answers], dtype="int64")[answer]
    return Rows(pd.DataFrame({**identity, **columns, "source_response_id": source}), +problems)


def _texts(
    issued_at: datetime, answers: Sequence[CellAnswer], value: str, at: tuple[str, str], problems: Counter[str]
) -> pd.DataFrame:
    """The values as text, a row for each answer and valid time, a column for each category, sorted; also their answer's number."""
    date, hour = at
    items = [
        (number, item)
        for number, answer in enumerate(answers)
        for item in _items_about(issued_at.astimezone(KST), answer, problems)
    ]
    texts = pd.Series([_text(item.get(value)) for _, item in items], dtype=object)
    category = np.array([_number_of(item.get("category")) for _, item in items], dtype="int64")
    written, times = pd.factorize(pd.Series([f"{item.get(date)}{item.get(hour)}" for _, item in items], dtype=object))
    whole = pd.Series(times, dtype=object).where(
        lambda given: given.str.fullmatch(r"\d{12}")
    )  # 99 would be read as 09:09
    valid_at = pd.to_datetime(whole, format="%Y%m%d%H%M", errors="coerce")
    valid_at = valid_at.astype("datetime64[us]").dt.tz_localize(KST)
    has_time = valid_at.notna().to_numpy(dtype=bool)[written]
    is_there = texts.notna().to_numpy()
    problems["value_missing"] += int((~is_there).sum())
    problems["time_unreadable"] += int((~has_time).sum())
    problems["category_unknown"] += int((category < 0).sum())
    is_used = np.flatnonzero(is_there & has_time & (category >= 0))
    answer_of = np.array([number for number, _ in items], dtype="int64")[is_used]
    # Rows in the order of answer and time; without a value they don't exist.
    # As numbers: Timestamps with a NaT among them have no order.
    order = np.argsort(np.argsort(valid_at.to_numpy(dtype="datetime64[us]")))[written[is_used]]
    keys, row = np.unique(answer_of * (len(times) + 1) + order, return_inverse=True)
    cells = row * len(_CATEGORIES) + category[is_used]
    problems["value_repeated"] += len(cells) - len(np.unique(cells))
    table = np.full(len(keys) * len(_CATEGORIES), None, dtype=object)
    table[cells[::-1]] = texts.to_numpy()[is_used][::-1]  # of repeated ones the first counts
    found = pd.DataFrame(table.reshape(len(keys), len(_CATEGORIES)), columns=list(_CATEGORIES))
    answer, position = np.divmod(keys, len(times) + 1)
    in_order = valid_at.sort_values(ignore_index=True)
    return found.assign(answer=answer, valid_at=in_order.iloc[position].reset_index(drop=True))


def _items_about(issued_at: datetime, answer: CellAnswer, problems: Counter[str]) -> Iterator[dict[str, Any]]:
    """The items that are about what was asked; a proxy may mix answers up. What an item does not echo counts as right."""
    cell = {"nx": str(answer.nx), "ny": str(answer.ny)}
    issue = {"baseDate": f"{issued_at:%Y%m%d}", "baseTime": f"{issued_at:%H%M}"}
    for item in answer.items:
        if any(str(item.get(name, asked)) != asked for name, asked in cell.items()):
            problems["other_cell"] += 1
        elif any(str(item.get(name, asked)) != asked for name, asked in issue.items()):
            problems["other_issue"] += 1
        else:
            yield item


def _text(value: object) -> str | None:
    """A value as written; None if there is none. Some services write numbers as numbers."""
    if isinstance(value, str):
        return value.strip() or None
    return str(value) if isinstance(value, int | float) and not isinstance(value, bool) else None


def _number_of(category: object) -> int:
    return _CATEGORY_NUMBERS.get(category, -1) if isinstance(category, str) else -1


def _columns(texts: pd.DataFrame, is_coded: NDArray[np.bool_], problems: Counter[str]) -> dict[str, pd.Series]:
    """The typed columns of values from their texts."""
    columns: dict[str, pd.Series] = {}
    for column, categories in _NUMBERS.items():
        given = _first(texts, categories)
        # The codes of the wind are no speeds; its components stay numbers.
        read = numbers(given.where(~is_coded, None) if column == "wind_speed" else given)
        columns[column] = read.values["value"]
        problems[f"{column}_unreadable"] += read.unreadable
    columns["wind_direction"] %= 360
    components = np.hypot(columns["wind_east"], columns["wind_north"]).round(1)
    columns["wind_speed"] = columns["wind_speed"].where(~is_coded, components)
    for name, categories, unit, meanings in (
        ("precipitation", ("PCP", "RN1"), "mm", PRECIPITATION_LEVELS),
        ("snow", ("SNO",), "cm", SNOW_LEVELS),
    ):
        given = _first(texts, categories)
        amount = amounts(given.where(~is_coded, None))
        level = levels(given.where(is_coded, None), meanings)
        problems[f"{name}_unreadable"] += amount.unreadable + level.unreadable
        is_nothing = level.values["level"] == 0
        columns[f"{name}_{unit}"] = amount.values["best"].mask(is_nothing, 0.0)
        columns[f"{name}_{unit}_min"] = amount.values["least"].where(~is_coded, level.values["least"])
        columns[f"{name}_{unit}_max"] = amount.values["most"].where(~is_coded, level.values["most"])
        columns[f"{name}_level"] = level.values["level"].astype("Int16")
    for column, category, meanings in (("precipitation_type", "PTY", PRECIPITATION_TYPES), ("sky", "SKY", SKIES)):
        columns[column], unknown = words(texts[category], meanings)
        problems[f"{column}_unreadable"] += unknown
    return columns


def _first(texts: pd.DataFrame, categories: Sequence[str]) -> pd.Series:
    """The texts of the one category that an operation has of these."""
    first, *others = categories
    found = texts[first]
    for other in others:
        found = found.where(found.notna(), texts[other])
    return found
