"""The quota ledger in PostgreSQL: what each key may still call, for any number of processes and machines.

Calls are taken from the limit before they are sent, in leases: one round trip serves many calls, and the row's lock makes
taking atomic. What was not sent is given back; a process that is killed gives nothing back, so its lease stays counted.
When a lease is needed, and of which key, is decided in `upstream/admission.py`.
"""

import asyncio
from collections.abc import Collection, Mapping
from datetime import date, datetime
from types import TracebackType
from typing import Self

import psycopg

from weatherflick_assets.upstream.quota import Balance, Meter, Refusal, Taken

_OPEN = """
INSERT INTO ops.api_calls_daily AS calls (provider, operation, api_key_id, day, daily_limit, reserved, used, refused)
SELECT %(provider)s, %(operation)s, api_key_id, day, %(limit)s, 0, 0, 0
FROM unnest(%(keys)s::text[]) AS api_key_id, unnest(%(days)s::date[]) AS day
ORDER BY api_key_id, day
ON CONFLICT (provider, operation, api_key_id, day) DO UPDATE SET daily_limit = EXCLUDED.daily_limit
WHERE calls.daily_limit <> EXCLUDED.daily_limit
"""

# The rows are locked first, always in the same order, so that the balance is the latest and no two processes deadlock.
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
)
SELECT api_key_id, granted, day, remaining - granted, closed_until FROM locked JOIN grants USING (api_key_id)
"""

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
"""

_CLOSE = """
UPDATE ops.api_calls_daily SET closed_until = greatest(closed_until, %(until)s)
WHERE provider = %(provider)s AND operation = %(operation)s AND api_key_id = %(key)s AND day = %(day)s
"""

_REFUSE = """
INSERT INTO ops.api_key_refusals (provider, api_key_id, code, reason, refused_at, refused_until)
VALUES (%(provider)s, %(key)s, %(code)s, %(reason)s, %(refused_at)s, %(refused_until)s)
ON CONFLICT (provider, api_key_id) DO UPDATE SET
    code = EXCLUDED.code, reason = EXCLUDED.reason,
    refused_at = EXCLUDED.refused_at, refused_until = EXCLUDED.refused_until
"""

_REFUSALS = """
SELECT api_key_id, code, reason, refused_at, refused_until FROM ops.api_key_refusals
WHERE provider = %s AND refused_until > %s
"""


class QuotaLedger:
    """The ledger, over one connection of its own. Use it as an asynchronous context manager."""

    def __init__(self, dsn: str) -> None:
        self._dsn = dsn
        self._one_at_a_time = asyncio.Lock()
        self._opened: set[tuple[Meter, frozenset[str], frozenset[date]]] = set()

    async def __aenter__(self) -> Self:
        self._connection = await psycopg.AsyncConnection.connect(self._dsn, autocommit=True)
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        await self._connection.close()

    async def take(
        self, meter: Meter, key_ids: Collection[str], days: Collection[date], *, calls: int, now: datetime
    ) -> Mapping[str, Taken]:
        """Take up to `calls` calls of each key from all of `days`, atomically; nothing from a day that is closed."""
        parameters = {
            **_names(meter),
            "keys": sorted(key_ids),
            "days": sorted(days),
            "limit": meter.quota.calls,
            "calls": calls,
            "now": now,
        }
        account = (meter, frozenset(key_ids), frozenset(days))
        if account not in self._opened:
            await self._execute(_OPEN, parameters)
            self._opened.add(account)
        granted: dict[str, int] = {}
        balances: dict[str, dict[date, Balance]] = {}
        for key_id, calls_granted, day, left, closed_until in await self._execute(_TAKE, parameters):
            granted[key_id] = calls_granted
            balances.setdefault(key_id, {})[day] = Balance(left, closed_until)
        return {key_id: Taken(granted[key_id], balances[key_id]) for key_id in granted}

    async def settle(
        self, meter: Meter, key_id: str, days: Collection[date], *, unused: int, used: int, refused: int
    ) -> None:
        """Give back what was taken and not sent, and tell what was sent."""
        counts = {"unused": unused, "used": used, "refused": refused}
        await self._execute(_SETTLE, {**_names(meter), "key": key_id, "days": sorted(days), **counts})

    async def close(self, meter: Meter, key_id: str, closures: Mapping[date, datetime]) -> None:
        """Believe the upstream that nothing is left of each day, until the time given for it."""
        for day, until in sorted(closures.items()):
            await self._execute(_CLOSE, {**_names(meter), "key": key_id, "day": day, "until": until})

    async def refuse(self, provider: str, key_id: str, refusal: Refusal) -> None:
        """Remember for everybody that a key is not accepted."""
        await self._execute(_REFUSE, {"provider": provider, "key": key_id, **vars(refusal)})

    async def refusals(self, provider: str, now: datetime) -> Mapping[str, Refusal]:
        """The keys that are not accepted at present."""
        rows = await self._execute(_REFUSALS, (provider, now))
        return {key_id: Refusal(*rest) for key_id, *rest in rows}

    async def _execute(self, statement: str, parameters: object) -> list[tuple]:
        async with self._one_at_a_time:
            cursor = await self._connection.execute(statement, parameters)  # type: ignore[arg-type]
            return await cursor.fetchall() if cursor.description else []


def _names(meter: Meter) -> dict[str, object]:
    return {"provider": meter.provider, "operation": meter.name}
