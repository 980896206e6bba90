"""`core/<details>`: details in tables of their own, such as images and pet policies, published like places.

Heavy modules are imported when an asset runs: data frames and Great Expectations cost every Dagster process seconds.
"""

from collections.abc import Iterator, Sequence

import dagster as dg

from weatherflick_assets.orchestration.failures import as_failures
from weatherflick_assets.orchestration.gate import published_asset
from weatherflick_assets.orchestration.samples import sample_metadata
from weatherflick_assets.orchestration.warehouse import WarehouseResource
from weatherflick_assets.places.assets.listings import listing_key
from weatherflick_assets.places.assets.publishing import WHAT_PUBLISHING_DOES, on_country, on_region, outcome
from weatherflick_assets.places.code_versions import code_versions
from weatherflick_assets.places.content_types import CONTENT_TYPES
from weatherflick_assets.places.detail_tables import DETAILS, DetailTable
from weatherflick_assets.places.partitions import REGION_PARTITIONS
from weatherflick_assets.places.tables import DETAIL_TABLES
from weatherflick_assets.settings import now

_FURTHER_SOURCES = {"pet_policies": (on_country("pets"),)}
"""Sources besides the details of single places: pet policies come for the whole country at once."""


def detail_key(detail: DetailTable) -> dg.AssetKey:
    """The key of the published asset of a table of details."""
    return dg.AssetKey(["core", detail.name])


def _detail_asset(detail: DetailTable) -> dg.AssetsDefinition:
    key, table = detail_key(detail), DETAIL_TABLES[detail.name]

    @published_asset(
        key,
        table=table,
        code_version=code_versions()[key.to_user_string()],
        partitions_def=REGION_PARTITIONS,
        # The published places determine which details are shown, so details are published after them in every run.
        deps=[
            *(
                on_region(*listing_key(kind).path[2:])
                for kind in CONTENT_TYPES
                if kind.content_type_id in detail.content_type_ids
            ),
            on_country("place_changes"),
            on_region("place_details"),
            *_FURTHER_SOURCES.get(detail.name, ()),
        ],
        description=(
            f"{detail.description} From {detail.operation}, about the places of one region that are shown, "
            f"{WHAT_PUBLISHING_DOES}"
        ),
    )
    def core_details(
        context: dg.AssetExecutionContext, warehouse: WarehouseResource
    ) -> Iterator[dg.AssetCheckResult | dg.MaterializeResult]:
        from weatherflick_assets.places.publish import Publisher

        with as_failures():
            result = Publisher(warehouse.dsn, now, context.run.run_id).details(detail, context.partition_key)
            context.add_asset_metadata(sample_metadata(warehouse.dsn, table, context.partition_key))
        yield from outcome(key, context.partition_key, result)

    return core_details


def detail_assets() -> Sequence[dg.AssetsDefinition]:
    """One published asset per table of details."""
    return [_detail_asset(detail) for detail in DETAILS]
