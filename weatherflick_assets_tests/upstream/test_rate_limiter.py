"""RateLimiter over the slots of a real database: no more under way and no faster than permitted, and everybody gets some."""

import asyncio
import math
from collections import Counter
from collections.abc import Awaitable, Callable, Sequence
from contextlib import AsyncExitStack
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from typing import TypeVar

import psycopg
import pytest

from weatherflick_assets.settings import Clock, now
from weatherflick_assets.upstream import rate_limiter as turns_module
from weatherflick_assets.upstream.call_slots import CallSlots
from weatherflick_assets.upstream.declarations import RateLimit
from weatherflick_assets.upstream.rate import Learnt
from weatherflick_assets.upstream.rate_limiter import Permit, RateLimiter
from weatherflick_assets_tests.upstream.clocks import SetClock
from weatherflick_assets_tests.upstream.slot_holder import HOST, KEY, holder
from weatherflick_assets_tests.waiting import PATIENCE_SECONDS

T = TypeVar("T")
FAST = 1e6
NOON = datetime(2026, 3, 10, 3, tzinfo=UTC)


def with_limiters(
    dsn: str, pace: RateLimit, work: Callable[..., Awaitable[T]], *, processes: int = 1, clock: Clock = now
) -> T:
    """What `work` makes of the turns of so many processes; each has connections of its own."""

    async def run() -> T:
        async with AsyncExitStack() as stack, asyncio.timeout(PATIENCE_SECONDS):
            several = []
            for _ in range(processes):
                slots = await stack.enter_async_context(CallSlots(dsn))
                several.append(RateLimiter(HOST, KEY, pace, slots, clock))
                stack.push_async_callback(several[-1].close)
            return await work(*several)

    return asyncio.run(run())


class Upstream:
    """What an upstream sees of all processes: how many calls are under way, and when each began.

    Args:
        limit: calls at once that it bears; one more is refused.
    """

    def __init__(self, limit: int = 1000) -> None:
        self.limit = limit
        self.under_way = self.most = self.refused = 0
        self.began: list[float] = []
        self.callers: list[RateLimiter] = []

    async def call(self, limiter: RateLimiter) -> None:
        async with limiter.permit() as permit:
            self.began.append(asyncio.get_running_loop().time())
            self.callers.append(limiter)
            self.under_way += 1
            self.most = max(self.most, self.under_way)
            is_refused = self.under_way > self.limit
            for _ in range(20):  # long enough for every other call to begin
                await asyncio.sleep(0)
            self.under_way -= 1
        if is_refused:
            self.refused += 1
            await limiter.slow_down(permit)

    async def call_often(self, limiter: RateLimiter, times: int, *, at_once: int) -> None:
        left = iter(range(times))

        async def call() -> None:
            for _ in left:
                await self.call(limiter)

        async with asyncio.TaskGroup() as tasks:
            for _ in range(at_once):
                tasks.create_task(call())

    def most_in_a_second(self) -> int:
        """The most calls that began in any one second."""
        began = sorted(self.began)
        return max(sum(start <= moment < start + 1 for moment in began) for start in began)


@pytest.fixture
def short_holds(monkeypatch: pytest.MonkeyPatch) -> None:
    """Slots change hands often."""
    monkeypatch.setattr(turns_module, "HOLD_SECONDS", 0.02)


@pytest.fixture
def momentary_holds(monkeypatch: pytest.MonkeyPatch) -> None:
    """A slot is let go after every call."""
    monkeypatch.setattr(turns_module, "HOLD_SECONDS", 0.0)


# Calls under way


@pytest.mark.parametrize("permitted", [1, 3])
def test_a_process_has_as_many_calls_under_way_as_permitted_and_never_more(store: str, permitted: int) -> None:
    upstream = Upstream()
    with_limiters(store, RateLimit(permitted, FAST), lambda limiter: upstream.call_often(limiter, 200, at_once=10))
    assert upstream.most == permitted
    assert len(upstream.began) == 200


@pytest.mark.usefixtures("short_holds")
@pytest.mark.parametrize(("permitted", "processes"), [(1, 2), (3, 2), (3, 3), (2, 3)])
def test_processes_together_never_have_more_under_way_and_none_starves(
    store: str, permitted: int, processes: int
) -> None:
    upstream, enough = Upstream(), 40

    async def work(*several: RateLimiter) -> None:
        def is_over() -> bool:
            return min(Counter(upstream.callers)[limiter] for limiter in several) >= enough

        async def call(limiter: RateLimiter) -> None:
            while not is_over():
                await upstream.call(limiter)

        async with asyncio.TaskGroup() as tasks:
            for limiter in several:
                for _ in range(4):
                    tasks.create_task(call(limiter))

    with_limiters(store, RateLimit(permitted, 500), work, processes=processes)
    assert upstream.most <= permitted
    for limiter in set(upstream.callers):
        places = [place for place, caller in enumerate(upstream.callers) if caller is limiter]
        assert max(later - earlier for earlier, later in pairwise(places)) <= 300


def test_a_turn_waits_for_the_slots_of_another_process_until_that_is_killed(store: str) -> None:
    upstream = Upstream()

    async def work(limiter: RateLimiter) -> None:
        with holder(store, 1, 2, 3) as process:
            waits = asyncio.create_task(upstream.call(limiter))
            await asyncio.sleep(0.1)
            assert not upstream.began
            process.kill()
            await waits
        await upstream.call_often(limiter, 10, at_once=5)

    with_limiters(store, RateLimit(3, FAST), work)
    assert len(upstream.began) == 11


@pytest.mark.usefixtures("short_holds")
def test_slots_that_are_not_in_use_do_not_wait_for_the_next_call(store: str) -> None:
    async def work(limiter: RateLimiter) -> None:
        await Upstream().call(limiter)
        async with CallSlots(store) as other:
            for number in (1, 2, 3):
                await other.wait_to_hold(HOST, KEY, number)

    with_limiters(store, RateLimit(3, FAST), work)


def test_closing_lets_others_have_every_slot(store: str) -> None:
    async def work(limiter: RateLimiter) -> list[int]:
        await Upstream().call_often(limiter, 10, at_once=5)
        await limiter.close()
        async with CallSlots(store) as other:
            return await other.try_hold(HOST, KEY, [1, 2, 3])

    assert with_limiters(store, RateLimit(3, FAST), work) == [1, 2, 3]


# Calls per second


@pytest.mark.parametrize(("per_second", "calls"), [(50, 80), (7.5, 10)])
def test_in_no_second_do_more_calls_begin_than_permitted(store: str, per_second: float, calls: int) -> None:
    upstream = Upstream()
    with_limiters(store, RateLimit(3, per_second), lambda limiter: upstream.call_often(limiter, calls, at_once=6))
    assert upstream.most_in_a_second() <= math.ceil(per_second)


@pytest.mark.parametrize("processes", [2, 3])
def test_in_no_second_do_more_calls_of_all_processes_begin_than_permitted(store: str, processes: int) -> None:
    upstream = Upstream()

    async def work(*several: RateLimiter) -> None:
        await asyncio.gather(*(upstream.call_often(limiter, 45, at_once=4) for limiter in several))

    with_limiters(store, RateLimit(3, 50), work, processes=processes)
    assert upstream.most_in_a_second() <= 50


# Refusals


def test_a_limit_of_calls_at_once_is_found_and_kept_by_every_process(store: str) -> None:
    clock, upstream = SetClock(NOON), Upstream(limit=3)

    async def work(first: RateLimiter, second: RateLimiter) -> None:
        await upstream.call_often(first, 50, at_once=8)
        assert upstream.refused > 0
        upstream.most = upstream.refused = 0
        for limiter in (first, second):
            clock.pass_by(timedelta(minutes=1))
            await upstream.call_often(limiter, 50, at_once=8)
            assert upstream.most == 3
            await limiter.close()

    with_limiters(store, RateLimit(4, FAST), work, processes=2, clock=clock)
    assert upstream.refused == 0


def test_what_a_process_has_just_learnt_is_not_forgotten_when_it_asks_for_slots_meanwhile(store: str) -> None:
    clock, upstream = SetClock(NOON), Upstream()

    async def work(limiter: RateLimiter) -> None:
        async with limiter.permit() as permit:
            pass
        await limiter.close()
        permit = replace(permit, in_flight=4)
        # The slots are asked for after the lesson was made and before it is stored.
        await asyncio.gather(limiter.slow_down(permit), upstream.call(limiter))
        await limiter.close()
        clock.pass_by(timedelta(minutes=1))
        await upstream.call_often(limiter, 50, at_once=8)

    with_limiters(store, RateLimit(4, FAST), work, clock=clock)
    assert upstream.most == 3


@pytest.mark.usefixtures("short_holds")
def test_a_process_that_is_calling_already_slows_down_with_the_others(store: str) -> None:
    clock, upstream = SetClock(NOON), Upstream()

    async def work(first: RateLimiter, second: RateLimiter) -> None:
        await upstream.call_often(first, 10, at_once=8)
        async with second.permit() as permit:
            pass
        permit = replace(permit, in_flight=6)
        clock.pass_by(timedelta(milliseconds=1))
        await second.slow_down(permit)
        await second.close()
        async with CallSlots(store) as other:  # until the first process has let go of what it held
            for number in range(1, 7):
                await other.wait_to_hold(HOST, KEY, number)
        upstream.most = 0
        await upstream.call_often(first, 50, at_once=8)

    with_limiters(store, RateLimit(6, FAST), work, processes=2, clock=clock)
    assert upstream.most == 3


def test_slots_beyond_what_is_still_permitted_are_let_go(store: str) -> None:
    async def work(limiter: RateLimiter) -> tuple[list[int], list[int]]:
        async with AsyncExitStack() as stack:
            under_way = [await stack.enter_async_context(limiter.permit()) for _ in range(4)]
            await limiter.slow_down(max(under_way, key=lambda permit: permit.in_flight))
        numbers = []
        for _ in range(5):
            async with limiter.permit() as permit:
                numbers.append(permit.number)
        async with CallSlots(store) as other:
            return numbers, await other.try_hold(HOST, KEY, [1, 2, 3, 4])

    clock = SetClock(NOON)
    numbers, free = with_limiters(store, RateLimit(4, FAST), work, clock=lambda: clock.at)
    assert set(numbers) <= {1, 2}
    assert free == [3, 4]


def test_a_refusal_while_others_hold_the_rest_of_the_slots_is_taken_for_too_many_at_once(store: str) -> None:
    async def work(limiter: RateLimiter) -> Learnt | None:
        async with CallSlots(store) as other:
            await other.try_hold(HOST, KEY, [3, 4])
            async with limiter.permit(), limiter.permit() as refused:
                pass
            await limiter.slow_down(refused)
            return await other.learnt(HOST, KEY)

    learnt = with_limiters(store, RateLimit(4, 100), work)
    assert learnt is not None
    assert (learnt.left, learnt.most) == (RateLimit(2, 100), RateLimit(3, 100))


# Whatever goes wrong


class WentWrongError(Exception):
    """Anything that a call can end with."""


@pytest.mark.usefixtures("short_holds")
def test_neither_errors_nor_cancellation_lose_a_slot(store: str) -> None:
    upstream = Upstream()

    async def fail(limiter: RateLimiter) -> None:
        async with limiter.permit():
            await asyncio.sleep(0)
            raise WentWrongError

    async def work(limiter: RateLimiter) -> None:
        for steps in range(40):
            calls = [asyncio.ensure_future(upstream.call(limiter)) for _ in range(4)]
            calls.append(asyncio.ensure_future(fail(limiter)))
            for _ in range(steps):
                await asyncio.sleep(0)
            await asyncio.sleep(steps % 7 / 2000)
            for call in calls[steps % 2 :: 2]:
                call.cancel()
            for result in await asyncio.gather(*calls, return_exceptions=True):
                assert result is None or isinstance(result, WentWrongError | asyncio.CancelledError)
            upstream.under_way = 0
        upstream.most = 0
        await upstream.call_often(limiter, 30, at_once=6)
        assert upstream.most == 3
        await limiter.close()
        async with CallSlots(store) as other:
            assert await other.try_hold(HOST, KEY, [1, 2, 3]) == [1, 2, 3]

    with_limiters(store, RateLimit(3, FAST), work)


def connections_lost(dsn: str) -> None:
    """As when the database is restarted."""
    with psycopg.connect(dsn, autocommit=True) as connection:
        connection.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
            "WHERE datname = current_database() AND pid <> pg_backend_pid()"
        )


@pytest.mark.usefixtures("momentary_holds")
def test_when_the_database_is_lost_nobody_waits_for_ever(store: str) -> None:
    async def hold(limiter: RateLimiter, is_lost: asyncio.Event) -> Permit:
        async with limiter.permit() as permit:
            await is_lost.wait()
        return permit

    async def run() -> Sequence[BaseException | Permit]:
        is_lost = asyncio.Event()
        async with CallSlots(store) as slots, asyncio.timeout(PATIENCE_SECONDS):
            limiter = RateLimiter(HOST, KEY, RateLimit(2, FAST), slots, now)
            calls = [asyncio.ensure_future(hold(limiter, is_lost)) for _ in range(6)]
            await asyncio.sleep(0.2)
            connections_lost(store)
            is_lost.set()
            return await asyncio.gather(*calls, return_exceptions=True)

    assert all(isinstance(result, psycopg.OperationalError) for result in asyncio.run(run()))
