"""Column profiles: what SQL counts in one pass is what anyone would count by hand."""

import datetime as dt
from collections.abc import Sequence
from typing import Any

import psycopg
from hypothesis import given
from hypothesis import strategies as st
from psycopg import sql
from psycopg.types.json import Jsonb
from sqlalchemy import Boolean, Column, Date, Double, Integer, MetaData, SmallInteger, Table, Text, Time
from sqlalchemy.dialects import postgresql
from sqlalchemy.dialects.postgresql import ARRAY, JSONB
from sqlalchemy.schema import CreateTable

from weatherflick_assets.quality.profiles import LONGEST_VALUE, ColumnProfile, profile
from weatherflick_assets.settings import KST
from weatherflick_assets.warehouse.tables import IS_PROSE, Timestamp

TABLE = Table(
    "profiled",
    MetaData(),
    Column("name", Text),
    Column("overview", Text, info={IS_PROSE: True}),
    Column("payload", JSONB),
    Column("tags", ARRAY(Text)),
    Column("is_open", Boolean),
    Column("level", SmallInteger),
    Column("price", Integer),
    Column("latitude", Double),
    Column("day", Date),
    Column("opens_at", Time),
    Column("modified_at", Timestamp),
    prefixes=["TEMPORARY"],
)
NOT_COMPARED = {"overview", "payload", "tags"}

TEXTS = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=8)
ROWS = st.lists(
    st.tuples(
        *(
            st.none() | values
            for values in (
                TEXTS,
                TEXTS,
                st.just(Jsonb({"a": 1})),
                st.lists(TEXTS, max_size=2),
                st.booleans(),
                st.integers(-3, 3),
                st.integers(-(2**31), 2**31 - 1),
                st.floats(-180, 180),
                st.dates(dt.date(1900, 1, 1)),
                st.times(),
                st.datetimes(dt.datetime(1900, 1, 1), timezones=st.just(KST)),  # noqa: DTZ001 - the zone comes apart
            )
        )
    ),
    max_size=12,
)


def profiled(dsn: str, rows: Sequence[tuple]) -> tuple[ColumnProfile, ...]:
    with psycopg.connect(dsn) as connection, connection.cursor() as cursor:
        cursor.execute(str(CreateTable(TABLE).compile(dialect=postgresql.dialect())))  # type: ignore[arg-type]
        marks = sql.SQL(", ").join(sql.Placeholder() * len(TABLE.columns))
        cursor.executemany(sql.SQL("INSERT INTO profiled VALUES ({})").format(marks), rows)
        found = profile(cursor, sql.SQL("profiled"), TABLE.columns)
        connection.rollback()
    return found


def by_hand(column: str, values: Sequence[Any]) -> ColumnProfile:
    there = [value for value in values if value is not None]
    counted = (column, len(values), len(values) - len(there))
    if column in NOT_COMPARED:
        return ColumnProfile(*counted)
    numeric = column in ("is_open", "level", "price", "latitude")
    return ColumnProfile(
        *counted,
        distinct_count=len(set(there)),
        minimum=in_words(min(there)) if there else None,
        maximum=in_words(max(there)) if there else None,
        mean=sum(there) / len(there) if numeric and there else None,
    )


def in_words(value: object) -> str:
    if isinstance(value, dt.datetime):
        return str(value.astimezone(dt.UTC))
    return str(value).lower() if isinstance(value, bool) else str(value)


@given(rows=ROWS)
def test_every_column_is_profiled_as_by_hand(prepared_database: str, rows: list[tuple]) -> None:
    found = profiled(prepared_database, rows)
    expected = [by_hand(name, [row[place] for row in rows]) for place, name in enumerate(TABLE.columns.keys())]
    for one, other in zip(found, expected, strict=True):
        assert (one.mean is None) == (other.mean is None)
        if one.mean is not None and other.mean is not None:
            # The server adds up numbers in an order, and with a precision, of its own.
            assert abs(one.mean - other.mean) <= 1e-9 * max(1, abs(other.mean), *map(abs, _numbers(rows)))
        assert ColumnProfile(**{**vars(one), "mean": None}) == ColumnProfile(**{**vars(other), "mean": None})


def _numbers(rows: Sequence[tuple]) -> list[float]:
    return [value for row in rows for value in row if isinstance(value, int | float)] or [0]


def test_a_long_value_is_cut(prepared_database: str) -> None:
    found = profiled(prepared_database, [("x" * 1_000, *[None] * (len(TABLE.columns) - 1))])
    assert found[0].minimum == found[0].maximum == "x" * LONGEST_VALUE
