"""Days of stations, from a sandbox into the database: of yesterday, of a missed week, of long ago, partial, held back."""

from datetime import datetime, timedelta
from typing import Any

import pytest

from weatherflick_assets.korea.asos_stations import asos_stations
from weatherflick_assets.settings import KST
from weatherflick_assets.weather.flows import STATION_DAYS as FLOW
from weatherflick_assets.weather.issues import STATION_DAYS as SERIES
from weatherflick_assets.weather.issues import LateIssueError, key_of
from weatherflick_assets.weather.publish_station_days import publish_station_days
from weatherflick_assets.weather.sources import STATION_DAYS
from weatherflick_assets_tests.sandbox.agencies import korea
from weatherflick_assets_tests.weather.collecting import rows
from weatherflick_assets_tests.weather.collecting_sources import change_answers, country

DAY = korea(2026, 8, 25)
NOW = korea(2026, 8, 26, 11, 10)
A_DAY = timedelta(days=1)
STATIONS = len(asos_stations())


def due(dsn: str, now: datetime) -> list[datetime]:
    """The days that the schedule asks for."""
    return [SERIES.issue_of(str(key)) for key in FLOW.stages[0].partitions(dsn, now)]


def test_yesterday_is_published_station_by_station(store: str) -> None:
    assert due(store, NOW) == [DAY]
    with country(store, NOW) as at:
        reading = at.collect(STATION_DAYS, DAY)
        assert rows(store, "SELECT asset_key, partition_key FROM ops.pending_publications") == [
            ("core/station_days", key_of(DAY))
        ]
        result = at.publish(publish_station_days, DAY)
    assert reading.calls == reading.first.known == STATIONS
    assert result.verdict.passed, result.verdict.summary()
    assert result.rows == STATIONS
    found = rows(
        store,
        "SELECT count(*), count(temperature_mean), count(DISTINCT region_code), min(day), max(day) FROM core.station_days",
    )
    assert found == [(STATIONS, STATIONS, 16, DAY.date(), DAY.date())]
    seoul = rows(store, "SELECT station_name, region_code FROM core.station_days WHERE station_id = '108'")
    assert seoul == [("서울", "11")]


def test_a_day_is_not_asked_for_before_it_is_known(store: str) -> None:
    with country(store, korea(2026, 8, 26, 10)) as at, pytest.raises(LateIssueError, match="not published before"):
        at.collect(STATION_DAYS, DAY)
    assert rows(store, "SELECT count(*) FROM raw.calls") == [(0,)]


def test_a_missed_week_costs_as_many_calls_as_a_day(store: str) -> None:
    missed = 7
    with country(store, NOW) as at:
        at.collect(STATION_DAYS, DAY)
        at.at(NOW + missed * A_DAY)
        days = due(store, NOW + missed * A_DAY)
        assert days == [DAY + number * A_DAY for number in range(missed, 0, -1)]
        readings = [at.collect(STATION_DAYS, day) for day in days]
        results = [at.publish(publish_station_days, day) for day in (days[0], days[-1])]
    assert readings[0].calls == STATIONS
    assert [reading.calls for reading in readings[1:]] == [0] * (missed - 1)
    assert [reading.first.recalled for reading in readings[1:]] == [STATIONS] * (missed - 1)
    assert [result.rows for result in results] == [STATIONS, STATIONS]
    found = rows(store, "SELECT DISTINCT day FROM core.station_days ORDER BY day")
    assert found == [(days[-1].date(),), (days[0].date(),)]


def test_a_day_long_ago_is_asked_for_with_the_rest_of_its_month(store: str) -> None:
    first = korea(2026, 3, 1)
    with country(store, NOW) as at:
        begun = at.collect(STATION_DAYS, first)
        last = at.collect(STATION_DAYS, first + 30 * A_DAY)
        result = at.publish(publish_station_days, first + 30 * A_DAY)
    assert begun.calls == STATIONS
    assert last.first.recalled == STATIONS
    assert rows(store, "SELECT DISTINCT day FROM core.station_days") == [((first + 30 * A_DAY).astimezone(KST).date(),)]
    assert result.rows == STATIONS


def test_a_station_without_the_day_and_a_value_that_can_not_be_cost_themselves_alone(store: str) -> None:
    def spoil(items: list[dict[str, Any]]) -> None:
        if items[0]["stnId"] == "108":
            items[0]["maxTa"] = "99.9"
        if items[0]["stnId"] == "159":
            items[0]["tm"] = "2026-08-24"

    with country(store, NOW) as at:
        at.collect(STATION_DAYS, DAY)
        change_answers(store, "getAsosDaily", spoil)
        result = at.publish(publish_station_days, DAY)
    assert result.verdict.passed, result.verdict.summary()
    assert result.left_out == ["159"]
    assert result.problems == {"temperature_max_impossible": 1}
    assert result.rows == STATIONS - 1


def test_a_day_without_temperatures_is_held_back_and_what_was_published_of_it_stands(store: str) -> None:
    def lose(items: list[dict[str, Any]]) -> None:
        items[0]["avgTa"] = ""

    with country(store, NOW) as at:
        at.collect(STATION_DAYS, DAY)
        at.publish(publish_station_days, DAY)
        before = rows(store, "SELECT * FROM core.station_days ORDER BY station_id")
        change_answers(store, "getAsosDaily", lose)
        result = at.publish(publish_station_days, DAY)
    assert [failure.rule.rule_id for failure in result.verdict.blocking_failures] == ["temperature_mean_filled"]
    assert rows(store, "SELECT * FROM core.station_days ORDER BY station_id") == before
