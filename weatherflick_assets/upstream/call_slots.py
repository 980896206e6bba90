"""The slots that processes hold while they call, and the rate limits learnt from the upstreams' refusals.

Slots are PostgreSQL advisory locks. A lock belongs to a connection, so a killed process loses its slots at once. A lock
goes to the process that has waited longest. The process needs its own connection: a pooler that lends connections per
statement does not work.
"""

import asyncio
import hashlib
from collections.abc import AsyncIterator, Collection
from contextlib import AsyncExitStack, asynccontextmanager
from typing import Self

from weatherflick_assets.upstream.declarations import RateLimit
from weatherflick_assets.upstream.rate import Learnt
from weatherflick_assets.warehouse.sessions import Session

_TRY = "SELECT number FROM unnest(%s::int[]) AS number WHERE pg_try_advisory_lock(%s, number)"
_WAIT = "SELECT pg_advisory_lock(%s, %s)"
_RELEASE = "SELECT pg_advisory_unlock(%s, number) FROM unnest(%s::int[]) AS number"

_LEARNT = """
SELECT calls_in_flight, calls_per_second, most_in_flight, most_per_second, lowered_at, times_lowered
FROM ops.api_paces WHERE host = %s AND api_key_id = %s
"""

_LEARN = """
INSERT INTO ops.api_paces AS pace (
    host, api_key_id, calls_in_flight, calls_per_second, most_in_flight, most_per_second, lowered_at, times_lowered
) VALUES (%s, %s, %s, %s, %s, %s, %s, %s)
ON CONFLICT (host, api_key_id) DO UPDATE SET
    calls_in_flight = EXCLUDED.calls_in_flight, calls_per_second = EXCLUDED.calls_per_second,
    most_in_flight = EXCLUDED.most_in_flight, most_per_second = EXCLUDED.most_per_second,
    lowered_at = EXCLUDED.lowered_at, times_lowered = EXCLUDED.times_lowered
WHERE EXCLUDED.lowered_at > pace.lowered_at
"""


class CallSlots:
    """Slots and learnt rates. Use it as an asynchronous context manager; leaving it releases every slot.

    Waiting for a lock keeps a connection busy, so each key has its own connection; learnt rates use another.
    """

    def __init__(self, dsn: str) -> None:
        self._dsn = dsn
        self._sessions: dict[int | None, Session] = {}
        self._opening = asyncio.Lock()
        self._open = AsyncExitStack()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._open.aclose()

    async def try_hold(self, host: str, key_id: str, numbers: Collection[int]) -> list[int]:
        """Take the slots among these that nobody holds, and return them."""
        lane = _lane(host, key_id)
        async with self._releasing_on_cancellation(lane, numbers):
            return [number for (number,) in await self._execute(lane, _TRY, (sorted(numbers), lane))]

    async def wait_to_hold(self, host: str, key_id: str, number: int) -> None:
        """Take a slot once it is free; the longest waiting caller gets it first."""
        lane = _lane(host, key_id)
        async with self._releasing_on_cancellation(lane, [number]):
            await self._execute(lane, _WAIT, (lane, number))

    async def release(self, host: str, key_id: str, numbers: Collection[int]) -> None:
        """Release slots."""
        lane = _lane(host, key_id)
        await self._execute(lane, _RELEASE, (lane, sorted(numbers)))

    async def learnt(self, host: str, key_id: str) -> Learnt | None:
        """What refusals have taught about a key at a host; None if there were none."""
        rows = await self._execute(None, _LEARNT, (host, key_id))
        return next((Learnt(RateLimit(*row[0:2]), RateLimit(*row[2:4]), row[4], row[5]) for row in rows), None)

    async def learn(self, host: str, key_id: str, learnt: Learnt) -> None:
        """Record it for all processes; the latest record counts."""
        left, most = learnt.left, learnt.most
        figures = (left.in_flight, left.per_second, most.in_flight, most.per_second)
        await self._execute(None, _LEARN, (host, key_id, *figures, learnt.lowered_at, learnt.times_lowered))

    @asynccontextmanager
    async def _releasing_on_cancellation(self, lane: int, numbers: Collection[int]) -> AsyncIterator[None]:
        """Release what a cancelled caller may have got while it asked: nobody else would release it."""
        try:
            yield
        except asyncio.CancelledError:
            if lane in self._sessions and not self._sessions[lane].connection.closed:
                await self._execute(lane, _RELEASE, (lane, sorted(numbers)))
            raise

    async def _execute(self, lane: int | None, statement: str, parameters: tuple) -> list[tuple]:
        async with self._opening:
            if lane not in self._sessions:
                self._sessions[lane] = await self._open.enter_async_context(Session(self._dsn, autocommit=True))
        return await self._sessions[lane].rows(statement, parameters)


def _lane(host: str, key_id: str) -> int:
    """The number that stands for a host and a key in lock names: four bytes of a hash, signed."""
    return int.from_bytes(hashlib.sha256(f"{host} {key_id}".encode()).digest()[:4], signed=True)
