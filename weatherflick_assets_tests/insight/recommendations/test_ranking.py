"""Laws of lists: what a place is worth, and which places stand where, against a plain calculation, place by place."""

from collections import Counter, defaultdict
from datetime import date, timedelta
from random import Random

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from weatherflick_assets.insight.recommendations import ranking
from weatherflick_assets.insight.recommendations.ranking import Candidates

CLASSES_OF_A_GROUP = 3

offers = st.lists(
    st.tuples(st.integers(0, 1), st.integers(0, 8), st.lists(st.integers(50, 60), min_size=1, max_size=2)),
    min_size=1,
    max_size=45,
)
"""Places: area, class, and the worth of each activity. Many are equal, many of one class."""

crowded = st.lists(st.tuples(st.just(0), st.sampled_from([0, 0, 0, 0, 1, 3]), st.just([50])), min_size=10, max_size=40)
"""Places of one area of which most are of one class."""


def candidates(places: list[tuple[int, int, list[int]]]) -> Candidates:
    rows = [
        (number, area, klass // CLASSES_OF_A_GROUP, klass, worth)
        for number, (area, klass, worths) in enumerate(places)
        for worth in worths
    ]
    place, area, group, klass, worth = (np.array(column) for column in zip(*rows, strict=True))
    return Candidates(place, area, group, klass, worth.astype(np.float64), place * 7919 % 101)


def lists(found: Candidates, most: int = 10) -> dict[int, list[int]]:
    """The places of each area's list."""
    rows, ranks = ranking.listed(found, most)
    made: dict[int, list[int]] = defaultdict(list)
    of_rows = (found.area[rows].tolist(), found.place[rows].tolist(), ranks.tolist())
    for area, place, rank in zip(*of_rows, strict=True):
        made[area].append(place)
        assert rank == len(made[area]), "ranks count from 1 without a gap"
    return dict(made)


def plainly(places: list[tuple[int, int, list[int]]], area: int, most: int = 10) -> list[int]:
    """The same list, one place after the other."""
    waiting = sorted(
        (number for number, (where, *_) in enumerate(places) if where == area),
        key=lambda number: (-max(places[number][2]), number * 7919 % 101, number),
    )
    of_class, of_group = Counter[int](), Counter[int]()
    turn_of_class, turn_of_group = {}, {}
    for number in waiting:
        klass = places[number][1]
        turn_of_class[number] = of_class[klass] // ranking.OF_A_CLASS
        of_class[klass] += 1
    for number in sorted(waiting, key=lambda number: (turn_of_class[number], waiting.index(number))):
        group = places[number][1] // CLASSES_OF_A_GROUP
        turn_of_group[number] = of_group[group] // ranking.OF_A_GROUP
        of_group[group] += 1
    return sorted(waiting, key=lambda number: (turn_of_group[number], waiting.index(number)))[:most]


@given(offers)
def test_lists_are_those_of_a_plain_calculation(places: list[tuple[int, int, list[int]]]) -> None:
    found = lists(candidates(places))
    assert found == {area: plainly(places, area) for area in {area for area, *_ in places}}


@given(st.one_of(offers, crowded))
def test_ten_places_are_of_three_classes_if_there_are_as_many(places: list[tuple[int, int, list[int]]]) -> None:
    for area, listed in lists(candidates(places)).items():
        there = {klass for where, klass, _ in places if where == area}
        if len(listed) == 10:
            assert len({places[number][1] for number in listed}) >= min(3, len(there))


@given(offers, st.randoms())
def test_the_order_of_places_does_not_matter(places: list[tuple[int, int, list[int]]], random: Random) -> None:
    found = candidates(places)
    shuffled = list(range(len(found.place)))
    random.shuffle(shuffled)
    assert lists(found.of(np.array(shuffled))) == lists(found)


@given(offers)
def test_a_place_stands_in_a_list_once_and_what_is_worth_most_comes_first(
    places: list[tuple[int, int, list[int]]],
) -> None:
    for area, listed in lists(candidates(places)).items():
        mine = [number for number, (where, *_) in enumerate(places) if where == area]
        assert len(set(listed)) == len(listed) == min(10, len(mine))
        assert max(places[listed[0]][2]) == max(max(places[number][2]) for number in mine)


@given(offers, st.data())
def test_to_be_worth_more_never_costs_a_place_its_rank(
    places: list[tuple[int, int, list[int]]], data: st.DataObject
) -> None:
    number = data.draw(st.integers(0, len(places) - 1))
    area, klass, worths = places[number]
    better = [*places[:number], (area, klass, [max(worths) + data.draw(st.integers(1, 5))]), *places[number + 1 :]]
    before, after = (lists(candidates(each), most=100)[area].index(number) for each in (places, better))
    assert after <= before


def test_nothing_gives_no_list() -> None:
    nothing = np.empty(0, dtype=np.int64)
    rows, ranks = ranking.listed(Candidates(nothing, nothing, nothing, nothing, nothing.astype(float), nothing), 10)
    assert (len(rows), len(ranks)) == (0, 0)


shares = st.floats(0, 1)
unknown = st.one_of(st.just(np.nan), shares)


@given(shares, shares, unknown, unknown)
def test_what_is_not_known_of_a_place_counts_neither_for_it_nor_against_it(
    picture: float, listed: float, details: float, popularity: float
) -> None:
    found = float(ranking.appeal(*(np.array([value]) for value in (picture, listed, details, popularity)))[0])
    known = {"picture": picture, "listed": listed, "details": details, "popularity": popularity}
    known = {name: value for name, value in known.items() if not np.isnan(value)}
    weights = {name: ranking.WEIGHTS[name] for name in known}
    assert found == pytest.approx(sum(weights[name] * known[name] for name in known) / sum(weights.values()))


@given(st.floats(0, 100), shares)
def test_a_place_of_which_nothing_can_be_shown_loses_a_quarter_at_most(suitability: float, appeal: float) -> None:
    worth = float(ranking.worth(np.array(suitability), np.array(appeal)))
    assert 0.75 * suitability - 1e-9 <= worth <= suitability + 1e-9


def test_equal_places_change_from_day_to_day_and_stay_the_same_within_one() -> None:
    ids = np.array([str(number) for number in range(200)], dtype=object)
    first = {int(ranking.chances(ids, date(2026, 8, 26) + timedelta(days=ahead)).argmin()) for ahead in range(30)}
    assert len(first) > 20
    again, reversed_ids = ranking.chances(ids, date(2026, 8, 26)), ranking.chances(ids[::-1], date(2026, 8, 26))
    assert (again == reversed_ids[::-1]).all()
    assert len(set(again.tolist())) == len(ids)
