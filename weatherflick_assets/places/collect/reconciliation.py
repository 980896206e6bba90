"""Finding which rows left a list without a trace, by reading as few of its pages as show it. Pure: no calls, no database.

A list is sorted by modification time, newest first, and what is known of it, the mirror, says which place (rank) each of
its rows should have. A page that was read tells two things. Of its own rows: what the mirror has between the page's newest
and oldest time and the page has not is gone; what the page has and the mirror has not is new. Of all others: by how much
the mirror's rank of its first row exceeds the list's is how many rows are missing before it, all told. Where that number is
the same at the end of one stretch of pages and at the beginning of the next, nothing is missing between them, and nothing
between them has to be read. Where it differs, the page in the middle is read next.

Cost. Each page is read once at most. Of n pages, a single missing row takes at most 1 + log2(n) of them; m missing rows
about m * (1 + log2(n / m)): the pages that prove them, and those that lead there.

Times tie. A row that has the very time of a page's first or last row may stand on the neighbouring page: it is judged only
when the neighbour has been read as well. Pages that follow each other are therefore judged as one stretch, which is open
only at the ends of the list; a stretch of a single time, inside the list, says nothing until it has grown.

What is not seen: as many rows gone as have appeared, all of them in one stretch that was not read. They cancel each other
out in every count, the list's total included; only reading everything would show them.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from math import log2

import numpy as np
from numpy.typing import NDArray

Times = NDArray[np.int64]

NEVER = int(np.iinfo(np.int64).min)
"""The time of a row that has none: such rows stand at the end of the list."""


@dataclass(frozen=True)
class Rows:
    """Rows of a list.

    Attributes:
        ids: one each; "" for a row without.
        times: modification times, in any unit that grows, or `NEVER`.
    """

    ids: Sequence[str]
    times: Times


@dataclass(frozen=True)
class Found:
    """What a search found.

    Attributes:
        missing: ids that the mirror has and the list has not any more.
        differing: ids on the pages read that the mirror doesn't have, or has with another time.
        is_settled: whether everything adds up: the list stood still and is sorted, and what is missing or differs, and
            nothing else, explains its length. If not, only reading everything tells.
    """

    missing: frozenset[str]
    differing: frozenset[str]
    is_settled: bool


@dataclass(frozen=True)
class _Stretch:
    """Pages read that follow each other, and tell something.

    Attributes:
        first, last: the numbers of its pages.
        rows: the rows on them.
        begins, ends: whether it is the beginning of the list, or its end.
        missing_before: how many rows as new as its newest time, or newer, the mirror has more than the list; where it
            begins the list, none.
        missing_after: the same for rows newer than its oldest time; where it ends the list, for all rows.
    """

    first: int
    last: int
    rows: Rows
    begins: bool
    ends: bool
    missing_before: int
    missing_after: int

    def judges(self, times: Times) -> NDArray[np.bool_]:
        """Which rows, by their times, are on these pages if they are in the list at all."""
        judged = np.ones(len(times), dtype=np.bool_)
        if not self.begins:
            judged &= times < self.rows.times[0]
        if not self.ends:
            judged &= times > self.rows.times[-1]
        return judged


def expected_pages(missing: int, pages: int) -> float:
    """About how many of `pages` a search for so many missing rows reads."""
    return missing * (1 + log2(max(1.0, pages / missing))) if missing else 0.0


@dataclass
class Search:
    """A search through a list: `add` the pages that `next_page` asks for, then look at the `conclusion`.

    Args:
        mirror: the rows that are known, in any order.
        total: rows that the list has, by its own word.
        rows_per_page: of the list.
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
        """Take a page that was read, and the list's length by its word."""
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
        """Whether the mirror has a row with this time."""
        return self._time_of.get(identity) == time

    def next_page(self) -> int | None:
        """The page to be read next; None when no more is to be found, or when the list has moved."""
        if not self._is_consistent:
            return None
        read_to, missing = 0, 0
        for stretch in self._stretches():
            # New rows between two stretches that were seen already: as many more are missing there.
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
        """What the pages read so far say."""
        ids = [identity for page in self._pages.values() for identity in page.ids if identity]
        listed = set(ids)
        differing = frozenset(identity for page in self._pages.values() for identity in self._new(page))
        missing: set[str] = set()
        unkeyed = 0  # rows without an id can't be told apart; as many must be there as are known
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
        """How many new rows are on pages that were read and tell nothing yet."""
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
            return None  # of one time, inside the list
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
