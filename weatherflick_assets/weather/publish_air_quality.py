"""Publishes the measurements of an hour: rows of stations, judged and put in place of what was published of the hour."""

import math
from collections.abc import Sequence
from datetime import datetime

import psycopg

from weatherflick_assets.quality.store import Batch
from weatherflick_assets.settings import Clock
from weatherflick_assets.warehouse.connections import connect
from weatherflick_assets.warehouse.replacing import Replacement
from weatherflick_assets.weather import source_suites, tables
from weatherflick_assets.weather.issues import key_of
from weatherflick_assets.weather.publish import Publishing, without_impossible
from weatherflick_assets.weather.publish_sources import judged, rows_of, unknown_stations
from weatherflick_assets.weather.source_suites import PARTICLES, STATION_FINDING
from weatherflick_assets.weather.sources import AIR_QUALITY
from weatherflick_assets.weather.store.answers import stored_answers
from weatherflick_assets.weather.transform.air_quality import grades, station_rows

LEAST_LEFT = 0.8
"""An hour has at least this share of the rows that the hour before it has of the same regions."""

GRADED = {"pm10_grade": "pm10_ugm3", "pm25_grade": "pm25_ugm3", "air_quality_grade": "air_quality_index"}

_ALL = 1_000

_BEFORE = """
SELECT count(*) FROM core.air_quality WHERE sido_name = ANY(%(regions)s) AND measured_at = (
    SELECT max(measured_at) FROM core.air_quality
    WHERE measured_at < %(hour)s AND measured_at >= %(hour)s - interval '1 day'
)
"""


def publish_air_quality(dsn: str, hour: datetime, *, clock: Clock, run_id: str | None = None) -> Publishing:
    """Publish the measurements of an hour.

    Raises:
        NothingCollectedError: no answer is stored.
        BodiesDroppedError: the answers are no longer stored; what was published stays.
        JudgeLostError: the judging process ended; nothing is published or recorded.
    """
    table = tables.AIR_QUALITY
    where = {"measured_at": hour}
    with Replacement(dsn, table, AIR_QUALITY.published[0], key_of(hour), where) as publication, connect(dsn) as reading:
        stored = stored_answers(reading, AIR_QUALITY.operation, hour, at_once=_ALL)
        answers = [answer for answers in stored for answer in answers]
        rows, problems = rows_of(
            AIR_QUALITY,
            answers,
            lambda items, answer: station_rows(items, sido_name=answer.subject, response_id=answer.response_ids[0]),
        )
        is_of_the_hour = rows["measured_at"] == hour
        problems["time_outside_the_issue"] += int((~is_of_the_hour).sum())
        rows = without_impossible(rows[is_of_the_hour].copy(), problems, source_suites.AIR_RANGES)
        return judged(
            publication,
            Batch(table.fullname, key_of(hour), clock(), run_id, data_as_of=hour),
            rows.assign(
                **{grade: grades(column, rows[column]) for grade, column in GRADED.items()},
                **{
                    PARTICLES: rows["pm10_ugm3"] - rows["pm25_ugm3"],
                    STATION_FINDING: unknown_stations(reading, rows),
                },
            ),
            minimum_rows=max(1, math.ceil(LEAST_LEFT * _before(reading, hour, [one.subject for one in answers]))),
            items=len(rows) + problems["station_missing"] + problems["time_outside_the_issue"],
            problems=+problems,
        )


def _before(connection: psycopg.Connection, hour: datetime, regions: Sequence[str]) -> int:
    """How many rows the newest hour of the day before has of regions."""
    (count,) = connection.execute(_BEFORE, {"hour": hour, "regions": list(regions)}).fetchone() or (0,)
    return count
