"""Partitions: the weather is partitioned by issue, because an issue is what can be asked for, as long as it is given."""

import dagster as dg

from weatherflick_assets.settings import KST
from weatherflick_assets.weather import issues
from weatherflick_assets.weather.issues import KEY_FORMAT, Series


def issue_partitions(series: Series) -> dg.TimeWindowPartitionsDefinition:
    """The issues of a series, from the first day on. An issue is a partition as soon as its time has come."""
    return dg.TimeWindowPartitionsDefinition(
        start=series.first_day.strftime(KEY_FORMAT),
        fmt=KEY_FORMAT,
        timezone=str(KST),
        cron_schedule=series.cron,
        end_offset=1,  # Dagster counts a partition when the next one begins; an issue is there when it is said
    )


ISSUE_PARTITIONS = {
    series.name: issue_partitions(series)
    for series in (
        issues.OBSERVATIONS,
        issues.NOWCASTS,
        issues.FORECASTS,
        issues.MIDTERM,
        issues.AIR_QUALITY,
        issues.AIR_FORECASTS,
        issues.STATION_DAYS,
        issues.STATION_YEARS,
    )
}
"""By the name of the series."""
