"""Verdicts in the database: recorded in the transaction of their publication, and deleted after a time.

This module writes them, and knows what was published. The publisher decides which transaction a verdict belongs to: the one that publishes the rows
or, if they are held back, one that changes nothing but these tables.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import astuple, dataclass, fields
from datetime import datetime, timedelta
from typing import Any

import psycopg
from psycopg import sql

from weatherflick_assets.quality.profiles import ColumnProfile
from weatherflick_assets.quality.tables import COLUMN_PROFILES, REJECTIONS, RULE_RESULTS, VERDICTS
from weatherflick_assets.quality.verdict import RuleResult, Verdict
from weatherflick_assets.warehouse.connections import connect
from weatherflick_assets.warehouse.statements import copy_statement, identifier, names

VERDICTS_KEPT = timedelta(days=400)
"""How long a verdict is kept: a month can be compared with the same month of the year before."""

_FORGOTTEN_AT_ONCE = 500
"""Verdicts deleted per transaction, each with some hundred rows."""

_VERDICT_COLUMNS = (
    "table_name",
    "partition_key",
    "judged_at",
    "run_id",
    "suite_name",
    "row_count",
    "passed",
    "score",
    "minimum_score",
    "published",
    "data_as_of",
    "rejected_count",
)
_RULE_COLUMNS = (
    "verdict_id",
    "table_name",
    "partition_key",
    "judged_at",
    "rule_id",
    "severity",
    "passed",
    "applies",
    "expected",
    "observed",
    "judged_count",
    "unexpected_count",
    "observed_share",
    "required_share",
    "examples",
)
_PROFILE_COLUMNS = ("verdict_id", *(field.name for field in fields(ColumnProfile)))

_RECORD = sql.SQL("INSERT INTO {table} ({columns}) VALUES ({values}) RETURNING verdict_id").format(
    table=identifier(VERDICTS),
    columns=names(_VERDICT_COLUMNS),
    values=sql.SQL(", ").join(sql.Placeholder() * len(_VERDICT_COLUMNS)),
)

_NEVER_PUBLISHED = """
SELECT name FROM unnest(%s::text[]) AS name
WHERE NOT EXISTS (SELECT FROM quality.verdicts WHERE table_name = name AND partition_key = %s AND published)
"""

HELD_SINCE = """(
    SELECT min(judged_at) FROM quality.verdicts AS each
    WHERE each.table_name = last.table_name AND each.partition_key IS NOT DISTINCT FROM last.partition_key
      AND each.verdict_id <= last.verdict_id AND each.verdict_id > coalesce((
        SELECT max(verdict_id) FROM quality.verdicts AS good
        WHERE good.table_name = last.table_name AND good.partition_key IS NOT DISTINCT FROM last.partition_key
          AND good.passed AND good.verdict_id < last.verdict_id
      ), 0)
)"""
"""An expression: since when the partition of the verdict `last`, which held rows back, was held back without a break."""

_HELD_BACK = f"""
SELECT table_name, partition_key, judged_at, row_count, {HELD_SINCE}, ARRAY(
    SELECT rule_id FROM quality.rule_results AS result
    WHERE result.verdict_id = last.verdict_id AND result.severity = 'blocking' AND NOT result.passed ORDER BY rule_id
)
FROM (
    SELECT DISTINCT ON (table_name, partition_key) *
    FROM quality.verdicts ORDER BY table_name, partition_key, judged_at DESC, verdict_id DESC
) AS last
WHERE NOT last.passed AND NOT last.published ORDER BY table_name, partition_key
"""  # noqa: S608 - a constant

# What was let through last before the oldest day that can be measured again is the state of its partition on that day.
_FORGET = """
DELETE FROM quality.verdicts WHERE verdict_id IN (
    SELECT verdict_id FROM quality.verdicts AS old
    WHERE judged_at < %(before)s AND NOT (
        table_name = ANY(%(of_state)s) AND published AND NOT EXISTS (
            SELECT FROM quality.verdicts AS later
            WHERE later.table_name = old.table_name AND later.partition_key IS NOT DISTINCT FROM old.partition_key
              AND later.published AND (later.judged_at, later.verdict_id) > (old.judged_at, old.verdict_id)
              AND later.judged_at < %(before)s
        )
    )
    ORDER BY judged_at LIMIT %(at_once)s
)
"""


@dataclass(frozen=True)
class HeldBack:
    """Rows whose last verdict did not let them through, the first such verdict, and the blocking rules that failed."""

    table_name: str
    partition_key: str | None
    judged_at: datetime
    row_count: int
    since: datetime
    rules: list[str]


@dataclass(frozen=True)
class Batch:
    """What was judged.

    Attributes:
        table_name: The table that the rows are for.
        partition_key: The partition; None for the whole table.
        judged_at: When it was judged.
        run_id: The Dagster run that judged it.
        data_as_of: The time of the newest data among its rows; None: not known.
        rejections: Items that could not become rows, by reason; None: not counted.
    """

    table_name: str
    partition_key: str | None
    judged_at: datetime
    run_id: str | None
    data_as_of: datetime | None = None
    rejections: Mapping[str, int] | None = None


def record(
    cursor: psycopg.Cursor, batch: Batch, verdict: Verdict, profiles: Sequence[ColumnProfile], *, published: bool
) -> int:
    """Write a verdict with its rules, profiles and rejections; the caller commits. Returns its id."""
    about = (batch.table_name, batch.partition_key, batch.judged_at)
    found = cursor.execute(
        _RECORD,
        (
            *about,
            batch.run_id,
            verdict.suite_name,
            verdict.row_count,
            verdict.passed,
            verdict.score,
            verdict.minimum_score,
            published,
            batch.data_as_of,
            None if batch.rejections is None else sum(batch.rejections.values()),
        ),
    ).fetchone()
    assert found is not None
    (verdict_id,) = found
    results = ((verdict_id, *about, *_rule_row(result)) for result in verdict.results)
    _append(cursor, identifier(RULE_RESULTS), _RULE_COLUMNS, results)
    _append(
        cursor,
        identifier(COLUMN_PROFILES),
        _PROFILE_COLUMNS,
        ((verdict_id, *astuple(column)) for column in profiles),
    )
    _append(
        cursor,
        identifier(REJECTIONS),
        ("verdict_id", "reason", "rejected_count"),
        ((verdict_id, reason, count) for reason, count in (batch.rejections or {}).items()),
    )
    return verdict_id


def never_published(connection: psycopg.Connection, table_names: Sequence[str], partition_key: str) -> set[str]:
    """The tables of which no verdict on record let anything through in a partition, not even that it is empty."""
    return {name for (name,) in connection.execute(_NEVER_PUBLISHED, (table_names, partition_key))}


def held_back(dsn: str) -> list[HeldBack]:
    """What the gate holds back at present, by table and partition."""
    with connect(dsn) as connection:
        return [HeldBack(*row) for row in connection.execute(_HELD_BACK)]


def forget_verdicts(dsn: str, *, now: datetime, of_state: Collection[str] = ()) -> int:
    """Delete verdicts from more than `VERDICTS_KEPT` before `now`, in small transactions. Return how many.

    Args:
        dsn: The platform's database.
        now: The time.
        of_state: Tables whose partitions stand until they are published again: of each partition the last verdict stays that
            let rows through before that time.
    """
    window = {"before": now - VERDICTS_KEPT, "of_state": list(of_state), "at_once": _FORGOTTEN_AT_ONCE}
    count = 0
    with connect(dsn, autocommit=True) as connection:
        while deleted := connection.execute(_FORGET, window).rowcount:
            count += deleted
    return count


def _rule_row(result: RuleResult) -> tuple[Any, ...]:
    return (
        result.rule.rule_id,
        result.severity.value,
        result.passed,
        result.applies,
        result.expected,
        result.observed,
        result.judged_count,
        result.unexpected_count,
        result.observed_share,
        result.rule.required_share,
        list(result.examples),
    )


def _append(
    cursor: psycopg.Cursor, table: sql.Composable, columns: Sequence[str], rows: Iterable[tuple[Any, ...]]
) -> None:
    with cursor.copy(copy_statement(table, columns)) as copy:
        for row in rows:
            copy.write_row(row)
