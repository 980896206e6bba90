"""Facts of the platform's own: quotas, refused keys, the disk, channels. What they say is in `facts.py`."""

import shutil
from collections.abc import Collection, Iterable, Iterator, Mapping
from datetime import datetime
from pathlib import Path

from weatherflick_assets.alerts.facts import Quota, Refusal
from weatherflick_assets.alerts.outbox import channel_problems
from weatherflick_assets.errors import PlatformError
from weatherflick_assets.settings import Settings
from weatherflick_assets.upstream.access import Access, access_to
from weatherflick_assets.upstream.api_keys import KeyRing
from weatherflick_assets.upstream.balances import calls_left
from weatherflick_assets.upstream.declarations import Operation
from weatherflick_assets.upstream.quota import charged_days, ends_at
from weatherflick_assets.warehouse.connections import connect

# A key that was refused for one request may be good. Codes of good answers differ by agency: 00, 0000, 03 (nothing found), 200.
_REFUSALS = """
SELECT provider, api_key_id, reason, refused_at, refused_until, (
    SELECT min(fetched_at) FROM raw.calls
    WHERE calls.provider = refusal.provider AND calls.api_key_id = refusal.api_key_id AND fetched_at > refused_at
      AND http_status = 200 AND coalesce(result_code, '') ~ '^(0*3?|200)$'
)
FROM ops.api_key_refusals AS refusal WHERE request IS NULL ORDER BY provider, api_key_id
"""


def accesses(operations: Collection[Operation], settings: Settings) -> Iterator[tuple[Access, list[Operation]]]:
    """The providers that are collected from, each with its operations."""
    by_provider: dict[str, list[Operation]] = {}
    for operation in operations:
        by_provider.setdefault(operation.provider.name, []).append(operation)
    for those in by_provider.values():
        try:
            access = access_to(those[0].provider, settings)
        except PlatformError:  # no key, or one of the wrong form: its runs say so
            continue
        yield access, those


def quotas(dsn: str, access: Access, operations: Collection[Operation], at: datetime) -> Iterator[Quota]:
    """What all keys of a provider together may still call; what several operations share is one quota."""
    balances = calls_left(dsn, access, operations, at)
    for operation in {operation.counted_as: operation for operation in operations}.values():
        balance = balances[operation.name]
        if balance.limit:
            days = charged_days(operation.quota, at)
            yield Quota(
                f"{access.provider.name} {operation.counted_as}",
                balance.limit,
                balance.left,
                min(ends_at(operation.quota, day) for day in days),
            )


def refusals(dsn: str, accessed: Iterable[Access]) -> list[Refusal]:
    """The configured keys that were refused, with their first good answer after that."""
    configured = {
        (access.provider.name, key.fingerprint)
        for access in accessed
        for key in KeyRing.of(access.provider.name, access.keys).keys
    }
    with connect(dsn) as connection:
        return [
            Refusal(f"{provider} {key_id}", *rest)
            for provider, key_id, *rest in connection.execute(_REFUSALS)
            if (provider, key_id) in configured
        ]


def disk(folder: Path) -> tuple[int, int]:
    """Size of the disk that a folder is on, or would be, and what is free of it, in bytes."""
    there = next(path for path in (folder, *folder.parents) if path.exists())
    usage = shutil.disk_usage(there)
    return usage.total, usage.free


def channels(dsn: str) -> Mapping[str, str | None]:
    """Every channel that messages went to, with the problem of one that has failed several times."""
    with connect(dsn) as connection:
        return channel_problems(connection)
