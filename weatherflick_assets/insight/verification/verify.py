"""Verifies what had been said and recommended of a day, in the database: what came is scored, and compared with what was said.

Of every day the issues of 05:00 are compared, from its own to that of ten days before, because one issue a day is kept. A place counts
once for each activity. The peers say what is to be had without a forecast: the score that came on the day of the issue
(persistence), and the mean score of the area and month so far (climatology).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from importlib.resources import files

import pandas as pd
import psycopg
from psycopg import sql
from psycopg.rows import class_row

from weatherflick_assets.insight import forecast_skill
from weatherflick_assets.insight.code_versions import code_versions
from weatherflick_assets.insight.suitability.scoring import LEVELS
from weatherflick_assets.insight.tables import (
    OBSERVED_SUITABILITY,
    RECOMMENDATION_VERIFICATION,
    SUITABILITY_OF_CELLS,
    WHOLE_COUNTRY,
)
from weatherflick_assets.insight.verification.observed import read_observed
from weatherflick_assets.settings import Clock, bounds
from weatherflick_assets.warehouse.loading import copy_rows, copy_text
from weatherflick_assets.warehouse.partitioned import analyze
from weatherflick_assets.warehouse.replacing import Replacement
from weatherflick_assets.warehouse.statements import identifier
from weatherflick_assets.weather.issues import NothingCollectedError

ASSET_KEY = "insight/recommendation_verification"

FEWEST_DAYS = 10
"""Days of a month that must have been seen in an area before their mean says what is usual."""

_FORGET = "DELETE FROM insight.observed_suitability WHERE day = %s"

_IS_LOST = """
SELECT EXISTS (SELECT FROM insight.recommendation_verification WHERE day = %(day)s) AND NOT EXISTS (
    SELECT FROM core.nowcasts
    WHERE valid_at >= %(start)s AND valid_at < %(end)s AND issued_at > %(start)s - interval '6 hours' AND issued_at < %(end)s
)
"""

_COUNTRY = """
SELECT activity, days_ahead, compared, said, came, mean_absolute_error, hit_rate, false_alarm_ratio, persistence_error,
    persistence_hit_rate, persistence_false_alarm_ratio, climatology_error, climatology_hit_rate, climatology_false_alarm_ratio,
    recommended, rightly
FROM insight.verification_of_days(%(first_day)s, %(last_day)s) WHERE kto_area_code = %(whole)s
ORDER BY activity, days_ahead
"""


@dataclass(frozen=True)
class Verified:
    """How right it was what had been said of the country, by activity and days ahead; see `views.sql`."""

    activity: str
    days_ahead: int
    compared: int
    said: float
    came: float
    mean_absolute_error: float
    hit_rate: float | None
    false_alarm_ratio: float | None
    persistence_error: float | None
    persistence_hit_rate: float | None
    persistence_false_alarm_ratio: float | None
    climatology_error: float | None
    climatology_hit_rate: float | None
    climatology_false_alarm_ratio: float | None
    recommended: int
    rightly: float | None


@dataclass(frozen=True)
class Verification:
    """What was verified of a day.

    Attributes:
        observed: cells of which a score came.
        rows: rows that were written.
        country: what they say of the country; nothing if there was nothing to compare.
        lately: the same of the 30 days that end with this one.
    """

    observed: int
    rows: int
    country: Sequence[Verified]
    lately: Sequence[Verified]


def verify(dsn: str, day: date, *, clock: Clock) -> Verification:
    """Verify what had been said of a day, and put it in place of what was found before.

    What came is known for two weeks, as long as nowcasts have the sky. After that nothing is replaced by less.

    Args:
        dsn: the platform's database.
        day: in Korea; it should be over.
        clock: the time.

    Raises:
        NothingCollectedError: the day was verified before, and the sky of its hours is not kept any more.
        psycopg.Error: the database failed; what was found before stays.
    """
    issues = forecast_skill.kept_issues(day)
    given = {
        "day": day,
        "issues": issues,
        "good": LEVELS["good"],
        "fair": LEVELS["fair"],
        "fewest_days": FEWEST_DAYS,
        "whole": WHOLE_COUNTRY,
        "method": code_versions()["insight/suitability"],
        "verified_at": clock(),
    }
    key = day.isoformat()
    with Replacement(dsn, RECOMMENDATION_VERIFICATION, ASSET_KEY, key, {"day": day}) as replacement:
        replacement.then(lambda cursor: _check_kept(cursor, day)).result()
        came = replacement.then(lambda cursor: read_observed(cursor, day)).result()
        replacement.then(lambda cursor: _note(cursor, day, came, issues)).result()
        query = (
            files("weatherflick_assets.insight.verification").joinpath("verification.sql").read_text(encoding="utf-8")
        )
        rows = replacement.stage_from(query, given)
        country, lately = replacement.publish(
            lambda cursor: [_of_country(cursor.connection, day, days) for days in (1, forecast_skill.LATELY_DAYS)]
        )
    return Verification(len(came[["nx", "ny"]].drop_duplicates()), rows, country, lately)


def due(connection: psycopg.Connection, now: datetime) -> list[date]:
    """The days to verify, newest first: the last two, and those of two weeks that were observed and never verified."""
    return forecast_skill.due(connection, now, RECOMMENDATION_VERIFICATION)


def _check_kept(cursor: psycopg.Cursor, day: date) -> None:
    start, end = bounds(day)
    is_lost = cursor.execute(_IS_LOST, {"day": day, "start": start, "end": end}).fetchone() == (True,)
    if is_lost:
        raise NothingCollectedError(
            f"No nowcast of {day} is kept, and without the sky that it says no day outdoors can be scored. What was found of the day "
            "before stands. A day can be verified again for two weeks."
        )


def _note(cursor: psycopg.Cursor, day: date, came: pd.DataFrame, issues: Sequence[datetime]) -> None:
    """Write what came, and have the planner look at it and at what was said."""
    cursor.execute(_FORGET, (day,))
    copy_rows(cursor, identifier(OBSERVED_SUITABILITY), came.columns, copy_text(came))
    cursor.execute(sql.SQL("ANALYZE {}").format(identifier(OBSERVED_SUITABILITY)))
    for issue in issues:
        analyze(cursor.connection, SUITABILITY_OF_CELLS, issue)


def _of_country(connection: psycopg.Connection, last_day: date, days: int) -> Sequence[Verified]:
    given = {"first_day": last_day - timedelta(days=days - 1), "last_day": last_day, "whole": WHOLE_COUNTRY}
    with connection.cursor(row_factory=class_row(Verified)) as reading:
        return reading.execute(_COUNTRY, given).fetchall()
