"""Every query that the backend sends to the serving views, at full size: 50,700 places of all kinds with their details.

The lists of the sandbox's Korea are collected and published by the platform. Details are written by a statement, because
asking for them takes 200,000 calls; their lengths are those of recorded answers. The queries are those that the tests
ask (`weatherflick_assets_tests/places/backend.py`), and the searches again for a word that nothing has, which is when a
search reads everything. One connection asks each query several times, as a pooled connection of the backend does.

What is recommended is asked for, too. Two forecasts of every cell are written by statements, scored, compared, and recommended by.
Tables that are partitioned by day have as many partitions as they come to have, because a query takes longer to plan with each.
"""

import os
import time
from collections.abc import Mapping
from datetime import date, timedelta

import psycopg

from benchmarks.benchmark import Size
from benchmarks.contenders.lists import KINDS_VARIABLE
from benchmarks.contenders.suitable_places import forecast
from benchmarks.processes import Databases, run_contender, running_sandbox
from benchmarks.results import Figure, Result, Verdict
from weatherflick_assets.insight.changes.publish import publish_changes
from weatherflick_assets.insight.recommendations.publish import publish_recommendations
from weatherflick_assets.insight.storage import STORAGE
from weatherflick_assets.insight.suitability.publish import publish_suitability
from weatherflick_assets.places.content_types import CONTENT_TYPES
from weatherflick_assets.quality.judge_process import JUDGE
from weatherflick_assets.settings import KST, now
from weatherflick_assets.warehouse.partitioned import ensure
from weatherflick_assets.weather.issues import FORECASTS
from weatherflick_assets_tests.places.backend import QUERIES, asked

GREATEST_MS = 10.0
TIMES = 15

_NOWHERE = {"word": "%없는낱말%", "name": "없는낱말"}
_SEARCHES = [name for name, query in QUERIES.items() if "%(word)s" in query or "%(name)s" in query]

_RECOMMENDED = {
    "recommendations: of a region": (
        "SELECT listed.*, place.name, place.first_image FROM serving.recommendations AS listed "
        "JOIN serving.places AS place USING (content_id) "
        "WHERE listed.region_code = %(area)s AND listed.day = %(day)s AND listed.topic = 'all' ORDER BY listed.rank"
    ),
    "recommendations: every list of a region": (
        "SELECT * FROM serving.recommendations WHERE region_code = %(area)s AND day = %(day)s"
    ),
    "recommendations: near a point": (
        "SELECT * FROM serving.recommendations_near(%(latitude)s, %(longitude)s, 20000, 20, %(day)s)"
    ),
    "recommendations: museums near a point": (
        "SELECT * FROM serving.recommendations_near(%(latitude)s, %(longitude)s, NULL, 20, %(day)s, '{14}')"
    ),
    "weather scores of a region": "SELECT * FROM serving.travel_weather_scores WHERE region_code = %(area)s",
    "scores of a place": "SELECT * FROM serving.place_suitability WHERE content_id = %(place)s",
    "changes of a place": "SELECT * FROM serving.forecast_changes WHERE content_id = %(place)s",
    "changes of a trip": (
        "SELECT id, content_id, day, kind, direction, reason, reason_en FROM serving.forecast_changes "
        "WHERE content_id = ANY (%(places)s) AND day = %(day)s AND known_at > now() - interval '3 hours'"
    ),
}
"""What the backend may ask of what is recommended."""

_ASKED = {**QUERIES, **_RECOMMENDED}

_DAYS_KEPT_APART = 33
"""Days of the past that have a partition of their own at most: those of a month are made one two days after its end."""

_STEPS = (publish_suitability, publish_recommendations, publish_changes)
"""What follows from an issue, in the order in which it is made."""

# A row with its details is wider than a page of the index, and its longest texts are stored apart.
_FILL_PLACE = """
UPDATE core.{kind} SET
    overview = (SELECT string_agg(md5(content_id || part), ' ') FROM generate_series(1, 12) AS part),
    detail_completeness = 0.6,
    detail_intro_info = jsonb_build_object('contentid', content_id, 'text', repeat(md5(content_id), 20)),
    detail_additional_info = jsonb_build_array(jsonb_build_object('text', repeat(md5(title), 40)))
"""
_FILL_DETAILS = """
INSERT INTO core.place_images (content_id, position, content_type_id, region_code, image_url, source_response_id, updated_at)
SELECT content_id, position, content_type_id, region_code, 'http://tong.visitkorea.or.kr/' || md5(content_id || position),
       source_response_id, updated_at
FROM core.{kind}, generate_series(1, 5) AS position;
INSERT INTO core.place_infos (content_id, position, content_type_id, region_code, name, text, source_response_id, updated_at)
SELECT content_id, position, content_type_id, region_code, 'name', repeat(md5(content_id), 5), source_response_id, updated_at
FROM core.{kind}, generate_series(1, 3) AS position;
INSERT INTO core.pet_policies (content_id, content_type_id, region_code, scope, source_response_id, updated_at)
SELECT content_id, content_type_id, region_code, '일부구역 동반가능', source_response_id, updated_at
FROM core.{kind} WHERE hashtext(content_id) % 7 = 0;
"""


def run(size: Size, databases: Databases) -> Result:
    """Fill a database and ask."""
    is_full = size.repetitions > 1
    kinds = ",".join(kind.name for kind in CONTENT_TYPES)
    with running_sandbox(1.0 if is_full else size.scale) as url, databases.fresh() as dsn:
        filled = run_contender("ours", url, dsn, environment={**os.environ, KINDS_VARIABLE: kinds})
        with psycopg.connect(dsn, autocommit=True) as connection:
            _fill(connection)
            parameters = asked(connection)
            figures = [_asked(connection, name, parameters) for name in QUERIES]
            figures += [_asked(connection, name, {**parameters, **_NOWHERE}, of="nothing") for name in _SEARCHES]
            of_days = {**parameters, "day": _recommend(dsn), "places": _some_places(connection)}
            figures += [_asked(connection, name, of_days) for name in _RECOMMENDED]
    slowest = max(figures, key=lambda figure: figure.median)
    return Result(
        "backend_queries",
        f"What the backend asks, of {filled['rows']:,} places",
        tuple(figures),
        (
            Verdict(
                f"every query ≤ {GREATEST_MS:g} ms",
                f"{slowest.median:.1f} ms: {slowest.name}",
                slowest.median <= GREATEST_MS,
            ),
        ),
        (
            f"Each query {TIMES} times on one connection, until its last row has arrived. “of nothing”: no place has the word.",
        ),
    )


def _fill(connection: psycopg.Connection) -> None:
    for kind in CONTENT_TYPES:
        for statement in (_FILL_PLACE, _FILL_DETAILS):
            connection.execute(statement.format(kind=kind.name))  # type: ignore[arg-type]
    # Details arrive in small parts, so that published rows have no more dead space around them than before.
    connection.execute("VACUUM FULL")
    connection.execute("VACUUM ANALYZE")


def _recommend(dsn: str) -> date:
    """Score and recommend for the days after the newest issue, and find what it changed; return its second day."""
    issue, before = FORECASTS.readable(now())[:2]
    with psycopg.connect(dsn) as connection:
        for policy in STORAGE:
            for ago in range(_DAYS_KEPT_APART):
                ensure(connection, policy.table, issue - timedelta(days=ago))
    for at, steps in ((before, (publish_suitability,)), (issue, _STEPS)):
        forecast(dsn, at)
        for publish in steps:
            if not publish(dsn, at, clock=now).verdict.passed:
                raise RuntimeError(f"{publish.__name__} held its rows back")
    JUDGE.stop()
    with psycopg.connect(dsn, autocommit=True) as connection:
        connection.execute("VACUUM ANALYZE")
    return issue.astimezone(KST).date() + timedelta(days=1)


def _some_places(connection: psycopg.Connection) -> list[str]:
    """Where somebody may go on a day: three places of the lists."""
    places = connection.execute("SELECT DISTINCT content_id FROM insight.recommendations ORDER BY content_id LIMIT 3")
    return [content_id for (content_id,) in places]


def _asked(connection: psycopg.Connection, name: str, parameters: Mapping[str, object], *, of: str = "") -> Figure:
    values = []
    for _ in range(TIMES):
        started = time.perf_counter()
        connection.execute(_ASKED[name], parameters)  # type: ignore[arg-type]
        values.append((time.perf_counter() - started) * 1000)
    return Figure(f"{name}, of {of}" if of else name, "ms", tuple(values))
