"""Admission: which key may send the next call of an operation, if any.

A key is in one of four states. It is usable; it rests for seconds after too many calls at once; its quota of one
operation is spent until the reset; or it is refused, with the reason and the time of the next try. Nothing else counts
against a key: no content error, no time-out, no server error. When no key is usable, nothing is sent, and a typed error
says when one will be.

A single refusal may be about what was asked for. It counts against the key for the same request alone, and for
nothing if the key is known to work. A refusal of another request without a good answer in between counts for all.

A quota of which every call is reserved is not spent while another process has not sent all of them: that process may end
and give some back. Whoever wants a call then waits for it, for a while.
"""

import asyncio
from collections.abc import Collection, Mapping
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta

from weatherflick_assets.settings import KST, PROVIDERS, Clock, korean_time
from weatherflick_assets.upstream.api_keys import NO_KEY, ApiKey, KeyRing
from weatherflick_assets.upstream.declarations import Operation
from weatherflick_assets.upstream.errors import ExhaustedError, RefusedKeyError, RefusedRequestError, ThrottledError
from weatherflick_assets.upstream.finishing import Finishing
from weatherflick_assets.upstream.quota import Meter, Refusal, Taken, charged_days, closures, ends_at, grant_size
from weatherflick_assets.upstream.quota_ledger import QuotaLedger

SHORTEST_REST, LONGEST_REST = timedelta(seconds=1), timedelta(seconds=30)
"""Bounds of a Retry-After; without the header a key rests for the shortest time."""

ASKED_AGAIN_AFTER = timedelta(seconds=0.5)
"""How long to wait until the ledger is asked again for calls that another process may give back."""

ASKED_AGAIN = 60
"""How often it is asked again: a process that neither sends nor gives back for so long is not waited for."""

_TRIED_AGAIN_AFTER: Mapping[str, timedelta] = {
    "21": timedelta(minutes=10),  # temporarily disabled
    "29": timedelta(hours=1),  # this address is blocked
    "31": timedelta(hours=1),  # expired
    "32": timedelta(hours=1),  # this address is not registered
}
_ELSE_AFTER = timedelta(minutes=15)
"""Not registered or not approved: an approval takes an hour or two to take effect."""

_SUSPECTED_FOR = timedelta(minutes=15)
"""For so long a refusal of another request adds to an earlier one."""

_HAS_WORKED_WITHIN = timedelta(days=1)
"""A key that had good answers so recently is known to work."""


@dataclass
class _Grant:
    """Calls of one key that the ledger has granted to this process.

    Attributes:
        days: the days for which they are reserved.
        left: calls that any process could still reserve at that time.
        remaining: calls that are not leased yet.
        leased: calls that are leased, and neither sent nor given back yet.
        used: calls sent that the ledger has not counted yet.
        refused: of those, calls not served because of a limit or the key.
    """

    key_id: str
    days: tuple[date, ...]
    left: int
    remaining: int
    leased: int = 0
    used: int = 0
    refused: int = 0


@dataclass(frozen=True)
class KeyLease:
    """One call reserved with one key, for a request that it names; "" if that is unknown. It is sent or given back."""

    key: ApiKey
    meter: Meter
    request: str
    grant: _Grant = field(repr=False, compare=False)


@dataclass
class _Account:
    """What this process knows about one meter: `spent_until` when keys have no more calls to reserve.

    A key is closed if the upstream reports it as spent; calls reserved earlier are not served either. `asked_again` counts how
    often in a row there were no calls but those that other processes may give back.
    """

    meter: Meter
    grants: dict[str, _Grant] = field(default_factory=dict)
    retired: list[_Grant] = field(default_factory=list)
    spent_until: dict[str, datetime] = field(default_factory=dict)
    closed_until: dict[str, datetime] = field(default_factory=dict)
    asked_again: int = 0
    taking: asyncio.Lock = field(default_factory=asyncio.Lock)

    def is_spent(self, key: ApiKey, now: datetime) -> bool:
        """Whether no calls of the key can be reserved now."""
        return _is_ahead(self.spent_until.get(key.fingerprint), now)

    def is_closed(self, key: ApiKey, now: datetime) -> bool:
        """Whether the upstream reports the key as spent."""
        return _is_ahead(self.closed_until.get(key.fingerprint), now)


class Admission:
    """Leases keys to the calls of one provider, between `open` and `close`, and learns from how the calls end."""

    def __init__(self, keys: KeyRing, ledger: QuotaLedger, clock: Clock) -> None:
        self._keys = keys
        self._ledger = ledger
        self._clock = clock
        self._accounts: dict[Meter, _Account] = {}
        self._refusals: dict[str, Refusal] = {}
        self._resting_until: dict[str, datetime] = {}
        self._suspicions: dict[str, Refusal] = {}
        self._answered_at: dict[str, datetime] = {}
        self._settling = Finishing()

    async def open(self) -> None:
        """Read which keys other processes have found refused."""
        self._refusals |= await self._ledger.refusals(self._keys.provider_name, self._clock())

    async def close(self) -> None:
        """Give back every call that was reserved but not sent; an error in one account costs no other one its calls."""
        async with AsyncExitStack() as to_do:
            to_do.push_async_callback(self._settle_all)
            await self._settling.wait()

    async def lease(self, operation: Operation, request: str = "", *, without: Collection[ApiKey] = ()) -> KeyLease:
        """Lease one call of `operation` from the usable key with the most calls left; wait while all keys rest.

        Args:
            operation: what is called.
            request: stands for all that is asked for.
            without: keys that have refused this request.

        Raises:
            RefusedRequestError: the only keys left are those that have refused this request, but not others.
            ExhaustedError: the quota of every accepted key is spent; `resumes_at` says until when.
            RefusedKeyError: every key is refused, or none is configured; `resumes_at` says when one is tried again.
        """
        meter = Meter.of(operation)
        account = self._accounts.setdefault(meter, _Account(meter))
        while True:
            now = self._clock()
            days = charged_days(meter.quota, now)
            accepted = self._accepted(now, request, without)
            if found := self._from_grants(account, days, accepted, now):
                return KeyLease(found[0], meter, request, found[1])
            unspent = [key for key in accepted if not account.is_spent(key, now)]
            if not unspent:
                raise self._exhausted(account, accepted)
            if (rested_at := min(map(self._rest_of, unspent))) > now:
                await asyncio.sleep((rested_at - now).total_seconds())
            else:
                await self._settling.finish(self._take(account, days, accepted, now))

    def is_current(self, lease: KeyLease) -> bool:
        """Whether the call may still be sent: the day of its lease is not over, and the key is still usable."""
        now, key = self._clock(), lease.key
        return (
            lease.grant.days == charged_days(lease.meter.quota, now)
            and not self._is_refused(key, now, lease.request)
            and self._rest_of(key) <= now
            # A reserved call may be sent, even if no more can be reserved.
            and not self._accounts[lease.meter].is_closed(key, now)
        )

    def give_back(self, lease: KeyLease) -> None:
        """Give back the lease of a call that was not sent: to this process, or to all if its grant is not used any more."""
        lease.grant.leased -= 1
        lease.grant.remaining += 1
        account, key_id = self._accounts[lease.meter], lease.key.fingerprint
        if account.grants.get(key_id) is not lease.grant:
            if not account.is_closed(lease.key, self._clock()):
                account.spent_until.pop(key_id, None)
            self._settling.start(self._settle(lease.meter, lease.grant))

    def sent(self, lease: KeyLease) -> None:
        """Count a sent call, whatever its answer."""
        grant = lease.grant
        grant.leased -= 1
        grant.used += 1
        if not grant.remaining and not grant.leased:
            # Others need not wait for anything to be given back.
            self._settling.start(self._settle(lease.meter, grant))

    async def spent(self, lease: KeyLease) -> None:
        """Close the key: the upstream reports its calls as spent, which overrides our own count."""
        lease.grant.refused += 1
        account = self._accounts[lease.meter]
        until = closures(lease.meter.quota, self._clock())
        key_id = lease.key.fingerprint
        account.spent_until[key_id] = account.closed_until[key_id] = max(until.values())
        await self._settling.finish(self._settle_spent(account, key_id, until))

    def answered(self, lease: KeyLease) -> None:
        """Note that the key works: what was refused with it before, if that was one request, is not for the key."""
        key_id = lease.key.fingerprint
        self._answered_at[key_id] = self._clock()
        refusal = self._refusals.get(key_id)
        is_suspected = refusal is not None and refusal.request is not None
        if is_suspected:
            del self._refusals[key_id]
        if self._suspicions.pop(key_id, None) is not None or is_suspected:
            self._settling.start(self._ledger.unsuspect(self._keys.provider_name, key_id))

    async def refused(self, lease: KeyLease, error: RefusedKeyError) -> bool:
        """Note that the upstream refuses the key, at least for this request.

        Returns whether another request was refused before, with no good answer in between: then `refuse` the key, unless
        a request that is known to be good still shows that it works. One refusal at a time.
        """
        lease.grant.refused += 1
        if not lease.request:
            await self.refuse(lease, error)
            return False
        now, key_id, provider = self._clock(), lease.key.fingerprint, self._keys.provider_name
        if self._is_refused(lease.key, now, ""):
            return False
        # Another process may have been refused, too.
        former = await self._ledger.suspicion(provider, key_id)
        if former is not None and former.request != lease.request:
            since = max(now - _SUSPECTED_FOR, self._answered_at.get(key_id, former.refused_at))
            if former.refused_at >= since:
                return True
        works = key_id in self._answered_at or await self._ledger.has_worked(
            provider, key_id, (now - _HAS_WORKED_WITHIN).astimezone(KST).date()
        )
        until = now if works else now + _TRIED_AGAIN_AFTER.get(error.code, _ELSE_AFTER)
        refusal = Refusal(error.code, str(error), now, until, lease.request)
        (self._suspicions if works else self._refusals)[key_id] = refusal
        await self._settling.finish(self._ledger.refuse(provider, key_id, refusal))
        return False

    async def refuse(self, lease: KeyLease, error: RefusedKeyError) -> None:
        """Stop using the key for a while, for whatever is asked."""
        now = self._clock()
        until = now + _TRIED_AGAIN_AFTER.get(error.code, _ELSE_AFTER)
        refusal = Refusal(error.code, str(error), now, until)
        self._refusals[lease.key.fingerprint] = refusal
        await self._settling.finish(self._ledger.refuse(self._keys.provider_name, lease.key.fingerprint, refusal))

    def works(self, key: ApiKey) -> bool:
        """Whether the key has had a good answer, or is not refused for all requests."""
        return key.fingerprint in self._answered_at or key.fingerprint not in self._refusals

    def throttled(self, lease: KeyLease, error: ThrottledError) -> None:
        """Let the key rest: the upstream reports that calls came too fast."""
        lease.grant.refused += 1
        asked = timedelta(seconds=min(error.retry_after or 0.0, LONGEST_REST.total_seconds()))
        until = self._clock() + max(asked, SHORTEST_REST)
        self._resting_until[lease.key.fingerprint] = max(until, self._rest_of(lease.key))

    def _accepted(self, now: datetime, request: str, without: Collection[ApiKey]) -> list[ApiKey]:
        accepted = [key for key in self._keys.keys if not self._is_refused(key, now, request)]
        if left := [key for key in accepted if key not in without]:
            return [key for key in left if key.fingerprint not in self._refusals] or left
        if accepted:
            reasons = "; ".join(
                f"{key.fingerprint}: {refusal.reason}"
                for key in accepted
                if (refusal := self._suspicions.get(key.fingerprint)) is not None
            )
            message = (
                f"{self._keys.provider_name} refuses the key for this request ({reasons or 'refused'}). The key had good answers "
                "lately, so it may be about what was asked for. If other requests are refused, too, check the key."
            )
            raise RefusedRequestError(message, code=NO_KEY)
        refusals = {key.fingerprint: self._refusals[key.fingerprint] for key in self._keys.keys}
        name = self._keys.provider_name
        reasons = "; ".join(
            f"{key_id}: {refusal.reason} It is tried again at {_time(refusal.refused_until)}"
            for key_id, refusal in refusals.items()
        )
        message = (
            f"No API key for {name} is usable ({reasons or 'none is configured'}). "
            f"Check {' or '.join(PROVIDERS[name])}, and that the key is approved for the service; an approval can take an "
            "hour or two."
        )
        resumes_at = min((refusal.refused_until for refusal in refusals.values()), default=None)
        error = RefusedKeyError(message, code=NO_KEY, resumes_at=resumes_at)
        error.is_certain = all(refusal.request is None for refusal in refusals.values())
        raise error

    def _rest_of(self, key: ApiKey) -> datetime:
        return self._resting_until.get(key.fingerprint, datetime.min.replace(tzinfo=KST))

    def _is_refused(self, key: ApiKey, now: datetime, request: str) -> bool:
        refusal = self._refusals.get(key.fingerprint)
        return refusal is not None and refusal.refused_until > now and refusal.request in (None, request)

    def _is_ready(self, account: _Account, key: ApiKey, now: datetime) -> bool:
        return self._rest_of(key) <= now and not account.is_spent(key, now)

    def _usable(self, account: _Account, key: ApiKey, days: tuple[date, ...], now: datetime) -> _Grant | None:
        grant = account.grants.get(key.fingerprint)
        is_usable = grant is not None and grant.remaining > 0 and grant.days == days
        return grant if is_usable and self._is_ready(account, key, now) else None

    def _from_grants(
        self, account: _Account, days: tuple[date, ...], accepted: Collection[ApiKey], now: datetime
    ) -> tuple[ApiKey, _Grant] | None:
        usable = [(grant, key) for key in accepted if (grant := self._usable(account, key, days, now))]
        if not usable:
            return None
        grant, key = max(usable, key=lambda found: found[0].remaining + found[0].left)
        grant.remaining -= 1
        grant.leased += 1
        return key, grant

    async def _take(
        self, account: _Account, days: tuple[date, ...], accepted: Collection[ApiKey], now: datetime
    ) -> None:
        async with account.taking:
            asked = [key.fingerprint for key in accepted if self._is_ready(account, key, now)]
            # Another caller may have reserved some while this one waited for the lock.
            if not asked or any(self._usable(account, key, days, now) for key in accepted):
                return
            for key_id in asked:
                await self._retire(account, key_id)
            meter = account.meter
            # A process with many keys reserves no more at once than a process with one.
            calls = -(-grant_size(meter.quota) // len(asked))
            taken = await self._ledger.take(meter, asked, days, calls=calls, now=now)
            are_calls_left = any(found.granted for found in taken.values())
            account.asked_again = 0 if are_calls_left else account.asked_again + 1
            is_spent = True
            for key_id, found in taken.items():
                is_closed = any(_is_ahead(balance.closed_until, now) for balance in found.balances.values())
                if found.granted:
                    account.grants[key_id] = _Grant(key_id, days, found.left, found.granted)
                elif found.may_come_back and not is_closed and account.asked_again <= ASKED_AGAIN:
                    is_spent = False
                else:
                    account.spent_until[key_id] = _comes_back(meter, found, now)
                    if is_closed:
                        account.closed_until[key_id] = account.spent_until[key_id]
            if not are_calls_left and not is_spent:
                # Every caller of this process waits for this one.
                await asyncio.sleep(ASKED_AGAIN_AFTER.total_seconds())

    async def _settle_spent(self, account: _Account, key_id: str, until: Mapping[date, datetime]) -> None:
        await self._ledger.close(account.meter, key_id, until)
        await self._retire(account, key_id)

    async def _retire(self, account: _Account, key_id: str) -> None:
        """Lease no more calls of a grant. Its calls in flight are counted at the end."""
        grant = account.grants.pop(key_id, None)
        if grant is not None:
            account.retired.append(grant)
            await self._settle(account.meter, grant)

    async def _settle_all(self) -> None:
        async with AsyncExitStack() as to_do:
            for account in self._accounts.values():
                for grant in (*account.grants.values(), *account.retired):
                    to_do.push_async_callback(self._settle, account.meter, grant)

    async def _settle(self, meter: Meter, grant: _Grant) -> None:
        unused, used, refused = grant.remaining, grant.used, grant.refused
        grant.remaining = grant.used = grant.refused = 0
        if unused or used or refused:
            await self._ledger.settle(meter, grant.key_id, grant.days, unused=unused, used=used, refused=refused)

    def _exhausted(self, account: _Account, accepted: Collection[ApiKey]) -> ExhaustedError:
        resumes_at = min(account.spent_until[key.fingerprint] for key in accepted)
        limit, name = account.meter.quota.calls, self._keys.provider_name
        message = (
            f"The calls of {name} {account.meter.name} are spent: {limit:,} a key and {account.meter.quota.period}, "
            f"with {len(accepted)} {'key' if len(accepted) == 1 else 'keys'}. What was collected is kept; there are calls "
            f"again at {_time(resumes_at)}. Resume then, add a key, or set {name.upper()}_API_DAILY_LIMIT if the account "
            "may call more."
        )
        return ExhaustedError(message, code=NO_KEY, resumes_at=resumes_at)


def _comes_back(meter: Meter, taken: Taken, now: datetime) -> datetime:
    """When a key that was granted nothing has calls again: each day may be spent, or closed, or both."""
    spent = [ends_at(meter.quota, day) for day, balance in taken.balances.items() if balance.left <= 0]
    closed = [balance.closed_until for balance in taken.balances.values() if balance.closed_until is not None]
    return max(until for until in (*spent, *closed) if until > now)


def _is_ahead(until: datetime | None, now: datetime) -> bool:
    return until is not None and until > now


def _time(at: datetime) -> str:
    return f"{korean_time(at)} KST"
