"""The retry budget of a run: how often its calls may be retried.

One budget serves all clients and all retry layers of a run. Every good answer pays for part of a retry, so scattered
failures are survived however many calls there are. In an outage nothing is paid in, so the initial budget is soon spent
and the run fails fast. The design is that of Finagle's retry budget. A fixed budget, such as a twentieth of the
expected calls, gives up on a long list when one call in five fails.
"""

from weatherflick_assets.settings import Clock
from weatherflick_assets.upstream.circuit_breaker import CircuitBreaker

RETRIES_AT_FIRST = 8.0
PAID_IN_BY_A_SUCCESS = 0.5
MOST_RETRIES_SAVED = 32.0


class RetryBudget:
    """The retries that one run has left, how many there were, and the circuit breakers of its upstreams."""

    def __init__(self, clock: Clock) -> None:
        self.retries = 0
        self._clock = clock
        self._saved = RETRIES_AT_FIRST
        self._circuit_breakers: dict[str, CircuitBreaker] = {}

    def circuit_breaker(self, name: str, *, concurrency: int) -> CircuitBreaker:
        """The circuit breaker of an upstream, the same for all clients of the run."""
        return self._circuit_breakers.setdefault(name, CircuitBreaker(name, self._clock, concurrency=concurrency))

    def succeeded(self) -> None:
        """Pay in for a good answer."""
        self._saved = min(self._saved + PAID_IN_BY_A_SUCCESS, MOST_RETRIES_SAVED)

    @property
    def is_spent(self) -> bool:
        """Whether no retry is possible at present."""
        return self._saved < 1

    def retry(self) -> None:
        """Pay for a retry."""
        self.retries += 1
        self._saved -= 1
