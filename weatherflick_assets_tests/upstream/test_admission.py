"""Admission over a real ledger: which key may send, when none may, and that no call is lost or sent beyond a limit."""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any, TypeVar

import psycopg
import pytest
from hypothesis import HealthCheck, settings
from hypothesis.stateful import run_state_machine_as_test
from pydantic import SecretStr

from weatherflick_assets.places.kto import KTO, OPERATION_BY_NAME
from weatherflick_assets.settings import KST
from weatherflick_assets.upstream.admission import ASKED_AGAIN, LONGEST_REST, SHORTEST_REST, Admission, KeyLease
from weatherflick_assets.upstream.api_keys import KeyRing
from weatherflick_assets.upstream.declarations import Operation, Quota
from weatherflick_assets.upstream.errors import ExhaustedError, LedgerError, RefusedKeyError, ThrottledError
from weatherflick_assets.upstream.quota import AROUND_MIDNIGHT, Taken
from weatherflick_assets.upstream.quota_ledger import QuotaLedger
from weatherflick_assets_tests.upstream.admissions import Admissions, remember_what_is_spent
from weatherflick_assets_tests.upstream.clocks import SetClock, hurry

T = TypeVar("T")
NOON = datetime(2026, 3, 10, 12, tzinfo=KST)
MIDNIGHT = datetime(2026, 3, 11, tzinfo=KST)
SECRETS = ("first-secret-key", "second-secret-key", "third-secret-key")
RING = KeyRing.of("kto", map(SecretStr, SECRETS))
FIRST, SECOND, THIRD = (key.fingerprint for key in RING.keys)
NOT_REGISTERED = RefusedKeyError("The key is not registered.", code="30")


def operation_of(limit: int, name: str = "areaBasedList2") -> Operation:
    return replace(OPERATION_BY_NAME[name], provider=replace(KTO, quota=Quota(limit)))


@asynccontextmanager
async def process(dsn: str, clock: SetClock, keys: int = 1) -> AsyncIterator[Admission]:
    """What a process does from its start to its end."""
    async with QuotaLedger(dsn) as ledger:
        admission = Admission(replace(RING, keys=RING.keys[:keys]), ledger, clock)
        await admission.open()
        yield admission
        await admission.close()


def in_a_process(
    dsn: str, work: Callable[[Admission], Awaitable[T]], clock: SetClock | None = None, keys: int = 1
) -> T:
    set_clock = clock or SetClock(NOON)

    async def run() -> T:
        async with process(dsn, set_clock, keys) as admission:
            return await work(admission)

    return hurry(set_clock, run())


def counts(dsn: str) -> dict[tuple[str, str], int]:
    """Calls that are taken from each key and day."""
    with psycopg.connect(dsn) as connection:
        rows = connection.execute("SELECT api_key_id, day::text, reserved FROM ops.api_calls_daily").fetchall()
    return {(key_id, day): reserved for key_id, day, reserved in rows if reserved}


async def send(admission: Admission, operation: Operation, times: int = 1) -> Counter[str]:
    """Send that many calls; return which keys they went with."""
    used: Counter[str] = Counter()
    for _ in range(times):
        lease = await admission.lease(operation)
        admission.sent(lease)
        used[lease.key.fingerprint] += 1
    return used


def test_whatever_happens_no_limit_is_exceeded_no_call_is_lost_and_no_error_is_without_reason(database: str) -> None:
    remember_what_is_spent(database)
    machine = type("AdmissionsHere", (Admissions,), {"dsn": database})
    run_state_machine_as_test(
        machine,
        settings=settings(
            max_examples=60,
            stateful_step_count=50,
            deadline=None,
            derandomize=True,
            suppress_health_check=[HealthCheck.too_slow],
        ),
    )


# Which key


def test_calls_are_spread_over_the_keys(store: str) -> None:
    async def work(admission: Admission) -> Counter[str]:
        return await send(admission, operation_of(1000), 300)

    assert in_a_process(store, work, keys=3) == {FIRST: 100, SECOND: 100, THIRD: 100}


def test_the_key_that_has_more_left_is_used_more(store: str) -> None:
    async def work(admission: Admission) -> Counter[str]:
        return await send(admission, operation_of(100), 130)

    assert in_a_process(store, lambda admission: send(admission, operation_of(100), 60)) == {FIRST: 60}
    used = in_a_process(store, work, keys=2)
    assert used[FIRST] <= 40
    assert used[SECOND] >= 90


def test_each_operation_has_calls_of_its_own(store: str) -> None:
    async def work(admission: Admission) -> None:
        await send(admission, operation_of(5), 5)
        with pytest.raises(ExhaustedError):
            await send(admission, operation_of(5))
        await send(admission, operation_of(5, "ldongCode2"), 5)

    in_a_process(store, work)


def test_a_process_that_ends_gives_back_what_it_did_not_send(store: str) -> None:
    in_a_process(store, lambda admission: send(admission, operation_of(1000)))
    assert counts(store) == {(FIRST, "2026-03-10"): 1}


# When there is none


def test_when_all_calls_are_spent_the_error_says_when_there_are_more_and_what_can_be_done(store: str) -> None:
    async def work(admission: Admission) -> ExhaustedError:
        await send(admission, operation_of(3), 6)
        with pytest.raises(ExhaustedError) as caught:
            await admission.lease(operation_of(3))
        return caught.value

    error = in_a_process(store, work, keys=2)
    assert error.resumes_at == MIDNIGHT + AROUND_MIDNIGHT
    message = str(error)
    for said in ("kto areaBasedList2", "3 a key and day", "2 keys", "2026-03-11 00:00 KST", "KTO_API_DAILY_LIMIT"):
        assert said in message
    for secret in SECRETS:
        assert secret not in f"{message} {error!r}"


def test_what_was_spent_by_another_process_is_spent(store: str) -> None:
    in_a_process(store, lambda admission: send(admission, operation_of(5), 5))
    with pytest.raises(ExhaustedError):
        in_a_process(store, lambda admission: send(admission, operation_of(5)))


def test_when_every_key_is_refused_the_error_says_why_and_when_each_is_tried_again(store: str) -> None:
    async def work(admission: Admission) -> RefusedKeyError:
        for error in (NOT_REGISTERED, RefusedKeyError("The key has expired.", code="31")):
            lease = await admission.lease(operation_of(10))
            admission.sent(lease)
            await admission.refused(lease, error)
        with pytest.raises(RefusedKeyError) as caught:
            await admission.lease(operation_of(10))
        return caught.value

    error = in_a_process(store, work, keys=2)
    assert error.resumes_at == NOON + timedelta(minutes=15)
    message = str(error)
    for said in (FIRST, SECOND, "not registered", "has expired", "12:15 KST", "13:00 KST", "DATA_GO_KR_API_KEY"):
        assert said in message
    for secret in SECRETS:
        assert secret not in f"{message} {error!r}"


def test_without_a_key_there_is_none_and_no_time_at_which_there_will_be(store: str) -> None:
    with pytest.raises(RefusedKeyError, match="none is configured") as caught:
        in_a_process(store, lambda admission: admission.lease(operation_of(10)), keys=0)
    assert caught.value.resumes_at is None


def test_a_refused_key_is_known_to_later_processes_and_tried_again_when_its_time_comes(store: str) -> None:
    clock = SetClock(NOON)

    async def refuse(admission: Admission) -> None:
        lease = await admission.lease(operation_of(10))
        admission.sent(lease)
        await admission.refused(lease, NOT_REGISTERED)

    in_a_process(store, refuse, clock)
    with pytest.raises(RefusedKeyError) as caught:
        in_a_process(store, lambda admission: send(admission, operation_of(10)), clock)
    assert caught.value.resumes_at is not None
    clock.at = caught.value.resumes_at
    assert in_a_process(store, lambda admission: send(admission, operation_of(10)), clock) == {FIRST: 1}


# Too many at once


@pytest.mark.parametrize(
    ("asked", "rest"),
    [(None, SHORTEST_REST), (0.1, SHORTEST_REST), (5.0, timedelta(seconds=5)), (86_400.0, LONGEST_REST)],
)
def test_when_all_keys_rest_a_call_waits_until_the_first_has_rested(
    store: str, asked: float | None, rest: timedelta
) -> None:
    clock = SetClock(NOON)

    async def work(admission: Admission) -> str:
        for retry_after in (asked, 86_400.0):
            lease = await admission.lease(operation_of(10))
            admission.sent(lease)
            admission.throttled(lease, ThrottledError("Too many.", code="23", retry_after=retry_after))
        return (await admission.lease(operation_of(10))).key.fingerprint

    assert in_a_process(store, work, clock, keys=2) == FIRST
    assert clock() == NOON + rest


def test_while_one_key_rests_the_others_go_on(store: str) -> None:
    clock = SetClock(NOON)

    async def work(admission: Admission) -> Counter[str]:
        lease = await admission.lease(operation_of(1000))
        admission.sent(lease)
        admission.throttled(lease, ThrottledError("Too many.", code="23"))
        return await send(admission, operation_of(1000), 50)

    assert in_a_process(store, work, clock, keys=2) == {SECOND: 50}
    assert clock() == NOON


def test_for_a_key_that_rests_but_is_spent_as_well_nobody_waits(store: str) -> None:
    clock = SetClock(NOON)

    async def work(admission: Admission) -> None:
        first, second = [await admission.lease(operation_of(10)) for _ in range(2)]
        for lease in (first, second):
            admission.sent(lease)
        admission.throttled(first, ThrottledError("Too many.", code="23"))
        await admission.spent(second)
        with pytest.raises(ExhaustedError):
            await admission.lease(operation_of(10))

    in_a_process(store, work, clock)
    assert clock() == NOON


# Tickets that are still waiting to be sent


@pytest.mark.parametrize("what", ["spent", "refused", "throttled"])
def test_what_is_learnt_of_a_key_holds_for_tickets_that_were_handed_out_before(store: str, what: str) -> None:
    async def work(admission: Admission) -> bool:
        sent, waiting = [await admission.lease(operation_of(1000)) for _ in range(2)]
        assert admission.is_current(waiting)
        admission.sent(sent)
        match what:
            case "spent":
                await admission.spent(sent)
            case "refused":
                await admission.refused(sent, NOT_REGISTERED)
            case _:
                admission.throttled(sent, ThrottledError("Too many.", code="23"))
        is_current = admission.is_current(waiting)
        admission.give_back(waiting)
        return is_current

    assert not in_a_process(store, work)
    assert counts(store) == {(FIRST, "2026-03-10"): 1}


# The day turns


def test_the_day_turns_while_a_process_runs(store: str) -> None:
    clock = SetClock(MIDNIGHT - timedelta(minutes=1))

    async def work(admission: Admission) -> None:
        await send(admission, operation_of(5), 5)
        with pytest.raises(ExhaustedError) as caught:
            await send(admission, operation_of(5))
        assert caught.value.resumes_at is not None
        clock.at = caught.value.resumes_at
        await send(admission, operation_of(5), 5)

    in_a_process(store, work, clock)
    assert counts(store) == {(FIRST, "2026-03-10"): 5, (FIRST, "2026-03-11"): 5}


def test_calls_that_come_back_while_the_ledger_is_asked_are_handed_out(store: str) -> None:
    in_a_process(store, lambda admission: send(admission, operation_of(5), 5))
    clock = SetClock(MIDNIGHT - timedelta(minutes=1))

    async def work(admission: Admission) -> Counter[str]:
        with psycopg.connect(store) as held, psycopg.connect(store, autocommit=True) as watching:
            held.execute("LOCK TABLE ops.api_calls_daily IN EXCLUSIVE MODE")
            asking = asyncio.ensure_future(send(admission, operation_of(5)))
            waiting = "SELECT FROM pg_locks WHERE NOT granted AND relation = 'ops.api_calls_daily'::regclass"
            while watching.execute(waiting).fetchone() is None:  # noqa: ASYNC110 - a database sets no event
                await asyncio.sleep(0.01)
            clock.at = MIDNIGHT + AROUND_MIDNIGHT
        return await asking

    assert in_a_process(store, work, clock) == {FIRST: 1}


def test_what_was_taken_before_midnight_is_not_sent_after_it_but_given_back(store: str) -> None:
    clock = SetClock(MIDNIGHT - timedelta(minutes=1))

    async def work(admission: Admission) -> None:
        before = await admission.lease(operation_of(1000))
        assert admission.is_current(before)
        clock.at = MIDNIGHT - AROUND_MIDNIGHT
        assert not admission.is_current(before)
        admission.give_back(before)
        await send(admission, operation_of(1000))

    in_a_process(store, work, clock)
    assert counts(store) == {(FIRST, "2026-03-10"): 1, (FIRST, "2026-03-11"): 1}


def test_spent_right_after_midnight_is_believed_for_a_minute_only(store: str) -> None:
    clock = SetClock(MIDNIGHT + timedelta(seconds=30))

    async def work(admission: Admission) -> None:
        lease = await admission.lease(operation_of(1000))
        admission.sent(lease)
        await admission.spent(lease)
        with pytest.raises(ExhaustedError) as caught:
            await admission.lease(operation_of(1000))
        assert caught.value.resumes_at == clock() + timedelta(minutes=1)
        clock.pass_by(timedelta(minutes=1))
        await send(admission, operation_of(1000))

    in_a_process(store, work, clock)


def test_spent_later_in_the_day_is_believed_until_midnight_and_by_other_processes_too(store: str) -> None:
    async def work(admission: Admission) -> None:
        lease = await admission.lease(operation_of(1000))
        admission.sent(lease)
        await admission.spent(lease)

    in_a_process(store, work)
    with pytest.raises(ExhaustedError) as caught:
        in_a_process(store, lambda admission: admission.lease(operation_of(1000)))
    assert caught.value.resumes_at == MIDNIGHT + AROUND_MIDNIGHT


def test_calls_that_are_spent_do_not_come_back_with_the_end_of_a_short_closure(store: str) -> None:
    clock = SetClock(MIDNIGHT + timedelta(seconds=30))

    async def work(admission: Admission) -> None:
        leases = [await admission.lease(operation_of(5)) for _ in range(5)]
        for lease in leases:
            admission.sent(lease)
        await admission.spent(leases[0])

    in_a_process(store, work, clock)
    with pytest.raises(ExhaustedError) as caught:
        in_a_process(store, lambda admission: admission.lease(operation_of(5)), clock)
    assert caught.value.resumes_at == MIDNIGHT + timedelta(days=1) + AROUND_MIDNIGHT


def test_a_clock_that_is_set_back_costs_no_call_and_exceeds_no_limit(store: str) -> None:
    clock = SetClock(MIDNIGHT + timedelta(minutes=1))

    async def work(admission: Admission) -> None:
        await send(admission, operation_of(5), 3)
        clock.at = MIDNIGHT - timedelta(minutes=1)
        await send(admission, operation_of(5), 5)
        clock.at = MIDNIGHT + timedelta(minutes=1)
        await send(admission, operation_of(5), 2)
        with pytest.raises(ExhaustedError):
            await send(admission, operation_of(5))

    in_a_process(store, work, clock)
    assert counts(store) == {(FIRST, "2026-03-10"): 5, (FIRST, "2026-03-11"): 5}


# What others have not sent


class Watched(QuotaLedger):
    """A ledger that says when it was asked for calls, and how often."""

    def __init__(self, dsn: str) -> None:
        super().__init__(dsn)
        self.asked = 0
        self.was_asked = asyncio.Event()

    async def take(self, *args: Any, **options: Any) -> Mapping[str, Taken]:
        """As the ledger does."""
        taken = await super().take(*args, **options)
        self.asked += 1
        self.was_asked.set()
        return taken


def asked_while(dsn: str, meanwhile: Callable[[Admission, Watched], Awaitable[T]], *, unsent: int) -> T:
    """What comes of two processes, of which the first has sent all calls of a quota but some that it has reserved."""
    clock = SetClock(NOON)

    async def run() -> T:
        async with process(dsn, clock) as first, Watched(dsn) as ledger:
            await send(first, operation_of(100), 100 - unsent)
            return await meanwhile(first, ledger)

    return hurry(clock, run())


def asking(ledger: QuotaLedger) -> "asyncio.Task[KeyLease]":
    return asyncio.ensure_future(
        Admission(replace(RING, keys=RING.keys[:1]), ledger, SetClock(NOON)).lease(operation_of(100))
    )


@pytest.mark.fault(
    "Liveness",
    "a process ends that had reserved the last calls of a quota",
    "another one waits for them, and sends them",
)
def test_calls_that_another_process_has_reserved_and_not_sent_are_not_spent(store: str) -> None:
    async def ends(first: Admission, ledger: Watched) -> None:
        asked = asking(ledger)
        await ledger.was_asked.wait()
        assert not asked.done()
        await first.close()
        await asked

    asked_while(store, ends, unsent=1)


@pytest.mark.fault(
    "Liveness", "a process is killed that had reserved the last calls of a quota", "nobody waits for them"
)
def test_for_calls_of_a_process_that_was_killed_nobody_waits(store: str) -> None:
    async def is_killed(_: Admission, ledger: Watched) -> int:
        async with Watched(store) as killed:
            await asking(killed)
        with pytest.raises(ExhaustedError):
            await asking(ledger)
        return ledger.asked

    assert asked_while(store, is_killed, unsent=2) < ASKED_AGAIN  # the server may notice a moment later
    assert counts(store) == {(FIRST, "2026-03-10"): 100}


def test_a_process_that_has_sent_all_it_reserved_is_not_waited_for(store: str) -> None:
    async def goes_on(first: Admission, ledger: Watched) -> int:
        with pytest.raises(ExhaustedError):
            await first.lease(operation_of(100))
        with pytest.raises(ExhaustedError):
            await asking(ledger)
        return ledger.asked

    assert asked_while(store, goes_on, unsent=0) == 1


def test_a_process_that_neither_sends_nor_gives_back_is_not_waited_for_for_ever(store: str) -> None:
    async def sleeps(_: Admission, ledger: Watched) -> int:
        with pytest.raises(ExhaustedError):
            await asking(ledger)
        return ledger.asked

    assert asked_while(store, sleeps, unsent=1) == ASKED_AGAIN + 1


def test_a_call_that_is_given_back_late_can_be_leased_again(store: str) -> None:
    async def work(admission: Admission) -> None:
        leases = [await admission.lease(operation_of(100)) for _ in range(100)]
        admission.give_back(leases[0])
        assert await admission.lease(operation_of(100))
        for lease in leases:
            admission.sent(lease)

    in_a_process(store, work)
    assert counts(store) == {(FIRST, "2026-03-10"): 100}


def test_trouble_with_the_calls_of_one_operation_keeps_none_of_another_from_being_given_back(store: str) -> None:
    async def work(admission: Admission) -> None:
        for name in ("areaBasedList2", "ldongCode2"):
            await send(admission, operation_of(1000, name))
        with psycopg.connect(store) as connection:
            connection.execute("DELETE FROM ops.api_calls_daily WHERE operation = 'areaBasedList2'")

    with pytest.raises(LedgerError):
        in_a_process(store, work)
    assert counts(store) == {(FIRST, "2026-03-10"): 1}
