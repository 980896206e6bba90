"""`operations/api_quotas`: what is left of every quota, by key fingerprint and operation, as a table in the UI."""

from collections.abc import Sequence
from dataclasses import asdict, fields
from datetime import date, datetime
from typing import Any

import dagster as dg

from weatherflick_assets.orchestration.failures import as_failures
from weatherflick_assets.orchestration.schemas import table_metadata
from weatherflick_assets.orchestration.tags import OWNERS
from weatherflick_assets.orchestration.warehouse import WarehouseResource
from weatherflick_assets.settings import KST, now
from weatherflick_assets.warehouse.tables import API_CALLS_DAILY

API_QUOTAS_KEY = dg.AssetKey(["operations", "api_quotas"])


@dg.asset(
    key=API_QUOTAS_KEY,
    group_name="operations",
    owners=OWNERS,
    kinds={"python", "postgres"},
    description=(
        "What each key may still call today of each operation, when there are calls again, and which keys the upstreams "
        "do not accept at present. Materialise it to see the moment; `weatherflick status` shows the same."
    ),
    metadata=table_metadata(API_CALLS_DAILY),
)
def api_quotas(warehouse: WarehouseResource) -> dg.MaterializeResult:
    """Read the quota ledger."""
    from weatherflick_assets.upstream.balances import QuotaStatus, RefusedKey, quotas, refused_keys

    with as_failures():
        at = now()
        found, refused = quotas(warehouse.dsn, at), refused_keys(warehouse.dsn, at)
    return dg.MaterializeResult(
        metadata={
            "quotas": _table(QuotaStatus, found),
            "refused_keys": _table(RefusedKey, refused),
            "calls_used": sum(quota.used for quota in found),
            "calls_refused": sum(quota.refused for quota in found),
            "spent": sum(quota.left == 0 for quota in found),
        }
    )


def _table(kind: type, rows: Sequence[Any]) -> dg.TableMetadataValue:
    """Dataclasses as a table; times in Korea's."""
    columns = [dg.TableColumn(field.name, _TYPES.get(field.type, "string")) for field in fields(kind)]
    records = [dg.TableRecord({name: _plain(value) for name, value in asdict(row).items()}) for row in rows]
    return dg.MetadataValue.table(records, dg.TableSchema(columns))


_TYPES: dict[Any, str] = {int: "int"}


def _plain(value: object) -> str | int:
    if isinstance(value, datetime):
        return f"{value.astimezone(KST):%Y-%m-%d %H:%M:%S}"
    return value.isoformat() if isinstance(value, date) else value  # type: ignore[return-value]
