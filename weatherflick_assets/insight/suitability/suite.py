"""What must hold for the scores of an issue before they are published."""

from weatherflick_assets.insight.suitability.activities import ACTIVITIES
from weatherflick_assets.insight.suitability.scoring import LEVELS
from weatherflick_assets.insight.tables import SUITABILITY_OF_CELLS
from weatherflick_assets.quality.rules import Given, Suite, between, filled, in_set, row_count_at_least

CELL, GATED = "cell", "gated_score"
"""Columns that are judged and not published: nx and ny in one number, by which a row is named, and the score of a day of which a
warning leaves nothing. That no row appears twice is the primary key's."""

NOT_RECOMMENDED = "not_recommended"
"""The level of a day with a score of 0."""

SUITE = Suite(
    name=SUITABILITY_OF_CELLS.fullname,
    table_name=SUITABILITY_OF_CELLS.fullname,
    rules=(
        row_count_at_least(Given("minimum_rows")),
        filled("score", at_least=0.9),
        between("score", 0, 100),
        between(GATED, 0, 0),
        in_set(
            "activity",
            sorted(ACTIVITIES),
            rule_id="activity_known",
            description="Every activity is a declared one.",
        ),
        in_set(
            "level",
            [*LEVELS, NOT_RECOMMENDED],
            rule_id="level_known",
            description="Every level is a declared one.",
        ),
        between("confidence", 0, 1),
        between("warning_share", 0, 1),
        between("hours", 1, 24),
    ),
    key_column=CELL,
    minimum_score=90,
)
"""The rules. A day without a score has too little of its forecast; that is rare, and many of them are a fault."""
