"""Years of stations, from a sandbox into the database: with the calls that are left, resumed, and in place of their days."""

from datetime import datetime, timedelta

import pytest

from weatherflick_assets.korea.asos_stations import asos_stations
from weatherflick_assets.upstream.errors import ExhaustedError
from weatherflick_assets.warehouse.partitioned import keep_in_order
from weatherflick_assets.weather.flows import STATION_YEARS as FLOW
from weatherflick_assets.weather.issues import STATION_DAYS as DAYS
from weatherflick_assets.weather.issues import STATION_YEARS as SERIES
from weatherflick_assets.weather.issues import LateIssueError, Series, UnknownIssueError, key_of
from weatherflick_assets.weather.partitions import ISSUE_PARTITIONS
from weatherflick_assets.weather.publish_station_days import publish_station_days, publish_station_years
from weatherflick_assets.weather.sources import STATION_DAYS, STATION_YEARS
from weatherflick_assets.weather.storage import STORAGE
from weatherflick_assets.weather.store import collections
from weatherflick_assets_tests.sandbox.agencies import korea
from weatherflick_assets_tests.weather.collecting import rows
from weatherflick_assets_tests.weather.collecting_sources import country

YEAR = korea(2025, 1, 1)
NOW = korea(2026, 8, 26, 20)
A_DAY = timedelta(days=1)
STATIONS = len(asos_stations())
FEW = 3


def due(dsn: str, now: datetime) -> list[datetime]:
    """The years that the schedule asks for."""
    return [SERIES.issue_of(str(key)) for key in FLOW.stages[0].partitions(dsn, now)]


def settle(dsn: str, series: Series, issue: datetime) -> None:
    """Note that an issue is collected."""
    with collections.attempt(dsn, series, issue, NOW) as attempt:
        attempt.planned = attempt.answered = STATIONS
        attempt.problem = None


def test_ten_whole_years_are_asked_for_one_after_another_the_newest_first(store: str) -> None:
    asked = []
    while years := due(store, NOW):
        asked += years
        settle(store, SERIES, years[0])
    assert [year.year for year in asked] == [*range(2025, 2015, -1)]
    assert all((year.month, year.day) == (1, 1) for year in asked)
    keys = ISSUE_PARTITIONS[SERIES.name].get_partition_keys(current_time=NOW)
    assert {key_of(year) for year in asked} <= {*keys}
    assert [year.year for year in due(store, korea(2027, 1, 2, 11))] == [2026]


def test_a_year_is_named_by_its_first_day_and_known_once_it_is_over(store: str) -> None:
    with pytest.raises(UnknownIssueError, match="at 0000 of the first day of a year"):
        SERIES.issue_of("202501020000")
    with country(store, NOW) as at, pytest.raises(LateIssueError, match="not published before 2027-01-02"):
        at.collect(STATION_YEARS, korea(2026, 1, 1))


def test_calls_that_the_work_of_the_day_may_need_are_left_alone(store: str) -> None:
    with country(store, NOW, limit=3 * STATIONS) as at:
        with pytest.raises(ExhaustedError, match="the day's work may need them"):
            at.collect(STATION_YEARS, YEAR)
        assert rows(store, "SELECT count(*) FROM raw.calls") == [(0,)]
        at.limit += FEW
        assert at.collect(STATION_YEARS, YEAR).calls == FEW
        assert due(store, NOW) == [YEAR]


def test_what_is_left_of_a_day_is_spent_on_a_year_which_is_resumed_the_next_day(store: str) -> None:
    settle(store, DAYS, korea(2026, 8, 25))
    with country(store, NOW, limit=FEW) as at:
        first = at.collect(STATION_YEARS, YEAR)
        assert (first.calls, first.first.known, first.first.unasked) == (FEW, FEW, STATIONS - FEW)
        with pytest.raises(ExhaustedError, match=r"0 are left.*There are calls again at 00:00 KST"):
            at.collect(STATION_YEARS, YEAR)
        at.at(korea(2026, 8, 27, 0, 10))  # the quota is whole again, and the day's work is still to come
        with pytest.raises(ExhaustedError, match=f"{FEW} are left, and the day's work may need them"):
            at.collect(STATION_YEARS, YEAR)
        settle(store, DAYS, korea(2026, 8, 26))
        keep_in_order(store, STORAGE, at.clock())  # upkeep drops the index of answers, which is older than it keeps
        assert rows(store, "SELECT count(*) FROM raw.issue_answers") == [(0,)]
        at.at(NOW + A_DAY)
        second = at.collect(STATION_YEARS, YEAR)
        assert (second.calls, second.first.recalled, second.first.known) == (FEW, FEW, 2 * FEW)
        result = at.publish(publish_station_years, YEAR)
    assert result.verdict.passed, result.verdict.summary()
    assert result.rows == 2 * FEW * 365
    found = rows(
        store, "SELECT min(day), max(day), count(DISTINCT day), count(DISTINCT station_id) FROM core.station_days"
    )
    assert found == [(YEAR.date(), YEAR.date().replace(month=12, day=31), 365, 2 * FEW)]
    assert rows(store, "SELECT DISTINCT operation FROM ops.api_calls_daily") == [("getAsosDaily",)]
    problem = rows(store, "SELECT problem FROM ops.issue_collections WHERE NOT is_complete")
    assert problem == [
        (
            f"{STATIONS - 2 * FEW} of {STATIONS} subjects are not answered: for {STATIONS - 2 * FEW} there are to be no calls now",
        )
    ]


def test_a_year_says_of_a_day_what_the_day_itself_said_and_stations_that_are_not_answered_keep_it(store: str) -> None:
    day = korea(2025, 12, 31)
    query = (
        "SELECT station_id, temperature_max, precipitation_mm, sunshine_hours FROM core.station_days "
        "WHERE day = '2025-12-31' ORDER BY station_id"
    )
    with country(store, NOW, limit=4 * STATIONS + FEW) as at:
        at.collect(STATION_DAYS, day)
        at.publish(publish_station_days, day)
        of_day = rows(store, query)
        at.collect(STATION_YEARS, YEAR)
        result = at.publish(publish_station_years, YEAR)
    assert result.rows == FEW * 365
    assert rows(store, query) == of_day
    assert len(of_day) == STATIONS


@pytest.mark.torture
def test_a_whole_year_of_every_station_takes_a_call_for_each(store: str) -> None:
    with country(store, NOW) as at:
        reading = at.collect(STATION_YEARS, YEAR)
        result = at.publish(publish_station_years, YEAR)
    assert reading.calls == STATIONS
    assert result.verdict.passed, result.verdict.summary()
    assert result.rows == 365 * STATIONS
    assert [year.year for year in due(store, NOW)] == [2024]
