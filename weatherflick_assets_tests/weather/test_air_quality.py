"""The air, hour by hour, from a sandbox with a publish clock into the database: whole, late, over, partial, held back."""

from datetime import timedelta
from typing import Any

import pytest

from weatherflick_assets.settings import now as real_now
from weatherflick_assets.weather.collect.air_quality import SIDO_NAMES
from weatherflick_assets.weather.issues import LateIssueError, NothingCollectedError, PastRetentionError, key_of
from weatherflick_assets.weather.publish_air_quality import publish_air_quality
from weatherflick_assets.weather.publish_lists import publish_air_stations, publish_stations_of_cells
from weatherflick_assets.weather.sources import AIR_QUALITY, AIR_STATIONS
from weatherflick_assets_tests.sandbox.agencies import korea
from weatherflick_assets_tests.weather.collecting import rows
from weatherflick_assets_tests.weather.collecting_sources import change_answers, country

HOUR = korea(2026, 8, 26, 14)
NOW = HOUR + timedelta(minutes=18)
AN_HOUR = timedelta(hours=1)


def test_an_hour_of_all_regions_is_published_station_by_station(store: str) -> None:
    with country(store, NOW) as at:
        reading = at.collect(AIR_QUALITY, HOUR)
        assert rows(store, "SELECT asset_key, partition_key FROM ops.pending_publications") == [
            ("core/air_quality", key_of(HOUR))
        ]
        result = at.publish(publish_air_quality, HOUR)
        again = at.collect(AIR_QUALITY, HOUR)
    assert reading.first.known == len(SIDO_NAMES) == 17
    assert again.calls == 0
    assert result.verdict.passed, result.verdict.summary()
    assert rows(store, "SELECT data_as_of FROM quality.verdicts") == [(HOUR,)]
    counted = rows(
        store,
        "SELECT count(*), count(DISTINCT sido_name), min(measured_at), max(measured_at), "
        "bool_and((pm10_ugm3 IS NULL) = (pm10_grade IS NULL)) FROM core.air_quality",
    )
    assert counted == [(result.rows, 17, HOUR, HOUR, True)]
    assert rows(store, "SELECT is_complete, answered FROM ops.issue_collections") == [(True, 17)]


def test_midnight_is_an_hour_of_the_day_that_begins(store: str) -> None:
    midnight = korea(2026, 8, 27)
    with country(store, midnight + timedelta(minutes=18)) as at:
        at.collect(AIR_QUALITY, midnight)
        assert at.publish(publish_air_quality, midnight).verdict.passed
    assert rows(store, "SELECT DISTINCT measured_at FROM core.air_quality") == [(midnight,)]


def test_an_hour_that_is_late_costs_few_calls_and_is_collected_once_it_is_there(store: str) -> None:
    with country(store, NOW, issues={"getCtprvnRltmMesureDnsty 202608261400": 15}) as at:
        with pytest.raises(LateIssueError, match="is not published"):
            at.collect(AIR_QUALITY, HOUR)
        ((asked,),) = rows(store, "SELECT count(*) FROM raw.calls")
        assert asked < 10
        with pytest.raises(NothingCollectedError):
            at.publish(publish_air_quality, HOUR)
        assert at.at(HOUR + timedelta(minutes=33)).collect(AIR_QUALITY, HOUR).first.known == 17
        assert at.publish(publish_air_quality, HOUR).verdict.passed


def test_an_hour_that_is_over_can_not_be_collected_and_stores_nothing(store: str) -> None:
    with country(store, NOW + AN_HOUR) as at, pytest.raises(PastRetentionError, match="can't be read any more"):
        at.collect(AIR_QUALITY, HOUR)
    assert rows(store, "SELECT count(*) FROM raw.calls") == [(0,)]


def test_every_hour_stays_beside_the_later_ones_and_is_made_again_from_what_is_stored(store: str) -> None:
    with country(store, NOW) as at:
        at.collect(AIR_QUALITY, HOUR)
        first = at.publish(publish_air_quality, HOUR)
        at.at(NOW + AN_HOUR).collect(AIR_QUALITY, HOUR + AN_HOUR)
        second = at.publish(publish_air_quality, HOUR + AN_HOUR)
        before = rows(store, "SELECT * FROM core.air_quality ORDER BY sido_name, station_name, measured_at")
        assert at.publish(publish_air_quality, HOUR).verdict.passed
    assert len(before) == first.rows + second.rows
    assert rows(store, "SELECT * FROM core.air_quality ORDER BY sido_name, station_name, measured_at") == before


def test_a_region_without_measurements_costs_itself_alone(store: str) -> None:
    def take_away(items: list[dict[str, Any]]) -> None:
        if items[0]["sidoName"] == "서울":
            items.clear()

    with country(store, NOW) as at:
        at.collect(AIR_QUALITY, HOUR)
        change_answers(store, "getCtprvnRltmMesureDnsty", take_away)
        assert at.publish(publish_air_quality, HOUR).verdict.passed
    assert rows(store, "SELECT count(DISTINCT sido_name), bool_or(sido_name = '서울') FROM core.air_quality") == [
        (16, False)
    ]


def test_a_value_that_can_not_be_and_a_measurement_of_another_hour_cost_themselves_alone(store: str) -> None:
    def spoil(items: list[dict[str, Any]]) -> None:
        if items[0]["sidoName"] == "서울":
            items[0]["pm10Value"] = "99999"
            items[1]["dataTime"] = "2026-08-26 13:00"

    with country(store, NOW) as at:
        at.collect(AIR_QUALITY, HOUR)
        change_answers(store, "getCtprvnRltmMesureDnsty", spoil)
        result = at.publish(publish_air_quality, HOUR)
    assert result.verdict.passed
    assert result.problems["pm10_ugm3_impossible"] == 1
    assert result.problems["time_outside_the_issue"] == 1
    assert rows(store, "SELECT DISTINCT measured_at FROM core.air_quality") == [(HOUR,)]


@pytest.mark.parametrize("harm", ["stations", "values"])
def test_an_hour_in_which_much_is_missing_is_held_back_and_the_hour_before_stands(store: str, harm: str) -> None:
    def lose(items: list[dict[str, Any]]) -> None:
        if harm == "stations":
            del items[len(items) // 2 :]
        for item in items:
            item["pm10Value"] = "-"

    with country(store, NOW) as at:
        at.collect(AIR_QUALITY, HOUR)
        before = at.publish(publish_air_quality, HOUR).rows
        at.at(NOW + AN_HOUR).collect(AIR_QUALITY, HOUR + AN_HOUR)
        change_answers(store, "getCtprvnRltmMesureDnsty", lose)
        result = at.publish(publish_air_quality, HOUR + AN_HOUR)
    failed = {failure.rule.rule_id for failure in result.verdict.blocking_failures}
    assert ("row_count" if harm == "stations" else "pm10_ugm3_filled") in failed
    assert rows(store, "SELECT count(*), max(measured_at) FROM core.air_quality") == [(before, HOUR)]


def test_the_air_of_a_cell_is_what_the_nearest_station_with_a_value_measured(store: str) -> None:
    hour = real_now().replace(minute=0, second=0, microsecond=0)
    with country(store, hour + timedelta(minutes=18)) as at:
        at.collect(AIR_STATIONS)
        at.publish(publish_air_stations)
        at.publish(publish_stations_of_cells)
        at.collect(AIR_QUALITY, hour)
        at.publish(publish_air_quality, hour)
    nearest = rows(
        store,
        "SELECT sido_name, station_name, distance_km FROM core.air_stations_of_cells WHERE (nx, ny) = (60, 127) ORDER BY place",
    )
    rows(
        store,
        "UPDATE core.air_quality SET pm10_ugm3 = NULL, pm25_ugm3 = 12 WHERE (sido_name, station_name) = (%s, %s) RETURNING 1",
        *nearest[0][:2],
    )
    rows(
        store,
        "UPDATE core.air_quality SET pm10_ugm3 = 34 WHERE (sido_name, station_name) = (%s, %s) RETURNING 1",
        *nearest[1][:2],
    )
    air = {
        pollutant: told
        for pollutant, *told in rows(
            store,
            "SELECT pollutant, value, measured_at, sido_name, station_name, distance_km "
            "FROM core.air_quality_of_cell(60::smallint, 127::smallint)",
        )
    }
    assert air["pm25_ugm3"] == [12, hour, *nearest[0]]
    assert air["pm10_ugm3"] == [34, hour, *nearest[1]]
