"""Issues of grid cells, from a sandbox with a publish clock into the database: complete, resumed, late, past, partial."""

from datetime import date, datetime, timedelta

import pytest

from weatherflick_assets.warehouse.connections import connect
from weatherflick_assets.weather.collect.answers import EMPTY_AT_FIRST
from weatherflick_assets.weather.issues import FORECASTS as FORECASTS_SERIES
from weatherflick_assets.weather.issues import (
    MIDTERM,
    LateIssueError,
    NothingCollectedError,
    PastRetentionError,
    Series,
)
from weatherflick_assets.weather.products import FORECASTS, NOWCASTS_OF_CELLS, OBSERVATIONS, CellProduct
from weatherflick_assets.weather.store import collections
from weatherflick_assets_tests.sandbox.agencies import korea
from weatherflick_assets_tests.weather.collecting import rows, stock, weather

ISSUE = korea(2026, 8, 26, 14)
NOW = ISSUE + timedelta(minutes=15)
CELLS = {(60, 127): 30, (60, 126): 3, (92, 131): 1}


def test_an_issue_is_collected_for_the_cells_with_places_and_published_row_by_row(store: str) -> None:
    stock(store, CELLS)
    with weather(store, NOW) as at:
        found = at.collect(ISSUE)
        seats = found.cells - 2
        assert found.calls == found.cells == found.collected.known
        result = at.publish(ISSUE)
    assert result.verdict.passed, result.verdict.summary()
    assert not result.problems
    assert seats == 17
    times = len(FORECASTS.valid_times(ISSUE))
    assert result.rows == times * found.cells
    counted = rows(
        store,
        "SELECT count(*), count(temperature), count(DISTINCT (nx, ny)), min(valid_at), max(valid_at) "
        "FROM core.hourly_forecasts WHERE issued_at = %s",
        ISSUE,
    )
    assert counted == [(result.rows, result.rows, found.cells, ISSUE + timedelta(hours=1), korea(2026, 8, 30))]
    assert rows(store, "SELECT asset_key FROM ops.pending_publications") == [("core/daily_forecasts",)]


@pytest.mark.parametrize(
    ("product", "issue"),
    [(OBSERVATIONS, korea(2026, 8, 26, 14)), (NOWCASTS_OF_CELLS, korea(2026, 8, 26, 13, 30))],
    ids=["observations", "nowcasts"],
)
def test_the_hourly_products_are_published_the_same_way(store: str, product: CellProduct, issue: datetime) -> None:
    stock(store, CELLS)
    with weather(store, NOW) as at:
        found = at.collect(issue, product)
        result = at.publish(issue, product)
    assert result.verdict.passed, result.verdict.summary()
    assert result.rows == found.cells * len(product.valid_times(issue))
    assert not result.problems


def test_collecting_an_issue_again_asks_nothing(store: str) -> None:
    stock(store, CELLS)
    with weather(store, NOW) as at:
        first = at.collect(ISSUE)
        again = at.collect(ISSUE)
    assert (again.calls, again.collected.before) == (0, first.cells)


def test_an_issue_past_retention_fails_for_good_and_stores_nothing(store: str) -> None:
    with weather(store, ISSUE + timedelta(days=2)) as at, pytest.raises(PastRetentionError, match="24 hours"):
        at.collect(ISSUE)
    assert (
        rows(store, "SELECT count(*) FROM raw.calls")
        == rows(store, "SELECT count(*) FROM ops.issue_collections")
        == [(0,)]
    )


def test_an_issue_is_not_asked_for_before_its_publish_delay(store: str) -> None:
    with (
        weather(store, ISSUE + timedelta(minutes=5)) as at,
        pytest.raises(LateIssueError, match="not published before 2026-08-26 14:10"),
    ):
        at.collect(ISSUE)
    assert rows(store, "SELECT count(*) FROM raw.calls") == [(0,)]


def test_a_late_issue_costs_few_calls_and_is_whole_once_it_is_there(store: str) -> None:
    stock(store, CELLS)
    with weather(store, NOW, issues={"getVilageFcst 202608261400": 45}) as at:
        with pytest.raises(LateIssueError, match="is not published"):
            at.collect(ISSUE)
        ((asked,),) = rows(store, "SELECT count(*) FROM raw.calls")
        assert asked <= EMPTY_AT_FIRST + at.access.provider.rate_limit.in_flight
        with pytest.raises(NothingCollectedError):
            at.publish(ISSUE)
        assert at.at(NOW + timedelta(hours=1)).collect(ISSUE).collected.known == 19
        assert at.publish(ISSUE).verdict.passed


def test_of_a_partial_issue_the_cells_that_are_there_are_published(store: str) -> None:
    stock(store, CELLS)
    with weather(store, NOW, issues={"getVilageFcst 202608261400": "partial"}) as at:
        found = at.collect(ISSUE)
        result = at.publish(ISSUE)
    assert 0 < len(found.collected.empty) < found.cells
    assert result.cells == found.cells - len(found.collected.empty)
    assert result.verdict.passed
    assert rows(store, "SELECT is_complete, answered FROM ops.issue_collections") == [(False, result.cells)]


def test_without_any_place_the_seats_of_the_areas_are_asked_about(store: str) -> None:
    with weather(store, NOW) as at:
        assert at.collect(ISSUE).cells == 17


def test_today_keeps_its_lowest_temperature_when_later_issues_no_longer_say_it(store: str) -> None:
    morning, noon = korea(2026, 8, 26, 2), korea(2026, 8, 26, 14)
    with weather(store, morning + timedelta(minutes=15)) as at:
        at.collect(morning)
        at.publish(morning)
        assert at.publish_days(morning).verdict.passed
        at.at(noon + timedelta(minutes=15)).collect(noon)
        at.publish(noon)
        assert at.publish_days(noon).verdict.passed
    said = rows(
        store,
        "SELECT temperature_min, temperature_max, source, hours FROM core.daily_forecasts "
        "WHERE (nx, ny, day) = (60, 127, '2026-08-26') ORDER BY issued_at",
    )
    assert said[0][:2] == said[1][:2]
    assert None not in said[1]
    assert rows(
        store,
        "SELECT count(*) FROM core.hourly_forecasts WHERE issued_at = %s AND temperature_min IS NOT NULL "
        "AND valid_at < '2026-08-27 00:00+09'",
        noon,
    ) == [(0,)]
    days = rows(store, "SELECT count(*) FROM core.daily_forecasts WHERE issued_at = %s AND (nx, ny) = (60, 127)", noon)
    assert days[0][0] >= 4


def test_the_outlook_goes_on_with_the_mid_term_forecast_where_the_short_term_one_ends(store: str) -> None:
    evening, morning = korea(2026, 8, 25, 18), korea(2026, 8, 26, 6)
    early, late = korea(2026, 8, 26, 5), korea(2026, 8, 26, 17)
    with weather(store, evening + timedelta(hours=1)) as at:
        found = at.collect_midterm(evening)
        assert not any(collected.empty or collected.unreadable for collected in found.values())
        assert at.publish_midterm(evening).verdict.passed
        at.at(early + timedelta(minutes=20)).collect(early)
        at.publish(early)
        at.publish_days(early)
        at.at(morning + timedelta(hours=1)).collect_midterm(morning)
        at.publish_midterm(morning)
        at.at(late + timedelta(minutes=20)).collect(late)
        at.publish(late)
        at.publish_days(late)
    for issue, first_later, said_at in ((early, 4, evening), (late, 5, morning)):
        days = rows(
            store,
            "SELECT day, source, said_at FROM core.daily_forecasts WHERE (nx, ny) = (60, 127) AND issued_at = %s ORDER BY day",
            issue,
        )
        last = 10 if said_at == morning else 9
        assert [day for day, _, _ in days] == [date(2026, 8, 26) + timedelta(days=ahead) for ahead in range(last + 1)]
        assert [source for _, source, _ in days] == ["short_term"] * first_later + ["mid_term"] * (
            last + 1 - first_later
        )
        assert {said for _, source, said in days if source == "mid_term"} == {said_at}


def test_outlooks_made_before_a_late_mid_term_issue_are_made_again(store: str) -> None:
    morning, noon = korea(2026, 8, 26, 6), korea(2026, 8, 26, 8)
    with weather(store, noon + timedelta(minutes=20)) as at:
        at.collect(noon)
        at.publish(noon)
        at.publish_days(noon)
        at.collect_midterm(morning)
        at.publish_midterm(morning)
    pending = rows(store, "SELECT asset_key, partition_key FROM ops.pending_publications")
    assert pending == [("core/daily_forecasts", "202608260800")]


@pytest.mark.parametrize("series", [FORECASTS_SERIES, MIDTERM], ids=lambda series: series.name)
def test_what_stands_in_for_a_late_issue_is_known_at_every_minute_of_a_day(store: str, series: Series) -> None:
    with connect(store) as connection:
        for minute in range(0, 24 * 60, 5):
            now = korea(2026, 8, 26) + timedelta(minutes=minute)
            assert collections.stand_in(connection, series, now) == []
            assert len(collections.newest(connection, series, now)) == 1


def test_what_is_collected_first_has_a_mid_term_issue_for_the_outlook_at_every_minute_of_a_day(store: str) -> None:
    with connect(store) as connection:
        for minute in range(0, 24 * 60, 5):
            now = korea(2026, 8, 26) + timedelta(minutes=minute)
            (said,) = collections.newest(connection, FORECASTS_SERIES, now)
            found = collections.newest_for_outlook(connection, MIDTERM, now)
            assert found[0] == MIDTERM.readable(now)[0]
            assert timedelta() <= said - found[-1] < timedelta(hours=14)
            assert len(found) == (2 if found[0] > said else 1)
