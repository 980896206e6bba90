"""Peak memory of a collecting process at one and at ten times the rows.

The budgets are about one process that collects and publishes every list, with the Dagster definitions loaded. Its
judging process is measured as well. The sum of both peaks is an upper bound: the peaks need not coincide, and shared
pages count twice. Sandbox and PostgreSQL do not count.
"""

from benchmarks.benchmark import Size
from benchmarks.processes import Databases, run_contender, running_sandbox
from benchmarks.results import Figure, Result, Verdict

GREATEST_PEAK_MB = 300.0
GREATEST_GROWTH_PERCENT = 10.0


def run(size: Size, databases: Databases) -> Result:
    """Measure one collecting process at each size."""
    small, large = (_collected(scale, databases) for scale in (size.scale, 10 * size.scale))
    growth = 100 * (large["peak_mb"] / small["peak_mb"] - 1)
    figures = (
        Figure("loaded, before any work", "MB", (small["loaded_mb"],)),
        *(figure for measured in (small, large) for figure in _peaks(measured)),
        Figure("growth", "%", (growth,)),
        Figure(f"time for {large['rows']:,} rows", "s", (large["seconds"],)),
    )
    peak = max(small["peak_mb"], large["peak_mb"])
    verdicts = (
        Verdict(f"peak < {GREATEST_PEAK_MB:g} MB", f"{peak:.0f} MB", peak < GREATEST_PEAK_MB),
        Verdict(
            f"growth ≤ {GREATEST_GROWTH_PERCENT:g} % for ten times the rows",
            f"{growth:.1f} %",
            growth <= GREATEST_GROWTH_PERCENT,
        ),
    )
    return Result("memory", "Peak memory of a collecting process", figures, verdicts)


def _peaks(measured: dict) -> list[Figure]:
    collecting, judging = measured["peak_mb"], measured["judge_peak_mb"]
    peaks = {
        "peak": collecting,
        "peak of the judging process": judging,
        "a process and its judge together at most": collecting + judging,
    }
    return [Figure(f"{name} at {measured['rows']:,} rows", "MB", (peak,)) for name, peak in peaks.items()]


def _collected(scale: float, databases: Databases) -> dict:
    with running_sandbox(scale) as url, databases.fresh() as dsn:
        return run_contender("ours", url, dsn)
