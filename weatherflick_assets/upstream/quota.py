"""Quotas: which day a call counts towards, when a quota resets, and the types in which the ledger answers. Pure.

Days are Korean, and go by the database's clock. Two clocks never agree to the second, so the upstream may count a call
around midnight towards either day, and it is charged to both. The ledger itself is in `quota_ledger.py`. `admission.py` decides which key may send.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from weatherflick_assets.settings import KST
from weatherflick_assets.upstream.declarations import Operation, Period, Quota

AROUND_MIDNIGHT = timedelta(seconds=5)
"""The most that clock difference and network delay to the upstream may add up to."""

MOST_SKEW = timedelta(seconds=30)
"""The most by which the database's clock may differ from the upstream's, which is followed; with more, nothing is sent."""

EARLY = timedelta(minutes=10)
"""The upstream has reset its counters late, so an early "spent" is not believed for the whole day."""

AN_EARLY_REST = timedelta(minutes=1)
"""How long an early "spent" is believed."""

_GRANTS_PER_QUOTA = 50
_LARGEST_GRANT = 100


def charged_days(quota: Quota, at: datetime) -> tuple[date, ...]:
    """The first days of the periods that a call sent at `at` may count towards: one, or two around a reset."""
    around = (at - AROUND_MIDNIGHT, at + AROUND_MIDNIGHT)
    return tuple(dict.fromkeys(_first_day(quota, moment) for moment in around))


def ends_at(quota: Quota, day: date) -> datetime:
    """When the period that begins with `day` is over by the upstream's clock too."""
    following = day + timedelta(days=1) if quota.period is Period.DAY else (day + timedelta(days=32)).replace(day=1)
    return datetime.combine(following, time(), KST) + AROUND_MIDNIGHT


def closures(quota: Quota, at: datetime) -> dict[date, datetime]:
    """How long to believe an upstream that reports at `at` that nothing is left, for each day that it may mean."""
    return {
        day: at + AN_EARLY_REST if at - datetime.combine(day, time(), KST) < EARLY else ends_at(quota, day)
        for day in charged_days(quota, at)
    }


def grant_size(quota: Quota) -> int:
    """How many calls a process reserves at once: few enough to lose little when killed, with few round trips."""
    return max(1, min(quota.calls // _GRANTS_PER_QUOTA, _LARGEST_GRANT))


def _first_day(quota: Quota, at: datetime) -> date:
    day = at.astimezone(KST).date()
    return day if quota.period is Period.DAY else day.replace(day=1)


@dataclass(frozen=True)
class Meter:
    """One counter of an upstream: what it counts, and its limit."""

    provider: str
    name: str
    quota: Quota

    @classmethod
    def of(cls, operation: Operation) -> "Meter":
        """The counter of an operation's calls."""
        return cls(operation.provider.name, operation.counted_as, operation.quota)


@dataclass(frozen=True)
class Balance:
    """What a key has left of one day, and until when the upstream's report that nothing is left is believed."""

    left: int
    closed_until: datetime | None


@dataclass(frozen=True)
class Taken:
    """What the ledger granted for one key: calls to send now, in each of the days, and what each day has left then.

    Attributes:
        may_come_back: whether another process has calls of the key that it has not sent, and may give back.
    """

    granted: int
    balances: Mapping[date, Balance]
    may_come_back: bool = False

    @property
    def left(self) -> int:
        """Calls that may still be reserved in all of the days."""
        return min(balance.left for balance in self.balances.values())


@dataclass(frozen=True)
class Refusal:
    """Why a key is refused, and when it is tried again.

    Attributes:
        request: the only request that was refused so far; others may still show that it is not for the key. None if
            different ones were.
    """

    code: str
    reason: str
    refused_at: datetime
    refused_until: datetime
    request: str | None = None
