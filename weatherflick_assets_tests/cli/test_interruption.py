"""An interrupt is noticed whoever takes it over, and termination is taken for one."""

import asyncio
import gc
import logging
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from weatherflick_assets.cli.interruption import interrupts_noticed, termination_as_interrupt, without_tracebacks_of

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


async def broken_off() -> None:
    """A task that an interrupt breaks off, and that fails at what it still had to do."""

    async def task() -> None:
        try:
            signal.raise_signal(signal.SIGINT)
        except KeyboardInterrupt:
            raise RuntimeError("Session is closed")  # noqa: B904 - as it comes from a library

    await asyncio.wait([asyncio.create_task(task())])


def interrupted_loop() -> None:
    """A loop with such a task, after which nobody looks."""
    asyncio.run(broken_off())
    gc.collect()


def test_tasks_that_an_interrupt_breaks_off_print_no_traceback_and_other_errors_do(
    caplog: pytest.LogCaptureFixture,
) -> None:
    with termination_as_interrupt():
        with without_tracebacks_of((KeyboardInterrupt,)):
            interrupted_loop()
            logging.getLogger("asyncio").error("A fault", exc_info=RuntimeError("of our own"))
        told = [record.message for record in caplog.records]
        interrupted_loop()
    assert told == ["A fault"]
    assert len(caplog.records) > 1, "without it there is one"


@pytest.mark.fault("Newcomers", "Ctrl-C ends a command", "it says so, and what is kept")
def test_a_command_that_is_interrupted_says_so() -> None:
    """In a process of its own, because the command makes the process its own."""
    program = (
        "import os, signal, sys; from weatherflick_assets.cli import main;"
        "main.app.command('wait')(lambda: os.kill(os.getpid(), signal.SIGINT));"
        "signal.signal(signal.SIGINT, signal.default_int_handler);"
        "sys.argv = ['weatherflick', 'wait']; main.main()"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (130, "weatherflick: Interrupted. What was collected is kept.\n")
