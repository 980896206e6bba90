"""The quota ledger in PostgreSQL: what each key may still call, for any number of processes and machines.

Calls are reserved before they are sent, many at a time: one round trip serves many calls, and the row's lock makes it
atomic. Calls that were not sent are given back. A killed process gives nothing back, so its reserved calls stay
counted. `admission.py` decides when calls are reserved, and of which key.

That everything is reserved does not mean that everything was sent. As long as a process has calls of a key that it has not
settled, its session holds a shared advisory lock. Who gets no calls is told, as of the same moment, whether there is
such a process. A killed process loses the lock with its session, so nobody waits for what it can't give back.
"""

import asyncio
from collections import Counter
from collections.abc import Collection, Mapping
from datetime import date, datetime

from weatherflick_assets.upstream.errors import LedgerError
from weatherflick_assets.upstream.quota import Balance, Meter, Refusal, Taken
from weatherflick_assets.warehouse.sessions import Session

_OPEN = """
INSERT INTO ops.api_calls_daily AS calls (provider, operation, api_key_id, day, daily_limit, reserved, used, refused)
SELECT %(provider)s, %(operation)s, api_key_id, day, %(limit)s, 0, 0, 0
FROM unnest(%(keys)s::text[]) AS api_key_id, unnest(%(days)s::date[]) AS day
ORDER BY api_key_id, day
ON CONFLICT (provider, operation, api_key_id, day) DO UPDATE SET daily_limit = EXCLUDED.daily_limit
WHERE calls.daily_limit <> EXCLUDED.daily_limit
"""

# The rows are locked first, always in the same order, so the balance is current and no two processes deadlock.
_TAKE = """
WITH locked AS MATERIALIZED (
    SELECT api_key_id, day, daily_limit - reserved AS remaining, closed_until
    FROM ops.api_calls_daily
    WHERE provider = %(provider)s AND operation = %(operation)s
      AND api_key_id = ANY (%(keys)s::text[]) AND day = ANY (%(days)s::date[])
    ORDER BY api_key_id, day
    FOR UPDATE
), grants AS (
    SELECT api_key_id,
           CASE WHEN bool_or(coalesce(closed_until > %(now)s, false)) THEN 0
                ELSE greatest(least(min(remaining), %(calls)s), 0) END AS granted
    FROM locked GROUP BY api_key_id
), taken AS (
    UPDATE ops.api_calls_daily AS calls SET reserved = reserved + granted
    FROM grants
    WHERE calls.provider = %(provider)s AND calls.operation = %(operation)s
      AND calls.api_key_id = grants.api_key_id AND calls.day = ANY (%(days)s::date[]) AND granted > 0
), holding AS MATERIALIZED (
    -- Before the rows are unlocked: nobody sees that the calls are reserved and not that they are held.
    SELECT count(pg_advisory_lock_shared(hashtextextended(%(account)s || api_key_id, 0)))
    FROM grants WHERE granted > 0 AND api_key_id <> ALL (%(held)s::text[])
), others AS (
    SELECT (classid::bigint << 32) | objid::bigint AS lock FROM pg_locks
    WHERE locktype = 'advisory' AND objsubid = 1 AND mode = 'ShareLock' AND granted AND pid <> pg_backend_pid()
      AND database = (SELECT oid FROM pg_database WHERE datname = current_database())
)
SELECT api_key_id, grants.granted, day, remaining - grants.granted, closed_until,
       CASE WHEN grants.granted = 0 THEN hashtextextended(%(account)s || api_key_id, 0) IN (SELECT lock FROM others) ELSE false END
FROM locked JOIN grants USING (api_key_id), holding
"""

_LET_GO = "SELECT pg_advisory_unlock_shared(hashtextextended(%(account)s || %(key)s, 0))"

_SETTLE = """
WITH locked AS MATERIALIZED (
    SELECT day FROM ops.api_calls_daily
    WHERE provider = %(provider)s AND operation = %(operation)s
      AND api_key_id = %(key)s AND day = ANY (%(days)s::date[])
    ORDER BY day
    FOR UPDATE
)
UPDATE ops.api_calls_daily AS calls
SET reserved = reserved - %(unused)s, used = used + %(used)s, refused = refused + %(refused)s
FROM locked
WHERE calls.provider = %(provider)s AND calls.operation = %(operation)s
  AND calls.api_key_id = %(key)s AND calls.day = locked.day
RETURNING calls.day
"""

_CLOSE = """
UPDATE ops.api_calls_daily SET closed_until = greatest(closed_until, %(until)s)
WHERE provider = %(provider)s AND operation = %(operation)s AND api_key_id = %(key)s AND day = %(day)s
"""

_REFUSE = """
INSERT INTO ops.api_key_refusals (provider, api_key_id, code, reason, refused_at, refused_until, request)
VALUES (%(provider)s, %(key)s, %(code)s, %(reason)s, %(refused_at)s, %(refused_until)s, %(request)s)
ON CONFLICT (provider, api_key_id) DO UPDATE SET
    code = EXCLUDED.code, reason = EXCLUDED.reason,
    refused_at = EXCLUDED.refused_at, refused_until = EXCLUDED.refused_until, request = EXCLUDED.request
"""

_REFUSALS = """
SELECT api_key_id, code, reason, refused_at, refused_until, request FROM ops.api_key_refusals
WHERE provider = %s AND refused_until > %s
"""

_SUSPICION = """
SELECT code, reason, refused_at, refused_until, request FROM ops.api_key_refusals
WHERE provider = %s AND api_key_id = %s AND request IS NOT NULL
"""

_UNSUSPECT = "DELETE FROM ops.api_key_refusals WHERE provider = %s AND api_key_id = %s AND request IS NOT NULL"

_WORKS = """
SELECT FROM ops.api_calls_daily
WHERE provider = %s AND api_key_id = %s AND day >= %s::date AND used > refused LIMIT 1
"""


class QuotaLedger(Session):
    """The ledger, over its own connection. Use it as an asynchronous context manager."""

    def __init__(self, dsn: str) -> None:
        super().__init__(dsn, autocommit=True)
        self._opened: set[tuple[Meter, frozenset[str], frozenset[date]]] = set()
        self._unsettled: Counter[tuple[Meter, str]] = Counter()
        self._counting = asyncio.Lock()

    async def clock(self) -> datetime:
        """The time by the database server's clock, which all processes share."""
        ((at,),) = await self.rows("SELECT clock_timestamp()", ())
        return at

    async def take(
        self, meter: Meter, key_ids: Collection[str], days: Collection[date], *, calls: int, now: datetime
    ) -> Mapping[str, Taken]:
        """Reserve up to `calls` calls of each key in all of `days`, atomically; none in a day that is closed.

        Raises:
            LedgerError: a key's row of one of the days has been deleted since this process first used it.
        """
        parameters = {
            **_names(meter),
            "keys": sorted(key_ids),
            "days": sorted(days),
            "limit": meter.quota.calls,
            "calls": calls,
            "now": now,
        }
        opened = (meter, frozenset(key_ids), frozenset(days))
        if opened not in self._opened:
            await self.rows(_OPEN, parameters)
            self._opened.add(opened)
        granted: dict[str, int] = {}
        may_come_back: dict[str, bool] = {}
        balances: dict[str, dict[date, Balance]] = {}
        async with self._counting:
            held = [key_id for key_id in key_ids if self._unsettled[meter, key_id] > 0]
            for key_id, calls_granted, day, left, closed_until, is_held in await self.rows(
                _TAKE, {**parameters, "account": _account(meter), "held": held}
            ):
                granted[key_id] = calls_granted
                may_come_back[key_id] = is_held
                balances.setdefault(key_id, {})[day] = Balance(left, closed_until)
            self._unsettled.update({(meter, key_id): count for key_id, count in granted.items()})
        _check_rows(meter, sum(map(len, balances.values())), len(key_ids) * len(days))
        return {key_id: Taken(granted[key_id], balances[key_id], may_come_back[key_id]) for key_id in granted}

    async def settle(
        self, meter: Meter, key_id: str, days: Collection[date], *, unused: int, used: int, refused: int
    ) -> None:
        """Give back the calls that were not sent, and count those that were; LedgerError as of `take`."""
        counts = {"unused": unused, "used": used, "refused": refused}
        async with self._counting:
            settled = await self.rows(_SETTLE, {**_names(meter), "key": key_id, "days": sorted(days), **counts})
            self._unsettled[meter, key_id] -= unused + used
            if unused + used and not self._unsettled[meter, key_id]:
                await self.rows(_LET_GO, {"account": _account(meter), "key": key_id})
        _check_rows(meter, len(settled), len(days))

    async def close(self, meter: Meter, key_id: str, closures: Mapping[date, datetime]) -> None:
        """Record that the upstream reports that nothing is left of each day, until the time given for the day."""
        for day, until in sorted(closures.items()):
            await self.rows(_CLOSE, {**_names(meter), "key": key_id, "day": day, "until": until})

    async def refuse(self, provider: str, key_id: str, refusal: Refusal) -> None:
        """Record for all processes that a key is refused, or that one request was."""
        await self.rows(_REFUSE, {"provider": provider, "key": key_id, **vars(refusal)})

    async def refusals(self, provider: str, now: datetime) -> Mapping[str, Refusal]:
        """The keys that are currently refused."""
        rows = await self.rows(_REFUSALS, (provider, now))
        return {key_id: Refusal(*rest) for key_id, *rest in rows}

    async def suspicion(self, provider: str, key_id: str) -> Refusal | None:
        """The last refusal of a key, if it was the only one since its last good answer that is known of."""
        return next((Refusal(*row) for row in await self.rows(_SUSPICION, (provider, key_id))), None)

    async def unsuspect(self, provider: str, key_id: str) -> None:
        """Record for all processes that the only refusal of a key was not for the key."""
        await self.rows(_UNSUSPECT, (provider, key_id))

    async def has_worked(self, provider: str, key_id: str, since: date) -> bool:
        """Whether a key has had a good answer on a day since then, as far as processes have reported theirs."""
        return bool(await self.rows(_WORKS, (provider, key_id, since)))


def _names(meter: Meter) -> dict[str, object]:
    return {"provider": meter.provider, "operation": meter.name}


def _account(meter: Meter) -> str:
    """What comes before a key in the names of locks."""
    return f"unsent {meter.provider} {meter.name} "


def _check_rows(meter: Meter, found: int, expected: int) -> None:
    if found != expected:
        raise LedgerError(
            f"Rows of the quota ledger (ops.api_calls_daily) for {meter.provider} {meter.name} were deleted while they were "
            "used, so what was sent today is not known any more, and nothing more is sent. What was collected is kept. "
            "Restore the rows, or run it again if the upstream has calls left."
        )
