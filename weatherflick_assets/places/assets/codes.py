"""`core/codes`: the names of the codes that places use, judged and published in one transaction.

Heavy modules are imported when an asset runs: data frames and Great Expectations cost every Dagster process seconds.
"""

import asyncio
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any

import dagster as dg

from weatherflick_assets.orchestration.failures import as_failures
from weatherflick_assets.orchestration.gate import check_results, held_back, published_asset
from weatherflick_assets.orchestration.samples import sample_metadata
from weatherflick_assets.orchestration.warehouse import WarehouseResource
from weatherflick_assets.places.assets.raw_codes import RAW_CODES_KEY, raw_codes
from weatherflick_assets.places.code_versions import code_versions
from weatherflick_assets.places.tables import CODES
from weatherflick_assets.settings import now

if TYPE_CHECKING:
    from weatherflick_assets.places.collect.codes import CodePublishing

CORE_CODES_KEY = dg.AssetKey(["core", "codes"])


@published_asset(
    CORE_CODES_KEY,
    table=CODES,
    code_version=code_versions()[CORE_CODES_KEY.to_user_string()],
    deps=[RAW_CODES_KEY],
    description=(
        "Classes, regions and districts, former areas and categories: codes with their names and what they belong to, made "
        "from the last good answers in the raw layer alone. Each code space is judged by a suite; when one fails nothing "
        "changes and the last good codes stay, but a legacy one that is missing or fails keeps nobody up. Codes that are no "
        "longer listed stay, with the time at which that was first seen: places may carry them still."
    ),
)
def core_codes(
    context: dg.AssetExecutionContext, warehouse: WarehouseResource
) -> Iterator[dg.AssetCheckResult | dg.MaterializeResult]:
    """Names of codes."""
    from weatherflick_assets.places.collect.codes import publish_last_codes

    with as_failures():
        result = asyncio.run(publish_last_codes(warehouse.dsn, clock=now, run_id=context.run.run_id))
        context.add_asset_metadata(sample_metadata(warehouse.dsn, CODES))
    for warning in result.warnings:
        context.log.warning("A legacy list stays as it is. %s", warning)
    verdicts = {result.verdict_ids[space]: verdict for space, verdict in result.verdicts.items()}
    yield from check_results(CORE_CODES_KEY, verdicts, passed=result.published is not None)
    if result.published is None:
        said = " ".join(verdict.summary() for verdict in verdicts.values())
        raise held_back(f"{said} Nothing was published; the last good codes stay.")
    yield dg.MaterializeResult(metadata=_metadata(result))


def _metadata(result: "CodePublishing") -> dict[str, Any]:
    published = result.published
    assert published is not None
    return {
        "dagster/row_count": published.published,
        "codes": dict(result.codes),
        "unusable": result.unusable,
        "added": published.added,
        "changed": published.changed,
        "withdrawn": published.withdrawn,
        **({"warnings": list(result.warnings)} if result.warnings else {}),
    }


def code_assets() -> Sequence[dg.AssetsDefinition]:
    """The lists of codes, collected and published."""
    return [raw_codes, core_codes]
