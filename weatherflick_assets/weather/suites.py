"""What must hold for an issue of a cell product before it is published.

Values that can't be are taken out before, one by one, so the rules about ranges hold for every row, and it is shown by what is
missing if many were wrong. The thresholds of completeness are those that the previous system declared for forecasts (and
never applied).
"""

from collections.abc import Container, Mapping
from types import MappingProxyType

from weatherflick_assets.quality.rules import (
    Given,
    Rule,
    Severity,
    Suite,
    between,
    filled,
    in_set,
    mostly_between,
    no_finding,
    not_before,
    row_count_as_usual,
    row_count_at_least,
    unique,
)
from weatherflick_assets.weather.products import FORECASTS, NOWCASTS_OF_CELLS, OBSERVATIONS, CellProduct
from weatherflick_assets.weather.tables import DAILY_FORECASTS, MIDTERM_FORECASTS
from weatherflick_assets.weather.words import PRECIPITATION_TYPES, SKIES

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

CELL_TIME, CELL_SHARE, STEP_HOURS, LEAD_HOURS, CHANGE, WIND_DIFFERENCE, CELL_FINDING, RAIN_FINDING = (
    "cell_time",
    "cell_share",
    "step_hours",
    "lead_hours",
    "temperature_change",
    "wind_difference",
    "cell_finding",
    "rain_finding",
)
"""Columns that are judged and not published: the row's name, the share of its cell's times that are there, the hours since
the time before, the hours since the issue, how far its temperature is from what the issue before said, how far its wind speed is
from that of its components in m/s, and in words that no weather is wanted of its cell, or that rain is said and none."""

TIME_OF_DAY = 4
"""The end of an issue's key is its time of day, HHMM: issues of the same time have about as many rows."""

USUAL = 0.5, 2.0
"""The number of rows of an issue that is not worth a warning, by the usual one: which cells are asked for depends on the quota."""

USUAL_OF_ALL = 0.7, 1.5
"""Likewise, where everything is asked for."""

_MOST_LEAD_HOURS: Mapping[str, int] = MappingProxyType(
    {OBSERVATIONS.name: 0, NOWCASTS_OF_CELLS.name: 7, FORECASTS.name: 144}
)

HALF = 0.5
"""What some rows contradict warns: two values of which one is wrong. What half of the rows contradict blocks, because it is the
upstream that is wrong, and misleads everybody."""

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


def _words(columns: Container[str]) -> list[Rule]:
    """The rules that words are those that codes stand for."""
    known = {"precipitation_type": PRECIPITATION_TYPES, "sky": SKIES}
    return [
        in_set(
            column,
            [*words.values()],
            rule_id=f"{column}_known",
            description=f"Every {column} is {', '.join(words.values())}.",
        )
        for column, words in known.items()
        if column in columns
    ]


def _suite(product: CellProduct, expected: tuple[str, ...]) -> Suite:
    columns = product.table.columns
    is_forecast = product is not OBSERVATIONS
    return Suite(
        name=product.table.fullname,
        table_name=product.table.fullname,
        rules=(
            row_count_at_least(Given("minimum_rows")),
            row_count_as_usual(*USUAL),
            unique(CELL_TIME),
            *(filled(column, at_least=COMPLETENESS) for column in expected),
            *(between(column, *bounds) for column, bounds in RANGES.items() if column in columns),
            _share_between(CELL_SHARE, 0.9, None, COMPLETENESS, "The cell has nine tenths of its times"),
            between(LEAD_HOURS, 0, _MOST_LEAD_HOURS[product.name]),
            *_words(product.table.columns),
            not_before("precipitation_mm_max", "precipitation_mm_min", said="below"),
            *([not_before("snow_cm_max", "snow_cm_min", said="below")] if "snow_cm_max" in columns else []),
            mostly_between(
                WIND_DIFFERENCE,
                -1.5,
                1.5,
                rule_id="wind_speed_of_its_components",
                description="The wind speed is within 1.5 m/s of that of its components in at least 90% of the rows.",
                at_least=0.9,
                severity=Severity.WARNING,
            ),
            _share_between(
                WIND_DIFFERENCE, -1.5, 1.5, HALF, "The wind speed is within 1.5 m/s of that of its components"
            ),
            # What fell in the hour may have ended by its end: that never blocks.
            no_finding(
                RAIN_FINDING,
                rule_id="rain_has_a_kind",
                description="In at least 90% of the rows there is no precipitation, or a kind of it.",
                at_least=0.9,
            ),
            no_finding(
                CELL_FINDING,
                rule_id="cells_wanted",
                description="At least 90% of the rows are of cells in which places or the seats of areas lie.",
                at_least=0.9,
            ),
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
        alike=TIME_OF_DAY,
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

POINT_DAY, LEAD_DAYS, POINT_FINDING = "point_day", "lead_days", "point_finding"
"""Names a row of the mid-term forecast; how many days after the issue it is about; in words that there is no such point. Judged
and not published."""


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
        row_count_as_usual(*USUAL_OF_ALL),
        unique(POINT_DAY),
        *(
            filled(column, at_least=COMPLETENESS)
            for column in ("temperature_min", "temperature_max", "sky", "precipitation_probability")
        ),
        *(
            between(column, *RANGES[column])
            for column in ("temperature_min", "temperature_max", "precipitation_probability")
        ),
        *(
            between(column, *RANGES["precipitation_probability"])
            for column in ("precipitation_probability_am", "precipitation_probability_pm")
        ),
        _max_not_below_min(),
        *_words(MIDTERM_FORECASTS.columns),
        between(LEAD_DAYS, 3, 11),
        no_finding(
            POINT_FINDING,
            rule_id="points_known",
            description="Every row is of a point and a land region of the mid-term forecast's code table.",
            severity=Severity.BLOCKING,
        ),
    ),
    key_column=POINT_DAY,
    alike=TIME_OF_DAY,
    minimum_score=100 * OVERALL,
)
"""What must hold for an issue of the mid-term forecast."""

CELL_DAY, ABOVE_HOURS, BELOW_HOURS = "cell_day", "above_hours", "below_hours"
"""Names a row of days; how far, in °C, its highest temperature is above that of its hours, and its lowest below theirs. Judged
and not published."""

SHORT_OF_HOURS = 5.0
"""By so many °C the extremes of a day may fall short of its hours': they are those of the morning and of the daytime."""

SOURCES_OF_DAYS = ("short_term", "mid_term")

DAILY_SUITE = Suite(
    name=DAILY_FORECASTS.fullname,
    table_name=DAILY_FORECASTS.fullname,
    rules=(
        row_count_at_least(Given("minimum_rows")),
        row_count_as_usual(*USUAL),
        unique(CELL_DAY),
        # Late on a day without an earlier issue, the extremes of today are not known.
        filled("temperature_min", at_least=0.7),
        filled("temperature_max", at_least=0.7),
        filled("precipitation_probability", at_least=COMPLETENESS),
        filled("sky", at_least=0.8),
        *(between(column, *bounds) for column, bounds in RANGES.items() if column in DAILY_FORECASTS.columns),
        _max_not_below_min(),
        *_words(DAILY_FORECASTS.columns),
        in_set(
            "source",
            SOURCES_OF_DAYS,
            rule_id="source_known",
            description=f"Every source is {' or '.join(SOURCES_OF_DAYS)}.",
        ),
        between("hours", 0, 24),
        between(LEAD_DAYS, 0, 11),
        not_before("issued_at", "said_at"),
        *(
            mostly_between(
                column,
                -SHORT_OF_HOURS,
                None,
                rule_id=f"{which}_temperature_agrees_with_the_hours",
                description=(
                    f"The {which} temperature of at least 90% of the days is not within that of their hours by more than "
                    f"{SHORT_OF_HOURS:g} °C."
                ),
                at_least=0.9,
                severity=Severity.WARNING,
            )
            for column, which in ((ABOVE_HOURS, "highest"), (BELOW_HOURS, "lowest"))
        ),
    ),
    key_column=CELL_DAY,
    alike=TIME_OF_DAY,
    minimum_score=100 * OVERALL,
)
"""What must hold for the days of an issue."""
