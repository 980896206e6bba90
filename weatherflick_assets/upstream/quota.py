"""Quotas: which day a call counts to, when calls come back, and the words in which a ledger answers.

Days are Korean, and two clocks never agree to the second: a call sent around midnight may be counted by the upstream to
either day, so it is charged to both. The ledger itself is in `quota_ledger.py`; who may send a call by it is
decided in `admission.py`.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from weatherflick_assets.settings import KST
from weatherflick_assets.upstream.declarations import Operation, Period, Quota

AROUND_MIDNIGHT = timedelta(seconds=5)
"""How far our clock and the way to the upstream may be off together."""

EARLY = timedelta(minutes=10)
"""Counters of the upstream have been late in turning: an early "spent" is not believed for the whole day."""

AN_EARLY_REST = timedelta(minutes=1)
"""How long it is believed."""

_CALLS_PER_LEASE_SHARE = 50
_LARGEST_LEASE = 100


def charged_days(quota: Quota, at: datetime) -> tuple[date, ...]:
    """The first days of the periods that a call sent at `at` may count to: one, or two around the turn."""
    around = (at - AROUND_MIDNIGHT, at + AROUND_MIDNIGHT)
    return tuple(dict.fromkeys(_first_day(quota, moment) for moment in around))


def ends_at(quota: Quota, day: date) -> datetime:
    """When the period that begins with `day` is over for the upstream's clock too."""
    following = day + timedelta(days=1) if quota.period is Period.DAY else (day + timedelta(days=32)).replace(day=1)
    return datetime.combine(following, time(), KST) + AROUND_MIDNIGHT


def closures(quota: Quota, at: datetime) -> dict[date, datetime]:
    """Until when an upstream is believed that says at `at` that nothing is left, for each day that it may mean."""
    return {
        day: at + AN_EARLY_REST if at - datetime.combine(day, time(), KST) < EARLY else ends_at(quota, day)
        for day in charged_days(quota, at)
    }


def lease_size(quota: Quota) -> int:
    """How many calls a process takes at once: few enough that a killed process loses little, with few round trips."""
    return max(1, min(quota.calls // _CALLS_PER_LEASE_SHARE, _LARGEST_LEASE))


def _first_day(quota: Quota, at: datetime) -> date:
    day = at.astimezone(KST).date()
    return day if quota.period is Period.DAY else day.replace(day=1)


@dataclass(frozen=True)
class Meter:
    """One counter of an upstream: what it counts, and how far."""

    provider: str
    name: str
    quota: Quota

    @classmethod
    def of(cls, operation: Operation) -> "Meter":
        """The counter that an operation's calls move."""
        return cls(operation.provider.name, operation.counted_as, operation.quota)


@dataclass(frozen=True)
class Balance:
    """What a key has of one day.

    Attributes:
        left: calls that anybody may still take.
        closed_until: the upstream says that nothing is left, until then.
    """

    left: int
    closed_until: datetime | None


@dataclass(frozen=True)
class Taken:
    """What a ledger gave for one key.

    Attributes:
        granted: calls that are this process's now, of each of the days asked for.
        balances: what is left after that, by day.
    """

    granted: int
    balances: Mapping[date, Balance]

    @property
    def left(self) -> int:
        """Calls that may still be taken from all of the days."""
        return min(balance.left for balance in self.balances.values())


@dataclass(frozen=True)
class Refusal:
    """Why a key is not accepted, and when it is tried again."""

    code: str
    reason: str
    refused_at: datetime
    refused_until: datetime
