"""Judging in a process of its own, which every other process shares nothing with but a pair of pipes.

Great Expectations takes seconds and 150 MB to import, and leaves a million objects behind. Apart, no collecting or
Dagster process ever pays for that, and the import runs while the first pages are fetched. What judging is stands in
`judging.py`; here are only the process and the pipes. The process ends when its pipe does, however its parent ended.
"""

import atexit
import copyreg
import os
import pickle
import signal
import subprocess
import sys
import threading
from collections.abc import Mapping
from contextlib import suppress
from types import MappingProxyType
from typing import TYPE_CHECKING

from weatherflick_assets.errors import PlatformError
from weatherflick_assets.quality.suites import SUITES
from weatherflick_assets.quality.verdict import Verdict

if TYPE_CHECKING:
    import pandas as pd


# Verdicts carry their rules, and rules hold read-only mappings, which pickle does not know.
copyreg.pickle(MappingProxyType, lambda mapping: (MappingProxyType, (dict(mapping),)))


class JudgeLostError(PlatformError):
    """The judging process ended before it gave its verdict."""


class JudgeProcess:
    """The judging process of this process: started when it is first needed, or by `start` ahead of that."""

    def __init__(self) -> None:
        self._one_at_a_time = threading.Lock()
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Start the process unless it runs; it imports what it needs in the background."""
        with self._one_at_a_time:
            self._running()

    def judge(self, frame: "pd.DataFrame", table_name: str, *, given: Mapping[str, str | float]) -> Verdict:
        """Judge a batch by the suite of a table, as `judging.judge` does.

        Raises:
            JudgeLostError: the process died; the next call starts another.
            ValueError: the suite needs a value that is not given.
        """
        with self._one_at_a_time:
            process = self._running()
            assert process.stdin is not None
            assert process.stdout is not None
            try:
                pickle.dump((frame, table_name, dict(given)), process.stdin, pickle.HIGHEST_PROTOCOL)
                process.stdin.flush()
                outcome = pickle.load(process.stdout)  # noqa: S301 - written by our own child
            except (EOFError, BrokenPipeError, pickle.UnpicklingError):
                code = self._stop()
                message = (
                    f"The process that judges {table_name} ended with code {code}; most often memory ran out. "
                    "Nothing was published. Run it again."
                )
                raise JudgeLostError(message) from None
        if isinstance(outcome, Exception):
            raise outcome
        return outcome

    def stop(self) -> None:
        """End the process if it runs."""
        with self._one_at_a_time:
            self._stop()

    def _running(self) -> "subprocess.Popen[bytes]":
        if self._process is None or self._process.poll() is not None:
            self._process = subprocess.Popen(
                [sys.executable, "-m", "weatherflick_assets.quality.judge_process"],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                # Ctrl-C is for the parent, whose end is this process's end.
                start_new_session=True,
            )
        return self._process

    def _stop(self) -> int | None:
        process, self._process = self._process, None
        if process is None:
            return None
        for pipe in (process.stdin, process.stdout):
            if pipe is not None:
                with suppress(BrokenPipeError):
                    pipe.close()
        try:
            return process.wait(timeout=5)
        except subprocess.TimeoutExpired:
            process.kill()
            return process.wait()


JUDGE = JudgeProcess()
"""The one of this process."""

atexit.register(JUDGE.stop)


def _serve() -> None:
    """Judge what comes in until nothing more can come."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    # The pipe is for verdicts alone: whatever a library prints goes to standard error.
    verdicts = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)
    from weatherflick_assets.quality.judging import import_great_expectations, judge  # noqa: PLC0415 - pandas, in the child only

    import_great_expectations()
    while True:
        try:
            frame, table_name, given = pickle.load(sys.stdin.buffer)  # noqa: S301 - written by our own parent
        except EOFError:
            return
        try:
            outcome: Verdict | Exception = judge(frame, SUITES[table_name], given=given)
        except Exception as error:  # noqa: BLE001 - it is the parent's to handle
            outcome = error
        pickle.dump(outcome, verdicts, pickle.HIGHEST_PROTOCOL)
        verdicts.flush()


if __name__ == "__main__":
    _serve()
