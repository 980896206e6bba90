"""Judging: data frames and a suite in, a verdict out.

A batch may arrive in parts, few of which are in memory at once. The verdict is that of the whole, however it was split:

- Rules about single rows are judged part by part, and their counts are summed. A rule holds for the whole if it holds
  for every part, or if the sums reach the required share.
- Rules about all rows together (no id appears twice, how many rows there are) are judged at the end. The few columns
  they need are kept until then.

What one part holds against one rule is found out in `expectations.py`.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import TYPE_CHECKING, Any

from weatherflick_assets.quality.expectations import UNEXPECTED_COUNT, UNEXPECTED_ROWS, UNEXPECTED_VALUES, outcomes
from weatherflick_assets.quality.rules import (
    NOT_NULL_EXPECTATION,
    NULL_EXPECTATIONS,
    ROW_COUNT_EXPECTATIONS,
    UNIQUE_EXPECTATION,
    GivenValues,
    Rule,
    Severity,
    Suite,
)
from weatherflick_assets.quality.verdict import MOST_EXAMPLES, RuleResult, Verdict

if TYPE_CHECKING:
    import pandas as pd

PART_ROWS = 30_000
"""A part is judged after this many rows, if more follow.

A part of this size takes little memory compared with Great Expectations itself, and little time is lost to the hundredth
of a second that every judgement takes, however few its rows."""


@dataclass(frozen=True)
class _Finding:
    """What judging a part, or the whole, by one rule found.

    Attributes:
        passed: whether the rule holds there.
        idle: why the rule does not apply there: its column is missing, no row has a value, or what it compares with is not
            known.
        problem: why the rule could not be judged.
        value: the finding of a rule that does not count values.
        counts: the values judged, and how many of them break the rule; None if the rule does not count values. Only
            rules about nulls judge nulls.
        examples: the first values that break the rule.
    """

    passed: bool = False
    idle: str | None = None
    problem: str | None = None
    value: str | None = None
    counts: tuple[int, int] | None = None
    examples: tuple[str, ...] = ()


_Findings = dict[str, _Finding]

_MOST_KEYS = 3
"""Keys named of rows that share a value that should be different in all."""


class Judgement:
    """A batch that is judged by a suite as its rows arrive.

    A rule that could not be judged (its column is missing, Great Expectations raised) counts as a blocking failure,
    whatever its severity: nobody knows whether it holds. A rule about an optional column does not apply if the column
    is missing, nor a rule about values that no row has, nor one that compares with something that is not known; the verdict
    says so. The row count alone decides an empty batch; its columns must be present all the same.

    Args:
        suite: The rules.
        given: The values for the placeholders of the suite; times are ISO 8601 text with an offset. Values that only
            rules about the whole batch need may be given to `verdict` instead.
    """

    def __init__(self, suite: Suite, given: GivenValues) -> None:
        self._suite = suite
        self._given = given
        self._single_row_rules = [rule for rule in suite.rules if rule.is_about_single_rows]
        self._whole_batch_rules = [rule for rule in suite.rules if not rule.is_about_single_rows]
        self._row_count = 0
        self._waiting: list[pd.DataFrame] = []
        self._kept: list[pd.DataFrame] = []
        self._parts: list[_Findings] = []

    def add(self, rows: "pd.DataFrame") -> None:
        """Take more rows. Any index, and columns beyond those of the suite, are allowed. The frame is not changed.

        Raises:
            ValueError: If a rule about single rows needs a value that is not given.
        """
        # Only when more rows follow is it known that the batch has several parts.
        if sum(map(len, self._waiting)) >= PART_ROWS:
            self._judge_part()
        self._waiting.append(rows)
        self._row_count += len(rows)

    def verdict(self, given: GivenValues | None = None) -> Verdict:
        """Judge all rows received as the whole batch; `given` adds to the values given before.

        Raises:
            ValueError: If the suite needs a value that is not given.
        """
        self._given = {**self._given, **(given or {})}
        _refuse_absent(self._suite, self._suite.rules, self._given)
        if self._parts:
            self._judge_part()
            whole = _joined(self._kept)
            findings = self._added_up() | _findings(whole, self._suite, self._whole_batch_rules, self._given)
        else:
            whole = _joined(self._waiting) if self._waiting else _no_rows(self._suite)
            findings = _findings(whole, self._suite, self._suite.rules, self._given)
        results = [self._result(rule, findings[rule.rule_id]) for rule in self._suite.rules]
        return Verdict(self._suite.name, self._row_count, tuple(results), minimum_score=self._suite.minimum_score)

    def _judge_part(self) -> None:
        rules = self._single_row_rules
        _refuse_absent(self._suite, rules, self._given)
        part = _joined(self._waiting)
        self._waiting.clear()
        first_row = self._row_count - len(part)
        self._parts.append(_findings(part, self._suite, rules, self._given, first_row=first_row))
        needed = {self._suite.key_column, *(column for rule in self._whole_batch_rules for column in rule.columns)}
        self._kept.append(part.loc[:, [column for column in part.columns if column in needed]])

    def _added_up(self) -> _Findings:
        return {
            rule.rule_id: _sum_of(rule, [part[rule.rule_id] for part in self._parts]) for rule in self._single_row_rules
        }

    def _result(self, rule: Rule, finding: _Finding) -> RuleResult:
        expected = rule.description_with(self._given)
        if finding.problem is not None:
            observed = f"could not be judged: {finding.problem}"
            return RuleResult(rule, Severity.BLOCKING, passed=False, expected=expected, observed=observed)
        severity = rule.severity_for(self._row_count, self._given)
        if finding.idle is not None:
            observed = f"does not apply: {finding.idle}" if self._row_count else "no rows to judge"
            return RuleResult(rule, severity, passed=True, applies=False, expected=expected, observed=observed)
        if rule.expectation in ROW_COUNT_EXPECTATIONS:
            return RuleResult(rule, severity, finding.passed, expected, f"{self._row_count:,} rows")
        judged, unexpected = finding.counts or (None, None)
        tolerated = self._suite.tolerated if rule.is_about_a_share else 0
        passed = finding.passed or (unexpected is not None and unexpected <= tolerated)
        if judged and unexpected:
            breaks = "have none" if rule.expectation == NOT_NULL_EXPECTATION else "break the rule"
            few = "" if passed == finding.passed else ", too few to tell"
            observed = f"{unexpected:,} of {judged:,} ({unexpected / judged:.2%}) {breaks}{few}"
        elif passed:
            observed = "as expected"
        else:
            observed = finding.value or "not as expected"
        examples = () if passed else finding.examples
        return RuleResult(rule, severity, passed, expected, observed, judged, unexpected, examples)


def judge(frame: "pd.DataFrame", suite: Suite, *, given: GivenValues) -> Verdict:
    """Judge a batch that is complete; see `Judgement`."""
    judgement = Judgement(suite, given)
    judgement.add(frame)
    return judgement.verdict()


def _refuse_absent(suite: Suite, rules: Sequence[Rule], given: GivenValues) -> None:
    if absent := sorted({name for rule in rules for name in rule.givens} - given.keys()):
        raise ValueError(f"Suite {suite.name} can't judge without being given: {', '.join(absent)}.")


def _joined(frames: "Sequence[pd.DataFrame]") -> "pd.DataFrame":
    import pandas as pd  # noqa: PLC0415 - only where something is judged

    return frames[0] if len(frames) == 1 else pd.concat(frames, ignore_index=True)


def _no_rows(suite: Suite) -> "pd.DataFrame":
    import pandas as pd  # noqa: PLC0415 - only where something is judged

    return pd.DataFrame(columns=[column for column in suite.columns if column not in suite.optional_columns])


def _sum_of(rule: Rule, parts: Sequence[_Finding]) -> _Finding:
    """What the findings of all parts mean for the whole."""
    if problem := next((part.problem for part in parts if part.problem is not None), None):
        return _Finding(problem=problem)
    if all(part.idle is not None for part in parts):
        return parts[0]
    judged, unexpected = map(sum, zip(*(part.counts or (0, 0) for part in parts), strict=True))
    assert rule.required_share is not None, "a rule about single rows asks for a share of them"
    # Divide as Great Expectations does. If every part reaches the share, the whole does: no sum can fall below it.
    passed = all(part.passed for part in parts) or (judged - unexpected) / judged >= rule.required_share
    examples = islice((example for part in parts for example in part.examples), MOST_EXAMPLES)
    return _Finding(passed, counts=(judged, unexpected), examples=tuple(examples))


def _findings(
    frame: "pd.DataFrame",
    suite: Suite,
    rules: Sequence[Rule],
    given: GivenValues,
    *,
    first_row: int | None = None,
) -> _Findings:
    """Judge a frame by some of the rules: the whole batch, or the part of it that begins at `first_row`."""
    present = frozenset(frame.columns)
    judged = [rule for rule in rules if present.issuperset(rule.columns) and not rule.unknown_in(given)]
    # Great Expectations hashes every column and names rows by their index: give it few columns and plain row numbers.
    needed = list(dict.fromkeys(column for rule in judged for column in rule.columns))
    rows = frame.loc[:, needed].reset_index(drop=True)
    # The whole may miss a share that this part reaches, and its examples come from all parts.
    found = outcomes(rows, judged, given, with_all_examples=first_row is not None)
    filled = {column: frame[column].notna().to_numpy() for column in needed}

    findings = {}
    for rule in rules:
        missing = [column for column in rule.columns if column not in present]
        if idle := _why_idle(suite, rule, missing, given):
            findings[rule.rule_id] = _Finding(passed=True, idle=idle)
            continue
        outcome = f"the batch has no column {', '.join(missing)}" if missing else found.get(rule.rule_id)
        if outcome is None or isinstance(outcome, str):
            findings[rule.rule_id] = _Finding(problem=outcome or "no result came back")
        elif UNEXPECTED_COUNT not in outcome:  # about one number of the batch, such as a mean
            findings[rule.rule_id] = _Finding(bool(outcome["success"]), value=str(outcome.get("observed_value")))
        elif not (judged_count := _judged(rule, len(frame), filled)):
            idle = f"no row has a value in {' and '.join(rule.columns)}"
            findings[rule.rule_id] = _Finding(passed=True, idle=idle)
        else:
            findings[rule.rule_id] = _Finding(
                bool(outcome["success"]),
                counts=(judged_count, int(outcome[UNEXPECTED_COUNT])),
                examples=_examples(rule, outcome, frame, suite.key_column, first_row or 0),
            )
    return findings


def _why_idle(suite: Suite, rule: Rule, missing: Sequence[str], given: GivenValues) -> str | None:
    """Why a rule can't say anything, whatever the rows are."""
    if missing and suite.optional_columns.issuperset(missing):
        return f"the batch has no column {', '.join(rule.columns)}"
    if unknown := rule.unknown_in(given):
        return f"{', '.join(unknown)} is not known"
    return None


def _judged(rule: Rule, row_count: int, filled: "Mapping[str, Any]") -> int:
    """Great Expectations leaves nulls out of its shares, except where nulls are the matter; there none are "missing"."""
    if rule.expectation in NULL_EXPECTATIONS or not rule.columns:
        return int(filled[rule.where].sum()) if rule.where else row_count
    first, *others = (filled[column] for column in rule.columns)
    for other in others:
        first = first & other
    return int(first.sum())


def _examples(
    rule: Rule, outcome: Mapping[str, Any], frame: "pd.DataFrame", key_column: str, first_row: int
) -> tuple[str, ...]:
    """The key of each offending row, or its number if it has no key, and its value unless that is null.

    If the rule is that no value appears twice, each such value with the keys of rows that share it.
    """
    rows = (outcome.get(UNEXPECTED_ROWS) or [])[:MOST_EXAMPLES]
    values = (outcome.get(UNEXPECTED_VALUES) or [])[:MOST_EXAMPLES]
    if rule.expectation == UNIQUE_EXPECTATION and key_column in frame.columns and rule.columns != (key_column,):
        of_column = frame[rule.columns[0]]
        sharing = {value: frame.loc[(of_column == value).to_numpy(), key_column] for value in dict.fromkeys(values)}
        return tuple(
            f"{' and '.join([*dict.fromkeys(map(str, keys))][:_MOST_KEYS])}: {value}" for value, keys in sharing.items()
        )
    with_values = rule.expectation != NOT_NULL_EXPECTATION
    examples = []
    for row, value in zip(rows, values, strict=False):  # some expectations list values alone
        key = str(frame[key_column].iloc[row]) if key_column in frame.columns else f"row {first_row + row}"
        examples.append(f"{key}: {value}" if with_values and str(value) != key else key)
    return tuple(examples)
