"""A clock that stands until a test moves it."""

from dataclasses import dataclass
from datetime import datetime, timedelta


@dataclass
class SetClock:
    """Shows the time that it was set to."""

    at: datetime

    def __call__(self) -> datetime:
        return self.at

    def pass_by(self, time: timedelta) -> None:
        """Let time pass."""
        self.at += time
