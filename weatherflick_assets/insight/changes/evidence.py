"""What changes are found from, as the database has it: what an issue says, what had been said before, and what was told of it.

The score of the issue's own day is not compared: it is of the hours to come, and changes from issue to issue although nothing else is
forecast. Of what the hours of that day have at most, the same hours of both issues are compared.
"""

from dataclasses import dataclass
from datetime import datetime, time, timedelta

import pandas as pd
import psycopg
from psycopg import sql

from weatherflick_assets.insight.changes.finding import PAIRS
from weatherflick_assets.insight.changes.kinds import KINDS, QUIET, SUITABILITY, Kind
from weatherflick_assets.insight.suitability.hours import ANY
from weatherflick_assets.insight.tables import MOST_DAYS_AHEAD, SUITABILITY_OF_CELLS
from weatherflick_assets.settings import KST
from weatherflick_assets.warehouse.partitioned import analyze

_BEFORE = """
CREATE TEMPORARY TABLE issues_before ON COMMIT DROP AS
SELECT cell.nx, cell.ny, before.issued_at AS before_at
FROM (SELECT DISTINCT nx, ny FROM core.located_places) AS cell
CROSS JOIN LATERAL (
    SELECT issued_at FROM core.daily_forecasts AS said
    WHERE (said.nx, said.ny, said.day) = (cell.nx, cell.ny, %(today)s)
      AND said.issued_at < %(issue)s AND said.issued_at > %(first_that_covers)s
    ORDER BY issued_at DESC LIMIT 1
) AS before;
ANALYZE issues_before
"""

_SCORES_BEFORE = "SELECT max(issued_at) FROM insight.suitability_of_cells WHERE issued_at < %(issue)s AND issued_at > %(first_that_covers)s"

_TOLD = """
CREATE TEMPORARY TABLE told_changes ON COMMIT DROP AS
SELECT DISTINCT ON (nx, ny, day, kind, activity, open_hours) nx, ny, day, kind, activity, open_hours, issued_at, to_value
FROM insight.forecast_changes
WHERE issued_at > %(told_since)s AND issued_at < %(told_until)s AND day >= %(today)s
ORDER BY nx, ny, day, kind, activity, open_hours, issued_at DESC;
CREATE INDEX ON told_changes (nx, ny, day, kind);
ANALYZE told_changes
"""

_WEATHER = """
WITH rest_of_today AS (
    SELECT said.nx, said.ny, max(precipitation_probability) AS precipitation_probability, max(wind_speed) AS wind_speed_max
    FROM issues_before AS cell
    JOIN core.hourly_forecasts AS said ON (said.nx, said.ny, said.issued_at) = (cell.nx, cell.ny, cell.before_at)
    WHERE said.valid_at > {issue} AND said.valid_at < {tomorrow} AND said.issued_at >= {first_before}
    GROUP BY said.nx, said.ny
)
SELECT
    now.nx, now.ny, now.day::text, element.kind, {any}, {any}, element.before, element.now,
    CASE WHEN NOT element.is_of_rest THEN told.to_value END, cell.before_at, told.issued_at, NULL, NULL
FROM core.daily_forecasts AS now
JOIN issues_before AS cell USING (nx, ny)
LEFT JOIN core.daily_forecasts AS before
    ON (before.nx, before.ny, before.day, before.issued_at) = (now.nx, now.ny, now.day, cell.before_at)
    AND before.issued_at >= {first_before}
LEFT JOIN rest_of_today AS rest ON (rest.nx, rest.ny) = (now.nx, now.ny)
CROSS JOIN LATERAL (VALUES {elements}) AS element (kind, before, now, is_of_rest)
LEFT JOIN told_changes AS told ON (told.nx, told.ny, told.day, told.kind) = (now.nx, now.ny, now.day, element.kind)
WHERE now.issued_at = {issue} AND now.day >= {today} AND element.now IS NOT NULL
  AND (element.before IS DISTINCT FROM element.now OR told.kind IS NOT NULL)
ORDER BY now.nx, now.ny, now.day, element.kind
"""

_ELEMENT = """({kind}, before.{element}, now.{element}, FALSE)"""
_ELEMENT_OF_HOURS = """
({kind}, CASE WHEN now.day = {today} THEN rest.{element} ELSE before.{element} END, now.{element}, now.day = {today})
"""

# Before the short-term forecast reached the day, its score was the same whatever the opening hours.
_SCORES = """
SELECT
    now.nx, now.ny, now.day::text, %(suitability)s, now.activity, now.open_hours, before.score, now.score, told.to_value,
    before.issued_at, told.issued_at, now.reason_ko, now.reason_en
FROM insight.suitability_of_cells AS now
JOIN insight.suitability_of_cells AS before
    ON (before.nx, before.ny, before.activity, before.day) = (now.nx, now.ny, now.activity, now.day)
    AND before.open_hours IN (now.open_hours, %(any)s)
LEFT JOIN LATERAL (
    SELECT to_value, issued_at FROM told_changes AS told
    WHERE (told.nx, told.ny, told.activity, told.day) = (now.nx, now.ny, now.activity, now.day)
      AND told.kind = %(suitability)s AND told.open_hours IN (now.open_hours, %(any)s)
    ORDER BY issued_at DESC LIMIT 1
) AS told ON TRUE
WHERE now.issued_at = %(issue)s AND before.issued_at = %(scores_before)s AND now.day > %(today)s
  AND (before.level <> now.level OR told.issued_at IS NOT NULL)
ORDER BY now.nx, now.ny, now.activity, now.open_hours, now.day
"""


@dataclass(frozen=True)
class Compared:
    """An issue beside what had been said.

    Attributes:
        pairs: those in which something may have changed; see `PAIRS`.
        issue_before: the newest issue that they were compared with; None if none before covers the days.
    """

    pairs: pd.DataFrame
    issue_before: datetime | None


def compare(cursor: psycopg.Cursor, issue: datetime) -> Compared:
    """Read what an issue says beside what had been said."""
    today = issue.astimezone(KST).date()
    given = {
        "issue": issue,
        "today": today,
        "tomorrow": datetime.combine(today + timedelta(days=1), time(), KST),
        "first_that_covers": issue - timedelta(days=MOST_DAYS_AHEAD + 1),
        "any": ANY,
        "suitability": SUITABILITY,
    }
    _execute(cursor, _BEFORE, given)
    ((scores_before,),) = cursor.execute(_SCORES_BEFORE, given).fetchall()
    ((first, last),) = cursor.execute("SELECT min(before_at), max(before_at) FROM issues_before").fetchall()
    issues_before = [at.astimezone(KST) for at in (scores_before, first, last) if at]
    first_before = min(issues_before, default=issue)
    given |= {
        "scores_before": scores_before,
        "first_before": first_before,
        "told_since": first_before - QUIET,
        "told_until": issue + QUIET,
    }
    _execute(cursor, _TOLD, given)
    for at in (issue, scores_before):
        if at:
            analyze(cursor.connection, SUITABILITY_OF_CELLS, at)
    rows = [
        *cursor.execute(_of_weather(given)).fetchall(),
        *(cursor.execute(_SCORES, given).fetchall() if scores_before else ()),
    ]
    return Compared(pd.DataFrame(rows, columns=[*PAIRS]).astype(PAIRS), max(issues_before, default=None))


def _of_weather(given: dict[str, object]) -> sql.Composed:
    literals = {name: sql.Literal(value) for name, value in given.items()}
    elements = sql.SQL(", ").join(_element(kind, literals["today"]) for kind in KINDS.values() if kind.element)
    return sql.SQL(_WEATHER).format(elements=elements, **literals)


def _element(kind: Kind, today: sql.Literal) -> sql.Composed:
    names = {"kind": sql.Literal(kind.name), "element": sql.Identifier(kind.element)}
    if kind.is_of_hours:
        return sql.SQL(_ELEMENT_OF_HOURS).format(today=today, **names)
    return sql.SQL(_ELEMENT).format(**names)


def _execute(cursor: psycopg.Cursor, statements: str, given: dict[str, object]) -> None:
    for statement in statements.split(";"):
        cursor.execute(statement, given)  # type: ignore[arg-type] - a constant
