"""`core/<type>`: the published places of one kind, region by region: transformed, judged, and only then shown.

What an asset works with is imported when it runs: data frames and Great Expectations cost every Dagster process seconds.
"""

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any

import dagster as dg

from weatherflick_assets.assets.failures import as_failures
from weatherflick_assets.assets.raw.place_listings import listing_key
from weatherflick_assets.assets.schemas import table_metadata
from weatherflick_assets.content_types import CONTENT_TYPES, ContentType
from weatherflick_assets.partitions import FROM_LISTING, REGION_PARTITIONS
from weatherflick_assets.regions import NAME_OF
from weatherflick_assets.resources.warehouse import WarehouseResource
from weatherflick_assets.settings import now
from weatherflick_assets.tags import FAILURE_KIND, OWNERS
from weatherflick_assets.warehouse.tables import PLACE_TABLES

if TYPE_CHECKING:
    from weatherflick_assets.catalogue.publication import Publishing

GATE = "publishable"
"""Name of the check that stands between staged and published rows."""


def places_key(content_type: ContentType) -> dg.AssetKey:
    """The key of the published asset of a kind of place."""
    return dg.AssetKey(["core", content_type.name])


def _places_asset(content_type: ContentType) -> dg.AssetsDefinition:
    key = places_key(content_type)

    @dg.asset(
        key=key,
        partitions_def=REGION_PARTITIONS,
        deps=[dg.AssetDep(listing_key(content_type), partition_mapping=FROM_LISTING)],
        group_name="core",
        owners=OWNERS,
        kinds={"pandas", "postgres"},
        description=(
            f"Published {content_type.name} ({content_type.korean_name}) of one region: typed and clean, made from the raw "
            "layer alone. Rows are staged, judged by the suite of the table, and published in one transaction; when a "
            "blocking rule fails nothing changes and the last good rows stay.\n\n"
            f"Partitions: {', '.join(f'{code} {name}' for code, name in NAME_OF.items())}."
        ),
        metadata=table_metadata(PLACE_TABLES[content_type.name]),
        check_specs=[
            dg.AssetCheckSpec(
                GATE,
                asset=key,
                blocking=True,
                description="The suite's blocking rules hold for the staged rows. Judged before anything is published.",
            )
        ],
    )
    def core_places(
        context: dg.AssetExecutionContext, warehouse: WarehouseResource
    ) -> Iterator[dg.AssetCheckResult | dg.MaterializeResult]:
        from weatherflick_assets.catalogue.publication import publish_places

        with as_failures():
            result = publish_places(warehouse.dsn, content_type, context.partition_key, clock=now)
        verdict = result.verdict
        yield dg.AssetCheckResult(
            check_name=GATE,
            asset_key=key,
            passed=verdict.passed,
            severity=dg.AssetCheckSeverity.ERROR,
            description=f"{context.partition_key} {NAME_OF[context.partition_key]}: {verdict.summary()}",
            metadata={
                "region": f"{context.partition_key} {NAME_OF[context.partition_key]}",
                "verdict": dg.MetadataValue.md(verdict.to_markdown()),
                "rows_judged": verdict.row_count,
                "score": verdict.score,
            },
        )
        if result.published is None:
            raise dg.Failure(
                description=(
                    f"{NAME_OF[context.partition_key]}: {verdict.summary()} Nothing was published; the last good rows stay."
                ),
                metadata={FAILURE_KIND: "held_back"},
                allow_retries=False,
            )
        yield dg.MaterializeResult(metadata=_metadata(result))

    return core_places


def _metadata(result: "Publishing") -> dict[str, Any]:
    published = result.published
    assert published is not None
    found = {
        "coordinate_problems": dict(result.coordinate_problems),
        "warnings": [failure.rule.rule_id for failure in result.verdict.warnings],
    }
    return {
        "dagster/partition_row_count": published.published,
        "items": result.items,
        "published": published.published,
        "rejected": published.rejected,
        "added": published.added,
        "changed": published.changed,
        "removed": published.removed,
        "score": result.verdict.score,
        **{name: value for name, value in found.items() if value},
    }


def place_assets() -> Sequence[dg.AssetsDefinition]:
    """One published asset per kind of place."""
    return [_places_asset(content_type) for content_type in CONTENT_TYPES]
