"""The sandbox's clock, which can be set and keeps running."""

from collections.abc import Callable
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

KOREA = ZoneInfo("Asia/Seoul")

Clock = Callable[[], datetime]
"""Returns an aware time."""


def real_time() -> datetime:
    """The current time in Korea."""
    return datetime.now(KOREA)


class SettableClock:
    """Another clock, shifted so that it showed the requested time when it was set."""

    def __init__(self, base: Clock) -> None:
        self._base = base
        self._ahead = timedelta()

    def set(self, wanted: datetime | None) -> None:
        """Run from the aware time `wanted` at the speed of the base; None returns to the base's own time."""
        self._ahead = timedelta() if wanted is None else wanted - self._base()

    def __call__(self) -> datetime:
        """The current shifted time in Korea."""
        return (self._base() + self._ahead).astimezone(KOREA)

    def unmoved(self) -> datetime:
        """The base's own time, for measuring durations across a change of the setting."""
        return self._base()
