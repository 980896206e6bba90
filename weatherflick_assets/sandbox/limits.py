"""Counters behind the limits of a key: per day and operation, per second, and in flight.

Here: the counters. They are exact because one event loop updates them and no await separates a check from its count.

The portal counts a key's calls of a dataset or operation per day in Korea and starts again at midnight. How it measures
a second is not documented. Here it is a sliding window in which refused calls do not count.
"""

from collections import Counter, defaultdict, deque
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta

_SECOND = timedelta(seconds=1)


class Quota:
    """The calls that count against a day's limit."""

    def __init__(self) -> None:
        self._spent: Counter[tuple[str, str, date]] = Counter()

    def spent(self, key: str, operation: str, day: date) -> int:
        """The number of counted calls of a key to an operation on a day."""
        return self._spent[key, operation, day]

    def take(self, key: str, operation: str, day: date) -> None:
        """Count one call."""
        self._spent[key, operation, day] += 1

    def forget(self) -> None:
        """Reset all counts."""
        self._spent.clear()


class _LastSecond:
    """The calls of the last second, as their times."""

    def __init__(self) -> None:
        self._times: deque[datetime] = deque()

    def add(self, at: datetime) -> int:
        """Count one call at `at`; return the number of calls in the second that ends there."""
        self._times.append(at)
        return self.count(at)

    def count(self, at: datetime) -> int:
        """The number of calls in the second that ends at `at`."""
        while self._times and self._times[0] <= at - _SECOND:
            self._times.popleft()
        return len(self._times)


@dataclass
class KeyPace:
    """The pace of one key, current and peak. The peaks include calls that were refused for exceeding a limit."""

    admitted: _LastSecond = field(default_factory=_LastSecond)
    arrived: _LastSecond = field(default_factory=_LastSecond)
    in_flight: int = 0
    most_in_flight: int = 0
    most_in_one_second: int = 0

    def arrive(self, at: datetime) -> None:
        """Record a call that arrives at `at`, admitted or not."""
        self.most_in_one_second = max(self.most_in_one_second, self.arrived.add(at))
        self.most_in_flight = max(self.most_in_flight, self.in_flight + 1)

    @contextmanager
    def under_way(self, at: datetime) -> Iterator[None]:
        """Count a call admitted at `at` as in flight until its answer has been sent."""
        self.admitted.add(at)
        self.in_flight += 1
        try:
            yield
        finally:
            self.in_flight -= 1


class Paces:
    """The pace of every key."""

    def __init__(self) -> None:
        self._paces: defaultdict[str, KeyPace] = defaultdict(KeyPace)

    def __getitem__(self, key: str) -> KeyPace:
        return self._paces[key]

    def forget_peaks(self) -> None:
        """Reset the peaks. Calls in flight stay counted."""
        for pace in self._paces.values():
            pace.most_in_flight = pace.most_in_one_second = 0

    def peaks(self) -> dict[str, tuple[int, int]]:
        """By key: the peak number of calls in flight and the peak number within one second."""
        return {key: (pace.most_in_flight, pace.most_in_one_second) for key, pace in self._paces.items()}
