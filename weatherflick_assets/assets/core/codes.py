"""`core/codes`: the names of the codes that places carry, judged, and published all at once.

What an asset works with is imported when it runs: data frames and Great Expectations cost every Dagster process seconds.
"""

import asyncio
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any

import dagster as dg

from weatherflick_assets.assets.core.publishing import GATE, gate
from weatherflick_assets.assets.failures import as_failures
from weatherflick_assets.assets.raw.codes import RAW_CODES_KEY, raw_codes
from weatherflick_assets.assets.schemas import table_metadata
from weatherflick_assets.resources.warehouse import WarehouseResource
from weatherflick_assets.settings import now
from weatherflick_assets.tags import FAILURE_KIND, OWNERS
from weatherflick_assets.warehouse.tables import CODES

if TYPE_CHECKING:
    from weatherflick_assets.catalogue.codes import CodePublishing

CORE_CODES_KEY = dg.AssetKey(["core", "codes"])


@dg.asset(
    key=CORE_CODES_KEY,
    deps=[RAW_CODES_KEY],
    group_name="core",
    owners=OWNERS,
    kinds={"pandas", "postgres"},
    description=(
        "Classes, regions and districts, former areas and categories: codes with their names and what they belong to, made "
        "from the last good answers in the raw layer alone. Each code space is judged by a suite; when one fails nothing "
        "changes and the last good codes stay, but a legacy one that is missing or fails keeps nobody up. Codes that are no "
        "longer listed stay, with the time at which that was first seen: places may carry them still."
    ),
    metadata=table_metadata(CODES),
    check_specs=[gate(CORE_CODES_KEY)],
)
def core_codes(
    context: dg.AssetExecutionContext, warehouse: WarehouseResource
) -> Iterator[dg.AssetCheckResult | dg.MaterializeResult]:
    """Names of codes."""
    from weatherflick_assets.catalogue.codes import publish_last_codes

    with as_failures():
        result = asyncio.run(publish_last_codes(warehouse.dsn, clock=now))
    for warning in result.warnings:
        context.log.warning("A legacy list stays as it is. %s", warning)
    verdicts = result.verdicts.values()
    said = " ".join(verdict.summary() for verdict in verdicts)
    yield dg.AssetCheckResult(
        check_name=GATE,
        asset_key=CORE_CODES_KEY,
        passed=result.published is not None,
        severity=dg.AssetCheckSeverity.ERROR,
        description=said,
        metadata={
            "verdict": dg.MetadataValue.md("\n\n".join(verdict.to_markdown() for verdict in verdicts)),
            "rows_judged": sum(verdict.row_count for verdict in verdicts),
            "score": min(verdict.score for verdict in verdicts),
        },
    )
    if result.published is None:
        raise dg.Failure(
            description=f"{said} Nothing was published; the last good codes stay.",
            metadata={FAILURE_KIND: "held_back"},
            allow_retries=False,
        )
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
