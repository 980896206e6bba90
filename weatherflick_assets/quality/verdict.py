"""What judging found, and how it is reported to people.

A verdict is small whatever the batch. Examples may hold personal data or a megabyte of text, so their number and length
are capped here, where they enter. `orchestration/gate.py` decides how Dagster shows verdicts, and `store.py` how they
are stored.
"""

from dataclasses import dataclass, field

from weatherflick_assets.presentation import shortened
from weatherflick_assets.quality.rules import Rule, Severity

MOST_EXAMPLES = 5
LONGEST_EXAMPLE = 60
LONGEST_FINDING = 200

_WEIGHTS = {Severity.BLOCKING: 5, Severity.WARNING: 2, Severity.NOTE: 1}
_ORDER = tuple(Severity)


@dataclass(frozen=True)
class RuleResult:
    """The result of one rule.

    Attributes:
        rule: The rule as declared.
        severity: What its failure means in this batch (leniency applied; a rule that could not be judged blocks).
        passed: Whether it holds, within the share it allows.
        expected: The rule's sentence with the given values.
        observed: What was found, in a few words (at most 200 characters).
        judged_count: Values judged; only rules about nulls judge nulls. None if the rule does not count values, does
            not apply, or could not be judged.
        unexpected_count: Of these, the values that break the rule.
        examples: At most 5 values that break a rule that failed, each at most 60 characters: `126508` or
            `126508: 612-040`, the key first.
        applies: Whether the rule says anything about this batch; one that does not counts as passed, and for nothing else.
    """

    rule: Rule
    severity: Severity
    passed: bool
    expected: str
    observed: str
    judged_count: int | None = None
    unexpected_count: int | None = None
    examples: tuple[str, ...] = ()
    applies: bool = True

    def __post_init__(self) -> None:
        # Frozen, so that a result can't be lengthened later; hence this detour to cut the values.
        object.__setattr__(self, "observed", _one_line(self.observed, LONGEST_FINDING))
        examples = tuple(_one_line(example, LONGEST_EXAMPLE) for example in self.examples[:MOST_EXAMPLES])
        object.__setattr__(self, "examples", examples)

    @property
    def observed_share(self) -> float | None:
        """The share (0-1) of judged values that are as expected, even if the rule passed.

        None if the rule does not count values, does not apply, or could not be judged.
        """
        if not self.judged_count or self.unexpected_count is None:
            return None
        return (self.judged_count - self.unexpected_count) / self.judged_count


@dataclass(frozen=True)
class Verdict:
    """What judging a batch by a suite found.

    Attributes:
        suite_name: The suite.
        row_count: Rows in the batch.
        results: One per rule, in the order of the suite.
        minimum_score: The score (0-100) the suite asks for.
    """

    suite_name: str
    row_count: int
    results: tuple[RuleResult, ...]
    minimum_score: float = field(default=0.0, kw_only=True)

    @property
    def passed(self) -> bool:
        """Whether the batch may be published: no blocking rule failed."""
        return not self.blocking_failures

    @property
    def gravest_first(self) -> tuple[RuleResult, ...]:
        """All results: failures first, then by severity, then in the order of the suite."""
        return tuple(sorted(self.results, key=lambda result: (result.passed, _ORDER.index(result.severity))))

    @property
    def failures(self) -> tuple[RuleResult, ...]:
        """All failures, the most severe first."""
        return tuple(result for result in self.gravest_first if not result.passed)

    @property
    def blocking_failures(self) -> tuple[RuleResult, ...]:
        """The failures that prevent publication."""
        return self._failures_of(Severity.BLOCKING)

    @property
    def warnings(self) -> tuple[RuleResult, ...]:
        """The failures that somebody should look at."""
        return self._failures_of(Severity.WARNING)

    @property
    def score(self) -> float | None:
        """The weight of the rules that hold, as a share of the weight of all rules: 0-100, one decimal.

        A rule weighs 5 if it is declared blocking, 2 if a warning, 1 if a note. The declared severity counts, so
        leniency towards a small batch doesn't raise its score. Rules that don't apply are not counted. None if there are no
        rows: nothing is as little good as bad. An empty batch that must not be empty has 0.
        """
        if not self.row_count:
            return None if self.passed else 0.0
        applied = [result for result in self.results if result.applies]
        total = sum(_WEIGHTS[result.rule.severity] for result in applied)
        held = sum(_WEIGHTS[result.rule.severity] for result in applied if result.passed)
        return round(100 * held / total, 1) if total else None

    @property
    def reaches_minimum_score(self) -> bool:
        """Whether the score is what the suite asks for, or there is none; a verdict can pass and still fall short."""
        return self.score is None or self.score >= self.minimum_score

    def summary(self) -> str:
        """One sentence for people and for exceptions; it names rules and counts, and holds no data."""
        if self.blocking_failures:
            found = "; ".join(f"{result.rule.rule_id}: {result.observed}" for result in self.blocking_failures)
            failed = _counted(self.blocking_failures, "blocking rule")
            return f"{self.suite_name}: {self._rows} held back, {failed} failed ({found})."
        if self.failures:
            names = ", ".join(result.rule.rule_id for result in self.failures)
            failed = _counted(self.failures, "rule")
            return f"{self.suite_name}: {self._rows} may be published, {failed} failed without blocking ({names})."
        if not self.row_count:
            return f"{self.suite_name}: there are no rows, and none were required."
        idle = sum(not result.applies for result in self.results)
        others = f" {idle} had nothing to judge." if idle else ""
        return f"{self.suite_name}: {self._rows} judged, all {len(self.results) - idle} rules passed.{others}"

    @property
    def _rows(self) -> str:
        return f"{self.row_count:,} {'row' if self.row_count == 1 else 'rows'}"

    def _failures_of(self, severity: Severity) -> tuple[RuleResult, ...]:
        return tuple(result for result in self.results if not result.passed and result.severity is severity)


def _counted(results: tuple[RuleResult, ...], noun: str) -> str:
    return f"{len(results)} {noun}{'' if len(results) == 1 else 's'}"


def _one_line(text: str, longest: int) -> str:
    return shortened(" ".join(text.split()), longest)
