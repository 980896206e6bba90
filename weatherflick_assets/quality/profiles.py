"""What the columns of a batch hold: nulls, distinct values, minimum, maximum and mean.

It is one pass in SQL over rows in the database, for any table. What is measured for each column type belongs here.
`store.py` decides where profiles are kept.

Two things keep the pass cheap. Distinct texts are counted by a 64-bit hash, because sorting numbers is far faster than
sorting texts; two of a million different texts share a hash with a probability of one in 30 million. In prose, JSON and
arrays only the nulls are counted, because reading them costs more than publishing them.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import LiteralString

import psycopg
from psycopg import sql
from sqlalchemy import ARRAY, JSON, Boolean, Column, Float, Integer, Numeric, Text

from weatherflick_assets.warehouse.tables import IS_PROSE

LONGEST_VALUE = 100
"""The most characters kept of a smallest or largest value."""


@dataclass(frozen=True)
class ColumnProfile:
    """One column of a batch.

    Attributes:
        column_name: Its name.
        row_count: Rows in the batch.
        null_count: Rows without a value.
        distinct_count: Different values; None for prose, JSON and arrays.
        minimum: The smallest value as text, at most 100 characters: times in UTC, texts by code point. None for prose,
            JSON and arrays, and if there is no value.
        maximum: The largest value, likewise.
        mean: The mean of numbers; for booleans the share (0-1) that is true. None for any other type.
    """

    column_name: str
    row_count: int
    null_count: int
    distinct_count: int | None = None
    minimum: str | None = None
    maximum: str | None = None
    mean: float | None = None


def profile(cursor: psycopg.Cursor, rows: sql.Composable, columns: Iterable[Column]) -> tuple[ColumnProfile, ...]:
    """The profiles of some columns.

    Args:
        cursor: A cursor in the transaction that sees the rows.
        rows: What follows FROM.
        columns: Declared columns, at most 300: a statement has at most 1,664 results.
    """
    profiled = list(columns)
    asked = [expression for column in profiled for expression in _expressions(column)]
    statement = sql.SQL("SELECT count(*), {} FROM {}").format(sql.SQL(", ").join(asked), rows)
    found = cursor.execute(statement).fetchone()
    assert found is not None
    row_count, *values = found
    of_columns: Iterator[tuple] = zip(*[iter(values)] * 5, strict=True)
    return tuple(
        ColumnProfile(column.name, row_count, row_count - count, distinct, _text(minimum), _text(maximum), mean)
        for column, (count, distinct, minimum, maximum, mean) in zip(profiled, of_columns, strict=True)
    )


def _expressions(column: Column) -> Iterator[sql.Composable]:
    """The number of values, the number of different ones, the smallest, the largest, the mean."""
    for expression in ("count({0})", *_comparisons(column)):
        yield sql.SQL(expression).format(sql.Identifier(column.name))


def _is_not_compared(column: Column) -> bool:
    return isinstance(column.type, JSON | ARRAY) or column.info.get(IS_PROSE, False)


def _comparisons(column: Column) -> tuple[LiteralString, ...]:
    kind = column.type
    if _is_not_compared(column):
        return "NULL", "NULL", "NULL", "NULL"
    if isinstance(kind, Text):
        different = "count(DISTINCT hashtextextended({0}, 0))"
        return different, 'min({0} COLLATE "C")', 'max({0} COLLATE "C")', "NULL"
    if isinstance(kind, Boolean):
        return "count(DISTINCT {0})", "bool_and({0})", "bool_or({0})", "avg({0}::int)::float8"
    mean = "avg({0})::float8" if isinstance(kind, Integer | Numeric | Float) else "NULL"
    return "count(DISTINCT {0})", "min({0})", "max({0})", mean


def _text(value: object) -> str | None:
    if value is None:
        return None
    if isinstance(value, datetime):
        value = value.astimezone(UTC)
    return (str(value).lower() if isinstance(value, bool) else str(value))[:LONGEST_VALUE]
