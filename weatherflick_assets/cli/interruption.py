"""Ctrl-C and termination requests: handled alike, and never lost.

While Dagster executes a run, it handles interrupts itself. An interrupt during a step fails the run, and a command
would then continue with the next run. An interrupt between two steps is forgotten.
"""

import logging
import os
import signal
import sys
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


@contextmanager
def without_tracebacks_of(interrupts: tuple[type[BaseException], ...]) -> Iterator[None]:
    """Keep silent about what breaks off because of an interrupt.

    Dagster raises interrupts in the middle of the event loop of a step. The tasks and generators of the loop are then closed wherever
    they are, and asyncio would print a traceback of each.
    """

    def follows_interrupt(error: BaseException | None) -> bool:
        while error is not None and not isinstance(error, interrupts):
            error = error.__cause__ or error.__context__
        return error is not None

    def is_news(record: logging.LogRecord) -> bool:
        return not (record.exc_info and follows_interrupt(record.exc_info[1]))

    def report(unraisable: "sys.UnraisableHookArgs") -> None:
        if not follows_interrupt(unraisable.exc_value):
            before(unraisable)

    before, sys.unraisablehook = sys.unraisablehook, report
    loops = logging.getLogger("asyncio")
    loops.addFilter(is_news)
    try:
        yield
    finally:
        loops.removeFilter(is_news)
        sys.unraisablehook = before
