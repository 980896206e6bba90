"""Call slots on a real PostgreSQL: each held by one process at most, and free at once when that process is gone."""

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import AsyncExitStack
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import TypeVar

import psycopg
import pytest

from weatherflick_assets.upstream.call_slots import CallSlots
from weatherflick_assets.upstream.declarations import RateLimit
from weatherflick_assets.upstream.rate import Learnt
from weatherflick_assets_tests.upstream.slot_holder import HOST, KEY, holder

T = TypeVar("T")
THEN = datetime(2026, 3, 10, 3, tzinfo=UTC)
LEARNT = Learnt(RateLimit(2, 29.7), RateLimit(3, 30.0), THEN, 1)


def with_slots(dsn: str, work: Callable[..., Awaitable[T]], processes: int) -> T:
    """What `work` makes of the slots as so many processes see them."""

    async def run() -> T:
        async with AsyncExitStack() as stack:
            return await work(*[await stack.enter_async_context(CallSlots(dsn)) for _ in range(processes)])

    return asyncio.run(run())


async def waiting(dsn: str, processes: int) -> None:
    """Until so many wait for a slot."""
    statement = "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND NOT granted"
    async with await psycopg.AsyncConnection.connect(dsn, autocommit=True) as connection:
        while await (await connection.execute(statement)).fetchone() != (processes,):  # noqa: ASYNC110 - nobody tells
            await asyncio.sleep(0.01)


def test_a_slot_is_held_by_one_process_at_most(store: str) -> None:
    async def work(one: CallSlots, other: CallSlots) -> None:
        assert await one.try_hold(HOST, KEY, [1, 2]) == [1, 2]
        assert await other.try_hold(HOST, KEY, [1, 2, 3]) == [3]
        await one.release(HOST, KEY, [2])
        assert await other.try_hold(HOST, KEY, [1, 2]) == [2]

    with_slots(store, work, 2)


def test_slots_of_other_hosts_and_keys_are_others(store: str) -> None:
    async def work(one: CallSlots, other: CallSlots) -> None:
        assert await one.try_hold(HOST, KEY, [1]) == [1]
        assert await other.try_hold("https://other.example", KEY, [1]) == [1]
        assert await other.try_hold(HOST, "ba9876543210", [1]) == [1]

    with_slots(store, work, 2)


def test_who_waits_gets_the_slot_when_it_is_let_go_and_first_who_came_first(store: str) -> None:
    async def work(holding: CallSlots, *others: CallSlots) -> list[int]:
        got: list[int] = []
        has_been_tried = asyncio.Event()

        async def wait(number: int, slots: CallSlots) -> None:
            await slots.wait_to_hold(HOST, KEY, 1)
            got.append(number)
            await has_been_tried.wait()
            await slots.release(HOST, KEY, [1])

        await holding.try_hold(HOST, KEY, [1])
        async with asyncio.TaskGroup() as tasks:
            for number, slots in enumerate(others):
                tasks.create_task(wait(number, slots))
                await waiting(store, number + 1)
            await holding.release(HOST, KEY, [1])
            assert await holding.try_hold(HOST, KEY, [1]) == []
            has_been_tried.set()
        return got

    assert with_slots(store, work, 4) == [0, 1, 2]


def test_waiting_for_one_key_does_not_keep_another_waiting(store: str) -> None:
    async def work(one: CallSlots, other: CallSlots) -> None:
        await one.try_hold(HOST, KEY, [1])
        waits = asyncio.create_task(other.wait_to_hold(HOST, KEY, 1))
        await waiting(store, 1)
        assert await other.try_hold(HOST, "ba9876543210", [1]) == [1]
        assert await other.learnt(HOST, KEY) is None
        await one.release(HOST, KEY, [1])
        await waits

    with_slots(store, work, 2)


def test_leaving_frees_every_slot(store: str) -> None:
    async def work(slots: CallSlots) -> list[int]:
        return await slots.try_hold(HOST, KEY, [1, 2])

    assert with_slots(store, work, 1) == with_slots(store, work, 1) == [1, 2]


def test_the_slots_of_a_killed_process_are_free(store: str) -> None:
    async def work(slots: CallSlots) -> list[int]:
        with holder(store, 1, 2) as process:
            assert await slots.try_hold(HOST, KEY, [1, 2]) == []
            process.kill()
            await slots.wait_to_hold(HOST, KEY, 1)
        await slots.wait_to_hold(HOST, KEY, 2)
        return await slots.try_hold(HOST, KEY, [3])

    assert with_slots(store, work, 1) == [3]


def test_a_process_killed_while_it_waits_is_not_waited_for(store: str) -> None:
    async def work(holding: CallSlots, slots: CallSlots) -> None:
        await holding.try_hold(HOST, KEY, [1])
        with holder(store, 2, waits_for=1) as process:
            await waiting(store, 1)
            waits = asyncio.create_task(slots.wait_to_hold(HOST, KEY, 1))
            await waiting(store, 2)
            process.kill()
        await holding.release(HOST, KEY, [1])
        await waits

    with_slots(store, work, 2)


@pytest.mark.parametrize("waits", [False, True])
def test_whoever_is_cancelled_while_asking_holds_nothing(store: str, *, waits: bool) -> None:
    async def work(one: CallSlots, other: CallSlots) -> None:
        await one.try_hold(HOST, KEY, [9])
        for steps in range(60):
            asking = asyncio.ensure_future(one.wait_to_hold(HOST, KEY, 1) if waits else one.try_hold(HOST, KEY, [1, 2]))
            for _ in range(steps % 12):
                await asyncio.sleep(0)
            if steps >= 12:
                await asyncio.sleep(steps / 100_000)
            if asking.cancel():
                with pytest.raises(asyncio.CancelledError):
                    await asking
            else:
                await one.release(HOST, KEY, [1] if waits else [1, 2])
            assert await other.try_hold(HOST, KEY, [1, 2]) == [1, 2]
            await other.release(HOST, KEY, [1, 2])
        assert await other.try_hold(HOST, KEY, [9]) == []

    with_slots(store, work, 2)


def test_a_lesson_is_everybodys(store: str) -> None:
    async def work(one: CallSlots, other: CallSlots) -> None:
        assert await other.learnt(HOST, KEY) is None
        await one.learn(HOST, KEY, LEARNT)
        assert await other.learnt(HOST, KEY) == LEARNT
        assert await other.learnt("https://other.example", KEY) is None
        assert await other.learnt(HOST, "ba9876543210") is None

    with_slots(store, work, 2)


def test_of_two_lessons_the_later_one_counts(store: str) -> None:
    earlier, later = (
        LEARNT,
        replace(LEARNT, left=RateLimit(1, 9.0), lowered_at=THEN + timedelta(seconds=1), times_lowered=2),
    )

    async def work(slots: CallSlots) -> list[Learnt | None]:
        found = []
        for lesson in (earlier, later, earlier):
            await slots.learn(HOST, KEY, lesson)
            found.append(await slots.learnt(HOST, KEY))
        return found

    assert with_slots(store, work, 1) == [earlier, later, later]
