"""Ctrl-C and termination requests: handled alike, and never lost.

While Dagster executes a run, it handles interrupts itself. An interrupt during a step fails the run, and a command
would then continue with the next run. An interrupt between two steps is forgotten.
"""

import os
import signal
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress

_NUMBERS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


@contextmanager
def termination_as_interrupt() -> Iterator[None]:
    """Treat SIGTERM and SIGHUP like Ctrl-C, so that the same cleanup happens.

    Ctrl-C is set as well, because a shell starts its background jobs with it ignored.
    """

    def interrupt(_number: int, _frame: object) -> None:
        raise KeyboardInterrupt

    before = {number: signal.signal(number, interrupt) for number in _NUMBERS}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


@contextmanager
def interrupts_noticed() -> Iterator[Callable[[], None]]:
    """Yield a function that raises KeyboardInterrupt if an interrupt has come since, whoever handled it."""
    receiving, sending = os.pipe()
    os.set_blocking(receiving, False)
    os.set_blocking(sending, False)
    before = signal.set_wakeup_fd(sending, warn_on_full_buffer=False)

    def check() -> None:
        with suppress(BlockingIOError):  # none has come
            if set(_NUMBERS).intersection(os.read(receiving, 4096)):
                raise KeyboardInterrupt

    try:
        yield check
    finally:
        signal.set_wakeup_fd(before)
        os.close(receiving)
        os.close(sending)
