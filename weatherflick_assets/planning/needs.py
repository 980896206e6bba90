"""How much a new answer about each subject is needed, by what is known of the last one. Pure.

An answer is fresh if the subject has not changed since and the answer is younger than its time to live. A fresh answer is
not needed at all. Not here: whom a subject serves, which makes a need into a value (the domains).
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

import numpy as np
import pandas as pd

NEVER, CHANGED, STALE, FRESH = "never_collected", "changed", "stale", "fresh"
"""The states of a subject."""


@dataclass(frozen=True)
class Needs:
    """The need of each state, relative to a subject that was never asked about, whose need is 1.

    Attributes:
        changed: need of a subject that has changed since its last answer.
        stale: need at the moment the time to live ends, and the limit it approaches.
        stale_half_life_days: days in which the need covers half of the remaining distance to that limit.
        empty: factor on the stale need if the last answer was empty.
    """

    changed: float
    stale: tuple[float, float]
    stale_half_life_days: float
    empty: float


@dataclass(frozen=True)
class Answers:
    """The last answers about subjects, one element per subject, in one order.

    Attributes:
        answered_at: aware time of the answer; missing if there is none.
        changed_at: aware time of the subject's last known change; missing if unknown.
        changed_then: the same as it was known at the answer.
        is_empty: whether the answer had no items.
    """

    answered_at: pd.Series
    changed_at: pd.Series
    changed_then: pd.Series
    is_empty: pd.Series


def judged(answers: Answers, needs: Needs, *, time_to_live: timedelta, now: datetime) -> tuple[np.ndarray, np.ndarray]:
    """The state and the need of every subject.

    Args:
        answers: the last answers.
        needs: the needs of the states.
        time_to_live: how long an answer about an unchanged subject is fresh.
        now: the aware time at which ages are computed.
    """
    age = pd.Timestamp(now) - answers.answered_at
    overdue_days = (age - time_to_live).dt.total_seconds().to_numpy() / 86_400
    is_newer = answers.changed_at.notna() & ~(answers.changed_at <= answers.changed_then)
    conditions = [answers.answered_at.isna(), is_newer, overdue_days >= 0]
    first, last = needs.stale
    with np.errstate(over="ignore"):
        stale = last - (last - first) * 0.5 ** (np.maximum(overdue_days, 0) / needs.stale_half_life_days)
    stale = np.where(answers.is_empty, stale * needs.empty, stale)
    states = np.select(conditions, [NEVER, CHANGED, STALE], default=FRESH)
    return states, np.select(conditions, [1.0, needs.changed, stale], default=0.0)
