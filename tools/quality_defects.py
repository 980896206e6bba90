"""Writes docs/quality-defects.md: the defects that tests inject, by what each is found, and what stays published.

The page is made from the declarations that the tests execute; a test compares it with them. Run it with `make docs`.
"""

from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path

from weatherflick_assets_tests.defects import Defect, Kind
from weatherflick_assets_tests.operations.defects import DEFECTS as OF_OPERATIONS
from weatherflick_assets_tests.places.defects import DEFECTS as OF_PLACES
from weatherflick_assets_tests.weather.defects import DEFECTS as OF_WEATHER

PAGE = Path(__file__).parents[1] / "docs" / "quality-defects.md"

DEFECTS: dict[str, Sequence[Defect]] = {"Places": OF_PLACES, "Weather": OF_WEATHER, "Age and fields": OF_OPERATIONS}
"""Every defect, by area."""

_INTRODUCTION = """\
# Injected defects

Each row is put into raw answers, goes the whole way through publishing into PostgreSQL, and must be found as stated here, by
nothing less and nothing else. Written by `make docs` from what the tests execute (`weatherflick_assets_tests/*/defects.py`).

- `publishable` is the gate: the last good rows stay. `warnings` lets rows through and tells people. A note fails no check: it is
  recorded with the verdict, and lowers its score. `fresh` and `schema_drift` are evaluated by the clock; they hold nothing back.
- What a defect leaves published is compared with what was there before it.
- Before each defect the same data without it are published, and must raise nothing. Recorded data are the exception: what is
  wrong in them already is left out of account.
- [test_clean_month](../weatherflick_assets_tests/operations/test_clean_month.py) has days of clean data raise nothing:
  eight in `make test`, thirty in `make torture`.
"""


def page() -> str:
    """The page as Markdown."""
    return "\n".join((_INTRODUCTION, *_counts(), *(line for area in DEFECTS for line in _table(area))))


def _counts() -> Iterator[str]:
    every = [defect for of_area in DEFECTS.values() for defect in of_area]
    kinds = Counter(defect.kind for defect in every)
    graves = Counter(_gravest(defect) for defect in every)
    recorded = sum(defect.is_recorded for defect in every)
    yield f"{len(every)} defects, {recorded} of them in recorded data.\n"
    yield f"By kind: {', '.join(f'{kind.value} {kinds[kind]}' for kind in Kind)}.\n"
    yield f"By what is gravest: {', '.join(f'{grave} {count}' for grave, count in graves.most_common())}.\n"


def _gravest(defect: Defect) -> str:
    order = ("blocking", "error", "warning", "note")
    return min((found.severity for found in defect.found), key=order.index)


def _table(area: str) -> Iterator[str]:
    yield f"## {area}\n"
    yield "| defect | kind | table | what is put in | found by | stays published |"
    yield "|---|---|---|---|---|---|"
    for defect in DEFECTS[area]:
        found = "; ".join(f"{each.check}: `{each.rule}` ({each.severity})" for each in defect.found)
        yield f"| {defect.name} | {defect.kind.value} | {defect.table} | {_cell(defect.put)} | {found} | {defect.stays} |"
    yield ""


def _cell(text: str) -> str:
    return text.replace("|", "\\|").replace("<", "&lt;")


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
