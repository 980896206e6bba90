"""Score cards: whether a table can be trusted, why, and what changed."""

from datetime import UTC, date, datetime, timedelta

import pytest

from weatherflick_assets.quality.cards import Card, Trust, card, cards
from weatherflick_assets.quality.measured import MeasuredTable
from weatherflick_assets.quality.store import held_back
from weatherflick_assets.warehouse.connections import connect
from weatherflick_assets_tests.quality.judged import BLOCKING, WARNING, broken, judged

NOW = datetime(2026, 11, 30, 3, tzinfo=UTC)
EARLIER = NOW - timedelta(days=7)
SINCE = date(2026, 11, 24)
PLACES = MeasuredTable("core.restaurants", timedelta(days=15), by_region=True, required=("title",))
ISSUES = MeasuredTable("core.hourly_forecasts", timedelta(hours=7), is_state=False, required=("temperature",))


def jeju(dsn: str, table: MeasuredTable = PLACES, region: str | None = "50") -> Card:
    with connect(dsn) as connection:
        found = card(connection, table, region, since=SINCE, at=NOW)
    assert found is not None
    return found


def test_good_data_can_be_trusted(store: str) -> None:
    judged(store, "core.restaurants", "50", EARLIER)
    judged(store, "core.restaurants", "50", NOW - timedelta(hours=2))
    found = jeju(store)
    assert found.trust is Trust.YES
    assert found.reasons == [
        "Its data are 3 h old, no rule that matters fails, and nothing got worse since 24 November."
    ]
    assert (found.now.rows, found.now.score, found.title) == (40, 100.0, "core.restaurants, 제주")


def test_what_was_never_judged_has_no_card(store: str) -> None:
    judged(store, "core.restaurants", "11", EARLIER)
    with connect(store) as connection:
        assert card(connection, PLACES, "50", since=SINCE, at=NOW) is None
        assert cards(connection, ISSUES, since=SINCE, at=NOW) == {}


def test_rows_that_are_held_back_are_a_reservation_and_what_is_served_is_what_passed_last(store: str) -> None:
    judged(store, "core.restaurants", "50", EARLIER, rows=40, empty={"title": 4})
    held = judged(
        store, "core.restaurants", "50", NOW - timedelta(hours=1), rows=7, failures=[broken("title", BLOCKING, "1: x")]
    )
    found = jeju(store)
    assert found.trust is Trust.RESERVED
    assert found.reasons[0] == "The newest rows are held back since 30 November 11:00 (title_filled)."
    assert (found.now.rows, found.now.share("title")) == (40, 0.9)
    assert [(each.partition_key, each.rules, each.verdict_id) for each in found.now.held_back] == [
        ("50", ["title_filled"], held)
    ]
    assert found.now.failures[0].examples == ["1: x"]


def test_what_is_held_back_again_and_again_is_held_back_since_the_first_time(store: str) -> None:
    for hours, failures in ((30, [broken("title", BLOCKING)]), (20, ()), (9, [broken("title", BLOCKING)]),
                            (2, [broken("phone", BLOCKING)])):  # fmt: skip
        judged(store, "core.restaurants", "50", NOW - timedelta(hours=hours), failures=failures)
    (since,) = {each.since for each in jeju(store).now.held_back}
    assert since == NOW - timedelta(hours=9)
    (of_check,) = {each.since for each in held_back(store)}
    assert of_check == since


def test_what_was_never_published_cannot_be_trusted(store: str) -> None:
    judged(store, "core.restaurants", "50", NOW - timedelta(hours=1), failures=[broken("title", BLOCKING)])
    found = jeju(store)
    assert found.trust is Trust.NO
    assert found.reasons[0].startswith("Nothing was ever published: The newest rows are held back since ")
    assert (found.now.rows, found.age) == (0, None)


def test_data_that_are_too_old_cannot_be_trusted_whatever_the_rules_say(store: str) -> None:
    judged(store, "core.restaurants", "50", NOW - timedelta(hours=1), age=timedelta(days=16))
    found = jeju(store)
    assert found.trust is Trust.NO
    assert found.reasons == ["Its newest data are 16 days old, and 15 days are allowed."]


@pytest.mark.parametrize(
    ("state", "reason"),
    [
        ({"failures": [broken("phone", WARNING)]}, "1 warning rule fails: phone_filled."),
        (
            {"failures": [broken(name, WARNING) for name in "abcdefgh"]},
            "8 warning rules fail: a_filled, b_filled, c_filled ….",
        ),
        ({"age": None}, "How old its data are is not recorded."),
        ({"rows": 0}, "It has no rows, and none were required."),
        ({"rows": 30}, "It has 30 rows, and had 40 on 24 November."),
        ({"empty": {"title": 10}}, "1 column emptied since 24 November: title 100% → 75.0%."),
    ],
)
def test_a_reservation_says_what_it_is(store: str, state: dict, reason: str) -> None:
    judged(store, "core.restaurants", "50", EARLIER)
    judged(store, "core.restaurants", "50", NOW - timedelta(hours=1), **state)
    found = jeju(store)
    assert found.trust is Trust.RESERVED
    assert reason in found.reasons


def test_changes_within_what_is_declared_to_be_noise_are_no_reservation(store: str) -> None:
    judged(store, "core.restaurants", "50", EARLIER, rows=1000)
    judged(store, "core.restaurants", "50", NOW - timedelta(hours=1), rows=960, empty={"title": 10})
    assert jeju(store).trust is Trust.YES


def test_a_low_score_is_a_reservation_that_names_what_is_asked_for(store: str) -> None:
    judged(
        store, "core.restaurants", "50", NOW - timedelta(hours=1), failures=[broken("a", WARNING), broken("b", WARNING)]
    )
    assert "Its score is 55.6, and 80 is asked for." in jeju(store).reasons


def test_the_whole_table_is_the_sum_of_its_regions_and_as_old_as_the_oldest(store: str) -> None:
    judged(
        store,
        "core.restaurants",
        "50",
        NOW - timedelta(hours=1),
        rows=30,
        empty={"title": 3},
        rejections={"no_title": 2},
    )
    judged(store, "core.restaurants", "11", NOW - timedelta(hours=1), rows=10, empty={"title": 1}, age=timedelta(days=2),
           failures=[broken("title", WARNING)], rejections={"no_title": 1, "no_id": 4})  # fmt: skip
    judged(store, "core.restaurants", "26", NOW - timedelta(hours=1), rows=5, failures=[broken("title", BLOCKING)])
    whole = jeju(store, region=None)
    assert (whole.now.rows, whole.now.share("title"), whole.now.rejected) == (40, 0.9, {"no_title": 3, "no_id": 4})
    assert whole.age == timedelta(days=2, hours=1)
    assert whole.reasons[0] == "The newest rows of 부산 are held back since 30 November 11:00 (title_filled)."
    assert [failure.severity for failure in whole.now.failures] == ["blocking", "warning"]
    with connect(store) as connection:
        assert [*cards(connection, PLACES, since=SINCE, at=NOW)] == [None, "11", "26", "50"]


def test_of_issues_the_newest_data_count_even_if_older_ones_were_judged_later(store: str) -> None:
    judged(store, ISSUES.table_name, "202611300500", NOW - timedelta(hours=4), rows=700, age=timedelta(hours=1))
    judged(store, ISSUES.table_name, "202611290500", NOW - timedelta(hours=1), rows=200, age=timedelta(hours=30))
    found = jeju(store, ISSUES, None)
    assert (found.now.rows, found.trust) == (700, Trust.YES)


def test_a_moment_is_seen_as_it_was_whatever_came_later(store: str) -> None:
    judged(store, "core.restaurants", "50", EARLIER, rows=40)
    before = jeju(store).before
    judged(store, "core.restaurants", "50", NOW + timedelta(hours=1), rows=1, failures=[broken("title", BLOCKING)])
    assert (jeju(store).before, jeju(store).trust) == (before, Trust.YES)


def test_what_is_required_comes_first_and_what_is_not_known_is_not_zero(store: str) -> None:
    judged(store, "core.restaurants", "50", NOW - timedelta(hours=1), empty={"phone": 40, "title": 0, "fax": 20})
    columns = [
        (each.column, each.share, each.share_before, each.change, each.is_telling) for each in jeju(store).columns
    ]
    assert columns == [
        ("title", 1.0, None, None, True),
        ("fax", 0.5, None, None, True),
        ("phone", 0.0, None, None, False),
    ]
