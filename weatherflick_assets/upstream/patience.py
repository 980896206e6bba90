"""How much trouble a run bears: a budget of retries, and a breaker that stops calling a dead upstream.

One for all clients and all retry layers of a run. Every good answer pays for part of a retry, so scattered failures are
outlived however many calls there are, while an outage, in which nothing is paid in, uses up what the run began with and
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
"""So many without one good answer, and the upstream is taken to be down."""

COOLING_OFF = timedelta(minutes=1)
"""Then nothing is sent for so long; after it one call tries."""


class Patience:
    """The budget and the breaker of one run.

    Attributes:
        retries: how often something was sent again.
    """

    def __init__(self, clock: Clock) -> None:
        self.retries = 0
        self._clock = clock
        self._saved = RETRIES_AT_FIRST
        self._failures_in_a_row = 0
        self._down_until: datetime | None = None
        self._reason = ""

    def check(self, name: str) -> None:
        """Make sure that the upstream is not known to be down.

        Raises:
            DownError: it is; after `resumes_at` one call gets through to see.
        """
        if self._down_until is None:
            return
        now = self._clock()
        if now >= self._down_until:
            self._down_until = now + COOLING_OFF  # for everybody but the one that tries
            return
        message = (
            f"{name} is down: {self._failures_in_a_row} calls in a row failed, the last one so: {self._reason} "
            f"Nothing is sent before {self._down_until.astimezone(KST):%H:%M:%S} KST. What was collected is kept; "
            "run it again later."
        )
        raise DownError(message, code="down", resumes_at=self._down_until)

    def answered(self) -> None:
        """The upstream said something, be it that the call is wrong: it is not down."""
        self._failures_in_a_row = 0
        self._down_until = None

    def succeeded(self) -> None:
        """A good answer came."""
        self.answered()
        self._saved = min(self._saved + PAID_IN_BY_A_SUCCESS, MOST_RETRIES_SAVED)

    def failed(self, error: TransientError) -> None:
        """The upstream or the way to it was in trouble."""
        self._failures_in_a_row += 1
        self._reason = str(error)
        if self._failures_in_a_row >= FAILURES_IN_A_ROW and self._down_until is None:
            self._down_until = self._clock() + COOLING_OFF

    @property
    def is_spent(self) -> bool:
        """Whether nothing may be sent again for the time being."""
        return self._saved < 1 or self._down_until is not None

    def retry(self) -> None:
        """Something is sent again."""
        self.retries += 1
        self._saved -= 1
