"""50,000 listed places, from HTTP to published rows: the platform beside the floor and beside dlt.

All contenders read the same pages from one sandbox into one PostgreSQL server, each in a fresh process and a fresh
database, taking turns. What each of them does stands in `contenders/`.
"""

from importlib.util import find_spec

from benchmarks.benchmark import Size
from benchmarks.processes import Databases, run_contender, running_sandbox
from benchmarks.results import Figure, Result, Verdict

GREATEST_SHARE_OF_FLOOR = 3.0
SMALLEST_LEAD_OVER_DLT = 6.0

_FLOOR, _OURS, _DLT = "floor", "ours", "dlt_rest_api"


def run(size: Size, databases: Databases) -> Result:
    """Measure all contenders in turn."""
    contenders = [_FLOOR, _OURS, *([_DLT] if find_spec("dlt") else [])]
    runs: dict[str, list[dict]] = {name: [] for name in contenders}
    with running_sandbox(size.scale) as url:
        with databases.fresh() as dsn:
            run_contender(_FLOOR, url, dsn)  # so that the sandbox has made all its pages before anyone is measured
        for _ in range(size.repetitions):
            for name in contenders:
                with databases.fresh() as dsn:
                    runs[name].append(run_contender(name, url, dsn))
    rows = _same_rows(runs)
    figures = [
        Figure(f"{name}: {what}", unit, tuple(found[key] for found in runs[name]))
        for name in contenders
        for key, what, unit in (
            ("seconds", "time", "s"),
            ("processor_seconds", "processor time of the process", "s"),
            ("peak_mb", "peak memory", "MB"),
        )
    ]
    share = _ratio("ours / floor", runs[_OURS], runs[_FLOOR])
    verdicts = [
        Verdict(
            f"ours ≤ {GREATEST_SHARE_OF_FLOOR:g} × the floor",
            f"{share.median:.2f} ×",
            share.median <= GREATEST_SHARE_OF_FLOOR,
        )
    ]
    if _DLT in runs:
        lead = _ratio("dlt / ours", runs[_DLT], runs[_OURS])
        figures += [share, lead]
        measured, kept = f"{lead.median:.2f} ×", lead.median >= SMALLEST_LEAD_OVER_DLT
    else:
        figures.append(share)
        measured, kept = "nothing: dlt is not installed (pip install '.[bench]')", False
    verdicts.append(Verdict(f"dlt ≥ {SMALLEST_LEAD_OVER_DLT:g} × ours", measured, kept))
    published, rejected = rows - runs[_OURS][0]["rejected"], runs[_OURS][0]["rejected"]
    return Result(
        "listed_places",
        f"{rows:,} listed places: HTTP → raw → typed, judged, published rows",
        tuple(figures),
        tuple(verdicts),
        (
            (
                f"{rows:,} rows in {size.repetitions} rounds; ours published {published:,} and rejected {rejected:,}, "
                "in 32 partitions (two kinds, 16 regions), each collected and then judged and published on its own."
            ),
            "Times begin when everything is imported and the database is prepared. Ratios are medians of those per round.",
            (
                "dlt: rest_api source, all resources parallelized, page-number paginator, merge on contentid "
                "(delete-insert), schema inferred, telemetry off; it asks for one empty page per list to know its end."
            ),
        ),
    )


def _ratio(name: str, of: list[dict], to: list[dict]) -> Figure:
    return Figure(name, "", tuple(one["seconds"] / other["seconds"] for one, other in zip(of, to, strict=True)))


def _same_rows(runs: dict[str, list[dict]]) -> int:
    """How many rows every contender ended with.

    Raises:
        RuntimeError: they differ, or the platform held some back: then their times mean nothing.
    """
    counts = {name: {found["rows"] for found in found_by} for name, found_by in runs.items()}
    everything = set().union(*counts.values(), (found["listed"] for found in runs[_OURS]))
    if len(everything) != 1 or any(found["held_back"] for found in runs[_OURS]):
        raise RuntimeError(f"The contenders did not do the same work: {counts}, ours: {runs[_OURS]}")
    return everything.pop()
