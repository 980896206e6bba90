"""Measures the quality of a day, for every measured table and region, out of stored verdicts.

A day is one in Korea, and its statistics are what held at its end. Of state, such as the places of a region, that is the last
verdict that let rows through, however long ago. Of times, such as issues of a forecast, it is what was first published within
the day. So a past day gives the same figures whenever it is measured, as long as its verdicts are kept.

What was never judged has no figures. An empty partition counts 0 rows and has no completeness and no score.

`docs/quality.md` says what each metric means.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from importlib.resources import files
from types import MappingProxyType

import psycopg

from weatherflick_assets.errors import PlatformError
from weatherflick_assets.quality.measured import WHOLE_TABLE, MeasuredTable
from weatherflick_assets.quality.store import VERDICTS_KEPT
from weatherflick_assets.quality.tables import STATISTICS
from weatherflick_assets.settings import KST, Clock, bounds
from weatherflick_assets.warehouse.connections import connect
from weatherflick_assets.warehouse.replacing import Replacement

ASSET_KEY = "quality/statistics"

PENALTIES: Mapping[str, int] = MappingProxyType(
    {"most_missing": 30, "most_duplicates": 20, "critical": 15, "high": 10, "medium": 5, "low": 2}
)
"""What the previous system's score takes off 100: at most so many points for the percentages of missing values and of
duplicates, and so many for each problem by its severity. A failed blocking rule is critical, data that are stale high, a failed
warning rule medium, a failed note low."""

STATISTICS_KEPT = timedelta(days=800)
"""How long statistics are kept: every day whose verdicts are kept can be compared with the same day of the year before."""

TRENDS_KEPT = timedelta(days=400)
"""How long comparisons are kept; they can be worked out again."""

MADE_UP = 14
"""Days within which one that was never measured is made up for."""

_JUDGED = """
SELECT count(*) FROM quality.verdicts WHERE judged_at >= %(start)s AND judged_at < %(end)s AND table_name = ANY(%(tables)s)
"""

_FIGURES = """
SELECT table_name, metric, value FROM quality.statistics WHERE day = %(day)s AND region_code = %(whole_table)s
"""

_DUE = """
SELECT day
FROM (SELECT %(today)s::date - ago AS day, ago FROM generate_series(1, %(made_up)s) AS ago) AS past
WHERE ago = 1 OR EXISTS (
    SELECT FROM quality.verdicts WHERE judged_at < (day + 1)::timestamp AT TIME ZONE 'Asia/Seoul'
) AND NOT EXISTS (SELECT FROM quality.statistics AS known WHERE known.day = past.day)
ORDER BY day DESC
"""


_FORGET = """
WITH deleted AS (DELETE FROM quality.statistics WHERE day < %s RETURNING day) SELECT count(DISTINCT day) FROM deleted
"""


class ForgottenDayError(PlatformError):
    """A day whose verdicts are no longer kept."""


@dataclass(frozen=True)
class Measured:
    """What was measured of a day.

    Attributes:
        rows: Rows that were written.
        verdicts: Verdicts on measured tables that were given within the day.
        tables: The figures of whole tables by table and metric; a table that was never judged is left out.
    """

    rows: int
    verdicts: int
    tables: Mapping[str, Mapping[str, float]]


def measure(dsn: str, day: date, measured: Sequence[MeasuredTable], *, clock: Clock) -> Measured:
    """Measure a day, and put it in place of what was measured of it before.

    Args:
        dsn: The platform's database.
        day: In Korea. One that is not over is measured up to now.
        measured: What is measured of each table.
        clock: The time.

    Raises:
        ForgottenDayError: The verdicts of the day are no longer kept; what was measured before stays.
        psycopg.Error: The database failed; what was measured before stays.
    """
    now = clock()
    start, end = bounds(day)
    if start < now - VERDICTS_KEPT:
        raise ForgottenDayError(
            f"{day} can't be measured again: verdicts are deleted after {VERDICTS_KEPT.days} days. What was measured of it stays."
        )
    window = {"day": day, "start": start, "end": min(end, now)}
    with Replacement(dsn, STATISTICS, ASSET_KEY, day.isoformat(), {"day": day}) as replacement:
        rows = replacement.stage_from(
            files("weatherflick_assets.quality").joinpath("statistics.sql").read_text(encoding="utf-8"),
            {
                **window,
                **PENALTIES,
                "measured": json.dumps([*map(_declared, measured)]),
                "whole_table": WHOLE_TABLE,
                "measured_at": now,
            },
        )
        judged = {**window, "tables": [table.table_name for table in measured]}
        verdicts, tables = replacement.publish(
            lambda cursor: (_count(cursor, judged), figures_of_tables(cursor.connection, day))
        )
    return Measured(rows, verdicts, tables)


def figures_of_tables(connection: psycopg.Connection, day: date) -> dict[str, dict[str, float]]:
    """The figures of whole tables on a day that was measured, by table and metric."""
    found: dict[str, dict[str, float]] = {}
    for table_name, metric, value in connection.execute(_FIGURES, {"day": day, "whole_table": WHOLE_TABLE}):
        found.setdefault(table_name, {})[metric] = value
    return found


def due(connection: psycopg.Connection, now: datetime) -> list[date]:
    """The days to measure, newest first: yesterday, and those of two weeks that were never measured and have verdicts."""
    window = {"today": now.astimezone(KST).date(), "made_up": MADE_UP}
    return [day for (day,) in connection.execute(_DUE, window)]


def forget_statistics(dsn: str, *, now: datetime) -> int:
    """Delete statistics and trends that are older than they are kept. Return how many days of statistics."""
    today = now.astimezone(KST).date()
    with connect(dsn) as connection:
        connection.execute("DELETE FROM quality.trends WHERE day < %s", (today - TRENDS_KEPT,))
        deleted = connection.execute(_FORGET, (today - STATISTICS_KEPT,)).fetchone()
    return deleted[0] if deleted else 0


def _declared(table: MeasuredTable) -> Mapping[str, object]:
    return {
        "table_name": table.table_name,
        "is_state": table.is_state,
        "by_region": table.by_region,
        "required": table.required,
        "duplicate_rules": table.duplicate_rules,
        "stale_hours": table.stale_after / timedelta(hours=1),
    }


def _count(cursor: psycopg.Cursor, window: Mapping[str, object]) -> int:
    (count,) = cursor.execute(_JUDGED, window).fetchone() or (0,)
    return count
