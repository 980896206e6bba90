"""The suites of all published tables. Those of places are made here, from one line of declaration per table.

The thresholds are those that the previous system declared per table (and never applied).
"""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

from weatherflick_assets.korea.cells import COLUMNS, ROWS
from weatherflick_assets.korea.geography import EAST, NORTH, SOUTH, WEST
from weatherflick_assets.places.class_codes import CLASS_GROUPS
from weatherflick_assets.places.content_types import CONTENT_TYPE_BY_NAME, ContentType
from weatherflick_assets.places.fields import COMMON_FIELDS, LIST_FIELDS, PLACE_FIELDS, PlaceField
from weatherflick_assets.places.suites import findings
from weatherflick_assets.places.suites.common_rules import (
    ASKED_FOR,
    FEW,
    LICENCES,
    NUMBERS,
    SMALL_OR_UNASSIGNED,
    Thresholds,
    field_rules,
    id_rules,
    kind_rules,
    region_rules,
)
from weatherflick_assets.places.suites.details import JUDGED_DETAILS, detail_suite
from weatherflick_assets.quality.rules import (
    Given,
    Rule,
    Severity,
    Suite,
    between,
    filled,
    filled_where,
    in_set,
    matches,
    never_null,
    not_before,
    row_count_as_usual,
    row_count_at_least,
    row_count_not_fallen,
    unique,
)

LEAST_LEFT = 0.5
"""A region of a table with a smaller share of its usual rows is not published, unless a person asks for it by itself: the places
would be gone for whoever looks for them, and not even a month of closures closes half of a region."""

USUAL = 0.8, 1.5
"""The number of rows that is not worth a warning, by the usual one."""

AT_ONE_POINT = 20
"""More places with the same coordinates are suspicious. The most that were recorded are 9, but of shops 206, in an outlet."""

PICTURED = 0.6
"""A share of places with a picture below this is suspicious. KTO has no picture of 9 % of all places, nor of a third of
the restaurants in some regions."""


@dataclass(frozen=True)
class JudgedPlaces:
    """One place table, as the judge sees it.

    Attributes:
        content_type: The one kind of place it holds.
        thresholds: Its thresholds.
        divisions: The class divisions of its places, as found in some 12,000 recorded places of all kinds.
        has_address: False for kinds without a single address (travel courses: 4 % have one).
        pictured: A share of places with a picture below this is suspicious.
        at_one_point: More places with the same coordinates are suspicious.
    """

    content_type: ContentType
    thresholds: Thresholds
    divisions: tuple[str, ...]
    has_address: bool = True
    pictured: float = PICTURED
    at_one_point: int = AT_ONE_POINT

    @property
    def table_name(self) -> str:
        """The table's name with its schema, e.g. `core.attractions`."""
        return f"core.{self.content_type.name}"

    @property
    def detail_fields(self) -> tuple[PlaceField, ...]:
        """Its columns from details."""
        return (*COMMON_FIELDS, *PLACE_FIELDS[self.content_type.name])


_MIDDLING = Thresholds(0.85, 0.90, 0.95, 0.80)
_LENIENT = Thresholds(0.80, 0.85, 0.90, 0.75)

JUDGED_PLACES = (
    JudgedPlaces(CONTENT_TYPE_BY_NAME["attractions"], Thresholds(0.90, 0.95, 0.99, 0.85), ("NA", "HS", "EX", "VE")),
    JudgedPlaces(CONTENT_TYPE_BY_NAME["cultural_facilities"], _MIDDLING, ("VE",)),
    JudgedPlaces(CONTENT_TYPE_BY_NAME["festivals"], Thresholds(0.80, 0.90, 0.95, 0.75), ("EV",)),
    JudgedPlaces(CONTENT_TYPE_BY_NAME["travel_courses"], _LENIENT, ("C01",), has_address=False),
    JudgedPlaces(CONTENT_TYPE_BY_NAME["leisure_sports"], _LENIENT, ("LS", "VE", "AC")),
    # Half of the recorded accommodations have no picture.
    JudgedPlaces(CONTENT_TYPE_BY_NAME["accommodations"], _MIDDLING, ("AC", "VE"), pictured=0.4),
    JudgedPlaces(CONTENT_TYPE_BY_NAME["shopping"], _LENIENT, ("SH",), at_one_point=500),
    # The previous system had no restaurants; they get its thresholds for accommodations.
    JudgedPlaces(CONTENT_TYPE_BY_NAME["restaurants"], _MIDDLING, ("FD",)),
)


_FINDINGS_OF_DETAILS = (
    findings.NUMBER_FINDING,
    findings.PERIOD_FINDING,
    findings.EVENT_DAYS,
    findings.DAYS_TO_EVENT,
)
"""Columns that are judged and follow from details alone."""


def place_suite(table: JudgedPlaces) -> Suite:
    """The suite of one place table.

    Judging needs the values `minimum_rows` (int), `usual_rows` (int or None), `region_code` (str, the partition),
    `judged_at` (ISO 8601 with its offset) and `asked_by`. Rules about columns from details apply once a batch has them.
    """
    is_festivals = table.content_type.name == "festivals"
    has_numbers = any(field.kind in NUMBERS for field in table.detail_fields)
    return Suite(
        name=table.table_name,
        table_name=table.table_name,
        rules=(
            row_count_at_least(Given("minimum_rows")),
            row_count_not_fallen(LEAST_LEFT, leniency=ASKED_FOR),
            row_count_as_usual(*USUAL),
            *id_rules(),
            unique("content_id"),
            *(never_null(field.column) for field in LIST_FIELDS if field.is_required),
            matches("title", r"\S", rule_id="title_not_blank", description="No title is blank."),
            *findings.listing_rules(table.thresholds),
            *kind_rules((table.content_type.content_type_id,)),
            *region_rules(),
            *_location_rules(table),
            *findings.location_rules(),
            *_class_rules(table),
            *findings.class_rules(table.thresholds),
            *findings.repetition_rules(table.at_one_point),
            *_phone_rules(table.thresholds),
            *_image_rules(table),
            *_time_rules(table.thresholds),
            *findings.text_rules(),
            *field_rules(table.detail_fields),
            *(findings.number_rules() if has_numbers else ()),
            *(findings.event_rules(table.thresholds) if is_festivals else ()),
        ),
        minimum_score=100 * table.thresholds.overall,
        tolerated=FEW,
        optional_columns=frozenset({*(field.column for field in table.detail_fields), *_FINDINGS_OF_DETAILS}),
    )


def _location_rules(table: JudgedPlaces) -> tuple[Rule, ...]:
    completeness, validity = table.thresholds.completeness, table.thresholds.validity
    address_rules = (
        filled("address", at_least=completeness, leniency=SMALL_OR_UNASSIGNED),
        # A blank text is not null: without this rule a column of blanks would count as complete.
        matches("address", r"\S", rule_id="address_not_blank", description="No address is blank rather than null."),
    )
    return (
        between("latitude", SOUTH, NORTH),
        between("longitude", WEST, EAST),
        filled("latitude", at_least=completeness, leniency=SMALL_OR_UNASSIGNED),
        filled("longitude", at_least=completeness, leniency=SMALL_OR_UNASSIGNED),
        between("nx", 1, COLUMNS),
        between("ny", 1, ROWS),
        # The grid leaves out a corner of sea between Korea and Japan that the bounds of coordinates include.
        filled_where("nx", "latitude", at_least=validity, leniency=SMALL_OR_UNASSIGNED),
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


def _class_rules(table: JudgedPlaces) -> tuple[Rule, ...]:
    thresholds = table.thresholds
    return (
        filled("class_code", at_least=thresholds.completeness, leniency=SMALL_OR_UNASSIGNED),
        in_set(
            "class_division_code",
            table.divisions,
            rule_id="class_division_of_the_kind",
            description=f"At least {thresholds.validity:.0%} of the class_division_codes are {' or '.join(table.divisions)}.",
            at_least=thresholds.validity,
            leniency=SMALL_OR_UNASSIGNED,
        ),
        in_set(
            "class_group_code",
            [group for division in table.divisions for group in CLASS_GROUPS[division]],
            rule_id="class_group_known",
            description=f"At least {thresholds.validity:.0%} of the class_group_codes are known.",
            at_least=thresholds.validity,
            severity=Severity.WARNING,
        ),
    )


def _phone_rules(thresholds: Thresholds) -> tuple[Rule, ...]:
    return (
        matches(
            "phone",
            r"[0-9]{3}",
            rule_id="phone_has_a_number",
            description=f"At least {thresholds.validity:.0%} of the phones have a number in them.",
            at_least=thresholds.validity,
            severity=Severity.WARNING,
        ),
    )


def _image_rules(table: JudgedPlaces) -> tuple[Rule, ...]:
    validity = table.thresholds.validity
    return (
        matches(
            "image_url",
            r"\Ahttps://\S+\Z",
            rule_id="image_url_https",
            description=f"At least {validity:.0%} of the image addresses are https.",
            at_least=validity,
            severity=Severity.WARNING,
        ),
        matches(
            "thumbnail_url",
            r"\Ahttps://\S+\Z",
            rule_id="thumbnail_url_https",
            description=f"At least {validity:.0%} of the addresses of thumbnails are https.",
            at_least=validity,
            severity=Severity.WARNING,
        ),
        in_set(
            "image_licence",
            LICENCES,
            rule_id="image_licence_known",
            description=f"At least {validity:.0%} of the licences of images are {', '.join(LICENCES)}.",
            at_least=validity,
            severity=Severity.WARNING,
        ),
        filled("image_url", at_least=table.pictured, severity=Severity.NOTE),
    )


def _time_rules(thresholds: Thresholds) -> tuple[Rule, ...]:
    return (
        never_null("modified_at", severity=Severity.WARNING),
        between("modified_at", None, Given("judged_at"), severity=Severity.WARNING),
        between("created_at", None, Given("judged_at"), severity=Severity.WARNING),
        not_before("modified_at", "created_at", at_least=thresholds.consistency, severity=Severity.WARNING),
    )


SUITES: Mapping[str, Suite] = MappingProxyType(
    {suite.table_name: suite for suite in (*map(place_suite, JUDGED_PLACES), *map(detail_suite, JUDGED_DETAILS))}
)
"""Suite by table name."""
