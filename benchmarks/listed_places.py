"""50,000 listed places from HTTP to published rows: the platform compared with the floor and with dlt.

There are two cuts: two long lists (one region, two kinds), and the 32 lists of the real regions, which add the fixed
cost of each judgement. Both have a budget against the floor. dlt merges rows without keeping responses or judging them.
All contenders read the same pages from one sandbox into one PostgreSQL server. They take turns, each in a fresh process
and a fresh database, without a rate limit. `contenders/` says what each of them does.

The places are clean, as those of a real list are: the places of the one region have addresses, postal codes and points of
that region. Rules about locations judge every row and find hardly anything.
"""

import os
from importlib.util import find_spec

from benchmarks.benchmark import Size
from benchmarks.contenders.lists import REGIONS_VARIABLE
from benchmarks.processes import Databases, run_contender, running_sandbox
from benchmarks.results import Figure, Result, Verdict

GREATEST_SHARE_OF_FLOOR = 2.0
GREATEST_SHARE_OF_FLOOR_IN_REGIONS = 3.0
SMALLEST_LEAD_OVER_DLT = 1.0
AIMED_LEAD_OVER_DLT = 4.0

_ONE_REGION = "41"
_FLOOR, _OURS, _DLT = "floor", "ours", "dlt_rest_api"


def run(size: Size, databases: Databases) -> Result:
    """Measure all contenders in turn, on both cuts."""
    contenders = [_FLOOR, _OURS, *([_DLT] if find_spec("dlt") else [])]
    long_runs = _measured(contenders, size, databases, in_region=_ONE_REGION)
    regional_runs = _measured([_FLOOR, _OURS], size, databases, in_region=None)
    rows = _same_rows(long_runs)
    _same_rows(regional_runs)
    share = _ratio("ours / floor, two lists", long_runs[_OURS], long_runs[_FLOOR])
    regional_share = _ratio("ours / floor, 32 lists", regional_runs[_OURS], regional_runs[_FLOOR])
    figures = [*_figures(long_runs, "two lists"), share]
    verdicts = [
        Verdict(f"{figure.name} ≤ {greatest:g} ×", f"{figure.median:.2f} ×", figure.median <= greatest)
        for figure, greatest in (
            (share, GREATEST_SHARE_OF_FLOOR),
            (regional_share, GREATEST_SHARE_OF_FLOOR_IN_REGIONS),
        )
    ]
    measured, kept = "nothing: dlt is not installed (make bench installs it)", False
    if _DLT in long_runs:
        lead = _ratio("dlt / ours", long_runs[_DLT], long_runs[_OURS])
        figures.append(lead)
        measured, kept = f"{lead.median:.2f} ×", lead.median >= SMALLEST_LEAD_OVER_DLT
    verdicts.append(
        Verdict(
            f"dlt / ours ≥ {SMALLEST_LEAD_OVER_DLT:g} ×: faster than dlt (the aim is {AIMED_LEAD_OVER_DLT:g} ×)",
            measured,
            kept,
        )
    )
    figures += [*_figures(regional_runs, "32 lists"), regional_share]
    return Result(
        "listed_places",
        f"{rows:,} listed places: HTTP → raw → typed, judged, published rows",
        tuple(figures),
        tuple(verdicts),
        (
            f"{rows:,} rows in {size.repetitions} rounds, of which ours rejected {long_runs[_OURS][0]['rejected']:,}.",
            "Times start after imports and database preparation. Ratios are medians of the ratios per round.",
            (
                "dlt: rest_api source, all resources parallelized, page-number paginator, merge on contentid "
                "(delete-insert), schema inferred, telemetry off; it reads one empty page per list to find its end."
            ),
        ),
    )


def _measured(
    contenders: list[str], size: Size, databases: Databases, *, in_region: str | None
) -> dict[str, list[dict]]:
    """The reports of every contender, run by run."""
    environment = {**os.environ, **({REGIONS_VARIABLE: in_region} if in_region else {})}
    runs: dict[str, list[dict]] = {name: [] for name in contenders}
    with running_sandbox(size.scale, in_region=in_region) as url:
        with databases.fresh() as dsn:
            # Warm-up: the sandbox encodes all its pages before anyone is measured.
            run_contender(_FLOOR, url, dsn, environment=environment)
        for _ in range(size.repetitions):
            for name in contenders:
                with databases.fresh() as dsn:
                    runs[name].append(run_contender(name, url, dsn, environment=environment))
    return runs


def _figures(runs: dict[str, list[dict]], cut: str) -> list[Figure]:
    return [
        Figure(f"{name}, {cut}: {what}", unit, tuple(found[key] for found in found_by))
        for name, found_by in runs.items()
        for key, what, unit in (
            ("seconds", "time", "s"),
            ("processor_seconds", "processor time of the process", "s"),
            ("peak_mb", "peak memory", "MB"),
        )
    ]


def _ratio(name: str, of: list[dict], to: list[dict]) -> Figure:
    return Figure(name, "", tuple(one["seconds"] / other["seconds"] for one, other in zip(of, to, strict=True)))


def _same_rows(runs: dict[str, list[dict]]) -> int:
    """The number of rows that every contender stored.

    Raises:
        RuntimeError: the numbers differ, or the platform held rows back. The times would not be comparable.
    """
    counts = {name: {found["rows"] for found in found_by} for name, found_by in runs.items()}
    everything = set().union(*counts.values(), (found["listed"] for found in runs[_OURS]))
    if len(everything) != 1 or any(found["held_back"] for found in runs[_OURS]):
        raise RuntimeError(f"The contenders did not do the same work: {counts}, ours: {runs[_OURS]}")
    return everything.pop()
