"""Defects in stored answers about the weather, the air, holidays and stations, and the issues that they are put into."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import orjson

from weatherflick_assets.upstream.declarations import Operation
from weatherflick_assets.weather.products import FORECASTS, NOWCASTS_OF_CELLS, OBSERVATIONS, CellProduct
from weatherflick_assets.weather.publish_air_forecasts import publish_air_forecasts
from weatherflick_assets.weather.publish_air_quality import publish_air_quality
from weatherflick_assets.weather.publish_lists import publish_air_stations, publish_holidays, publish_stations_of_cells
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
from weatherflick_assets_tests.defects import Defect, Kind, blocks, warns
from weatherflick_assets_tests.recorded import RECORDED
from weatherflick_assets_tests.sandbox.agencies import korea
from weatherflick_assets_tests.weather.collecting import Weather
from weatherflick_assets_tests.weather.collecting_sources import Country

ISSUE = korea(2026, 8, 26, 14)
NOW = ISSUE + timedelta(minutes=15)
CELLS = {(60, 127): 30, (60, 126): 3, (92, 131): 1}
Item = dict[str, Any]
Items = list[Item]
Spoil = Callable[[Items], None]


@dataclass(frozen=True)
class Clean:
    """Clean data of a table: how they are collected, how the table is published, and what is changed to spoil it.

    Attributes:
        collect: Collects, and publishes what the table is judged against.
        publish: Publishes the table.
        operation: Whose stored answers are spoiled.
    """

    collect: Callable[[Any], object]
    publish: Callable[[Any], Any]
    operation: Operation


def _cells(product: CellProduct, issue: datetime) -> Clean:
    def collect(at: Weather) -> None:
        at.collect(issue, product)

    return Clean(collect, lambda at: at.publish(issue, product), product.operation)


def _forecasts(at: Weather) -> None:
    earlier = ISSUE - timedelta(hours=3)
    at.collect(earlier)
    at.publish(earlier)
    at.collect(ISSUE)


def _days(at: Weather) -> Any:
    at.publish(ISSUE)
    return at.publish_days(ISSUE)


MIDTERM = korea(2026, 8, 26, 6)
LAND, TEMPERATURES = "getMidLandFcst", "getMidTa"

CELL_TABLES: Mapping[str, Clean] = {
    "core.weather_observations": _cells(OBSERVATIONS, ISSUE),
    "core.nowcasts": _cells(NOWCASTS_OF_CELLS, ISSUE - timedelta(minutes=30)),
    "core.hourly_forecasts": Clean(_forecasts, lambda at: at.publish(ISSUE), FORECASTS.operation),
    "core.daily_forecasts": Clean(_forecasts, _days, FORECASTS.operation),
    "core.midterm_forecasts": Clean(
        lambda at: at.collect_midterm(MIDTERM), lambda at: at.publish_midterm(MIDTERM), FORECASTS.operation
    ),
}
"""Clean weather of cells and points, by table."""

LISTS: Mapping[str, tuple[Any, Callable[..., Any], tuple[datetime, ...]]] = {
    "core.holidays": (HOLIDAYS, publish_holidays, ()),
    "core.air_stations": (AIR_STATIONS, publish_air_stations, ()),
    "core.air_stations_of_cells": (None, publish_stations_of_cells, ()),
    "core.air_quality": (AIR_QUALITY, publish_air_quality, (ISSUE,)),
    "core.air_quality_forecasts": (AIR_FORECASTS, publish_air_forecasts, (korea(2026, 8, 26, 11),)),
    "core.weather_warnings": (WARNINGS, publish_warnings, ()),
    "core.station_days": (STATION_DAYS, publish_station_days, (korea(2026, 8, 25),)),
}
"""Sources of all else, by table: the source, its publisher, and the issue."""


def collect_list(at: Country, table: str, *, days_before: int = 0) -> None:
    """Collect the source of a table, or an earlier issue of it."""
    source, _, issue = LISTS[table]
    if source is not None:
        at.collect(source, *(each - timedelta(days=days_before) for each in issue))


def publish_list(at: Country, table: str, *, days_before: int = 0) -> Any:
    """Publish a table of a source, or an earlier issue of it; gives what its publisher gives."""
    _, publisher, issue = LISTS[table]
    return at.publish(publisher, *(each - timedelta(days=days_before) for each in issue))


def _of_issue(change: Callable[[Item], object]) -> Spoil:
    """Change every item of the issue that is spoiled, and of no other."""

    def spoil(items: Items) -> None:
        for item in items:
            if item["baseTime"] != "1100":
                change(item)

    return spoil


def _value(category: str, value: Callable[[float], object] | str, every: int = 1) -> Spoil:
    """Every so many values of a category are something else."""

    def spoil(items: Items) -> None:
        meant = [item for item in items if item["category"] == category and item["baseTime"] != "1100"]
        for item in meant[::every]:
            field = "obsrValue" if "obsrValue" in item else "fcstValue"
            item[field] = value if isinstance(value, str) else str(value(float(item[field])))

    return spoil


def _in_cell(nx: int, spoil: Spoil) -> Spoil:
    """The values of one cell alone."""
    return lambda items: spoil([item for item in items if item["nx"] == nx])


def _all(*spoils: Spoil) -> Spoil:
    def spoil(items: Items) -> None:
        for each in spoils:
            each(items)

    return spoil


def _renamed(category: str) -> Spoil:
    return _of_issue(lambda item: item.update(category=f"{category}2") if item["category"] == category else None)


def _without(items: Items, condition: Callable[[Item], bool]) -> None:
    items[:] = [item for item in items if item.get("baseTime") == "1100" or not condition(item)]


def _each(every: int = 1, **changes: object) -> Spoil:
    """Every so many items have other values; None: they lack them."""

    def spoil(items: Items) -> None:
        for item in items[::every]:
            item.update(changes)

    return spoil


def _on_another_day(items: Items) -> None:
    for item in items:
        if item["dateName"] == "광복절":
            item["locdate"] = int(item["locdate"]) + 1


def _three_names(items: Items) -> None:
    items += [{**items[0], "dateName": name} for name in ("하나", "둘")]


def _first(count: int) -> Spoil:
    def spoil(items: Items) -> None:
        del items[count:]

    return spoil


def _unknown_names(every: int = 1) -> Spoil:
    def spoil(items: Items) -> None:
        for item in items[::every]:
            item["stationName"] = f"{item['stationName']}9"

    return spoil


def _without_zone(zone: str) -> Spoil:
    def spoil(items: Items) -> None:
        for item in items:
            said = item["informGrade"].split(",")
            item["informGrade"] = ",".join(part for part in said if part.partition(":")[0].strip() != zone)

    return spoil


def _swapped(first: str, second: str) -> Spoil:
    def spoil(items: Items) -> None:
        for item in items:
            item[first], item[second] = item[second], item[first]

    return spoil


def recorded(path: str) -> Items:
    """The items of a recorded answer."""
    return orjson.loads((RECORDED / path).read_bytes())["response"]["body"]["items"]["item"]


K = Kind
_O, _N, _H, _D, _M = (
    f"core.{name}"
    for name in ("weather_observations", "nowcasts", "hourly_forecasts", "daily_forecasts", "midterm_forecasts")
)
_Q, _S, _P, _F = "core.air_quality", "core.air_stations", "core.station_days", "core.air_quality_forecasts"

DEFECTS: tuple[Defect, ...] = (
    # Cells
    Defect("temperatures under another name", K.SCHEMA, _O, "category T1H is T1H2", _renamed("T1H"), blocks("row_count")),
    Defect("values under another name", K.SCHEMA, _O, "obsrValue is renamed", _of_issue(lambda item: item.update(value=item.pop("obsrValue"))), blocks("row_count")),
    Defect("marks for missing temperatures", K.COMPLETENESS, _O, "every second T1H is -999", _value("T1H", "-999", 2), blocks("row_count")),
    Defect("humidity beyond 100 %", K.VALIDITY, _O, "REH is 150", _value("REH", "150"), blocks("row_count")),
    Defect("codes of precipitation that are none", K.VALIDITY, _O, "PTY is 99", _value("PTY", "99"), blocks("row_count")),
    Defect("wind that its components do not have", K.CONSISTENCY, _O, "WSD is 12 m/s more", _value("WSD", lambda value: value + 12), (*blocks("wind_difference_in_most_rows"), *warns("wind_speed_of_its_components"))),
    Defect("wind of a cell that its components do not have", K.CONSISTENCY, _O, "WSD is 12 m/s more in 1 of 3 cells", _in_cell(92, _value("WSD", lambda value: value + 12)), warns("wind_speed_of_its_components")),
    Defect("rain without a kind", K.CONSISTENCY, _O, "RN1 is 5.0 and PTY 0", _all(_value("RN1", "5.0"), _value("PTY", "0")), warns("rain_has_a_kind")),
    Defect("half of the cells gone", K.VOLUME, _O, "no items of the cells with nx 60", lambda items: _without(items, lambda item: item["nx"] == 60), blocks("row_count")),
    Defect("skies that are none", K.VALIDITY, _N, "SKY is 9", _value("SKY", "9"), blocks("row_count")),
    Defect("hours missing", K.COMPLETENESS, _N, "no items after the third hour", lambda items: _without(items, lambda item: item["fcstTime"] > "1600"), blocks("cell_share_in_most_rows", "row_count")),
    Defect("temperatures of the nowcast missing", K.SCHEMA, _N, "category T1H is T1H2", _renamed("T1H"), blocks("row_count")),
    Defect("a forecast that jumps", K.CONSISTENCY, _H, "TMP is 15 °C more than three hours before", _value("TMP", lambda value: value + 15), blocks("temperature_change_in_most_rows")),
    Defect("probabilities beyond 100 %", K.VALIDITY, _H, "POP is 400", _value("POP", "400"), blocks("row_count")),
    Defect("temperatures of the forecast under another name", K.SCHEMA, _H, "category TMP is TMP2", _renamed("TMP"), blocks("row_count")),
    Defect("a day of the forecast missing", K.VOLUME, _H, "no items of the last day but one", lambda items: _without(items, lambda item: item["fcstDate"] == "20260828"), blocks("cell_share_in_most_rows", "row_count", "step_hours_in_range")),
    Defect("rain in words without a kind", K.CONSISTENCY, _H, "PCP is 3.0mm and PTY 0", _all(_value("PCP", "3.0mm"), _value("PTY", "0")), warns("rain_has_a_kind")),
    Defect("extremes that the hours do not have", K.CONSISTENCY, _D, "TMX is 15 °C less than the hours", _value("TMX", lambda value: value - 15), (*blocks("temperature_max_not_below_min"), *warns("highest_temperature_agrees_with_the_hours"))),
    # Holidays
    Defect("a holiday on another day", K.CONSISTENCY, "core.holidays", "광복절 is a day later", _on_another_day, warns("holidays_on_their_days")),
    Defect("three names on a day", K.CONSISTENCY, "core.holidays", "a day has two more names", _three_names, warns("holidays_on_their_days")),
    Defect("markup in names of holidays", K.VALIDITY, "core.holidays", "a name has <b>", lambda items: items[0].update(dateName="<b>새날</b>"), warns("name_clean")),
    Defect("most holidays gone", K.VOLUME, "core.holidays", "three of each year are left", _first(3), blocks("row_count")),
    Defect("holidays under another name", K.SCHEMA, "core.holidays", "dateName is renamed", lambda items: [item.update(name=item.pop("dateName")) for item in items] and None, blocks("row_count")),
    # The air
    Defect("more fine particles than particles", K.CONSISTENCY, _Q, "pm10Value is 5 and pm25Value 50", _each(pm10Value="5", pm25Value="50"), (*blocks("pm10_mostly_not_below_pm25"), *warns("pm10_not_below_pm25"))),
    Defect("more fine particles than particles at some stations", K.CONSISTENCY, _Q, "pm10Value is 5 and pm25Value 50 at every third station", _each(3, pm10Value="5", pm25Value="50"), warns("pm10_not_below_pm25")),
    Defect("instruments without values", K.COMPLETENESS, _Q, "every second pm10Value is -", _each(2, pm10Value="-", pm10Flag="통신장애"), blocks("pm10_ugm3_filled")),
    Defect("particles beyond the scale", K.VALIDITY, _Q, "every second pm25Value is 90000", _each(2, pm25Value="90000"), blocks("pm25_ugm3_filled")),
    Defect("ozone under another name", K.SCHEMA, _Q, "o3Value is renamed", lambda items: [item.update(ozone=item.pop("o3Value")) for item in items] and None, blocks("o3_ppm_filled")),
    Defect("most stations gone", K.VOLUME, _Q, "two of each region are left, after three whole days", _first(2), (*blocks("row_count"), *warns("row_count_as_usual")), before=4),
    Defect("unknown stations", K.CONSISTENCY, _Q, "all stations have a 9 after their names", _unknown_names(), (*blocks("most_stations_known"), *warns("stations_known"))),
    Defect("some unknown stations", K.CONSISTENCY, _Q, "every third station has a 9 after its name", _unknown_names(3), warns("stations_known")),
    Defect("stations elsewhere", K.CONSISTENCY, _S, "every second station lies near Seoul", _each(2, dmX="37.56", dmY="126.97"), (*blocks("most_stations_in_their_regions"), *warns("stations_in_their_regions"))),
    Defect("some stations elsewhere", K.CONSISTENCY, _S, "every eighth station lies near Seoul", _each(8, dmX="37.56", dmY="126.97"), warns("stations_in_their_regions")),
    Defect("stations without a place", K.COMPLETENESS, _S, "every second station has no dmX and dmY", _each(2, dmX="", dmY=""), blocks("latitude_filled", "longitude_filled")),
    Defect("stations without an address", K.COMPLETENESS, _S, "addr is empty", _each(addr=""), blocks("row_count")),
    Defect("most stations of the list gone", K.VOLUME, _S, "30 are left", _first(30), blocks("row_count")),
    Defect("grades that are none", K.VALIDITY, _F, "informGrade says 모름 everywhere", lambda items: [item.update(informGrade=str(item["informGrade"]).replace("좋음", "모름").replace("보통", "모름").replace("나쁨", "모름")) for item in items] and None, blocks("row_count")),
    Defect("a zone without a forecast", K.COMPLETENESS, _F, "informGrade says nothing of 제주", _without_zone("제주"), warns("zones_complete")),
    # Days of stations
    Defect("highest and lowest swapped", K.CONSISTENCY, _P, "maxTa and minTa change places", _swapped("maxTa", "minTa"), blocks("temperature_max_not_before_temperature_mean", "temperature_max_not_before_temperature_min", "temperature_mean_not_before_temperature_min")),
    Defect("humidity of days swapped", K.CONSISTENCY, _P, "avgRhm and minRhm change places", _swapped("avgRhm", "minRhm"), warns("humidity_mean_not_below_humidity_min")),
    Defect("days without temperatures", K.COMPLETENESS, _P, "avgTa is empty", _each(avgTa=""), blocks("temperature_mean_filled")),
)  # fmt: skip
