"""The suites for codes: one per code space, because one list may be lost while the others are sound.

The thresholds are those that the previous system declared for classification and legal districts (and never applied).
"""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

from weatherflick_assets.quality.rules import (
    Given,
    Severity,
    Suite,
    filled,
    in_set,
    matches,
    row_count_as_usual,
    row_count_at_least,
    unique,
)

COMPLETENESS, VALIDITY, CONSISTENCY, OVERALL = 0.98, 0.99, 0.99, 0.95

USUAL = 0.9, 1.2
"""The number of codes that is not worth a warning, by the usual one: codes are reformed province by province."""

PARENT_KNOWN, PARENT_UNKNOWN = "known", "unknown"
"""Values of the judged column `parent` for a code that has a parent."""


@dataclass(frozen=True)
class CodeSpace:
    """One list of codes, as the judge sees it.

    Attributes:
        name: its name in `core.codes`.
        pattern: the pattern of a whole code. It has no capturing groups, because pandas warns about them.
        fewest: with fewer rows it cannot be the whole list, whatever there was before.
    """

    name: str
    pattern: str
    fewest: int

    @property
    def suite_name(self) -> str:
        """The name by which the judge finds its suite."""
        return f"core.codes/{self.name}"


CODE_SPACES: Mapping[str, CodeSpace] = MappingProxyType(
    {
        space.name: space
        for space in (
            # As of 2026: 10 divisions, 59 groups and about 245 classes.
            CodeSpace("class", r"(?:[A-Z]{2}|[A-Z][0-9]{2})(?:[0-9]{2}(?:[0-9]{4})?)?", 200),
            CodeSpace("region", r"[0-9]{2}(?:[0-9]{3})?", 12),
            CodeSpace("sigungu", r"[0-9]{5}", 200),
            # When last maintained: 17 areas and 235 districts; 7 categories with 22 and 154 below them.
            CodeSpace("area", r"[0-9]{1,2}(?:-[0-9]{1,2})?", 100),
            CodeSpace("category", r"[A-Z][0-9]{2}(?:[0-9]{2}(?:[0-9]{4})?)?", 100),
        )
    }
)
"""By name."""


def code_suite(space: CodeSpace) -> Suite:
    """The suite of a code space, for rows with the columns code, name and parent.

    Judging needs the values `minimum_rows` (int) and `usual_rows` (int or None).
    """
    return Suite(
        name=space.suite_name,
        table_name=space.suite_name,
        rules=(
            row_count_at_least(Given("minimum_rows")),
            row_count_as_usual(*USUAL),
            filled("code", at_least=COMPLETENESS),
            filled("name", at_least=COMPLETENESS),
            unique("code"),
            matches(
                "code",
                rf"\A(?:{space.pattern})\Z",
                rule_id="code_form",
                description=f"At least {VALIDITY:.0%} of the codes have the form of a {space.name} code.",
                at_least=VALIDITY,
            ),
            matches(
                "name",
                r"\A[^<>\ufffd]*\S[^<>\ufffd]*\Z",
                rule_id="name_clean",
                description="No name is blank, has markup or lost characters.",
                severity=Severity.WARNING,
            ),
            in_set(
                "parent",
                [PARENT_KNOWN],
                rule_id="parent_known",
                description=f"At least {CONSISTENCY:.0%} of the codes that have a parent have one that is listed.",
                at_least=CONSISTENCY,
            ),
        ),
        key_column="code",
        minimum_score=100 * OVERALL,
    )


CODE_SUITES: Mapping[str, Suite] = MappingProxyType(
    {space.suite_name: code_suite(space) for space in CODE_SPACES.values()}
)
"""Suite by name."""
