"""The world's days.

Here: the current day, the number of changes per day, and the record of them.

Day 0 is the day of the latest change in the initial catalogue, whatever the sandbox's clock says. The world on a given
day depends only on the initial catalogue, the seed, and the change counts set for each day since.
"""

from collections.abc import Iterator, Mapping
from datetime import date, timedelta
from math import floor

import numpy as np

from weatherflick_assets.sandbox.catalogue import Catalogue
from weatherflick_assets.sandbox.errors import SandboxError
from weatherflick_assets.sandbox.korea.days import DAILY_CHANGES, Changes, Today, catalogue_after

FULL_SIZE = 69_700
"""Places in a country of full size, including hidden ones."""

_WITHOUT_TIMES = date(2026, 7, 2)  # day 0 of a catalogue without modification times


class World:
    """The current day, and the changes of each day so far."""

    def __init__(self, catalogue: Catalogue, seed: int, unused: Iterator[str]) -> None:
        """Start with `catalogue`. Days are drawn with `seed`; new places get their contentids from `unused`."""
        self._seed = seed
        self._unused = unused
        self._size = len(catalogue)
        self._first = _latest_day(catalogue)
        self._changes: list[Changes] = []

    @property
    def day(self) -> int:
        """The number of days that have passed."""
        return len(self._changes)

    @property
    def date(self) -> date:
        """The current date of the world."""
        return self._first + timedelta(days=self.day)

    def changes(self, day: int) -> Changes:
        """The changed contentids of a day, counted from 1, by kind of change; `rekeyed` has the new ones.

        Raises:
            SandboxError: That day has not passed yet.
        """
        if not 1 <= day <= self.day:
            raise SandboxError(
                f"Day {day} does not exist; the last one so far is {self.day}. Advance the world for more."
            )
        return self._changes[day - 1]

    def pass_day(self, catalogue: Catalogue, daily_changes: Mapping[str, int] | None) -> Catalogue:
        """The catalogue a day later, after `daily_changes`. None means a number proportional to the initial size."""
        number = self.day + 1
        today = Today(
            date=self._first + timedelta(days=number),
            places=catalogue,
            random=np.random.default_rng([self._seed, number]),
            unused=self._unused,
        )
        counts = self._in_proportion(number) if daily_changes is None else daily_changes
        after, changes = catalogue_after(today, counts)
        self._changes.append(changes)
        return after

    def _in_proportion(self, number: int) -> dict[str, int]:
        """In a small country some days have no change of a kind; over time the counts match its size."""
        rates = {kind: count * self._size / FULL_SIZE for kind, count in DAILY_CHANGES.items()}
        return {kind: floor(number * rate) - floor((number - 1) * rate) for kind, rate in rates.items()}


def _latest_day(catalogue: Catalogue) -> date:
    latest = str(max(catalogue.times("modifiedtime").tolist(), default=0))
    try:
        return date.fromisoformat(latest[:8])
    except ValueError:
        return _WITHOUT_TIMES
