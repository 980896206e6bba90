"""An interrupt is noticed whoever takes it over, and termination is taken for one."""

import os
import signal
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from weatherflick_assets.cli.interruption import interrupts_noticed, termination_as_interrupt

NUMBERS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


@contextmanager
def taken_over(number: signal.Signals) -> Iterator[None]:
    """As Dagster does while it executes a run: the signal is taken, and nothing comes of it."""
    before = signal.signal(number, lambda *_: None)
    try:
        yield
    finally:
        signal.signal(number, before)


@pytest.mark.parametrize("number", NUMBERS)
def test_an_interrupt_that_something_else_took_over_is_noticed_once(number: signal.Signals) -> None:
    with interrupts_noticed() as check:
        check()
        with taken_over(number):
            os.kill(os.getpid(), number)
        with pytest.raises(KeyboardInterrupt):
            check()
        check()


def test_another_signal_is_no_interrupt() -> None:
    with interrupts_noticed() as check, taken_over(signal.SIGUSR1):
        os.kill(os.getpid(), signal.SIGUSR1)
        check()


@pytest.mark.parametrize("number", NUMBERS)
def test_termination_is_an_interrupt_until_the_context_is_left(number: signal.Signals) -> None:
    before = signal.getsignal(number)
    with termination_as_interrupt(), pytest.raises(KeyboardInterrupt):
        os.kill(os.getpid(), number)
    assert signal.getsignal(number) is before
