"""Ways to break a good batch, for the tests that every rule of a suite sees its own break and no other does."""

import dataclasses
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

import pandas as pd

from weatherflick_assets.quality.rules import GivenValues, Rule, Suite


@dataclass(frozen=True)
class Break:
    """One way to break a good batch: what it does to the frame, what is given differently, what else can't but fail."""

    change: Callable[[pd.DataFrame], None]
    given: GivenValues = dataclasses.field(default_factory=dict)
    also: tuple[str, ...] = ()


def in_one_row(column: str, value: Any, also: tuple[str, ...] = ()) -> Break:
    """The first row has another value."""

    def change(frame: pd.DataFrame) -> None:
        frame.loc[frame.index[0], column] = value

    return Break(change, also=also)


def in_some_rows(column: str, value: Any, every: int, also: tuple[str, ...] = ()) -> Break:
    """Every so many rows have another value."""

    def change(frame: pd.DataFrame) -> None:
        frame.loc[frame.index[::every], column] = value

    return Break(change, also=also)


def in_half_of_the_rows(column: str, value: Any, also: tuple[str, ...] = ()) -> Break:
    """Every second row has another value."""
    return in_some_rows(column, value, 2, also)


def together(*breaks: Break) -> Break:
    """One break after the other, as one."""

    def change(frame: pd.DataFrame) -> None:
        for each in breaks:
            each.change(frame)

    return Break(change)


def distinct_rules(suites: Iterable[Suite]) -> list[tuple[Suite, Rule]]:
    """Every rule once, in the first suite that has it: suites share many of their rules."""
    found: list[tuple[Suite, Rule]] = []
    for suite in suites:
        known = [rule for _, rule in found]
        found += [(suite, rule) for rule in suite.rules if rule not in known]
    return found
