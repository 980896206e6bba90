"""Quotas: which day a call counts to, until when a day is closed, and how many calls are taken at once."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from weatherflick_assets.places.kto import OPERATION_BY_NAME
from weatherflick_assets.settings import KST
from weatherflick_assets.upstream.declarations import Period, Quota
from weatherflick_assets.upstream.quota import (
    AN_EARLY_REST,
    AROUND_MIDNIGHT,
    EARLY,
    Balance,
    Meter,
    Taken,
    charged_days,
    closures,
    ends_at,
    grant_size,
)

DAILY, MONTHLY = Quota(1000), Quota(1000, Period.MONTH)
MIDNIGHT = datetime(2026, 3, 11, tzinfo=KST)
BEFORE, AFTER = date(2026, 3, 10), date(2026, 3, 11)
MOMENT = timedelta(microseconds=1)

quotas = st.sampled_from([DAILY, MONTHLY])
moments = st.builds(
    lambda zone, day, seconds: (datetime(2025, 12, 1, tzinfo=KST) + timedelta(days=day, seconds=seconds)).astimezone(
        zone
    ),
    st.sampled_from([UTC, KST]),
    st.integers(0, 800),
    st.floats(-20, 20) | st.floats(0, 86_400),
)
"""Any time, and times around midnight more often."""


@pytest.mark.parametrize(
    ("after_midnight", "days"),
    [
        (-timedelta(hours=12), (BEFORE,)),
        (-AROUND_MIDNIGHT - MOMENT, (BEFORE,)),
        (-AROUND_MIDNIGHT, (BEFORE, AFTER)),
        (timedelta(), (BEFORE, AFTER)),
        (AROUND_MIDNIGHT - MOMENT, (BEFORE, AFTER)),
        (AROUND_MIDNIGHT, (AFTER,)),
        (timedelta(hours=12), (AFTER,)),
    ],
)
def test_a_call_around_midnight_is_charged_to_both_days(after_midnight: timedelta, days: tuple[date, ...]) -> None:
    assert charged_days(DAILY, MIDNIGHT + after_midnight) == days


def test_days_are_korean_whatever_zone_a_time_is_given_in() -> None:
    assert charged_days(DAILY, datetime(2026, 3, 10, 14, 59, tzinfo=UTC)) == (BEFORE,)
    assert charged_days(DAILY, datetime(2026, 3, 10, 15, 1, tzinfo=UTC)) == (AFTER,)


def test_of_a_monthly_quota_the_month_is_charged_and_only_around_its_turn_two() -> None:
    turn = datetime(2027, 1, 1, tzinfo=KST)
    assert charged_days(MONTHLY, MIDNIGHT) == (date(2026, 3, 1),)
    assert charged_days(MONTHLY, turn) == (date(2026, 12, 1), date(2027, 1, 1))
    assert charged_days(MONTHLY, turn + AROUND_MIDNIGHT) == (date(2027, 1, 1),)


@given(quotas, moments, st.floats(-4.9, 4.9))
def test_the_day_on_a_clock_that_is_a_few_seconds_off_is_among_those_charged(
    quota: Quota, at: datetime, off: float
) -> None:
    theirs = (at + timedelta(seconds=off)).astimezone(KST).date()
    charged = charged_days(quota, at)
    assert (theirs if quota is DAILY else theirs.replace(day=1)) in charged
    assert list(charged) == sorted(set(charged))
    assert len(charged) <= 2


@given(quotas, moments)
def test_a_day_is_charged_until_it_ends_and_not_after(quota: Quota, at: datetime) -> None:
    for day in charged_days(quota, at):
        end = ends_at(quota, day)
        assert at < end
        assert day in charged_days(quota, end - MOMENT)
        assert day not in charged_days(quota, end)


def test_days_and_months_end_when_every_clock_is_past_midnight() -> None:
    assert ends_at(DAILY, BEFORE) == MIDNIGHT + AROUND_MIDNIGHT
    assert ends_at(MONTHLY, date(2026, 2, 1)) == datetime(2026, 3, 1, tzinfo=KST) + AROUND_MIDNIGHT
    assert ends_at(MONTHLY, date(2026, 12, 1)) == datetime(2027, 1, 1, tzinfo=KST) + AROUND_MIDNIGHT


# Closed days


def test_a_day_of_which_nothing_is_left_is_closed_to_its_end() -> None:
    noon = MIDNIGHT - timedelta(hours=12)
    assert closures(DAILY, noon) == {BEFORE: ends_at(DAILY, BEFORE)}
    assert closures(DAILY, MIDNIGHT + EARLY) == {AFTER: ends_at(DAILY, AFTER)}


def test_early_in_the_day_it_is_closed_for_a_minute() -> None:
    for early in (AROUND_MIDNIGHT, EARLY - MOMENT):
        at = MIDNIGHT + early
        assert closures(DAILY, at) == {AFTER: at + AN_EARLY_REST}


@pytest.mark.parametrize("seconds", [-5, -1, 0, 1, 4.9])
def test_at_midnight_the_old_day_is_closed_to_its_end_and_the_new_one_for_a_minute(seconds: float) -> None:
    at = MIDNIGHT + timedelta(seconds=seconds)
    assert closures(DAILY, at) == {BEFORE: ends_at(DAILY, BEFORE), AFTER: at + AN_EARLY_REST}


def test_a_month_is_closed_to_its_end_or_early_in_it_for_a_minute() -> None:
    first = datetime(2026, 3, 1, tzinfo=KST)
    assert closures(MONTHLY, MIDNIGHT) == {date(2026, 3, 1): ends_at(MONTHLY, date(2026, 3, 1))}
    assert closures(MONTHLY, first + EARLY - MOMENT) == {date(2026, 3, 1): first + EARLY - MOMENT + AN_EARLY_REST}


@given(quotas, moments)
def test_every_day_that_a_call_is_charged_to_is_closed_for_some_time_and_none_beyond_its_end(
    quota: Quota, at: datetime
) -> None:
    closed = closures(quota, at)
    assert tuple(closed) == charged_days(quota, at)
    assert all(at < until <= ends_at(quota, day) for day, until in closed.items())


# Leases


@given(st.integers(1, 10_000_000), st.sampled_from(Period))
@example(1, Period.DAY)
def test_a_lease_is_a_call_at_least_and_a_small_part_of_the_quota(calls: int, period: Period) -> None:
    size = grant_size(Quota(calls, period))
    assert 1 <= size <= calls
    assert size == 1 or size <= calls / 50
    assert size <= 100


def test_operations_that_share_a_meter_are_one_counter() -> None:
    lists = OPERATION_BY_NAME["areaBasedList2"], OPERATION_BY_NAME["areaBasedSyncList2"]
    assert len({Meter.of(operation) for operation in lists}) == 2
    assert len({Meter.of(replace(operation, meter="lists")) for operation in lists}) == 1
    own = replace(lists[0], own_quota=MONTHLY)
    assert Meter.of(own) == Meter("kto", "areaBasedList2", MONTHLY)


def test_what_is_left_of_several_days_is_what_is_left_of_the_scarcest() -> None:
    assert Taken(1, {BEFORE: Balance(3, None), AFTER: Balance(999, None)}).left == 3
