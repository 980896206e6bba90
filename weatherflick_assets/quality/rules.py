"""What must hold for a table: rules and suites, as plain data.

A `Rule` is one sentence that people can read, plus the Great Expectations class that judges it. A `Suite` is the rules
of one table. Rules are judged in `weatherflick_assets.quality.judging`. Great Expectations and pandas are not imported
here, so declarations cost nothing to load.
"""

import copyreg
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from enum import Enum
from string import Formatter
from types import MappingProxyType
from typing import Any

# Rules hold read-only mappings, which pickle does not support, and the judging process receives them.
copyreg.pickle(MappingProxyType, lambda mapping: (MappingProxyType, (dict(mapping),)))


class Severity(Enum):
    """What a failed rule means for the partition being judged."""

    BLOCKING = "blocking"
    """The partition must not be published."""
    WARNING = "warning"
    """It may be published, and somebody should look."""
    NOTE = "note"
    """Worth recording, not worth a message."""


ROW_COUNT_EXPECTATIONS = frozenset({"ExpectTableRowCountToBeBetween", "ExpectTableRowCountToEqual"})
"""The expectations that can fail on an empty batch; every column expectation passes there."""

NOT_NULL_EXPECTATION = "ExpectColumnValuesToNotBeNull"
NULL_EXPECTATIONS = frozenset({NOT_NULL_EXPECTATION, "ExpectColumnValuesToBeNull"})
"""The expectations that are about nulls; every other column expectation leaves nulls out."""

UNIQUE_EXPECTATION = "ExpectColumnValuesToBeUnique"
"""The expectation that no value appears twice."""

SINGLE_ROW_EXPECTATIONS = NULL_EXPECTATIONS | {
    "ExpectColumnValuesToBeBetween",
    "ExpectColumnValuesToBeInSet",
    "ExpectColumnValuesToMatchRegex",
    "ExpectColumnPairValuesAToBeGreaterThanB",
}
"""The expectations that check each row independently, so a batch may be judged by them in parts.

Every other one, such as that no value appears twice, has to see the whole batch."""

SHARE_EXPECTATIONS = SINGLE_ROW_EXPECTATIONS | {UNIQUE_EXPECTATION}
"""The expectations that count values; every other one checks one number of the batch, such as its row count."""

_COLUMN_ARGUMENTS = ("column", "column_A", "column_B")


GivenValues = Mapping[str, str | float | None]
"""Values that are given when judging, by name. None says that a value is not known: rules that need it don't apply."""

USUAL_ROWS = "usual_rows"
"""The name of the given value that says how many rows the partition usually has; the audit looks it up."""


@dataclass(frozen=True)
class Given:
    """A placeholder for a value known only when judging, such as the region of the partition.

    Attributes:
        name: The name under which the value is given.
        times: What a number is multiplied by; the result is rounded, because what is multiplied are numbers of rows.
    """

    name: str
    times: float | None = None

    def value_in(self, given: GivenValues) -> str | float | None:
        """What stands in its place. Raises KeyError if it is not given."""
        value = given[self.name]
        return value if self.times is None or value is None else round(float(value) * self.times)


@dataclass(frozen=True)
class Leniency:
    """When a blocking rule only warns, because a share says little about the batch.

    Attributes:
        below_rows: The rule only warns in a batch with fewer rows than this: in ten rows one blank is already 10 %.
        when_given: It also only warns when one of these values is given, e.g. `{"region_code": "unassigned"}`.
    """

    below_rows: int = 0
    when_given: Mapping[str, str] = field(default_factory=dict, hash=False)

    def applies_to(self, row_count: int, given: Mapping[str, object]) -> bool:
        """Whether a batch of `row_count` rows, judged with the values `given`, is treated leniently."""
        return row_count < self.below_rows or any(given.get(name) == value for name, value in self.when_given.items())


NEVER_LENIENT = Leniency()


@dataclass(frozen=True)
class Rule:
    """One thing that must hold.

    Attributes:
        rule_id: Unique in its suite; results are matched by it.
        description: A plain sentence saying what is expected. May name given values in braces: `{minimum_rows}`.
        expectation: The class name in `great_expectations.expectations`, e.g. `ExpectColumnValuesToNotBeNull`.
        arguments: The arguments of that class; values may be, or contain, `Given` placeholders.
        severity: What a failure means.
        leniency: When a failure that would block only warns.

    Raises:
        ValueError: If the description names a given value that the arguments don't use.
    """

    rule_id: str
    description: str
    expectation: str
    arguments: Mapping[str, Any] = field(hash=False)
    severity: Severity = Severity.BLOCKING
    leniency: Leniency = NEVER_LENIENT

    def __post_init__(self) -> None:
        named = {name for _, name, _, _ in Formatter().parse(self.description) if name is not None}
        if unknown := sorted(named - self.givens):
            raise ValueError(f"The description of rule {self.rule_id} names {unknown}, which its arguments don't use.")

    @property
    def columns(self) -> tuple[str, ...]:
        """The columns this rule reads; empty for a rule about the whole table."""
        read = (self.arguments.get(name) for name in _COLUMN_ARGUMENTS)
        return tuple(column for column in (*read, self.where) if column is not None)

    @property
    def where(self) -> str | None:
        """The column that must have a value in the rows that are judged; None: all rows are."""
        condition = self.arguments.get("row_condition")
        return condition and condition["column"]["name"]

    @property
    def required_share(self) -> float | None:
        """The share (0-1) of judged values that must be as expected; None if the rule does not count values."""
        return self.arguments.get("mostly", 1.0) if self.expectation in SHARE_EXPECTATIONS else None

    @property
    def is_about_a_share(self) -> bool:
        """Whether some of the judged values may break it."""
        return self.required_share is not None and self.required_share < 1

    @property
    def is_about_single_rows(self) -> bool:
        """Whether its result for a batch follows from its results for the parts of the batch."""
        return self.expectation in SINGLE_ROW_EXPECTATIONS

    @property
    def givens(self) -> frozenset[str]:
        """The names of the values that must be given when judging."""
        return frozenset(_given_names(self.arguments))

    def unknown_in(self, given: GivenValues) -> tuple[str, ...]:
        """The names of the values that it needs and that are given as not known."""
        return tuple(sorted(name for name in self.givens if given[name] is None))

    def severity_for(self, row_count: int, given: GivenValues) -> Severity:
        """What a failure means in a batch of `row_count` rows judged with the values `given`."""
        if self.severity is Severity.BLOCKING and self.leniency.applies_to(row_count, given):
            return Severity.WARNING
        return self.severity

    def arguments_with(self, given: GivenValues) -> dict[str, Any]:
        """The arguments with every placeholder replaced. Raises KeyError if one is not given."""
        return {name: _filled_in(value, given) for name, value in self.arguments.items()}

    def description_with(self, given: GivenValues) -> str:
        """The description with every placeholder replaced, by ? if it is not known. Raises KeyError if one is not given."""
        return self.description.format_map({name: "?" if given[name] is None else given[name] for name in self.givens})


@dataclass(frozen=True)
class Suite:
    """All rules of one table.

    Attributes:
        name: Shown to people, e.g. `core.attractions`.
        table_name: The table whose staged partition is judged.
        rules: In the order in which they are reported.
        key_column: Identifies the offending rows in examples; need not be in the batch.
        minimum_score: The score (0-100) that the table should reach; a lower score is reported and doesn't block.
        alike: Of how many characters the end of a partition's key is the same in partitions that should be about as large,
            such as issues of the same time of day. None: a partition is compared with itself alone.
        optional_columns: Columns that a batch may lack, such as those made from details before any were collected.
            Rules about them don't apply to such a batch. A rule about any other missing column can't be judged, and
            blocks.
        tolerated: So many values may break a rule about a share, whatever share they are: one of five is 20 %, and
            says nothing. A rule that all values must keep has no such tolerance.

    Raises:
        ValueError: If no rule counts rows (an empty batch passes every other rule), or a rule id is used twice.
    """

    name: str
    table_name: str
    rules: tuple[Rule, ...]
    key_column: str = "content_id"
    minimum_score: float = 0.0
    alike: int | None = None
    optional_columns: frozenset[str] = frozenset()
    tolerated: int = 0

    def __post_init__(self) -> None:
        if not any(rule.expectation in ROW_COUNT_EXPECTATIONS for rule in self.rules):
            raise ValueError(f"Suite {self.name} has no row-count rule, so an empty batch would pass all of it.")
        rule_ids = [rule.rule_id for rule in self.rules]
        if repeated := sorted({rule_id for rule_id in rule_ids if rule_ids.count(rule_id) > 1}):
            raise ValueError(f"Suite {self.name} uses a rule id more than once: {', '.join(repeated)}.")

    @property
    def columns(self) -> tuple[str, ...]:
        """The columns the rules read, each once, in the order of the rules."""
        return tuple(dict.fromkeys(column for rule in self.rules for column in rule.columns))

    @property
    def givens(self) -> frozenset[str]:
        """The names of the values that must be given when judging."""
        return frozenset(name for rule in self.rules for name in rule.givens)


def row_count_at_least(minimum: int | Given, *, severity: Severity = Severity.BLOCKING) -> Rule:
    """The batch has at least `minimum` rows."""
    return Rule(
        "row_count",
        f"There are at least {_shown(minimum)} rows.",
        "ExpectTableRowCountToBeBetween",
        {"min_value": minimum},
        severity,
    )


def row_count_as_usual(least: float, most: float | None = None) -> Rule:
    """A warning: the number of rows is not below `least` times what is usual, nor above `most` times that.

    Judging needs `usual_rows`, which the audit looks up; without a history the rule does not apply.
    """
    bounds = f"at least {least:g}" if most is None else f"{least:g} to {most:g}"
    return Rule(
        "row_count_as_usual",
        f"There are {bounds} times as many rows as usual, which is {{{USUAL_ROWS}}}.",
        "ExpectTableRowCountToBeBetween",
        {
            "min_value": Given(USUAL_ROWS, times=least),
            **({} if most is None else {"max_value": Given(USUAL_ROWS, times=most)}),
        },
        Severity.WARNING,
    )


def row_count_not_fallen(least: float, *, leniency: Leniency = NEVER_LENIENT) -> Rule:
    """The number of rows has not fallen below `least` times what is usual. Judging needs `usual_rows`, as above."""
    return Rule(
        "row_count_not_fallen",
        f"There are at least {least:g} times as many rows as usual, which is {{{USUAL_ROWS}}}.",
        "ExpectTableRowCountToBeBetween",
        {"min_value": Given(USUAL_ROWS, times=least)},
        Severity.BLOCKING,
        leniency,
    )


def never_null(column: str, *, severity: Severity = Severity.BLOCKING) -> Rule:
    """Every row has a value in `column`."""
    return Rule(
        f"{column}_never_null",
        f"Every row has a value in {column}.",
        NOT_NULL_EXPECTATION,
        {"column": column},
        severity,
    )


def filled(
    column: str,
    *,
    at_least: float,
    severity: Severity = Severity.BLOCKING,
    leniency: Leniency = NEVER_LENIENT,
) -> Rule:
    """At least a share (0-1) of the rows has a value in `column`."""
    return Rule(
        f"{column}_filled",
        f"At least {at_least:.0%} of the rows have a value in {column}.",
        NOT_NULL_EXPECTATION,
        {"column": column, "mostly": at_least},
        severity,
        leniency,
    )


def filled_where(
    column: str,
    where: str,
    *,
    at_least: float,
    severity: Severity = Severity.BLOCKING,
    leniency: Leniency = NEVER_LENIENT,
) -> Rule:
    """At least a share (0-1) of the rows that have a value in the column `where` has one in `column`."""
    return Rule(
        f"{column}_filled_where_{where}",
        f"At least {at_least:.0%} of the rows with a value in {where} have one in {column}.",
        NOT_NULL_EXPECTATION,
        {
            "column": column,
            "mostly": at_least,
            "row_condition": {"type": "nullity", "column": {"name": where}, "is_null": False},
        },
        severity,
        leniency,
    )


def unique(column: str, *, severity: Severity = Severity.BLOCKING) -> Rule:
    """No value of `column` appears twice. Nulls don't count."""
    return Rule(
        f"{column}_unique",
        f"No value of {column} appears twice.",
        UNIQUE_EXPECTATION,
        {"column": column},
        severity,
    )


def mostly_unique(
    column: str, *, rule_id: str, description: str, at_least: float = 1.0, severity: Severity = Severity.WARNING
) -> Rule:
    """At least a share (0-1) of the values of `column` appears once. Nulls don't count."""
    return Rule(rule_id, description, UNIQUE_EXPECTATION, {"column": column, "mostly": at_least}, severity)


def between(
    column: str,
    minimum: float | Given | None,
    maximum: float | Given | None,
    *,
    severity: Severity = Severity.BLOCKING,
) -> Rule:
    """Every value of `column` lies between the bounds, both included. Nulls don't count; None leaves a side open."""
    bounds = [(word, bound) for word, bound in (("at least", minimum), ("at most", maximum)) if bound is not None]
    return Rule(
        f"{column}_in_range",
        f"Every {column} is {' and '.join(f'{word} {_shown(bound)}' for word, bound in bounds)}.",
        "ExpectColumnValuesToBeBetween",
        {"column": column, "min_value": minimum, "max_value": maximum},
        severity,
    )


def mostly_between(
    column: str,
    minimum: float | None,
    maximum: float | None,
    *,
    rule_id: str,
    description: str,
    at_least: float = 1.0,
    severity: Severity = Severity.BLOCKING,
) -> Rule:
    """At least a share (0-1) of the values of `column` lies between the bounds, both included. Nulls don't count."""
    return Rule(
        rule_id,
        description,
        "ExpectColumnValuesToBeBetween",
        {"column": column, "min_value": minimum, "max_value": maximum, "mostly": at_least},
        severity,
    )


def no_finding(
    column: str,
    *,
    rule_id: str,
    description: str,
    at_least: float = 1.0,
    severity: Severity = Severity.WARNING,
    leniency: Leniency = NEVER_LENIENT,
) -> Rule:
    """At least a share (0-1) of the rows has no value in `column`, which says in words what is wrong with a row."""
    arguments = {"column": column, "mostly": at_least}
    return Rule(rule_id, description, "ExpectColumnValuesToBeNull", arguments, severity, leniency)


def in_set(
    column: str,
    values: Sequence[str | int | Given],
    *,
    rule_id: str,
    description: str,
    at_least: float = 1.0,
    severity: Severity = Severity.BLOCKING,
    leniency: Leniency = NEVER_LENIENT,
) -> Rule:
    """At least a share (0-1) of the values of `column` is one of `values`. Nulls don't count."""
    return Rule(
        rule_id,
        description,
        "ExpectColumnValuesToBeInSet",
        {"column": column, "value_set": list(values), "mostly": at_least},
        severity,
        leniency,
    )


def matches(
    column: str,
    pattern: str,
    *,
    rule_id: str,
    description: str,
    at_least: float = 1.0,
    severity: Severity = Severity.BLOCKING,
    leniency: Leniency = NEVER_LENIENT,
) -> Rule:
    r"""In at least a share (0-1) of the values of `column` the regular expression is found. Nulls don't count.

    The pattern is searched for, not anchored: write `\A` and `\Z` for the whole text.
    """
    return Rule(
        rule_id,
        description,
        "ExpectColumnValuesToMatchRegex",
        {"column": column, "regex": pattern, "mostly": at_least},
        severity,
        leniency,
    )


def not_before(
    later: str,
    earlier: str,
    *,
    at_least: float = 1.0,
    severity: Severity = Severity.BLOCKING,
    said: str = "before",
) -> Rule:
    """In at least a share (0-1) of the rows that have both, `later` is not before `earlier`; of numbers, not below."""
    return Rule(
        f"{later}_not_{said}_{earlier}",
        f"{later} is not {said} {earlier}{'' if at_least == 1 else f' in at least {at_least:.0%} of the rows'}.",
        "ExpectColumnPairValuesAToBeGreaterThanB",
        {
            "column_A": later,
            "column_B": earlier,
            "or_equal": True,
            "mostly": at_least,
            "ignore_row_if": "either_value_is_missing",
        },
        severity,
    )


def _shown(value: object) -> str:
    return f"{{{value.name}}}" if isinstance(value, Given) else str(value)


def _given_names(value: object) -> Iterator[str]:
    if isinstance(value, Given):
        yield value.name
    elif isinstance(value, Mapping):
        for part in value.values():
            yield from _given_names(part)
    elif isinstance(value, (list, tuple)):
        for part in value:
            yield from _given_names(part)


def _filled_in(value: object, given: GivenValues) -> object:
    if isinstance(value, Given):
        return value.value_in(given)
    if isinstance(value, Mapping):
        return {name: _filled_in(part, given) for name, part in value.items()}
    if isinstance(value, (list, tuple)):
        return [_filled_in(part, given) for part in value]
    return value
