"""The examples of changes in docs/recommendations.md are what the platform tells."""

import re
from pathlib import Path

import pytest

from weatherflick_assets.insight.changes.kinds import KINDS
from weatherflick_assets_tests.insight.changes.test_finding import FIRST, found, pair, told

_PAGE = (Path(__file__).parents[3] / "docs" / "recommendations.md").read_text(encoding="utf-8")
_EXAMPLE = re.compile(r"^\| `(\w+)` \| ([\d.–-]+) \| ([\d.–-]+) \| (.+) \|$", re.MULTILINE)
_ISSUE = re.compile(r"^\| (\d+) \| (\d+) \| (\w+) \|$", re.MULTILINE)

EXAMPLES = _EXAMPLE.findall(_PAGE)
ISSUES = _ISSUE.findall(_PAGE)


def test_the_page_names_every_kind() -> None:
    assert [kind for kind in KINDS if f"`{kind}`" not in _PAGE] == []
    assert len(EXAMPLES) == 10


@pytest.mark.parametrize(("kind", "before", "now", "said"), EXAMPLES)
def test_an_example_is_right(kind: str, before: str, now: str, said: str) -> None:
    values = [None if text == "–" else float(text) for text in (before, now)]
    rows = found(FIRST, pair(FIRST, kind, *values, **({"activity": "sightseeing"} if kind == "suitability" else {})))
    assert [row["reason_en"] for row in rows] == ([] if said == "nothing" else [said])


def test_the_example_of_a_flickering_chance_of_rain_is_right() -> None:
    assert [int(hours) for hours, *_ in ISSUES] == [*range(0, 33, 3)]
    (history,) = told([("rain", [float(chance) for _, chance, _ in ISSUES])], hours=3)
    called = {number: "became" if now > before else "no_longer" for number, before, now in history}
    assert [called.get(number, "nothing") for number in range(len(ISSUES))] == [said for *_, said in ISSUES]
