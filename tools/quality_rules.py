"""Writes docs/quality-rules.md: every rule of every table, with its severity and threshold.

The page is generated from the suites; a test compares it with them. Run it with `make docs`.
"""

from collections.abc import Iterator
from pathlib import Path

from weatherflick_assets.places.suites.codes import CODE_SUITES
from weatherflick_assets.places.suites.places import SUITES as PLACES
from weatherflick_assets.quality.rules import NEVER_LENIENT, USUAL_ROWS, Rule, Suite
from weatherflick_assets.weather.source_suites import SUITES as SOURCES
from weatherflick_assets.weather.suites import DAILY_SUITE, MIDTERM_SUITE
from weatherflick_assets.weather.suites import SUITES as CELLS

PAGE = Path(__file__).parents[1] / "docs" / "quality-rules.md"

_INTRODUCTION = """\
# What must hold

Every rule by which rows are judged before they are published, by table, written from the suites by `make docs`.

- **blocking**: if it fails, the partition is not published, and the last good rows stay. **warning**: it is published, and
  somebody should look. **note**: it is recorded.
- The **threshold** is the share of the judged values that must be as expected; where there is none, the rule is about one number.
  Values that are missing are not judged, unless the rule is that there is a value. *Lenient*: with few rows, or of places
  without a known region, a failure only warns.
- Of places and their details, two values may break a rule about a share below 1, whatever share they are: in five rows one
  blank is 20 %, and says nothing.
- A rule that could not be judged blocks, whatever its severity. One that has nothing to judge does not apply, and counts for
  nothing. A partition without rows has no score.
- In the rules, *n* is how many rows there must be at least, which follows from what was received; *u* how many there usually are,
  which is the median of the last ten verdicts that published the partition, or of weather, issues of the same time of day. It
  is known after three of these, and where it is 20 or more. *r* is the region of the partition, *t* the time of judging.

A person who materializes a table of places by itself may publish far less than what is usual; then that only warns.

"""

_IN_WORDS = {"minimum_rows": "*n*", USUAL_ROWS: "*u*", "region_code": "*r*", "judged_at": "*t*"}
"""What stands for the values that are known when a rule is judged."""


def suites() -> list[Suite]:
    """Every suite, by name."""
    found = [*PLACES.values(), *CODE_SUITES.values(), *CELLS.values(), DAILY_SUITE, MIDTERM_SUITE, *SOURCES.values()]
    return sorted(found, key=lambda suite: suite.name)


def page() -> str:
    """The page as Markdown."""
    return _INTRODUCTION + "\n".join(line for suite in suites() for line in _table(suite))


def _table(suite: Suite) -> Iterator[str]:
    yield f"## {suite.name}\n"
    yield f"{len(suite.rules)} rules. A score below {suite.minimum_score:g} is reported.\n"
    yield "| rule | what must hold | severity | threshold |"
    yield "|---|---|---|---|"
    for rule in suite.rules:
        share = "" if rule.required_share is None else f"{rule.required_share:.4g}"
        yield f"| `{rule.rule_id}` | {rule.description.format_map(_IN_WORDS)} | {_severity(rule)} | {share} |"
    yield ""


def _severity(rule: Rule) -> str:
    return f"{rule.severity.value}{'' if rule.leniency == NEVER_LENIENT else ', lenient'}"


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
