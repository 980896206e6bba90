"""A circuit breaker: after many failures in a row nothing is sent to an upstream for a while; then one call tries."""

from datetime import datetime, timedelta

from weatherflick_assets.settings import KST, Clock
from weatherflick_assets.upstream.errors import DownError, TransientError

FAILURES_IN_A_ROW = 8
"""An upstream counts as down after this many consecutive failures, or more if more calls are in flight."""

COOLING_OFF = timedelta(minutes=1)
"""How long nothing is sent to an upstream that is down."""


class CircuitBreaker:
    """What the latest calls to one upstream say about it.

    Args:
        name: the upstream, for messages.
        clock: the time.
        concurrency: calls that may be in flight at once: one bad moment may fail them all.
    """

    def __init__(self, name: str, clock: Clock, *, concurrency: int) -> None:
        self._name = name
        self._clock = clock
        self._threshold = max(FAILURES_IN_A_ROW, concurrency + 1)
        self._failures_in_a_row = 0
        self._open_until: datetime | None = None
        self._reason = ""

    @property
    def is_open(self) -> bool:
        """Whether the upstream counts as down."""
        return self._open_until is not None

    def check(self) -> None:
        """Raise DownError if the upstream counts as down. After its `resumes_at` one call is let through."""
        if self._open_until is None:
            return
        now = self._clock()
        if now >= self._open_until:
            self._open_until = now + COOLING_OFF  # for every call but this one
            return
        message = (
            f"{self._name} is down: {self._failures_in_a_row} calls in a row failed, the last one so: {self._reason} "
            f"Nothing is sent before {self._open_until.astimezone(KST):%H:%M:%S} KST. What was collected is kept; "
            "run it again later."
        )
        raise DownError(message, code="down", resumes_at=self._open_until)

    def answered(self) -> None:
        """Close: the upstream answered, even if only to reject the call or the key."""
        self._failures_in_a_row = 0
        self._open_until = None

    def failed(self, error: TransientError) -> None:
        """Count a failure of the upstream or of the way to it."""
        self._failures_in_a_row += 1
        self._reason = str(error)
        if self._failures_in_a_row >= self._threshold and self._open_until is None:
            self._open_until = self._clock() + COOLING_OFF
