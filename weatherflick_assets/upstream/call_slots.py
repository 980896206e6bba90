"""The slots that processes hold while they call, as advisory locks of PostgreSQL, and what the upstreams' refusals taught.

A lock belongs to a connection, so a process that is killed loses its slots at once; a lock that is waited for goes to who
waited longest. The connection must therefore be the process's own: a pooler that lends sessions per statement won't do.
"""

import asyncio
import hashlib
from collections.abc import AsyncIterator, Collection
from contextlib import AsyncExitStack, asynccontextmanager
from types import TracebackType
from typing import Self

import psycopg

from weatherflick_assets.upstream.declarations import Pace
from weatherflick_assets.upstream.rate import Learnt

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
    """Slots and lessons. Use it as an asynchronous context manager; leaving it frees every slot.

    Each key has a connection of its own, as waiting for a lock keeps a connection busy; the lessons have another.
    """

    def __init__(self, dsn: str) -> None:
        self._dsn = dsn
        self._connections: dict[int | None, psycopg.AsyncConnection] = {}
        self._locks: dict[int | None, asyncio.Lock] = {}
        self._open = AsyncExitStack()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        await self._open.aclose()

    async def try_hold(self, host: str, key_id: str, numbers: Collection[int]) -> list[int]:
        """Hold those of the slots that nobody holds."""
        lane = _lane(host, key_id)
        async with self._nothing_by_halves(lane, numbers):
            return [number for (number,) in await self._execute(lane, _TRY, (sorted(numbers), lane))]

    async def wait_to_hold(self, host: str, key_id: str, number: int) -> None:
        """Hold a slot once it is free; who waits longer gets it first."""
        lane = _lane(host, key_id)
        async with self._nothing_by_halves(lane, [number]):
            await self._execute(lane, _WAIT, (lane, number))

    async def release(self, host: str, key_id: str, numbers: Collection[int]) -> None:
        """Let others have slots."""
        lane = _lane(host, key_id)
        await self._execute(lane, _RELEASE, (lane, sorted(numbers)))

    async def learnt(self, host: str, key_id: str) -> Learnt | None:
        """What refusals have taught about the host and the key."""
        rows = await self._execute(None, _LEARNT, (host, key_id))
        return next((Learnt(Pace(*row[0:2]), Pace(*row[2:4]), row[4], row[5]) for row in rows), None)

    async def learn(self, host: str, key_id: str, learnt: Learnt) -> None:
        """Remember it for everybody; of two lessons the later one counts."""
        left, most = learnt.left, learnt.most
        figures = (left.in_flight, left.per_second, most.in_flight, most.per_second)
        await self._execute(None, _LEARN, (host, key_id, *figures, learnt.lowered_at, learnt.times_lowered))

    @asynccontextmanager
    async def _nothing_by_halves(self, lane: int, numbers: Collection[int]) -> AsyncIterator[None]:
        """Who is cancelled while asking for slots may have been given some, of which nobody would know."""
        try:
            yield
        except asyncio.CancelledError:
            if lane in self._connections and not self._connections[lane].closed:
                await self._execute(lane, _RELEASE, (lane, sorted(numbers)))
            raise

    async def _execute(self, lane: int | None, statement: str, parameters: tuple) -> list[tuple]:
        async with self._locks.setdefault(lane, asyncio.Lock()):
            if lane not in self._connections:
                connection = await psycopg.AsyncConnection.connect(self._dsn, autocommit=True)
                self._open.push_async_callback(connection.close)
                self._connections[lane] = connection
            cursor = await self._connections[lane].execute(statement, parameters)  # type: ignore[arg-type]
            return await cursor.fetchall() if cursor.description else []


def _lane(host: str, key_id: str) -> int:
    """The number that stands for a host and a key in lock names: four bytes of a hash, signed."""
    return int.from_bytes(hashlib.sha256(f"{host} {key_id}".encode()).digest()[:4], signed=True)
