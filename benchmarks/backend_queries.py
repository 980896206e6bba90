"""Every query that the backend sends to the serving views, at full size: 50,700 places of all kinds with their details.

The lists of the sandbox's Korea are collected and published by the platform. Details are written by a statement, because
asking for them takes 200,000 calls; their lengths are those of recorded answers. The queries are those that the tests
ask (`weatherflick_assets_tests/places/backend.py`), and the searches again for a word that nothing has, which is when a
search reads everything. One connection asks each query several times, as a pooled connection of the backend does.
"""

import os
import time
from collections.abc import Mapping

import psycopg

from benchmarks.benchmark import Size
from benchmarks.contenders.lists import KINDS_VARIABLE
from benchmarks.processes import Databases, run_contender, running_sandbox
from benchmarks.results import Figure, Result, Verdict
from weatherflick_assets.places.content_types import CONTENT_TYPES
from weatherflick_assets_tests.places.backend import QUERIES, asked

GREATEST_MS = 10.0
TIMES = 15

_NOWHERE = {"word": "%없는낱말%", "name": "없는낱말"}
_SEARCHES = [name for name, query in QUERIES.items() if "%(word)s" in query or "%(name)s" in query]

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


def _asked(connection: psycopg.Connection, name: str, parameters: Mapping[str, object], *, of: str = "") -> Figure:
    values = []
    for _ in range(TIMES):
        started = time.perf_counter()
        connection.execute(QUERIES[name], parameters)  # type: ignore[arg-type]
        values.append((time.perf_counter() - started) * 1000)
    return Figure(f"{name}, of {of}" if of else name, "ms", tuple(values))
