"""What must hold for the changes of an issue before they are published."""

from weatherflick_assets.insight.changes.kinds import DIRECTIONS, KINDS, LEVEL_NAMES
from weatherflick_assets.insight.suitability.activities import ACTIVITIES
from weatherflick_assets.insight.suitability.hours import ANY
from weatherflick_assets.insight.tables import FORECAST_CHANGES
from weatherflick_assets.quality.rules import Given, Suite, between, in_set, matches, never_null, row_count_at_least

SUITE = Suite(
    name=FORECAST_CHANGES.fullname,
    table_name=FORECAST_CHANGES.fullname,
    rules=(
        row_count_at_least(Given("told_before")),
        in_set("kind", sorted(KINDS), rule_id="kind_known", description="Every kind of change is a declared one."),
        in_set("direction", DIRECTIONS, rule_id="direction_known", description="Every direction is a declared one."),
        in_set(
            "activity",
            [*sorted(ACTIVITIES), ANY],
            rule_id="activity_known",
            description="Every activity is a declared one.",
        ),
        *(
            in_set(
                column,
                [*LEVEL_NAMES],
                rule_id=f"{column}_known",
                description=f"Every {column} is a declared level.",
            )
            for column in ("from_level", "to_level")
        ),
        *(never_null(column) for column in ("from_value", "to_value")),
        *(between(column, -60, 100) for column in ("from_value", "to_value")),
        *(
            matches(column, r"\S", rule_id=f"{column}_given", description=f"Every change has a {column}.")
            for column in ("reason_ko", "reason_en")
        ),
    ),
    key_column="kind",
    minimum_score=90,
)
"""The rules. What was told of an issue stays told, so there are no fewer rows than before."""
