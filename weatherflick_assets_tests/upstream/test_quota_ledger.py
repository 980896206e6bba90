"""The quota ledger on a real PostgreSQL: not one call over a limit, not one lost, whoever takes and whoever is killed."""

import asyncio
import subprocess
import sys
from collections.abc import Awaitable, Callable, Collection, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import AsyncExitStack, contextmanager
from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import TypeVar

import psycopg
import pytest

from weatherflick_assets.upstream.quota import Balance, Meter, Refusal, Taken
from weatherflick_assets.upstream.quota_ledger import QuotaLedger
from weatherflick_assets_tests.upstream.taker import NOON, meter_of, take_all

T = TypeVar("T")
TODAY, TOMORROW = date(2026, 3, 10), date(2026, 3, 11)
BOTH = (TODAY, TOMORROW)
KEYS = ("first", "second", "third")


def with_ledger(dsn: str, work: Callable[[QuotaLedger], Awaitable[T]]) -> T:
    async def run() -> T:
        async with QuotaLedger(dsn) as ledger:
            return await work(ledger)

    return asyncio.run(run())


def taking(
    dsn: str,
    calls: int,
    *,
    limit: int = 10,
    keys: Collection[str] = ("first",),
    days: Collection[date] = (TODAY,),
    at: datetime = NOON,
) -> Mapping[str, Taken]:
    """What a process of its own gets that asks once."""
    return with_ledger(dsn, lambda ledger: ledger.take(meter_of(limit), keys, days, calls=calls, now=at))


def granted(dsn: str, calls: int, **options: object) -> int:
    """What it gets of the first key."""
    return taking(dsn, calls, **options)["first"].granted  # type: ignore[arg-type]


def counts(dsn: str, column: str = "reserved") -> dict[tuple[str, date], int]:
    """A column of the ledger by key and day."""
    with psycopg.connect(dsn) as connection:
        rows = connection.execute(f"SELECT api_key_id, day, {column} FROM ops.api_calls_daily").fetchall()  # type: ignore[arg-type]
    return {(key_id, day): count for key_id, day, count in rows}


@contextmanager
def process(
    dsn: str, limit: int, keys: Collection[str], days: Collection[date], how: str
) -> Iterator[subprocess.Popen]:
    program = "weatherflick_assets_tests.upstream.taker"
    command = [sys.executable, "-m", program, dsn, str(limit), ",".join(keys), ",".join(map(str, days)), how]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as started:
        try:
            yield started
        finally:
            started.kill()


def said(child: subprocess.Popen) -> int:
    assert child.stdout is not None
    return int(child.stdout.readline())


# Taking


def test_calls_are_taken_until_the_limit_and_then_there_are_none(store: str) -> None:
    assert [granted(store, 4) for _ in range(4)] == [4, 4, 2, 0]
    assert counts(store) == {("first", TODAY): 10}


def test_what_is_left_is_told_with_what_is_given(store: str) -> None:
    taken = taking(store, 4, keys=KEYS[:2])
    assert taken == {key: Taken(4, {TODAY: Balance(6, None)}) for key in KEYS[:2]}
    assert taken["first"].left == 6


def test_keys_operations_providers_and_days_are_counted_apart(store: str) -> None:
    meter = meter_of(10)

    async def work(ledger: QuotaLedger) -> list[int]:
        others = [
            (replace(meter, name="detailIntro2"), "first", TODAY),
            (replace(meter, provider="kma"), "first", TODAY),
        ]
        asked = [(meter, "first", TODAY), *others, (meter, "second", TODAY), (meter, "first", TOMORROW)]
        return [(await ledger.take(m, [key], [day], calls=10, now=NOON))[key].granted for m, key, day in asked]

    assert with_ledger(store, work) == [10] * 5


def test_a_spent_key_does_not_keep_others_from_being_taken(store: str) -> None:
    granted(store, 10)
    assert {key: found.granted for key, found in taking(store, 4, keys=KEYS).items()} == {
        "first": 0, "second": 4, "third": 4,
    }  # fmt: skip


def test_many_tasks_over_several_connections_get_exactly_the_limit(store: str) -> None:
    async def run() -> list[int]:
        async with AsyncExitStack() as stack:
            ledgers = [await stack.enter_async_context(QuotaLedger(store)) for _ in range(4)]
            return await asyncio.gather(*(take_all(ledgers[n % 4], meter_of(400), KEYS, [TODAY]) for n in range(20)))

    assert sum(asyncio.run(run())) == 400 * len(KEYS)
    assert counts(store) == {(key, TODAY): 400 for key in KEYS}


def test_threads_with_connections_of_their_own_get_exactly_the_limit(store: str) -> None:
    def work(number: int) -> int:
        keys = KEYS[number % 3 :] + KEYS[: number % 3]
        return with_ledger(store, lambda ledger: take_all(ledger, meter_of(300), keys, BOTH))

    with ThreadPoolExecutor(6) as pool:
        taken = list(pool.map(work, range(6)))
    assert sum(taken) == 300 * len(KEYS)
    assert counts(store) == {(key, day): 300 for key in KEYS for day in BOTH}


def test_processes_that_ask_for_keys_and_days_in_different_orders_get_exactly_the_limit(store: str) -> None:
    with (
        process(store, 500, KEYS, BOTH, "all") as first,
        process(store, 500, KEYS[::-1], BOTH[::-1], "all") as second,
        process(store, 500, (KEYS[1], KEYS[2], KEYS[0]), BOTH, "all") as third,
    ):
        assert sum(map(said, (first, second, third))) == 500 * len(KEYS)
    assert counts(store) == {(key, day): 500 for key in KEYS for day in BOTH}


def test_processes_that_give_and_take_in_any_order_never_wait_for_each_other_in_a_circle(store: str) -> None:
    with (
        process(store, 40, KEYS, BOTH, "150") as first,
        process(store, 40, KEYS, BOTH, "150") as second,
        process(store, 40, KEYS, BOTH, "150") as third,
    ):
        assert [child.wait() for child in (first, second, third)] == [0, 0, 0]
    assert set(counts(store).values()) == {0}


def test_what_a_killed_process_had_taken_stays_taken(store: str) -> None:
    with process(store, 10, ("first",), (TODAY,), "once") as child:
        taken = said(child)
        child.kill()
        child.wait()
    assert taken == 7
    assert counts(store) == {("first", TODAY): 7}
    assert [granted(store, 5), granted(store, 5)] == [3, 0]


# Around midnight


@pytest.mark.parametrize(("today", "tomorrow", "both"), [(10, 4, 4), (3, 10, 3), (0, 10, 0), (10, 0, 0)])
def test_two_days_are_charged_together_as_far_as_both_have_calls(
    store: str, today: int, tomorrow: int, both: int
) -> None:
    granted(store, 10 - today, days=[TODAY])
    granted(store, 10 - tomorrow, days=[TOMORROW])
    taken = taking(store, 5, days=BOTH)["first"]
    assert taken.granted == both
    assert counts(store) == {("first", TODAY): 10 - today + both, ("first", TOMORROW): 10 - tomorrow + both}
    assert {day: balance.left for day, balance in taken.balances.items()} == {
        TODAY: today - both, TOMORROW: tomorrow - both,
    }  # fmt: skip


def test_days_charged_alone_and_together_at_the_same_time_are_all_counted(store: str) -> None:
    async def run() -> tuple[int, ...]:
        async with AsyncExitStack() as stack:
            ledgers = [await stack.enter_async_context(QuotaLedger(store)) for _ in range(3)]
            asked = ((TODAY,), BOTH, (TOMORROW,))
            works = (
                take_all(ledger, meter_of(300), ["first"], days) for ledger, days in zip(ledgers, asked, strict=True)
            )
            return tuple(await asyncio.gather(*works))

    today, both, tomorrow = asyncio.run(run())
    assert counts(store) == {("first", TODAY): today + both, ("first", TOMORROW): tomorrow + both}
    assert today + both == tomorrow + both == 300


# Closed days, changed limits


def closing(dsn: str, closures: Mapping[date, datetime], meter: Meter | None = None) -> None:
    with_ledger(dsn, lambda ledger: ledger.close(meter or meter_of(10), "first", closures))


def test_a_closed_day_gives_nothing_until_it_is_over(store: str) -> None:
    granted(store, 1)
    until = NOON + timedelta(minutes=1)
    closing(store, {TODAY: until})
    assert taking(store, 1)["first"] == Taken(0, {TODAY: Balance(9, until)})
    assert granted(store, 1, at=until - timedelta(microseconds=1)) == 0
    assert granted(store, 1, at=until) == 1
    assert counts(store) == {("first", TODAY): 2}


def test_one_closed_day_gives_nothing_of_the_other_either(store: str) -> None:
    granted(store, 1, days=BOTH)
    closing(store, {TOMORROW: NOON + timedelta(minutes=1)})
    assert granted(store, 1, days=BOTH) == 0
    assert granted(store, 1, days=[TODAY]) == 1
    assert counts(store) == {("first", TODAY): 2, ("first", TOMORROW): 1}


def test_of_two_closures_the_longer_one_counts(store: str) -> None:
    granted(store, 1)
    for minutes in (1, 10, 2):
        closing(store, {TODAY: NOON + timedelta(minutes=minutes)})
    assert granted(store, 1, at=NOON + timedelta(minutes=9)) == 0
    assert granted(store, 1, at=NOON + timedelta(minutes=10)) == 1


def test_closing_concerns_one_key_and_one_operation(store: str) -> None:
    other = replace(meter_of(10), name="detailIntro2")
    taking(store, 1, keys=KEYS)
    with_ledger(store, lambda ledger: ledger.take(other, ["first"], [TODAY], calls=1, now=NOON))
    closing(store, {TODAY: NOON + timedelta(hours=1)}, other)
    assert {key: found.granted for key, found in taking(store, 1, keys=KEYS).items()} == dict.fromkeys(KEYS, 1)


def test_a_lowered_limit_gives_nothing_more_and_a_raised_one_the_difference(store: str) -> None:
    assert granted(store, 8, limit=10) == 8
    assert taking(store, 1, limit=5)["first"] == Taken(0, {TODAY: Balance(-3, None)})
    assert granted(store, 100, limit=20) == 12
    assert counts(store, "daily_limit") == {("first", TODAY): 20}


# Telling what was sent


def test_what_was_not_sent_can_be_taken_again_and_what_was_sent_is_on_record(store: str) -> None:
    granted(store, 10)
    with_ledger(store, lambda ledger: ledger.settle(meter_of(10), "first", [TODAY], unused=4, used=6, refused=2))
    assert counts(store) == counts(store, "used") == {("first", TODAY): 6}
    assert counts(store, "refused") == {("first", TODAY): 2}
    assert granted(store, 10) == 4


def test_what_was_taken_of_two_days_is_given_back_to_both(store: str) -> None:
    granted(store, 5, days=BOTH)
    with_ledger(store, lambda ledger: ledger.settle(meter_of(10), "first", BOTH, unused=3, used=2, refused=0))
    assert counts(store) == counts(store, "used") == {("first", TODAY): 2, ("first", TOMORROW): 2}


# Refused keys


def test_every_process_learns_that_a_key_is_refused_until_its_time_is_over(store: str) -> None:
    until = NOON + timedelta(hours=1)
    refusal = Refusal("31", "The key has expired.", NOON, until)
    with_ledger(store, lambda ledger: ledger.refuse("kto", "first", refusal))
    assert with_ledger(store, lambda ledger: ledger.refusals("kto", NOON)) == {"first": refusal}
    assert with_ledger(store, lambda ledger: ledger.refusals("kto", until)) == {}
    assert with_ledger(store, lambda ledger: ledger.refusals("kma", NOON)) == {}


def test_a_later_refusal_takes_the_place_of_an_earlier_one(store: str) -> None:
    later = Refusal("30", "The key is not registered.", NOON, NOON + timedelta(minutes=15))

    async def work(ledger: QuotaLedger) -> Mapping[str, Refusal]:
        await ledger.refuse("kto", "first", Refusal("31", "The key has expired.", NOON, NOON + timedelta(hours=1)))
        await ledger.refuse("kto", "first", later)
        return await ledger.refusals("kto", NOON)

    assert with_ledger(store, work) == {"first": later}
