"""Rows of the weather, written by hand: what was observed and what had been said."""

from collections.abc import Iterable, Mapping
from datetime import date, datetime, timedelta
from typing import Any

import psycopg
from psycopg import sql
from sqlalchemy import Table

from weatherflick_assets.settings import KST
from weatherflick_assets.warehouse.partitioned import ensure
from weatherflick_assets.warehouse.storage_policies import time_column
from weatherflick_assets.weather.tables import DAILY_FORECASTS, HOURLY_FORECASTS, WEATHER_OBSERVATIONS

Cell = tuple[int, int]
Row = Mapping[str, Any]

SEOUL, JEJU, FAR_AT_SEA = (60, 127), (52, 38), (10, 240)
"""Cells in the regions 11 and 50, and in none."""

DAY = date(2026, 8, 26)


def at(hour: int, day: date = DAY) -> datetime:
    """An hour of a day in Korea."""
    return datetime(day.year, day.month, day.day, tzinfo=KST) + timedelta(hours=hour)


def seen(cell: Cell, when: datetime, **values: Any) -> Row:
    """A row of what was observed."""
    return {"nx": cell[0], "ny": cell[1], "observed_at": when, **values}


def said(cell: Cell, when: datetime, hours_before: int, **values: Any) -> Row:
    """A row of what had been said of an hour."""
    issued_at = when - timedelta(hours=hours_before)
    return {"nx": cell[0], "ny": cell[1], "valid_at": when, "issued_at": issued_at, **values}


def said_of_day(cell: Cell, days_before: int, source: str = "short_term", hour: int = 5, **values: Any) -> Row:
    """A row of what had been said of the day."""
    issued_at = at(hour) - timedelta(days=days_before)
    return {
        "nx": cell[0], "ny": cell[1], "day": DAY, "issued_at": issued_at, "source": source, "said_at": issued_at,
        "hours": 24, **values,
    }  # fmt: skip


def write(dsn: str, rows: Iterable[Row]) -> None:
    """Write rows to the tables that they belong to."""
    with psycopg.connect(dsn) as connection:
        for row in rows:
            table = _table_of(row)
            ensure(connection, table, row[time_column(table)])
            whole = {**row, "recorded_at": row[time_column(table)], "source_response_id": 1}
            connection.execute(
                sql.SQL("INSERT INTO {} ({}) VALUES ({})").format(
                    sql.Identifier(str(table.schema), table.name),
                    sql.SQL(", ").join(map(sql.Identifier, whole)),
                    sql.SQL(", ").join([sql.Placeholder()] * len(whole)),
                ),
                list(whole.values()),
            )


def _table_of(row: Row) -> Table:
    if "observed_at" in row:
        return WEATHER_OBSERVATIONS
    return DAILY_FORECASTS if "day" in row else HOURLY_FORECASTS
