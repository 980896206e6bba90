"""How far issues are collected, and which are due: the only writer of `ops.issue_collections`."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta

import psycopg

from weatherflick_assets.warehouse.connections import connect
from weatherflick_assets.warehouse.partitioned import ensure
from weatherflick_assets.weather.issues import FORECASTS, Series
from weatherflick_assets.weather.tables import ISSUE_ANSWERS

MOST_ATTEMPTS = 6
"""An issue that is not complete is asked for at this many ticks in a row. Meanwhile the previous one stands."""

SELDOM = timedelta(hours=2)
"""After that it is asked for this often: it may be very late, or the upstream may have been down, or the quota spent."""

_BEGIN = """
INSERT INTO ops.issue_collections AS known
    (series, issued_at, planned, answered, attempts, attempted_at, is_complete, problem)
VALUES (%(series)s, %(issued_at)s, 0, 0, 1, %(now)s, FALSE, 'it did not end')
ON CONFLICT (series, issued_at) DO UPDATE
SET attempts = known.attempts + 1, attempted_at = EXCLUDED.attempted_at, is_complete = FALSE, problem = EXCLUDED.problem
RETURNING attempts
"""

_END = """
UPDATE ops.issue_collections
SET planned = %(planned)s, answered = %(answered)s, is_complete = %(problem)s::text IS NULL, problem = %(problem)s
WHERE series = %(series)s AND issued_at = %(issued_at)s
"""

_SETTLED = """
SELECT issued_at FROM ops.issue_collections
WHERE series = %s AND issued_at = ANY(%s)
  AND (is_complete OR (attempts >= %s AND attempted_at > %s))
"""

_FIRST = "SELECT min(issued_at) FROM ops.issue_collections WHERE series = %s"

_KNOWN = "SELECT is_complete, answered, attempts FROM ops.issue_collections WHERE series = %s AND issued_at = %s"

_NEWEST = """
SELECT DISTINCT ON (series) series, issued_at, planned, answered, attempts, attempted_at, is_complete, problem
FROM ops.issue_collections ORDER BY series, issued_at DESC
"""


@dataclass(frozen=True)
class IssueCollection:
    """How far an issue is collected; the fields are columns of `ops.issue_collections`."""

    series: str
    issued_at: datetime
    planned: int
    answered: int
    attempts: int
    attempted_at: datetime
    is_complete: bool
    problem: str | None


@dataclass
class Attempt:
    """A collection of an issue in progress: what it wants, what is answered, and why it is not complete.

    Attributes:
        number: which attempt it is, from 1.
    """

    number: int
    planned: int = 0
    answered: int = 0
    problem: str | None = "it did not end"


@contextmanager
def attempt(dsn: str, series: Series, issued_at: datetime, now: datetime) -> Iterator[Attempt]:
    """Count an attempt to collect an issue, and record how it ended; an error that ends it is its problem."""
    with connect(dsn) as connection:
        ensure(connection, ISSUE_ANSWERS, issued_at)
        row = connection.execute(_BEGIN, {"series": series.name, "issued_at": issued_at, "now": now}).fetchone()
    assert row is not None
    begun = Attempt(*row)
    try:
        yield begun
    except Exception as error:
        begun.problem = str(error)
        raise
    finally:
        with connect(dsn) as connection:
            connection.execute(_END, {"series": series.name, "issued_at": issued_at, **vars(begun)})


def due(connection: psycopg.Connection, series: Series, now: datetime) -> Sequence[datetime]:
    """The issues that the upstream gives at `now`, that are not complete, and whose turn it is, newest first.

    What was missed while the platform was down is made up. What was said before it first asked is not: it would cost a day's
    quota, and nobody waits for it.
    """
    readable = series.readable(now)
    settled = _settled(connection, series, readable, now)
    (first,) = connection.execute(_FIRST, (series.name,)).fetchone() or (None,)
    return [at for at in readable if at not in settled and (at == readable[0] or (first is not None and at >= first))]


def missing(connection: psycopg.Connection, series: Series, now: datetime) -> Sequence[datetime]:
    """The newest issue that is not complete and whose turn it is, of all that the upstream gives at `now`; none if all are."""
    readable = series.readable(now)
    settled = _settled(connection, series, readable, now)
    return [at for at in readable if at not in settled][:1]


def newest(_connection: psycopg.Connection, series: Series, now: datetime) -> Sequence[datetime]:
    """The newest issue, also if it is complete: there may be places in other cells than there were."""
    return series.readable(now)[:1]


def newest_for_outlook(_connection: psycopg.Connection, series: Series, now: datetime) -> Sequence[datetime]:
    """The newest issue, and if the newest short-term issue was said before it, the last one that its outlook may use."""
    readable, said = series.readable(now), FORECASTS.readable(now)[0]
    return [*dict.fromkeys((*readable[:1], *[at for at in readable if at <= said][:1]))]


def stand_in(connection: psycopg.Connection, series: Series, now: datetime) -> Sequence[datetime]:
    """The issue before the newest, if the newest has no answer yet, and the one before is not complete either."""
    issue, *earlier = series.readable(now)
    if not earlier:  # half an hour before a mid-term issue, the last but one is over
        return []
    before = earlier[0]
    is_complete, answered, attempts = _known(connection, series, issue)
    is_unanswered = attempts and not answered and not is_complete
    return [before] if is_unanswered and not _known(connection, series, before)[0] else []


def _settled(
    connection: psycopg.Connection, series: Series, issues: Sequence[datetime], now: datetime
) -> set[datetime]:
    """Issues that are complete, or whose turn it is not."""
    asked = (series.name, issues, MOST_ATTEMPTS, now - SELDOM)
    return {at for (at,) in connection.execute(_SETTLED, asked)}


def _known(connection: psycopg.Connection, series: Series, issue: datetime) -> tuple[bool, int, int]:
    """Whether an issue is complete, how many subjects are answered, and how often it was asked for."""
    return connection.execute(_KNOWN, (series.name, issue)).fetchone() or (False, 0, 0)


def newest_collections(dsn: str) -> list[IssueCollection]:
    """The newest issue of each series that was asked for."""
    with connect(dsn) as connection:
        return [IssueCollection(*row) for row in connection.execute(_NEWEST)]
