"""How long what follows from published data is kept.

The scores of an issue matter until the next one is there. Those of 05:00 stay longer, because what was recommended is compared
with the weather that came, and one issue a day says enough of it.
"""

from datetime import timedelta

from weatherflick_assets.insight.tables import (
    ACTIVITIES_OF_PLACES,
    APPEAL_OF_PLACES,
    CLIMATE_NORMALS,
    FORECAST_CHANGES,
    FORECAST_SKILL,
    OBSERVED_SUITABILITY,
    RECOMMENDATION_VERIFICATION,
    RECOMMENDATIONS,
    SUITABILITY_OF_AREAS,
    SUITABILITY_OF_CELLS,
)
from weatherflick_assets.warehouse.row_policies import RowPolicy
from weatherflick_assets.warehouse.storage_policies import StoragePolicy

_TWO_DAYS = timedelta(days=2)
_TWO_MONTHS = timedelta(days=60)

STORAGE = (
    *(
        StoragePolicy(
            table,
            thinned="extract(hour FROM issued_at AT TIME ZONE 'Asia/Seoul') = 5",
            whole_for=_TWO_DAYS,
            kept_for=_TWO_MONTHS,
        )
        for table in (SUITABILITY_OF_CELLS, RECOMMENDATIONS, SUITABILITY_OF_AREAS)
    ),
    # What was told is compared with what is said later, whichever issue told it.
    StoragePolicy(FORECAST_CHANGES, thinned="TRUE", whole_for=_TWO_DAYS, kept_for=_TWO_MONTHS),
)
"""One policy for each table that is partitioned by day."""

_TWO_YEARS = timedelta(days=800)
"""The skill of a year can be compared with that of the year before."""

ROWS = (
    RowPolicy(FORECAST_SKILL, "day", _TWO_YEARS),
    RowPolicy(RECOMMENDATION_VERIFICATION, "day", _TWO_YEARS),
    RowPolicy(OBSERVED_SUITABILITY, "day", timedelta(days=30)),
)
"""One policy for each other table that gains rows every day. What came is compared with what comes within ten days."""

LASTING = {
    "As many rows as the catalogue has places and activities.": (ACTIVITIES_OF_PLACES, APPEAL_OF_PLACES),
    "As many rows as there are regions, months and activities.": (CLIMATE_NORMALS,),
}
"""Tables of which nothing is deleted, by the reason."""
