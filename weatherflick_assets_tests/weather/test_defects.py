"""What is clean raises nothing; what is spoiled is found by the rule that is meant for it, with its severity.

The weather comes over HTTP from a sandbox. Defects that an upstream can send are put into the stored answers; those that only a
fault of our own could make are made in the tables that the judge compares with.
"""

from collections.abc import Callable, Mapping
from datetime import timedelta
from typing import Any

import pytest

from weatherflick_assets.weather.products import FORECASTS, NOWCASTS_OF_CELLS, OBSERVATIONS
from weatherflick_assets.weather.publish_air_forecasts import publish_air_forecasts
from weatherflick_assets.weather.publish_air_quality import publish_air_quality
from weatherflick_assets.weather.publish_lists import (
    publish_air_stations,
    publish_holidays,
    publish_stations_of_cells,
)
from weatherflick_assets.weather.publish_station_days import publish_station_days
from weatherflick_assets.weather.publish_warnings import publish_warnings
from weatherflick_assets.weather.sources import (
    AIR_FORECASTS,
    AIR_QUALITY,
    AIR_STATIONS,
    HOLIDAYS,
    STATION_DAYS,
    WARNINGS,
)
from weatherflick_assets_tests.sandbox.agencies import korea
from weatherflick_assets_tests.weather.collecting import Weather, rows, stock, weather
from weatherflick_assets_tests.weather.collecting_sources import Country, change_answers, country

ISSUE = korea(2026, 8, 26, 14)
NOW = ISSUE + timedelta(minutes=15)
CELLS = {(60, 127): 30, (60, 126): 3, (92, 131): 1}
Items = list[dict[str, Any]]

_FAILED = """
SELECT table_name, rule_id, severity FROM quality.rule_results AS result JOIN quality.verdicts AS verdict USING (verdict_id)
WHERE NOT result.passed ORDER BY verdict_id, rule_id
"""


def failed(dsn: str) -> list[tuple[str, str, str]]:
    """Every rule that any verdict found broken."""
    return [
        (table_name.removeprefix("core."), rule_id, severity)
        for table_name, rule_id, severity in rows(dsn, _FAILED.replace("table_name,", "result.table_name,", 1))
    ]


def publish_cells_and_days(at: Weather) -> None:
    """All that is published of the weather of cells at an issue."""
    for product, issue in (
        (OBSERVATIONS, ISSUE),
        (NOWCASTS_OF_CELLS, ISSUE - timedelta(minutes=30)),
        (FORECASTS, ISSUE),
    ):
        at.collect(issue, product)
        at.publish(issue, product)
    at.collect_midterm(korea(2026, 8, 26, 6))
    at.publish_midterm(korea(2026, 8, 26, 6))
    at.publish_days(ISSUE)


def test_the_weather_of_cells_raises_nothing(store: str) -> None:
    stock(store, CELLS)
    with weather(store, NOW) as at:
        publish_cells_and_days(at)
    assert failed(store) == []
    ((judged,),) = rows(store, "SELECT count(DISTINCT table_name) FROM quality.verdicts WHERE row_count > 0")
    assert judged == 5


_LISTS: Mapping[str, tuple[Any, Callable[..., Any], tuple[Any, ...]]] = {
    "holidays": (HOLIDAYS, publish_holidays, ()),
    "air_stations": (AIR_STATIONS, publish_air_stations, ()),
    "air_stations_of_cells": (None, publish_stations_of_cells, ()),
    "air_quality": (AIR_QUALITY, publish_air_quality, (ISSUE,)),
    "air_quality_forecasts": (AIR_FORECASTS, publish_air_forecasts, (korea(2026, 8, 26, 11),)),
    "weather_warnings": (WARNINGS, publish_warnings, ()),
    "station_days": (STATION_DAYS, publish_station_days, (korea(2026, 8, 25),)),
}


def publish(at: Country, name: str, spoil: Callable[[Items], None] | None = None) -> None:
    """Collect a source, spoil its stored answers, and publish it."""
    source, publisher, issue = _LISTS[name]
    if source is not None:
        at.collect(source, *issue)
        if spoil is not None:
            change_answers(at.dsn, source.operation.name, spoil)
    at.publish(publisher, *issue)


def test_lists_the_air_warnings_and_stations_raise_nothing(store: str) -> None:
    with country(store, NOW + timedelta(minutes=5)) as at:
        for name in _LISTS:
            publish(at, name)
    assert failed(store) == []
    ((judged,),) = rows(store, "SELECT count(DISTINCT table_name) FROM quality.verdicts WHERE row_count > 0")
    assert judged == len(_LISTS)


def _on_another_day(items: Items) -> None:
    for item in items:
        if item["dateName"] == "광복절":
            item["locdate"] = int(item["locdate"]) + 1


def _three_names(items: Items) -> None:
    items += [{**items[0], "dateName": name} for name in ("하나", "둘")]


def _less_of_all(items: Items) -> None:
    for item in items:
        item["pm10Value"], item["pm25Value"] = "5", "50"


def _unknown_names(items: Items) -> None:
    for item in items:
        item["stationName"] = f"{item['stationName']}9"


@pytest.mark.parametrize(
    ("name", "before", "spoil", "rule"),
    [
        ("holidays", (), _on_another_day, "holidays_on_their_days"),
        ("holidays", (), _three_names, "holidays_on_their_days"),
        ("air_quality", (), _less_of_all, "pm10_not_below_pm25"),
        ("air_quality", ("air_stations",), _unknown_names, "stations_known"),
    ],
    ids=["a holiday on another day", "three names on a day", "more fine particles than particles", "unknown stations"],
)
def test_a_defect_in_a_list_or_in_the_air_is_found(
    store: str, name: str, before: tuple[str, ...], spoil: Callable[[Items], None], rule: str
) -> None:
    with country(store, NOW + timedelta(minutes=5)) as at:
        for first in before:
            publish(at, first)
        publish(at, name, spoil)
    assert failed(store) == [(name, rule, "warning")]
