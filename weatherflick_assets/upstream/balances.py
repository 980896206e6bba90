"""The remaining quotas of declared operations, and the keys that are currently refused."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime

from weatherflick_assets.upstream.access import Access
from weatherflick_assets.upstream.api_keys import KeyRing
from weatherflick_assets.upstream.declarations import Operation
from weatherflick_assets.upstream.quota import Meter, charged_days, ends_at
from weatherflick_assets.warehouse.connections import connect

_CALLS = """
SELECT api_key_id, day, daily_limit, reserved, used, refused, closed_until FROM ops.api_calls_daily
WHERE provider = %s AND operation = %s AND day = ANY (%s) ORDER BY day, api_key_id
"""

_REFUSALS = """
SELECT provider, api_key_id, code, reason, refused_at, refused_until FROM ops.api_key_refusals
WHERE refused_until > %s ORDER BY provider, api_key_id
"""


@dataclass(frozen=True)
class QuotaStatus:
    """One key's quota of one operation (or of what several share).

    Attributes:
        limit: calls that the upstream allows in the period.
        reserved: calls reserved in it, sent or not.
        refused: of the calls sent, those not served because of a limit or the key.
        left: calls that may still be reserved; 0 while the upstream reports that none are left.
        resets_at: when calls are available again.
    """

    provider: str
    operation: str
    api_key_id: str
    day: date
    limit: int
    reserved: int
    used: int
    refused: int
    left: int
    resets_at: datetime


@dataclass(frozen=True)
class RefusedKey:
    """A key that an upstream currently refuses, why, and when it is tried again."""

    provider: str
    api_key_id: str
    code: str
    reason: str
    refused_at: datetime
    refused_until: datetime


def quotas(dsn: str, operations: Iterable[Operation], now: datetime) -> list[QuotaStatus]:
    """The quotas of these operations that have calls reserved in the current period, in the operations' order."""
    meters = dict.fromkeys(map(Meter.of, operations))
    found = []
    with connect(dsn) as connection:
        for meter in meters:
            days = list(charged_days(meter.quota, now))
            for key_id, day, limit, reserved, used, refused, closed_until in connection.execute(
                _CALLS, (meter.provider, meter.name, days)
            ):
                until: datetime | None = closed_until if closed_until is not None and closed_until > now else None
                found.append(
                    QuotaStatus(
                        provider=meter.provider,
                        operation=meter.name,
                        api_key_id=key_id,
                        day=day,
                        limit=limit,
                        reserved=reserved,
                        used=used,
                        refused=refused,
                        left=0 if until else max(limit - reserved, 0),
                        resets_at=until or ends_at(meter.quota, day),
                    )
                )
    return found


@dataclass(frozen=True)
class Balance:
    """What all accepted keys together may call of an operation in the current period, and what is left of that."""

    limit: int
    left: int


def calls_left(dsn: str, access: Access, operations: Collection[Operation], now: datetime) -> Mapping[str, Balance]:
    """The calls of these operations that the configured keys have left, by operation.

    Around midnight, the day with fewer calls left counts.
    """
    name = access.provider.name
    refused = {key.api_key_id for key in refused_keys(dsn, now) if key.provider == name}
    keys = KeyRing.of(name, access.keys).keys
    usable = [key.fingerprint for key in keys if key.fingerprint not in refused]
    taken: dict[tuple[str, str], int] = {}
    for quota in quotas(dsn, operations, now):
        counter = (quota.operation, quota.api_key_id)
        taken[counter] = max(quota.limit - quota.left, taken.get(counter, 0))
    balances = {}
    for operation in operations:
        limit = (operation.own_quota or access.provider.quota).calls
        left = [max(0, limit - taken.get((operation.counted_as, key_id), 0)) for key_id in usable]
        balances[operation.name] = Balance(limit * len(usable), sum(left))
    return balances


def refused_keys(dsn: str, now: datetime) -> list[RefusedKey]:
    """The keys that are currently refused."""
    with connect(dsn) as connection:
        return [RefusedKey(*row) for row in connection.execute(_REFUSALS, (now,))]
