"""What got worse, and since when: by declared differences, out of stored statistics alone."""

from collections.abc import Mapping
from datetime import date, timedelta

import psycopg
import pytest

from weatherflick_assets.quality.measured import WHOLE_TABLE, MeasuredTable
from weatherflick_assets.quality.statistics import measure
from weatherflick_assets.quality.tables import STATISTICS
from weatherflick_assets.quality.trends import DAYS_BEFORE, WATCHED, Compared, Worse, compare, due
from weatherflick_assets_tests.places.store.stock import execute, rows
from weatherflick_assets_tests.quality.given_verdicts import (
    DAY,
    ISSUES,
    MEASURED,
    PLACES,
    ZIP_CODE,
    Given,
    Severity,
    at,
    give,
)

UNSTEADY = MeasuredTable("core.weather_warnings", timedelta(hours=3), is_steady=False, required=("announced_at",))
DECLARED = (*MEASURED, UNSTEADY)


def ago(days: int) -> date:
    return DAY - timedelta(days=days)


def stored(
    dsn: str, metric: str, values: Mapping[int, float], table: str = PLACES.table_name, region: str = "50"
) -> None:
    """Statistics by how many days ago they were."""
    for days, value in values.items():
        execute(
            dsn,
            "INSERT INTO quality.statistics (day, table_name, region_code, metric, value, measured_at) VALUES (%s, %s, %s, %s, %s, %s)",
            ago(days), table, region, metric, value, at(6, ago(days - 1)),
        )  # fmt: skip


def compared(dsn: str, day: date = DAY) -> Compared:
    return compare(dsn, day, DECLARED, clock=lambda: at(30, day))


def trends(dsn: str) -> list[tuple[object, ...]]:
    query = "SELECT * FROM quality.trends ORDER BY table_name, region_code, metric, days_before"
    return [tuple(value for name, value in row.items() if name != "compared_at") for row in rows(dsn, query)]


def worse(dsn: str) -> set[tuple[str, int]]:
    return {(row["metric"], row["days_before"]) for row in rows(dsn, "SELECT * FROM quality.trends WHERE got_worse")}


def test_a_day_is_compared_with_one_seven_and_thirty_days_before(store: str) -> None:
    stored(store, "rows", {0: 90, 1: 91, 7: 100, 30: 80})
    found = compared(store)
    assert trends(store) == [
        (DAY, PLACES.table_name, "50", "rows", 1, 90, 91, -1, False, None),
        (DAY, PLACES.table_name, "50", "rows", 7, 90, 100, -10, True, ago(1)),
        (DAY, PLACES.table_name, "50", "rows", 30, 90, 80, 10, False, None),
    ]
    assert (found.rows, found.days) == (3, list(DAYS_BEFORE))
    assert found.worse == [Worse(PLACES.table_name, "50", "rows", 90, 100, 7, ago(1))]


@pytest.mark.parametrize(("rows_now", "is_told"), [(150, True), (151, False)])
def test_a_share_of_far_more_rows_is_one_of_other_rows(store: str, rows_now: int, *, is_told: bool) -> None:
    stored(store, "rows", {0: rows_now, 1: 100})
    stored(store, "filled:phone", {0: 0.6, 1: 0.9})
    compared(store)
    assert worse(store) == ({("filled:phone", 1)} if is_told else set())


@pytest.mark.parametrize(
    ("metric", "before", "noise", "bad"),
    [
        ("rows", 1000, 951, 950),
        ("rows", 20, 16, 15),
        ("duplicates", 0, 4, 5),
        ("duplicates", 1000, 1049, 1050),
        ("filled:phone", 0.90, 0.851, 0.85),
        ("rejected", 100, 109, 110),
        ("rejected:no_title", 0, 4, 5),
        ("score", 95, 94.1, 94),
        ("previous_score", 90, 88.1, 88),
        ("held_back", 0, 0, 1),
        ("warnings", 2, 2, 3),
        ("age_hours", 300, 360, 361),
    ],
)
def test_what_differs_by_less_than_is_declared_is_noise_and_the_other_direction_is_no_harm(
    store: str, metric: str, before: float, noise: float, bad: float
) -> None:
    if metric != "rows":
        stored(store, "rows", {0: 1000, 1: 1000})
    for region, value in (("11", noise), ("26", bad), ("27", before - (bad - before))):
        stored(store, metric, {1: before, 0: value}, region=region)
        stored(store, "rows", {0: 1000}, region=region) if metric != "rows" else None
    assert {(one.metric, one.region_code) for one in compared(store).worse} == {(metric, "26")}


def test_a_share_of_few_rows_is_noise(store: str) -> None:
    stored(store, "filled:address", {1: 1.0, 0: 0.8})
    stored(store, "rows", {1: 10, 0: 10})
    assert compared(store).worse == []
    stored(store, "filled:address", {1: 1.0, 0: 0.8}, region="11")
    stored(store, "rows", {1: 15, 0: 15}, region="11")
    assert [one.region_code for one in compared(store).worse] == ["11"]


def test_lists_that_are_read_weekly_get_older_without_getting_worse_until_they_are_stale(store: str) -> None:
    stored(store, "age_hours", {days: 24.0 * (16 - days) for days in range(10)})
    found = compared(store)
    (older,) = found.worse
    assert (older.metric, older.value, older.since) == ("age_hours", 384, ago(0))
    assert worse(store) == {("age_hours", 1), ("age_hours", 7)}


def test_of_the_weather_only_columns_that_are_required_are_watched_and_one_issue_less_is_noise(store: str) -> None:
    of_issues = {"table": ISSUES.table_name, "region": WHOLE_TABLE}
    stored(store, "rows", {1: 8000, 0: 7000}, **of_issues)
    stored(store, "partitions", {1: 8, 0: 7}, **of_issues)
    stored(store, "filled:snow_cm", {1: 0.9, 0: 0.1}, **of_issues)
    assert compared(store).worse == []
    stored(store, "filled:temperature", {1: 1.0, 0: 0.9}, **of_issues)
    assert [one.metric for one in compared(store).worse] == ["filled:temperature"]


def test_what_comes_and_goes_with_the_weather_may(store: str) -> None:
    of_warnings = {"table": UNSTEADY.table_name, "region": WHOLE_TABLE}
    stored(store, "rows", {1: 300, 0: 2}, **of_warnings)
    stored(store, "filled:lifted_at", {1: 0.9, 0: 0.1}, **of_warnings)
    stored(store, "held_back", {1: 0, 0: 1}, **of_warnings)
    assert [one.metric for one in compared(store).worse] == ["held_back"]


def test_something_is_worse_since_the_first_day_of_those_in_a_row(store: str) -> None:
    scores = {30: 99, 20: 80, 12: 99, 11: 90, 10: 90, 9: 98.5, 7: 99, 5: 70, 4: 71, 3: 99, 2: 80, 0: 81}
    stored(store, "score", scores)
    found = compared(store)
    assert worse(store) == {("score", 7), ("score", 30)}
    assert {row["worse_since"] for row in rows(store, "SELECT worse_since FROM quality.trends WHERE got_worse")} == {
        ago(2)
    }
    assert found.worse == [Worse(PLACES.table_name, "50", "score", 81, 99, 30, ago(2))]
    execute(store, "DELETE FROM quality.statistics WHERE day IN (%s, %s, %s)", ago(9), ago(7), ago(3))
    assert [(one.days_before, one.since) for one in compared(store).worse] == [(30, ago(11))]


def test_each_thing_that_got_worse_is_named_once_with_the_earliest_day_since_which_it_is_known_to_be(
    store: str,
) -> None:
    stored(store, "warnings", {30: 0, **dict.fromkeys(range(2, 10), 1), 1: 1, 0: 2})
    (found,) = compared(store).worse
    assert (found.days_before, found.value_before, found.since) == (30, 0, ago(9))
    assert worse(store) == {("warnings", 1), ("warnings", 7), ("warnings", 30)}


def test_a_reason_for_rejection_that_is_new_is_compared_with_none_where_rejections_were_counted(store: str) -> None:
    stored(store, "rejected", {1: 1, 0: 41})
    stored(store, "rejected:no_title", {0: 40})
    assert {one.metric for one in compared(store).worse} == {"rejected", "rejected:no_title"}
    execute(store, "DELETE FROM quality.statistics WHERE day = %s", ago(1))
    assert compared(store) == Compared(0, [], [])


def test_what_did_not_change_is_told_of_whole_tables_alone(store: str) -> None:
    for region in ("50", WHOLE_TABLE):
        stored(store, "rows", {1: 7, 0: 7}, region=region)
    compared(store)
    assert [row[2] for row in trends(store)] == [WHOLE_TABLE]


def test_comparing_again_changes_nothing_and_follows_what_was_measured_again(store: str) -> None:
    stored(store, "score", {7: 90, 1: 90, 0: 80})
    compared(store)
    once = trends(store)
    compared(store)
    assert trends(store) == once
    execute(store, "UPDATE quality.statistics SET value = 80 WHERE day = %s", ago(1))
    assert [one.days_before for one in compared(store).worse] == [7]


def test_the_first_day_has_nothing_to_be_compared_with(store: str) -> None:
    stored(store, "rows", {0: 5})
    assert compared(store) == Compared(0, [], [])


def test_days_are_due_until_they_are_compared_and_when_a_day_that_they_refer_to_is_measured_again(store: str) -> None:
    give(store, Given(judged_at=at(1, ago(9))))
    for days in (9, 8, 2, 1):
        measure(store, ago(days), DECLARED, clock=lambda days=days: at(30, ago(days)))
    with psycopg.connect(store) as connection:
        now = at(31, ago(1))
        assert due(connection, now) == [ago(1), ago(2), ago(8)], "the first day has nothing before it"
        for day in (ago(1), ago(2), ago(8)):
            compare(store, day, DECLARED, clock=lambda: now)
        assert due(connection, now) == []
        measure(store, ago(9), DECLARED, clock=lambda: now + timedelta(hours=1))
        connection.rollback()
        assert due(connection, now + timedelta(hours=2)) == [ago(2), ago(8)]


def test_a_fault_in_verdicts_is_named_with_its_day_and_gone_when_it_is_mended(store: str) -> None:
    for days in range(12, -1, -1):
        bad = 3 <= days <= 5
        give(store, Given(
            judged_at=at(3, ago(days)), rows=200 if bad else 300, nulls={"title": 0, "address": 60 if bad else 3},
            failed={ZIP_CODE: Severity.WARNING} if bad else {},
        ))  # fmt: skip
        measure(store, ago(days), DECLARED, clock=lambda days=days: at(30, ago(days)))
    found = compared(store, ago(3)).worse
    assert {one.since for one in found} == {ago(5)}
    named = {"rows", "filled:address", "score", "previous_score", "warnings"}
    assert {(one.region_code, one.metric) for one in found} == {
        (of, metric) for of in ("50", WHOLE_TABLE) for metric in named
    }
    assert compared(store, ago(2)).worse == [], "mended"
    assert compared(store, ago(6)).worse == [], "sound days raise nothing"


def test_every_metric_that_is_declared_to_be_watched_is_one_that_is_measured() -> None:
    said = (STATISTICS.columns["metric"].comment or "").replace(":", " ").replace(",", " ").split()
    assert {watched.kind for watched in WATCHED} <= set(said)
