"""What must hold for holidays, the air, warnings and the days of stations before they are published.

Values that can't be are taken out before, one by one, so that rules about ranges hold for every row. How many rows there must
be at least is worked out when publishing (`publish_sources.py`), from what was answered and what is published.
"""

from collections.abc import Mapping, Sequence
from types import MappingProxyType

from weatherflick_assets.korea.geography import EAST, NORTH, SOUTH, WEST
from weatherflick_assets.korea.regions import REGION_CODES, REGIONS
from weatherflick_assets.quality.rules import (
    Given,
    Rule,
    Severity,
    Suite,
    between,
    filled,
    in_set,
    matches,
    mostly_between,
    never_null,
    no_finding,
    not_before,
    row_count_as_usual,
    row_count_at_least,
    unique,
)
from weatherflick_assets.weather import tables
from weatherflick_assets.weather.suites import COMPLETENESS, HALF, OVERALL, TIME_OF_DAY, USUAL_OF_ALL
from weatherflick_assets.weather.transform.air_quality import GRADES
from weatherflick_assets.weather.transform.air_stations import NEAR_KM

STATUSES = ("announced", "in_force", "raised", "lowered", "lifted", "expired")

REGION_NAMES = tuple(name for region in REGIONS for name in region.airkorea_names)

Ranges = Mapping[str, tuple[float, float]]

ROW_NAME = "row_name"
"""A column that is judged and not published: the primary key as text."""

LEAD_DAYS = "lead_days"
"""Judged and not published, too: how many days after the issue a forecast is about."""

HOLIDAY_FINDING, STATION_FINDING, ZONE_FINDING, ZONES_LACKING, PARTICLES = (
    "holiday_finding",
    "station_finding",
    "zone_finding",
    "zones_lacking",
    "pm10_above_pm25",
)
"""Likewise: what is wrong about a holiday, a station or a zone, in words; in the first row of a pollutant and day, the zones of
which nothing is forecast; by how much there are more particles than fine ones."""

POLLUTANTS = ("pm10", "pm25", "o3")

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


def _suite(table_name: str, *rules: Rule, alike: int | None = None) -> Suite:
    return Suite(
        name=table_name,
        table_name=table_name,
        rules=(row_count_at_least(Given("minimum_rows")), unique(ROW_NAME), *rules),
        key_column=ROW_NAME,
        alike=alike,
        minimum_score=100 * OVERALL,
    )


def _as_usual() -> Rule:
    return row_count_as_usual(*USUAL_OF_ALL)


def _words(column: str, words: Sequence[str], severity: Severity = Severity.BLOCKING) -> Rule:
    said = f"Every {column} is one of {', '.join(words)}."
    return in_set(column, words, rule_id=f"{column}_known", description=said, severity=severity)


def _clean(column: str) -> Rule:
    return matches(
        column,
        r"\A[^<>\ufffd]*\S[^<>\ufffd]*\Z",
        rule_id=f"{column}_clean",
        description=f"No {column} is blank, has markup or lost characters.",
        severity=Severity.WARNING,
    )


def _not_below(more: str, less: str) -> Rule:
    return not_before(more, less, at_least=0.98, severity=Severity.WARNING, said="below")


def _ranges(ranges: Ranges) -> list[Rule]:
    return [between(column, *bounds) for column, bounds in ranges.items()]


SUITES: Mapping[str, Suite] = MappingProxyType(
    {
        suite.table_name: suite
        for suite in (
            _suite(
                tables.HOLIDAYS.fullname,
                _as_usual(),
                never_null("name"),
                never_null("is_public"),
                _clean("name"),
                no_finding(
                    HOLIDAY_FINDING,
                    rule_id="holidays_on_their_days",
                    description="Holidays of a fixed day are on that day, and no day has more than two names.",
                ),
            ),
            _suite(
                tables.AIR_STATIONS.fullname,
                _as_usual(),
                _words("sido_name", REGION_NAMES),
                _clean("station_name"),
                between("latitude", SOUTH, NORTH),
                between("longitude", WEST, EAST),
                no_finding(
                    STATION_FINDING,
                    rule_id="stations_in_their_regions",
                    description="At least 95% of the stations are in their region or within 5 km of it.",
                    at_least=0.95,
                ),
                no_finding(
                    STATION_FINDING,
                    rule_id="most_stations_in_their_regions",
                    description="At least 80% of the stations are in their region or within 5 km of it.",
                    at_least=0.8,
                    severity=Severity.BLOCKING,
                ),
                filled("address", at_least=COMPLETENESS),
                filled("latitude", at_least=COMPLETENESS),
                filled("longitude", at_least=COMPLETENESS),
            ),
            _suite(
                tables.AIR_STATIONS_OF_CELLS.fullname,
                _as_usual(),
                between("distance_km", 0, NEAR_KM),
                between("place", 1, None),
                no_finding(
                    STATION_FINDING,
                    rule_id="stations_known",
                    description="Every station is in core.air_stations.",
                    severity=Severity.BLOCKING,
                ),
            ),
            _suite(
                tables.AIR_QUALITY.fullname,
                _as_usual(),
                _words("sido_name", REGION_NAMES),
                *(filled(column, at_least=0.8) for column in ("pm10_ugm3", "pm25_ugm3", "o3_ppm")),
                *_ranges(AIR_RANGES),
                *(_words(column, GRADES) for column in ("pm10_grade", "pm25_grade", "air_quality_grade")),
                mostly_between(
                    PARTICLES,
                    0,
                    None,
                    rule_id="pm10_not_below_pm25",
                    description="PM10 is not below PM2.5, which is a part of it, in at least 80% of the rows.",
                    at_least=0.8,
                    severity=Severity.WARNING,
                ),
                mostly_between(
                    PARTICLES,
                    0,
                    None,
                    rule_id="pm10_mostly_not_below_pm25",
                    description="PM10 is not below PM2.5 in at least 50% of the rows.",
                    at_least=HALF,
                ),
                no_finding(
                    STATION_FINDING,
                    rule_id="stations_known",
                    description="At least 90% of the stations are in core.air_stations, once that is published.",
                    at_least=0.9,
                ),
                # What is measured at a station that nobody knows is measured nowhere.
                no_finding(
                    STATION_FINDING,
                    rule_id="most_stations_known",
                    description="At least 50% of the stations are in core.air_stations, once that is published.",
                    at_least=HALF,
                    severity=Severity.BLOCKING,
                ),
                alike=TIME_OF_DAY,
            ),
            _suite(
                tables.AIR_QUALITY_FORECASTS.fullname,
                in_set(
                    "grade", GRADES, rule_id="grade_known", description=f"Every grade is one of {', '.join(GRADES)}."
                ),
                between(LEAD_DAYS, 0, 3),
                _as_usual(),
                _words("pollutant", POLLUTANTS),
                _words("region_code", REGION_CODES),
                no_finding(
                    ZONE_FINDING,
                    rule_id="zones_known",
                    description="Every zone is one of AirKorea's, and in the region that it is in.",
                    severity=Severity.BLOCKING,
                ),
                no_finding(
                    ZONES_LACKING,
                    rule_id="zones_complete",
                    description="Of a pollutant and day that are forecast, all of AirKorea's zones are.",
                ),
                alike=TIME_OF_DAY,
            ),
            _suite(
                tables.WEATHER_WARNINGS.fullname,
                never_null("announced_at"),
                between("announced_at", None, Given("judged_at"), severity=Severity.WARNING),
                _words("status", STATUSES),
                no_finding(
                    ZONE_FINDING,
                    rule_id="zones_known",
                    description="Every zone is in the KMA's code table.",
                    severity=Severity.BLOCKING,
                ),
                matches(
                    "phenomenon",
                    r"\A[가-힣]{1,6}\Z",
                    rule_id="phenomenon_a_word",
                    description="Every phenomenon is one word in Hangul.",
                    severity=Severity.WARNING,
                ),
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
                _as_usual(),
                no_finding(
                    STATION_FINDING,
                    rule_id="stations_known",
                    description="Every station is one of the KMA's, in its region.",
                    severity=Severity.BLOCKING,
                ),
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
                _not_below("humidity_mean", "humidity_min"),
                _not_below("wind_speed_max", "wind_speed_mean"),
                _not_below("wind_gust_max", "wind_speed_max"),
                alike=TIME_OF_DAY,
            ),
        )
    }
)
"""Suite by the whole name of the table."""
