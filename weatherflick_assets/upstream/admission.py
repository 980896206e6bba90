"""Which key may send the next call of an operation, if any: the states of keys, told apart.

A key is usable; or it rests for seconds (too many calls at once); or its calls of one operation are spent until the reset;
or it is refused, with the reason and a time at which it is tried again. Nothing else ever counts against a key: not a
content error, not a time-out, not a server error. When no key is usable the answer is a typed error with the time at which
one will be; nothing is sent anyway.
"""

import asyncio
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta

from weatherflick_assets.settings import KST, Clock
from weatherflick_assets.upstream.api_keys import NO_KEY, ApiKey, KeyRing
from weatherflick_assets.upstream.declarations import Operation
from weatherflick_assets.upstream.errors import ExhaustedError, RefusedKeyError, ThrottledError
from weatherflick_assets.upstream.finishing import Finishing
from weatherflick_assets.upstream.quota import (
    Meter,
    Refusal,
    Taken,
    charged_days,
    closures,
    ends_at,
    lease_size,
)
from weatherflick_assets.upstream.quota_ledger import QuotaLedger

SHORTEST_REST, LONGEST_REST = timedelta(seconds=1), timedelta(seconds=30)
"""Bounds of what a Retry-After may ask for; without one a key rests for the shortest time."""

_TRIED_AGAIN_AFTER: Mapping[str, timedelta] = {
    "21": timedelta(minutes=10),  # disabled for the time being
    "29": timedelta(hours=1),  # this address is blocked
    "31": timedelta(hours=1),  # expired
    "32": timedelta(hours=1),  # this address is not registered
}
_ELSE_AFTER = timedelta(minutes=15)
"""Not registered or not approved: an approval takes an hour or two to arrive."""


@dataclass
class _Lease:
    """Calls of one key that are this process's.

    Attributes:
        key_id: whose.
        days: what they were taken from.
        left: what else anybody could take when these were taken.
        remaining: calls without a ticket.
        used: calls sent that the ledger has not been told of.
        refused: of those, calls not served because of a limit or the key.
    """

    key_id: str
    days: tuple[date, ...]
    left: int
    remaining: int
    used: int = 0
    refused: int = 0


@dataclass(frozen=True)
class Ticket:
    """The right to send one call with one key: sent, or given back."""

    key: ApiKey
    meter: Meter
    lease: _Lease = field(repr=False, compare=False)


@dataclass
class _Account:
    """What this process knows of one meter.

    Attributes:
        spent_until: keys of which nothing can be taken, and until when.
        closed_until: keys of which the upstream says so: what was taken before is worth nothing either.
    """

    meter: Meter
    leases: dict[str, _Lease] = field(default_factory=dict)
    retired: list[_Lease] = field(default_factory=list)
    spent_until: dict[str, datetime] = field(default_factory=dict)
    closed_until: dict[str, datetime] = field(default_factory=dict)
    taking: asyncio.Lock = field(default_factory=asyncio.Lock)

    def is_spent(self, key: ApiKey, now: datetime) -> bool:
        """Whether nothing can be taken of the key now."""
        return _is_ahead(self.spent_until.get(key.fingerprint), now)

    def is_closed(self, key: ApiKey, now: datetime) -> bool:
        """Whether the upstream says so."""
        return _is_ahead(self.closed_until.get(key.fingerprint), now)


class Admission:
    """Hands out tickets for calls of one provider, and learns from how they end, between `open` and `close`.

    Args:
        keys: the configured keys.
        ledger: the count that all processes share.
        clock: the time that decides about days, rests and refusals.
    """

    def __init__(self, keys: KeyRing, ledger: QuotaLedger, clock: Clock) -> None:
        self._keys = keys
        self._ledger = ledger
        self._clock = clock
        self._accounts: dict[Meter, _Account] = {}
        self._refusals: dict[str, Refusal] = {}
        self._resting_until: dict[str, datetime] = {}
        self._telling = Finishing()

    async def open(self) -> None:
        """Learn which keys other processes have found refused."""
        self._refusals |= await self._ledger.refusals(self._keys.provider_name, self._clock())

    async def close(self) -> None:
        """Give back every call that was taken and not sent."""
        await self._telling.wait()
        for account in self._accounts.values():
            for lease in (*account.leases.values(), *account.retired):
                await self._tell(account.meter, lease)

    async def ticket(self, operation: Operation) -> Ticket:
        """The right to send one call of `operation`, with the usable key that has most left; waits while all of them rest.

        Raises:
            ExhaustedError: the quota of every key that is accepted is spent; `resumes_at` says until when.
            RefusedKeyError: no key is accepted, or none is configured; `resumes_at` says when one is tried again.
        """
        meter = Meter.of(operation)
        account = self._accounts.setdefault(meter, _Account(meter))
        while True:
            now = self._clock()
            days = charged_days(meter.quota, now)
            accepted = self._accepted(now)
            if ticket := self._from_lease(account, days, accepted, now):
                return ticket
            unspent = [key for key in accepted if not account.is_spent(key, now)]
            if not unspent:
                raise self._exhausted(account, accepted)
            if (rested_at := min(map(self._rest_of, unspent))) > now:
                await asyncio.sleep((rested_at - now).total_seconds())
            else:
                await self._telling.finish(self._take(account, days, accepted, now))

    def is_current(self, ticket: Ticket) -> bool:
        """Whether the call may still be sent: the day that its ticket is for has not turned, and the key is still usable."""
        now, key = self._clock(), ticket.key
        return (
            ticket.lease.days == charged_days(ticket.meter.quota, now)
            and not self._is_refused(key, now)
            and self._rest_of(key) <= now
            # A call that was taken may be sent, though no more can be taken.
            and not self._accounts[ticket.meter].is_closed(key, now)
        )

    def give_back(self, ticket: Ticket) -> None:
        """The call was not sent."""
        ticket.lease.remaining += 1

    def sent(self, ticket: Ticket) -> None:
        """The call was sent; whether it was answered well or not, it counts."""
        ticket.lease.used += 1

    async def spent(self, ticket: Ticket) -> None:
        """The upstream says that the key's calls are spent, which counts more than our own count."""
        ticket.lease.refused += 1
        account = self._accounts[ticket.meter]
        until = closures(ticket.meter.quota, self._clock())
        key_id = ticket.key.fingerprint
        account.spent_until[key_id] = account.closed_until[key_id] = max(until.values())
        await self._telling.finish(self._tell_spent(account, key_id, until))

    async def refused(self, ticket: Ticket, error: RefusedKeyError) -> None:
        """The upstream does not accept the key."""
        ticket.lease.refused += 1
        now = self._clock()
        until = now + _TRIED_AGAIN_AFTER.get(error.code, _ELSE_AFTER)
        refusal = Refusal(error.code, str(error), now, until)
        self._refusals[ticket.key.fingerprint] = refusal
        await self._telling.finish(self._ledger.refuse(self._keys.provider_name, ticket.key.fingerprint, refusal))

    def throttled(self, ticket: Ticket, error: ThrottledError) -> None:
        """The upstream says that the calls came too fast."""
        ticket.lease.refused += 1
        asked = timedelta(seconds=min(error.retry_after or 0.0, LONGEST_REST.total_seconds()))
        until = self._clock() + max(asked, SHORTEST_REST)
        self._resting_until[ticket.key.fingerprint] = max(until, self._rest_of(ticket.key))

    def _accepted(self, now: datetime) -> list[ApiKey]:
        accepted = [key for key in self._keys.keys if not self._is_refused(key, now)]
        if accepted:
            return accepted
        refusals = {key.fingerprint: self._refusals[key.fingerprint] for key in self._keys.keys}
        name = self._keys.provider_name
        reasons = "; ".join(
            f"{key_id}: {refusal.reason} It is tried again at {_time(refusal.refused_until)}"
            for key_id, refusal in refusals.items()
        )
        message = (
            f"No API key for {name} is usable ({reasons or 'none is configured'}). "
            f"Check {name.upper()}_API_KEY or DATA_GO_KR_API_KEY, and that the service has been "
            "applied for on data.go.kr; a new approval takes an hour or two."
        )
        resumes_at = min((refusal.refused_until for refusal in refusals.values()), default=None)
        raise RefusedKeyError(message, code=NO_KEY, resumes_at=resumes_at)

    def _rest_of(self, key: ApiKey) -> datetime:
        return self._resting_until.get(key.fingerprint, datetime.min.replace(tzinfo=KST))

    def _is_refused(self, key: ApiKey, now: datetime) -> bool:
        refusal = self._refusals.get(key.fingerprint)
        return refusal is not None and refusal.refused_until > now

    def _is_ready(self, account: _Account, key: ApiKey, now: datetime) -> bool:
        return self._rest_of(key) <= now and not account.is_spent(key, now)

    def _usable(self, account: _Account, key: ApiKey, days: tuple[date, ...], now: datetime) -> _Lease | None:
        lease = account.leases.get(key.fingerprint)
        is_usable = lease is not None and lease.remaining > 0 and lease.days == days
        return lease if is_usable and self._is_ready(account, key, now) else None

    def _from_lease(
        self, account: _Account, days: tuple[date, ...], accepted: Collection[ApiKey], now: datetime
    ) -> Ticket | None:
        usable = [(lease, key) for key in accepted if (lease := self._usable(account, key, days, now))]
        if not usable:
            return None
        lease, key = max(usable, key=lambda found: found[0].remaining + found[0].left)
        lease.remaining -= 1
        return Ticket(key, account.meter, lease)

    async def _take(
        self, account: _Account, days: tuple[date, ...], accepted: Collection[ApiKey], now: datetime
    ) -> None:
        async with account.taking:
            asked = [key.fingerprint for key in accepted if self._is_ready(account, key, now)]
            # Another caller may have taken some while this one waited its turn.
            if not asked or any(self._usable(account, key, days, now) for key in accepted):
                return
            for key_id in asked:
                await self._retire(account, key_id)
            meter = account.meter
            # A process takes no more at once with many keys than with one.
            calls = -(-lease_size(meter.quota) // len(asked))
            taken = await self._ledger.take(meter, asked, days, calls=calls, now=now)
            for key_id, found in taken.items():
                if found.granted:
                    account.leases[key_id] = _Lease(key_id, days, found.left, found.granted)
                    continue
                account.spent_until[key_id] = _comes_back(meter, found, now)
                if any(_is_ahead(balance.closed_until, now) for balance in found.balances.values()):
                    account.closed_until[key_id] = account.spent_until[key_id]

    async def _tell_spent(self, account: _Account, key_id: str, until: Mapping[date, datetime]) -> None:
        await self._ledger.close(account.meter, key_id, until)
        await self._retire(account, key_id)

    async def _retire(self, account: _Account, key_id: str) -> None:
        """Hand out no more of a lease. Calls under way with it are told of at the end."""
        lease = account.leases.pop(key_id, None)
        if lease is not None:
            account.retired.append(lease)
            await self._tell(account.meter, lease)

    async def _tell(self, meter: Meter, lease: _Lease) -> None:
        unused, used, refused = lease.remaining, lease.used, lease.refused
        lease.remaining = lease.used = lease.refused = 0
        if unused or used or refused:
            await self._ledger.settle(meter, lease.key_id, lease.days, unused=unused, used=used, refused=refused)

    def _exhausted(self, account: _Account, accepted: Collection[ApiKey]) -> ExhaustedError:
        resumes_at = min(account.spent_until[key.fingerprint] for key in accepted)
        limit, name = account.meter.quota.calls, self._keys.provider_name
        message = (
            f"The calls of {name} {account.meter.name} are spent: {limit:,} a key and {account.meter.quota.period}, "
            f"with {len(accepted)} {'key' if len(accepted) == 1 else 'keys'}. What was collected is kept; there are calls "
            f"again at {_time(resumes_at)}. Go on then, add a key, or set {name.upper()}_API_DAILY_LIMIT if the account "
            "may call more."
        )
        return ExhaustedError(message, code=NO_KEY, resumes_at=resumes_at)


def _comes_back(meter: Meter, taken: Taken, now: datetime) -> datetime:
    """When there are calls again of a key of which a ledger gave none: each day's may be spent, or closed, or both."""
    spent = [ends_at(meter.quota, day) for day, balance in taken.balances.items() if balance.left <= 0]
    closed = [balance.closed_until for balance in taken.balances.values() if balance.closed_until is not None]
    return max(until for until in (*spent, *closed) if until > now)


def _is_ahead(until: datetime | None, now: datetime) -> bool:
    return until is not None and until > now


def _time(at: datetime) -> str:
    return f"{at.astimezone(KST):%Y-%m-%d %H:%M} KST"
