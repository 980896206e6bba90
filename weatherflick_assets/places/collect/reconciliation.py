"""Finds the rows that left a list without a trace by reading as few pages as possible. Pure: no calls, no database.

The list is sorted by modification time, newest first. The mirror holds the known rows and gives each the rank it should
have. Every page read gives two kinds of evidence.

- About its own rows: a mirror row between the page's newest and oldest time that is not on the page is gone. A page row
  that is not in the mirror is new.
- About all rows before it: the mirror's rank of its first row minus the list's rank is the net number of missing rows.

If that number is the same at the end of one stretch of pages and at the start of the next, nothing is missing between
them, and no page between them is read. If it differs, the page in the middle is read next.

Cost: each page is read at most once. One missing row among n pages takes at most 1 + log2(n) pages; m missing rows take
about m * (1 + log2(n / m)).

Ties: a row with the same time as a page's first or last row may be on the neighbouring page. It is judged only when the
neighbour has been read. Consecutive pages are therefore judged as one stretch. A stretch that contains a single time
and touches neither end of the list gives no evidence until it grows.

Blind spot: equal numbers of rows that disappeared and appeared within one unread stretch. They cancel out in every
count, including the list's total. Only reading everything would show them.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from math import log2

import numpy as np
from numpy.typing import NDArray

Times = NDArray[np.int64]

NEVER = int(np.iinfo(np.int64).min)
"""The time of a row without one. Such rows are at the end of the list."""


@dataclass(frozen=True)
class Rows:
    """Rows of a list: ids ("" for a row without one), and modification times in any increasing unit, or `NEVER`."""

    ids: Sequence[str]
    times: Times


@dataclass(frozen=True)
class Found:
    """The result of a search.

    Attributes:
        missing: ids in the mirror that are no longer in the list.
        differing: ids on the pages read that the mirror does not have, or has with another time.
        is_settled: whether the result is complete: the list did not move, it is sorted, and the missing and differing
            rows explain its length. If not, the whole list must be read.
    """

    missing: frozenset[str]
    differing: frozenset[str]
    is_settled: bool


@dataclass(frozen=True)
class _Stretch:
    """Consecutive pages that have been read and give evidence.

    Attributes:
        begins, ends: whether it includes the start or the end of the list.
        missing_before: rows in the mirror minus rows in the list, counting those as new as its newest time or newer; 0
            at the start of the list.
        missing_after: the same for rows newer than its oldest time; for all rows at the end of the list.
    """

    first: int
    last: int
    rows: Rows
    begins: bool
    ends: bool
    missing_before: int
    missing_after: int

    def judges(self, times: Times) -> NDArray[np.bool_]:
        """Which rows must be on these pages, judging by their times, if they are in the list at all."""
        judged = np.ones(len(times), dtype=np.bool_)
        if not self.begins:
            judged &= times < self.rows.times[0]
        if not self.ends:
            judged &= times > self.rows.times[-1]
        return judged


def expected_pages(missing: int, pages: int) -> float:
    """The approximate number of pages, out of `pages`, that a search for `missing` rows reads."""
    return missing * (1 + log2(max(1.0, pages / missing))) if missing else 0.0


@dataclass
class Search:
    """A search through a list: `add` each page that `next_page` names, then read the `conclusion`.

    The mirror's rows may be in any order; `total` is the count that the list reports.
    """

    mirror: Rows
    total: int
    rows_per_page: int
    _pages: dict[int, Rows] = field(default_factory=dict, init=False)
    _is_consistent: bool = field(default=True, init=False)

    def __post_init__(self) -> None:
        self._ascending = np.sort(self.mirror.times)
        self._time_of = dict(zip(self.mirror.ids, self.mirror.times.tolist(), strict=True))
        self._last_page = max(1, -(-self.total // self.rows_per_page))

    def add(self, number: int, page: Rows, total: int) -> None:
        """Add a page that was read, with the total count that it reports."""
        self._pages[number] = page
        before, after = self._pages.get(number - 1), self._pages.get(number + 1)
        self._is_consistent &= (
            total == self.total
            and len(page.ids) == min(self.rows_per_page, self.total - (number - 1) * self.rows_per_page)
            and _descends(page.times)
            and (before is None or _descends(np.append(before.times[-1:], page.times[:1])))
            and (after is None or _descends(np.append(page.times[-1:], after.times[:1])))
        )

    def is_known(self, identity: str, time: int) -> bool:
        """Whether the mirror has this row with this time."""
        return self._time_of.get(identity) == time

    def next_page(self) -> int | None:
        """The page to read next; None if nothing more can be found, or if the list has moved."""
        if not self._is_consistent:
            return None
        read_to, missing = 0, 0
        for stretch in self._stretches():
            # Each new row already seen between two stretches hides one more missing row there.
            missing -= self._new_between(read_to + 1, stretch.first - 1)
            if not stretch.begins:
                missing -= self._new_at(stretch.rows, stretch.rows.times[0])
            if stretch.missing_before != missing:
                return self._middle(read_to + 1, stretch.first - 1)
            read_to, missing = stretch.last, stretch.missing_after
            if not stretch.ends:
                missing -= self._new_at(stretch.rows, stretch.rows.times[-1])
        if len(self.mirror.ids) - self.total != missing - self._new_between(read_to + 1, self._last_page):
            return self._middle(read_to + 1, self._last_page)
        return None

    def conclusion(self) -> Found:
        """The result from the pages read so far."""
        ids = [identity for page in self._pages.values() for identity in page.ids if identity]
        listed = set(ids)
        differing = frozenset(identity for page in self._pages.values() for identity in self._new(page))
        missing: set[str] = set()
        unkeyed = 0  # rows without an id are indistinguishable, so only their numbers are compared
        for stretch in self._stretches() if self._is_consistent else ():
            expected = _ids(self.mirror, stretch.judges(self.mirror.times))
            missing.update(identity for identity in expected if identity and identity not in listed)
            unkeyed += expected.count("") - _ids(stretch.rows, stretch.judges(stretch.rows.times)).count("")
        appeared = sum(identity not in self._time_of for identity in differing)
        adds_up = len(self.mirror.ids) - len(missing) + appeared == self.total
        return Found(
            missing=frozenset(missing),
            differing=differing,
            is_settled=self._is_consistent and adds_up and not unkeyed and len(ids) == len(listed),
        )

    def _new(self, rows: Rows) -> list[str]:
        return [
            identity
            for identity, time in zip(rows.ids, rows.times.tolist(), strict=True)
            if identity and not self.is_known(identity, time)
        ]

    def _new_at(self, rows: Rows, time: int) -> int:
        tied = rows.times == time
        return len(self._new(Rows(_ids(rows, tied), rows.times[tied])))

    def _new_between(self, first: int, last: int) -> int:
        """The number of new rows on pages that were read but give no evidence yet."""
        return sum(len(self._new(self._pages[number])) for number in range(first, last + 1) if number in self._pages)

    def _middle(self, first: int, last: int) -> int | None:
        unread = [number for number in range(first, last + 1) if number not in self._pages]
        return unread[len(unread) // 2] if unread else None

    def _stretches(self) -> Iterator[_Stretch]:
        numbers = sorted(self._pages)
        starts = [number for number in numbers if number - 1 not in self._pages]
        lasts = [number for number in numbers if number + 1 not in self._pages]
        for first, last in zip(starts, lasts, strict=True):
            if stretch := self._stretch(first, last):
                yield stretch

    def _stretch(self, first: int, last: int) -> _Stretch | None:
        pages = [self._pages[number] for number in range(first, last + 1)]
        rows = Rows(
            [identity for page in pages for identity in page.ids], np.concatenate([page.times for page in pages])
        )
        begins, ends = first == 1, last == self._last_page
        if not (begins or ends or (len(rows.ids) and rows.times[0] > rows.times[-1])):
            return None  # a single time, away from both ends of the list
        above = (first - 1) * self.rows_per_page
        missing_before, missing_after = 0, len(self.mirror.ids) - self.total
        if not begins:
            newest = rows.times[0]
            known = len(self._ascending) - int(np.searchsorted(self._ascending, newest, side="left"))
            missing_before = known - above - int(np.count_nonzero(rows.times >= newest))
        if not ends:
            oldest = rows.times[-1]
            known = len(self._ascending) - int(np.searchsorted(self._ascending, oldest, side="right"))
            missing_after = known - above - int(np.count_nonzero(rows.times > oldest))
        return _Stretch(first, last, rows, begins, ends, missing_before, missing_after)


def _descends(times: Times) -> bool:
    return bool(np.all(times[:-1] >= times[1:]))


def _ids(rows: Rows, chosen: NDArray[np.bool_]) -> list[str]:
    return [rows.ids[position] for position in np.flatnonzero(chosen).tolist()]
