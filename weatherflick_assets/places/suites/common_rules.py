"""Rules shared by the suites of places and of details: ids, regions, and what follows from the kind of a column.

The invariants that the transforms promise (ids, kind of place, region, numbers and web addresses parsed from text) must
hold for every row. A rule about a share of rows blocks only in a batch large enough for a share to be meaningful.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from weatherflick_assets.korea.regions import REGIONS, UNASSIGNED
from weatherflick_assets.places.fields import Kind, PlaceField
from weatherflick_assets.quality.rules import (
    Given,
    Leniency,
    Rule,
    between,
    in_set,
    matches,
    never_null,
    not_before,
)

SMALL_OR_UNASSIGNED = Leniency(below_rows=20, when_given={"region_code": UNASSIGNED})
"""Rules about shares only warn in small batches and for places without a region, which lack address and coordinates."""


FEW = 2
"""So few rows are no share of a table: in five rows one blank is 20 %. More, even of a small batch, are told."""

ASKED_BY, A_PERSON, THE_OUTBOX = "asked_by", "a person", "the outbox"
"""Who wants a partition published, a given value of the suites of places. A person who asks for a table by itself may publish
less than there was."""

ASKED_FOR = Leniency(when_given={"region_code": UNASSIGNED, ASKED_BY: A_PERSON})
"""A fall of the number of rows only warns then, and where places without a region are."""

LICENCES = ("Type1", "Type2", "Type3", "Type4")
"""공공누리: the licences of public works. Recorded are the first and the third."""

NUMBERS = frozenset({Kind.WON, Kind.MINUTES, Kind.INTEGER, Kind.NUMBER})
"""The kinds of columns with a number that is read from a text."""


@dataclass(frozen=True)
class Thresholds:
    """The thresholds of a table, each a share (0-1).

    Attributes:
        completeness: Rows that have a value where one is expected.
        validity: Values in the right form or with a known code.
        consistency: Rows whose values agree with each other.
        overall: The score of the whole suite.
    """

    completeness: float
    validity: float
    consistency: float
    overall: float


def id_rules() -> tuple[Rule, ...]:
    """Every row names its place."""
    return (
        never_null("content_id"),
        matches("content_id", r"\A[0-9]+\Z", rule_id="content_id_digits", description="Every content_id is digits."),
    )


def kind_rules(content_type_ids: Sequence[str]) -> tuple[Rule, ...]:
    """Every row's place is of a kind that belongs in the table."""
    return (
        never_null("content_type_id"),
        in_set(
            "content_type_id",
            content_type_ids,
            rule_id="content_type_of_the_table",
            description=f"Every content_type_id is {' or '.join(content_type_ids)}.",
        ),
    )


def region_rules() -> tuple[Rule, ...]:
    """Every row is in the partition, and the partition is a region. Judging needs `region_code`."""
    return (
        never_null("region_code"),
        in_set(
            "region_code",
            [*(region.region_code for region in REGIONS), UNASSIGNED],
            rule_id="region_code_known",
            description=f"Every region_code is a current one, or {UNASSIGNED}.",
        ),
        in_set(
            "region_code",
            [Given("region_code")],
            rule_id="region_code_of_the_partition",
            description="Every region_code is {region_code}, the partition's.",
        ),
    )


def _not_negative(field: PlaceField) -> Rule:
    return between(field.column, 0, None)


def _web_address(field: PlaceField) -> Rule:
    return matches(
        field.column,
        r"\Ahttps?://\S+\Z",
        rule_id=f"{field.column}_web_address",
        description=f"Every {field.column} is a web address.",
    )


def _image_address(field: PlaceField) -> Rule:
    return matches(
        field.column,
        r"\Ahttps://\S+\Z",
        rule_id=f"{field.column}_https",
        description=f"Every {field.column} is an address with https.",
    )


_RULE_OF_KIND: dict[Kind, Callable[[PlaceField], Rule]] = {
    **dict.fromkeys(NUMBERS, _not_negative),
    Kind.URL: _web_address,
    Kind.IMAGE_URL: _image_address,
}
"""The rules for values of each kind, in every table. Text may say anything, and the database enforces types."""


def field_rules(fields: Iterable[PlaceField]) -> tuple[Rule, ...]:
    """The rules that follow from the kinds of declared columns. Most kinds have none, because every rule costs time."""
    declared = list(fields)
    single = [_RULE_OF_KIND[field.kind](field) for field in declared if field.kind in _RULE_OF_KIND]
    starts = {field.fields: field.column for field in declared if field.kind is Kind.PERIOD_START}
    periods = [not_before(field.column, starts[field.fields]) for field in declared if field.kind is Kind.PERIOD_END]
    return (*single, *periods)
