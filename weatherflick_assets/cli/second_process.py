"""A second process that executes runs in parallel: a single process leaves half of two processors idle.

It reads the runs to execute from standard input, one per line, and writes one line per result. Its input ends when no
more runs follow, or when the command is interrupted or killed. It then interrupts its run and ends, so it never
outlives the command.
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
from weatherflick_assets.settings import environment_of_a_child

_END_SECONDS = 60


class SecondProcess:
    """The other process, which executes one run at a time."""

    def __init__(self, process: "subprocess.Popen[str]") -> None:
        self._process = process
        self._ends = False

    @property
    def is_there(self) -> bool:
        """Whether it can execute another run."""
        return self._process.poll() is None

    def run(self, order: Order) -> RunResult:
        """Have a run executed, and wait for its end. If the process ends first, the run has failed.

        Raises:
            KeyboardInterrupt: the process was told to end before the run had ended.
        """
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
        code = self._process.wait()
        if self._ends:
            raise KeyboardInterrupt
        reason = "was killed; most often memory ran out" if code == -signal.SIGKILL else f"ended with code {code}"
        problem = f"The process that executed the run {reason}. What was collected is kept; run it again."
        return RunResult(
            *order.key,
            Outcome.FAILED,
            duration_s=round(time.monotonic() - started, 2),
            problems=[problem],
            failure_kinds=["unexpected"],
        )

    def end(self) -> None:
        """Have it interrupt its run, and wait for it to end."""
        self._ends = True
        assert self._process.stdin is not None
        with suppress(BrokenPipeError):
            self._process.stdin.close()
        try:
            self._process.wait(_END_SECONDS)
        except subprocess.TimeoutExpired:
            self._process.kill()


@contextmanager
def second_process(command: str) -> Iterator[SecondProcess]:
    """Start the process for the command with the lease of this name. It imports its libraries in the background, and ends with the context."""
    with subprocess.Popen(
        [sys.executable, "-m", "weatherflick_assets.cli.second_process", command],
        env=environment_of_a_child(with_settings=True),
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        # Only the command handles Ctrl-C; this process ends when the command does.
        start_new_session=True,
    ) as process:
        second = SecondProcess(process)
        try:
            yield second
        finally:
            second.end()


def _serve(command: str, results: IO[str]) -> None:
    """Execute the requested runs of a command until no more can come."""
    orders: queue.SimpleQueue[str] = queue.SimpleQueue()

    def read() -> None:
        for line in sys.stdin:
            orders.put(line)
        os.kill(os.getpid(), signal.SIGINT)

    with launching(command) as launcher:
        threading.Thread(target=read, daemon=True).start()
        while True:
            result = launcher.run(Order(**json.loads(orders.get())))
            results.write(f"{json.dumps(asdict(result))}\n")
            results.flush()


if __name__ == "__main__":
    # The pipe carries results only; whatever a run prints goes to standard error.
    with os.fdopen(os.dup(1), "w") as pipe, suppress(KeyboardInterrupt, BrokenPipeError):
        os.dup2(2, 1)
        _serve(sys.argv[1], pipe)
