"""Many calls of one client at once, as many as its keys bear."""

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable, Iterable
from typing import TypeVar

from weatherflick_assets.upstream.errors import UpstreamError

T = TypeVar("T")


async def work_through(items: Iterable[T], do: Callable[[T], Awaitable[None]], *, workers: int) -> UpstreamError | None:
    """Do something for each item in order, several at once. The first error ends it; what is under way is waited for.

    Calls in flight when another fails count against the quota already, so their answers are wanted.

    Returns:
        The error of the upstream that ended it; None if everything was done.

    Raises:
        Exception: an error that is not the upstream's.
    """
    left = iter(items)

    async def work() -> None:
        try:
            for item in left:
                await do(item)
        finally:
            deque(left, maxlen=0)  # after an error, no worker takes another item

    outcomes = await asyncio.gather(*(work() for _ in range(workers)), return_exceptions=True)
    errors = [outcome for outcome in outcomes if isinstance(outcome, BaseException)]
    for error in errors:
        if not isinstance(error, UpstreamError):
            raise error
    return next((error for error in errors if isinstance(error, UpstreamError)), None)
