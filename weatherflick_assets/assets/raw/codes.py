"""`raw/kto/codes`: every list of codes, as the upstream gives it. What is published of them stands in `core/codes`.

What an asset works with is imported when it runs: client and data frames cost every Dagster process a second.
"""

import dagster as dg

from weatherflick_assets.assets.failures import RETRY, as_failures
from weatherflick_assets.assets.resuming import resumed_from
from weatherflick_assets.assets.schemas import table_metadata
from weatherflick_assets.resources.upstream import UpstreamResource
from weatherflick_assets.resources.warehouse import WarehouseResource
from weatherflick_assets.tags import OWNERS
from weatherflick_assets.upstream.kto import KTO
from weatherflick_assets.warehouse.tables import CALLS

RAW_CODES_KEY = dg.AssetKey(["raw", KTO.name, "codes"])


@dg.asset(
    key=RAW_CODES_KEY,
    group_name="raw_kto",
    owners=OWNERS,
    kinds={"python", "postgres"},
    pool=KTO.pool,
    retry_policy=RETRY,
    description=(
        "The lists of codes: legal districts (ldongCode2), classes (lclsSystmCode2), and the legacy areas and categories "
        "(areaCode2, categoryCode2), which have left the manual and may end any day: without them it goes on, with a "
        "warning. Every answer is kept in raw.responses."
    ),
    metadata=table_metadata(CALLS),
    tags={"provider": KTO.name},
)
async def raw_codes(
    context: dg.AssetExecutionContext, upstream: UpstreamResource, warehouse: WarehouseResource
) -> dg.MaterializeResult:
    """Lists of codes."""
    from weatherflick_assets.catalogue.codes import collect_codes

    with as_failures():
        async with (
            warehouse.raw_store(context) as store,
            upstream.client(KTO, store, warehouse.dsn) as client,
        ):
            collected = await collect_codes(client, store, resumed_from=resumed_from(context))
    for warning in collected.warnings:
        context.log.warning("A legacy list could not be had; what it said before stays. %s", warning)
    return dg.MaterializeResult(
        metadata={
            "dagster/row_count": sum(collected.codes.values()),
            "codes": dict(collected.codes),
            "calls": collected.calls,
            "retries": collected.retries,
            **({"warnings": list(collected.warnings)} if collected.warnings else {}),
        }
    )
