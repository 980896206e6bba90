"""How much trouble a run bears: a budget of retries, and for each upstream a breaker that stops calling a dead one.

One budget for all clients and all retry layers of a run. Every good answer pays for part of a retry, so scattered failures
are outlived however many calls there are, while an outage, in which nothing is paid in, uses up what the run began with and
fails fast. The form is that of Finagle's retry budget; a budget fixed beforehand, such as a twentieth of the expected
calls, gives up on a long list of which one call in five fails.
"""

from datetime import datetime, timedelta

from weatherflick_assets.settings import KST, Clock
from weatherflick_assets.upstream.errors import DownError, TransientError

RETRIES_AT_FIRST = 8.0
PAID_IN_BY_A_SUCCESS = 0.5
MOST_RETRIES_SAVED = 32.0

FAILURES_IN_A_ROW = 8
"""So many without an answer in between, and the upstream is taken to be down; more where more calls are under way."""

COOLING_OFF = timedelta(minutes=1)
"""Then nothing is sent for so long; after it one call tries."""


class Breaker:
    """What the last calls to one upstream say about it.

    Args:
        name: the upstream, for messages.
        clock: the time.
        concurrency: calls that may be under way at once: one moment's trouble may fail them all.
    """

    def __init__(self, name: str, clock: Clock, *, concurrency: int) -> None:
        self._name = name
        self._clock = clock
        self._bears = max(FAILURES_IN_A_ROW, concurrency + 1)
        self._failures_in_a_row = 0
        self._open_until: datetime | None = None
        self._reason = ""

    @property
    def is_open(self) -> bool:
        """Whether the upstream is taken to be down."""
        return self._open_until is not None

    def check(self) -> None:
        """Make sure that the upstream is not known to be down.

        Raises:
            DownError: it is; after `resumes_at` one call gets through to see.
        """
        if self._open_until is None:
            return
        now = self._clock()
        if now >= self._open_until:
            self._open_until = now + COOLING_OFF  # for everybody but the one that tries
            return
        message = (
            f"{self._name} is down: {self._failures_in_a_row} calls in a row failed, the last one so: {self._reason} "
            f"Nothing is sent before {self._open_until.astimezone(KST):%H:%M:%S} KST. What was collected is kept; "
            "run it again later."
        )
        raise DownError(message, code="down", resumes_at=self._open_until)

    def answered(self) -> None:
        """The upstream said something, be it that the call is wrong or the key refused: it is not down."""
        self._failures_in_a_row = 0
        self._open_until = None

    def failed(self, error: TransientError) -> None:
        """The upstream or the way to it was in trouble."""
        self._failures_in_a_row += 1
        self._reason = str(error)
        if self._failures_in_a_row >= self._bears and self._open_until is None:
            self._open_until = self._clock() + COOLING_OFF


class Patience:
    """What one run has left of retries, and the breakers of the upstreams that it calls.

    Attributes:
        retries: how often something was sent again.
    """

    def __init__(self, clock: Clock) -> None:
        self.retries = 0
        self._clock = clock
        self._saved = RETRIES_AT_FIRST
        self._breakers: dict[str, Breaker] = {}

    def breaker(self, name: str, *, concurrency: int) -> Breaker:
        """The breaker of an upstream, the same for all clients of the run."""
        return self._breakers.setdefault(name, Breaker(name, self._clock, concurrency=concurrency))

    def succeeded(self) -> None:
        """A good answer came."""
        self._saved = min(self._saved + PAID_IN_BY_A_SUCCESS, MOST_RETRIES_SAVED)

    @property
    def is_spent(self) -> bool:
        """Whether nothing may be sent again for the time being."""
        return self._saved < 1

    def retry(self) -> None:
        """Something is sent again because of trouble."""
        self.retries += 1
        self._saved -= 1
