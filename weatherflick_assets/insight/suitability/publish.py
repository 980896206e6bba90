"""Publishes the scores of an issue: worked out cell by cell, judged, and put in place of those that it had.

A score belongs to a cell, an activity and opening hours, which many places share. The view `insight.suitability` gives them to the
places, and knows on which days each is closed. So an issue has a tenth of the rows that its places have. The table of what one can
do at which place is brought up to date in the same transaction.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime

import pandas as pd
import psycopg
from psycopg.rows import class_row

from weatherflick_assets.insight.suitability import evidence
from weatherflick_assets.insight.suitability.cells import Evidence, rows_of
from weatherflick_assets.insight.suitability.suite import CELL, GATED, SUITE
from weatherflick_assets.insight.tables import MOST_DAYS_AHEAD, SUITABILITY_OF_CELLS
from weatherflick_assets.quality.auditing import audit
from weatherflick_assets.quality.judge_process import JUDGE
from weatherflick_assets.quality.store import Batch
from weatherflick_assets.quality.verdict import Verdict
from weatherflick_assets.settings import KST, Clock
from weatherflick_assets.warehouse.connections import connect
from weatherflick_assets.warehouse.replacing import Replacement
from weatherflick_assets.weather.issues import NothingCollectedError, key_of

ASSET_KEY = "insight/suitability"

CELLS_AT_ONCE = 125
"""Cells that are scored at once: few enough to keep memory flat."""

DAYS = MOST_DAYS_AHEAD + 1

_PROFILED = ("score", "confidence", "temperature_max", "precipitation_mm", "wind_speed", "warning_share")
"""The columns whose statistics tell whether scores are as usual; to look at all of them takes as long as to work them out."""

NO_FORECAST, TOO_LITTLE = "No forecast of the cell is published.", "Too little of the forecast of the cell is known."

_WITHOUT = """
SELECT count(*), count(*) FILTER (WHERE NOT is_forecast), count(*) FILTER (WHERE is_forecast AND NOT is_scored)
FROM (
    SELECT place.content_id, bool_or(scored.nx IS NOT NULL) AS is_forecast, bool_or(scored.score IS NOT NULL) AS is_scored
    FROM insight.activities_of_places AS place
    LEFT JOIN (
        SELECT nx, ny, activity, max(score) AS score FROM insight.suitability_of_cells
        WHERE issued_at = %(issue)s GROUP BY nx, ny, activity
    ) AS scored USING (nx, ny, activity)
    GROUP BY place.content_id
) AS places
"""
_COUNTRY = """
SELECT activity, day, sum(places)::bigint AS places, sum(places * score) / sum(places) FILTER (WHERE score IS NOT NULL) AS mean_score,
    coalesce(sum(places) FILTER (WHERE score >= 70), 0)::bigint AS good,
    coalesce(sum(places) FILTER (WHERE score IS NULL), 0)::bigint AS unknown
FROM insight.suitability_of_cells
JOIN (
    SELECT nx, ny, activity, hours_of_cell AS open_hours, count(*) AS places
    FROM insight.activities_of_places CROSS JOIN unnest(ARRAY[open_hours, 'any']) AS hours_of_cell
    GROUP BY nx, ny, activity, hours_of_cell
) AS place USING (nx, ny, activity, open_hours)
WHERE issued_at = %(issue)s
GROUP BY activity, day ORDER BY activity, day
"""


@dataclass(frozen=True)
class OfCountry:
    """The places of the country on a day, for an activity: how many, their mean score, how many are good, how many unknown.

    That some are closed on the day does not count here: it is about the weather.
    """

    activity: str
    day: date
    places: int
    mean_score: float | None
    good: int
    unknown: int


@dataclass(frozen=True)
class Publishing:
    """The result of publishing the scores of an issue.

    Attributes:
        cells: cells that were scored.
        rows: rows that were made.
        places: published places.
        without: places that have no score on any day, by the reason.
        country: the places by activity and day.
        verdict: the verdict on the rows.
        verdict_id: the id of the recorded verdict.
    """

    cells: int
    rows: int
    places: int
    without: Mapping[str, int]
    country: Sequence[OfCountry]
    verdict: Verdict
    verdict_id: int


def publish_suitability(dsn: str, issue: datetime, *, clock: Clock, run_id: str | None = None) -> Publishing:
    """Publish the scores of an issue of the short-term forecast.

    Args:
        dsn: the platform's database.
        issue: the issue.
        clock: the time.
        run_id: of Dagster.

    Raises:
        NothingCollectedError: no outlook is published that was said at this issue or shortly before.
        JudgeLostError: the judging process ended; nothing is published or recorded.
    """
    made_at = clock()
    batch = Batch(SUITABILITY_OF_CELLS.fullname, key_of(issue), made_at, run_id)
    replacement = Replacement(dsn, SUITABILITY_OF_CELLS, ASSET_KEY, key_of(issue), {"issued_at": issue})
    with replacement as publication:
        JUDGE.start()  # it imports its libraries while evidence is read
        without = publication.then(evidence.note_places).result()
        known = publication.then(lambda cursor: _evidence(cursor, issue, made_at)).result()
        if not len(known.cells):
            raise NothingCollectedError(
                f"No outlook that was said at {key_of(issue)} or in the {evidence.REMEMBERED.total_seconds() / 3600:.0f} hours before "
                "is published for a cell with places, so there is nothing to score. Publish core/daily_forecasts of this partition first."
            )
        rows = _made(publication, known, made_at)
        verdict, verdict_id = audit(
            publication,
            SUITE,
            batch,
            rows,
            profiled=[SUITABILITY_OF_CELLS.columns[name] for name in _PROFILED],
            given={},
            given_at_end=lambda _: {"minimum_rows": len(known.cells)},
        )
    counted = _counted(dsn, issue) if verdict.passed else _Counted(0, {}, ())
    return Publishing(
        cells=len(known.cells),
        rows=publication.staged,
        places=counted.places + sum(without.values()),
        without={**without, **counted.without},
        country=counted.country,
        verdict=verdict,
        verdict_id=verdict_id,
    )


def _evidence(cursor: psycopg.Cursor, issue: datetime, made_at: datetime) -> Evidence:
    as_of = max(issue, min(made_at, issue + evidence.AS_OF))
    cells = evidence.note_cells(cursor, issue)
    return Evidence(
        issue=issue,
        as_of=as_of,
        days=DAYS,
        cells=cells,
        air=evidence.read_air(cursor, cells, issue.astimezone(KST).date(), as_of, DAYS),
        warned=evidence.read_warnings(cursor, as_of),
        errors=evidence.read_errors(cursor),
    )


@dataclass(frozen=True)
class _Counted:
    """The places that have an activity, those of them without a score by the reason, and the country."""

    places: int
    without: Mapping[str, int]
    country: Sequence[OfCountry]


def _counted(dsn: str, issue: datetime) -> _Counted:
    with connect(dsn) as connection:
        given = {"issue": issue}
        places, no_forecast, too_little = connection.execute(_WITHOUT, given).fetchone() or (0, 0, 0)
        with connection.cursor(row_factory=class_row(OfCountry)) as reading:
            country = reading.execute(_COUNTRY, given).fetchall()
    without = {reason: count for reason, count in ((NO_FORECAST, no_forecast), (TOO_LITTLE, too_little)) if count}
    return _Counted(places, without, country)


def _made(publication: Replacement, known: Evidence, made_at: datetime) -> Iterator[pd.DataFrame]:
    """Stage the rows, and give what is judged of them, some cells at a time."""
    for first in range(0, len(known.cells), CELLS_AT_ONCE):
        last = min(first + CELLS_AT_ONCE, len(known.cells))
        chunk = publication.then(
            lambda cursor, first=first, last=last: evidence.read_chunk(cursor, known.issue, first, last, DAYS)
        ).result()
        rows = rows_of(known, chunk, first, last, made_at)
        publication.stage(rows)
        yield _judged(rows)


def _judged(rows: pd.DataFrame) -> pd.DataFrame:
    return rows[[column for column in SUITE.columns if column in rows.columns]].assign(
        **{CELL: 1000 * rows["nx"] + rows["ny"], GATED: rows["score"].where(rows["warning_share"] == 0)}
    )
