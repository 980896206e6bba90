"""How lists are made: what a place is worth on a day, and which places stand in a list, in which order. Pure.

A place is a candidate on days that are at least fair for something that one can do there. So it is not recommended where it is
closed, where a warning leaves nothing, or where too little is known for a score. Its worth is its suitability, less a share for what
can't be shown of it. Of equal places chance decides, in another way every day.

Lists are varied: of each four places of a group of classes the first four come before the next four of any group, and in these
of each class the first two before the next two. So ten places are of three classes at least, if there are as many.
"""

from datetime import date
from typing import NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from weatherflick_assets.insight.suitability.scoring import LEVELS

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]

LEAST_SUITABILITY = LEVELS["fair"]
"""A poor day is not recommended to anybody."""

WEIGHTS = {"picture": 2.0, "listed": 1.0, "details": 1.0, "popularity": 2.0}
"""How much each of what speaks for a place counts in its appeal; what is not known counts for nothing, nor against it."""

MOST_COST = 0.25
"""The share of its suitability that a place without any appeal loses: then a good day counts like a fair one."""

OF_A_CLASS, OF_A_GROUP = 2, 4
"""Places of a class and of a group of classes that follow each other before others get their turn."""


def appeal(picture: Floats, listed: Floats, details: Floats, popularity: Floats) -> Floats:
    """The weighted mean of what is known, each 0 to 1; NaN where something is not known.

    Args:
        picture: 1 for a place with a picture, else 0.
        listed: the share of its descriptive columns from the list that are filled.
        details: likewise from details.
        popularity: how many go there, among places of its kind.
    """
    values = np.stack(np.broadcast_arrays(picture, listed, details, popularity))
    weights = np.where(np.isnan(values), 0, np.array(list(WEIGHTS.values()))[:, None])
    return (np.nan_to_num(values) * weights).sum(axis=0) / weights.sum(axis=0)


def worth(suitability: Floats, appealing: Floats) -> Floats:
    """What places are worth on a day, 0 to 100."""
    return suitability * (1 - MOST_COST * (1 - appealing))


class Candidates(NamedTuple):
    """What places offer on one day, an element for each place and activity.

    Attributes:
        place: number of the place; of what is equal in all else, the lower comes first.
        area, group, klass: numbers of its area, its group of classes and its class.
        worth: what it is worth.
        chance: a number by which equal places are ordered.
    """

    place: Integers
    area: Integers
    group: Integers
    klass: Integers
    worth: Floats
    chance: Integers

    def of(self, rows: NDArray[np.bool_] | Integers) -> "Candidates":
        """Some of them."""
        return Candidates(
            self.place[rows], self.area[rows], self.group[rows], self.klass[rows], self.worth[rows], self.chance[rows]
        )


def chances(content_ids: NDArray[np.object_], day: date) -> Integers:
    """A number for each place that differs from day to day, and is the same whenever it is worked out."""
    hashed = pd.util.hash_array(content_ids, categorize=False)
    return pd.util.hash_array(hashed + np.uint64(day.toordinal())).view(np.int64)


def listed(candidates: Candidates, most: int) -> tuple[Integers, Integers]:
    """The lists of all areas: the rows of the candidates in them, list by list in their order, and their ranks from 1.

    Args:
        candidates: of one topic. A place that offers several activities stands in a list once, with what is worth most.
        most: places in a list, at most.
    """
    best = np.lexsort((-candidates.worth, candidates.place))
    rows = best[_first_of_each(candidates.place[best])]
    found = candidates.of(rows)
    by_worth = (found.place, found.chance, -found.worth)
    turn_of_class = (_number_within(found.area, found.klass, by_worth) - 1) // OF_A_CLASS
    turn_of_group = (_number_within(found.area, found.group, (*by_worth, turn_of_class)) - 1) // OF_A_GROUP
    order = np.lexsort((*by_worth, turn_of_group, found.area))
    rank = _number_in_runs(found.area[order])
    kept = rank <= most
    return rows[order[kept]], rank[kept]


def _number_within(area: Integers, part: Integers, order: tuple[NDArray, ...]) -> Integers:
    """The number of each row among those of its area and part, in an order whose last key counts first; from 1."""
    sorted_rows = np.lexsort((*order, part, area))
    number = np.empty(len(area), dtype=np.int64)
    number[sorted_rows] = _number_in_runs(area[sorted_rows], part[sorted_rows])
    return number


def _number_in_runs(*keys: Integers) -> Integers:
    """The number of each row in its run of equal keys, from 1."""
    begins = np.flatnonzero(_first_of_each(*keys))
    lengths = np.diff(np.append(begins, len(keys[0])))
    return np.arange(len(keys[0])) - np.repeat(begins, lengths) + 1


def _first_of_each(*keys: Integers) -> NDArray[np.bool_]:
    """Whether a row is the first of its run of equal keys."""
    first = np.ones(len(keys[0]), dtype=bool)
    if len(first) > 1:
        first[1:] = np.logical_or.reduce([key[1:] != key[:-1] for key in keys])
    return first
