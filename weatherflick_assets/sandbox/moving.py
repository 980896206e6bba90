"""A catalogue that changes while it is read.

A move always hits the list that was just read, where its reader may notice it. Moves are spread evenly over the kinds.
Contentids are never reused.
"""

from collections.abc import Callable, Iterator, Mapping
from datetime import datetime
from itertools import count
from typing import Any

import numpy as np
from numpy.typing import NDArray

from weatherflick_assets.sandbox.catalogue import BLANK, CODES, Catalogue
from weatherflick_assets.sandbox.faults import Dice

Move = Callable[[Catalogue, int, str, Iterator[str]], Catalogue]
"""Takes a catalogue, a row position, the time (`YYYYMMDDHHMMSS`) and unused contentids; returns the next catalogue."""


def _changed(catalogue: Catalogue, position: int, time: str, _unused: Iterator[str]) -> Catalogue:
    return _with_values(catalogue, position, {"modifiedtime": time})


def _retitled(catalogue: Catalogue, position: int, time: str, _unused: Iterator[str]) -> Catalogue:
    title = f"신 {catalogue.column('title')[position]}"
    return _with_values(catalogue, position, {"title": title, "modifiedtime": time})


def _hidden(catalogue: Catalogue, position: int, time: str, _unused: Iterator[str]) -> Catalogue:
    blank = dict.fromkeys(CODES, BLANK)
    return _with_values(catalogue, position, {**blank, "showflag": "0", "modifiedtime": time})


def _appeared(catalogue: Catalogue, position: int, time: str, unused: Iterator[str]) -> Catalogue:
    changes = {
        "contentid": next(unused),
        "oldContentid": "",
        "createdtime": time,
        "modifiedtime": time,
        "showflag": "1",
    }
    columns = {name: [*values, values[position]] for name, values in catalogue.columns.items()}
    for name, value in changes.items():
        columns.setdefault(name, [""] * (len(catalogue) + 1))[-1] = value
    return Catalogue(columns, source=catalogue.source)


def _removed(catalogue: Catalogue, position: int, _time: str, _unused: Iterator[str]) -> Catalogue:
    columns = {name: [*values[:position], *values[position + 1 :]] for name, values in catalogue.columns.items()}
    return Catalogue(columns, source=catalogue.source)


MOVES: dict[str, Move] = {
    "changed": _changed,
    "retitled": _retitled,
    "appeared": _appeared,
    "hidden": _hidden,
    "removed": _removed,
}


def unused_identifiers(catalogue: Catalogue) -> Iterator[str]:
    """An endless sequence of distinct contentids that no row of `catalogue` has."""
    numbers = (str(identifier) for identifier in catalogue.column("contentid"))
    greatest = max((int(number) for number in numbers if number.isascii() and number.isdigit()), default=0)
    yield from map(str, count(greatest + 1))


def _with_values(catalogue: Catalogue, position: int, values: Mapping[str, Any]) -> Catalogue:
    columns = dict(catalogue.columns)
    for name, value in values.items():
        column = list(catalogue.column(name))
        column[position] = value
        columns[name] = column
    return Catalogue(columns, source=catalogue.source)


class Mover:
    """Decides when something moves, and what. It is deterministic in the seed and the pages read."""

    def __init__(self, seed: int, every: int | None, at_most: int | None, unused: Iterator[str]) -> None:
        """Move after every `every`-th page of places (None: never), `at_most` times (None: unlimited).

        Rows that appear get the next contentid of `unused`.
        """
        self._unused = unused
        self._dice = Dice(seed, "moves")
        self._every = every
        self._at_most = at_most
        self._pages = 0
        self.moves = 0

    def after_page(self) -> bool:
        """Count a served page of places; return whether a move is due."""
        self._pages += 1
        due = self._every is not None and self._pages % self._every == 0
        return due and (self._at_most is None or self.moves < self._at_most)

    def next(self, catalogue: Catalogue, read: NDArray[np.int32], now: datetime) -> Catalogue:
        """The catalogue after one move among the positions `read`; the same catalogue if there are none."""
        if not len(read):
            return catalogue
        self.moves += 1
        move = list(MOVES.values())[self._dice.below(len(MOVES))]
        position = int(read[self._dice.below(len(read))])
        return move(catalogue, position, now.strftime("%Y%m%d%H%M%S"), self._unused)
