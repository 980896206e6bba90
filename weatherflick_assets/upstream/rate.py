"""The current rate limit of a key: the declared one, or less once the upstream has refused calls. Pure.

Additive increase, multiplicative decrease, with a memory: a refused rate is not tried again until much later, so a
limit that was found is kept. A refusal does not say whether calls came too fast or too many were in flight. It counts
as the latter if as many calls as permitted were in flight. `rate_limiter.py` enforces the limit.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

from weatherflick_assets.upstream.declarations import RateLimit

RISES_EVERY = timedelta(seconds=1)
"""Time between two steps up, until the most that the upstream is believed to accept."""

FIRST_DOUBT, LONGEST_DOUBT = timedelta(minutes=10), timedelta(hours=6)
"""After this time more is tried, a step at a time; each further refusal doubles it."""

SLOWEST = 1.0
"""Calls per second that are always permitted, so that refusals for another reason do not stop everything."""

_FACTOR = 0.5
_BELIEVED = 0.9
_STEPS = 10
"""The number of steps in the declared rate."""


@dataclass(frozen=True)
class Learnt:
    """What the refusals of an upstream have taught.

    Attributes:
        left: the limit right after the last refusal.
        most: the limit that the upstream is believed to accept.
        lowered_at, times_lowered: when the last refusal came, and how many there were.
    """

    left: RateLimit
    most: RateLimit
    lowered_at: datetime
    times_lowered: int


def permitted(declared: RateLimit, learnt: Learnt | None, now: datetime) -> RateLimit:
    """The limit at `now`; never more than declared, and at least one call at a time."""
    if learnt is None:
        return declared
    passed = max(now - learnt.lowered_at, timedelta())
    rise = passed // RISES_EVERY
    doubted = passed // min(FIRST_DOUBT * 2 ** min(learnt.times_lowered - 1, 10), LONGEST_DOUBT)
    step = declared.per_second / _STEPS
    in_flight = min(learnt.left.in_flight + rise, learnt.most.in_flight) + doubted
    per_second = min(learnt.left.per_second + rise * step, learnt.most.per_second) + doubted * step
    slowest = min(SLOWEST, declared.per_second)
    return RateLimit(max(1, min(in_flight, declared.in_flight)), max(slowest, min(per_second, declared.per_second)))


def lowered(declared: RateLimit, learnt: Learnt | None, *, sent_at: datetime, in_flight: int, now: datetime) -> Learnt:
    """What is learnt at `now` from the refusal of a call sent at `sent_at`, with `in_flight` calls in flight.

    A call that was already in flight when the limit was last lowered teaches nothing new.
    """
    if learnt is not None and sent_at <= learnt.lowered_at:
        return learnt
    had = permitted(declared, learnt, sent_at)
    most = learnt.most if learnt else declared
    left = had
    if in_flight >= had.in_flight > 1:
        left = RateLimit(max(1, int(had.in_flight * _FACTOR)), had.per_second)
        most = RateLimit(had.in_flight - 1, max(most.per_second, had.per_second))
    else:
        left = RateLimit(had.in_flight, had.per_second * _FACTOR)
        most = RateLimit(max(most.in_flight, had.in_flight), had.per_second * _BELIEVED)
    return Learnt(left, most, now, (learnt.times_lowered if learnt else 0) + 1)
