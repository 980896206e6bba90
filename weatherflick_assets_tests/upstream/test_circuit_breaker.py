"""The circuit breaker: nothing is sent to an upstream that is down, but for one call now and then."""

from datetime import datetime, timedelta

import pytest

from weatherflick_assets.settings import KST
from weatherflick_assets.upstream.circuit_breaker import COOLING_OFF, FAILURES_IN_A_ROW, CircuitBreaker
from weatherflick_assets.upstream.errors import DownError, TransientError
from weatherflick_assets.upstream.retry_budget import RetryBudget
from weatherflick_assets_tests.upstream.clocks import SetClock

NOON = datetime(2026, 3, 10, 12, tzinfo=KST)
TROUBLE = TransientError("The host did not answer in time.", code="connection")


def breaker(concurrency: int = 1) -> tuple[CircuitBreaker, SetClock]:
    clock = SetClock(NOON)
    return CircuitBreaker("kto", clock, concurrency=concurrency), clock


def broken() -> tuple[CircuitBreaker, SetClock]:
    """One that has seen as many failures in a row as it takes."""
    one, clock = breaker()
    for _ in range(FAILURES_IN_A_ROW):
        one.failed(TROUBLE)
    return one, clock


def test_after_so_many_failures_in_a_row_nothing_is_sent_for_a_while() -> None:
    one, clock = breaker()
    for _ in range(FAILURES_IN_A_ROW):
        one.check()
        one.failed(TROUBLE)
    assert one.is_open
    clock.pass_by(COOLING_OFF - timedelta(microseconds=1))
    with pytest.raises(DownError) as caught:
        one.check()
    assert caught.value.resumes_at == NOON + COOLING_OFF
    message = str(caught.value)
    assert "kto is down: 8 calls in a row failed" in message
    assert str(TROUBLE) in message
    assert "Nothing is sent before 12:01:00 KST" in message
    assert "run it again later" in message


def test_any_answer_in_between_restarts_the_count() -> None:
    one, _ = breaker()
    for _ in range(5):
        for _ in range(FAILURES_IN_A_ROW - 1):
            one.failed(TROUBLE)
        one.answered()
        one.check()


def test_after_the_while_one_call_tries_and_the_others_wait_for_what_comes_of_it() -> None:
    one, clock = broken()
    clock.pass_by(COOLING_OFF)
    one.check()
    for _ in range(3):
        with pytest.raises(DownError) as caught:
            one.check()
        assert caught.value.resumes_at == clock() + COOLING_OFF


def test_when_the_call_that_tries_is_answered_all_go_on() -> None:
    one, clock = broken()
    clock.pass_by(COOLING_OFF)
    one.check()
    one.answered()
    for _ in range(FAILURES_IN_A_ROW - 1):
        one.check()
        one.failed(TROUBLE)
    one.check()


def test_when_the_call_that_tries_fails_nothing_is_sent_for_another_while() -> None:
    one, clock = broken()
    clock.pass_by(COOLING_OFF)
    one.check()
    one.failed(TROUBLE)
    with pytest.raises(DownError):
        one.check()
    clock.pass_by(COOLING_OFF)
    one.check()


def test_calls_that_were_under_way_and_fail_too_do_not_lengthen_the_while() -> None:
    one, clock = broken()
    clock.pass_by(COOLING_OFF / 2)
    for _ in range(10):
        one.failed(TROUBLE)
    clock.pass_by(COOLING_OFF / 2)
    one.check()


def test_an_answer_to_a_call_that_was_under_way_ends_the_while() -> None:
    one, _ = broken()
    one.answered()
    one.check()
    assert not one.is_open


def test_calls_that_were_all_under_way_at_one_bad_moment_are_no_outage() -> None:
    one, _ = breaker(concurrency=12)
    for _ in range(12):
        one.failed(TROUBLE)
    one.check()
    one.failed(TROUBLE)
    assert one.is_open


def test_one_upstream_that_is_down_does_not_stop_another() -> None:
    run = RetryBudget(SetClock(NOON))
    for _ in range(FAILURES_IN_A_ROW):
        run.circuit_breaker("kto", concurrency=1).failed(TROUBLE)
    assert run.circuit_breaker("kto", concurrency=1).is_open
    run.circuit_breaker("kma", concurrency=1).check()
