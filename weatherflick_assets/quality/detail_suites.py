"""The suites of the tables of details, made from one line of declaration per table.

Thresholds are those the previous system declared for images, repeating information and pet policies (and never applied).
"""

from dataclasses import dataclass

from weatherflick_assets.content_types import CONTENT_TYPES
from weatherflick_assets.place_fields import (
    COURSE_STOP_FIELDS,
    IMAGE_FIELDS,
    INFO_FIELDS,
    PET_POLICY_FIELDS,
    ROOM_FIELDS,
    PlaceField,
)
from weatherflick_assets.quality.common_rules import (
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
        name: Of the table in the schema core.
        content_type_ids: Kinds of places it is about.
        fields: Its columns beside those that say which place a row is about.
        thresholds: What it has to reach.
        expected: Columns that nearly every row has a value in.
        always: Columns that every row has a value in, or it would not be one.
        in_order: Whether its rows are numbered.
    """

    name: str
    content_type_ids: tuple[str, ...]
    fields: tuple[PlaceField, ...]
    thresholds: Thresholds
    expected: tuple[str, ...] = ()
    always: tuple[str, ...] = ()
    in_order: bool = True


_IMAGES = Thresholds(0.90, 0.95, 0.98, 0.85)
_OTHERS = Thresholds(0.85, 0.90, 0.95, 0.80)
_EVERY_KIND = tuple(kind.content_type_id for kind in CONTENT_TYPES)
_COURSES, _ACCOMMODATIONS = "25", "32"
_PLAIN = tuple(kind for kind in _EVERY_KIND if kind not in (_COURSES, _ACCOMMODATIONS))

JUDGED_DETAILS = (
    JudgedDetails("place_images", _EVERY_KIND, IMAGE_FIELDS, _IMAGES, expected=("licence",), always=("image_url",)),
    JudgedDetails("place_infos", _PLAIN, INFO_FIELDS, _OTHERS, expected=("name",)),
    JudgedDetails("course_stops", (_COURSES,), COURSE_STOP_FIELDS, _OTHERS, expected=("name", "stop_content_id")),
    JudgedDetails("rooms", (_ACCOMMODATIONS,), ROOM_FIELDS, _OTHERS, expected=("title",)),
    JudgedDetails("pet_policies", _EVERY_KIND, PET_POLICY_FIELDS, _OTHERS, expected=("scope",), in_order=False),
)


def detail_suite(table: JudgedDetails) -> Suite:
    """The suite of one table of details. It needs `minimum_rows` (int) and `region_code` (str) when judging."""
    name = f"core.{table.name}"
    return Suite(
        name=name,
        table_name=name,
        rules=(
            row_count_at_least(Given("minimum_rows")),
            *id_rules(),
            *(_order_rules() if table.in_order else ()),
            *kind_rules(table.content_type_ids),
            *region_rules(),
            *map(never_null, table.always),
            *(
                filled(column, at_least=table.thresholds.completeness, leniency=SMALL_OR_UNASSIGNED)
                for column in table.expected
            ),
            *field_rules(table.fields),
        ),
        minimum_score=100 * table.thresholds.overall,
    )


def _order_rules() -> tuple[Rule, ...]:
    return (never_null("position"), between("position", 1, None))
