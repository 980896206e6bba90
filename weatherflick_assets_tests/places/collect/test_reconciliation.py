"""Searching a list for rows that vanished from it: exactly these are found, by reading few of its pages."""

import random
from dataclasses import dataclass
from math import ceil, log2

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from weatherflick_assets.places.collect.reconciliation import NEVER, Found, Rows, Search, expected_pages

Pairs = list[tuple[str, int]]

UNHURRIED = settings(deadline=None)


def rows(pairs: Pairs) -> Rows:
    return Rows([identity for identity, _ in pairs], np.array([time for _, time in pairs], dtype=np.int64))


def newest_first(pairs: Pairs) -> Pairs:
    return sorted(pairs, key=lambda pair: (-pair[1], pair[0]))


@dataclass
class Searched:
    """How a search went."""

    found: Found
    pages: list[int]


def search(mirror: Pairs, listed: Pairs, rows_per_page: int, *, read: int = 1) -> Searched:
    """Search `listed`, of which the first pages are read already."""
    listed = newest_first(listed)

    def page(number: int) -> Rows:
        return rows(listed[(number - 1) * rows_per_page : number * rows_per_page])

    searching = Search(rows(mirror), len(listed), rows_per_page)
    for number in range(1, read + 1):
        searching.add(number, page(number), len(listed))
    pages = []
    while (number := searching.next_page()) is not None:
        assert number not in pages
        pages.append(number)
        searching.add(number, page(number), len(listed))
    return Searched(searching.conclusion(), pages)


@st.composite
def lists(draw: st.DrawFn) -> tuple[Pairs, set[str], Pairs]:
    """Known rows with many equal times, some of which have vanished, and others that have appeared."""
    times = st.one_of(st.integers(1, draw(st.sampled_from([3, 30, 1000]))), st.just(NEVER))
    known = [(f"k{number}", time) for number, time in enumerate(draw(st.lists(times, max_size=80)))]
    vanished = {identity for identity, _ in known if draw(st.integers(0, 9)) == 0}
    appeared = [(f"a{number}", time) for number, time in enumerate(draw(st.lists(times, max_size=6)))]
    return known, vanished, appeared


@UNHURRIED
@given(lists(), st.integers(1, 12))
def test_exactly_the_rows_that_vanished_are_found_whatever_the_page_size_and_however_times_tie(
    drawn: tuple[Pairs, set[str], Pairs], rows_per_page: int
) -> None:
    known, vanished, _ = drawn
    left = [pair for pair in known if pair[0] not in vanished]
    searched = search(known, left, rows_per_page)
    assert searched.found == Found(frozenset(vanished), frozenset(), is_settled=True)


@UNHURRIED
@given(lists(), st.integers(1, 12))
def test_exactly_the_rows_that_appeared_are_found(drawn: tuple[Pairs, set[str], Pairs], rows_per_page: int) -> None:
    known, _, appeared = drawn
    searched = search(known, known + appeared, rows_per_page)
    assert searched.found == Found(frozenset(), frozenset(name for name, _ in appeared), is_settled=True)


@UNHURRIED
@given(lists(), st.integers(1, 12))
def test_no_row_that_is_listed_is_called_missing_and_what_stays_unseen_cancels_out(
    drawn: tuple[Pairs, set[str], Pairs], rows_per_page: int
) -> None:
    known, vanished, appeared = drawn
    listed = [pair for pair in known if pair[0] not in vanished] + appeared
    found = search(known, listed, rows_per_page).found
    assert found.is_settled
    assert found.missing <= vanished
    assert found.differing <= {name for name, _ in appeared}
    assert len(vanished - found.missing) == len(appeared) - len(found.differing)


@UNHURRIED
@given(lists(), st.integers(1, 12), st.data())
def test_with_every_page_read_everything_is_found(
    drawn: tuple[Pairs, set[str], Pairs], rows_per_page: int, data: st.DataObject
) -> None:
    known, vanished, appeared = drawn
    redated = {name for name, _ in known if name not in vanished and data.draw(st.integers(0, 9)) == 0}
    listed = [
        (name, time + 1 if name in redated and time != NEVER else time) for name, time in known if name not in vanished
    ]
    redated = {name for (name, time) in known if (name, time) not in listed and name not in vanished}
    listed += appeared
    searched = search(known, listed, rows_per_page, read=max(1, ceil(len(listed) / rows_per_page)))
    assert searched.pages == []
    assert searched.found == Found(
        frozenset(vanished), frozenset({name for name, _ in appeared} | redated), is_settled=True
    )


def test_nothing_missing_reads_nothing() -> None:
    known = [(str(number), number) for number in range(1, 501)]
    assert search(known, known, 10).pages == []


@pytest.mark.parametrize("gone", [1, 137, 250, 499, 500])
def test_one_missing_row_takes_no_more_pages_than_halving_takes(gone: int) -> None:
    known = [(str(number), number) for number in range(1, 501)]
    searched = search(known, [pair for pair in known if pair[1] != gone], 10)
    assert searched.found.missing == {str(gone)}
    assert len(searched.pages) <= 1 + log2(50)


@pytest.mark.parametrize("missing", [1, 2, 5, 10, 20])
def test_several_missing_rows_take_about_as_many_pages_as_expected(missing: int) -> None:
    known = [(str(number), number) for number in range(1, 7001)]
    drawn = random.Random(missing)
    reads = []
    for _ in range(40):
        gone = {str(number) for number in drawn.sample(range(1, 6901), missing)}
        searched = search(known, [pair for pair in known if pair[0] not in gone], 100)
        assert searched.found.missing == gone
        reads.append(len(searched.pages))
    assert sum(reads) / len(reads) <= expected_pages(missing, 70)


def moved(**changes: object) -> Search:
    known = [(str(number), 100 - number) for number in range(100)]
    searching = Search(rows(known), 99, 10)
    first: dict = {"number": 1, "page": rows(known[:10]), "total": 99} | changes
    searching.add(**first)
    return searching


@pytest.mark.parametrize(
    "changes",
    [
        {"total": 98},
        {"page": rows([("0", 100)])},
        {"page": rows([(str(number), number) for number in range(10)])},
    ],
    ids=["another length", "a page too short", "not sorted"],
)
def test_a_list_that_moves_or_is_not_sorted_is_not_searched_any_further(changes: dict[str, object]) -> None:
    searching = moved(**changes)
    assert searching.next_page() is None
    assert searching.conclusion() == Found(frozenset(), searching.conclusion().differing, is_settled=False)


def test_pages_that_share_a_row_show_that_the_list_has_moved() -> None:
    known = [(str(number), 100 - number) for number in range(100)]
    searching = Search(rows(known), 99, 10)
    searching.add(1, rows(known[:10]), 99)
    searching.add(2, rows(known[9:19]), 99)
    assert not searching.conclusion().is_settled


def test_rows_without_an_id_count_and_are_left_to_reading_everything() -> None:
    known = [(str(number), number) for number in range(1, 100)] + [("", 50), ("", 50)]
    whole = search(known, [pair for pair in known if pair[0] != "7"], 10)
    assert whole.found == Found(frozenset({"7"}), frozenset(), is_settled=True)
    assert not search(known, known[:-1], 10).found.is_settled
