"""`raw/kto/codes` and `core/codes`: the names of the codes that places use, collected, judged and published.

Heavy modules are imported when an asset runs: data frames and Great Expectations cost every Dagster process seconds.
"""

import asyncio
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import dagster as dg

from weatherflick_assets.orchestration.collected import asking, collected_assets
from weatherflick_assets.orchestration.failures import as_failures, held_back
from weatherflick_assets.orchestration.gate import check_results, published_assets
from weatherflick_assets.orchestration.report import Report
from weatherflick_assets.orchestration.resume import resumed_from
from weatherflick_assets.orchestration.samples import responses_metadata, sample_metadata
from weatherflick_assets.orchestration.schemas import table_metadata
from weatherflick_assets.orchestration.upstream import UpstreamResource
from weatherflick_assets.orchestration.warehouse import WarehouseResource
from weatherflick_assets.places.code_versions import code_versions
from weatherflick_assets.places.kto import KTO
from weatherflick_assets.places.tables import CODES
from weatherflick_assets.settings import now
from weatherflick_assets.warehouse.tables import CALLS

if TYPE_CHECKING:
    from weatherflick_assets.places.collect.codes import CodePublishing

RAW_CODES_KEY = dg.AssetKey(["raw", KTO.name, "codes"])
CORE_CODES_KEY = dg.AssetKey(["core", "codes"])


@collected_assets(
    KTO,
    dg.AssetSpec(
        RAW_CODES_KEY,
        description=(
            "The lists of codes: legal districts (ldongCode2), classes (lclsSystmCode2), and the legacy areas and categories "
            "(areaCode2, categoryCode2), which have left the manual and may end any day: without them the "
            "others are collected, with a warning. Every answer is kept in raw.responses."
        ),
        metadata=table_metadata(CALLS),
    ),
)
async def raw_codes(
    context: dg.AssetExecutionContext, upstream: UpstreamResource, warehouse: WarehouseResource
) -> dg.MaterializeResult:
    """Lists of codes."""
    from weatherflick_assets.places.collect.codes import collect_codes

    report = Report(context)
    async with asking(KTO, context, upstream, warehouse) as (client, responses):
        collected = await collect_codes(client, responses, warehouse.dsn, clock=now, resumed_from=resumed_from(context))
    for warning in collected.warnings:
        context.log.warning("A legacy list was not answered; what it said before stays. %s", warning)
    return report.only(
        {
            "dagster/row_count": sum(collected.codes.values()),
            "listed": sum(collected.codes.values()),
            "codes": dict(collected.codes),
            "calls": collected.calls,
            "retries": collected.retries,
            **({"warnings": list(collected.warnings)} if collected.warnings else {}),
            **responses_metadata(responses.kept),
        }
    )


@published_assets(
    dg.AssetSpec(
        CORE_CODES_KEY,
        deps=[RAW_CODES_KEY],
        description=(
            "Classes, regions and districts, former areas and categories: codes with their names and what they belong to, "
            "made from the last good answers in the raw layer alone. Each code space is judged by a suite; when one fails "
            "nothing changes and the last good codes stay, but a legacy one that is missing or fails keeps nobody up. Codes "
            "that are no longer listed stay, with the time at which that was first seen: places may carry them still."
        ),
        code_version=code_versions()[CORE_CODES_KEY.to_user_string()],
        metadata=table_metadata(CODES),
    )
)
def core_codes(
    context: dg.AssetExecutionContext, warehouse: WarehouseResource
) -> Iterator[dg.AssetCheckResult | dg.MaterializeResult]:
    """Names of codes."""
    from weatherflick_assets.places.collect.codes import publish_last_codes

    report = Report(context)
    with as_failures():
        result = asyncio.run(publish_last_codes(warehouse.dsn, clock=now, run_id=context.run.run_id))
        sample = sample_metadata(warehouse.dsn, CODES)
    for warning in result.warnings:
        context.log.warning("A legacy list stays as it is. %s", warning)
    verdicts = {result.verdict_ids[space]: verdict for space, verdict in result.verdicts.items()}
    yield from check_results(CORE_CODES_KEY, verdicts, passed=result.published is not None)
    if result.published is None:
        said = " ".join(verdict.summary() for verdict in verdicts.values())
        raise held_back(f"{said} Nothing was published; the last good codes stay.")
    yield report.only({**_metadata(result), **sample})


def _metadata(result: "CodePublishing") -> dict[str, Any]:
    published = result.published
    assert published is not None
    return {
        "dagster/row_count": published.published,
        "codes": dict(result.codes),
        "unusable": result.unusable,
        "published": published.added + published.changed + published.withdrawn,
        "added": published.added,
        "changed": published.changed,
        "withdrawn": published.withdrawn,
        **({"warnings": list(result.warnings)} if result.warnings else {}),
    }
