"""What must hold for an issue of a cell product before it is published.

Values that can't be are taken out before, one by one, so the rules about ranges hold for every row, and it is shown by what is
missing if many were wrong. The thresholds of completeness are those that the previous system declared for forecasts (and
never applied).
"""

from collections.abc import Mapping
from types import MappingProxyType

from weatherflick_assets.quality.rules import (
    Given,
    Rule,
    Severity,
    Suite,
    between,
    filled,
    row_count_at_least,
    unique,
)
from weatherflick_assets.weather.products import FORECASTS, NOWCASTS_OF_CELLS, OBSERVATIONS, CellProduct
from weatherflick_assets.weather.tables import DAILY_FORECASTS, MIDTERM_FORECASTS

COMPLETENESS, VALIDITY, OVERALL = 0.95, 0.98, 0.90

RANGES: Mapping[str, tuple[float, float]] = MappingProxyType(
    {
        "temperature": (-50.0, 60.0),
        "temperature_min": (-50.0, 60.0),
        "temperature_max": (-50.0, 60.0),
        "feels_like": (-70.0, 70.0),
        "humidity": (0.0, 100.0),
        "precipitation_probability": (0.0, 100.0),
        "precipitation_mm": (0.0, 300.0),
        "snow_cm": (0.0, 100.0),
        "wind_speed": (0.0, 100.0),
        "wind_direction": (0.0, 360.0),
        "wave_height_m": (0.0, 30.0),
    }
)
"""The least and the greatest value that weather in Korea can have: beyond its records, and the previous system's bounds."""

CELL_TIME, CELL_SHARE, STEP_HOURS, LEAD_HOURS, CHANGE = (
    "cell_time",
    "cell_share",
    "step_hours",
    "lead_hours",
    "temperature_change",
)
"""Columns that are judged and not published: the row's name, the share of its cell's times that are there, the hours since
the time before, the hours since the issue, and how far its temperature is from what the issue before said."""

GREATEST_CHANGE = 12.0
"""How far, in °C, two issues in a row may differ about most cells and hours. It is a bound on nonsense, not on forecasts."""


def _share_between(
    column: str,
    least: float | None,
    most: float | None,
    at_least: float,
    said: str,
    severity: Severity = Severity.BLOCKING,
) -> Rule:
    return Rule(
        f"{column}_in_most_rows",
        f"{said} in at least {at_least:.0%} of the rows.",
        "ExpectColumnValuesToBeBetween",
        {"column": column, "min_value": least, "max_value": most, "mostly": at_least},
        severity,
    )


def _suite(product: CellProduct, expected: tuple[str, ...]) -> Suite:
    columns = product.table.columns
    is_forecast = product is not OBSERVATIONS
    return Suite(
        name=product.table.fullname,
        table_name=product.table.fullname,
        rules=(
            row_count_at_least(Given("minimum_rows")),
            unique(CELL_TIME),
            *(filled(column, at_least=COMPLETENESS) for column in expected),
            *(between(column, *bounds) for column, bounds in RANGES.items() if column in columns),
            _share_between(CELL_SHARE, 0.9, None, COMPLETENESS, "The cell has nine tenths of its times"),
            between(LEAD_HOURS, 0, 144),
            *(
                [
                    between(STEP_HOURS, 1, 3),
                    _share_between(
                        CHANGE,
                        -GREATEST_CHANGE,
                        GREATEST_CHANGE,
                        0.9,
                        f"The temperature differs by at most {GREATEST_CHANGE:g} °C from what the issue before said",
                    ),
                ]
                if is_forecast
                else []
            ),
        ),
        key_column=CELL_TIME,
        minimum_score=100 * OVERALL,
    )


_HOURLY = ("temperature", "feels_like", "humidity", "precipitation_type", "wind_speed", "wind_direction")

EXPECTED: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        OBSERVATIONS.name: (*_HOURLY, "precipitation_mm"),
        NOWCASTS_OF_CELLS.name: (*_HOURLY, "sky", "precipitation_mm"),
        FORECASTS.name: (*_HOURLY, "sky", "precipitation_probability"),
    }
)
"""The columns in which nearly every row has a value, by the name of the product."""

SUITES: Mapping[str, Suite] = MappingProxyType(
    {product.name: _suite(product, EXPECTED[product.name]) for product in (OBSERVATIONS, NOWCASTS_OF_CELLS, FORECASTS)}
)
"""Suite by the name of the product."""

POINT_DAY = "point_day"
"""Names a row of the mid-term forecast; judged and not published."""


def _max_not_below_min() -> Rule:
    return Rule(
        "temperature_max_not_below_min",
        "The highest temperature of a day is not below its lowest in at least 99% of the rows that have both.",
        "ExpectColumnPairValuesAToBeGreaterThanB",
        {
            "column_A": "temperature_max",
            "column_B": "temperature_min",
            "or_equal": True,
            "mostly": 0.99,
            "ignore_row_if": "either_value_is_missing",
        },
    )


MIDTERM_SUITE = Suite(
    name=MIDTERM_FORECASTS.fullname,
    table_name=MIDTERM_FORECASTS.fullname,
    rules=(
        row_count_at_least(Given("minimum_rows")),
        unique(POINT_DAY),
        *(
            filled(column, at_least=COMPLETENESS)
            for column in ("temperature_min", "temperature_max", "sky", "precipitation_probability")
        ),
        *(
            between(column, *RANGES[column])
            for column in ("temperature_min", "temperature_max", "precipitation_probability")
        ),
        _max_not_below_min(),
    ),
    key_column=POINT_DAY,
    minimum_score=100 * OVERALL,
)
"""What must hold for an issue of the mid-term forecast."""

CELL_DAY = "cell_day"
"""Names a row of days; judged and not published."""

DAILY_SUITE = Suite(
    name=DAILY_FORECASTS.fullname,
    table_name=DAILY_FORECASTS.fullname,
    rules=(
        row_count_at_least(Given("minimum_rows")),
        unique(CELL_DAY),
        # Late on a day without an earlier issue, the extremes of today are not known.
        filled("temperature_min", at_least=0.7),
        filled("temperature_max", at_least=0.7),
        filled("precipitation_probability", at_least=COMPLETENESS),
        filled("sky", at_least=0.8),
        *(between(column, *bounds) for column, bounds in RANGES.items() if column in DAILY_FORECASTS.columns),
        _max_not_below_min(),
    ),
    key_column=CELL_DAY,
    minimum_score=100 * OVERALL,
)
"""What must hold for the days of an issue."""
