"""Compares the quality of a day with that of 1, 7 and 30 days before: what got worse, and since when.

What counts as worse is declared here, for each kind of metric: the direction, and the least difference. A smaller one is noise.
What is not declared is compared, and never worse. Only stored statistics are read, so a past day can be compared again.

Something has been worse since the first of the days in a row, up to this one, that were worse than the day of the
comparison. Days that were not measured say nothing.
"""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from importlib.resources import files
from typing import Literal

import psycopg
from psycopg.rows import class_row

from weatherflick_assets.quality.measured import WHOLE_TABLE, MeasuredTable
from weatherflick_assets.quality.statistics import MADE_UP
from weatherflick_assets.quality.tables import TRENDS
from weatherflick_assets.settings import KST, Clock
from weatherflick_assets.warehouse.replacing import Replacement

ASSET_KEY = "quality/trends"

DAYS_BEFORE = (1, 7, 30)
"""How many days before a day is the one that it is compared with."""


@dataclass(frozen=True)
class Watched:
    """When a metric is worse than it was.

    Attributes:
        kind: The metric, or what stands before its colon.
        worse: The direction that is worse.
        at_least: The least difference, in the metric's unit.
        share: The least difference as a share (0-1) of the value before; both must be reached.
        of: Which tables it is about: those of state, those of times, or all.
        rows_at_least: For shares of rows: the least number of rows that the difference makes.
        grown_at_most: Likewise: with more than so many times the rows of before, other rows are counted, and nothing is told.
    """

    kind: str
    worse: Literal["lower", "higher"]
    at_least: float
    share: float = 0.0
    of: Literal["state", "times", "all"] = "all"
    rows_at_least: int | None = None
    grown_at_most: float | None = None


WATCHED = (
    # Of state, a twentieth of the places does not close in a day. Of times, one issue more or less is a matter of minutes.
    Watched("rows", "lower", 5, share=0.05, of="state"),
    Watched("rows", "lower", 5, share=0.2, of="times"),
    Watched("partitions", "lower", 2, share=0.2, of="times"),
    Watched("duplicates", "higher", 5, share=0.05),
    # In ten rows one blank is already 10 %. While details are collected, a table has other rows every day.
    Watched("filled", "lower", 0.05, rows_at_least=3, grown_at_most=1.5),
    Watched("rejected", "higher", 5, share=0.1, of="state"),
    Watched("rejected", "higher", 20, share=1.0, of="times"),
    # Lists are read weekly: getting older is no news before they are stale.
    Watched("age_hours", "higher", 1),
    Watched("score", "lower", 1),
    Watched("previous_score", "lower", 2),
    Watched("held_back", "higher", 1),
    Watched("warnings", "higher", 1),
)
"""What is watched, and from which difference on it is told."""

_WORSE = """
SELECT
    table_name,
    region_code,
    metric,
    max(value) AS value,
    (array_agg(value_before ORDER BY days_before DESC))[1] AS value_before,
    max(days_before) AS days_before,
    min(worse_since) AS since
FROM quality.trends
WHERE day = %s AND got_worse
GROUP BY table_name, region_code, metric
ORDER BY since DESC, table_name, region_code <> 'all', region_code, metric
"""

# A day is compared again when one of the days that it is compared with was measured after that.
_DUE = """
SELECT day
FROM (SELECT %(today)s::date - ago AS day FROM generate_series(1, %(made_up)s) AS ago) AS past
CROSS JOIN LATERAL (
    SELECT max(measured_at) FILTER (WHERE known.day = past.day) AS of_the_day, max(measured_at) AS of_all,
        count(*) FILTER (WHERE known.day < past.day) AS before
    FROM quality.statistics AS known
    WHERE metric = 'held_back' AND region_code = %(whole_table)s
      AND known.day IN (past.day, past.day - 1, past.day - 7, past.day - 30)
) AS measured
WHERE of_the_day IS NOT NULL AND before > 0 AND NOT EXISTS (
    SELECT FROM quality.trends AS known WHERE known.day = past.day AND compared_at >= of_all
)
ORDER BY day DESC
"""


@dataclass(frozen=True)
class Worse:
    """What is worse on a day than it was.

    Attributes:
        table_name, region_code, metric: What it is about; region `all` stands for the whole table.
        value: Its value on the day.
        value_before: Its value on the earliest day than which it is worse.
        days_before: How many days before that was.
        since: The first day since which it has been worse.
    """

    table_name: str
    region_code: str
    metric: str
    value: float
    value_before: float
    days_before: int
    since: date


@dataclass(frozen=True)
class Compared:
    """What was compared.

    Attributes:
        rows: Rows that were written.
        days: The days before of which there are statistics, of 1, 7 and 30.
        worse: What is worse, newest first.
    """

    rows: int
    days: Sequence[int]
    worse: Sequence[Worse]


def compare(dsn: str, day: date, measured: Sequence[MeasuredTable], *, clock: Clock) -> Compared:
    """Compare a day with those before, and put that in place of what was found before.

    Args:
        dsn: The platform's database.
        day: In Korea; one that was measured.
        measured: What is measured of each table.
        clock: The time.

    Raises:
        psycopg.Error: The database failed; what was found before stays.
    """
    with Replacement(dsn, TRENDS, ASSET_KEY, day.isoformat(), {"day": day}) as replacement:
        rows = replacement.stage_from(
            files("weatherflick_assets.quality").joinpath("trends.sql").read_text(encoding="utf-8"),
            {
                "day": day,
                "days_before": list(DAYS_BEFORE),
                "days": [day - timedelta(days=days) for days in DAYS_BEFORE],
                "watched": json.dumps([*_declared(measured)]),
                "whole_table": WHOLE_TABLE,
                "compared_at": clock(),
            },
        )
        days, worse = replacement.publish(
            lambda cursor: (_days(cursor.connection, day), worse_on(cursor.connection, day))
        )
    return Compared(rows, days, worse)


def worse_on(connection: psycopg.Connection, day: date) -> list[Worse]:
    """What is worse on a day, each table, region and metric once: newest first, and of a day by table, the whole one first."""
    with connection.cursor(row_factory=class_row(Worse)) as reading:
        return reading.execute(_WORSE, (day,)).fetchall()


def due(connection: psycopg.Connection, now: datetime) -> list[date]:
    """The days to compare, newest first: of the last two weeks those that were measured, or compared with a day that was, since."""
    window = {"today": now.astimezone(KST).date(), "made_up": MADE_UP, "whole_table": WHOLE_TABLE}
    return [day for (day,) in connection.execute(_DUE, window)]


def _declared(measured: Sequence[MeasuredTable]) -> Iterator[Mapping[str, object]]:
    """What is watched of each table."""
    for table in measured:
        for watched in WATCHED:
            if watched.of not in ("all", "state" if table.is_state else "times"):
                continue
            if watched.kind == "rows" and not table.is_steady:
                continue
            yield {
                "table_name": table.table_name,
                "kind": watched.kind,
                "columns": None if watched.kind != "filled" or _has_steady_columns(table) else table.required,
                "sign": 1 if watched.worse == "higher" else -1,
                "at_least": watched.at_least,
                "share": watched.share,
                "beyond": table.stale_after / timedelta(hours=1) if watched.kind == "age_hours" else None,
                "rows_at_least": watched.rows_at_least,
                "grown_at_most": watched.grown_at_most,
            }


def _has_steady_columns(table: MeasuredTable) -> bool:
    """Whether all columns are watched: how many cells have snow depends on the weather."""
    return table.is_state and table.is_steady


def _days(connection: psycopg.Connection, day: date) -> list[int]:
    found = connection.execute(
        "SELECT DISTINCT days_before FROM quality.trends WHERE day = %s ORDER BY days_before", (day,)
    )
    return [days for (days,) in found]
