"""What is measured of the tables of the weather: issues and hours by the day in which they were judged, lists as they stand.

Data of a series are stale when an issue after the next one should have been out. A test holds these lines against the suites.
"""

from datetime import timedelta

from sqlalchemy import Table

from weatherflick_assets.quality.measured import MeasuredTable
from weatherflick_assets.weather import issues, tables
from weatherflick_assets.weather.issues import Series
from weatherflick_assets.weather.products import FORECASTS, NOWCASTS_OF_CELLS, OBSERVATIONS, CellProduct
from weatherflick_assets.weather.suites import CELL_DAY, CELL_TIME, EXPECTED, POINT_DAY

_WARNINGS_READ = timedelta(hours=3)
"""Warnings are read every quarter of an hour; then twelve readings in a row have failed."""

_LIST_READ = timedelta(days=15)
"""Lists that are read on Mondays; one that failed twice in a row is stale."""

_ROW_NAME = "row_name_unique"
"""The rule that no row of a source is there twice."""


def _stale_after(series: Series) -> timedelta:
    return 2 * series.longest_interval + series.delay


def _cells(product: CellProduct) -> MeasuredTable:
    return MeasuredTable(
        product.table.fullname,
        _stale_after(product.series),
        is_state=False,
        required=EXPECTED[product.name],
        duplicate_rules=(f"{CELL_TIME}_unique",),
    )


def _issued(table: Table, series: Series, *required: str) -> MeasuredTable:
    return MeasuredTable(
        table.fullname, _stale_after(series), is_state=False, required=required, duplicate_rules=(_ROW_NAME,)
    )


def _listed(table: Table, *required: str) -> MeasuredTable:
    return MeasuredTable(
        table.fullname, _LIST_READ, must_be_fresh=False, required=required, duplicate_rules=(_ROW_NAME,)
    )


MEASURED = (
    *map(_cells, (OBSERVATIONS, NOWCASTS_OF_CELLS, FORECASTS)),
    MeasuredTable(
        tables.DAILY_FORECASTS.fullname,
        _stale_after(issues.FORECASTS),
        is_state=False,
        required=("temperature_min", "temperature_max", "precipitation_probability", "sky"),
        duplicate_rules=(f"{CELL_DAY}_unique",),
    ),
    MeasuredTable(
        tables.MIDTERM_FORECASTS.fullname,
        _stale_after(issues.MIDTERM),
        is_state=False,
        required=("temperature_min", "temperature_max", "precipitation_probability", "sky"),
        duplicate_rules=(f"{POINT_DAY}_unique",),
    ),
    _issued(tables.AIR_QUALITY, issues.AIR_QUALITY, "pm10_ugm3", "pm25_ugm3", "o3_ppm"),
    _issued(tables.AIR_QUALITY_FORECASTS, issues.AIR_FORECASTS, "grade"),
    _issued(
        tables.STATION_DAYS,
        issues.STATION_DAYS,
        "temperature_mean",
        "temperature_min",
        "temperature_max",
        "humidity_mean",
        "wind_speed_mean",
    ),
    MeasuredTable(
        tables.WEATHER_WARNINGS.fullname,
        _WARNINGS_READ,
        is_steady=False,
        required=("announced_at",),
        duplicate_rules=(_ROW_NAME,),
    ),
    _listed(tables.HOLIDAYS, "name", "is_public"),
    _listed(tables.AIR_STATIONS, "address", "latitude", "longitude"),
    _listed(tables.AIR_STATIONS_OF_CELLS, "distance_km"),
)
"""One line for each table."""
