"""COPY through a real PostgreSQL: what goes in comes out, whatever the text looks like."""

import math
import pickle
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import numpy as np
import pandas as pd
import psycopg
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from psycopg import sql
from sqlalchemy import Column, Integer, MetaData, Table, Text

from weatherflick_assets.settings import KST
from weatherflick_assets.warehouse.loading import copy_rows, copy_text, frame_of
from weatherflick_assets_tests.databases import dsn_of

_TARGET = sql.Identifier("pg_temp", "copied")
_KINDS = {"line": "integer", "words": "text", "share": "double precision", "count": "smallint", "big": "bigint",
          "flag": "boolean", "moment": "timestamptz"}  # fmt: skip


@pytest.fixture(scope="module")
def connection(postgresql_server: Any) -> Iterator[psycopg.Connection]:
    with psycopg.connect(dsn_of(postgresql_server), autocommit=True) as connection:
        columns = ", ".join(f"{name} {kind}" for name, kind in _KINDS.items())
        connection.execute(f"CREATE TEMPORARY TABLE copied ({columns})")  # type: ignore[arg-type]
        yield connection


def copied(connection: psycopg.Connection, **columns: Any) -> list[tuple[Any, ...]]:
    """The columns after a way through the database."""
    frame = pd.DataFrame(columns)
    frame.insert(0, "line", range(len(frame)))
    with connection.cursor() as cursor:
        cursor.execute("TRUNCATE copied")
        copy_rows(cursor, _TARGET, frame.columns, copy_text(frame))
        names = sql.SQL(", ").join(map(sql.Identifier, columns))
        return cursor.execute(sql.SQL("SELECT {} FROM copied ORDER BY line").format(names)).fetchall()


NASTY = [
    "", " ", "\t", "\n", "\r\n", "\\", "\\\\", "\\N", "\\.", "\\n", "a\tb\nc\\d\re", "\\N\n\\N\t", "NULL", "null", "\x0b\x0c\x08\x1b\x7f",
    "\u2028\u2029\x85", "경복궁 🏯 ¸", "é\u0301\ufeff\uffff", '"quoted"', "'", "$$", "{}", "\\x41", "\\101", "a" * 100_000, None,
]  # fmt: skip


@pytest.mark.parametrize("dtype", ["str", "object"])
def test_text_comes_back_as_it_was_and_empty_is_not_missing(connection: psycopg.Connection, dtype: str) -> None:
    assert [row[0] for row in copied(connection, words=pd.Series(NASTY, dtype=dtype))] == NASTY


@settings(max_examples=80, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.lists(
        st.tuples(
            st.none() | st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=20),
            st.none() | st.floats(allow_nan=False),
            st.none() | st.integers(-(2**15), 2**15 - 1),
            st.integers(-(2**63), 2**63 - 1),
            st.booleans(),
            st.none() | st.datetimes(datetime(1900, 1, 1), datetime(2099, 12, 31)),  # noqa: DTZ001 - hypothesis adds the zone
        ),
        min_size=1,
        max_size=8,
    )
)
def test_whatever_a_frame_holds_comes_back(connection: psycopg.Connection, rows: list[tuple[Any, ...]]) -> None:
    words, shares, counts, bigs, flags, moments = (list(column) for column in zip(*rows, strict=True))
    aware = [None if moment is None else moment.replace(tzinfo=UTC) for moment in moments]
    came_back = copied(
        connection,
        words=pd.Series(words, dtype="str"),
        share=pd.Series(shares, dtype="float64"),
        count=pd.Series(counts, dtype="Int16"),
        big=pd.Series(bigs, dtype="int64"),
        flag=pd.Series(flags, dtype="bool"),
        moment=pd.Series(aware, dtype="datetime64[us, UTC]").dt.tz_convert(KST),
    )
    assert came_back == list(zip(words, shares, counts, bigs, flags, aware, strict=True))


@pytest.mark.parametrize("dtype", ["float64", "Float64"])
def test_floats_keep_every_bit_and_not_a_number_is_missing(connection: psycopg.Connection, dtype: str) -> None:
    numbers = [0.1, 1 / 3, 126.9767375783, 5e-324, 1.7976931348623157e308, -0.0, None, 1.0]
    came_back = [row[0] for row in copied(connection, share=pd.Series(numbers, dtype=dtype))]
    assert came_back == numbers
    assert math.copysign(1, came_back[5]) == -1
    assert copied(connection, share=np.array([math.nan, math.inf])) == [(None,), (math.inf,)]


def test_missing_numbers_and_flags_are_null(connection: psycopg.Connection) -> None:
    count, flag = pd.array([1, None], dtype="Int16"), pd.array([True, None], dtype="boolean")
    assert copied(connection, count=count, flag=flag) == [(1, True), (None, None)]


def test_times_are_moments_whatever_zone_they_are_written_in(connection: psycopg.Connection) -> None:
    moment = pd.Timestamp(2026, 7, 1, 9, 30, 15, 123456, tz=KST)
    for series in (
        pd.Series([moment, None]),
        pd.Series([moment, None]).dt.tz_convert("UTC"),
        pd.Series([moment, None]).dt.as_unit("ns"),
    ):
        assert copied(connection, moment=series) == [(datetime(2026, 7, 1, 0, 30, 15, 123456, tzinfo=UTC),), (None,)]


def test_an_empty_frame_writes_nothing(connection: psycopg.Connection) -> None:
    assert copy_text(pd.DataFrame({"a": []})) == ""
    assert copied(connection, words=pd.Series([], dtype="str")) == []


def test_the_columns_decide_the_order_and_not_the_table(connection: psycopg.Connection) -> None:
    assert copied(connection, count=[1], words=["a"]) == [(1, "a")]


def test_a_frame_that_was_filtered_is_copied_by_its_rows_and_not_by_its_index() -> None:
    frame = pd.DataFrame({"line": [0, 1, 2], "words": ["a", None, "c"]})
    frame = frame[frame["line"] != 0]
    assert copy_text(frame) == "1\t\\N\n2\tc\n"


def test_a_frame_that_was_read_means_nothing_of_the_library_that_declares_its_columns() -> None:
    table = Table("declared", MetaData(), Column("line", Integer), Column("words", Text))
    frame = frame_of([(1, "a")], list(table.columns))
    assert frame.to_dict("list") == {"line": [1], "words": ["a"]}
    assert b"sqlalchemy" not in pickle.dumps(frame)
