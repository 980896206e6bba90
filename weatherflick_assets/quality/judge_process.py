"""Judging in a separate process, which shares only a pair of pipes with other processes.

Great Expectations takes a second and 100 MB to import. No collecting or Dagster process pays for that, and nobody does
if nothing is judged. Rows are judged while the next ones are made. The process receives the suite of every batch, so it
knows no table. It ends when its pipe closes, however its parent ended.

Starting it and its pipes belong here. What runs in it is `judge_server.py`, and `judging.py` decides how rows are judged.
"""

import atexit
import pickle
import subprocess
import sys
import threading
from collections import deque
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager, suppress
from typing import IO, TYPE_CHECKING

from weatherflick_assets.errors import PlatformError
from weatherflick_assets.quality import judge_server
from weatherflick_assets.quality.judge_server import ADD, BEGIN, VERDICT
from weatherflick_assets.quality.rules import GivenValues, Suite
from weatherflick_assets.quality.verdict import Verdict
from weatherflick_assets.settings import environment_of_a_child

if TYPE_CHECKING:
    import pandas as pd


_MOST_QUEUED = 2
"""Messages that may be queued: enough that neither side waits for the other, few enough to keep memory flat."""


class JudgeLostError(PlatformError):
    """The judging process ended before it gave its verdict."""


class JudgementApart:
    """A batch judged in the judging process, with the methods of `judging.Judgement`."""

    def __init__(self, requests: IO[bytes], answers: IO[bytes], lost: Callable[[], JudgeLostError]) -> None:
        self._requests, self._answers = requests, answers
        self._lost = lost
        self._sender = ThreadPoolExecutor(max_workers=1, thread_name_prefix="judge")
        self._queued: deque[Future[None]] = deque()

    def begin(self, suite: Suite, given: GivenValues) -> None:
        """Send the suite to judge by; the judging process forgets every earlier batch."""
        self._send(BEGIN, (suite, dict(given)))

    def add(self, rows: "pd.DataFrame") -> None:
        """Take more rows, which are sent and judged in the background.

        Raises:
            JudgeLostError: the process died; the next judgement starts another.
        """
        self._send(ADD, rows)

    def verdict(self, given: GivenValues | None = None) -> Verdict:
        """Judge all rows received as the whole batch; `given` adds to the values given before.

        Raises:
            JudgeLostError: the process died; the next judgement starts another.
            ValueError: the suite needs a value that is not given.
        """
        self._wait_for_all_but(0)
        try:
            self._write(VERDICT, dict(given or {}))
            outcome = pickle.load(self._answers)  # noqa: S301 - written by our own child
        except BaseException as error:
            # A late answer would be taken for the answer to the next request.
            lost = self._lost()
            if isinstance(error, EOFError | BrokenPipeError | pickle.UnpicklingError):
                raise lost from None
            raise
        if isinstance(outcome, Exception):
            raise outcome
        return outcome

    def end(self) -> None:
        """Wait until every message is sent."""
        self._sender.shutdown()

    def _send(self, what: str, argument: object) -> None:
        self._wait_for_all_but(_MOST_QUEUED - 1)
        self._queued.append(self._sender.submit(self._write, what, argument))

    def _wait_for_all_but(self, most: int) -> None:
        while len(self._queued) > most:
            try:
                self._queued.popleft().result()
            except BrokenPipeError:
                raise self._lost() from None

    def _write(self, what: str, argument: object) -> None:
        # Pickled before anything is written: a value that can't be pickled must not leave half a message behind.
        self._requests.write(pickle.dumps((what, argument), pickle.HIGHEST_PROTOCOL))
        self._requests.flush()


class JudgeProcess:
    """The judging process of this process, started when first needed, or earlier by `start`."""

    def __init__(self) -> None:
        self._one_at_a_time = threading.Lock()
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> bool:
        """Start the process unless it runs; it imports its libraries in the background. Return whether it started."""
        with self._one_at_a_time:
            ran_before = self._process
            return self._running() is not ran_before

    @contextmanager
    def kept(self) -> Iterator[None]:
        """Keep the process, once it is started, for the context. It ends with the context, unless it ran before."""
        ran_before = self._process is not None
        try:
            yield
        finally:
            if not ran_before:
                self.stop()

    @contextmanager
    def judgement(self, suite: Suite, given: GivenValues) -> Iterator[JudgementApart]:
        """A judgement of a batch by `suite`. Others wait until the context ends, with or without a verdict."""
        with self._one_at_a_time:
            process = self._running()
            assert process.stdin is not None
            assert process.stdout is not None
            judgement = JudgementApart(process.stdin, process.stdout, lambda: self._lost(suite))
            try:
                judgement.begin(suite, given)
                yield judgement
            finally:
                judgement.end()

    def stop(self) -> None:
        """End the process if it runs."""
        with self._one_at_a_time:
            self._stop()

    def _running(self) -> "subprocess.Popen[bytes]":
        if self._process is None or self._process.poll() is not None:
            self._stop()
            self._process = subprocess.Popen(
                [sys.executable, "-m", judge_server.__name__],
                env=environment_of_a_child(with_settings=False),
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                # Only the parent handles Ctrl-C; this process ends when the parent does.
                start_new_session=True,
            )
        return self._process

    def _lost(self, suite: Suite) -> JudgeLostError:
        return JudgeLostError(
            f"The process that judges {suite.name} ended with code {self._stop()}; most often memory ran out. "
            "Nothing was published. Run it again."
        )

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
"""The judging process of this process."""

atexit.register(JUDGE.stop)
