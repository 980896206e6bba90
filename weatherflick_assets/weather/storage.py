"""How long the weather is kept: every issue for two weeks, then for 400 days what skill is measured by.

Skill compares what was said six hours to five days ahead with what came. Days are kept as they were said early in the morning.
What was seen is kept whole. Answers are an index of the raw layer: without their bodies they say nothing.
"""

from datetime import timedelta

from weatherflick_assets.warehouse.row_policies import RowPolicy
from weatherflick_assets.warehouse.storage_policies import StoragePolicy
from weatherflick_assets.weather.tables import (
    AIR_QUALITY,
    AIR_QUALITY_FORECASTS,
    AIR_STATIONS,
    AIR_STATIONS_OF_CELLS,
    DAILY_FORECASTS,
    HOLIDAYS,
    HOURLY_FORECASTS,
    ISSUE_ANSWERS,
    ISSUE_COLLECTIONS,
    MIDTERM_FORECASTS,
    NOWCASTS,
    STATION_DAYS,
    WARNING_ZONES,
    WARNING_ZONES_OF_CELLS,
    WEATHER_OBSERVATIONS,
    WEATHER_WARNINGS,
)

_TWO_MONTHS = timedelta(days=60)

STORAGE = (
    StoragePolicy(HOURLY_FORECASTS, thinned="extract(epoch FROM valid_at - issued_at) / 3600 IN (6, 24, 48, 72, 120)"),
    StoragePolicy(DAILY_FORECASTS, thinned="extract(hour FROM issued_at AT TIME ZONE 'Asia/Seoul') = 5"),
    StoragePolicy(NOWCASTS, thinned="FALSE", kept_for=_TWO_MONTHS),
    StoragePolicy(WEATHER_OBSERVATIONS, thinned="TRUE"),
    StoragePolicy(AIR_QUALITY, thinned="TRUE"),
    # Lists that are read weekly are made from their newest answer again, however old that is within two months.
    StoragePolicy(ISSUE_ANSWERS, thinned="operation IN ('getRestDeInfo', 'getMsrstnList')", kept_for=_TWO_MONTHS),
)
"""One policy for each table that is partitioned by day."""

ROWS = (
    RowPolicy(MIDTERM_FORECASTS, "issued_at"),
    RowPolicy(AIR_QUALITY_FORECASTS, "issued_at"),
    # A year of stations that is collected stays so, however long ago it was.
    RowPolicy(ISSUE_COLLECTIONS, "issued_at", stays="series = 'station_years'"),
)
"""One policy for each other table that gains rows every day."""

LASTING = {
    "As many rows as the calendar has holidays.": (HOLIDAYS,),
    "As many rows as there are stations, zones and cells.": (
        AIR_STATIONS,
        AIR_STATIONS_OF_CELLS,
        WARNING_ZONES,
        WARNING_ZONES_OF_CELLS,
    ),
    "The climate is compared over years. A year adds some 36,000 rows.": (STATION_DAYS,),
    "The history of warnings. A year adds some thousand rows.": (WEATHER_WARNINGS,),
}
"""Tables of which nothing is deleted, by the reason."""

LEAD_HOURS = (6, 24, 48, 72, 120)
"""How far ahead what is kept of a forecast was said."""
