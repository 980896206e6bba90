"""A small table of forecasts, partitioned by day of issue, for the tests of partitions; and plain ways to fill it."""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from typing import LiteralString

import psycopg
from sqlalchemy import Double, Integer, MetaData, Table, create_engine
from sqlalchemy.pool import NullPool

from weatherflick_assets.warehouse.partitioned import ensure
from weatherflick_assets.warehouse.storage_policies import StoragePolicy
from weatherflick_assets.warehouse.tables import METADATA, Timestamp, required

FORECASTS = Table(
    "some_forecasts",
    MetaData(naming_convention=METADATA.naming_convention),
    required("nx", Integer, "column of the grid", primary_key=True),
    required("valid_at", Timestamp, "for when", primary_key=True),
    required("issued_at", Timestamp, "when it was said", primary_key=True, index=True),
    required("temperature", Double, "in degrees"),
    schema="core",
    comment="Forecasts of a test.",
    postgresql_partition_by="RANGE (issued_at)",
)

LEADS = (6, 24, 48)
"""How many hours ahead the forecasts that stay were made."""

THINNED: LiteralString = "valid_at - issued_at IN (interval '6 hours', interval '24 hours', interval '48 hours')"

POLICY = StoragePolicy(FORECASTS, thinned=THINNED, days_ahead=1)

Row = tuple[int, datetime, datetime, float]


def create(dsn: str) -> None:
    """Make the table."""
    engine = create_engine(dsn.replace("postgresql://", "postgresql+psycopg://", 1), poolclass=NullPool)
    with engine.begin() as connection:
        FORECASTS.create(connection)


def rows_of(issued_at: datetime, leads: Iterable[int] = range(1, 50), nx: int = 60) -> list[Row]:
    """An issue: what it says about so many hours ahead."""
    return [(nx, issued_at + timedelta(hours=lead), issued_at, float(lead)) for lead in leads]


def insert(connection: psycopg.Connection, rows: Iterable[Row]) -> None:
    """Write rows that have partitions."""
    with connection.cursor() as cursor:
        cursor.executemany("INSERT INTO core.some_forecasts VALUES (%s, %s, %s, %s) ON CONFLICT DO NOTHING", rows)


def write(dsn: str, rows: Iterable[Row]) -> None:
    """Write rows as a collection does: partitions first."""
    written = list(rows)
    with psycopg.connect(dsn) as connection:
        ensure(connection, FORECASTS, *(issued_at for _, _, issued_at, _ in written))
        insert(connection, written)


def stored(dsn: str) -> set[Row]:
    """Every row there is."""
    with psycopg.connect(dsn) as connection:
        return set(
            connection.execute("SELECT nx, valid_at, issued_at, temperature FROM core.some_forecasts").fetchall()
        )


def stays(row: Row) -> bool:
    """Whether a row is one of those that a thinned day keeps."""
    return (row[1] - row[2]) / timedelta(hours=1) in LEADS


@contextmanager
def reading(dsn: str) -> Iterator[psycopg.Connection]:
    """A transaction that has read the table and is still open."""
    with psycopg.connect(dsn) as connection:
        connection.execute("SELECT count(*) FROM core.some_forecasts")
        yield connection
