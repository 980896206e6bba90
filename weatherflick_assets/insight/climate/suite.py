"""What must hold for the normals before they are published."""

from weatherflick_assets.insight.suitability.activities import ACTIVITIES
from weatherflick_assets.insight.tables import CLIMATE_NORMALS
from weatherflick_assets.korea.regions import REGION_CODES
from weatherflick_assets.quality.rules import Given, Suite, between, in_set, not_before, row_count_at_least

SUITE = Suite(
    name=CLIMATE_NORMALS.fullname,
    table_name=CLIMATE_NORMALS.fullname,
    rules=(
        row_count_at_least(Given("minimum_rows")),
        between("month", 1, 12),
        between("score", 0, 100),
        between("good_share", 0, 1),
        between("rank", 1, 12),
        between("temperature_max", -20, 45),
        not_before("temperature_max", "temperature_min"),
        between("precipitation_mm", 0, 1_500),
        between("rain_days", 0, 31),
        between("sunshine_hours", 0, 450),
        in_set(
            "region_code",
            sorted(REGION_CODES),
            rule_id="region_known",
            description="Every region is a region of Korea.",
        ),
        in_set(
            "activity", sorted(ACTIVITIES), rule_id="activity_known", description="Every activity is a declared one."
        ),
    ),
    minimum_score=95,
)
"""The rules. Ranges are far beyond any monthly mean of the country: what is outside is a fault and no climate."""
