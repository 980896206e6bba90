"""Turning columns of received text into typed columns: the building blocks of the transforms.

Every function takes and returns whole columns and keeps the index. None fails on a value: what cannot be parsed becomes
missing. Plain functions process text, once per distinct value, which is several times as fast as chains of string
methods over the column. Numbers and times are processed as arrays.
"""

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from operator import itemgetter
from typing import Any

import numpy as np
import pandas as pd

from weatherflick_assets.korea.geography import EAST, NORTH, SOUTH, WEST
from weatherflick_assets.places.transform.text import contact, is_plain, is_visible, one_line, single_spaced, visible
from weatherflick_assets.settings import KST

_ZIP_CODE = re.compile(r"[^0-9]*([0-9]{5})[^0-9]*")
_SMALL_INTEGER = re.compile(r"[0-9]{1,4}")


def text_columns(items: Sequence[Mapping[str, object]], fields: Iterable[str]) -> pd.DataFrame:
    """The named fields of received items as stripped text without invisible characters, in NFC.

    Missing fields, nulls and structures become "".
    """
    names = list(fields)
    try:
        # The first field is named twice because itemgetter returns no tuple for a single field.
        _, *columns = zip(*map(itemgetter(names[0], *names), items), strict=True)
    except (KeyError, ValueError):  # an item lacks a field, or there are no fields
        columns = [[item.get(name, "") for item in items] for name in names]
    made = {name: _text_column(values) for name, values in zip(names, columns, strict=True)}
    return pd.DataFrame(made, copy=False)


def _text_column(values: Sequence) -> pd.Series:
    try:
        everything = "".join(values)
    except TypeError:  # a value is not text
        values = [_as_text(value) for value in values]
        everything = "".join(values)
    if not is_visible(everything):
        values = [visible(value) for value in values]
    return text_series(map(str.strip, values))


def text_series(values: Iterable[str | None], index: pd.Index | None = None) -> pd.Series:
    """A column of text with None for missing, of type object, because pandas scans its own text type at each step."""
    return pd.Series(list(values), index=index, dtype=object)


def _as_text(value: object) -> str:
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        return ""
    return str(value)


def each(column: pd.Series, change: Callable[[Any], str | None]) -> pd.Series:
    """Apply `change` to a column of text, once per distinct value, and once to None if some is missing; None means missing."""
    values = column.tolist()
    changed = {value: change(value) for value in set(values)}
    return text_series(map(changed.__getitem__, values), column.index)


def blank_as_missing(column: pd.Series) -> pd.Series:
    """Text with "" replaced by missing."""
    return text_series([text or None for text in column.tolist()], column.index)


def clean_text(column: pd.Series) -> pd.Series:
    """Text for people, on one line."""
    return each(column, single_spaced if is_plain("".join(column.tolist())) else one_line)


def phone_numbers(column: pd.Series) -> pd.Series:
    """Telephone text on one line: numbers on separate lines are separated by commas."""
    return each(column, contact)


def secure_urls(column: pd.Series) -> pd.Series:
    """Web addresses with https; anything else becomes missing. The image host serves both schemes."""
    return each(column, _secure)


def _secure(text: str) -> str | None:
    scheme, separator, rest = text.partition("://")
    return f"https://{rest}" if separator and scheme.lower() in ("http", "https") else None


def zip_codes(column: pd.Series) -> pd.Series:
    """Five-digit postal codes; six-digit ones, which ended in 2015, become missing."""
    return each(column, lambda text: found[1] if (found := _ZIP_CODE.fullmatch(text)) else None)


def kst_timestamps(column: pd.Series) -> pd.Series:
    """Parse times written YYYYMMDDHHMMSS in Korean time into aware times; anything else becomes missing.

    Times before 1900, which no place has, become missing too. So do times that a clock change skipped or repeated
    (Korea last had daylight saving time in 1988).
    """
    texts = [text if len(text) == 14 and text.isascii() and text.isdigit() else "0" * 14 for text in column.tolist()]
    digits = np.array(texts, dtype="U14").view(np.uint32).reshape(len(texts), 14).astype(np.int64) - ord("0")
    year, month, day, hour, minute, second = (
        digits[:, start:end] @ 10 ** np.arange(end - start - 1, -1, -1)
        for start, end in ((0, 4), (4, 6), (6, 8), (8, 10), (10, 12), (12, 14))
    )
    first = (year - 1970).astype("datetime64[Y]").astype("datetime64[M]") + (month - 1)
    date = first.astype("datetime64[D]") + (day - 1)
    is_real = (
        ((year >= 1900) & (year < 2100) & (month >= 1) & (month <= 12) & (day >= 1))
        & (date.astype("datetime64[M]") == first)  # February 31 would be in March
        & ((hour < 24) & (minute < 60) & (second < 60))
    )
    times = date.astype("datetime64[us]") + (hour * 3600 + minute * 60 + second) * np.timedelta64(1_000_000, "us")
    local = pd.Series(times, index=column.index).where(is_real)
    return local.dt.tz_localize(KST, ambiguous="NaT", nonexistent="NaT")


def small_integers(column: pd.Series) -> pd.Series:
    """Whole numbers of up to four digits; anything else becomes missing."""
    values = column.tolist()
    number_of = {text: int(text) if _SMALL_INTEGER.fullmatch(text) else None for text in set(values)}
    return pd.Series([number_of[text] for text in values], index=column.index, dtype="Int16")


def coordinates(longitude: pd.Series, latitude: pd.Series) -> pd.DataFrame:
    """Coordinates in degrees as numbers, both or neither, with the reason if they cannot be used.

    The columns are longitude, latitude (missing where unusable) and coordinates_problem: missing where they are usable,
    otherwise blank, not_a_number, zero, or outside_korea (which includes the upstream's placeholders).
    """
    x, y = (pd.to_numeric(column, errors="coerce").to_numpy("float64") for column in (longitude, latitude))
    inside = (x >= WEST) & (x <= EAST) & (y >= SOUTH) & (y <= NORTH)
    outside = np.flatnonzero(~inside)
    problems: list[str | None] = [None] * len(x)
    received = zip(longitude.iloc[outside], latitude.iloc[outside], x[outside], y[outside], strict=True)
    for row, texts_and_numbers in zip(outside.tolist(), received, strict=True):
        problems[row] = _problem(*texts_and_numbers)
    columns = {
        "longitude": np.where(inside, x, np.nan),
        "latitude": np.where(inside, y, np.nan),
        "coordinates_problem": text_series(problems, longitude.index),
    }
    return pd.DataFrame(columns, index=longitude.index, copy=False)


def _problem(longitude: str, latitude: str, x: float, y: float) -> str:
    if not (longitude and latitude):
        return "blank"
    if np.isnan(x) or np.isnan(y):
        return "not_a_number"
    return "zero" if x == y == 0 else "outside_korea"
