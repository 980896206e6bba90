"""Ctrl-C and the request to terminate: taken alike, and never lost.

While Dagster executes a run it takes interrupts over. One that comes within a step fails the run, after which a command would
go on with the next; one that comes between two steps is forgotten.
"""

import os
import signal
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress

_NUMBERS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


@contextmanager
def termination_as_interrupt() -> Iterator[None]:
    """Treat SIGTERM and SIGHUP like Ctrl-C, so that the same cleaning up happens.

    Ctrl-C itself is set as well: a shell starts its background jobs with it ignored.
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
    """Gives what raises KeyboardInterrupt if an interrupt has come since, whoever has taken it over."""
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
