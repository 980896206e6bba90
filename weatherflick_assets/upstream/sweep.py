"""Reading a whole list, page by page, and knowing whether the pages add up.

Upstream lists change while they are read: rows appear, vanish and shift between pages. Pages are fetched concurrently
and handed on as they arrive. Of each answer only a note is kept (the hashes of its ids, eight bytes each), so memory
hardly grows with the list. From the notes a sweep knows which pages are in doubt:

- a page that was not read yet (the list has grown), or that has more or fewer rows than the newest total leaves for it;
- a page that was read when the list was longer: a row has left since, perhaps before this page;
- a page with an id that a later answer has on another page (it has shifted since), or with the same id twice.

Only these pages are read again. A shift shows at its edge: the page read before it and the page read after it share a
row. The older of them is read again; then it shares a row with the page before it, and so on to where the list really
changed. Pages that a shift did not reach stay as they are.

What a complete sweep proves. Its pages hold as many different rows as the newest total says, T, and none of them was
read while the list was longer than T. Suppose a row was in the list the whole time and is on none of these pages. Then
at the moment of every answer the list held at most T - 1 of the T rows received: when the last page was read, one
received row had left, and when the first was read, one had not come yet. Hence a sweep overlooks at most as many rows
as left the list while it was read, and at most as many as came. While rows only come, or only leave, or only change
places, nothing is overlooked, in whatever order pages are answered.

What no client can see: a row leaves a page that was read, another row comes after the pages read so far, and both
happen between the same two answers. The row that slips back over the edge is on neither page, and every answer is what
an unchanged list would have given. Only reading every page twice would show it, at twice the calls. The next sweep
finds the row again. Rows without an id are counted but not distinguished: the proof is about rows with an id, as long
as the number of those without stays the same.

Some lists never add up: their total is always three too high, or they hold a row twice. If pages in doubt are read again
and everything is as it was, the list is steady: what was seen can be used, but no row that was not seen is proven gone.
The same holds if the id of a row or the total can't be read. Without any total, pages are read until one is not full.

An upstream may give fewer rows on a page than were asked for, from the first page on or from any later one. Where such a
page begins is then not certain. A short first page is enough to suspect that, and otherwise two answers in a row
with equally few rows. Then the row that is missing is asked for on a page of that size. If it is there, all pages are of
that size from then on. Pages that were whole before are cut into the new ones, so that they are not read again.
"""

import asyncio
from array import array
from collections import deque
from collections.abc import AsyncIterable, Awaitable, Callable, Coroutine, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np

from weatherflick_assets.upstream.client import Answer, UpstreamClient
from weatherflick_assets.upstream.declarations import Operation, Pager
from weatherflick_assets.upstream.errors import IncompleteSweepError
from weatherflick_assets.upstream.finishing import uncancelled
from weatherflick_assets.upstream.outcomes import Page
from weatherflick_assets.upstream.second_reading import DAMAGED

READINGS = 4
"""The first reading, and those that reread pages in doubt or of another size; after these, or one that shows nothing new,
the sweep ends.

A list that does not change from the second reading on is complete after the third at the latest."""

MOST_PAGES = 2_000
"""No page after this one is requested, whatever total an answer states: the longest known list has 52."""


@dataclass(frozen=True)
class Sweep:
    """How a sweep went.

    Attributes:
        total_count: rows according to the upstream, in the last page read.
        pages: answers received, including those to pages read again.
        rows: rows on the pages of the list as last read.
        items_seen, unkeyed: different ids among them, and rows that have no id.
        readings: the first reading, plus the readings of pages in doubt and of pages of another size.
        reread_pages: answers to pages that had been read before.
        damaged: rows whose id can't be read.
        uncounted: pages whose total can't be read.
        is_complete: whether no page is in doubt, all ids and totals could be read, and they and rows without one add up
            to the total. Only a complete sweep proves that a row is gone.
        is_steady: whether it is complete, or there are rows and the last reading of pages in doubt showed nothing new.
    """

    total_count: int
    pages: int
    rows: int
    items_seen: int
    unkeyed: int
    readings: int
    reread_pages: int
    damaged: int
    uncounted: int
    is_complete: bool
    is_steady: bool

    def doubt(self, name: str) -> str:
        """Why the list of this name proves no absences, in a sentence; "" if it is complete."""
        if self.is_complete:
            return ""
        if self.uncounted:
            return (
                f"{name} can't be checked: its pages hold {self.items_seen + self.unkeyed:,} different rows, and how many "
                f"there are can't be read on {self.uncounted:,} of {self.pages:,} pages."
            )
        unread = (
            f" {self.damaged:,} of them can't be told apart, because their ids are damaged." if self.damaged else ""
        )
        return (
            f"{name} does not add up: after {self.readings} readings its pages hold "
            f"{self.items_seen + self.unkeyed:,} different rows and the upstream counts {self.total_count:,}.{unread}"
        )

    def require_complete(self, name: str, what_follows: str) -> None:
        """Raise IncompleteSweepError, which says what follows, if the list of this name does not add up."""
        if not self.is_complete:
            raise IncompleteSweepError(f"{self.doubt(name)} {what_follows}", code="incomplete")

    def require_steady(self, name: str, what_follows: str) -> None:
        """Raise IncompleteSweepError, which says what follows, if the list of this name differs with every reading."""
        if not self.is_steady:
            raise IncompleteSweepError(f"{self.doubt(name)} {what_follows}", code="incomplete")


TakePage = Callable[[Answer], Coroutine[Any, Any, None]]
"""Receives every answer; pages may come in any order, and more than once."""


async def sweep(
    client: UpstreamClient,
    operation: Operation,
    parameters: Mapping[str, str],
    *,
    id_field: str,
    take: TakePage,
    recalled: AsyncIterable[tuple[int, Answer]] | None = None,
) -> Sweep:
    """Read all pages of a list.

    Args:
        client: the client to call with.
        operation: a list.
        parameters: what is listed, without page and page size.
        id_field: the field that tells rows apart.
        take: sees each answer, and must cope with seeing an item twice.
        recalled: pages that an interrupted sweep has read, by number, in reading order; they are not fetched again
            unless they turn out to be in doubt.

    Raises:
        UpstreamError: a page could not be fetched. Pages that had arrived were taken.
    """
    notes = _Notes.of(operation)

    async def note(number: int, answer: Answer) -> bool:
        leads_on = notes.add(number, answer.page, id_field)
        # A page that arrived is taken, even if another page's error ends the sweep.
        await uncancelled(take(answer))
        return leads_on

    async def read(number: int) -> bool:
        page = operation.page(number, rows=notes.rows_per_page)
        return await note(number, await client.call(operation, {**parameters, **page}, needs_total=False))

    asked: set[int] = set()
    if recalled is not None:
        async for number, answer in recalled:
            await note(number, answer)
            asked.add(number)
    if not asked:
        await read(1)
        asked.add(1)
    readings = 1
    while True:
        if notes.suspected_size and readings < READINGS:
            readings += len(asked) > 1
            asked = await _try_size(read, notes) or asked
        await _read_doubtful(read, notes, asked, client.concurrency)
        if readings == READINGS or not (notes.suspected_size or (notes.doubtful() and notes.is_changed)):
            return notes.conclusion(readings)
        if not notes.suspected_size:
            readings += 1
            notes.is_changed = False
            asked = set()


async def _try_size(read: Callable[[int], Awaitable[bool]], notes: "_Notes") -> set[int]:
    """Ask for pages of the size that is suspected, if the first row that is missing comes on one; return that page."""
    former, size = replace(notes), notes.suspected_size
    # Pages that were asked for in the former size may begin elsewhere.
    number = notes.page_of_missing_row(size)
    notes.resize(size)
    await read(number)
    if notes.shows_more(number):
        return {number}
    notes.go_back_to(former)
    return set()


async def _read_doubtful(
    read: Callable[[int], Awaitable[bool]], notes: "_Notes", asked: set[int], concurrency: int
) -> None:
    """One reading: each page that is in doubt, or gets into doubt through others, once and up to the known end.

    It breaks off when pages seem to have another size than was asked for.
    """
    end = notes.end

    async def work() -> None:
        nonlocal end
        for number in numbers:
            # Another worker may have found the end in the meantime: there is nothing to read after it.
            if number <= end and not notes.suspected_size and not await read(number):
                end = min(end, number)

    async def work_or_stop_all() -> None:
        try:
            await work()
        finally:
            deque(numbers, maxlen=0)  # after an error nobody takes another page

    while not notes.suspected_size and (
        pages := [number for number in notes.doubtful() if number <= end and number not in asked]
    ):
        asked.update(pages)
        # One worker per permitted call takes the next page when its last is done: no more than these are in memory.
        numbers = iter(pages)
        workers = (work_or_stop_all() for _ in range(min(concurrency, len(pages))))
        # Calls in flight when one fails are paid for, so their answers are awaited and taken.
        outcomes = await asyncio.gather(*workers, return_exceptions=True)
        if errors := [outcome for outcome in outcomes if isinstance(outcome, BaseException)]:
            raise errors[0]


@dataclass(frozen=True, slots=True)
class _Note:
    """What is kept of the last answer to a page.

    Attributes:
        order: how many answers had come when it came.
        total: rows of the whole list, by this answer, or as far as is known if it has none that can be read.
        is_counted: whether it has.
        rows: rows on the page.
        damaged: rows on the page whose id can't be read.
        ids: 64-bit hashes of the ids on it. Two ids of one hash would make a list incomplete, never complete.
    """

    order: int
    total: int
    is_counted: bool
    rows: int
    damaged: int
    ids: "array[int]"

    def says_the_same(self, other: "_Note") -> bool:
        return (self.total, self.rows, self.ids) == (other.total, other.rows, other.ids)


@dataclass
class _Notes:
    """The notes of a sweep, and what they say about each other.

    Attributes:
        rows_per_page: the size of the pages that are asked for.
        is_changed: whether an answer of this reading showed anything new.
        suspected_size: the size of the pages that the upstream seems to give instead; 0 for none.
        reread: answers to pages that had been read before.
    """

    rows_per_page: int
    pager: Pager
    is_changed: bool = True
    suspected_size: int = 0
    total: int = 0
    pages: int = 0
    reread: int = 0
    _note_of: dict[int, _Note] = field(default_factory=dict)
    _last_ids: "array[int] | None" = None
    _fewer_rows: int = 0
    _no_sizes: set[int] = field(default_factory=set)

    @classmethod
    def of(cls, operation: Operation) -> "_Notes":
        """Notes of a list that has not been read yet."""
        assert operation.rows_per_page is not None, f"{operation.name} has no pages"
        return cls(operation.rows_per_page, operation.pager)

    def add(self, number: int, page: Page, id_field: str) -> bool:
        """Note an answer; return whether there may be more pages after it.

        There are none if a page unknown so far is empty, or holds the same as the answer before it: some hosts repeat a
        page for ever.
        """
        identities = [_identity(item.get(id_field)) for item in page.items]
        ids = array("q", map(hash, filter(None, identities)))
        damaged = sum(not identity or DAMAGED in identity for identity in identities) if page.is_repaired else 0
        leads_on = number in self._note_of or (bool(page.items) and not (ids and ids == self._last_ids))
        self._last_ids = ids
        self.pages += 1
        self.reread += number in self._note_of
        total = page.total_count if page.is_counted else self._total_without_count(number, len(page.items))
        note, before = (
            _Note(self.pages, total, page.is_counted, len(page.items), damaged, ids),
            self._note_of.get(number),
        )
        # An empty page that was never read before tells nothing new.
        is_new = not note.says_the_same(before) if before else bool(page.items)
        self.is_changed |= is_new or total != self.total
        self.total = total
        self._note_of[number] = note
        self._suspect(number, note)
        return leads_on

    def _total_without_count(self, number: int, rows: int) -> int:
        """The last total that could be read; without any, one that leads to the next page if this one is full."""
        if number + 1 in self._note_of or any(note.is_counted for note in self._note_of.values()):
            return self.total
        end = (number - 1) * self.rows_per_page + rows
        return end if rows < self.rows_per_page else max(self.total, end + 1)

    def _suspect(self, number: int, note: _Note) -> None:
        """Whether its rows are as few as on a page of another size."""
        is_short = self._is_short(number, note)
        if note.rows and (note.rows == self._fewer_rows or (is_short and number == 1)):
            self.suspected_size = 0 if note.rows in self._no_sizes else note.rows
        elif is_short or note.rows > self._fewer_rows:
            self._fewer_rows = note.rows if is_short else 0

    def _is_short(self, number: int, note: _Note) -> bool:
        """Whether the page has rows, but fewer than were asked for, and than there are."""
        return 0 < note.rows < min(self.rows_per_page, note.total - (number - 1) * self.rows_per_page)

    @property
    def notes(self) -> dict[int, _Note]:
        """The notes, by page."""
        return self._note_of

    def page_of_missing_row(self, size: int) -> int:
        """The page, of the given size, with the first row that a page with so few rows does not show."""
        number = min(
            number for number, note in self._note_of.items() if note.rows == size and self._is_short(number, note)
        )
        return ((number - 1) * self.rows_per_page + size) // size + 1

    def resize(self, size: int) -> None:
        """Ask for pages of another size. Those that are known row by row are cut into the new ones."""
        cut = {}
        if whole := {
            (number - 1) * self.rows_per_page: note
            for number, note in self._note_of.items()
            # Where a page begins that is not whole is not certain, unless it is the first.
            if (number == 1 or note.rows == self.rows_per_page) and len(note.ids) == note.rows and not note.damaged
        }:
            end = max(start + note.rows for start, note in whole.items())
            ids, orders, totals = (np.zeros(end, dtype=np.int64) for _ in range(3))
            for start, note in whole.items():
                rows = slice(start, start + note.rows)
                ids[rows], orders[rows], totals[rows] = note.ids, note.order, note.total
            for number in range(1, end // size + 1):
                rows = slice((number - 1) * size, number * size)
                if orders[rows].all():
                    are_counted = all(note.is_counted for note in whole.values())
                    order, total = int(orders[rows].min()), int(totals[rows].max())
                    cut[number] = _Note(order, total, are_counted, size, 0, array("q", ids[rows].tolist()))
        self._note_of, self.rows_per_page, self._last_ids = cut, size, None
        self.suspected_size = self._fewer_rows = 0

    def shows_more(self, number: int) -> bool:
        """Whether a page has as many rows as there must be, and one of them is on no other page."""
        note = self._note_of[number]
        known = {identity for other in self._note_of.values() if other is not note for identity in other.ids}
        return note.rows == min(self.rows_per_page, note.total - (number - 1) * self.rows_per_page) and (
            len(note.ids) < note.rows or not known.issuperset(note.ids)
        )

    def go_back_to(self, former: "_Notes") -> None:
        """Ask for pages of the former size again, and suspect no more that they are as small as these."""
        self._no_sizes.add(self.rows_per_page)
        self.suspected_size = 0
        self.rows_per_page, self.is_changed, self._note_of = former.rows_per_page, former.is_changed, former.notes

    @property
    def end(self) -> int:
        """The last page by the newest total, as far as pages can be requested; an empty list has one page."""
        pages = self.pager.pages(self.rows_per_page)
        return min(
            max(1, -(-self.total // self.rows_per_page)), MOST_PAGES if pages is None else min(pages, MOST_PAGES)
        )

    def doubtful(self) -> list[int]:
        """The pages to read (again), in order; see the module's text."""
        current = self._current()
        doubtful = set(range(1, self.end + 1)) - current.keys()
        doubtful |= _shifted(current)
        uncounted = {number for number, note in current.items() if not note.is_counted}
        if len(uncounted) < len(current):
            doubtful |= uncounted
        doubtful |= {
            number
            for number, note in current.items()
            if (note.is_counted and note.total > self.total)
            or note.rows != min(self.rows_per_page, self.total - (number - 1) * self.rows_per_page)
        }
        return sorted(doubtful)

    def conclusion(self, readings: int) -> Sweep:
        """The sweep as it stands after this many readings."""
        current = self._current()
        rows = sum(note.rows for note in current.values())
        unkeyed = rows - sum(len(note.ids) for note in current.values())
        ids = _sorted_ids(current)
        items_seen = ids.size - int(np.count_nonzero(ids[1:] == ids[:-1]))
        damaged = sum(note.damaged for note in current.values())
        uncounted = sum(not note.is_counted for note in current.values())
        is_complete = not (self.doubtful() or damaged or uncounted) and items_seen + unkeyed == self.total
        return Sweep(
            total_count=self.total,
            pages=self.pages,
            rows=rows,
            items_seen=items_seen,
            unkeyed=unkeyed,
            readings=readings,
            reread_pages=self.reread,
            damaged=damaged,
            uncounted=uncounted,
            is_complete=is_complete,
            is_steady=is_complete or (rows > 0 and not (self.doubtful() and self.is_changed)),
        )

    def _current(self) -> dict[int, _Note]:
        # Notes after the end are kept but not used: an answer that reports no rows by mistake would discard the rest.
        return {number: note for number, note in self._note_of.items() if number <= self.end}


def _shifted(notes: Mapping[int, _Note]) -> set[int]:
    """Pages that hold an id twice, or one that a later answer has on another page."""
    ids = _sorted_ids(notes)
    repeated = set(ids[1:][ids[1:] == ids[:-1]].tolist())
    shifted: set[int] = set()
    if repeated:
        later: set[int] = set()
        for number, note in sorted(notes.items(), key=lambda entry: entry[1].order, reverse=True):
            shared = [identity for identity in note.ids if identity in repeated]
            if len(set(shared)) < len(shared) or not later.isdisjoint(shared):
                shifted.add(number)
            later.update(shared)
    return shifted


def _sorted_ids(notes: Mapping[int, _Note]) -> "np.ndarray[tuple[int], np.dtype[np.int64]]":
    ids = np.frombuffer(bytearray().join(note.ids for note in notes.values()), dtype=np.int64)
    ids.sort()
    return ids


def _identity(value: object) -> str:
    """An id as text; "" if it is none. Some agencies write ids as numbers."""
    return str(value).strip() if isinstance(value, str | int) and not isinstance(value, bool) else ""
