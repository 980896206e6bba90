"""Who is asked in which round of a period, if its quota doesn't pay for asking about everything in every round. Pure.

There is something new about every subject in each round, e.g. with every issue of a forecast. What is known of a subject
ages until it is asked about again. The knowledge of a subject that was last asked about `age` hours ago lacks

    importance × age ** exponent

Over time the mean of this is least if every subject is asked about when importance × age ** (1 + exponent) reaches one
level, the same for all. It is the condition of Cho and Garcia-Molina (Effective page refresh policies for web crawlers,
ACM TODS 28, 2003) for this law of ageing. What a subject lacks between two calls, added up over time, grows faster than the
time between them. So even distances are best, and the calls of a period are shared evenly among its rounds.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Numbers = NDArray[np.float64]


@dataclass(frozen=True)
class Round:
    """A round, and what comes after it.

    Attributes:
        calls: subjects that the quota of the period pays for in this round and the later ones together.
        later: rounds of the period after this one.
        hours_to_next: hours to the next round, whichever period it is in.
        hours_to_next_period: hours to the first round of the next period, which has a quota of its own.
    """

    calls: int
    later: int
    hours_to_next: float
    hours_to_next_period: float


def urgency(importance: Numbers, age: Numbers, exponent: float) -> Numbers:
    """By what subjects are ordered: what their knowledge lacks, times its age.

    Args:
        importance: of each subject, above 0.
        age: hours since it was last asked about; infinite if it never was.
        exponent: by which knowledge ages, above 0.
    """
    return importance * age ** (1 + exponent)


def chosen(importance: Numbers, age: Numbers, now: Round, *, exponent: float, longest: float) -> NDArray[np.intp]:
    """The subjects to ask about in a round, in the order in which to ask.

    While the quota pays for it, every subject is asked about at least every `longest` hours: those that can't wait for
    the next round come first, and calls for those that can't wait for the next period are set aside. Then come the most
    urgent ones, until the round has its even share of the calls. If the quota doesn't pay for that, urgency alone decides.

    Subjects of age 0 have been asked about in this round. So a round that was broken off goes on as it was planned.

    Args:
        importance: of each subject, above 0.
        age: hours since the round in which it was last asked about; infinite if it never was.
        now: the round, with the calls that are left.
        exponent: as of `urgency`.
        longest: hours.

    Returns:
        Positions in the arrays. Equally urgent subjects are ordered by importance, then as they were given.
    """
    calls = max(now.calls, 0)
    is_open = age > 0
    answered = len(age) - int(is_open.sum())
    share = max((calls + answered) // (1 + now.later) - answered, 0)
    order = np.lexsort((-importance, -urgency(importance, age, exponent)))
    order = order[is_open[order]]
    must_now = is_open & (age + now.hours_to_next > longest)
    must = must_now | (age + now.hours_to_next_period > longest)
    spare = calls - int(must.sum())
    if spare < 0:
        return order[:share]
    order = np.concatenate((order[must_now[order]], order[~must_now[order]]))
    is_affordable = must[order] | (np.cumsum(~must[order]) <= spare)
    return order[is_affordable][: max(share, int(must_now.sum()))]
