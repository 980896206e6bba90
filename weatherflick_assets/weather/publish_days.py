"""Publishes the outlook by day at a short-term issue: made in the database from published forecasts, and judged.

The seam: a day belongs to the short-term forecast as far as that reaches with more than its last midnight, which is the day of
issue and the next three, from 17:00 on the next four. Later days, to the tenth, are those of the newest mid-term issue.
"""

from collections.abc import Iterator
from datetime import datetime, timedelta
from importlib.resources import files

import pandas as pd
import psycopg
from psycopg import sql

from weatherflick_assets.korea.temperature_points import mid_term_places_of_cells
from weatherflick_assets.quality.auditing import audit
from weatherflick_assets.quality.store import Batch
from weatherflick_assets.settings import KST, Clock
from weatherflick_assets.warehouse.loading import copy_rows, copy_text
from weatherflick_assets.warehouse.outbox import NOTE, Notes
from weatherflick_assets.warehouse.replacing import Replacement
from weatherflick_assets.weather.issues import NothingCollectedError, key_of, seam
from weatherflick_assets.weather.publish import Publishing
from weatherflick_assets.weather.suites import ABOVE_HOURS, BELOW_HOURS, CELL_DAY, DAILY_SUITE, LEAD_DAYS
from weatherflick_assets.weather.tables import DAILY_FORECASTS

FEWEST_HOURS = 4
"""A day of which the forecast has fewer times is no day of it."""

REMEMBERED = timedelta(hours=30)
"""How long before an issue what was said of its day still counts: the issues of the evening before have it, too."""

REMEMBERED_MIDTERM = timedelta(days=3)
"""How old a mid-term issue may be that still counts."""

ASSET_KEY = "core/daily_forecasts"

_POINTS = sql.Identifier("points_of_cells")

_LATER_OF_THE_DAY = "SELECT DISTINCT issued_at FROM core.daily_forecasts WHERE issued_at > %s AND issued_at < %s"


_EXTREMES_OF_HOURS = """
SELECT nx, ny, (valid_at AT TIME ZONE 'Asia/Seoul')::date AS day, min(temperature), max(temperature)
FROM core.hourly_forecasts WHERE issued_at = %s GROUP BY nx, ny, day
"""


def publish_days(dsn: str, issue: datetime, *, clock: Clock, run_id: str | None = None) -> Publishing:
    """Publish the outlook of a short-term issue, and note those of later issues of its day, which keep extremes that it says.

    Raises:
        NothingCollectedError: the issue's hours are not published.
        JudgeLostError: the judging process ended; nothing is published or recorded.
    """
    batch = Batch(DAILY_FORECASTS.fullname, key_of(issue), clock(), run_id, data_as_of=issue)
    with Replacement(dsn, DAILY_FORECASTS, ASSET_KEY, key_of(issue), {"issued_at": issue}) as publication:
        rows = publication.stage_from(
            _query("daily.sql"),
            {
                "issue": issue,
                "today": issue.astimezone(KST).date(),
                "fewest_hours": FEWEST_HOURS,
                "remembered_from": issue - REMEMBERED,
            },
        )
        if not rows:
            raise NothingCollectedError(
                f"No hour of the issue {key_of(issue)} is published, so there are no days of it. Publish "
                "core/hourly_forecasts of this partition first."
            )
        cells = publication.then(_note_points).result()
        publication.then(lambda cursor: _note_later_outlooks(cursor, issue, since=batch.judged_at))
        rows += publication.stage_from(
            _query("daily_later.sql"),
            {
                "issue": issue,
                "first_day": seam(issue).date() + timedelta(days=1),
                "remembered_from": issue - REMEMBERED_MIDTERM,
            },
        )
        verdict, verdict_id = audit(
            publication,
            DAILY_SUITE,
            batch,
            _judged(publication, issue),
            profiled=list(DAILY_FORECASTS.columns),
            given={},
            given_at_end=lambda _: {"minimum_rows": 4 * cells},
        )
    return Publishing(cells, rows, verdict, verdict_id)


def _note_later_outlooks(cursor: psycopg.Cursor, issue: datetime, *, since: datetime) -> None:
    day_end = issue.astimezone(KST).replace(hour=0, minute=0) + timedelta(days=1)
    notes = Notes()
    later = cursor.execute(_LATER_OF_THE_DAY, (issue, day_end)).fetchall()
    notes.add((ASSET_KEY, key_of(at)) for (at,) in later)
    if notes:
        cursor.execute(NOTE, notes.parameters(cause="an earlier issue of the day was published", since=since))


def _query(name: str) -> str:
    return files("weatherflick_assets.weather.store").joinpath(name).read_text(encoding="utf-8")


def _note_points(cursor: psycopg.Cursor) -> int:
    """Stage the temperature point of every cell that has days; return how many cells there are."""
    cells = cursor.execute("SELECT DISTINCT nx, ny FROM staged_rows").fetchall()
    nx, ny = ([cell[place] for cell in cells] for place in (0, 1))
    points = pd.DataFrame({"nx": nx, "ny": ny, "point_id": mid_term_places_of_cells(nx, ny).point_ids})
    cursor.execute("CREATE TEMPORARY TABLE points_of_cells (nx smallint, ny smallint, point_id text) ON COMMIT DROP")
    copy_rows(cursor, _POINTS, points.columns, copy_text(points))
    return len(cells)


def _judged(publication: Replacement, issue: datetime) -> Iterator[pd.DataFrame]:
    """The rows with what is judged of them, such as what their extremes are beside those of their hours."""
    found = publication.then(lambda cursor: cursor.execute(_EXTREMES_OF_HOURS, (issue,)).fetchall()).result()
    hours = pd.DataFrame(found, columns=["nx", "ny", "day", "least", "most"])
    hours["day"] = hours["day"].astype(str)
    today = pd.Timestamp(issue.astimezone(KST).date())
    columns = [column for column in DAILY_SUITE.columns if column in DAILY_FORECASTS.columns]
    for rows in publication.read([*dict.fromkeys(("nx", "ny", "day", *columns))]):
        beside = rows[["nx", "ny", "day"]].merge(hours, how="left", on=["nx", "ny", "day"])
        judged = {
            CELL_DAY: rows["nx"].astype(str) + "," + rows["ny"].astype(str) + " " + rows["day"].astype(str),
            LEAD_DAYS: (pd.to_datetime(rows["day"]) - today).dt.days,
            ABOVE_HOURS: rows["temperature_max"] - beside["most"].astype("float64"),
            BELOW_HOURS: beside["least"].astype("float64") - rows["temperature_min"],
        }
        yield rows[columns].assign(**judged)
