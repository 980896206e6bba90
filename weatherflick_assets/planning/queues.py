"""Who is asked about next: subjects in the order of the value of a call, and how a budget falls on groups of them. Pure.

All calls cost the same, so the most valuable subjects that a budget pays for are worth more together than any other
choice. A subject is a row with a `value`; 0 means that a call about it is worth nothing.
"""

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd


def due(subjects: pd.DataFrame, ties: Mapping[str, bool]) -> pd.DataFrame:
    """The subjects that a call is worth something for, highest value first.

    Args:
        subjects: with a column `value`.
        ties: columns that order subjects of equal value, each with whether it ascends. The last one must be unique for
            the order to be independent of that given.
    """
    order, ascending = ["value", *ties], [False, *ties.values()]
    return subjects[subjects["value"] > 0].sort_values(order, ascending=ascending, ignore_index=True)


def first_of_groups(queue: pd.DataFrame, group: str, calls: Mapping[str, int]) -> pd.DataFrame:
    """The first subjects of each group of a queue, at most `calls[group]`, in the order of the queue."""
    allotted = queue[group].map(calls).astype(float).fillna(0)
    return queue[queue.groupby(group).cumcount() < allotted].reset_index(drop=True)


def spent(queue: pd.DataFrame, groups: Sequence[str], calls: int) -> pd.DataFrame:
    """How the first `calls` of a queue fall on groups: `calls` and `value` of each group that gets any, indexed by group."""
    return queue.head(calls).groupby(list(groups), observed=True).agg(calls=("value", "size"), value=("value", "sum"))


def ranks(rows: pd.DataFrame, groups: Sequence[str]) -> pd.DataFrame:
    """Each group and its `rank`, from 1, by the mean value of a call; groups without calls come last.

    Args:
        rows: with `calls`, their summed `value`, and the columns of the groups; several rows per group are added up.
        groups: the columns that make a group; they order groups of equal worth.
    """
    totals = rows.groupby(list(groups))[["value", "calls"]].sum()
    # Rounding makes means of equal values equal, however many values were summed.
    totals["worth"] = (totals["value"] / totals["calls"].where(totals["calls"] > 0)).fillna(0.0).round(9)
    order = totals.reset_index().sort_values(["worth", *groups], ascending=[False, *[True] * len(groups)])
    return order[list(groups)].assign(rank=np.arange(1, len(order) + 1)).reset_index(drop=True)
