"""The database server's clock, which decides about days of quota, and how far the upstream's clock is from it.

All processes share it, whatever the clocks of their machines say. It is read once, and goes on by this process's
monotonic clock, which nobody sets.
"""

import time
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime


class ServerClock:
    """A clock; `set` it before it is used."""

    def set(self, at: datetime) -> None:
        """The server's time now, aware."""
        self._at, self._since = at, time.monotonic()

    def __call__(self) -> datetime:
        """The server's time, aware."""
        return self._at + timedelta(seconds=time.monotonic() - self._since)

    def ahead_of(self, headers: Mapping[str, str], *, within: timedelta) -> timedelta:
        """How far it is certainly ahead of the `Date` of a reply that came within this time; negative if it is behind.

        Nothing if the reply has no date that can be read.
        """
        try:
            date = parsedate_to_datetime(headers["date"])
        except (KeyError, ValueError):
            return timedelta()
        ahead = self() - (date if date.tzinfo else date.replace(tzinfo=UTC))
        return max(ahead - within, timedelta()) if ahead > timedelta() else ahead
