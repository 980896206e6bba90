"""The suites of the tables of details, made from one line of declaration per table.

The thresholds are those that the previous system declared for images, repeating information and pet policies (and never
applied).
"""

from dataclasses import dataclass

from weatherflick_assets.places.detail_tables import DETAILS, DetailTable
from weatherflick_assets.places.suites.common_rules import (
    SMALL_OR_UNASSIGNED,
    Thresholds,
    field_rules,
    id_rules,
    kind_rules,
    region_rules,
)
from weatherflick_assets.quality.rules import Given, Rule, Suite, between, filled, never_null, row_count_at_least


@dataclass(frozen=True)
class JudgedDetails:
    """One table of details, as the judge sees it.

    Attributes:
        detail: The table.
        thresholds: Its thresholds.
        expected: Columns that are filled in nearly every row.
        always: Columns that are filled in every row by definition.
    """

    detail: DetailTable
    thresholds: Thresholds
    expected: tuple[str, ...] = ()
    always: tuple[str, ...] = ()


_IMAGES = Thresholds(0.90, 0.95, 0.98, 0.85)
_OTHERS = Thresholds(0.85, 0.90, 0.95, 0.80)
_TABLES = {detail.name: detail for detail in DETAILS}

JUDGED_DETAILS = (
    JudgedDetails(_TABLES["place_images"], _IMAGES, expected=("licence",), always=("image_url",)),
    JudgedDetails(_TABLES["place_infos"], _OTHERS, expected=("name",)),
    JudgedDetails(_TABLES["course_stops"], _OTHERS, expected=("name", "stop_content_id")),
    JudgedDetails(_TABLES["rooms"], _OTHERS, expected=("title",)),
    JudgedDetails(_TABLES["pet_policies"], _OTHERS, expected=("scope",)),
)


def detail_suite(table: JudgedDetails) -> Suite:
    """The suite of one table of details. Judging needs `minimum_rows` (int) and `region_code` (str)."""
    name = f"core.{table.detail.name}"
    return Suite(
        name=name,
        table_name=name,
        rules=(
            row_count_at_least(Given("minimum_rows")),
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
        ),
        minimum_score=100 * table.thresholds.overall,
    )


def _order_rules() -> tuple[Rule, ...]:
    return (never_null("position"), between("position", 1, None))
