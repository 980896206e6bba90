"""Publishes the lists of an issue: chosen day by day, judged, and put in place of those that it had.

What the scores mean for each area (`insight.suitability_of_areas`) is written in the same transaction.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from importlib.resources import files

import pandas as pd
import psycopg
from psycopg import sql
from psycopg.rows import class_row

from weatherflick_assets.insight.recommendations import evidence
from weatherflick_assets.insight.recommendations.lists import Listed, Places, lists_of
from weatherflick_assets.insight.recommendations.suite import SUITE
from weatherflick_assets.insight.tables import RECOMMENDATIONS, SUITABILITY_OF_AREAS, SUITABILITY_OF_CELLS
from weatherflick_assets.quality.auditing import audit
from weatherflick_assets.quality.judge_process import JUDGE
from weatherflick_assets.quality.store import Batch
from weatherflick_assets.quality.verdict import Verdict
from weatherflick_assets.settings import Clock
from weatherflick_assets.warehouse.connections import connect
from weatherflick_assets.warehouse.loading import copy_rows, copy_text, load_temporary
from weatherflick_assets.warehouse.partitioned import analyze, ensure
from weatherflick_assets.warehouse.replacing import Replacement
from weatherflick_assets.weather.issues import NothingCollectedError, key_of

ASSET_KEY = "insight/recommendations"

_PROFILED = ("score", "suitability", "appeal", "confidence")
"""The columns whose statistics tell whether lists are as usual."""

_CHOSEN = "kto_area_code text, day date, topic text, rank smallint, content_id text, activity text, worth real"

_DAYS = """
SELECT day, count(DISTINCT kto_area_code) AS areas, count(*) AS places, avg(score) AS mean_score,
    avg((activity = 'indoor')::integer)::float8 AS indoors
FROM insight.recommendations WHERE issued_at = %s AND topic = 'all' GROUP BY day ORDER BY day
"""


@dataclass(frozen=True)
class OfDay:
    """What is recommended in the country on a day to whoever asks for nothing special.

    Attributes:
        areas: areas with a list.
        places: places in these.
        mean_score: what they are worth in the mean.
        indoors: the share of them that is indoors.
    """

    day: date
    areas: int
    places: int
    mean_score: float
    indoors: float


@dataclass(frozen=True)
class Publishing:
    """The result of publishing the lists of an issue.

    Attributes:
        places: places that can be recommended on some day.
        lists: lists that have a place at least.
        rows: places in all lists.
        days: the country day by day.
        verdict: the verdict on the rows.
        verdict_id: the id of the recorded verdict.
    """

    places: int
    lists: int
    rows: int
    days: Sequence[OfDay]
    verdict: Verdict
    verdict_id: int


def publish_recommendations(dsn: str, issue: datetime, *, clock: Clock, run_id: str | None = None) -> Publishing:
    """Publish the lists of an issue of the short-term forecast.

    Args:
        dsn: the platform's database.
        issue: the issue.
        clock: the time.
        run_id: of Dagster.

    Raises:
        NothingCollectedError: the issue was not scored.
        JudgeLostError: the judging process ended; nothing is published or recorded.
    """
    given = {"issue": issue, "made_at": clock()}
    batch = Batch(RECOMMENDATIONS.fullname, key_of(issue), given["made_at"], run_id)
    replacement = Replacement(dsn, RECOMMENDATIONS, ASSET_KEY, key_of(issue), {"issued_at": issue})
    with replacement as publication:
        JUDGE.start()  # it imports its libraries while lists are made
        publication.then(lambda cursor: _prepare(cursor, issue)).result()
        days = publication.then(lambda cursor: evidence.days_of(cursor, issue)).result()
        if not days:
            raise NothingCollectedError(
                f"No score of the issue {key_of(issue)} is published, so there is nothing to recommend. Make insight/suitability of "
                "this partition first."
            )
        places = publication.then(evidence.note_places).result()
        lists = publication.then(lambda cursor: _choose(cursor, issue, days, places)).result()
        publication.then(lambda cursor: cursor.execute(_text("areas.sql").encode(), given)).result()
        rows = publication.stage_from(_text("lists.sql"), given)
        verdict, verdict_id = audit(
            publication,
            SUITE,
            batch,
            publication.read(SUITE.columns),
            profiled=[RECOMMENDATIONS.columns[name] for name in _PROFILED],
            given={},
            given_at_end=lambda _: {"minimum_rows": lists},
        )
    return Publishing(len(places), lists, rows, _days(dsn, issue) if verdict.passed else (), verdict, verdict_id)


def _choose(cursor: psycopg.Cursor, issue: datetime, days: Sequence[date], places: Places) -> int:
    """Write the places of all lists to a temporary table, and return how many lists there are."""
    load_temporary(cursor, "chosen_places", _CHOSEN, ())
    lists = 0
    for day in days:
        found = pd.DataFrame(
            lists_of(day, places, evidence.read_scores(cursor, issue, day)), columns=list(Listed._fields)
        )
        copy_rows(cursor, sql.Identifier("chosen_places"), found.columns, copy_text(found))
        lists += int((found["rank"] == 1).sum())
    cursor.execute("ANALYZE chosen_places")
    return lists


def _prepare(cursor: psycopg.Cursor, issue: datetime) -> None:
    """Make room for what the scores of the issue mean for areas, and look at the scores, as they were written moments ago."""
    ensure(cursor.connection, SUITABILITY_OF_AREAS, issue)
    cursor.execute("DELETE FROM insight.suitability_of_areas WHERE issued_at = %s", (issue,))
    # Without statistics the planner takes them for few rows, and tries every place with every cell.
    analyze(cursor.connection, SUITABILITY_OF_CELLS, issue)


def _days(dsn: str, issue: datetime) -> Sequence[OfDay]:
    with connect(dsn) as connection, connection.cursor(row_factory=class_row(OfDay)) as reading:
        return reading.execute(_DAYS, (issue,)).fetchall()


def _text(name: str) -> str:
    return files("weatherflick_assets.insight.recommendations").joinpath(name).read_text(encoding="utf-8")
