"""The suites of the place tables, made from one line of declaration per table.

Thresholds are those the previous system declared per table (and never applied). Every invariant the transform promises
(ids, type, region, plausible coordinates) holds for every row; every share (completeness, validity) blocks only in
a batch large enough for a share to mean something.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

from weatherflick_assets.content_types import CONTENT_TYPE_BY_NAME, ContentType
from weatherflick_assets.quality.class_codes import CLASS_DIVISION_CODES, CLASS_GROUP_CODES
from weatherflick_assets.quality.rules import (
    Given,
    Leniency,
    Rule,
    Severity,
    Suite,
    between,
    filled,
    in_set,
    matches,
    never_null,
    not_before,
    row_count_at_least,
    unique,
)
from weatherflick_assets.regions import REGIONS, UNASSIGNED

SMALL_OR_UNASSIGNED = Leniency(below_rows=20, when_given={"region_code": UNASSIGNED})
"""Shares only warn in small batches, and among places without a region: those are there because address and
coordinates are missing."""

PICTURED = 0.6
"""Share of places with a picture below which something is odd: KTO has none of 9 % of all places, nor of a third of the
restaurants of some regions."""

LATITUDES_OF_KOREA = (33.0, 39.0)
LONGITUDES_OF_KOREA = (124.0, 132.0)


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


@dataclass(frozen=True)
class PlaceTable:
    """One place table, as the judge sees it.

    Attributes:
        content_type: The one kind of place it holds.
        thresholds: What it has to reach.
        has_address: False for what has no single address (travel courses: 4 % have one).
    """

    content_type: ContentType
    thresholds: Thresholds
    has_address: bool = True

    @property
    def table_name(self) -> str:
        """With its schema, e.g. `core.attractions`."""
        return f"core.{self.content_type.name}"


PLACE_TABLES = (
    PlaceTable(CONTENT_TYPE_BY_NAME["attractions"], Thresholds(0.90, 0.95, 0.99, 0.85)),
    # The previous system had no restaurants; they get what it asked of accommodations.
    PlaceTable(CONTENT_TYPE_BY_NAME["restaurants"], Thresholds(0.85, 0.90, 0.95, 0.80)),
)


def place_suite(table: PlaceTable) -> Suite:
    """The suite of one place table.

    Needs these values when judging: `minimum_rows` (int), `region_code` (str, the partition) and `judged_at` (ISO 8601
    with its offset).
    """
    return Suite(
        name=table.table_name,
        table_name=table.table_name,
        rules=(
            row_count_at_least(Given("minimum_rows")),
            *_identity_rules(table),
            *_region_rules(),
            *_location_rules(table),
            *_class_rules(table.thresholds),
            *_image_rules(table.thresholds),
            *_time_rules(table.thresholds),
        ),
        minimum_score=100 * table.thresholds.overall,
    )


def _identity_rules(table: PlaceTable) -> tuple[Rule, ...]:
    return (
        never_null("content_id"),
        unique("content_id"),
        matches("content_id", r"\A[0-9]+\Z", rule_id="content_id_digits", description="Every content_id is digits."),
        never_null("title"),
        matches("title", r"\S", rule_id="title_not_blank", description="No title is blank."),
        never_null("content_type_id"),
        in_set(
            "content_type_id",
            [table.content_type.content_type_id],
            rule_id="content_type_of_the_table",
            description=f"Every content_type_id is {table.content_type.content_type_id}.",
        ),
    )


def _region_rules() -> tuple[Rule, ...]:
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


def _location_rules(table: PlaceTable) -> tuple[Rule, ...]:
    completeness, validity = table.thresholds.completeness, table.thresholds.validity
    address_rules = (
        filled("address", at_least=completeness, leniency=SMALL_OR_UNASSIGNED),
        # A blank text is not null: without this rule a column of blanks would count as complete.
        matches("address", r"\S", rule_id="address_not_blank", description="No address is blank rather than null."),
    )
    return (
        between("latitude", *LATITUDES_OF_KOREA),
        between("longitude", *LONGITUDES_OF_KOREA),
        filled("latitude", at_least=completeness, leniency=SMALL_OR_UNASSIGNED),
        filled("longitude", at_least=completeness, leniency=SMALL_OR_UNASSIGNED),
        *(address_rules if table.has_address else ()),
        matches(
            "zip_code",
            r"\A[0-9]{5}\Z",
            rule_id="zip_code_five_digits",
            description=f"At least {validity:.0%} of the zip codes are five digits.",
            at_least=validity,
            severity=Severity.WARNING,
        ),
    )


def _class_rules(thresholds: Thresholds) -> tuple[Rule, ...]:
    return (
        filled("class_code", at_least=thresholds.completeness, leniency=SMALL_OR_UNASSIGNED),
        in_set(
            "class_division_code",
            CLASS_DIVISION_CODES,
            rule_id="class_division_known",
            description=f"At least {thresholds.validity:.0%} of the class_division_codes are known.",
            at_least=thresholds.validity,
            leniency=SMALL_OR_UNASSIGNED,
        ),
        in_set(
            "class_group_code",
            CLASS_GROUP_CODES,
            rule_id="class_group_known",
            description=f"At least {thresholds.validity:.0%} of the class_group_codes are known.",
            at_least=thresholds.validity,
            severity=Severity.WARNING,
        ),
    )


def _image_rules(thresholds: Thresholds) -> tuple[Rule, ...]:
    return (
        matches(
            "image_url",
            r"\Ahttps://\S+\Z",
            rule_id="image_url_https",
            description=f"At least {thresholds.validity:.0%} of the image addresses are https.",
            at_least=thresholds.validity,
            severity=Severity.WARNING,
        ),
        filled("image_url", at_least=PICTURED, severity=Severity.NOTE),
    )


def _time_rules(thresholds: Thresholds) -> tuple[Rule, ...]:
    return (
        never_null("modified_at", severity=Severity.WARNING),
        between("modified_at", None, Given("judged_at"), severity=Severity.WARNING),
        not_before("modified_at", "created_at", at_least=thresholds.consistency, severity=Severity.WARNING),
    )


SUITES: Mapping[str, Suite] = MappingProxyType({table.table_name: place_suite(table) for table in PLACE_TABLES})
"""Suite by table name."""
