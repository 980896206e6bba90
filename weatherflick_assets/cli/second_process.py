"""A second process that executes runs beside the one that the command is: one alone leaves half of two processors idle.

It reads what to run from its standard input, a line each, and answers with a line for each result. When its input ends,
because there is no more to run or because the command was interrupted or killed, it interrupts its run and ends: it never
outlives the command, however that ends.
"""

import json
import os
import queue
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import asdict
from typing import IO

from weatherflick_assets.cli.runs import Order, Outcome, RunResult, launching

_END_SECONDS = 60


class SecondProcess:
    """The other process, of which one run at a time can be asked."""

    def __init__(self, process: "subprocess.Popen[str]") -> None:
        self._process = process

    @property
    def is_there(self) -> bool:
        """Whether it can be asked for another run."""
        return self._process.poll() is None

    def run(self, order: Order) -> RunResult:
        """Have a run executed, and wait for its end; it has failed when the process ends before it."""
        started = time.monotonic()
        requests, results = self._process.stdin, self._process.stdout
        assert requests is not None
        assert results is not None
        with suppress(BrokenPipeError, ValueError):  # it has ended, or its input was closed
            requests.write(f"{json.dumps(asdict(order))}\n")
            requests.flush()
        if line := results.readline():
            result = json.loads(line)
            return RunResult(**{**result, "outcome": Outcome(result["outcome"])})
        problem = (
            f"The process that executed the run ended with code {self._process.wait()}; most often memory ran out. "
            "What was collected is kept; run it again."
        )
        return RunResult(
            *order.key,
            Outcome.FAILED,
            duration_s=round(time.monotonic() - started, 2),
            problems=[problem],
            failure_kinds=["unexpected"],
        )

    def end(self) -> None:
        """Let it interrupt what it does, and wait for its end."""
        assert self._process.stdin is not None
        with suppress(BrokenPipeError):
            self._process.stdin.close()
        try:
            self._process.wait(_END_SECONDS)
        except subprocess.TimeoutExpired:
            self._process.kill()


@contextmanager
def second_process() -> Iterator[SecondProcess]:
    """Start it; it imports what it needs in the background, and ends with the context."""
    with subprocess.Popen(
        [sys.executable, "-m", "weatherflick_assets.cli.second_process"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        # Ctrl-C is for the command, whose end is this process's end.
        start_new_session=True,
    ) as process:
        second = SecondProcess(process)
        try:
            yield second
        finally:
            second.end()


def _serve(results: IO[str]) -> None:
    """Execute what is asked for until nothing more can be."""
    orders: queue.SimpleQueue[str] = queue.SimpleQueue()

    def read() -> None:
        for line in sys.stdin:
            orders.put(line)
        os.kill(os.getpid(), signal.SIGINT)

    with launching(beside=True) as launcher:
        threading.Thread(target=read, daemon=True).start()
        while True:
            result = launcher.run(Order(**json.loads(orders.get())))
            results.write(f"{json.dumps(asdict(result))}\n")
            results.flush()


if __name__ == "__main__":
    # The pipe is for results alone: whatever a run prints goes to standard error.
    with os.fdopen(os.dup(1), "w") as pipe, suppress(KeyboardInterrupt, BrokenPipeError):
        os.dup2(2, 1)
        _serve(pipe)
