"""What a materialization shows of its rows: a few of them, and the responses they came in.

Dagster keeps every event, so both are limited. The table has all rows, and `raw.responses` has all responses.
"""

from collections.abc import Iterable, Mapping
from typing import Any

import dagster as dg
from sqlalchemy import Table

from weatherflick_assets.presentation import for_terminal, shortened

MOST_ROWS, MOST_COLUMNS, LONGEST_VALUE, MOST_RESPONSES = 5, 12, 80, 20


def sample_metadata(dsn: str, table: Table, partition: Mapping[str, Any] | None = None) -> dict[str, Any]:
    """Metadata of published rows: `sample`, and those of `responses_metadata`.

    Args:
        dsn: the platform's database.
        table: a published table with a `source_response_id`.
        partition: the values of columns that the rows of the partition have; None for a table without partitions.
    """
    from psycopg import sql

    from weatherflick_assets.warehouse.connections import borrowed
    from weatherflick_assets.warehouse.statements import identifier, names

    columns = [column.name for column in table.columns][:MOST_COLUMNS]
    conditions: list[sql.Composable] = [
        sql.SQL("{} = {}").format(sql.Identifier(column), value) for column, value in (partition or {}).items()
    ]
    if "removed_at" in table.columns:
        conditions.append(sql.SQL("removed_at IS NULL"))
    parts = {
        "table": identifier(table),
        "columns": names(columns),
        "shown": sql.SQL(" AND ").join([sql.SQL("TRUE"), *conditions]),
        "key": names(column.name for column in table.primary_key),
        "rows": MOST_ROWS,
    }
    with borrowed(dsn) as connection:
        rows = connection.execute(
            sql.SQL("SELECT {columns} FROM {table} WHERE {shown} ORDER BY {key} LIMIT {rows}").format(**parts)
        ).fetchall()
        responses = connection.execute(
            sql.SQL(
                "SELECT DISTINCT source_response_id FROM {table} WHERE {shown} AND source_response_id IS NOT NULL"
            ).format(**parts)
        ).fetchall()
    records = [dg.TableRecord({name: _shown(value) for name, value in zip(columns, row, strict=True)}) for row in rows]
    schema = dg.TableSchema([dg.TableColumn(name) for name in columns])
    return {
        "sample": dg.MetadataValue.table(records, schema),
        **responses_metadata(response_id for (response_id,) in responses),
    }


def responses_metadata(response_ids: Iterable[int]) -> dict[str, Any]:
    """Metadata `responses` and `newest_responses`: how many there are, and the ids of the newest in `raw.responses`."""
    newest_first = sorted(response_ids, reverse=True)
    return {"responses": len(newest_first), "newest_responses": dg.MetadataValue.json(newest_first[:MOST_RESPONSES])}


def _shown(value: object) -> str | int | float | bool:
    if isinstance(value, bool | int | float):
        return value
    text = "" if value is None else for_terminal(str(value))
    return shortened(text, LONGEST_VALUE)
