"""The suites of the weather: every rule can go red, and nothing else goes red with it.

The good batches are those that the publishers hand to the judge, made of what a sandbox answers.
"""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

import pandas as pd
import pytest

from weatherflick_assets.quality.judge_process import JUDGE, JudgementApart
from weatherflick_assets.quality.judging import judge
from weatherflick_assets.quality.rules import USUAL_ROWS, GivenValues, Rule, Severity, Suite
from weatherflick_assets.quality.verdict import Verdict
from weatherflick_assets.settings import KST
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
from weatherflick_assets.weather.source_suites import SUITES as SOURCE_SUITES
from weatherflick_assets.weather.sources import (
    AIR_FORECASTS,
    AIR_QUALITY,
    AIR_STATIONS,
    HOLIDAYS,
    STATION_DAYS,
    WARNINGS,
)
from weatherflick_assets.weather.suites import DAILY_SUITE, MIDTERM_SUITE, SUITES
from weatherflick_assets_tests.quality.breaks import (
    Break,
    distinct_rules,
    in_half_of_the_rows,
    in_one_row,
    in_some_rows,
    together,
)
from weatherflick_assets_tests.sandbox.agencies import korea
from weatherflick_assets_tests.warehouse.stored import empty
from weatherflick_assets_tests.weather.collecting import stock, weather
from weatherflick_assets_tests.weather.collecting_sources import country

# Great Expectations lists the rows that break a rule about two times in a way pandas 3.1 warns of.
pytestmark = pytest.mark.filterwarnings("ignore:Series.values returning an ndarray that drops timezone information")

ISSUE = korea(2026, 8, 26, 14)
NOW = ISSUE + timedelta(minutes=20)
HOUR = timedelta(hours=1)

SUITE_OF: Mapping[str, Suite] = {
    suite.table_name: suite for suite in (*SUITES.values(), MIDTERM_SUITE, DAILY_SUITE, *SOURCE_SUITES.values())
}
RULES = distinct_rules(SUITE_OF.values())


@dataclass
class Overheard:
    """What was handed to the judge about a table: the rows, and the values that are given with them."""

    frame: pd.DataFrame
    given: GivenValues


@dataclass
class _Listening:
    """A judgement, and what is said to it."""

    judgement: JudgementApart
    given: dict[str, Any]
    parts: list[pd.DataFrame] = field(default_factory=list)

    def add(self, rows: pd.DataFrame) -> None:
        self.parts.append(rows.copy())
        self.judgement.add(rows)

    def verdict(self, given: GivenValues) -> Verdict:
        self.given.update(given)
        return self.judgement.verdict(given)


@contextmanager
def listening() -> Iterator[dict[str, Overheard]]:
    """Writes down what publishers hand to the judge, which judges it all the same; the last batch of every table stays."""
    heard: dict[str, Overheard] = {}
    judgement = JUDGE.judgement

    @contextmanager
    def overheard(suite: Suite, given: GivenValues) -> Iterator[_Listening]:
        with judgement(suite, given) as real:
            listener = _Listening(real, {**given})
            yield listener
        frame = pd.concat(listener.parts, ignore_index=True)
        heard[suite.table_name] = Overheard(frame, {**listener.given, USUAL_ROWS: len(frame)})

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(JUDGE, "judgement", overheard)
        yield heard


@pytest.fixture(scope="module")
def batches(prepared_database: str) -> Mapping[str, Overheard]:
    """A good batch of every table."""
    empty(prepared_database)
    stock(prepared_database, {(60, 127): 30, (60, 126): 3, (92, 131): 1})
    with listening() as heard:
        with weather(prepared_database, NOW) as at:
            issues = (
                (OBSERVATIONS, ISSUE, HOUR),
                (NOWCASTS_OF_CELLS, ISSUE - HOUR / 2, HOUR),
                (FORECASTS, ISSUE, 3 * HOUR),
            )
            for product, newest, apart in issues:
                for issue in (newest - apart, newest):
                    at.collect(issue, product)
                    at.publish(issue, product)
            at.collect_midterm(korea(2026, 8, 26, 6))
            at.publish_midterm(korea(2026, 8, 26, 6))
            at.publish_days(ISSUE)
        with country(prepared_database, NOW) as at:
            published: tuple[tuple[Any, Any, tuple[datetime, ...]], ...] = (
                (HOLIDAYS, publish_holidays, ()),
                (AIR_STATIONS, publish_air_stations, ()),
                (AIR_QUALITY, publish_air_quality, (ISSUE,)),
                (AIR_FORECASTS, publish_air_forecasts, (korea(2026, 8, 26, 11),)),
                (WARNINGS, publish_warnings, ()),
                (STATION_DAYS, publish_station_days, (korea(2026, 8, 25),)),
            )
            for source, publisher, issue in published:
                at.collect(source, *issue)
                at.publish(publisher, *issue)
            at.publish(publish_stations_of_cells)
    return heard


def _twice(column: str) -> Break:
    def change(frame: pd.DataFrame) -> None:
        frame.loc[frame.index[0], column] = frame[column].iloc[1]

    return Break(change)


def _any_type(column: str) -> Break:
    """Has a column of booleans take what is none."""

    def change(frame: pd.DataFrame) -> None:
        frame[column] = frame[column].astype(object)

    return Break(change)


LONG_AGO, LATER = pd.Timestamp("2020-01-01", tz=KST), pd.Timestamp(NOW + HOUR)

OUT_OF_RANGE: Mapping[str, float] = {
    "temperature": 61.0, "temperature_min": -51.0, "temperature_max": 61.0, "feels_like": -71.0, "humidity": 101,
    "precipitation_probability": 101, "precipitation_probability_am": -1, "precipitation_probability_pm": 101,
    "precipitation_mm": -0.1, "snow_cm": 101.0, "wind_speed": -1.0, "wind_direction": 361, "wave_height_m": 31.0,
    "lead_hours": -1.0, "step_hours": 4.0, "lead_days": -1, "hours": 25, "latitude": 19.69, "longitude": 12.797,
    "distance_km": -1.0, "place": 0, "so2_ppm": -0.1, "co_ppm": 51.0, "o3_ppm": 1.1, "no2_ppm": 2.1, "pm10_ugm3": 4001,
    "pm25_ugm3": -1, "air_quality_index": 1000, "precipitation_hours": 25.0, "snow_depth_cm": 401.0, "new_snow_cm": -1.0,
    "wind_speed_mean": 61.0, "wind_speed_max": 81.0, "wind_gust_max": 101.0, "humidity_mean": 101.0, "humidity_min": -1.0,
    "cloud_cover_mean": 10.1, "sunshine_hours": 16.1, "solar_radiation_mjm2": 45.1,
}  # fmt: skip
"""A value of each column that is outside its range in every table that has it."""

FILLED = (
    "temperature", "temperature_min", "temperature_max", "temperature_mean", "feels_like", "humidity", "humidity_mean",
    "precipitation_type", "precipitation_probability", "precipitation_mm", "wind_speed", "wind_speed_mean",
    "wind_direction", "sky", "address", "latitude", "longitude", "pm10_ugm3", "pm25_ugm3", "o3_ppm",
)  # fmt: skip
"""The columns in which most rows have a value."""

WORDS = (
    "precipitation_type", "sky", "source", "sido_name", "pm10_grade", "pm25_grade", "air_quality_grade", "grade", "pollutant",
    "region_code", "status", "level",
)  # fmt: skip
"""The columns of known words."""

BREAKS: Mapping[str, Break] = {
    "row_count": Break(lambda _: None, {"minimum_rows": 100_000}),
    "row_count_as_usual": Break(lambda _: None, {USUAL_ROWS: 100_000}),
    **{f"{name}_unique": _twice(name) for name in ("cell_time", "cell_day", "point_day", "row_name")},
    **{f"{column}_in_range": in_one_row(column, value) for column, value in OUT_OF_RANGE.items()},
    "temperature_mean_in_range": in_one_row("temperature_mean", 46.0, ("temperature_max_not_before_temperature_mean",)),
    "announced_at_in_range": together(
        in_one_row("announced_at", LATER), in_one_row("effective_at", LATER), in_one_row("lifted_at", pd.NaT)
    ),
    **{f"{column}_filled": in_half_of_the_rows(column, None) for column in FILLED},
    **{f"{column}_never_null": in_one_row(column, None) for column in ("name", "announced_at")},
    "is_public_never_null": together(_any_type("is_public"), in_one_row("is_public", None)),
    **{f"{column}_known": in_one_row(column, "other") for column in WORDS},
    "name_clean": in_one_row("name", "<b>광복절</b>"),
    "station_name_clean": in_one_row("station_name", " "),
    "phenomenon_a_word": in_one_row("phenomenon", "wind"),
    "cell_share_in_most_rows": in_half_of_the_rows("cell_share", 0.8),
    "temperature_change_in_most_rows": in_half_of_the_rows("temperature_change", 12.1),
    "precipitation_mm_max_not_below_precipitation_mm_min": together(
        in_one_row("precipitation_mm_min", 1.0), in_one_row("precipitation_mm_max", 0.5)
    ),
    "snow_cm_max_not_below_snow_cm_min": together(in_one_row("snow_cm_min", 1.0), in_one_row("snow_cm_max", 0.5)),
    "temperature_max_not_below_min": together(
        in_half_of_the_rows("temperature_max", 1.0), in_half_of_the_rows("temperature_min", 2.0)
    ),
    "temperature_max_not_before_temperature_min": together(
        in_one_row("temperature_mean", None), in_one_row("temperature_max", 1.0), in_one_row("temperature_min", 2.0)
    ),
    "temperature_max_not_before_temperature_mean": together(
        in_one_row("temperature_min", 1.0), in_one_row("temperature_max", 2.0), in_one_row("temperature_mean", 3.0)
    ),
    "temperature_mean_not_before_temperature_min": together(
        in_one_row("temperature_mean", 1.0), in_one_row("temperature_min", 2.0), in_one_row("temperature_max", 3.0)
    ),
    "humidity_mean_not_below_humidity_min": in_half_of_the_rows("humidity_min", 100.0),
    "wind_speed_max_not_below_wind_speed_mean": in_half_of_the_rows("wind_speed_mean", 60.0),
    "wind_gust_max_not_below_wind_speed_max": in_half_of_the_rows("wind_speed_max", 80.0),
    "issued_at_not_before_said_at": in_one_row("said_at", LATER),
    "effective_at_not_before_announced_at": in_half_of_the_rows("effective_at", LONG_AGO),
    "lifted_at_not_before_announced_at": in_one_row("lifted_at", LONG_AGO),
    "wind_speed_of_its_components": in_some_rows("wind_difference", 1.6, 3),
    "wind_difference_in_most_rows": in_some_rows("wind_difference", 1.6, 1, ("wind_speed_of_its_components",)),
    "highest_temperature_agrees_with_the_hours": in_half_of_the_rows("above_hours", -5.1),
    "lowest_temperature_agrees_with_the_hours": in_half_of_the_rows("below_hours", -5.1),
    "pm10_not_below_pm25": in_some_rows("pm10_above_pm25", -1.0, 3),
    "pm10_mostly_not_below_pm25": in_some_rows("pm10_above_pm25", -1.0, 1, ("pm10_not_below_pm25",)),
    "rain_has_a_kind": in_half_of_the_rows("rain_finding", "precipitation without a kind"),
    "cells_wanted": in_half_of_the_rows("cell_finding", "no weather is wanted of it"),
    "points_known": in_one_row("point_finding", "is no point of the mid-term forecast"),
    "holidays_on_their_days": in_one_row("holiday_finding", "is on 8-15"),
    "stations_in_their_regions": in_some_rows("station_finding", "is not in 11", 8),
    "most_stations_in_their_regions": in_half_of_the_rows(
        "station_finding", "is not in 11", ("stations_in_their_regions",)
    ),
    "stations_known": in_some_rows("station_finding", "is no such station", 3),
    "most_stations_known": in_some_rows("station_finding", "is no such station", 1, ("stations_known",)),
    "zones_complete": in_one_row("zones_lacking", "without 제주"),
    "zones_known": in_one_row("zone_finding", "is no such zone"),
}  # fmt: skip
"""Per rule id the break that this rule, and no other, must see."""


def test_every_rule_has_a_case_that_breaks_it_and_every_case_a_rule() -> None:
    assert {rule.rule_id for _, rule in RULES} == set(BREAKS)


@pytest.mark.parametrize("table_name", SUITE_OF)
def test_a_good_batch_passes_every_rule(table_name: str, batches: Mapping[str, Overheard]) -> None:
    batch = batches[table_name]

    verdict = judge(batch.frame, SUITE_OF[table_name], given=batch.given)

    assert [result.rule.rule_id for result in verdict.failures] == []
    assert verdict.passed
    assert verdict.score == 100


@pytest.mark.parametrize(("suite", "rule"), RULES, ids=lambda part: getattr(part, "rule_id", None) or part.name)
def test_a_broken_batch_fails_exactly_the_rule_that_was_broken(
    suite: Suite, rule: Rule, batches: Mapping[str, Overheard]
) -> None:
    batch, breaking = batches[suite.table_name], BREAKS[rule.rule_id]
    frame = batch.frame.copy()
    breaking.change(frame)

    verdict = judge(frame, suite, given={**batch.given, **breaking.given})

    failures = {result.rule.rule_id: result for result in verdict.failures}
    assert failures.keys() == {rule.rule_id, *breaking.also}
    failure = failures[rule.rule_id]
    assert failure.severity is rule.severity
    assert verdict.passed is (rule.severity is not Severity.BLOCKING)
    assert not failure.observed.startswith("could not be judged")
