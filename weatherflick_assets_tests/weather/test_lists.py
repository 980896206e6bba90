"""Holidays and the stations that measure the air, from a sandbox into the database: whole, again, withdrawn, held back."""

from datetime import date, timedelta
from typing import Any

import pytest

from weatherflick_assets.korea.land_cells import land_cells
from weatherflick_assets.weather.issues import NothingCollectedError
from weatherflick_assets.weather.publish_lists import (
    publish_air_stations,
    publish_holidays,
    publish_stations_of_cells,
)
from weatherflick_assets.weather.sources import AIR_STATIONS, HOLIDAYS
from weatherflick_assets.weather.transform.air_stations import NEAR_KM
from weatherflick_assets_tests.sandbox.agencies import korea
from weatherflick_assets_tests.weather.collecting import rows
from weatherflick_assets_tests.weather.collecting_sources import change_answers, country

NOW = korea(2026, 8, 24, 5)
A_WEEK = timedelta(days=7)


def test_the_holidays_of_this_year_and_the_next_are_published(store: str) -> None:
    with country(store, NOW) as at:
        reading = at.collect(HOLIDAYS)
        assert rows(store, "SELECT asset_key, partition_key FROM ops.pending_publications") == [("core/holidays", "")]
        result = at.publish(publish_holidays)
    assert (reading.calls, reading.first.known) == (2, 2)
    assert result.verdict.passed, result.verdict.summary()
    assert rows(store, "SELECT data_as_of = (SELECT max(fetched_at) FROM raw.calls) FROM quality.verdicts") == [(True,)]
    assert not result.problems
    assert rows(store, "SELECT count(*) FROM ops.pending_publications") == [(0,)]
    found = {day: (name, public) for day, name, public in rows(store, "SELECT day, name, is_public FROM core.holidays")}
    assert found[date(2026, 2, 17)] == ("설날", True)
    assert {day.year for day in found} == {2026, 2027}
    assert rows(store, "SELECT count(*) FROM core.holidays") == [(result.rows,)]


def test_a_list_that_was_read_today_is_not_read_again_but_a_week_later_it_is(store: str) -> None:
    with country(store, NOW) as at:
        at.collect(HOLIDAYS)
        assert at.collect(HOLIDAYS).calls == 0
        assert at.at(NOW + A_WEEK).collect(HOLIDAYS).calls == 2


def test_nothing_is_published_of_what_was_never_collected(store: str) -> None:
    with country(store, NOW) as at:
        with pytest.raises(NothingCollectedError, match="raw/kasi/holidays"):
            at.publish(publish_holidays)
        with pytest.raises(NothingCollectedError, match="core/air_stations"):
            at.publish(publish_stations_of_cells)


def test_a_holiday_that_is_withdrawn_leaves_with_the_next_list_of_its_year_and_other_years_stay(store: str) -> None:
    kept = "INSERT INTO core.holidays VALUES ('2025-01-01', '1월1일', TRUE, now(), 1)"
    withdrawn = "INSERT INTO core.holidays VALUES ('2026-04-10', '임시공휴일', TRUE, now(), 1)"
    with country(store, NOW) as at:
        at.collect(HOLIDAYS)
        for statement in (kept, withdrawn):
            rows(store, f"{statement} RETURNING day")
        assert at.publish(publish_holidays).verdict.passed
    assert rows(store, "SELECT name FROM core.holidays WHERE day IN ('2025-01-01', '2026-04-10')") == [("1월1일",)]


def test_a_year_without_holidays_yet_is_no_failure_and_one_without_a_list_stays_as_it_is(store: str) -> None:
    def of_this_year(items: list[dict[str, Any]]) -> None:
        items[:] = [item for item in items if str(item["locdate"]).startswith("2026")]

    with country(store, NOW) as at:
        at.collect(HOLIDAYS)
        change_answers(store, "getRestDeInfo", of_this_year)
        assert at.publish(publish_holidays).verdict.passed
    assert rows(store, "SELECT DISTINCT extract(year FROM day)::integer FROM core.holidays") == [(2026,)]


def test_a_holiday_that_can_not_be_read_costs_itself_alone(store: str) -> None:
    def spoil(items: list[dict[str, Any]]) -> None:
        items[0]["locdate"] = "2026-01-01"

    with country(store, NOW) as at:
        at.collect(HOLIDAYS)
        change_answers(store, "getRestDeInfo", spoil)
        result = at.publish(publish_holidays)
    assert result.verdict.passed
    assert result.problems == {"holiday_unreadable": 2}


def test_a_list_with_too_few_holidays_of_this_year_is_held_back(store: str) -> None:
    def shorten(items: list[dict[str, Any]]) -> None:
        del items[3:]

    with country(store, NOW) as at:
        at.collect(HOLIDAYS)
        assert at.publish(publish_holidays).verdict.passed
        before = rows(store, "SELECT * FROM core.holidays ORDER BY day, name")
        change_answers(store, "getRestDeInfo", shorten)
        result = at.publish(publish_holidays)
    assert [failure.rule.rule_id for failure in result.verdict.blocking_failures] == ["row_count"]
    assert rows(store, "SELECT * FROM core.holidays ORDER BY day, name") == before


def test_the_stations_are_published_with_the_nearest_ones_of_every_cell_on_land(store: str) -> None:
    with country(store, NOW) as at:
        reading = at.collect(AIR_STATIONS)
        stations = at.publish(publish_air_stations)
        nearest = at.publish(publish_stations_of_cells)
    assert reading.calls == -(-stations.rows // 100)
    assert stations.verdict.passed, stations.verdict.summary()
    assert not stations.problems
    assert nearest.verdict.passed, nearest.verdict.summary()
    asked = "SELECT count(*), bool_and(data_as_of = (SELECT max(fetched_at) FROM raw.calls)) FROM quality.verdicts"
    assert rows(store, asked) == [(2, True)], "the list and what follows from it are as old as the list"
    assert rows(store, "SELECT count(DISTINCT sido_name) FROM core.air_stations") == [(17,)]
    ((cells, most, farthest),) = rows(
        store, "SELECT count(DISTINCT (nx, ny)), max(place), max(distance_km) FROM core.air_stations_of_cells"
    )
    assert cells > 0.85 * len(land_cells()[0])  # the others lie at sea or in the north
    assert most == 3
    assert farthest <= NEAR_KM
    in_order = rows(
        store,
        "SELECT bool_and(near.distance_km <= far.distance_km) FROM core.air_stations_of_cells AS near "
        "JOIN core.air_stations_of_cells AS far ON (far.nx, far.ny, far.place) = (near.nx, near.ny, near.place + 1)",
    )
    assert in_order == [(True,)]
    assert rows(store, "SELECT sido_name FROM core.air_stations_of_cells WHERE (nx, ny, place) = (60, 127, 1)") == [
        ("서울",)
    ]
    assert rows(store, "SELECT count(*) FROM ops.pending_publications") == [(0,)]


def test_a_list_that_lacks_many_stations_is_held_back(store: str) -> None:
    def lose(items: list[dict[str, Any]]) -> None:
        del items[::2]

    with country(store, NOW) as at:
        at.collect(AIR_STATIONS)
        before = at.publish(publish_air_stations).rows
        change_answers(store, "getMsrstnList", lose)
        result = at.publish(publish_air_stations)
    assert not result.verdict.passed
    assert rows(store, "SELECT count(*) FROM core.air_stations") == [(before,)]


def test_a_station_without_a_position_is_published_and_never_near(store: str) -> None:
    moved: list[str] = []

    def lose(items: list[dict[str, Any]]) -> None:
        moved.append(items[0]["stationName"])
        items[0].update(dmX="", dmY="")

    with country(store, NOW) as at:
        at.collect(AIR_STATIONS)
        change_answers(store, "getMsrstnList", lose)
        stations = at.publish(publish_air_stations)
        assert at.publish(publish_stations_of_cells).verdict.passed
    assert stations.verdict.passed
    assert stations.problems == {"position_missing": len(moved)}
    without = "SELECT sido_name, station_name FROM core.air_stations WHERE latitude IS NULL"
    assert len(rows(store, without)) == len(moved)
    assert rows(store, f"SELECT FROM core.air_stations_of_cells WHERE (sido_name, station_name) IN ({without})") == []
