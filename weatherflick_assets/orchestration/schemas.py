"""Table declarations, and numbers in tables, as Dagster shows them."""

from typing import Any

import dagster as dg
from sqlalchemy import Table
from sqlalchemy.dialects import postgresql

_DIALECT = postgresql.dialect()


def table_metadata(table: Table) -> dict[str, Any]:
    """Name and column schema of a table, for an asset's definition."""
    columns = [
        dg.TableColumn(
            column.name,
            column.type.compile(dialect=_DIALECT).lower(),
            description=column.comment,
            constraints=dg.TableColumnConstraints(
                nullable=bool(column.nullable), unique=column.primary_key and len(table.primary_key) == 1
            ),
        )
        for column in table.columns
    ]
    return {"dagster/table_name": table.fullname, "dagster/column_schema": dg.TableSchema(columns)}


def shown(value: float | None, digits: int) -> str | float:
    """A number in a table of the UI. What is not known is blank, never a 0."""
    if value is None:
        return ""
    return round(value, digits) if digits else round(value)
