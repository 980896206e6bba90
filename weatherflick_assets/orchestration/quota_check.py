"""A check of the remaining quotas, by key fingerprint and operation, as a table in the UI."""

from collections.abc import Collection, Sequence
from dataclasses import asdict, fields
from datetime import date, datetime
from typing import Any

import dagster as dg

from weatherflick_assets.orchestration.failures import as_failures
from weatherflick_assets.orchestration.warehouse import WarehouseResource
from weatherflick_assets.settings import KST, now
from weatherflick_assets.upstream.declarations import Operation

QUOTA_CHECK = "quotas"
"""Name of the check."""

WARNED_SHARE = 0.8
"""The check warns about a quota when more than this share is spent."""


def quota_check(key: dg.AssetKey, operations: Collection[Operation]) -> dg.AssetChecksDefinition:
    """A check of the remaining quotas of some operations, and of refused keys, on the page of the asset `key`."""

    @dg.asset_check(
        asset=key,
        name=QUOTA_CHECK,
        description=(
            "What each key may still call today of each operation, when there are calls again, and which keys are refused. "
            f"It warns when a key is refused or more than {WARNED_SHARE:.0%} of a quota is spent. `weatherflick status` shows "
            "the same."
        ),
    )
    def quotas_left(warehouse: WarehouseResource) -> dg.AssetCheckResult:
        from weatherflick_assets.upstream.balances import QuotaStatus, RefusedKey, quotas, refused_keys

        with as_failures():
            at = now()
            found = quotas(warehouse.dsn, operations, at)
            providers = {operation.provider.name for operation in operations}
            refused = [key for key in refused_keys(warehouse.dsn, at) if key.provider in providers]
        low = [quota for quota in found if quota.left < (1 - WARNED_SHARE) * quota.limit]
        return dg.AssetCheckResult(
            passed=not low and not refused,
            severity=dg.AssetCheckSeverity.WARN,
            description=_sentence(len(low), len(refused)),
            metadata={
                "quotas": _table(QuotaStatus, found),
                "refused_keys": _table(RefusedKey, refused),
                "calls_used": sum(quota.used for quota in found),
                "calls_refused": sum(quota.refused for quota in found),
                "spent": sum(quota.left == 0 for quota in found),
            },
        )

    return quotas_left


def _sentence(low: int, refused: int) -> str:
    if not low and not refused:
        return "All quotas have calls left and no key is refused."
    return f"{low} quotas are nearly or wholly spent and {refused} keys are refused."


def _table(kind: type, rows: Sequence[Any]) -> dg.TableMetadataValue:
    """Dataclasses as a table, with times in Korean time."""
    columns = [dg.TableColumn(field.name, "int" if field.type is int else "string") for field in fields(kind)]
    records = [dg.TableRecord({name: _plain(value) for name, value in asdict(row).items()}) for row in rows]
    return dg.MetadataValue.table(records, dg.TableSchema(columns))


def _plain(value: object) -> str | int:
    if isinstance(value, datetime):
        return f"{value.astimezone(KST):%Y-%m-%d %H:%M:%S}"
    return value.isoformat() if isinstance(value, date) else value  # type: ignore[return-value]
