"""The platform's way with the scores of an issue: worked out, judged and published; then places are recommended, and scores read.

Usage: python -m benchmarks.contenders.suitability_ours DSN
"""

import resource
import sys
import time
from datetime import timedelta

import weatherflick_assets.definitions  # noqa: F401 (a process of the platform has them loaded)
from benchmarks.contenders.judging import warm_up
from benchmarks.contenders.reporting import peak_memory_mb, report
from benchmarks.contenders.suitable_places import ISSUE
from weatherflick_assets.insight.recommendations.publish import publish_recommendations
from weatherflick_assets.insight.suitability.publish import publish_suitability
from weatherflick_assets.quality.judge_process import JUDGE
from weatherflick_assets.warehouse.connections import connect
from weatherflick_assets.warehouse.gc_tuning import expect_many_rows

_READ = "SELECT count(*), sum(score)::float8 FROM insight.newest_suitability"


def work(dsn: str) -> dict[str, object]:
    """Publish the scores of the issue."""
    started = time.perf_counter()
    found = publish_suitability(dsn, ISSUE, clock=lambda: ISSUE + timedelta(minutes=20))
    score_seconds = time.perf_counter() - started
    scoring_peak_mb = peak_memory_mb()
    started = time.perf_counter()
    recommended = publish_recommendations(dsn, ISSUE, clock=lambda: ISSUE + timedelta(minutes=21))
    recommend_seconds = time.perf_counter() - started
    JUDGE.stop()
    started = time.perf_counter()
    with connect(dsn) as connection:
        scores, total = connection.execute(_READ).fetchone() or (0, 0)
    return {
        "rows": found.rows,
        "scores": scores,
        "total": total,
        "held_back": not (found.verdict.passed and recommended.verdict.passed),
        "recommended": recommended.rows,
        "scoring_peak_mb": scoring_peak_mb,
        "score_seconds": score_seconds,
        "recommend_seconds": recommend_seconds,
        "read_seconds": time.perf_counter() - started,
        "judge_peak_mb": peak_memory_mb(resource.RUSAGE_CHILDREN),
    }


if __name__ == "__main__":
    warm_up()
    expect_many_rows()
    report(lambda: work(sys.argv[1]))
