"""How long the rows of a table that is not partitioned are kept: policies as data, and the deletion of what is older.

They are for tables that gain some rows a day. Tables that gain thousands are partitioned by time: `storage_policies.py`.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import LiteralString

from psycopg import sql
from sqlalchemy import Table

from weatherflick_assets.warehouse.connections import connect
from weatherflick_assets.warehouse.statements import identifier

BATCH = 1_000
"""The most rows that a transaction deletes."""

_DELETE = sql.SQL("""
WITH gone AS (
    DELETE FROM {table} WHERE ctid IN (
        SELECT old.ctid FROM {table} AS old WHERE old.{column} < %(before)s AND NOT ({stays}) LIMIT %(batch)s
    ) RETURNING pg_column_size({name}.*) AS size
) SELECT count(*), coalesce(sum(size), 0) FROM gone
""")


@dataclass(frozen=True)
class RowPolicy:
    """How long the rows of one table are kept.

    Attributes:
        table: the table.
        column: the column that holds the time or the day of a row.
        kept_for: how long a row is kept.
        stays: a condition in SQL over the row `old`, for rows that stay however old they are.
    """

    table: Table
    column: str
    kept_for: timedelta = timedelta(days=400)
    stays: LiteralString = "FALSE"


def delete_old(dsn: str, policy: RowPolicy, now: datetime, *, batch: int = BATCH) -> tuple[int, int]:
    """Delete what is too old at `now`, in short transactions; it may be stopped at any moment. Returns rows and their bytes."""
    statement = _DELETE.format(
        table=identifier(policy.table),
        name=sql.Identifier(policy.table.name),
        column=sql.Identifier(policy.column),
        stays=sql.SQL(policy.stays),
    )
    rows = size = 0
    with connect(dsn, autocommit=True) as connection:
        while True:
            found = connection.execute(statement, {"before": now - policy.kept_for, "batch": batch}).fetchone()
            if found is None or not found[0]:
                return rows, size
            rows, size = rows + found[0], size + int(found[1])
