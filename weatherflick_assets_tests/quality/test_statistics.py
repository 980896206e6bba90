"""The statistics of a day: figures known by arithmetic, what counts for which day, laws, and what is forgotten."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date, datetime, timedelta

import psycopg
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from weatherflick_assets.quality.measured import WHOLE_TABLE
from weatherflick_assets.quality.rules import Severity
from weatherflick_assets.quality.statistics import (
    STATISTICS_KEPT,
    ForgottenDayError,
    Measured,
    due,
    forget_statistics,
    measure,
)
from weatherflick_assets.quality.store import VERDICTS_KEPT, forget_verdicts
from weatherflick_assets_tests.places.store.stock import execute, rows
from weatherflick_assets_tests.quality.given_verdicts import (
    ADDRESS,
    CODES,
    DAY,
    ISSUES,
    LATITUDE,
    MEASURED,
    PICTURE,
    PLACES,
    ZIP_CODE,
    Given,
    at,
    give,
)
from weatherflick_assets_tests.warehouse.stored import empty

LATER = at(30)
HOUR = timedelta(hours=1)


def measured(dsn: str, day: date = DAY, now: datetime | None = None) -> Measured:
    return measure(dsn, day, MEASURED, clock=lambda: now or at(30, day))


def figures(dsn: str, table: str = PLACES.table_name, region: str = "50", day: date = DAY) -> Mapping[str, float]:
    query = "SELECT metric, value FROM quality.statistics WHERE (table_name, region_code, day) = (%s, %s, %s)"
    return {row["metric"]: row["value"] for row in rows(dsn, query, table, region, day)}


def everything(dsn: str) -> list[tuple[object, ...]]:
    found = rows(dsn, "SELECT day, table_name, region_code, metric, value FROM quality.statistics")
    return sorted(tuple(row.values()) for row in found)


def test_figures_are_those_of_each_region_and_of_the_table_weighted_by_rows(store: str) -> None:
    give(
        store,
        Given(nulls={"title": 0, "address": 10}, as_of=at(2), rejections={"no_title": 3, "no_id": 1}, duplicates=2),
        Given(partition="11", rows=300, nulls={"title": 3, "address": 0}, failed={ZIP_CODE: Severity.WARNING},
              as_of=at(8), rejections={"no_title": 5}),
    )  # fmt: skip
    found = measured(store)
    jeju, seoul, country = (figures(store, region=region) for region in ("50", "11", WHOLE_TABLE))
    assert jeju == {
        "rows": 100, "duplicates": 2, "filled:title": 1, "filled:address": 0.9, "rejected": 4, "rejected:no_title": 3,
        "rejected:no_id": 1, "age_hours": 22, "score": 100, "previous_score": 93, "held_back": 0, "warnings": 0,
    }  # fmt: skip
    assert (seoul["rows"], seoul["warnings"], seoul["age_hours"]) == (300, 1, 16)
    assert seoul["score"] == pytest.approx(88.9)
    assert country == pytest.approx({
        "rows": 400, "partitions": 2, "duplicates": 2, "filled:title": 397 / 400, "filled:address": 390 / 400,
        "rejected": 9, "rejected:no_title": 8, "rejected:no_id": 1, "age_hours": 22, "score": (100 + 3 * 88.9) / 4,
        "previous_score": (93 + 3 * (100 - 0.5 - 5)) / 4, "held_back": 0, "warnings": 1,
    })  # fmt: skip
    assert (found.verdicts, found.rows) == (2, len(everything(store)))
    assert found.tables == {PLACES.table_name: country}


@pytest.mark.parametrize(
    ("verdict", "score"),
    [
        (Given(nulls={"title": 100, "address": 100}), 70),
        (Given(nulls={"title": 10, "address": 20}), 85),
        (Given(duplicates=7), 93),
        (Given(duplicates=60), 80),
        (Given(failed={ZIP_CODE: Severity.WARNING, PICTURE: Severity.NOTE}), 93),
        (Given(as_of=at(12) - timedelta(days=20)), 90),
        (Given(as_of=at(12) - timedelta(days=10)), 100),
        (Given(nulls={"title": 100, "address": 100}, duplicates=100, as_of=at(-9000), failed={ZIP_CODE: Severity.WARNING}), 35),
    ],
)  # fmt: skip
def test_the_previous_systems_score_is_its_formula(store: str, verdict: Given, score: float) -> None:
    give(store, verdict)
    measured(store)
    assert figures(store)["previous_score"] == pytest.approx(score)


def test_without_evidence_of_what_is_required_there_is_no_previous_score(store: str) -> None:
    give(store, Given(nulls={"phone": 5}))
    measured(store)
    assert figures(store)["filled:phone"] == 0.95
    assert "previous_score" not in figures(store)


def test_rows_that_are_held_back_leave_the_figures_of_the_last_good_ones_and_are_counted(store: str) -> None:
    held_back = {LATITUDE: Severity.BLOCKING, ADDRESS: Severity.BLOCKING}
    give(
        store,
        Given(judged_at=at(-50), rows=80, rejections={}),
        Given(rows=1000, failed=held_back, rejections={"bad": 9}),
    )
    measured(store)
    jeju = figures(store)
    assert (jeju["rows"], jeju["score"], jeju["rejected"], jeju["held_back"], jeju["warnings"]) == (80, 100, 0, 1, 0)
    assert jeju["previous_score"] == 100 - 2 * 15
    give(store, Given(judged_at=at(13), rows=90))
    measured(store)
    assert (figures(store)["rows"], figures(store)["held_back"]) == (90, 0)


def test_what_was_never_published_has_no_figures_but_that_it_is_held_back(store: str) -> None:
    give(store, Given(failed={LATITUDE: Severity.BLOCKING}))
    measured(store)
    assert figures(store) == {"held_back": 1}
    assert figures(store, region=WHOLE_TABLE) == {"held_back": 1}
    assert figures(store, region="11") == {}
    assert figures(store, ISSUES.table_name, WHOLE_TABLE) == {}


def test_an_empty_partition_counts_no_rows_and_looks_neither_full_nor_good(store: str) -> None:
    give(store, Given(is_empty=True, rows=0), Given(partition="11", rows=0))
    measured(store)
    assert figures(store) == {"rows": 0, "held_back": 0, "warnings": 0}
    assert figures(store, region="11") == {"rows": 0, "held_back": 0, "warnings": 0, "duplicates": 0}
    give(store, Given(partition="26"))
    measured(store)
    whole = figures(store, region=WHOLE_TABLE)
    assert (whole["rows"], whole["partitions"], whole["score"], whole["filled:address"]) == (100, 3, 100, 1)


def test_a_blocking_rule_that_only_warned_counts_as_the_warning_that_it_was(store: str) -> None:
    give(store, Given(rows=5, failed={ADDRESS: Severity.WARNING}))
    measured(store)
    assert (figures(store)["warnings"], figures(store)["previous_score"], figures(store)["held_back"]) == (1, 95, 0)


def test_rejected_items_of_a_table_are_known_where_every_region_counted_them(store: str) -> None:
    give(store, Given(rejections={"no_title": 2}), Given(partition="11", rejections=None))
    measured(store)
    assert (figures(store)["rejected"], figures(store)["rejected:no_title"]) == (2, 2)
    assert not [name for name in figures(store, region="11") if name.startswith("rejected")]
    assert not [name for name in figures(store, region=WHOLE_TABLE) if name.startswith("rejected")]


def test_a_day_is_one_in_korea_from_midnight_to_midnight(store: str) -> None:
    moment = timedelta(microseconds=1)
    give(
        store,
        *(Given(judged_at=moment_of, rows=number) for number, moment_of in enumerate((at(0) - moment, at(0), at(24) - moment, at(24)), 1)),
        *(
            Given(ISSUES.table_name, f"2026082{number}0000", moment_of, rows=10**number, nulls={"temperature": 0})
            for number, moment_of in enumerate((at(0) - moment, at(0), at(24) - moment, at(24)))
        ),
    )  # fmt: skip
    for day, state, times in ((-1, 1, 1), (0, 3, 110), (1, 4, 1000)):
        of = DAY + timedelta(days=day)
        measured(store, of)
        assert figures(store, day=of)["rows"] == state
        assert figures(store, ISSUES.table_name, WHOLE_TABLE, of)["rows"] == times


def test_of_issues_a_day_has_those_that_were_first_published_within_it(store: str) -> None:
    issue = Given(ISSUES.table_name, "202608230200", at(-21), rows=10, nulls={"temperature": 1}, as_of=at(-22))
    give(
        store,
        issue,
        replace(issue, judged_at=at(3), rows=1000),  # published again
        replace(issue, partition="202608240200", judged_at=at(4), rows=5, as_of=at(2)),  # published in part
        replace(issue, partition="202608240200", judged_at=at(5), rows=20, as_of=at(2)),
        replace(issue, partition="202608240500", judged_at=at(6), rows=20, as_of=at(5), failed={LATITUDE: Severity.BLOCKING}),
    )  # fmt: skip
    measured(store)
    found = figures(store, ISSUES.table_name, WHOLE_TABLE)
    assert (found["rows"], found["partitions"], found["held_back"], found["age_hours"]) == (20, 1, 1, 22)
    assert found["filled:temperature"] == pytest.approx(0.95)


def test_a_table_of_issues_counts_none_on_a_day_without_any_and_grows_older(store: str) -> None:
    give(store, Given(ISSUES.table_name, "202608232300", at(-0.5), nulls={"temperature": 0}, as_of=at(-1)))
    measured(store)
    assert figures(store, ISSUES.table_name, WHOLE_TABLE) == {
        "rows": 0, "partitions": 0, "held_back": 0, "age_hours": 25,
    }  # fmt: skip


def test_parts_that_are_no_regions_make_up_the_table_alone(store: str) -> None:
    give(store, *(Given(CODES.table_name, space, at(-400), nulls={"name": 0}) for space in ("class", "region")))
    measured(store)
    assert {row["region_code"] for row in rows(store, "SELECT region_code FROM quality.statistics")} == {WHOLE_TABLE}
    assert figures(store, CODES.table_name, WHOLE_TABLE)["rows"] == 200
    assert "duplicates" not in figures(store, CODES.table_name, WHOLE_TABLE), "no rule of it counts any"


def test_a_day_that_is_not_over_is_measured_up_to_now(store: str) -> None:
    give(store, Given(judged_at=at(9), as_of=at(8)), Given(judged_at=at(11), rows=7))
    measured(store, now=at(10))
    assert (figures(store)["rows"], figures(store)["age_hours"]) == (100, 2)


def test_a_day_without_a_verdict_has_what_stood_before_and_tells_that_nothing_was_judged(store: str) -> None:
    assert measured(store) == Measured(0, 0, {})
    give(store, Given(judged_at=at(-100)))
    found = measured(store)
    assert (found.verdicts, figures(store)["rows"]) == (0, 100)


_HOURS = st.floats(-48, 71, allow_nan=False)
_VERDICTS = st.lists(
    st.builds(
        Given,
        st.sampled_from([PLACES.table_name, ISSUES.table_name]),
        st.sampled_from(["50", "11"]),
        _HOURS.map(at),
        rows=st.integers(0, 1000),
        nulls=st.fixed_dictionaries({"title": st.just(0), "temperature": st.just(0)}),
        failed=st.dictionaries(st.sampled_from([LATITUDE, ADDRESS]), st.sampled_from([Severity.BLOCKING, Severity.WARNING])),
        as_of=st.none() | _HOURS.map(at),
        rejections=st.none() | st.dictionaries(st.sampled_from(["no_title", "no_id"]), st.integers(1, 9)),
        is_empty=st.booleans(),
    ),
    max_size=8,
    unique_by=lambda one: one.judged_at,
)  # fmt: skip


@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_neither_the_order_of_verdicts_nor_measuring_twice_nor_what_came_later_changes_a_day(
    store: str, data: st.DataObject
) -> None:
    verdicts: Sequence[Given] = data.draw(_VERDICTS)
    shuffled = data.draw(st.permutations(verdicts))
    empty(store)
    give(store, *(one for one in verdicts if one.judged_at < at(24)))
    measured(store)
    once = everything(store)
    measured(store)
    assert everything(store) == once, "measured twice"
    empty(store)
    give(store, *shuffled)
    measured(store)
    assert everything(store) == once, "in another order, and after what came later"
    values = [value for *_, metric, value in once if str(metric).startswith(("filled", "score", "previous"))]
    assert all(0 <= value <= 100 for value in values if isinstance(value, float))


def test_measuring_a_day_leaves_the_others(store: str) -> None:
    give(store, Given(judged_at=at(-30)), Given(rows=50))
    measured(store, DAY - timedelta(days=1))
    before = everything(store)
    measured(store)
    assert [row for row in everything(store) if row[0] != DAY] == before


def test_days_are_due_that_were_never_measured_since_the_first_verdict_and_yesterday_again(store: str) -> None:
    days = [DAY - timedelta(days=ago) for ago in range(20)]
    with psycopg.connect(store) as connection:
        assert due(connection, at(6)) == [days[1]], "nothing is known"
    give(store, Given(judged_at=at(1, days[5])))
    measured(store, days[3])
    measured(store, days[1])
    with psycopg.connect(store) as connection:
        assert due(connection, at(6)) == [days[1], days[2], days[4], days[5]]
        assert due(connection, at(-1)) == [days[2], days[4], days[5]], "before midnight in Korea"


def test_a_day_whose_verdicts_are_forgotten_keeps_what_was_measured(store: str) -> None:
    give(store, Given())
    measured(store)
    before = everything(store)
    with pytest.raises(
        ForgottenDayError, match="2026-08-24 can't be measured again: verdicts are deleted after 400 days"
    ):
        measured(store, now=at(1) + VERDICTS_KEPT)
    assert everything(store) == before


def test_what_stands_for_longer_than_verdicts_are_kept_can_still_be_measured(store: str) -> None:
    give(
        store,
        Given(judged_at=at(-500), rows=1),
        Given(judged_at=at(-400), rows=2),
        Given(judged_at=at(-300), rows=3, failed={LATITUDE: Severity.BLOCKING}),
        Given(ISSUES.table_name, "202608010200", at(-500)),
        Given(judged_at=at(12), rows=4),
    )
    now = at(0) + VERDICTS_KEPT
    assert forget_verdicts(store, now=now, of_state=[PLACES.table_name]) == 3
    assert forget_verdicts(store, now=now, of_state=[PLACES.table_name]) == 0
    measured(store, DAY, now)
    assert figures(store)["rows"] == 4
    assert [row["row_count"] for row in rows(store, "SELECT row_count FROM quality.verdicts ORDER BY judged_at")] == [
        2,
        4,
    ]


def test_statistics_outlive_verdicts_by_more_than_a_year(store: str) -> None:
    assert timedelta(days=366) < STATISTICS_KEPT - VERDICTS_KEPT
    give(store, Given(judged_at=at(-100)))
    for day in (DAY, DAY + timedelta(days=1)):
        measured(store, day)
    assert forget_statistics(store, now=at(1) + STATISTICS_KEPT) == 0
    assert forget_statistics(store, now=at(25) + STATISTICS_KEPT) == 1
    assert {row["day"] for row in rows(store, "SELECT day FROM quality.statistics")} == {DAY + timedelta(days=1)}


def test_a_failure_leaves_what_was_measured_before(database: str) -> None:
    give(database, Given())
    measured(database)
    before = everything(database)
    execute(
        database,
        "CREATE FUNCTION quality.strike() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RAISE disk_full; END'; "
        "CREATE TRIGGER strike BEFORE INSERT ON quality.statistics EXECUTE FUNCTION quality.strike()",
    )
    give(database, Given(judged_at=at(13), rows=7))
    with pytest.raises(psycopg.errors.DiskFull):
        measured(database)
    assert everything(database) == before
