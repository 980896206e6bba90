"""`core/weather_observations`, `core/nowcasts`, `core/hourly_forecasts`: published issues, each judged before it is shown.

Heavy modules are imported when an asset runs: data frames and Great Expectations cost every Dagster process seconds.
"""

from collections.abc import Iterator

import dagster as dg

from weatherflick_assets.orchestration.gate import published_assets
from weatherflick_assets.orchestration.schemas import table_metadata
from weatherflick_assets.orchestration.warehouse import WarehouseResource
from weatherflick_assets.settings import now
from weatherflick_assets.weather.assets.cells import raw_key
from weatherflick_assets.weather.assets.publishing import published_issue
from weatherflick_assets.weather.code_versions import code_versions
from weatherflick_assets.weather.partitions import ISSUE_PARTITIONS
from weatherflick_assets.weather.products import PRODUCTS, CellProduct


def core_key(product: CellProduct) -> dg.AssetKey:
    """The key of the asset that publishes a product."""
    return dg.AssetKey(["core", product.table.name])


def _core_asset(product: CellProduct) -> dg.AssetsDefinition:
    key = core_key(product)

    @published_assets(
        dg.AssetSpec(
            key,
            deps=[raw_key(product)],
            description=(
                f"{product.table.comment} Made from the raw layer alone, staged, judged by the suite of the table, and "
                "published in one transaction in place of what was published of the issue. When a blocking rule fails nothing "
                "changes, and the issue before it stands. A cell, or a value, that can't be used costs itself "
                "alone.\n\nPartitions: the time of the issue in Korea, YYYYMMDDHHMM."
            ),
            code_version=code_versions()[key.to_user_string()],
            metadata=table_metadata(product.table),
        ),
        partitions_def=ISSUE_PARTITIONS[product.name],
    )
    def publish(
        context: dg.AssetExecutionContext, warehouse: WarehouseResource
    ) -> Iterator[dg.AssetCheckResult | dg.MaterializeResult]:
        from weatherflick_assets.weather.publish import publish_cells

        issue = product.series.issue_of(context.partition_key)
        yield from published_issue(
            context,
            warehouse,
            product.table,
            lambda: publish_cells(warehouse.dsn, product, issue, clock=now, run_id=context.run.run_id),
            {product.issue_column: issue},
        )

    return publish


CELL_TABLE_ASSETS = tuple(map(_core_asset, PRODUCTS.values()))
"""One asset for each product."""
