"""Runs the benchmarks: `python -m benchmarks [--quick] [--no-enforce] [--results FOLDER] [NAME …]`.

To add a benchmark, add a module with a `run` and one line in `BENCHMARKS`.
"""

import argparse
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

from benchmarks import (
    backend_queries,
    backfill,
    definitions_loading,
    forecast_history,
    listed_places,
    memory,
    paced_calls,
    quality_statistics,
    runs,
    suitability,
    upkeep,
    weather_issue,
)
from benchmarks.benchmark import FULL, QUICK, Benchmark
from benchmarks.processes import running_databases
from benchmarks.results import Surroundings, show, write

BENCHMARKS: Mapping[str, Benchmark] = {
    "definitions_loading": definitions_loading.run,
    "listed_places": listed_places.run,
    "memory": memory.run,
    "runs": runs.run,
    "paced_calls": paced_calls.run,
    "upkeep": upkeep.run,
    "backfill": backfill.run,
    "backend_queries": backend_queries.run,
    "weather_issue": weather_issue.run,
    "forecast_history": forecast_history.run,
    "quality_statistics": quality_statistics.run,
    "suitability": suitability.run,
}

_RESULTS = Path(__file__).with_name("results")


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the benchmarks, print and write the results; return 1 if an enforced budget is missed, else 0."""
    options = _parser().parse_args(arguments)
    names = options.names or list(BENCHMARKS)
    results = []
    with running_databases() as databases:
        surroundings = Surroundings(postgresql=databases.version())
        for name in names:
            print(f"{name} …", file=sys.stderr, flush=True)
            results.append(BENCHMARKS[name](QUICK if options.quick else FULL, databases))
    show(results, surroundings)
    # By default only a full run of all benchmarks replaces the stored results.
    folder = options.results or (_RESULTS if not options.quick and not options.names else None)
    if folder:
        write(results, surroundings, folder)
        print(f"Written to {folder}.")
    missed = [verdict for result in results for verdict in result.verdicts if not verdict.kept]
    return 1 if missed and not (options.no_enforce or options.quick) else 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks", description="Measure the platform against its budgets."
    )
    # Without a name, argparse of Python 3.11 checks the empty list against the choices.
    parser.add_argument("names", nargs="*", metavar="NAME", choices=[*BENCHMARKS, []], help=", ".join(BENCHMARKS))
    parser.add_argument("--quick", action="store_true", help="a smoke run with little data; no budget is enforced")
    parser.add_argument("--no-enforce", action="store_true", help="exit with 0 even when a budget is missed")
    parser.add_argument("--results", type=Path, metavar="FOLDER", help="where to write latest.json and README.md")
    return parser


if __name__ == "__main__":
    sys.exit(main())
