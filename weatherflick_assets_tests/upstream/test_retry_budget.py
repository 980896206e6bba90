"""The retry budget: scattered failures are survived however many calls there are, an outage is given up soon."""

from datetime import datetime

from hypothesis import given
from hypothesis import strategies as st

from weatherflick_assets.settings import KST
from weatherflick_assets.upstream.retry_budget import (
    MOST_RETRIES_SAVED,
    PAID_IN_BY_A_SUCCESS,
    RETRIES_AT_FIRST,
    RetryBudget,
)
from weatherflick_assets_tests.upstream.clocks import SetClock

NOON = datetime(2026, 3, 10, 12, tzinfo=KST)


def retries_until_spent(one: RetryBudget) -> int:
    before = one.retries
    while not one.is_spent:
        one.retry()
    return one.retries - before


def test_a_run_begins_with_some_retries_and_has_none_when_they_are_used_up() -> None:
    one = RetryBudget(SetClock(NOON))
    assert retries_until_spent(one) == RETRIES_AT_FIRST
    one.succeeded()
    assert one.is_spent
    one.succeeded()
    assert retries_until_spent(one) == 2 * PAID_IN_BY_A_SUCCESS


def test_no_more_retries_are_saved_than_an_outage_may_cost() -> None:
    one = RetryBudget(SetClock(NOON))
    for _ in range(100_000):
        one.succeeded()
    assert retries_until_spent(one) == MOST_RETRIES_SAVED


def test_one_failure_in_three_calls_is_outlived_for_ever() -> None:
    one = RetryBudget(SetClock(NOON))
    for number in range(30_000):
        if number % 3:
            one.succeeded()
        else:
            assert not one.is_spent
            one.retry()
    assert one.retries == 10_000


@given(st.lists(st.sampled_from(["succeeded", "failed"]), max_size=200))
def test_no_more_is_sent_again_than_was_there_at_first_and_paid_in_since(happened: list[str]) -> None:
    one = RetryBudget(SetClock(NOON))
    for what in happened:
        if what == "succeeded":
            one.succeeded()
        elif not one.is_spent:
            one.retry()
    assert one.retries <= RETRIES_AT_FIRST + PAID_IN_BY_A_SUCCESS * happened.count("succeeded")
