"""How fast a key may be used at the moment: declared, or less once the upstream has refused calls as too many. Pure.

Additive increase, multiplicative decrease, with a memory: what was refused is not tried again until long after, so that a
limit once found is kept. One refusal does not say whether the calls came too fast or were too many at once: it is taken for
the latter while as many as permitted were under way. Holding to it, for all processes together, is in `turns.py`.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

from weatherflick_assets.upstream.declarations import Pace

RISES_EVERY = timedelta(seconds=1)
"""A step up, until the most that is believed to be borne."""

FIRST_DOUBT, LONGEST_DOUBT = timedelta(minutes=10), timedelta(hours=6)
"""After so long more than that is tried again, a step at a time; each further refusal doubles it."""

SLOWEST = 1.0
"""Calls per second that are always tried, so that what is refused for another reason does not stop everything."""

_FACTOR = 0.5
_BELIEVED = 0.9
_STEPS = 10
"""A step of the rate is this part of the declared one."""


@dataclass(frozen=True)
class Learnt:
    """What the refusals of an upstream have taught.

    Attributes:
        left: the pace right after the last one.
        most: the pace it is believed to bear.
        lowered_at: when the last one came.
        times_lowered: how many there were.
    """

    left: Pace
    most: Pace
    lowered_at: datetime
    times_lowered: int


def permitted(declared: Pace, learnt: Learnt | None, now: datetime) -> Pace:
    """The pace at `now`; never more than declared, and at least one call at a time."""
    if learnt is None:
        return declared
    passed = max(now - learnt.lowered_at, timedelta())
    rise = passed // RISES_EVERY
    doubted = passed // min(FIRST_DOUBT * 2 ** min(learnt.times_lowered - 1, 10), LONGEST_DOUBT)
    step = declared.per_second / _STEPS
    in_flight = min(learnt.left.in_flight + rise, learnt.most.in_flight) + doubted
    per_second = min(learnt.left.per_second + rise * step, learnt.most.per_second) + doubted * step
    slowest = min(SLOWEST, declared.per_second)
    return Pace(max(1, min(in_flight, declared.in_flight)), max(slowest, min(per_second, declared.per_second)))


def lowered(declared: Pace, learnt: Learnt | None, *, sent_at: datetime, in_flight: int, now: datetime) -> Learnt:
    """What a refusal at `now` teaches of a call sent at `sent_at`, when `in_flight` calls were under way with it.

    Calls that were under way already when the pace was last lowered teach nothing new.
    """
    if learnt is not None and sent_at <= learnt.lowered_at:
        return learnt
    had = permitted(declared, learnt, sent_at)
    most = learnt.most if learnt else declared
    left = had
    if in_flight >= had.in_flight > 1:
        left = Pace(max(1, int(had.in_flight * _FACTOR)), had.per_second)
        most = Pace(had.in_flight - 1, max(most.per_second, had.per_second))
    else:
        left = Pace(had.in_flight, had.per_second * _FACTOR)
        most = Pace(max(most.in_flight, had.in_flight), had.per_second * _BELIEVED)
    return Learnt(left, most, now, (learnt.times_lowered if learnt else 0) + 1)
