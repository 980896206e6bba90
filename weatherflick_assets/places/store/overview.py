"""Figures about places, for `weatherflick status`."""

from dataclasses import dataclass
from datetime import datetime

from psycopg import sql

from weatherflick_assets.places.tables import PLACE_TABLES
from weatherflick_assets.warehouse.connections import connect


@dataclass(frozen=True)
class TableOverview:
    """Figures about one core table.

    Attributes:
        removed: rows whose place is gone.
        regions: regions that have rows.
        rejected: items that could not be published.
        completeness: mean share of filled descriptive columns, 0 to 1; None without rows.
        listed_at: when a complete sweep last ended.
    """

    name: str
    rows: int
    removed: int
    regions: int
    rejected: int
    completeness: float | None
    updated_at: datetime | None
    listed_at: datetime | None


_TABLE = """
SELECT count(*) FILTER (WHERE removed_at IS NULL), count(removed_at),
       count(DISTINCT region_code) FILTER (WHERE removed_at IS NULL AND region_code <> 'unassigned'),
       (SELECT count(*) FROM core.rejected_items WHERE content_type_id = %(content_type_id)s),
       avg(completeness) FILTER (WHERE removed_at IS NULL), max(updated_at),
       (SELECT max(finished_at) FROM raw.sweeps WHERE content_type_id = %(content_type_id)s AND is_complete)
FROM {table}
"""


def place_tables(dsn: str, content_type_ids: dict[str, str]) -> list[TableOverview]:
    """Figures about every core table; `content_type_ids` is keyed by table name."""
    with connect(dsn) as connection:
        overviews = []
        for name in PLACE_TABLES:
            row = connection.execute(
                sql.SQL(_TABLE).format(table=sql.Identifier("core", name)), {"content_type_id": content_type_ids[name]}
            ).fetchone()
            assert row is not None
            overviews.append(TableOverview(name, *row))
        return overviews


def unreadable_details(dsn: str, at: datetime) -> int:
    """How many answers of detail operations could not be read and are not asked for again yet at `at`."""
    with connect(dsn) as connection:
        statement = "SELECT count(*) FROM ops.unreadable_details WHERE not_before > %s"
        row = connection.execute(statement, (at,)).fetchone()
    assert row is not None
    return row[0]
