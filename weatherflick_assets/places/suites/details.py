"""The suites of the tables of details, made from one line of declaration per table.

The thresholds are those that the previous system declared for images, repeating information and pet policies (and never
applied).
"""

from dataclasses import dataclass

from weatherflick_assets.places.detail_tables import DETAILS, DetailTable
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
from weatherflick_assets.quality.rules import (
    Given,
    Rule,
    Severity,
    Suite,
    between,
    filled,
    in_set,
    mostly_unique,
    never_null,
    not_before,
    row_count_as_usual,
    row_count_at_least,
    row_count_not_fallen,
)


@dataclass(frozen=True)
class JudgedDetails:
    """One table of details, as the judge sees it.

    Attributes:
        detail: The table.
        thresholds: Its thresholds.
        expected: Columns that are filled in nearly every row, without which a row says nothing.
        always: Columns that are filled in every row by definition.
        own: Rules of this table alone.
    """

    detail: DetailTable
    thresholds: Thresholds
    expected: tuple[str, ...] = ()
    always: tuple[str, ...] = ()
    own: tuple[Rule, ...] = ()


LEAST_LEFT, LEAST_USUAL = 0.5, 0.75
"""With a smaller share of the usual rows a region is not published, unless a person asks for it by itself, and a warning is due.
More are none: details are collected little by little. Their number varies more than that of places, which may have many."""

_IMAGES = Thresholds(0.90, 0.95, 0.98, 0.85)
_OTHERS = Thresholds(0.85, 0.90, 0.95, 0.80)
_TABLES = {detail.name: detail for detail in DETAILS}

JUDGED_DETAILS = (
    JudgedDetails(
        _TABLES["place_images"],
        _IMAGES,
        always=("image_url",),
        own=(
            # A picture whose licence is not known is still the right picture, and says so.
            filled("licence", at_least=_IMAGES.completeness, severity=Severity.WARNING),
            mostly_unique(findings.IMAGE_OF_PLACE, rule_id="images_once", description="No place has an image twice."),
            in_set(
                "licence",
                LICENCES,
                rule_id="licence_known",
                description=f"At least {_IMAGES.validity:.0%} of the licences are {', '.join(LICENCES)}.",
                at_least=_IMAGES.validity,
                severity=Severity.WARNING,
            ),
        ),
    ),
    JudgedDetails(_TABLES["place_infos"], _OTHERS, expected=("name",)),
    JudgedDetails(
        _TABLES["course_stops"],
        _OTHERS,
        expected=("name", "stop_content_id"),
        own=findings.stop_rules(_OTHERS),
    ),
    JudgedDetails(
        _TABLES["rooms"],
        _OTHERS,
        expected=("title",),
        own=(
            not_before(
                "most_guests",
                "guests",
                at_least=_OTHERS.consistency,
                severity=Severity.WARNING,
                said="below",
            ),
        ),
    ),
    JudgedDetails(
        _TABLES["pet_policies"],
        _OTHERS,
        # One in thirteen says nothing of it, and many regions have less than fifty: chance alone leaves a sixth of these blank.
        own=(filled("scope", at_least=0.7, leniency=SMALL_OR_UNASSIGNED),),
    ),
)


def detail_suite(table: JudgedDetails) -> Suite:
    """The suite of one table of details. Judging needs `minimum_rows` (int), `usual_rows` (int or None), `region_code` (str)."""
    name = f"core.{table.detail.name}"
    return Suite(
        name=name,
        table_name=name,
        rules=(
            row_count_at_least(Given("minimum_rows")),
            row_count_not_fallen(LEAST_LEFT, leniency=ASKED_FOR),
            row_count_as_usual(LEAST_USUAL),
            *id_rules(),
            *(_order_rules() if table.detail.in_order else ()),
            *kind_rules(table.detail.content_type_ids),
            *region_rules(),
            *map(never_null, table.always),
            *(
                filled(column, at_least=table.thresholds.completeness, leniency=SMALL_OR_UNASSIGNED)
                for column in table.expected
            ),
            *field_rules(table.detail.fields),
            *findings.place_rules(),
            *findings.text_rules(),
            *(findings.number_rules() if any(field.kind in NUMBERS for field in table.detail.fields) else ()),
            *table.own,
        ),
        minimum_score=100 * table.thresholds.overall,
        tolerated=FEW,
    )


def _order_rules() -> tuple[Rule, ...]:
    return (never_null("position"), between("position", 1, None))
