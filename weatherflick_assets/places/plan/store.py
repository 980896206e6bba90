"""The collection plan in the database: the candidates it is made of, and what it still allots.

How a plan is made of candidates is not decided here (`places/plan/policy.py`).
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from io import BytesIO
from types import TracebackType
from typing import Self

import pandas as pd
from psycopg import sql

from weatherflick_assets.places.content_types import CONTENT_TYPES
from weatherflick_assets.places.plan.policy import CANDIDATE_COLUMNS
from weatherflick_assets.places.store.place_publication import ANSWER, LISTED
from weatherflick_assets.places.tables import COLLECTION_PLAN, PLACE_TABLES
from weatherflick_assets.warehouse.connections import connect
from weatherflick_assets.warehouse.loading import copy_rows, copy_text
from weatherflick_assets.warehouse.statements import identifier

_PLANNING_LOCK = 7_314_402
"""Advisory lock of whoever makes a plan."""

_PUBLISHED = sql.SQL(" UNION ALL ").join(
    sql.SQL("SELECT content_id, completeness, detail_completeness, {} AS ends_on FROM {}").format(
        sql.SQL("event_end_date" if "event_end_date" in table.columns else "NULL::date"), identifier(table)
    )
    for table in PLACE_TABLES.values()
)

# Times are microseconds since 1970, which are read much faster than written ones.
_PLACES = sql.SQL("""
COPY (
    SELECT item.content_id, item.content_type_id, located.region_code, (extract(epoch FROM item.modified_at) * 1000000)::bigint,
           published.completeness, published.detail_completeness, published.ends_on
    FROM raw.place_items AS item JOIN core.place_regions AS located USING (content_id)
    LEFT JOIN ({published}) AS published ON published.content_id = item.content_id
    WHERE item.is_visible AND item.absent_since IS NULL AND item.content_type_id = ANY(%(content_type_ids)s)
      AND (%(region_codes)s::text[] IS NULL OR located.region_code = ANY(%(region_codes)s))
) TO STDOUT (FORMAT csv)
""").format(published=_PUBLISHED)

# Only a short list of items can be the empty one; reading the long ones would take most of the time.
_ANSWERS = """
COPY (
    SELECT content_id, operation, (extract(epoch FROM detail.fetched_at) * 1000000)::bigint,
           (extract(epoch FROM detail.place_modified_at) * 1000000)::bigint,
           CASE WHEN pg_column_size(detail.items) < 16 THEN detail.items = '[]' ELSE false END,
           (extract(epoch FROM unreadable.not_before) * 1000000)::bigint
    FROM raw.place_details AS detail FULL JOIN ops.unreadable_details AS unreadable USING (content_id, operation)
    WHERE operation = ANY(%(operations)s) AND (
        %(region_codes)s::text[] IS NULL
        OR content_id IN (SELECT content_id FROM core.place_regions WHERE region_code = ANY(%(region_codes)s))
    )
) TO STDOUT (FORMAT csv)
"""

# What was asked since the plan was made counts, whoever asked.
_LEFT = sql.SQL("""
SELECT plan.operation, plan.content_type_id, plan.calls - (
    SELECT count(*)
    FROM {listed} CROSS JOIN {answer}
    WHERE item.content_type_id = plan.content_type_id AND located.region_code = plan.region_code
      AND detail.fetched_at >= plan.planned_at
) AS calls_left
FROM ops.collection_plan AS plan WHERE plan.region_code = %s AND plan.calls > 0
""").format(listed=LISTED, answer=ANSWER.format(detail=sql.Identifier("detail"), operation=sql.SQL("plan.operation")))

_PLACE_COLUMNS = {
    "content_id": "str",
    "content_type_id": "str",
    "region_code": "str",
    "modified_at": "float64",
    "completeness": "float64",
    "detail_completeness": "float64",
    "ends_on": "str",
}
_ANSWER_COLUMNS = {
    "content_id": "str",
    "operation": "str",
    "fetched_at": "float64",
    "place_modified_at": "float64",
    "is_empty": "bool",
    "not_before": "float64",
}
"""Columns as copied, with their types; times are whole numbers that a float holds exactly, because they may be missing."""


class PlanStore:
    """One transaction over plan and candidates. Use it as a context manager; it commits at a good end."""

    def __init__(self, dsn: str) -> None:
        self._dsn = dsn

    def __enter__(self) -> Self:
        self._connection = connect(self._dsn)
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

    def candidates(
        self, operations: Sequence[str], region_codes: Sequence[str] | None = None
    ) -> Mapping[str, pd.DataFrame]:
        """Every place that is shown, with what is known of it and when each operation last answered about it.

        Args:
            operations: the detail operations.
            region_codes: only places of these regions.

        Returns:
            By operation, one row per place, columns as in `policy.CANDIDATE_COLUMNS`, in no order.
        """
        asked = {
            "operations": list(operations),
            "region_codes": None if region_codes is None else list(region_codes),
            "content_type_ids": [content_type.content_type_id for content_type in CONTENT_TYPES],
        }
        places = self._copied(_PLACES, asked, _PLACE_COLUMNS)
        places = places.assign(
            modified_at=_times(places["modified_at"]), ends_on=pd.to_datetime(places["ends_on"], format="ISO8601")
        )
        answers = self._copied(_ANSWERS, asked, _ANSWER_COLUMNS)
        answers = answers.assign(
            **{name: _times(answers[name]) for name in ("fetched_at", "place_modified_at", "not_before")}
        )
        by_operation = dict(tuple(answers.set_index("content_id").groupby("operation")))
        nothing = answers.iloc[:0].set_index("content_id")
        return {name: _joined(places, by_operation.get(name, nothing)) for name in operations}

    def _copied(
        self, statement: sql.Composable | str, parameters: Mapping[str, object], columns: dict[str, str]
    ) -> pd.DataFrame:
        with self._connection.cursor() as cursor, cursor.copy(statement, parameters) as copy:  # type: ignore[arg-type]
            text = BytesIO(b"".join(copy))
        return pd.read_csv(
            text,
            names=list(columns),
            dtype=columns,  # type: ignore[arg-type]
            keep_default_na=False,
            na_values=[""],
            true_values=["t"],
            false_values=["f"],
        )

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


def _joined(places: pd.DataFrame, answers: pd.DataFrame) -> pd.DataFrame:
    joined = places.join(answers.drop(columns="operation"), on="content_id")
    return joined.assign(is_empty=joined["is_empty"].eq(other=True))[list(CANDIDATE_COLUMNS)]


def _times(microseconds: pd.Series) -> pd.Series:
    """Aware times."""
    times = microseconds.fillna(0).to_numpy().astype("datetime64[us]")
    return pd.Series(times, index=microseconds.index).where(microseconds.notna()).dt.tz_localize("UTC")
