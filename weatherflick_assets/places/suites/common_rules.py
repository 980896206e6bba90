"""Rules that the suites of places and of their details share: ids, regions, and what follows from the kind of a column.

Every invariant the transforms promise (ids, kind of place, region, numbers and addresses that were read from text) holds
for every row; every share blocks only in a batch large enough for a share to mean something.
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
"""Shares only warn in small batches, and among places without a region: those are there because address and
coordinates are missing."""


@dataclass(frozen=True)
class Thresholds:
    """What a table has to reach, each a share (0-1).

    Attributes:
        completeness: Rows that have a value where one is expected.
        validity: Values that have the right form or a known code.
        consistency: Rows whose values agree with each other.
        overall: The score of the whole suite.
    """

    completeness: float
    validity: float
    consistency: float
    overall: float


def id_rules() -> tuple[Rule, ...]:
    """Every row says which place it is about."""
    return (
        never_null("content_id"),
        matches("content_id", r"\A[0-9]+\Z", rule_id="content_id_digits", description="Every content_id is digits."),
    )


def kind_rules(content_type_ids: Sequence[str]) -> tuple[Rule, ...]:
    """Every row is about a place of a kind that belongs in the table."""
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
    """Every row is of the partition, and the partition is a region. They are given `region_code`."""
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
    Kind.WON: _not_negative,
    Kind.MINUTES: _not_negative,
    Kind.INTEGER: _not_negative,
    Kind.NUMBER: _not_negative,
    Kind.URL: _web_address,
    Kind.IMAGE_URL: _image_address,
}
"""What holds for the values of a kind in every table. Texts may say anything, and the database enforces types."""


def field_rules(fields: Iterable[PlaceField]) -> tuple[Rule, ...]:
    """The rules that follow from the kinds of declared columns; most kinds have none, as every rule costs time."""
    declared = list(fields)
    single = [_RULE_OF_KIND[field.kind](field) for field in declared if field.kind in _RULE_OF_KIND]
    starts = {field.fields: field.column for field in declared if field.kind is Kind.PERIOD_START}
    periods = [not_before(field.column, starts[field.fields]) for field in declared if field.kind is Kind.PERIOD_END]
    return (*single, *periods)
