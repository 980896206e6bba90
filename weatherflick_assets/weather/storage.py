"""How long the weather is kept: every issue for two weeks, then for 400 days what skill is measured by.

Skill compares what was said six hours to five days ahead with what came. Days are kept as they were said early in the morning.
What was seen is kept whole. Answers are an index of the raw layer: without their bodies they say nothing.
"""

from datetime import timedelta

from weatherflick_assets.warehouse.storage_policies import StoragePolicy
from weatherflick_assets.weather.tables import (
    AIR_QUALITY,
    DAILY_FORECASTS,
    HOURLY_FORECASTS,
    ISSUE_ANSWERS,
    NOWCASTS,
    WEATHER_OBSERVATIONS,
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

LEAD_HOURS = (6, 24, 48, 72, 120)
"""How far ahead what is kept of a forecast was said."""
