"""Writes docs/reliability.md: the faults that the platform withstands, what happens then, and how often it is tried.

The page is made from the tests that carry the marker `fault`; a test compares it with them. Run it with `make docs`.
"""

from collections import defaultdict
from collections.abc import Iterator, Mapping
from contextlib import redirect_stdout
from dataclasses import dataclass, field
from io import StringIO
from operator import itemgetter
from pathlib import Path

import pytest

PROJECT = Path(__file__).parents[1]
PAGE = PROJECT / "docs" / "reliability.md"
TESTS = PROJECT / "weatherflick_assets_tests"

KINDS = {
    "Keys and passwords": "Keys and passwords stay where they belong.",
    "Liveness": "Whatever ends, and however, the next one goes on.",
    "Blast radius": "What is bad costs itself and nothing else.",
    "Backups": "A backup is whole or none, and what is restored is what was backed up.",
    "Odd machines": "It works where the machine is not as one would expect, or says what to change.",
    "Newcomers": "It does what somebody expects who sees it for the first time.",
}
"""The kinds of faults in the order of the page, each with what holds for it."""

_INTRODUCTION = """\
# Reliability

Every fault on this page is provoked by tests: real processes are killed, real servers answer nonsense, real files are broken.
The page is written from these tests by `make docs`. A case is one test with one set of parameters; a test that draws its
inputs counts as one. `make test` runs the cases of the first column, `make torture` those of the second.
"""


@dataclass
class Fault:
    """The files of the tests that provoke a fault, and their cases.

    Attributes:
        cases: cases in `make test`.
        torture: cases in `make torture`, those of `make test` among them.
    """

    files: set[Path] = field(default_factory=set)
    cases: int = 0
    torture: int = 0


class _Collector:
    """A pytest plugin that remembers what was collected."""

    def __init__(self) -> None:
        self.items: list[pytest.Item] = []

    @pytest.hookimpl(trylast=True)
    def pytest_collection_modifyitems(self, items: list[pytest.Item]) -> None:
        self.items = list(items)


def page() -> str:
    """The page as Markdown."""
    return "\n".join((_INTRODUCTION, *_tables(_faults())))


def _faults() -> Mapping[str, Mapping[tuple[str, str], Fault]]:
    """The faults of each kind by what goes wrong and what happens then."""
    collector = _Collector()
    arguments = ["--collect-only", "--torture", "--quiet", "--numprocesses=0", str(TESTS)]
    with redirect_stdout(StringIO()) as said:
        code = pytest.main(arguments, plugins=[collector])
    assert code == pytest.ExitCode.OK, said.getvalue()
    faults: dict[str, dict[tuple[str, str], Fault]] = defaultdict(dict)
    for item in collector.items:
        for marker in item.iter_markers("fault"):
            kind, what, outcome = marker.args
            assert kind in KINDS, f"{item.nodeid}: there is no kind of faults {kind}"
            fault = faults[kind].setdefault((what, outcome), Fault())
            fault.files.add(item.path)
            fault.torture += 1
            fault.cases += item.get_closest_marker("torture") is None
    return faults


def _tables(faults: Mapping[str, Mapping[tuple[str, str], Fault]]) -> Iterator[str]:
    everything = [fault for of_kind in faults.values() for fault in of_kind.values()]
    yield (
        f"{len(everything)} faults; {sum(fault.cases for fault in everything):,} cases in `make test`, "
        f"{sum(fault.torture for fault in everything):,} in `make torture`.\n"
    )
    for kind, holds in KINDS.items():
        if kind in faults:
            yield f"## {kind}\n\n{holds}\n"
            yield "| fault | what happens | tried in | test | torture |"
            yield "|---|---|---|---:|---:|"
            for (what, outcome), fault in sorted(faults[kind].items(), key=itemgetter(0)):
                files = ", ".join(
                    f"[{file.stem}](../{file.relative_to(PROJECT).as_posix()})" for file in sorted(fault.files)
                )
                yield f"| {_cell(what)} | {_cell(outcome)} | {files} | {fault.cases} | {fault.torture} |"
            yield ""


def _cell(text: str) -> str:
    return text.replace("|", "\\|").replace("<", "&lt;")


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
