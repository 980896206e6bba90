"""The results of a benchmark run and their output: JSON for programs, a summary for people.

Not here: measuring, and the budgets, which each benchmark declares.
"""

import json
import os
import platform
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from statistics import median

import psutil
from rich.console import Console
from rich.table import Table


def _processor() -> str:
    cpuinfo = Path("/proc/cpuinfo")
    lines = cpuinfo.read_text(encoding="utf-8").splitlines() if cpuinfo.exists() else []
    names = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
    return names[0] if names else platform.processor() or platform.machine()


def _versions() -> dict[str, str]:
    found = {}
    for name in ("dagster", "great-expectations", "pandas", "psycopg", "aiohttp", "dlt"):
        try:
            found[name] = version(name)
        except PackageNotFoundError:
            found[name] = "absent"
    return found


@dataclass(frozen=True)
class Figure:
    """One quantity, measured one or more times.

    Attributes:
        name: what was measured, e.g. `ours: seconds`.
        unit: unit of the values; empty for a ratio.
        values: in the order of measurement.
    """

    name: str
    unit: str
    values: tuple[float, ...]

    @property
    def median(self) -> float:
        """The median value."""
        return median(self.values)

    @property
    def record(self) -> dict[str, object]:
        """The figure as written to JSON."""
        extremes = {"min": min(self.values), "median": self.median, "max": max(self.values)}
        return {"name": self.name, "unit": self.unit, **extremes, "values": list(self.values)}

    @property
    def cells(self) -> tuple[str, str, str, str]:
        """Name, minimum, median and maximum, formatted for people."""
        unit = f" ({self.unit})" if self.unit else ""
        least, most = min(self.values), max(self.values)
        return f"{self.name}{unit}", f"{least:,.2f}", f"{self.median:,.2f}", f"{most:,.2f}"


@dataclass(frozen=True)
class Verdict:
    """A budget, the measured value, and whether the budget is kept."""

    budget: str
    measured: str
    kept: bool

    @property
    def word(self) -> str:
        """The verdict as shown to people."""
        return "kept" if self.kept else "MISSED"


@dataclass(frozen=True)
class Result:
    """The outcome of one benchmark."""

    name: str
    title: str
    figures: tuple[Figure, ...]
    verdicts: tuple[Verdict, ...]
    notes: tuple[str, ...] = ()


@dataclass(frozen=True)
class Surroundings:
    """Where and when the benchmarks ran."""

    postgresql: str
    date: str = field(default_factory=lambda: datetime.now(UTC).isoformat(timespec="seconds"))
    processor: str = field(default_factory=_processor)
    cores: int = field(default_factory=lambda: os.cpu_count() or 0)
    memory_gb: float = field(default_factory=lambda: round(psutil.virtual_memory().total / 2**30, 1))
    python: str = field(default_factory=platform.python_version)
    packages: dict[str, str] = field(default_factory=_versions)

    @property
    def line(self) -> str:
        """A one-line summary."""
        packages = ", ".join(f"{name} {number}" for name, number in self.packages.items())
        return (
            f"{self.date}; {self.cores} cores ({self.processor}), {self.memory_gb:g} GB; "
            f"Python {self.python}, PostgreSQL {self.postgresql}, {packages}"
        )


def show(results: Sequence[Result], surroundings: Surroundings) -> None:
    """Print figures and verdicts as tables."""
    console = Console()
    console.print(surroundings.line)
    for result in results:
        table = Table("measured", "min", "median", "max", title=result.title, title_justify="left")
        for figure in result.figures:
            table.add_row(*figure.cells)
        console.print(table)
        for note in result.notes:
            console.print(f"  {note}", style="dim")
        for verdict in result.verdicts:
            console.print(f"  {verdict.word}: {verdict.budget}; measured {verdict.measured}", style=_style(verdict))


def write(results: Sequence[Result], surroundings: Surroundings, folder: Path) -> None:
    """Write `latest.json` and `README.md` into `folder`."""
    folder.mkdir(parents=True, exist_ok=True)
    document = {
        "surroundings": asdict(surroundings),
        "benchmarks": [
            {
                "name": result.name,
                "title": result.title,
                "figures": [figure.record for figure in result.figures],
                "verdicts": [asdict(verdict) for verdict in result.verdicts],
                "notes": result.notes,
            }
            for result in results
        ],
    }
    (folder / "latest.json").write_text(json.dumps(document, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")
    (folder / "README.md").write_text(_summary(results, surroundings), encoding="utf-8")


def _summary(results: Sequence[Result], surroundings: Surroundings) -> str:
    lines = ["# Benchmark results", "", "Written by `python -m benchmarks`. All values are in `latest.json`.", ""]
    lines += [surroundings.line, ""]
    for result in results:
        lines += [f"## {result.title}", "", "| measured | min | median | max |", "|---|---:|---:|---:|"]
        lines += [f"| {' | '.join(figure.cells)} |" for figure in result.figures]
        lines += ["", "| budget | measured | verdict |", "|---|---|---|"]
        lines += [f"| {verdict.budget} | {verdict.measured} | {verdict.word} |" for verdict in result.verdicts]
        lines += ["", *(f"- {note}" for note in result.notes), ""]
    return "\n".join(lines).rstrip() + "\n"


def _style(verdict: Verdict) -> str:
    return "green" if verdict.kept else "bold red"
