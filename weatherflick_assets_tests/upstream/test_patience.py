"""Patience: scattered failures are outlived however many calls there are, an outage is given up soon."""

from datetime import datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from weatherflick_assets.settings import KST
from weatherflick_assets.upstream.errors import DownError, TransientError
from weatherflick_assets.upstream.patience import (
    COOLING_OFF,
    FAILURES_IN_A_ROW,
    MOST_RETRIES_SAVED,
    PAID_IN_BY_A_SUCCESS,
    RETRIES_AT_FIRST,
    Patience,
)
from weatherflick_assets_tests.upstream.clocks import SetClock

NOON = datetime(2026, 3, 10, 12, tzinfo=KST)
TROUBLE = TransientError("The host did not answer in time.", code="connection")


def patience() -> tuple[Patience, SetClock]:
    clock = SetClock(NOON)
    return Patience(clock), clock


def broken() -> tuple[Patience, SetClock]:
    """One that has seen as many failures in a row as it takes."""
    one, clock = patience()
    for _ in range(FAILURES_IN_A_ROW):
        one.failed(TROUBLE)
    return one, clock


def retries_until_spent(one: Patience) -> int:
    before = one.retries
    while not one.is_spent:
        one.retry()
    return one.retries - before


# The budget of retries


def test_a_run_begins_with_some_retries_and_has_none_when_they_are_used_up() -> None:
    one, _ = patience()
    assert retries_until_spent(one) == RETRIES_AT_FIRST
    one.succeeded()
    assert one.is_spent
    one.succeeded()
    assert retries_until_spent(one) == 2 * PAID_IN_BY_A_SUCCESS


def test_no_more_retries_are_saved_than_an_outage_may_cost() -> None:
    one, _ = patience()
    for _ in range(100_000):
        one.succeeded()
    assert retries_until_spent(one) == MOST_RETRIES_SAVED


def test_one_failure_in_three_calls_is_outlived_for_ever() -> None:
    one, _ = patience()
    for number in range(30_000):
        if number % 3:
            one.succeeded()
        else:
            one.failed(TROUBLE)
            assert not one.is_spent
            one.retry()
        one.check("kto")
    assert one.retries == 10_000


@given(st.lists(st.sampled_from(["succeeded", "answered", "failed"]), max_size=200))
def test_no_more_is_sent_again_than_was_there_at_first_and_paid_in_since(happened: list[str]) -> None:
    one, _ = patience()
    for what in happened:
        match what:
            case "succeeded":
                one.succeeded()
            case "answered":
                one.answered()
            case _:
                one.failed(TROUBLE)
                if not one.is_spent:
                    one.retry()
    assert one.retries <= RETRIES_AT_FIRST + PAID_IN_BY_A_SUCCESS * happened.count("succeeded")


# The breaker


def test_after_so_many_failures_in_a_row_nothing_is_sent_for_a_while() -> None:
    one, clock = patience()
    for _ in range(FAILURES_IN_A_ROW):
        one.check("kto")
        one.failed(TROUBLE)
    assert one.is_spent
    clock.pass_by(COOLING_OFF - timedelta(microseconds=1))
    with pytest.raises(DownError) as caught:
        one.check("kto")
    assert caught.value.resumes_at == NOON + COOLING_OFF
    message = str(caught.value)
    assert "kto is down: 8 calls in a row failed" in message
    assert str(TROUBLE) in message
    assert "Nothing is sent before 12:01:00 KST" in message
    assert "run it again later" in message


@pytest.mark.parametrize("answer", [Patience.answered, Patience.succeeded])
def test_any_answer_in_between_begins_the_count_anew(answer: object) -> None:
    one, _ = patience()
    for _ in range(5):
        for _ in range(FAILURES_IN_A_ROW - 1):
            one.failed(TROUBLE)
        answer(one)  # type: ignore[operator]
        one.check("kto")


def test_after_the_while_one_call_tries_and_the_others_wait_for_what_comes_of_it() -> None:
    one, clock = broken()
    clock.pass_by(COOLING_OFF)
    one.check("kto")
    for _ in range(3):
        with pytest.raises(DownError) as caught:
            one.check("kto")
        assert caught.value.resumes_at == clock() + COOLING_OFF


def test_when_the_call_that_tries_is_answered_all_go_on() -> None:
    one, clock = broken()
    clock.pass_by(COOLING_OFF)
    one.check("kto")
    one.succeeded()
    for _ in range(FAILURES_IN_A_ROW - 1):
        one.check("kto")
        one.failed(TROUBLE)
    one.check("kto")


def test_when_the_call_that_tries_fails_nothing_is_sent_for_another_while() -> None:
    one, clock = broken()
    clock.pass_by(COOLING_OFF)
    one.check("kto")
    one.failed(TROUBLE)
    with pytest.raises(DownError):
        one.check("kto")
    clock.pass_by(COOLING_OFF)
    one.check("kto")


def test_calls_that_were_under_way_and_fail_too_do_not_lengthen_the_while() -> None:
    one, clock = broken()
    clock.pass_by(COOLING_OFF / 2)
    for _ in range(10):
        one.failed(TROUBLE)
    clock.pass_by(COOLING_OFF / 2)
    one.check("kto")


def test_an_answer_to_a_call_that_was_under_way_ends_the_while() -> None:
    one, _ = broken()
    one.succeeded()
    one.check("kto")
    assert not one.is_spent
