"""One issue of the short-term forecast, 1,250 cells, from HTTP to published rows: the platform compared with the floor.

Both read the same pages from one sandbox into one PostgreSQL server, in turn, each in a fresh process and a fresh database,
without a rate limit. The platform also publishes the outlook by day. Memory is measured at a fifth of the cells, too.
"""

import os

from benchmarks.benchmark import FULL, Size
from benchmarks.contenders.cells import CELLS_VARIABLE
from benchmarks.processes import Databases, run_contender, running_sandbox
from benchmarks.results import Figure, Result, Verdict

GREATEST_SHARE_OF_FLOOR = 3.0
GREATEST_PEAK_MB = 300.0
GREATEST_GROWTH_PERCENT = 10.0

_CELLS, _FEWER = 1250, 250
_FLOOR, _OURS = "weather_floor", "weather_ours"


def run(size: Size, databases: Databases) -> Result:
    """Measure both in turn."""
    cells = _CELLS if size == FULL else 20
    runs: dict[str, list[dict]] = {_FLOOR: [], _OURS: []}
    with running_sandbox(0.01) as url:
        for _ in range(size.repetitions):
            for name, found in runs.items():
                found.append(_measured(name, url, databases, cells))
        fewer = _measured(_OURS, url, databases, min(_FEWER, cells))
    rows = {found["rows"] for of_one in runs.values() for found in of_one}
    if len(rows) != 1 or any(found["held_back"] for found in runs[_OURS]):
        raise RuntimeError(f"The contenders did not do the same work: {runs}")
    share = Figure(
        "ours / floor",
        "",
        tuple(ours["seconds"] / floor["seconds"] for ours, floor in zip(runs[_OURS], runs[_FLOOR], strict=True)),
    )
    peak = max(found["peak_mb"] for found in runs[_OURS])
    growth = 100 * (peak / fewer["peak_mb"] - 1)
    return Result(
        "weather_issue",
        f"An issue of {cells:,} cells, {runs[_FLOOR][0]['values']:,} values: HTTP → raw → judged, published rows",
        (
            *(
                Figure(f"{name}: {what}", unit, tuple(found[key] for found in of_one))
                for name, of_one in runs.items()
                for key, what, unit in (
                    ("seconds", "time", "s"),
                    ("processor_seconds", "processor time of the process", "s"),
                    ("peak_mb", "peak memory", "MB"),
                )
            ),
            share,
            Figure(f"growth of memory from {min(_FEWER, cells)} cells", "%", (growth,)),
        ),
        (
            Verdict(
                f"ours / floor ≤ {GREATEST_SHARE_OF_FLOOR:g} ×",
                f"{share.median:.2f} ×",
                share.median <= GREATEST_SHARE_OF_FLOOR,
            ),
            Verdict(f"peak < {GREATEST_PEAK_MB:g} MB", f"{peak:.0f} MB", peak < GREATEST_PEAK_MB),
            Verdict(f"growth ≤ {GREATEST_GROWTH_PERCENT:g} %", f"{growth:.1f} %", growth <= GREATEST_GROWTH_PERCENT),
        ),
        (f"{rows.pop():,} hours of cells. Times start after imports and database preparation.",),
    )


def _measured(name: str, url: str, databases: Databases, cells: int) -> dict:
    with databases.fresh() as dsn:
        return run_contender(name, url, dsn, environment={**os.environ, CELLS_VARIABLE: str(cells)})
