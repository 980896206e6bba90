"""What months are like: figures known by a second calculation, how many years it takes, what is shown and served, and when."""

from datetime import date, datetime, timedelta
from typing import Any

import dagster as dg
import psycopg
import pytest
from psycopg.rows import dict_row

from weatherflick_assets.insight.assets.climate import climate_normals
from weatherflick_assets.insight.climate.publish import Publishing, publish_normals
from weatherflick_assets.insight.flows import CLIMATE
from weatherflick_assets.insight.suitability.activities import ACTIVITIES
from weatherflick_assets.korea.regions import REGION_CODES
from weatherflick_assets.orchestration.gate import GATE, WARNINGS
from weatherflick_assets.orchestration.warehouse import WarehouseResource
from weatherflick_assets.settings import KST
from weatherflick_assets_tests.insight.climate.observing import USUAL, WET_EVERY, WET_MM, observed
from weatherflick_assets_tests.insight.suitability import scalar

# Dagster 1.13 asks pydantic for the fields of resources in the old way.
pytestmark = pytest.mark.filterwarnings("ignore:The `__fields__` attribute is deprecated")

NOW = datetime(2026, 8, 26, 23, 20, tzinfo=KST)
FIRST, LAST = date(2016, 1, 1), date(2025, 12, 31)
GOOD = 70


def published(dsn: str, now: datetime = NOW) -> Publishing:
    result = publish_normals(dsn, clock=lambda: now, run_id="run")
    assert result.verdict.passed, result.verdict.summary()
    return result


def rows(dsn: str, query: str, *values: object) -> list[dict[str, Any]]:
    with psycopg.connect(dsn) as connection, connection.cursor(row_factory=dict_row) as cursor:
        return cursor.execute(query, values).fetchall()  # type: ignore[arg-type]


def normal(dsn: str, month: int, activity: str, region: str = "11") -> dict[str, Any]:
    query = "SELECT * FROM insight.climate_normals WHERE (region_code, month, activity) = (%s, %s, %s)"
    (row,) = rows(dsn, query, region, month, activity)
    return row


def score(activity: str, rain: float) -> float:
    """The score of a usual day, by the second calculation."""
    coldest = USUAL["temperature_min"]
    if activity != "camping":
        coldest = (coldest + USUAL["temperature_max"]) / 2
    day = scalar.Day(USUAL["temperature_max"], 60, 20, rain, 2, coldest, USUAL["temperature_max"])
    return scalar.index(activity, day, rain) * scalar.share_of_felt(activity, day)


def test_a_month_is_the_mean_of_its_days_for_every_activity(store: str) -> None:
    observed(store, FIRST, LAST)
    published(store)
    days = [date(year, 5, 1) + timedelta(days=number) for year in range(2016, 2026) for number in range(31)]
    wet = sum((day - date(2000, 1, 1)).days % WET_EVERY == 0 for day in days) / len(days)
    for activity in ACTIVITIES:
        dry, rainy = score(activity, 0), score(activity, WET_MM)
        found = normal(store, 5, activity)
        assert found["score"] == pytest.approx((1 - wet) * dry + wet * rainy, abs=1e-3)
        assert found["good_share"] == pytest.approx((1 - wet) * (dry >= GOOD) + wet * (rainy >= GOOD), abs=1e-6)
        assert (found["years"], found["first_year"], found["last_year"]) == (10, 2016, 2025)
        assert (found["stations"], found["days"]) == (1, 310)
        assert found["temperature_max"] == USUAL["temperature_max"]
        assert found["rain_days"] == pytest.approx(31 * wet, abs=1e-3)
        assert found["precipitation_mm"] == pytest.approx(31 * wet * WET_MM, abs=1e-2)
        assert found["sunshine_hours"] == pytest.approx(31 * USUAL["sunshine_hours"], abs=1e-3)
    sights = normal(store, 5, "sightseeing")
    assert (sights["level"], sights["limiting"]) == ("excellent", "rain")
    assert sights["reason_ko"] == "2016–2025년 평균: 좋은 날 75 %, 낮 최고 24 °C, 비 오는 날 8일; 가장 큰 감점: 비"
    assert (
        sights["reason_en"] == "2016–2025: good on 75 % of the days, highs of 24 °C, 8 days with rain; rain costs most"
    )


def test_with_fewer_than_ten_years_a_month_has_no_normal_and_says_how_many_there_are(store: str) -> None:
    observed(store, date(2017, 1, 1), LAST)
    result = published(store)
    assert (result.rows, result.normals, result.years) == (len(REGION_CODES) * 12 * len(ACTIVITIES), 0, 9)
    seoul, jeju = (normal(store, 5, "hiking", region) for region in ("11", "50"))
    assert (seoul["years"], seoul["score"], seoul["rank"], seoul["temperature_max"]) == (9, None, None, None)
    assert seoul["reason_en"] == "Known for 9 years; a normal takes 10"
    assert seoul["reason_ko"] == "관측 9년: 평년값에는 10년이 필요"
    assert (jeju["years"], jeju["days"], jeju["first_year"]) == (0, 0, None)
    assert rows(store, "SELECT * FROM serving.when_to_go") == []


def test_a_year_in_which_little_of_the_month_was_observed_does_not_count(store: str) -> None:
    observed(store, FIRST, LAST)
    observed(store, date(2026, 5, 1), date(2026, 5, 24), temperature_max=40.0)  # 24 of 31 days
    observed(store, date(2026, 6, 1), date(2026, 6, 24))  # 24 of 30
    observed(store, date(2026, 8, 1), date(2026, 8, 26))  # it is not over
    published(store)
    assert [normal(store, month, "hiking")["years"] for month in (5, 6, 8)] == [10, 11, 10]
    assert normal(store, 5, "hiking")["temperature_max"] == USUAL["temperature_max"]


def test_a_station_that_does_not_see_the_sky_counts_where_the_sky_does_not(store: str) -> None:
    observed(store, FIRST, LAST)
    observed(store, FIRST, LAST, station="119", cloud_cover_mean=None)
    published(store)
    assert [normal(store, 5, activity)["stations"] for activity in ("sightseeing", "hiking", "indoor")] == [1, 1, 2]


def test_a_month_with_more_rain_is_never_better_and_months_are_ranked(store: str) -> None:
    for month in range(1, 13):
        observed(store, FIRST, LAST, month=month, wet_mm=float(2 * month))
    published(store)
    for activity in ACTIVITIES:
        months = sorted((normal(store, month, activity) for month in range(1, 13)), key=lambda row: row["rank"])
        assert [row["rank"] for row in months] == [*range(1, 13)]
        by_month = sorted(months, key=lambda row: row["month"])
        # Months have a different share of wet days; a wet day by itself is never better with more rain.
        wet = [(row["month"], row["score"]) for row in by_month if row["month"] in (1, 12)]
        assert wet[0][1] >= wet[1][1]


def test_what_is_served_is_asked_for_by_area(store: str) -> None:
    observed(store, FIRST, LAST, region="12", station="156")
    published(store)
    found = rows(store, "SELECT * FROM serving.when_to_go WHERE month = 5 AND activity = 'hiking' ORDER BY region_code")
    assert [row["region_code"] for row in found] == ["38", "5"]
    assert {(row["years"], row["temperature_max"], row["recommendation_level"]) for row in found} == {
        (10, 24.0, "fair")
    }


def test_it_is_worked_out_when_a_month_has_ended_or_a_year_was_published(store: str) -> None:
    def due(now: datetime) -> bool:
        return bool(CLIMATE.stages[0].partitions(store, now))

    assert not due(NOW)
    observed(store, FIRST, LAST)
    assert due(NOW)
    published(store)
    assert not due(NOW + timedelta(days=1))
    assert due(NOW + timedelta(days=6))
    with psycopg.connect(store) as connection:
        connection.execute(
            "INSERT INTO quality.verdicts (table_name, partition_key, judged_at, suite_name, row_count, passed, minimum_score, published) "
            "VALUES ('core.station_years', '202501010000', %s, 'core.station_days', 1, TRUE, 90, TRUE)",
            (NOW + timedelta(hours=1),),
        )
    assert due(NOW + timedelta(days=1))


def test_in_the_first_month_nothing_is_worked_out_and_of_the_end_of_a_month_it_is_once(store: str) -> None:
    def due(now: datetime) -> bool:
        return bool(CLIMATE.stages[0].partitions(store, now))

    observed(store, date(2026, 8, 20), date(2026, 8, 31))
    assert not due(NOW)
    september = NOW + timedelta(days=6)
    assert due(september)
    assert (published(store, september).normals, normal(store, 8, "hiking")["years"]) == (0, 0)
    assert not due(september + timedelta(days=1))


def materialize(dsn: str) -> dg.ExecuteInProcessResult:
    return dg.materialize([climate_normals], resources={"warehouse": WarehouseResource(dsn=dsn)}, raise_on_error=False)


def test_the_asset_shows_figures_and_pictures(store: str) -> None:
    observed(store, FIRST, LAST)
    result = materialize(store)
    assert result.success
    (made,) = result.asset_materializations_for_node(climate_normals.op.name)
    assert made.metadata["normals"].value == 12 * len(ACTIVITIES)
    assert made.metadata["dagster/row_count"].value == len(REGION_CODES) * 12 * len(ACTIVITIES)
    for activity in ("sightseeing", "hiking", "beach"):
        assert "data:image/svg+xml;base64," in str(made.metadata[f"good_days_for_{activity}"].value)
    checks = {check.check_name: check.passed for check in result.get_asset_check_evaluations()}
    assert checks == {GATE: True, WARNINGS: True}


def test_without_a_day_of_a_station_it_fails_and_says_what_to_do(store: str) -> None:
    result = materialize(store)
    (failed,) = [event for event in result.all_events if event.event_type == dg.DagsterEventType.STEP_FAILURE]
    assert "Make core/station_years of a year first" in str(failed.step_failure_data.user_failure_data)
