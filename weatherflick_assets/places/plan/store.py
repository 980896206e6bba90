"""The collection plan in the database: the candidates it is made of, and what it still allots.

How a plan is made of candidates is not decided here (`places/plan/policy.py`).
"""

from collections.abc import Mapping
from datetime import datetime
from types import TracebackType
from typing import Self

import pandas as pd
import psycopg
from psycopg import sql

from weatherflick_assets.places.content_types import CONTENT_TYPES
from weatherflick_assets.places.tables import COLLECTION_PLAN, PLACE_TABLES
from weatherflick_assets.warehouse.loading import copy_rows, copy_text, identifier

_PLANNING_LOCK = 7_314_402
"""Advisory lock of whoever makes a plan."""

_ROWS_AT_ONCE = 5_000
"""Rows that are held as Python objects before they become a part of a frame."""

_PUBLISHED = sql.SQL(" UNION ALL ").join(
    sql.SQL("SELECT content_id, completeness, detail_completeness, {} AS ends_on FROM {}").format(
        sql.SQL("event_end_date" if "event_end_date" in table.columns else "NULL::date"), identifier(table)
    )
    for table in PLACE_TABLES.values()
)

_CANDIDATES = sql.SQL("""
SELECT item.content_id, item.content_type_id, located.region_code, item.modified_at,
       detail.fetched_at, detail.place_modified_at, coalesce(detail.items = '[]', false) AS is_empty,
       published.completeness, published.detail_completeness, published.ends_on
FROM raw.place_items AS item JOIN core.place_regions AS located USING (content_id)
LEFT JOIN raw.place_details AS detail ON detail.content_id = item.content_id AND detail.operation = %(operation)s
LEFT JOIN ({published}) AS published ON published.content_id = item.content_id
WHERE item.is_visible AND item.absent_since IS NULL AND item.content_type_id = ANY(%(content_type_ids)s)
  AND (%(region_code)s::text IS NULL OR located.region_code = %(region_code)s)
""").format(published=_PUBLISHED)

# What was asked since the plan was made counts, whoever asked.
_LEFT = """
SELECT plan.operation, plan.content_type_id, plan.calls - (
    SELECT count(*)
    FROM core.place_regions AS located JOIN raw.place_items AS item USING (content_id)
    JOIN raw.place_details AS detail USING (content_id)
    WHERE item.content_type_id = plan.content_type_id AND located.region_code = plan.region_code
      AND detail.operation = plan.operation AND detail.fetched_at >= plan.planned_at
) AS calls_left
FROM ops.collection_plan AS plan WHERE plan.region_code = %s AND plan.calls > 0
"""

_DTYPES = {
    "modified_at": "datetime64[us, UTC]",
    "fetched_at": "datetime64[us, UTC]",
    "place_modified_at": "datetime64[us, UTC]",
    "completeness": "float64",
    "detail_completeness": "float64",
    "ends_on": "datetime64[us]",
    "is_empty": "bool",
}
_TIMES = ("modified_at", "fetched_at", "place_modified_at")


class PlanStore:
    """One transaction over plan and candidates. Use it as a context manager; it commits at a good end."""

    def __init__(self, dsn: str) -> None:
        self._dsn = dsn

    def __enter__(self) -> Self:
        self._connection = psycopg.connect(self._dsn)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        # Commits, or rolls back after an error, and closes.
        self._connection.__exit__(kind, error, traceback)

    def lock(self) -> None:
        """Wait until nobody else makes a plan, and keep others from it until the end of this transaction."""
        self._connection.execute("SELECT pg_advisory_xact_lock(%s)", (_PLANNING_LOCK,))

    def planned_at(self) -> datetime | None:
        """When the present plan was made; None if there is none, or it has no rows."""
        row = self._connection.execute("SELECT max(planned_at) FROM ops.collection_plan").fetchone()
        assert row is not None
        return row[0]

    def candidates(self, operation_name: str, region_code: str | None = None) -> pd.DataFrame:
        """Every place that is shown, with what is known of it and when the operation last answered about it.

        Args:
            operation_name: the detail operation.
            region_code: only places of this region.

        Returns:
            One row per place, columns as in `catalogue.planning.CANDIDATE_COLUMNS`, in no order.
        """
        asked = {
            "operation": operation_name,
            "region_code": region_code,
            "content_type_ids": [content_type.content_type_id for content_type in CONTENT_TYPES],
        }
        parts = []
        with self._connection.cursor("candidates") as cursor:
            cursor.execute(_CANDIDATES, asked)
            assert cursor.description is not None
            names = [column.name for column in cursor.description]
            while rows := cursor.fetchmany(_ROWS_AT_ONCE):
                parts.append(_frame(rows, names))
            return pd.concat(parts, ignore_index=True) if parts else _frame([], names)

    def replace(self, plan: pd.DataFrame) -> None:
        """Make this the plan, as a whole."""
        self._connection.execute("DELETE FROM ops.collection_plan")
        columns = [column.name for column in COLLECTION_PLAN.columns]
        with self._connection.cursor() as cursor:
            copy_rows(cursor, identifier(COLLECTION_PLAN), columns, copy_text(plan[columns]))

    def calls_left(self, region_code: str) -> Mapping[str, Mapping[str, int]]:
        """What the plan allots to a region and was not asked since: calls by operation and kind of place."""
        left: dict[str, dict[str, int]] = {}
        for operation, content_type_id, calls in self._connection.execute(_LEFT, (region_code,)):
            left.setdefault(operation, {})[content_type_id] = max(calls, 0)
        return left


def _frame(rows: list[tuple], names: list[str]) -> pd.DataFrame:
    frame = pd.DataFrame.from_records(rows, columns=names)
    times = {name: pd.to_datetime(frame[name], utc=True) for name in _TIMES}
    return frame.assign(**times, ends_on=pd.to_datetime(frame["ends_on"])).astype(_DTYPES)
