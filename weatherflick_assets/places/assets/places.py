"""`core/<type>`: the published places of one kind, by region, transformed and judged before they are shown.

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
from weatherflick_assets.places.content_types import CONTENT_TYPES, ContentType
from weatherflick_assets.places.partitions import FROM_LISTING, REGION_PARTITIONS
from weatherflick_assets.places.tables import PLACE_TABLES
from weatherflick_assets.settings import now

_FURTHER_SOURCES = {"festivals": (on_country("festivals"),)}
"""Sources of a kind of place besides its list, the changes and the details: the list of festivals has their days."""


def places_key(content_type: ContentType) -> dg.AssetKey:
    """The key of the published asset of a kind of place."""
    return dg.AssetKey(["core", content_type.name])


def _places_asset(content_type: ContentType) -> dg.AssetsDefinition:
    key, table = places_key(content_type), PLACE_TABLES[content_type.name]

    @published_asset(
        key,
        table=table,
        code_version=code_versions()[key.to_user_string()],
        partitions_def=REGION_PARTITIONS,
        deps=[
            dg.AssetDep(listing_key(content_type), partition_mapping=FROM_LISTING),
            on_country("place_changes"),
            on_region("place_details"),
            *_FURTHER_SOURCES.get(content_type.name, ()),
        ],
        description=(
            f"Published {content_type.name} ({content_type.korean_name}) of one region, from their list and what is known of "
            f"their details: typed and clean, {WHAT_PUBLISHING_DOES}"
        ),
    )
    def core_places(
        context: dg.AssetExecutionContext, warehouse: WarehouseResource
    ) -> Iterator[dg.AssetCheckResult | dg.MaterializeResult]:
        from weatherflick_assets.places.publish import Publisher

        with as_failures():
            result = Publisher(warehouse.dsn, now, context.run.run_id).places(content_type, context.partition_key)
            context.add_asset_metadata(sample_metadata(warehouse.dsn, table, context.partition_key))
        yield from outcome(key, context.partition_key, result)

    return core_places


def place_assets() -> Sequence[dg.AssetsDefinition]:
    """One published asset per kind of place."""
    return [_places_asset(content_type) for content_type in CONTENT_TYPES]
