"""Work that is finished even if the caller is cancelled: leaving it half done would lose calls or slots."""

import asyncio
from collections.abc import Coroutine
from typing import Any, TypeVar

T = TypeVar("T")


class Finishing:
    """The unfinished work of one owner, who waits for it before closing."""

    def __init__(self) -> None:
        self._tasks: set[asyncio.Task[None]] = set()
        self._errors: list[BaseException] = []

    def start(self, work: Coroutine[Any, Any, None]) -> asyncio.Task[None]:
        """Start `work` without waiting for it; `wait` raises its error."""
        task = asyncio.ensure_future(work)
        self._tasks.add(task)
        task.add_done_callback(self._end)
        return task

    async def finish(self, work: Coroutine[Any, Any, None]) -> None:
        """Wait for `work`, which continues if the waiting is cancelled."""
        task = self.start(work)
        try:
            await asyncio.shield(task)
        except Exception as error:
            self._errors.remove(error)
            raise

    async def wait(self) -> None:
        """Wait until all the work is done, and raise the first error that nobody has met yet."""
        while self._tasks:
            await asyncio.wait(self._tasks)
        if self._errors:
            raise self._errors.pop(0)

    def _end(self, task: asyncio.Task[None]) -> None:
        self._tasks.discard(task)
        if not task.cancelled() and (error := task.exception()) is not None:
            self._errors.append(error)


async def uncancelled(work: Coroutine[Any, Any, T]) -> T:
    """The result of `work`. A cancelled caller waits for it before the cancellation is raised."""
    task = asyncio.ensure_future(work)
    try:
        return await asyncio.shield(task)
    except asyncio.CancelledError:
        await task
        raise
