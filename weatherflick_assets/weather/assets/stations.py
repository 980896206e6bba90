"""`raw/airkorea/measurements`, `raw/airkorea/forecasts`, `raw/kma/asos_daily`, `raw/kma/asos_years`, and what is published of them."""

from collections.abc import Callable
from typing import Any

from weatherflick_assets.weather.assets.sources import core_asset, raw_asset
from weatherflick_assets.weather.sources import AIR_FORECASTS, AIR_QUALITY, STATION_DAYS, STATION_YEARS


def _collect_air_quality() -> Callable[..., Any]:
    from weatherflick_assets.weather.collect.air_quality import collect_air_quality

    return collect_air_quality


def _collect_air_forecasts() -> Callable[..., Any]:
    from weatherflick_assets.weather.collect.air_quality import collect_air_forecasts

    return collect_air_forecasts


def _publish_air_forecasts() -> Callable[..., Any]:
    from weatherflick_assets.weather.publish_air_forecasts import publish_air_forecasts

    return publish_air_forecasts


def _collect_station_days() -> Callable[..., Any]:
    from weatherflick_assets.weather.collect.station_days import collect_station_days

    return collect_station_days


def _collect_station_years() -> Callable[..., Any]:
    from weatherflick_assets.weather.collect.station_years import collect_station_years

    return collect_station_years


def _publish_air_quality() -> Callable[..., Any]:
    from weatherflick_assets.weather.publish_air_quality import publish_air_quality

    return publish_air_quality


def _publish_station_days() -> Callable[..., Any]:
    from weatherflick_assets.weather.publish_station_days import publish_station_days

    return publish_station_days


def _publish_station_years() -> Callable[..., Any]:
    from weatherflick_assets.weather.publish_station_days import publish_station_years

    return publish_station_years


STATION_ASSETS = (
    raw_asset(
        AIR_QUALITY,
        "The measurements of an hour, region by region (getCtprvnRltmMesureDnsty). The upstream gives only the newest hour: a "
        "partition that is over fails, and stores nothing.",
        _collect_air_quality,
    ),
    core_asset(
        AIR_QUALITY,
        AIR_QUALITY.tables[0],
        "A value that can't be, or whose sensor failed, is missing. core.air_quality_of_cell gives the air of a cell.",
        _publish_air_quality,
        issue_column="measured_at",
    ),
    raw_asset(
        AIR_FORECASTS,
        "The forecasts of dust and ozone of an issue (getMinuDustFrcstDspth), all zones in one call.",
        _collect_air_forecasts,
    ),
    core_asset(
        AIR_FORECASTS,
        AIR_FORECASTS.tables[0],
        "A grade that can't be read is missing; every issue stays beside the later ones.",
        _publish_air_forecasts,
        issue_column="issued_at",
    ),
    raw_asset(
        STATION_DAYS,
        "A day of every station (getWthrDataList of AsosDalyInfoService), known by 11:00 of the next day. A call for a day asks "
        "for all days that are due, so that a missed week costs no more calls.",
        _collect_station_days,
    ),
    core_asset(
        STATION_DAYS,
        STATION_DAYS.tables[0],
        "A value that can't be is missing. A station without a row of the day is left out.",
        _publish_station_days,
        issue_column="day",
    ),
    raw_asset(
        STATION_YEARS,
        "A year of every station that is over, named by its first day: one call a station (getWthrDataList of "
        "AsosDalyInfoService). Asked with the calls that the day's work has left; a year for which they are not enough is resumed.",
        _collect_station_years,
    ),
    core_asset(
        STATION_YEARS,
        STATION_YEARS.tables[0],
        "Here a whole year at once, in place of what core/station_days published of its days: what the climate is worked out "
        "of. A station that was set up later has no row of it.",
        _publish_station_years,
        issue_column="day",
    ),
)
