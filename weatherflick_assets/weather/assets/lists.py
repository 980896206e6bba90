"""`raw/kasi/holidays`, `raw/airkorea/stations` and what is published of them: lists that are read whole, weekly."""

from collections.abc import Callable
from typing import Any

from weatherflick_assets.weather.assets.sources import core_asset, raw_asset
from weatherflick_assets.weather.sources import AIR_STATIONS, HOLIDAYS


def _collect_holidays() -> Callable[..., Any]:
    from weatherflick_assets.weather.collect.lists import collect_holidays

    return collect_holidays


def _collect_air_stations() -> Callable[..., Any]:
    from weatherflick_assets.weather.collect.lists import collect_air_stations

    return collect_air_stations


def _publish_holidays() -> Callable[..., Any]:
    from weatherflick_assets.weather.publish_lists import publish_holidays

    return publish_holidays


def _publish_air_stations() -> Callable[..., Any]:
    from weatherflick_assets.weather.publish_lists import publish_air_stations

    return publish_air_stations


def _publish_stations_of_cells() -> Callable[..., Any]:
    from weatherflick_assets.weather.publish_lists import publish_stations_of_cells

    return publish_stations_of_cells


_STATIONS, _OF_CELLS = AIR_STATIONS.tables

LIST_ASSETS = (
    raw_asset(
        HOLIDAYS,
        "The public holidays of this year and the next (getRestDeInfo). Of the next year there may be none yet.",
        _collect_holidays,
    ),
    core_asset(
        HOLIDAYS,
        HOLIDAYS.tables[0],
        "A year is replaced by its newest complete list, so that a day that was withdrawn leaves.",
        _publish_holidays,
    ),
    raw_asset(
        AIR_STATIONS, "All stations that measure the air, with their positions (getMsrstnList).", _collect_air_stations
    ),
    core_asset(
        AIR_STATIONS,
        _STATIONS,
        "Replaced by the newest complete list. A list that lacks a fifth of the stations is held back.",
        _publish_air_stations,
    ),
    core_asset(
        AIR_STATIONS,
        _OF_CELLS,
        "Made again when the stations change.",
        _publish_stations_of_cells,
        deps=(f"core/{_STATIONS.name}",),
    ),
)
