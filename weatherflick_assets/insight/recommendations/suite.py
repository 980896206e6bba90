"""What must hold for the lists of an issue before they are published."""

from weatherflick_assets.insight.recommendations.ranking import LEAST_SUITABILITY
from weatherflick_assets.insight.recommendations.topics import TOPICS
from weatherflick_assets.insight.suitability.activities import ACTIVITIES
from weatherflick_assets.insight.suitability.scoring import LEVELS
from weatherflick_assets.insight.tables import RECOMMENDATIONS
from weatherflick_assets.quality.rules import Given, Suite, between, in_set, matches, row_count_at_least

SUITE = Suite(
    name=RECOMMENDATIONS.fullname,
    table_name=RECOMMENDATIONS.fullname,
    rules=(
        row_count_at_least(Given("minimum_rows")),
        between("rank", 1, max(topic.most for topic in TOPICS.values())),
        between("score", 0, 100),
        between("suitability", LEAST_SUITABILITY, 100),
        between("appeal", 0, 1),
        between("confidence", 0, 1),
        in_set("topic", sorted(TOPICS), rule_id="topic_known", description="Every topic is a declared one."),
        in_set(
            "activity", sorted(ACTIVITIES), rule_id="activity_known", description="Every activity is a declared one."
        ),
        in_set(
            "level",
            [level for level, least in LEVELS.items() if least >= LEAST_SUITABILITY],
            rule_id="level_recommended",
            description="No day is recommended that is less than fair.",
        ),
        matches(
            "reasons",
            r'"ko": \["[^"]',
            rule_id="reasons_given",
            description="Every place is recommended with a reason in Korean.",
        ),
    ),
    minimum_score=90,
)
"""The rules. There are no fewer rows than lists; an issue at which nothing is fair anywhere has none."""
