"""Scores of 50,000 places for eleven days after an issue: the platform beside a plain Python loop, and how memory grows.

Both begin with the same published places and forecasts. The platform also knows warnings, the air and days of rest, says why, and judges
its rows. Scores that both know are compared one by one.
"""

import psycopg

from benchmarks.benchmark import FULL, Size
from benchmarks.contenders.suitable_places import fill
from benchmarks.processes import Databases, run_contender
from benchmarks.results import Figure, Result, Verdict

MOST_SECONDS = 5.0
GREATEST_GROWTH_PERCENT = 10.0

_DIFFERENT = """
SELECT count(*) FILTER (WHERE abs(ours.weather_score - looped.score) > 0.11 OR (ours.weather_score IS NULL) <> (looped.score IS NULL)),
    count(*)
FROM insight.newest_suitability AS ours FULL JOIN looped USING (content_id, activity, day)
"""


def run(size: Size, databases: Databases) -> Result:
    """Measure both in turn."""
    places, cells = (50_000, 3_700) if size == FULL else (500, 40)
    with databases.fresh() as dsn:
        fill(dsn, places // 10, cells // 10)
        fewer = run_contender("suitability_ours", dsn)
    with databases.fresh() as dsn:
        fill(dsn, places, cells)
        ours = [run_contender("suitability_ours", dsn) for _ in range(size.repetitions)]
        loop = run_contender("suitability_loop", dsn)
        with psycopg.connect(dsn) as connection:
            different, compared = connection.execute(_DIFFERENT).fetchone() or (0, 0)
    if different or any(found["held_back"] for found in ours):
        raise RuntimeError(f"{different} of {compared} scores differ: {ours} {loop}")
    seconds = Figure("ours: time", "s", tuple(found["score_seconds"] for found in ours))
    growth = 100 * (max(found["scoring_peak_mb"] for found in ours) / fewer["scoring_peak_mb"] - 1)
    return Result(
        "suitability",
        f"Scores of {places:,} places for the days after an issue: {ours[0]['scores']:,} of them",
        (
            seconds,
            Figure(
                "ours: processor time of the process, recommending included",
                "s",
                tuple(found["processor_seconds"] for found in ours),
            ),
            Figure("ours: recommending", "s", tuple(found["recommend_seconds"] for found in ours)),
            Figure("ours: every score read", "s", tuple(found["read_seconds"] for found in ours)),
            Figure("ours: peak memory of scoring", "MB", tuple(found["scoring_peak_mb"] for found in ours)),
            Figure("ours: peak memory, recommending included", "MB", tuple(found["peak_mb"] for found in ours)),
            Figure("ours: that of a tenth of the places", "MB", (fewer["peak_mb"],)),
            Figure("loop: time", "s", (loop["seconds"],)),
            Figure("loop: peak memory", "MB", (loop["peak_mb"],)),
            Figure("ours / loop", "", tuple(value / loop["seconds"] for value in seconds.values)),
        ),
        (
            Verdict(f"ours ≤ {MOST_SECONDS:g} s", f"{seconds.median:.1f} s", seconds.median <= MOST_SECONDS),
            Verdict(
                f"growth of memory of scoring from a tenth of the places ≤ {GREATEST_GROWTH_PERCENT:g} %",
                f"{growth:.1f} %",
                growth <= GREATEST_GROWTH_PERCENT,
            ),
        ),
        (
            f"{ours[0]['rows']:,} rows are published. {compared:,} scores are the same in both.",
            f"The lists of what is recommended have {ours[0]['recommended']:,} places.",
        ),
    )
