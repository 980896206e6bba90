"""Publishes the scores of an issue: worked out cell by cell, judged, and put in place of those that it had.

A score belongs to a cell, an activity and opening hours, which many places share. The view `insight.suitability` gives them to the
places, and knows on which days each is closed. So an issue has a tenth of the rows that its places have. The table of what one can
do at which place is brought up to date in the same transaction.
"""

from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import Future
from dataclasses import dataclass
from datetime import datetime

import pandas as pd
import psycopg

from weatherflick_assets.insight.suitability import evidence
from weatherflick_assets.insight.suitability.cells import Evidence, rows_of
from weatherflick_assets.insight.suitability.country import Counted, OfCountry, Tally
from weatherflick_assets.insight.suitability.suite import CELL, GATED, SUITE
from weatherflick_assets.insight.tables import MOST_DAYS_AHEAD, SUITABILITY_OF_CELLS
from weatherflick_assets.quality.auditing import audit
from weatherflick_assets.quality.judge_process import JUDGE
from weatherflick_assets.quality.store import Batch
from weatherflick_assets.quality.verdict import Verdict
from weatherflick_assets.settings import KST, Clock
from weatherflick_assets.warehouse.replacing import Replacement
from weatherflick_assets.weather.issues import NothingCollectedError, key_of

ASSET_KEY = "insight/suitability"

CELLS_AT_ONCE = 125
"""Cells that are scored at once: few enough to keep memory flat."""

DAYS = MOST_DAYS_AHEAD + 1

_PROFILED = ("score", "confidence", "temperature_max", "precipitation_mm", "wind_speed", "warning_share")
"""The columns whose statistics tell whether scores are as usual; to look at all of them takes as long as to work them out."""


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
        tally = Tally()
        rows = _made(publication, known, made_at, tally)
        verdict, verdict_id = audit(
            publication,
            SUITE,
            batch,
            rows,
            profiled=[SUITABILITY_OF_CELLS.columns[name] for name in _PROFILED],
            given={},
            given_at_end=lambda _: {"minimum_rows": len(known.cells)},
        )
    counted = tally.counted.result() if verdict.passed else Counted(0, {})
    return Publishing(
        cells=len(known.cells),
        rows=publication.staged,
        places=counted.places + sum(without.values()),
        without={**without, **counted.without},
        country=tally.country() if verdict.passed else (),
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


def _made(publication: Replacement, known: Evidence, made_at: datetime, tally: Tally) -> Iterator[pd.DataFrame]:
    """Stage the rows, and give what is judged of them, some cells at a time. The next cells are read meanwhile."""
    bounds = [
        (first, min(first + CELLS_AT_ONCE, len(known.cells))) for first in range(0, len(known.cells), CELLS_AT_ONCE)
    ]

    def reading(first: int, last: int) -> Future[evidence.Said]:
        return publication.then(lambda cursor: evidence.read_said(cursor, known.issue, first, last, DAYS))

    following = reading(*bounds[0])
    for (first, last), those_after in zip(bounds, [*bounds[1:], None], strict=True):
        said = following.result()
        if those_after:
            following = reading(*those_after)
        rows = rows_of(known, evidence.chunk_of(said, last - first, DAYS), first, last, made_at)
        publication.stage(rows)
        tally.add(rows)
        yield _judged(rows)
    tally.counted = publication.then(tally.count)


def _judged(rows: pd.DataFrame) -> pd.DataFrame:
    return rows[[column for column in SUITE.columns if column in rows.columns]].assign(
        **{CELL: 1000 * rows["nx"] + rows["ny"], GATED: rows["score"].where(rows["warning_share"] == 0)}
    )
