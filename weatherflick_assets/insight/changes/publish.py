"""Publishes what an issue changed: found, judged, and put beside what was told of it before.

An issue can be compared again, because its scores are worked out again when a warning comes. What was told of it stays, word for
word: somebody may have been notified of it. What is new is added, unless it is of something that was told of within a day.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

import psycopg
from psycopg.rows import class_row

from weatherflick_assets.insight.changes.evidence import compare
from weatherflick_assets.insight.changes.finding import changes_of
from weatherflick_assets.insight.changes.suite import SUITE
from weatherflick_assets.insight.tables import FORECAST_CHANGES
from weatherflick_assets.quality.auditing import audit
from weatherflick_assets.quality.judge_process import JUDGE
from weatherflick_assets.quality.store import Batch
from weatherflick_assets.quality.verdict import Verdict
from weatherflick_assets.settings import Clock
from weatherflick_assets.warehouse.connections import connect
from weatherflick_assets.warehouse.replacing import Replacement
from weatherflick_assets.weather.issues import NothingCollectedError, key_of

ASSET_KEY = "insight/forecast_changes"

_PROFILED = ("from_value", "to_value")

_IS_SCORED = "SELECT EXISTS (SELECT FROM insight.suitability_of_cells WHERE issued_at = %s)"
_TOLD_BEFORE = "SELECT * FROM insight.forecast_changes WHERE issued_at = %(issue)s"

_COUNTED = """
SELECT kind, direction, count(*) AS changes, min(day) AS first_day, max(day) AS last_day,
    (SELECT count(DISTINCT content_id) FROM insight.changes_of_places AS place
     WHERE place.issued_at = %(issue)s AND (place.kind, place.direction) = (found.kind, found.direction)) AS places
FROM insight.forecast_changes AS found WHERE issued_at = %(issue)s GROUP BY kind, direction ORDER BY kind, direction
"""


@dataclass(frozen=True)
class OfKind:
    """The changes of one kind in one direction: how many, from which day to which, and at how many places."""

    kind: str
    direction: str
    changes: int
    first_day: date
    last_day: date
    places: int


@dataclass(frozen=True)
class Publishing:
    """The result of publishing what an issue changed.

    Attributes:
        rows: changes that the issue brought.
        told_before: those of them that were told when it was compared before.
        issue_before: the newest issue that it was compared with; None if none before it covers its days.
        kinds: the changes by kind and direction.
        verdict: the verdict on the rows.
        verdict_id: the id of the recorded verdict.
    """

    rows: int
    told_before: int
    issue_before: datetime | None
    kinds: Sequence[OfKind]
    verdict: Verdict
    verdict_id: int


def publish_changes(dsn: str, issue: datetime, *, clock: Clock, run_id: str | None = None) -> Publishing:
    """Publish what an issue of the short-term forecast changed.

    Args:
        dsn: the platform's database.
        issue: the issue.
        clock: the time.
        run_id: of Dagster.

    Raises:
        NothingCollectedError: the issue was not scored.
        JudgeLostError: the judging process ended; nothing is published or recorded.
    """
    made_at = clock()
    batch = Batch(FORECAST_CHANGES.fullname, key_of(issue), made_at, run_id)
    replacement = Replacement(dsn, FORECAST_CHANGES, ASSET_KEY, key_of(issue), {"issued_at": issue})
    with replacement as publication:
        JUDGE.start()  # it imports its libraries while changes are found
        if not publication.then(lambda cursor: _is_scored(cursor, issue)).result():
            raise NothingCollectedError(
                f"No score of the issue {key_of(issue)} is published, so there is nothing to compare. Make insight/suitability of "
                "this partition first."
            )
        told_before = publication.stage_from(_TOLD_BEFORE, {"issue": issue})
        compared = publication.then(lambda cursor: compare(cursor, issue)).result()
        publication.stage(changes_of(compared.pairs, issue, made_at))
        verdict, verdict_id = audit(
            publication,
            SUITE,
            batch,
            publication.read(SUITE.columns),
            profiled=[FORECAST_CHANGES.columns[name] for name in _PROFILED],
            given={"told_before": told_before},
            given_at_end=lambda _: {},
        )
    kinds = _counted(dsn, issue) if verdict.passed else ()
    return Publishing(publication.staged, told_before, compared.issue_before, kinds, verdict, verdict_id)


def _is_scored(cursor: psycopg.Cursor, issue: datetime) -> bool:
    return cursor.execute(_IS_SCORED, (issue,)).fetchone() == (True,)


def _counted(dsn: str, issue: datetime) -> Sequence[OfKind]:
    with connect(dsn) as connection, connection.cursor(row_factory=class_row(OfKind)) as reading:
        return reading.execute(_COUNTED, {"issue": issue}).fetchall()
