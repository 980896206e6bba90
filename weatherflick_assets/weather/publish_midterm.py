"""Publishes an issue of the mid-term forecast: days of every point, made from its stored answers, and judged."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

import pandas as pd
import psycopg

from weatherflick_assets.korea.temperature_points import temperature_points
from weatherflick_assets.quality.auditing import audit
from weatherflick_assets.quality.store import Batch
from weatherflick_assets.settings import KST, Clock
from weatherflick_assets.upstream.declarations import Operation
from weatherflick_assets.upstream.outcomes import Reply, read_answer
from weatherflick_assets.warehouse.connections import connect
from weatherflick_assets.warehouse.outbox import NOTE, Notes
from weatherflick_assets.warehouse.replacing import Replacement
from weatherflick_assets.weather import midterm
from weatherflick_assets.weather.issues import NothingCollectedError, key_of
from weatherflick_assets.weather.publish import Publishing, said, without_impossible
from weatherflick_assets.weather.store.answers import StoredAnswer, stored_answers
from weatherflick_assets.weather.suites import LEAD_DAYS, MIDTERM_SUITE, POINT_DAY, POINT_FINDING
from weatherflick_assets.weather.tables import MIDTERM_FORECASTS
from weatherflick_assets.weather.transform.mid_term import RegionAnswer, land_rows, temperature_rows
from weatherflick_assets.weather.transform.mid_term_days import mid_term_days

_ALL = 1_000
"""Answers read at once: all of an issue."""

_TIME = pd.DatetimeTZDtype("us", KST)

_OUTLOOKS_SINCE = "SELECT DISTINCT issued_at FROM core.daily_forecasts WHERE issued_at >= %s"


def publish_midterm(dsn: str, issue: datetime, *, clock: Clock, run_id: str | None = None) -> Publishing:
    """Publish an issue, and note the outlooks that were made since without it.

    Raises:
        NothingCollectedError: no answer with temperatures is stored.
        BodiesDroppedError: the answers are no longer stored; what was published stays.
        JudgeLostError: the judging process ended; nothing is published or recorded.
    """
    batch = Batch(MIDTERM_FORECASTS.fullname, key_of(issue), clock(), run_id, data_as_of=issue)
    replacement = Replacement(dsn, MIDTERM_FORECASTS, midterm.ASSET_KEY, key_of(issue), {"issued_at": issue})
    with replacement as publication:
        with connect(dsn) as reading:
            land, temperatures = (
                _stored(reading, operation, issue) for operation in (midterm.LAND, midterm.TEMPERATURES)
            )
        if not temperatures:
            raise NothingCollectedError(
                f"No temperatures of the issue {key_of(issue)} of the mid-term forecast are stored. Materialize raw/kma/midterm "
                "of this partition first, as long as the upstream gives it."
            )
        rows, problems = _rows(issue, land, temperatures)
        publication.stage(rows)
        publication.then(lambda cursor: _note_outlooks(cursor, issue, since=batch.judged_at))
        points = {(point.point_id, point.land_region_id) for point in temperature_points().values()}
        is_known = pd.Series([*zip(rows["point_id"], rows["land_region_id"], strict=True)], rows.index).isin(points)
        judged = {
            POINT_DAY: rows["point_id"] + " " + rows["day"],
            LEAD_DAYS: (pd.to_datetime(rows["day"]) - pd.Timestamp(issue.astimezone(KST).date())).dt.days,
            POINT_FINDING: said("is no point of the mid-term forecast", ~is_known),
        }
        verdict, verdict_id = audit(
            publication,
            MIDTERM_SUITE,
            replace(batch, rejections=+problems),
            [rows.assign(**judged)[list(MIDTERM_SUITE.columns)]],
            profiled=list(MIDTERM_FORECASTS.columns),
            given={},
            given_at_end=lambda _: {"minimum_rows": 5 * len(temperatures)},
        )
    return Publishing(len(temperatures), len(rows), verdict, verdict_id, problems=problems)


def _rows(
    issue: datetime, land: Sequence[StoredAnswer], temperatures: Sequence[StoredAnswer]
) -> tuple[pd.DataFrame, Counter[str]]:
    skies = land_rows([_answer(midterm.LAND, issue, answer) for answer in land])
    degrees = temperature_rows([_answer(midterm.TEMPERATURES, issue, answer) for answer in temperatures])
    points = temperature_points()
    pairs = pd.DataFrame(
        {
            "point_id": [answer.subject for answer in temperatures],
            "land_region_id": [points[answer.subject].land_region_id for answer in temperatures],
        }
    )
    days = mid_term_days(skies.rows, degrees.rows, pairs)
    problems = skies.problems + degrees.problems + days.problems
    # A day of a point without temperatures says what its region's neighbours say as well.
    rows = days.rows.dropna(subset=["temperature_response_id"]).rename(
        columns={"temperature_response_id": "source_response_id"}
    )
    recorded = {response_id: answer.fetched_at for answer in temperatures for response_id in answer.response_ids}
    rows = rows.assign(
        day=rows["day"].astype(str),
        recorded_at=pd.to_datetime(rows["source_response_id"].map(recorded)).astype(_TIME),
    )
    return without_impossible(rows, problems).reset_index(drop=True), problems


def _answer(operation: Operation, issue: datetime, answer: StoredAnswer) -> RegionAnswer:
    items = read_answer(operation, Reply(200, {}, answer.bodies[0])).items
    return RegionAnswer(answer.subject, issue, answer.response_ids[0], items[0] if items else {})


def _stored(connection: psycopg.Connection, operation: Operation, issue: datetime) -> list[StoredAnswer]:
    return [answer for answers in stored_answers(connection, operation, issue, at_once=_ALL) for answer in answers]


def _note_outlooks(cursor: psycopg.Cursor, issue: datetime, *, since: datetime) -> None:
    """A mid-term issue that comes late belongs into the outlooks that were made after its time."""
    notes = Notes()
    notes.add(("core/daily_forecasts", key_of(at)) for (at,) in cursor.execute(_OUTLOOKS_SINCE, (issue,)).fetchall())
    if notes:
        cursor.execute(NOTE, notes.parameters(cause="a mid-term issue was published", since=since))
