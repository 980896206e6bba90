"""The sandbox's time, which can be set and flows on.

Here: one clock over another. Not here: what happens at midnight (`limits.py` counts by day, that is all).
"""

from collections.abc import Callable
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

KOREA = ZoneInfo("Asia/Seoul")

Clock = Callable[[], datetime]
"""Returns an aware time."""


def real_time() -> datetime:
    """The present, in Korea."""
    return datetime.now(KOREA)


class SettableClock:
    """The time of another clock, moved so that it showed a wanted time when it was set."""

    def __init__(self, base: Clock) -> None:
        """Show the time of `base`."""
        self._base = base
        self._ahead = timedelta()

    def set(self, wanted: datetime | None) -> None:
        """Show the aware time `wanted` from now on, flowing as the base does; None goes back to the base's own time."""
        self._ahead = timedelta() if wanted is None else wanted - self._base()

    def __call__(self) -> datetime:
        """The time shown, in Korea."""
        return (self._base() + self._ahead).astimezone(KOREA)

    def unmoved(self) -> datetime:
        """The base's own time, for measuring spans across a setting."""
        return self._base()
