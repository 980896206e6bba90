"""Rows that come from declarations rather than from an API: regions and former areas, and how a domain writes its own.

They are written whenever the database is prepared, so a changed declaration reaches the tables with the next start.
"""

from collections.abc import Iterable, Mapping
from typing import Any

from sqlalchemy import ColumnElement, Connection, Table
from sqlalchemy.dialects.postgresql import insert

from weatherflick_assets.korea.regions import REGIONS, SERVING_REGIONS
from weatherflick_assets.warehouse.tables import KTO_AREAS
from weatherflick_assets.warehouse.tables import REGIONS as REGIONS_TABLE


def load(connection: Connection) -> None:
    """Insert or update the reference rows on `connection`; the caller commits."""
    for table, declared in ((REGIONS_TABLE, REGIONS), (KTO_AREAS, SERVING_REGIONS)):
        columns = table.columns.keys()
        upsert(connection, table, ({name: getattr(region, name) for name in columns} for region in declared))


def upsert(
    connection: Connection,
    table: Table,
    rows: Iterable[Mapping[str, Any]],
    *,
    only_where: ColumnElement[bool] | None = None,
) -> None:
    """Insert rows, or update them by primary key; existing ones only where `only_where` holds."""
    statement = insert(table)
    values = {column.name: statement.excluded[column.name] for column in table.columns if not column.primary_key}
    update = statement.on_conflict_do_update(
        index_elements=list(table.primary_key.columns), set_=values, where=only_where
    )
    connection.execute(update, list(rows))
