"""Publishes the normals: worked out region by region from all that is published of the stations, judged, and put in place."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import date, datetime

import pandas as pd
import psycopg
from psycopg import sql
from sqlalchemy import REAL, Integer

from weatherflick_assets.insight.climate.normals import MONTHS, OBSERVED, normals_of, ranked
from weatherflick_assets.insight.climate.suite import SUITE
from weatherflick_assets.insight.climate.texts import sentences
from weatherflick_assets.insight.suitability.activities import ACTIVITIES
from weatherflick_assets.insight.suitability.scoring import LEVELS
from weatherflick_assets.insight.tables import CLIMATE_NORMALS
from weatherflick_assets.korea.regions import REGION_CODES
from weatherflick_assets.quality.auditing import audit
from weatherflick_assets.quality.judge_process import JUDGE
from weatherflick_assets.quality.store import Batch
from weatherflick_assets.quality.verdict import Verdict
from weatherflick_assets.settings import KST, Clock
from weatherflick_assets.warehouse.connections import connect
from weatherflick_assets.warehouse.replacing import Replacement
from weatherflick_assets.weather.issues import NothingCollectedError

ASSET_KEY = "insight/climate_normals"

_PROFILED = ("years", "score", "good_share", "temperature_max", "rain_days")

_NUMBERS = {
    column.name: "float64" if isinstance(column.type, REAL) else "Int64"
    for column in CLIMATE_NORMALS.columns
    if isinstance(column.type, REAL | Integer)
}
"""The types of columns with numbers: in a region without normals nothing else would say that they are numbers."""

_DAYS = sql.SQL("SELECT station_id, day, {} FROM core.station_days WHERE region_code = %s AND day < %s").format(
    sql.SQL(", ").join(map(sql.Identifier, OBSERVED))
)

_IS_ANY = "SELECT EXISTS (SELECT FROM core.station_days WHERE day < %s)"

_DUE = """
SELECT EXISTS (SELECT FROM core.station_days WHERE day < %(first_day)s) AND NOT EXISTS (
    SELECT FROM quality.verdicts
    WHERE table_name = 'insight.climate_normals' AND judged_at >= %(month)s AND judged_at > coalesce(
        (SELECT max(judged_at) FROM quality.verdicts WHERE table_name = 'core.station_years' AND published), '-infinity'
    )
)
"""

_SHARES = """
SELECT region_code, month, good_share FROM insight.climate_normals WHERE activity = %s AND good_share IS NOT NULL
"""


@dataclass(frozen=True)
class Publishing:
    """The result of publishing the normals.

    Attributes:
        rows: rows that were made.
        normals: of these, rows that have a normal.
        years: the years of which the region that is known best is known.
        verdict: the verdict on the rows.
        verdict_id: the id of the recorded verdict.
    """

    rows: int
    normals: int
    years: int
    verdict: Verdict
    verdict_id: int


def publish_normals(dsn: str, *, clock: Clock, run_id: str | None = None) -> Publishing:
    """Publish the normals of all regions.

    Raises:
        NothingCollectedError: no day of a station is published in a month that is over.
        JudgeLostError: the judging process ended; nothing is published or recorded.
    """
    made_at = clock()
    batch = Batch(CLIMATE_NORMALS.fullname, None, made_at, run_id)
    with Replacement(dsn, CLIMATE_NORMALS, ASSET_KEY, "", sql.SQL("TRUE")) as publication, connect(dsn) as reading:
        JUDGE.start()  # it imports its libraries while days are read
        if reading.execute(_IS_ANY, (_first_of_month(made_at).date(),)).fetchone() != (True,):
            raise NothingCollectedError(
                "No day of a station in a month that is over is published, so nothing is known of the climate. Make "
                "core/station_years of a year first."
            )
        rows = pd.concat([_of_region(reading, region, made_at) for region in REGION_CODES], ignore_index=True)
        publication.stage(rows)
        verdict, verdict_id = audit(
            publication,
            SUITE,
            batch,
            [rows[[*SUITE.columns]]],
            profiled=[CLIMATE_NORMALS.columns[name] for name in _PROFILED],
            given={},
            given_at_end=lambda _: {"minimum_rows": len(REGION_CODES) * len(ACTIVITIES) * len(MONTHS)},
        )
    return Publishing(len(rows), int(rows["score"].notna().sum()), int(rows["years"].max()), verdict, verdict_id)


def due(connection: psycopg.Connection, at: datetime) -> Sequence[None]:
    """One run if a day of a month that is over is known, and a month has ended or a year was published since the last one."""
    month = _first_of_month(at)
    (is_due,) = connection.execute(_DUE, {"month": month, "first_day": month.date()}).fetchone() or (False,)
    return [None] if is_due else []


def good_shares(dsn: str, activity: str) -> Mapping[str, Mapping[int, float]]:
    """The share of good days by region and month, where there is a normal."""
    found: dict[str, dict[int, float]] = {}
    with connect(dsn) as connection:
        for region_code, month, share in connection.execute(_SHARES, (activity,)):
            found.setdefault(region_code, {})[month] = share
    return found


def _of_region(reading: psycopg.Connection, region_code: str, made_at: datetime) -> pd.DataFrame:
    days = _read(reading, region_code, _first_of_month(made_at).date())
    made = [
        {**asdict(normal), "rank": rank, "level": _level(normal.score), "reason_ko": korean, "reason_en": english}
        for normal, rank in ranked(normals_of(days))
        for korean, english in (sentences(normal),)
    ]
    rows = pd.DataFrame(made).assign(region_code=region_code, made_at=made_at)
    return rows.astype(_NUMBERS)


def _read(reading: psycopg.Connection, region_code: str, before: date) -> pd.DataFrame:
    found = reading.execute(_DAYS, (region_code, before)).fetchall()
    days = pd.DataFrame(found, columns=["station_id", "day", *OBSERVED])
    return days.astype(dict.fromkeys(OBSERVED, "float64"))


def _level(score: float | None) -> str | None:
    return None if score is None else next(level for level, least in LEVELS.items() if score >= least)


def _first_of_month(at: datetime) -> datetime:
    return at.astimezone(KST).replace(day=1, hour=0, minute=0, second=0, microsecond=0)
