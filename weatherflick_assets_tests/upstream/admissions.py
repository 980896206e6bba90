"""A model of processes that ask for leases and of an upstream that counts their calls, for Hypothesis to drive.

The upstream counts by a clock of its own, a few seconds off ours. What a process may know of a key is written down here as
simply as possible; what it does with that is the admission's business and is only judged: was this key usable, was this
error justified, was nothing lost?
"""

import asyncio
from collections import Counter
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from typing import ClassVar

import psycopg
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule
from pydantic import SecretStr

from weatherflick_assets.places.kto import KTO, OPERATION_BY_NAME
from weatherflick_assets.settings import KST
from weatherflick_assets.upstream.admission import Admission, KeyLease
from weatherflick_assets.upstream.api_keys import KeyRing
from weatherflick_assets.upstream.declarations import Operation, Period, Quota
from weatherflick_assets.upstream.errors import ExhaustedError, RefusedKeyError, ThrottledError
from weatherflick_assets.upstream.quota import Meter, charged_days, closures
from weatherflick_assets.upstream.quota_ledger import QuotaLedger
from weatherflick_assets_tests.upstream.clocks import SetClock, hurrying

MOST_PROCESSES = 3
_ROWS = "SELECT api_key_id, operation, day, daily_limit, reserved, used, refused, closed_until FROM ops.api_calls_daily"

# What the database does for a process that was cancelled, it may do at any time, and give back before the model looks again.
_REMEMBER = """
CREATE TABLE ops.once_spent (api_key_id text, operation text, day date, PRIMARY KEY (api_key_id, operation, day));
CREATE FUNCTION ops.remember_spent() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO ops.once_spent VALUES (NEW.api_key_id, NEW.operation, NEW.day) ON CONFLICT DO NOTHING;
    RETURN NULL;
END $$;
CREATE TRIGGER remember_spent AFTER UPDATE ON ops.api_calls_daily
FOR EACH ROW WHEN (NEW.reserved >= NEW.daily_limit) EXECUTE FUNCTION ops.remember_spent();
"""

Counter_ = tuple[str, str, date]
"""Key, operation and first day of the period."""


@dataclass
class Row:
    """A row of the ledger."""

    limit: int
    reserved: int
    used: int
    refused: int
    closed_until: datetime | None


@dataclass
class Process:
    """A process and what it has been told.

    Attributes:
        refused: key to when it is tried again.
        resting: key to when its rest is over.
        spent: key and operation to when the upstream is believed no longer that nothing is left.
    """

    runner: asyncio.Runner
    ledger: QuotaLedger
    admission: Admission
    refused: dict[str, datetime]
    resting: dict[str, datetime] = field(default_factory=dict)
    spent: dict[tuple[str, str], datetime] = field(default_factory=dict)
    leases: list[KeyLease] = field(default_factory=list)

    def give_back(self, lease: KeyLease) -> None:
        """Give a lease back, as a coroutine of the process does."""

        async def give_back() -> None:
            self.admission.give_back(lease)

        self.runner.run(give_back())

    def sent(self, lease: KeyLease) -> None:
        """Send the call of a lease, as a coroutine of the process does."""

        async def send() -> None:
            self.admission.sent(lease)

        self.runner.run(send())

    def may_use(self, key_id: str, operation: str, now: datetime) -> bool:
        """Whether nothing that it was told speaks against the key."""
        told = (self.refused.get(key_id), self.resting.get(key_id), self.spent.get((key_id, operation)))
        return all(until is None or until <= now for until in told)


def remember_what_is_spent(dsn: str) -> None:
    """Let the database keep, in `ops.once_spent`, every counter of which nothing was left at some moment."""
    with psycopg.connect(dsn) as connection:
        connection.execute(_REMEMBER)


class Admissions(RuleBasedStateMachine):
    """Processes over the ledger of a real database, which remembers what is spent."""

    dsn: ClassVar[str]

    @initialize(
        keys=st.integers(1, 4),
        limit=st.sampled_from([2, 5, 100, 200]),
        seconds_off=st.floats(-4, 4),
        started_at=st.timedeltas(timedelta(), timedelta(hours=24)),
    )
    def begin(self, keys: int, limit: int, seconds_off: float, started_at: timedelta) -> None:
        self.clock = SetClock(datetime(2026, 3, 30, tzinfo=KST) + started_at)
        self.runner = hurrying(self.clock)
        self.database = psycopg.connect(self.dsn, autocommit=True)
        self.database.execute("DELETE FROM ops.api_calls_daily")
        self.database.execute("DELETE FROM ops.once_spent")
        self.database.execute("DELETE FROM ops.api_key_refusals")
        self.ring = KeyRing.of("kto", (SecretStr(f"key-number-{number}") for number in range(keys)))
        self.key_ids = [key.fingerprint for key in self.ring.keys]
        provider = replace(KTO, quota=Quota(limit))
        daily = replace(OPERATION_BY_NAME["areaBasedList2"], provider=provider)
        monthly = replace(OPERATION_BY_NAME["ldongCode2"], provider=provider, own_quota=Quota(limit, Period.MONTH))
        self.operations: list[Operation] = [daily, monthly]
        self.limit = limit
        self.off = timedelta(seconds=seconds_off)
        self.processes: list[Process] = []
        self.counted: Counter[Counter_] = Counter()
        self.sent: Counter[Counter_] = Counter()
        self.not_served: Counter[Counter_] = Counter()
        self.any_killed = False
        self.elsewhere = self.runner.run(QuotaLedger(self.dsn).__aenter__())

    # What happens

    @precondition(lambda self: len(self.processes) < MOST_PROCESSES)
    @rule()
    def start(self) -> None:
        runner = hurrying(self.clock)

        async def start() -> Process:
            ledger = await QuotaLedger(self.dsn).__aenter__()
            admission = Admission(self.ring, ledger, self.clock)
            await admission.open()
            refusals = await ledger.refusals("kto", self.clock())
            return Process(runner, ledger, admission, {key_id: one.refused_until for key_id, one in refusals.items()})

        self.processes.append(runner.run(start()))

    @precondition(lambda self: self.processes)
    @rule(which=st.integers(0, 5), monthly=st.booleans(), calls=st.integers(1, 4), waits=st.booleans())
    def ask(self, which: int, calls: int, *, monthly: bool, waits: bool) -> None:
        """Ask for leases at the same time; where there is none, perhaps wait as the error says and ask once more."""
        process, operation = self._process(which), self.operations[monthly]

        async def ask() -> list[datetime | None]:
            return await asyncio.gather(*(self._ask(process, operation) for _ in range(calls)))

        resumptions = [at for at in process.runner.run(ask()) if at is not None]
        if resumptions and waits:
            self.clock.at = max(self.clock.at, *resumptions)
            process.runner.run(ask())

    @precondition(lambda self: self.processes)
    @rule(which=st.integers(0, 5), monthly=st.booleans(), steps=st.integers(0, 12))
    def ask_and_be_cancelled(self, which: int, steps: int, *, monthly: bool) -> None:
        process, operation = self._process(which), self.operations[monthly]

        async def ask() -> None:
            asking = asyncio.ensure_future(self._ask(process, operation))
            for _ in range(steps):
                await asyncio.sleep(0)
            asking.cancel()
            await asyncio.gather(asking, return_exceptions=True)
            assert asking.cancelled() or asking.exception() is None

        process.runner.run(ask())

    @rule(
        which=st.integers(0, 50),
        answer=st.sampled_from(["served", "served", "time-out", "content error", "22", "23", "30", "31"]),
        asked_to_wait=st.sampled_from([None, 0.2, 5.0, 3600.0]),
    )
    def send(self, which: int, answer: str, asked_to_wait: float | None) -> None:
        # No precondition: whether there is a lease can depend on when the database answers, and examples must not.
        if (found := self._a_lease(which)) is None:
            return
        process, lease = found
        key_id, meter, now = lease.key.fingerprint, lease.meter, self.clock()
        if not process.admission.is_current(lease):
            process.give_back(lease)
            return
        assert process.may_use(key_id, meter.name, now)
        process.sent(lease)
        self._count(key_id, meter)
        if not answer.isdigit():
            return
        for day in charged_days(meter.quota, now):
            self.not_served[key_id, meter.name, day] += 1
        match answer:
            case "22":
                process.runner.run(process.admission.spent(lease))
                process.spent[key_id, meter.name] = max(closures(meter.quota, now).values())
            case "23":
                process.admission.throttled(lease, ThrottledError("x", code="23", retry_after=asked_to_wait))
                rest = timedelta(seconds=min(max(asked_to_wait or 0, 1), 30))
                process.resting[key_id] = max(now + rest, process.resting.get(key_id, now))
            case code:
                process.runner.run(process.admission.refused(lease, RefusedKeyError("It is not accepted.", code=code)))
                process.refused[key_id] = now + timedelta(minutes={"30": 15, "31": 60}[code])

    @rule(which=st.integers(0, 50))
    def give_back(self, which: int) -> None:
        if (found := self._a_lease(which)) is not None:
            process, lease = found
            process.give_back(lease)

    @rule(key=st.integers(0, 3), monthly=st.booleans(), but=st.integers(0, 5))
    def others_call(self, key: int, but: int, *, monthly: bool) -> None:
        """Another program on this ledger calls until only a few are left."""
        key_id, meter = self.key_ids[key % len(self.key_ids)], Meter.of(self.operations[monthly])
        days = charged_days(meter.quota, self.clock())
        reserved = max(
            (row.reserved for found, row in self._rows().items() if self._is_of(found, key_id, meter, days)), default=0
        )
        if (wanted := self.limit - but - reserved) <= 0:
            return

        async def call() -> int:
            taken = await self.elsewhere.take(meter, [key_id], days, calls=wanted, now=self.clock())
            granted = taken[key_id].granted
            await self.elsewhere.settle(meter, key_id, days, unused=0, used=granted, refused=0)
            return granted

        for _ in range(self.runner.run(call())):
            self._count(key_id, meter)

    @rule(
        time=st.timedeltas(timedelta(), timedelta(seconds=3))
        | st.timedeltas(timedelta(), timedelta(minutes=20))
        | st.timedeltas(timedelta(), timedelta(hours=30))
    )
    def time_passes(self, time: timedelta) -> None:
        self.clock.pass_by(time)

    @rule(seconds=st.floats(-8, 8))
    def it_is_almost_midnight(self, seconds: float) -> None:
        midnight = datetime.combine(self.clock().astimezone(KST).date() + timedelta(days=1), datetime.min.time(), KST)
        self.clock.at = max(self.clock.at, midnight + timedelta(seconds=seconds))

    @precondition(lambda self: self.processes)
    @rule(which=st.integers(0, 5))
    def kill(self, which: int) -> None:
        process = self._process(which)

        async def die() -> None:
            under_way = asyncio.all_tasks() - {asyncio.current_task()}
            for task in under_way:
                task.cancel()
            await asyncio.gather(*under_way, return_exceptions=True)
            await process.ledger.__aexit__(None, None, None)

        self.processes.remove(process)
        self.any_killed = True
        with process.runner:
            process.runner.run(die())

    @precondition(lambda self: self.processes)
    @rule(which=st.integers(0, 5))
    def close(self, which: int) -> None:
        self._end(self._process(which))

    # What must hold

    @invariant()
    def no_limit_is_exceeded(self) -> None:
        assert all(calls <= self.limit for calls in getattr(self, "counted", {}).values())

    @invariant()
    def every_call_that_was_sent_was_taken_before(self) -> None:
        rows = self._rows()
        assert all(rows[counter].reserved >= calls for counter, calls in getattr(self, "sent", {}).items())
        assert all(row.used <= row.reserved <= self.limit for row in rows.values())

    def teardown(self) -> None:
        if not hasattr(self, "runner"):
            return
        try:
            while self.processes:
                self._end(self.processes[0])
            rows = self._rows()
            if not self.any_killed:
                assert {counter: row.reserved for counter, row in rows.items() if row.reserved} == self.sent
                assert {counter: row.used for counter, row in rows.items() if row.used} == self.sent
                assert {counter: row.refused for counter, row in rows.items() if row.refused} == self.not_served
        finally:
            self.runner.run(self.elsewhere.__aexit__(None, None, None))
            self.runner.close()
            self.database.close()

    async def _ask(self, process: Process, operation: Operation) -> datetime | None:
        """Ask for a lease and judge what comes of it; where there is none, return when there will be."""
        meter = Meter.of(operation)
        try:
            lease = await process.admission.lease(operation)
        except RefusedKeyError as error:
            now, resumes_at = self.clock(), error.resumes_at
            assert all(process.refused.get(key_id, now) > now for key_id in self.key_ids)
            assert resumes_at == min(process.refused.values())
        except ExhaustedError as error:
            now, resumes_at = self.clock(), error.resumes_at
            accepted = [key_id for key_id in self.key_ids if process.refused.get(key_id, now) <= now]
            assert accepted
            assert all(self._is_spent(process, key_id, meter, now) for key_id in accepted)
        else:
            process.leases.append(lease)
            assert process.admission.is_current(lease)
            assert process.may_use(lease.key.fingerprint, meter.name, self.clock())
            return None
        assert resumes_at is not None
        assert resumes_at > now
        return resumes_at

    def _is_spent(self, process: Process, key_id: str, meter: Meter, now: datetime) -> bool:
        """Whether the process was told that nothing is left, or may have found so."""
        days = charged_days(meter.quota, now)
        once_spent = set(self.database.execute("SELECT api_key_id, operation, day FROM ops.once_spent"))
        return process.spent.get((key_id, meter.name), now) > now or any(
            counter in once_spent or (row.closed_until or now) > now
            for counter, row in self._rows().items()
            if self._is_of(counter, key_id, meter, days)
        )

    def _is_of(self, counter: Counter_, key_id: str, meter: Meter, days: tuple[date, ...]) -> bool:
        return counter[:2] == (key_id, meter.name) and counter[2] in days

    def _count(self, key_id: str, meter: Meter) -> None:
        now = self.clock()
        theirs = (now + self.off).astimezone(KST).date()
        day = theirs if meter.quota.period is Period.DAY else theirs.replace(day=1)
        self.counted[key_id, meter.name, day] += 1
        for charged in charged_days(meter.quota, now):
            self.sent[key_id, meter.name, charged] += 1

    def _process(self, which: int) -> Process:
        return self.processes[which % len(self.processes)]

    def _a_lease(self, which: int) -> tuple[Process, KeyLease] | None:
        first = which % max(1, len(self.processes))
        with_one = (process for process in self.processes[first:] + self.processes if process.leases)
        process = next(with_one, None)
        return None if process is None else (process, process.leases.pop(which % len(process.leases)))

    def _end(self, process: Process) -> None:
        async def end() -> None:
            for lease in process.leases:
                process.admission.give_back(lease)
            await process.admission.close()
            await process.ledger.__aexit__(None, None, None)

        self.processes.remove(process)
        with process.runner:
            process.runner.run(end())

    def _rows(self) -> dict[Counter_, Row]:
        if not hasattr(self, "database"):
            return {}
        return {(key_id, operation, day): Row(*rest) for key_id, operation, day, *rest in self.database.execute(_ROWS)}
