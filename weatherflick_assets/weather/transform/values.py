"""What the KMA's texts and codes mean: numbers, amounts of rain and snow, words. Pure.

Missing is missing, never 0. A value that can't be read is missing too, and counted. Sources: the guide of
VilageFcstInfoService_2.0 (2026-07) and recorded answers, which write amounts in several forms.
"""

import re
from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import NamedTuple

import numpy as np
import pandas as pd

_NUMBER = r"(\d+(?:\.\d+)?)"
_UNIT = r"\s*(?:mm|cm)?\s*"
_EXACT = re.compile(rf"{_NUMBER}{_UNIT}")
_BELOW = re.compile(rf"{_NUMBER}{_UNIT}미만")
_FROM = re.compile(rf"{_NUMBER}{_UNIT}이상")
_BETWEEN = re.compile(rf"{_NUMBER}{_UNIT}~\s*{_NUMBER}{_UNIT}")
_NOTHING = frozenset({"강수없음", "적설없음", "-"})

SENTINEL = 900.0
"""Numbers from here up, and from its negative down, mean that there is no value: sea cells and faults of a sensor."""

PRECIPITATION_LEVELS: Mapping[str, tuple[float, float]] = MappingProxyType(
    {"0": (0.0, 0.0), "1": (0.1, 3.0), "2": (3.0, 15.0), "3": (15.0, np.nan)}
)
SNOW_LEVELS: Mapping[str, tuple[float, float]] = MappingProxyType(
    {"0": (0.0, 0.0), "1": (0.1, 1.0), "2": (1.0, np.nan)}
)
WIND_LEVELS: Mapping[str, tuple[float, float]] = MappingProxyType(
    {"1": (0.0, 4.0), "2": (4.0, 9.0), "3": (9.0, np.nan)}
)
"""What the codes of the three-hourly part mean: at least, and less than; mm an hour, cm an hour, m/s. NaN is no limit."""

_LEAST_AMOUNT = 0.1
"""The KMA's smallest amount of rain or snow that is not nothing."""


class Amount(NamedTuple):
    """An amount as the text gives it: at least, at most (NaN: no limit), and the value to use."""

    least: float
    most: float
    best: float


_MISSING = Amount(np.nan, np.nan, np.nan)
_NONE = Amount(0.0, 0.0, 0.0)


def amount_of(text: str) -> Amount | None:
    """What a text says of an hour's rain (mm) or snow (cm).

    An amount between two limits is taken to be in the middle, one without an upper limit to be the lower one.

    Returns:
        None if the text can't be read; NaN in all fields for a sentinel.
    """
    text = text.strip()
    if text in _NOTHING:
        return _NONE
    if found := _EXACT.fullmatch(text):
        value = float(found[1])
        return _MISSING if value >= SENTINEL else Amount(value, value, value)
    if found := _BELOW.fullmatch(text):
        most = float(found[1])
        return Amount(min(_LEAST_AMOUNT, most), most, most / 2)
    if found := _BETWEEN.fullmatch(text):
        least, most = float(found[1]), float(found[2])
        return Amount(least, most, (least + most) / 2) if least <= most else None
    if found := _FROM.fullmatch(text):
        return Amount(float(found[1]), np.nan, float(found[1]))
    return _MISSING if _is_sentinel(text) else None


class Read(NamedTuple):
    """Values read from texts, and how many texts could not be read.

    Attributes:
        values: one column or more, with the index of the texts.
        unreadable: texts that are there and can't be read; their values are missing.
    """

    values: pd.DataFrame
    unreadable: int


def amounts(texts: pd.Series) -> Read:
    """The columns least, most and best (float64) of hourly amounts; a missing text is missing."""
    return _read(texts, amount_of, Amount._fields)


def numbers(texts: pd.Series, *, sentinel: float = SENTINEL) -> Read:
    """The column value (float64) of numbers; from `sentinel` up, and from its negative down, they are missing."""
    return _read(texts, lambda text: _number_of(text, sentinel), ("value",))


def levels(texts: pd.Series, meanings: Mapping[str, tuple[float, float]]) -> Read:
    """The columns level, least and most (float64) of qualitative codes, which `meanings` limits."""
    return _read(texts, lambda text: _level_of(text, meanings), ("level", "least", "most"))


def words(texts: pd.Series, meanings: Mapping[str, str]) -> tuple[pd.Series, int]:
    """The words for codes, and how many codes have none; these and missing texts are None."""
    given = texts.dropna()
    found = texts.map(lambda text: meanings.get(text.strip()), na_action="ignore").astype(object)
    return found.where(found.notna(), None), int(found[given.index].isna().sum())


def _number_of(text: str, sentinel: float = SENTINEL) -> tuple[float] | None:
    try:
        value = float(text)
    except ValueError:
        return None
    if not np.isfinite(value):
        return None
    return (np.nan,) if abs(value) >= sentinel else (value,)


def _level_of(text: str, meanings: Mapping[str, tuple[float, float]]) -> tuple[float, float, float] | None:
    text = text.strip()
    if text in _NOTHING:
        text = "0"
    if text in meanings:
        return float(text), *meanings[text]
    return (np.nan, np.nan, np.nan) if _is_sentinel(text) else None


def _is_sentinel(text: str) -> bool:
    read = _number_of(text)
    return read is not None and np.isnan(read[0])


def _read(texts: pd.Series, read: Callable[[str], tuple[float, ...] | None], fields: tuple[str, ...]) -> Read:
    """Read each distinct text once: an issue has a million texts, and few distinct ones."""
    codes, distinct = pd.factorize(texts, use_na_sentinel=True)
    found = [read(text) for text in distinct]
    table = np.array([*(value or (np.nan,) * len(fields) for value in found), (np.nan,) * len(fields)])
    is_unreadable = np.array([*(value is None for value in found), False])
    return Read(pd.DataFrame(table[codes], index=texts.index, columns=list(fields)), int(is_unreadable[codes].sum()))
