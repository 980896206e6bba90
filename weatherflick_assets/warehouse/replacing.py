"""One partition of a core table whose rows are put in place of those that it had, in a publishing transaction.

For data that are said as a whole, such as an issue of a forecast or a list: the partition is all rows with certain values, or
of a certain condition, and its new rows are all that there is of it.
"""

from collections.abc import Callable, Mapping
from typing import Any, Self

import pandas as pd
import psycopg
from psycopg import sql
from sqlalchemy import Table

from weatherflick_assets.warehouse.loading import copy_rows, copy_text
from weatherflick_assets.warehouse.partitioned import ensure
from weatherflick_assets.warehouse.publishing import PublishingTransaction, Result
from weatherflick_assets.warehouse.statements import identifier, names
from weatherflick_assets.warehouse.storage_policies import is_partitioned, time_column

_STAGED = sql.Identifier("staged_rows")
_CREATE_STAGE = "CREATE TEMPORARY TABLE staged_rows ON COMMIT DROP AS SELECT {columns} FROM {table} WITH NO DATA"
_REMOVE = "DELETE FROM {table} WHERE {partition}"
_INSERT = "INSERT INTO {table} ({columns}) SELECT {columns} FROM staged_rows"

_REMOVE_LOST = (
    "DELETE FROM {table} AS known WHERE NOT EXISTS (SELECT FROM {found} AS found WHERE ({found_key}) = ({known_key}))"
)
_FOLLOW = (
    "INSERT INTO {table} AS known ({columns}) SELECT {columns} FROM {found} AS found "
    "WHERE NOT EXISTS (SELECT FROM {table} AS known WHERE ({known_key}) = ({found_key}) AND ({old}) IS NOT DISTINCT FROM ({staged})) "
    "ON CONFLICT ({key}) DO UPDATE SET ({columns}) = ROW ({new})"
)


class Replacement(PublishingTransaction):
    """All rows of a partition, replaced at once. Use it as a context manager.

    Args:
        dsn: the platform's database.
        table: the core table.
        asset_key: the published asset, e.g. `core/hourly_forecasts`.
        partition_key: its partition; "" for an asset without any.
        where: which rows are the partition: the values of columns that all of them have, or a condition.

    Attributes:
        staged: how many rows were staged.
    """

    def __init__(
        self, dsn: str, table: Table, asset_key: str, partition_key: str, where: Mapping[str, Any] | sql.Composable
    ) -> None:
        super().__init__(dsn, table, asset_key, partition_key)
        self._named = {"table": identifier(table), "columns": names(table.columns.keys())}
        self._partition = where if isinstance(where, sql.Composable) else _with_values(where)
        self._at = where[time_column(table)] if is_partitioned(table) and isinstance(where, Mapping) else None
        self.staged = 0

    def __enter__(self) -> Self:
        super().__enter__()
        if self._at is not None:
            ensure(self._connection, self.table, self._at)
        self._cursor.execute(sql.SQL(_CREATE_STAGE).format(**self._named))
        return self

    def stage(self, rows: pd.DataFrame) -> None:
        """Take rows; columns that the frame lacks are null, those that the table lacks are left out."""
        taken = rows[[column.name for column in self.table.columns if column.name in rows.columns]]
        text = copy_text(taken)
        self.staged += len(taken)
        self._then(lambda: copy_rows(self._cursor, _STAGED, taken.columns, text))

    def stage_from(self, query: str, parameters: Mapping[str, Any]) -> int:
        """Take the rows of a query, whose columns are those of the table in their order; return how many."""
        statement = f"INSERT INTO staged_rows {query}"
        taken = self._then(lambda: self._cursor.execute(statement, parameters).rowcount).result()  # type: ignore[arg-type]
        self.staged += taken
        return taken

    def rows_as_published(self) -> sql.Composable:
        """The rows that the partition will have."""
        return _STAGED

    def publish(self, record: Callable[[psycopg.Cursor], Result]) -> Result:
        """Put the staged rows in place of the partition's, and commit that with what `record` writes."""
        self._then(self._replace)
        return super().publish(record)

    def _replace(self) -> None:
        self._cursor.execute(sql.SQL(_REMOVE).format(partition=self._partition, **self._named))
        self._cursor.execute(sql.SQL(_INSERT).format(**self._named))


def follow(cursor: psycopg.Cursor, table: Table, found: str) -> None:
    """Make the rows of a whole table those of the temporary table `found`, and leave alone those that are the same.

    For a table that is state and not said as a whole by anybody. What follows in the transaction finds statistics of it; the
    caller commits.
    """
    columns = [column.name for column in table.columns]
    key = [column.name for column in table.primary_key]
    parts = {
        "table": identifier(table),
        "found": sql.Identifier(found),
        "columns": names(columns),
        "key": names(key),
        "known_key": names(key, "known"),
        "found_key": names(key, "found"),
        "new": names(columns, "excluded"),
        "staged": names(columns, "found"),
        "old": names(columns, "known"),
    }
    changed = sum(cursor.execute(sql.SQL(statement).format(**parts)).rowcount for statement in (_REMOVE_LOST, _FOLLOW))
    if changed:
        cursor.execute(sql.SQL("ANALYZE {}").format(parts["table"]))


def _with_values(values: Mapping[str, Any]) -> sql.Composable:
    return sql.SQL(" AND ").join(
        sql.SQL("{} = {}").format(sql.Identifier(column), value) for column, value in values.items()
    )
