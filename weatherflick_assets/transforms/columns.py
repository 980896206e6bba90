"""Turning columns of received text into typed columns: the vectorised building blocks of the transforms.

Every function takes and returns whole columns with the index unchanged, and never fails on a value: what can't be read
becomes missing.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence

import numpy as np
import pandas as pd

from weatherflick_assets.settings import KST

LONGITUDES = (124.0, 132.0)
LATITUDES = (33.0, 39.0)
"""Korea, Dokdo and Marado included, in degrees (WGS 84)."""

_BREAK = r"\s*<br\s*/?>\s*"
_LINES_BETWEEN = r"\s*(?:(?:<br\s*/?>|[\r\n])\s*)+"


def text_columns(items: Sequence[Mapping[str, object]], fields: Iterable[str]) -> pd.DataFrame:
    """The named fields of received items as text, stripped; what is missing, null or a structure becomes "".

    NUL characters, which PostgreSQL can't hold, are dropped.
    """
    return pd.DataFrame({name: _text_column([item.get(name, "") for item in items]) for name in fields})


def _text_column(values: list[object]) -> pd.Series:
    if not all(isinstance(value, str) for value in values):
        values = [_as_text(value) for value in values]
    if "\0" in "".join(values):  # type: ignore[arg-type]
        values = [value.replace("\0", "") for value in values]  # type: ignore[attr-defined]
    return pd.Series(values, dtype="str").str.strip()


def _as_text(value: object) -> str:
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        return ""
    return str(value)


def blank_as_missing(column: pd.Series) -> pd.Series:
    """Text with "" as missing."""
    return column.mask(column == "")


def clean_text(column: pd.Series) -> pd.Series:
    """Text for people: line-break tags as a space, the cedilla that stands for a comma as one, single spaces.

    Other angle brackets stay: titles may rightly hold them.
    """
    column = _where_contains(
        column, "<", lambda part: part.str.replace(_BREAK, " ", case=False, regex=True).str.strip()
    )
    column = _where_contains(column, "¸", lambda part: part.str.replace("¸", ",", regex=False))
    column = _where_contains(column, "&", lambda part: part.str.replace("&amp;", "&", regex=False))
    untidy = column.str.contains(r"\s\s|[\t\n\r\x00-\x1f]", regex=True)
    if untidy.any():
        column = column.mask(untidy, column[untidy].str.replace(r"[\s\x00-\x1f]+", " ", regex=True).str.strip())
    return blank_as_missing(column)


def phone_numbers(column: pd.Series) -> pd.Series:
    """Telephone text with one line: numbers that stood under each other are separated by commas."""
    several = column.str.contains(r"[<\r\n]", regex=True)
    if several.any():
        lines = column[several].str.replace(_LINES_BETWEEN, ", ", case=False, regex=True).str.strip(", ")
        column = column.mask(several, lines)
    return clean_text(column)


def secure_urls(column: pd.Series) -> pd.Series:
    """Web addresses with https; what is none becomes missing. The image host serves both schemes."""
    secured = column.str.replace(r"^https?://", "https://", case=False, regex=True)
    return secured.where(secured.str.startswith("https://"))


def zip_codes(column: pd.Series) -> pd.Series:
    """Five-digit postal codes; six-digit ones, which ended in 2015, become missing."""
    return column.str.extract(r"^[^0-9]*([0-9]{5})[^0-9]*$", expand=False)


def kst_timestamps(column: pd.Series) -> pd.Series:
    """Times written YYYYMMDDHHMMSS in Korean time, as aware times; anything else becomes missing.

    So do times before 1900, which no place has, and those that clocks skipped or showed twice (Korea last had daylight
    saving time in 1988).
    """
    digits = column.where(column.str.fullmatch(r"(?:19|20)[0-9]{10}[0-5][0-9]"))
    parsed = pd.to_datetime(digits, format="%Y%m%d%H%M%S", errors="coerce")
    return parsed.dt.as_unit("us").dt.tz_localize(KST, ambiguous="NaT", nonexistent="NaT")


def small_integers(column: pd.Series) -> pd.Series:
    """Whole numbers of up to four digits; anything else becomes missing."""
    return pd.to_numeric(column.where(column.str.fullmatch(r"[0-9]{1,4}")), errors="coerce").astype("Int16")


def coordinates(longitude: pd.Series, latitude: pd.Series) -> pd.DataFrame:
    """Degrees as numbers, both or neither, and why not.

    Returns:
        Columns longitude, latitude (float, missing where unusable) and coordinates_problem: missing where they are
        usable, else blank, not_a_number, zero, or outside_korea (which the upstream's placeholders are, too).
    """
    x, y = (pd.to_numeric(column, errors="coerce").astype("float64") for column in (longitude, latitude))
    inside = x.between(*LONGITUDES) & y.between(*LATITUDES)
    problem = np.select(
        [inside, (longitude == "") | (latitude == ""), x.isna() | y.isna(), (x == 0) & (y == 0)],
        ["", "blank", "not_a_number", "zero"],
        default="outside_korea",
    )
    problems = pd.Series(problem, index=x.index, dtype="str")
    return pd.DataFrame(
        {
            "longitude": x.where(inside),
            "latitude": y.where(inside),
            "coordinates_problem": blank_as_missing(problems),
        }
    )


def _where_contains(column: pd.Series, needle: str, change: Callable[[pd.Series], pd.Series]) -> pd.Series:
    """Apply `change` to the few values that contain `needle`; most columns have none."""
    found = column.str.contains(needle, regex=False)
    return column.mask(found, change(column[found])) if found.any() else column
