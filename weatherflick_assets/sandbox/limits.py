"""How often a key may call: by day and operation, by second, and at once.

Here: the counting that limits need, exact because one event loop does it and no check is parted from its counting by an
await. Not here: the limits' values (`behaviour.py`), what a refused call is told (`refusals.py`), the statistics of all
calls (`call_counts.py`).

The portal counts a key's calls of a dataset or operation by the day in Korea and forgets them at midnight. How it
counts a second is not documented; here it is a sliding one, in which refused calls don't count.
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
        """Start with no calls."""
        self._spent: Counter[tuple[str, str, date]] = Counter()

    def spent(self, key: str, operation: str, day: date) -> int:
        """How many calls of a key to an operation count on a day."""
        return self._spent[key, operation, day]

    def take(self, key: str, operation: str, day: date) -> None:
        """Count one call."""
        self._spent[key, operation, day] += 1

    def forget(self) -> None:
        """Count from nothing again."""
        self._spent.clear()


class _LastSecond:
    """The calls of the last second, as their times."""

    def __init__(self) -> None:
        self._times: deque[datetime] = deque()

    def add(self, at: datetime) -> int:
        """Count one call at `at`; return how many the second that ends then has."""
        self._times.append(at)
        return self.count(at)

    def count(self, at: datetime) -> int:
        """How many calls the second that ends at `at` has."""
        while self._times and self._times[0] <= at - _SECOND:
            self._times.popleft()
        return len(self._times)


@dataclass
class KeyPace:
    """The pace of one key, now and at its greatest. Greatest numbers include calls that were refused for them."""

    admitted: _LastSecond = field(default_factory=_LastSecond)
    arrived: _LastSecond = field(default_factory=_LastSecond)
    in_flight: int = 0
    most_in_flight: int = 0
    most_in_one_second: int = 0

    def arrive(self, at: datetime) -> None:
        """Take note of a call that wants to pass at `at`."""
        self.most_in_one_second = max(self.most_in_one_second, self.arrived.add(at))
        self.most_in_flight = max(self.most_in_flight, self.in_flight + 1)

    @contextmanager
    def under_way(self, at: datetime) -> Iterator[None]:
        """Have a call that was let through at `at` count as in flight until its answer is handed over."""
        self.admitted.add(at)
        self.in_flight += 1
        try:
            yield
        finally:
            self.in_flight -= 1


class Paces:
    """The pace of every key."""

    def __init__(self) -> None:
        """Start with no calls."""
        self._paces: defaultdict[str, KeyPace] = defaultdict(KeyPace)

    def __getitem__(self, key: str) -> KeyPace:
        return self._paces[key]

    def forget_peaks(self) -> None:
        """Forget how great the pace once was; calls under way stay under way."""
        for pace in self._paces.values():
            pace.most_in_flight = pace.most_in_one_second = 0

    def peaks(self) -> dict[str, tuple[int, int]]:
        """By key: the greatest number in flight and the greatest number within one second."""
        return {key: (pace.most_in_flight, pace.most_in_one_second) for key, pace in self._paces.items()}
