"""`raw/kto/codes`: every list of codes, as the upstream gives it. `core/codes` publishes them.

The asset imports heavy modules only when it runs: client and data frames would cost every Dagster process a second.
"""

import dagster as dg

from weatherflick_assets.orchestration.collected import asking, collected_asset
from weatherflick_assets.orchestration.resume import resumed_from
from weatherflick_assets.orchestration.upstream import UpstreamResource
from weatherflick_assets.orchestration.warehouse import WarehouseResource
from weatherflick_assets.places.kto import KTO
from weatherflick_assets.settings import now
from weatherflick_assets.warehouse.tables import CALLS

RAW_CODES_KEY = dg.AssetKey(["raw", KTO.name, "codes"])


@collected_asset(
    KTO,
    RAW_CODES_KEY,
    description=(
        "The lists of codes: legal districts (ldongCode2), classes (lclsSystmCode2), and the legacy areas and categories "
        "(areaCode2, categoryCode2), which have left the manual and may end any day: without them the "
        "others are collected, with a warning. Every answer is kept in raw.responses."
    ),
    table=CALLS,
)
async def raw_codes(
    context: dg.AssetExecutionContext, upstream: UpstreamResource, warehouse: WarehouseResource
) -> dg.MaterializeResult:
    """Lists of codes."""
    from weatherflick_assets.places.collect.codes import collect_codes

    async with asking(KTO, context, upstream, warehouse) as (client, responses):
        collected = await collect_codes(client, responses, warehouse.dsn, clock=now, resumed_from=resumed_from(context))
    for warning in collected.warnings:
        context.log.warning("A legacy list was not answered; what it said before stays. %s", warning)
    return dg.MaterializeResult(
        metadata={
            "dagster/row_count": sum(collected.codes.values()),
            "codes": dict(collected.codes),
            "calls": collected.calls,
            "retries": collected.retries,
            **({"warnings": list(collected.warnings)} if collected.warnings else {}),
        }
    )
