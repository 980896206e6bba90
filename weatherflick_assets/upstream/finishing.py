"""Work that is finished even when whoever waits for it is cancelled: half of it done would lose calls or slots."""

import asyncio
from collections.abc import Coroutine
from typing import Any, TypeVar

T = TypeVar("T")


class Finishing:
    """Such work of one owner, who waits for what is left of it before closing."""

    def __init__(self) -> None:
        self._under_way: set[asyncio.Task[None]] = set()

    def start(self, work: Coroutine[Any, Any, None]) -> asyncio.Task[None]:
        """Begin `work`, for which nobody has to wait."""
        task = asyncio.ensure_future(work)
        self._under_way.add(task)
        task.add_done_callback(self._under_way.discard)
        return task

    async def finish(self, work: Coroutine[Any, Any, None]) -> None:
        """Wait for `work`, which goes on should the waiting be cancelled."""
        await asyncio.shield(self.start(work))

    async def wait(self) -> None:
        """Wait until nothing is under way."""
        while self._under_way:
            await asyncio.gather(*self._under_way)


async def to_its_end(work: Coroutine[Any, Any, T]) -> T:
    """The result of what must not stop half-way: cancelling waits for it."""
    task = asyncio.ensure_future(work)
    try:
        return await asyncio.shield(task)
    except asyncio.CancelledError:
        await task
        raise
