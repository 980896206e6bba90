"""The rate limiter: no more calls in flight and per second than permitted, across all processes.

The permitted calls in flight of a key are numbered slots. Each slot has its share of the calls per second. A process
holds slots for a second at a time and then releases them to others, so no call needs a round trip. Slots are kept in
PostgreSQL (`call_slots.py`), so a killed process loses its slots. `rate.py` decides how many there currently are.
"""

import asyncio
import math
import random
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime

from weatherflick_assets.settings import Clock
from weatherflick_assets.upstream.call_slots import CallSlots
from weatherflick_assets.upstream.declarations import RateLimit
from weatherflick_assets.upstream.finishing import Finishing
from weatherflick_assets.upstream.rate import Learnt, lowered, permitted

HOLD_SECONDS = 1.0
"""How long a process holds a slot before others may take it."""

SLACK = 0.98
"""Calls are sent a little more slowly than permitted, because their distances change on the way."""

CATCH_UP_SECONDS = 0.005
"""The most by which a late call may shorten the distance to the next one."""


@dataclass(frozen=True)
class Slot:
    """A slot that this process holds since a time of the event loop's clock; its calls use it one after another."""

    number: int
    held_since: float


@dataclass(frozen=True)
class Permit:
    """The right to send one call now. Calls in flight include it, and those of other processes as last seen."""

    number: int
    sent_at: datetime
    in_flight: int


class RateLimiter:
    """The rate limiter of one host and key in this process."""

    def __init__(self, host: str, key_id: str, declared: RateLimit, slots: CallSlots, clock: Clock) -> None:
        self._host = host
        self._key_id = key_id
        self._declared = declared
        self._slots = slots
        self._clock = clock
        self._learnt: Learnt | None = None
        self._free: list[Slot] = []
        self._held: dict[int, Slot] = {}
        self._in_flight = 0
        self._changed = asyncio.Condition()
        self._asked_at = -math.inf
        self._next_at = -math.inf
        self._elsewhere = 0
        self._leaving = Finishing()

    @asynccontextmanager
    async def permit(self) -> AsyncIterator[Permit]:
        """Wait for a free slot and for the distance to the previous call; send the call inside the context."""
        slot = await self._take()
        try:
            await self._keep_distance()
            self._in_flight += 1
            try:
                yield Permit(slot.number, self._clock(), self._in_flight + self._elsewhere)
            finally:
                self._in_flight -= 1
        finally:
            is_over = asyncio.get_running_loop().time() >= slot.held_since + HOLD_SECONDS
            await self._leaving.finish(self._leave(slot, is_over=is_over))

    async def slow_down(self, permit: Permit) -> None:
        """Lower the limit: a call was refused as one too many."""
        known = await self._recall()
        self._learnt = lowered(
            self._declared, known, sent_at=permit.sent_at, in_flight=permit.in_flight, now=self._clock()
        )
        if self._learnt != known:
            await self._slots.learn(self._host, self._key_id, self._learnt)

    async def close(self) -> None:
        """Release every slot."""
        held, self._held, self._free = list(self._held), {}, []
        await self._leaving.wait()
        if held:
            await self._slots.release(self._host, self._key_id, held)

    async def _take(self) -> Slot:
        async with self._changed:
            try:
                while not (permitted := [slot for slot in self._free if self._is_permitted(slot)]):
                    if self._may_ask():
                        await self._ask()
                    else:
                        await self._changed.wait()
            except BaseException:
                self._changed.notify()  # what woke this caller is for the next one
                raise
            self._free.remove(permitted[-1])
            return permitted[-1]

    def _is_permitted(self, slot: Slot) -> bool:
        return slot.number <= self._permitted().in_flight

    def _wanted(self) -> list[int]:
        return [number for number in range(1, self._permitted().in_flight + 1) if number not in self._held]

    def _may_ask(self) -> bool:
        if not self._held:
            return True
        is_time = asyncio.get_running_loop().time() >= self._asked_at + HOLD_SECONDS
        return is_time and bool(self._wanted())

    async def _recall(self) -> Learnt | None:
        """What all processes have learnt. What this one learnt last may not have reached the database yet."""
        known = await self._slots.learnt(self._host, self._key_id)
        if self._learnt is None or (known and known.lowered_at > self._learnt.lowered_at):
            self._learnt = known
        return self._learnt

    async def _ask(self) -> None:
        await self._recall()
        wanted = self._wanted()
        got = await self._slots.try_hold(self._host, self._key_id, wanted)
        if not got and not self._held:
            number = random.choice(wanted)  # noqa: S311 - spreads the waiting, no secret
            await self._slots.wait_to_hold(self._host, self._key_id, number)
            got = [number]
        now = asyncio.get_running_loop().time()
        self._asked_at = now
        self._elsewhere = len(wanted) - len(got)
        for number in got:
            slot = Slot(number, now)
            self._held[number] = slot
            self._free.append(slot)
            asyncio.get_running_loop().call_later(HOLD_SECONDS, self._expire, slot)
        if self._elsewhere or self._next_at == -math.inf:
            # The previous holder may have just sent its whole share, and earlier calls may be planned closer together.
            self._next_at = max(self._next_at, now) + self._distance()

    async def _keep_distance(self) -> None:
        loop = asyncio.get_running_loop()
        planned = max(self._next_at, loop.time())
        self._next_at = planned + self._distance()
        if (wait := planned - loop.time()) > 0:
            await asyncio.sleep(wait)
        late = loop.time() - planned
        self._next_at += max(0.0, late - CATCH_UP_SECONDS)

    def _distance(self) -> float:
        """Seconds between two calls of this process, from its share of the slots."""
        pace, held = self._permitted(), max(1, len(self._held))
        calls = pace.per_second * min(1.0, held / pace.in_flight)
        if held < pace.in_flight:
            # In some seconds each of several processes sends one call more than its share.
            calls = max(math.floor(calls) - 1, calls / 2)
        return 1 / (calls * SLACK)

    async def _leave(self, slot: Slot, *, is_over: bool) -> None:
        async with self._changed:
            if slot.number not in self._held:
                return  # closed in the meantime
            self._changed.notify()
            if is_over or not self._is_permitted(slot):
                await self._give_up(slot)
            else:
                self._free.append(slot)

    def _expire(self, slot: Slot) -> None:
        """Release a slot that is unused when its time is over, without waiting for the next call."""
        if slot in self._free:
            self._free.remove(slot)
            self._leaving.start(self._leave(slot, is_over=True))

    async def _give_up(self, slot: Slot) -> None:
        del self._held[slot.number]
        self._asked_at = -math.inf
        await self._slots.release(self._host, self._key_id, [slot.number])

    def _permitted(self) -> RateLimit:
        return permitted(self._declared, self._learnt, self._clock())
