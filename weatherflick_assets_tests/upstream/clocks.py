"""A clock that stands until a test moves it, and an event loop on which whoever sleeps moves it."""

import asyncio
from collections.abc import Callable, Coroutine
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, TypeVar

T = TypeVar("T")

_A_SLEEP_SECONDS = 0.5
"""Shorter waits, as those for a database, are real ones."""


@dataclass
class SetClock:
    """Shows the time that it was set to."""

    at: datetime

    def __call__(self) -> datetime:
        return self.at

    def pass_by(self, time: timedelta) -> None:
        """Let time pass."""
        self.at += time


class _HurryingLoop(asyncio.SelectorEventLoop):
    def __init__(self, clock: SetClock) -> None:
        super().__init__()
        self._clock = clock

    def call_later(self, delay: float, callback: Callable[..., object], *args: Any, **options: Any) -> Any:
        if delay < _A_SLEEP_SECONDS:
            return super().call_later(delay, callback, *args, **options)

        def wake_up() -> None:
            self._clock.pass_by(timedelta(seconds=delay))
            callback(*args)

        return super().call_later(0, wake_up, **options)


def hurrying(clock: SetClock) -> asyncio.Runner:
    """Runs coroutines; who of them sleeps lets the time of `clock` pass instead of the test's."""
    return asyncio.Runner(loop_factory=lambda: _HurryingLoop(clock))


def hurry(clock: SetClock, work: Coroutine[Any, Any, T]) -> T:
    """What `work` returns, run so."""
    with hurrying(clock) as runner:
        return runner.run(work)
