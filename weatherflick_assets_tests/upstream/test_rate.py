"""Laws of pacing: never above what is declared, never nothing, down on a refusal, and a limit once found is kept."""

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from weatherflick_assets.upstream.declarations import RateLimit
from weatherflick_assets.upstream.rate import (
    FIRST_DOUBT,
    LONGEST_DOUBT,
    RISES_EVERY,
    SLOWEST,
    Learnt,
    lowered,
    permitted,
)

START = datetime(2026, 3, 10, 3, tzinfo=UTC)
DECLARED = RateLimit(in_flight=8, per_second=30)

paces = st.builds(RateLimit, st.integers(1, 50), st.floats(0.2, 1000))
gaps = st.timedeltas(timedelta(), timedelta(minutes=20)) | st.timedeltas(timedelta(), timedelta(days=3))
refusals = st.lists(st.tuples(gaps, st.integers(1, 60), st.timedeltas(timedelta(), timedelta(seconds=30))), max_size=12)
"""Time since the one before, calls under way, and how long the call had been under way."""


def after(declared: RateLimit, happened: list[tuple[timedelta, int, timedelta]]) -> tuple[Learnt | None, datetime]:
    """What was learnt of refusals one after the other, and the time of the last one."""
    learnt, now = None, START
    for gap, in_flight, age in happened:
        now += gap
        learnt = lowered(declared, learnt, sent_at=now - age, in_flight=in_flight, now=now)
    return learnt, now


def refused(learnt: Learnt | None, now: datetime, in_flight: int, declared: RateLimit = DECLARED) -> Learnt:
    """What a refusal teaches that comes at once."""
    return lowered(declared, learnt, sent_at=now, in_flight=in_flight, now=now)


def at_most(one: RateLimit, other: RateLimit) -> bool:
    return one.in_flight <= other.in_flight and one.per_second <= other.per_second


def test_without_a_refusal_the_declared_pace_is_permitted() -> None:
    assert permitted(DECLARED, None, START) == DECLARED


@given(paces, refusals, gaps)
def test_never_more_than_declared_and_never_less_than_a_call_is_permitted(
    declared: RateLimit, happened: list, later: timedelta
) -> None:
    learnt, now = after(declared, happened)
    pace = permitted(declared, learnt, now + later)
    assert at_most(pace, declared)
    assert pace.in_flight >= 1
    assert pace.per_second >= min(SLOWEST, declared.per_second)


@given(paces, refusals, gaps, gaps)
def test_between_refusals_the_pace_never_falls(
    declared: RateLimit, happened: list, later: timedelta, still_later: timedelta
) -> None:
    learnt, now = after(declared, happened)
    assert at_most(permitted(declared, learnt, now + later), permitted(declared, learnt, now + later + still_later))


@given(paces, refusals, gaps, st.integers(1, 60))
def test_a_refusal_lowers_the_pace_unless_it_is_the_slowest_already(
    declared: RateLimit, happened: list, gap: timedelta, in_flight: int
) -> None:
    learnt, then = after(declared, happened)
    now = then + gap + timedelta(microseconds=1)
    before = permitted(declared, learnt, now)
    behind = permitted(declared, refused(learnt, now, in_flight, declared), now)
    assert at_most(behind, before)
    assert behind != before or (before.per_second == min(SLOWEST, declared.per_second))


@given(paces, refusals.filter(bool), st.integers(1, 60), gaps, gaps)
def test_a_call_that_was_under_way_when_the_pace_was_lowered_teaches_nothing(
    declared: RateLimit, happened: list, in_flight: int, age: timedelta, later: timedelta
) -> None:
    learnt, now = after(declared, happened)
    assert learnt is not None
    sent_at = learnt.lowered_at - age
    assert lowered(declared, learnt, sent_at=sent_at, in_flight=in_flight, now=now + later) is learnt


@given(paces, refusals)
def test_after_long_enough_the_declared_pace_is_back(declared: RateLimit, happened: list) -> None:
    learnt, now = after(declared, happened)
    assert permitted(declared, learnt, now + LONGEST_DOUBT * (declared.in_flight + 11)) == declared


def test_a_refusal_with_all_permitted_calls_under_way_is_taken_for_too_many_at_once() -> None:
    learnt = refused(None, START, 8)
    assert permitted(DECLARED, learnt, START) == RateLimit(4, 30)
    assert learnt.most == RateLimit(7, 30)


def test_a_refusal_with_fewer_under_way_is_taken_for_too_fast() -> None:
    learnt = refused(None, START, 3)
    assert permitted(DECLARED, learnt, START) == RateLimit(8, 15)
    assert learnt.most == RateLimit(8, 27)


def test_with_one_call_at_a_time_a_refusal_can_only_mean_too_fast() -> None:
    slow = RateLimit(1, 10)
    assert permitted(slow, refused(None, START, 1, slow), START) == RateLimit(1, 5)


def test_the_pace_rises_step_by_step_to_the_most_that_is_believed_to_be_borne() -> None:
    learnt = refused(None, START, 8)
    in_flight = [permitted(DECLARED, learnt, START + n * RISES_EVERY).in_flight for n in range(6)]
    assert in_flight == [4, 5, 6, 7, 7, 7]
    learnt = refused(None, START, 3)
    per_second = [permitted(DECLARED, learnt, START + n * RISES_EVERY).per_second for n in range(7)]
    assert per_second == [15, 18, 21, 24, 27, 27, 27]


@given(st.integers(2, 20), st.integers(1, 19), st.timedeltas(timedelta(), FIRST_DOUBT - RISES_EVERY))
def test_a_limit_of_calls_at_once_is_found_and_kept_until_it_is_doubted(
    declared_calls: int, limit: int, later: timedelta
) -> None:
    declared = RateLimit(declared_calls, 1e6)
    learnt, now, refusals_met = None, START, 0
    for _ in range(60):  # seconds in which as many are under way as permitted
        now += RISES_EVERY
        calls = permitted(declared, learnt, now).in_flight
        if calls > limit:
            learnt, refusals_met = refused(learnt, now, calls, declared), refusals_met + 1
    assert permitted(declared, learnt, now).in_flight == min(limit, declared_calls)
    if learnt is not None:
        assert permitted(declared, learnt, learnt.lowered_at + later).in_flight <= limit
        assert refusals_met <= declared_calls - limit


@given(st.floats(1, 29), st.timedeltas(timedelta(), FIRST_DOUBT - RISES_EVERY))
def test_a_limit_of_calls_per_second_is_found_within_a_tenth_and_kept_until_it_is_doubted(
    limit: float, later: timedelta
) -> None:
    learnt, now = None, START
    for _ in range(300):
        now += RISES_EVERY
        if permitted(DECLARED, learnt, now).per_second > limit:
            learnt = refused(learnt, now, 1)
    assert learnt is not None
    assert learnt.most.per_second >= limit * 0.9
    assert permitted(DECLARED, learnt, learnt.lowered_at + later).per_second <= limit


def test_each_further_refusal_doubles_the_time_until_more_is_tried_again() -> None:
    learnt, now = None, START
    waited = []
    for _ in range(8):
        learnt = refused(learnt, now, permitted(DECLARED, learnt, now).in_flight)
        most = learnt.most.in_flight
        minutes = 1
        while permitted(DECLARED, learnt, now + timedelta(minutes=minutes)).in_flight <= most:
            minutes += 1
        waited.append(timedelta(minutes=minutes))
        now += waited[-1]
    assert waited[:4] == [FIRST_DOUBT, 2 * FIRST_DOUBT, 4 * FIRST_DOUBT, 8 * FIRST_DOUBT]
    assert waited[-2:] == [LONGEST_DOUBT, LONGEST_DOUBT]


@given(paces, refusals.filter(bool), gaps)
def test_a_clock_that_was_set_back_permits_what_was_left_by_the_last_refusal(
    declared: RateLimit, happened: list, back: timedelta
) -> None:
    learnt, _ = after(declared, happened)
    assert learnt is not None
    at_refusal = permitted(declared, learnt, learnt.lowered_at)
    assert permitted(declared, learnt, learnt.lowered_at - back) == at_refusal
