"""What must hold for holidays, the air, warnings and the days of stations before they are published.

Values that can't be are taken out before, one by one, so that rules about ranges hold for every row. How many rows there must
be at least is worked out when publishing (`publish_sources.py`), from what was answered and what is published.
"""

from collections.abc import Mapping
from types import MappingProxyType

from weatherflick_assets.quality.rules import (
    Given,
    Rule,
    Suite,
    between,
    filled,
    in_set,
    never_null,
    not_before,
    row_count_at_least,
    unique,
)
from weatherflick_assets.weather import tables
from weatherflick_assets.weather.suites import COMPLETENESS, OVERALL
from weatherflick_assets.weather.transform.air_quality import GRADES
from weatherflick_assets.weather.transform.air_stations import NEAR_KM

Ranges = Mapping[str, tuple[float, float]]

ROW_NAME = "row_name"
"""A column that is judged and not published: the primary key as text."""

LEAD_DAYS = "lead_days"
"""Judged and not published, too: how many days after the issue a forecast is about."""

AIR_RANGES: Ranges = MappingProxyType(
    {
        "so2_ppm": (0.0, 1.0),
        "co_ppm": (0.0, 50.0),
        "o3_ppm": (0.0, 1.0),
        "no2_ppm": (0.0, 2.0),
        "pm10_ugm3": (0.0, 4000.0),
        "pm25_ugm3": (0.0, 1000.0),
        "air_quality_index": (0.0, 999.0),
    }
)
"""The scales of the instruments; the greatest dust storm that was measured in Korea had 2,941 µg/m³ (백령도, 2009)."""

DAY_RANGES: Ranges = MappingProxyType(
    {
        "temperature_mean": (-40.0, 45.0),
        "temperature_min": (-40.0, 45.0),
        "temperature_max": (-40.0, 45.0),
        "precipitation_mm": (0.0, 1500.0),
        "precipitation_hours": (0.0, 24.0),
        "snow_depth_cm": (0.0, 400.0),
        "new_snow_cm": (0.0, 300.0),
        "wind_speed_mean": (0.0, 60.0),
        "wind_speed_max": (0.0, 80.0),
        "wind_gust_max": (0.0, 100.0),
        "humidity_mean": (0.0, 100.0),
        "humidity_min": (0.0, 100.0),
        "cloud_cover_mean": (0.0, 10.0),
        "sunshine_hours": (0.0, 16.0),
        "solar_radiation_mjm2": (0.0, 45.0),
    }
)
"""Beyond what was ever observed in Korea: -32.6 and 41.0 °C, 870.5 mm, 293 cm, 63.7 m/s."""


def _suite(table_name: str, *rules: Rule) -> Suite:
    return Suite(
        name=table_name,
        table_name=table_name,
        rules=(row_count_at_least(Given("minimum_rows")), unique(ROW_NAME), *rules),
        key_column=ROW_NAME,
        minimum_score=100 * OVERALL,
    )


def _ranges(ranges: Ranges) -> list[Rule]:
    return [between(column, *bounds) for column, bounds in ranges.items()]


SUITES: Mapping[str, Suite] = MappingProxyType(
    {
        suite.table_name: suite
        for suite in (
            _suite(tables.HOLIDAYS.fullname, never_null("name"), never_null("is_public")),
            _suite(
                tables.AIR_STATIONS.fullname,
                filled("address", at_least=COMPLETENESS),
                filled("latitude", at_least=COMPLETENESS),
                filled("longitude", at_least=COMPLETENESS),
            ),
            _suite(
                tables.AIR_STATIONS_OF_CELLS.fullname, between("distance_km", 0, NEAR_KM), between("place", 1, None)
            ),
            _suite(
                tables.AIR_QUALITY.fullname,
                *(filled(column, at_least=0.8) for column in ("pm10_ugm3", "pm25_ugm3", "o3_ppm")),
                *_ranges(AIR_RANGES),
            ),
            _suite(
                tables.AIR_QUALITY_FORECASTS.fullname,
                in_set(
                    "grade", GRADES, rule_id="grade_known", description=f"Every grade is one of {', '.join(GRADES)}."
                ),
                between(LEAD_DAYS, 0, 3),
            ),
            _suite(
                tables.WEATHER_WARNINGS.fullname,
                never_null("announced_at"),
                not_before("effective_at", "announced_at", at_least=0.9),
                not_before("lifted_at", "announced_at"),
                in_set(
                    "level",
                    ("advisory", "warning", "critical", "preliminary"),
                    rule_id="level_known",
                    description="Every level is advisory, warning, critical or preliminary.",
                ),
            ),
            _suite(
                tables.STATION_DAYS.fullname,
                *(
                    filled(column, at_least=0.9)
                    for column in ("temperature_mean", "temperature_min", "temperature_max")
                ),
                filled("humidity_mean", at_least=0.9),
                filled("wind_speed_mean", at_least=0.9),
                not_before("temperature_max", "temperature_min"),
                not_before("temperature_max", "temperature_mean"),
                not_before("temperature_mean", "temperature_min"),
                *_ranges(DAY_RANGES),
            ),
        )
    }
)
"""Suite by the whole name of the table."""
