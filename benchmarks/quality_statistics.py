"""The statistics of a full day, out of a year of verdicts: 18 regions of 13 tables, and the issues of the weather.

Verdicts are written by a statement: every region of every table once a day, the weather as often as it is issued, warnings four
times an hour. Each has as many rules and column profiles as its suite and its table. Rules and profiles are written of the last
two months alone, because those of other verdicts are never read. Then all days of a month are measured, so that the one that is
timed is measured and compared as in operation: against stored statistics of 1, 7 and 30 days before.

The time is that of `measure` and `compare`, each with everything that they write and commit.
"""

import time
from datetime import timedelta

import psycopg

from benchmarks.benchmark import Size
from benchmarks.processes import Databases
from benchmarks.results import Figure, Result, Verdict
from weatherflick_assets.build import MEASURED
from weatherflick_assets.korea.regions import REGION_CODES, UNASSIGNED
from weatherflick_assets.places.suites.codes import CODE_SPACES, CODE_SUITES
from weatherflick_assets.places.suites.places import SUITES as PLACE_SUITES
from weatherflick_assets.quality.measured import MeasuredTable
from weatherflick_assets.quality.rules import Suite
from weatherflick_assets.quality.statistics import measure
from weatherflick_assets.quality.trends import DAYS_BEFORE, compare
from weatherflick_assets.settings import KST, bounds, now
from weatherflick_assets.warehouse.tables import METADATA
from weatherflick_assets.weather.source_suites import SUITES as SOURCE_SUITES
from weatherflick_assets.weather.suites import DAILY_SUITE, MIDTERM_SUITE
from weatherflick_assets.weather.suites import SUITES as CELL_SUITES

MOST_SECONDS = 10.0
ISSUES_A_DAY = {
    "core.weather_observations": 24,
    "core.nowcasts": 24,
    "core.hourly_forecasts": 8,
    "core.daily_forecasts": 8,
    "core.midterm_forecasts": 2,
    "core.air_quality": 24,
    "core.air_quality_forecasts": 4,
    "core.station_days": 1,
    "core.weather_warnings": 96,
}
"""Verdicts a day; of other tables one of each partition."""

_SUITES: dict[str, Suite] = {
    suite.table_name.partition("/")[0]: suite
    for suite in (
        *PLACE_SUITES.values(), *CODE_SUITES.values(), *CELL_SUITES.values(), *SOURCE_SUITES.values(), MIDTERM_SUITE, DAILY_SUITE,
    )
}  # fmt: skip

_WITH_DETAILS = timedelta(days=60)

_FILL = """
INSERT INTO quality.verdicts (
    table_name, partition_key, judged_at, suite_name, row_count, passed, score, minimum_score, published, data_as_of,
    rejected_count
)
SELECT
    %(table)s, CASE WHEN %(is_time)s THEN to_char(at, 'YYYYMMDDHH24MI') ELSE partition_key END, at, %(table)s,
    500 + mod(abs(hashtext(partition || day)), 20), is_passed, 90 + mod(abs(hashtext(at::text)), 10), 80, is_passed,
    at - interval '1 hour', 3
FROM generate_series(%(first)s::timestamptz, %(last)s::timestamptz - interval '1 day', interval '1 day') AS day
CROSS JOIN generate_series(1, %(times)s) AS number
CROSS JOIN unnest(%(partitions)s::text[]) AS partition_key
CROSS JOIN LATERAL (SELECT coalesce(partition_key, '') AS partition, day + number * interval '1 day' / (%(times)s + 1) AS at) AS clock
CROSS JOIN LATERAL (SELECT mod(abs(hashtext(partition || at)), 100) > 0 AS is_passed) AS verdict
"""

_FILL_RULES = """
INSERT INTO quality.rule_results (
    verdict_id, rule_id, table_name, partition_key, judged_at, severity, passed, applies, expected, observed, judged_count,
    unexpected_count, observed_share, required_share, examples
)
SELECT
    verdict_id, rule_id, table_name, partition_key, judged_at,
    CASE WHEN number = 1 THEN 'blocking' ELSE 'warning' END, CASE WHEN number = 1 THEN passed ELSE mod(verdict_id, 50) <> number END, TRUE,
    'What the rule asks, in a sentence of usual length.', 'all of 500', row_count, 0, 1, 0.9, '{}'
FROM quality.verdicts CROSS JOIN unnest(%(rules)s::text[]) WITH ORDINALITY AS rule (rule_id, number)
WHERE table_name = %(table)s AND judged_at >= %(recent)s;
"""

_FILL_PROFILES = """
INSERT INTO quality.column_profiles (verdict_id, column_name, row_count, null_count, distinct_count, minimum, maximum)
SELECT verdict_id, column_name, row_count, mod(abs(hashtext(column_name || coalesce(partition_key, ''))), 300) + mod(abs(hashtext(column_name || judged_at)), 5), 400, '가거대교', '힐링캠프'
FROM quality.verdicts CROSS JOIN unnest(%(columns)s::text[]) AS column_name
WHERE table_name = %(table)s AND judged_at >= %(recent)s
"""

_FILL_REJECTIONS = """
INSERT INTO quality.rejections (verdict_id, reason, rejected_count)
SELECT verdict_id, reason, 1 FROM quality.verdicts CROSS JOIN unnest(ARRAY['no_title', 'no_id', 'unknown_kind']) AS reason
WHERE judged_at >= %(recent)s
"""


def run(size: Size, databases: Databases) -> Result:
    """Fill a database, and measure its days."""
    is_full = size.repetitions > 1
    today, _ = bounds(now().astimezone(KST).date())
    first = today - timedelta(days=365 if is_full else 35)
    days = [(today - timedelta(days=ago)).date() for ago in range(max(DAYS_BEFORE), 0, -1)]
    timed = days[-size.repetitions :]
    with databases.fresh() as dsn:
        with psycopg.connect(dsn, autocommit=True) as connection:
            for table in MEASURED:
                _fill(connection, table, {"first": first, "last": today, "recent": today - _WITH_DETAILS})
            connection.execute(_FILL_REJECTIONS, {"recent": today - _WITH_DETAILS})
            connection.execute("VACUUM ANALYZE")
            verdicts, rules = _number(connection, "verdicts"), _number(connection, "rule_results")
        measured, compared, rows, trends = [], [], 0, 0
        for day in [days[0] - timedelta(days=1), *days]:
            started = time.perf_counter()
            rows = measure(dsn, day, MEASURED, clock=now).rows
            between = time.perf_counter()
            trends = compare(dsn, day, MEASURED, clock=now).rows
            if day in timed:
                measured.append(between - started)
                compared.append(time.perf_counter() - between)
        with psycopg.connect(dsn, autocommit=True) as connection:
            space = _number(connection, "statistics", "max(pg_total_relation_size('quality.statistics')) / 1e6") / (
                len(days) + 1
            )
    both = [sum(times) for times in zip(measured, compared, strict=True)]
    return Result(
        "quality_statistics",
        f"The statistics of a day, out of {verdicts:,.0f} verdicts with {rules:,.0f} results of rules",
        (
            Figure("measured", "s", tuple(measured)),
            Figure("compared with 1, 7 and 30 days before", "s", tuple(compared)),
            Figure("figures of a day", "", (rows,)),
            Figure("comparisons of a day", "", (trends,)),
            Figure("on disk, a day's figures with indexes", "MB", (space,)),
        ),
        (
            Verdict(
                f"a full day measured and compared ≤ {MOST_SECONDS:g} s",
                f"{max(both):.2f} s",
                max(both) <= MOST_SECONDS,
            ),
        ),
        (f"{len(MEASURED)} tables, the last {len(timed)} of {len(days) + 1} days; each committed.",),
    )


def _fill(connection: psycopg.Connection, table: MeasuredTable, window: dict) -> None:
    partitions: list[str | None] = [None]
    if table.by_region:
        partitions = [*REGION_CODES, UNASSIGNED]
    elif table.table_name == "core.codes":
        partitions = [*CODE_SPACES]
    about = {
        **window,
        "table": table.table_name,
        "is_time": not table.is_state,
        "partitions": partitions,
        "times": ISSUES_A_DAY.get(table.table_name, 1),
        "rules": [rule.rule_id for rule in _SUITES[table.table_name].rules],
        "columns": METADATA.tables[table.table_name].columns.keys(),
    }
    for statement in (_FILL, _FILL_RULES, _FILL_PROFILES):
        connection.execute(statement, about)  # type: ignore[arg-type]


def _number(connection: psycopg.Connection, table: str, what: str = "count(*)") -> float:
    (value,) = connection.execute(f"SELECT {what} FROM quality.{table}").fetchone() or (0,)  # type: ignore[arg-type]
    return float(value)
