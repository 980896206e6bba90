"""Load time of the definitions beyond Dagster itself. Every run, sensor tick and command pays it."""

from benchmarks.benchmark import Size
from benchmarks.processes import Databases, run_contender
from benchmarks.results import Figure, Result, Verdict

GREATEST_EXTRA_SECONDS = 1.5

_DAGSTER, _DEFINITIONS, _JUDGE = "dagster", "weatherflick_assets.definitions", "great_expectations"


def run(size: Size, _databases: Databases) -> Result:
    """Import the modules in turn, each in a fresh interpreter."""
    modules = (_DAGSTER, _DEFINITIONS, _JUDGE)
    run_contender("loading", _DEFINITIONS)  # warm-up: compiles every file and fills the file cache
    runs: dict[str, list[dict]] = {module: [] for module in modules}
    for _ in range(size.repetitions):
        for module in modules:
            runs[module].append(run_contender("loading", module))
    seconds = {module: tuple(found["seconds"] for found in runs[module]) for module in modules}
    pairs = zip(seconds[_DEFINITIONS], seconds[_DAGSTER], strict=True)
    extra = Figure("definitions beyond Dagster", "s", tuple(ours - dagster for ours, dagster in pairs))
    heavy = runs[_DEFINITIONS][0]["heavy"]
    return Result(
        "definitions_loading",
        "Loading the definitions",
        (*(Figure(f"import {module}", "s", seconds[module]) for module in modules), extra),
        (
            Verdict(
                f"≤ {GREATEST_EXTRA_SECONDS:g} s beyond `import dagster`",
                f"{extra.median:.2f} s",
                extra.median <= GREATEST_EXTRA_SECONDS,
            ),
            Verdict("Great Expectations not imported", ", ".join(heavy) or "nothing heavy", _JUDGE not in heavy),
        ),
        (f"Heavy packages that the definitions load: {', '.join(heavy) or 'none'}.",),
    )
