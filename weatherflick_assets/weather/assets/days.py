"""`core/daily_forecasts`: the outlook by day, published at every short-term issue.

Heavy modules are imported when the asset runs: data frames and Great Expectations cost every Dagster process seconds.
"""

from collections.abc import Iterator

import dagster as dg

from weatherflick_assets.orchestration.gate import published_assets
from weatherflick_assets.orchestration.schemas import table_metadata
from weatherflick_assets.orchestration.warehouse import WarehouseResource
from weatherflick_assets.settings import now
from weatherflick_assets.weather.assets.publishing import published_issue
from weatherflick_assets.weather.code_versions import code_versions
from weatherflick_assets.weather.issues import FORECASTS
from weatherflick_assets.weather.partitions import ISSUE_PARTITIONS
from weatherflick_assets.weather.tables import DAILY_FORECASTS

DAYS_KEY = dg.AssetKey(["core", DAILY_FORECASTS.name])


@published_assets(
    dg.AssetSpec(
        DAYS_KEY,
        deps=[
            dg.AssetKey(["core", "hourly_forecasts"]),
            dg.AssetDep(dg.AssetKey(["core", "midterm_forecasts"]), partition_mapping=dg.LastPartitionMapping()),
        ],
        description=(
            f"{DAILY_FORECASTS.comment} Lowest and highest temperatures are those that the KMA says, and those of today stay "
            "when later issues no longer have them.\n\nPartitions: the time of the short-term issue in Korea, YYYYMMDDHHMM."
        ),
        code_version=code_versions()[DAYS_KEY.to_user_string()],
        metadata=table_metadata(DAILY_FORECASTS),
    ),
    partitions_def=ISSUE_PARTITIONS[FORECASTS.name],
)
def daily_forecasts(
    context: dg.AssetExecutionContext, warehouse: WarehouseResource
) -> Iterator[dg.AssetCheckResult | dg.MaterializeResult]:
    """Days of an issue."""
    from weatherflick_assets.weather.publish_days import publish_days

    yield from published_issue(
        context,
        warehouse,
        DAILY_FORECASTS,
        lambda: publish_days(
            warehouse.dsn, FORECASTS.issue_of(context.partition_key), clock=now, run_id=context.run.run_id
        ),
        {"issued_at": FORECASTS.issue_of(context.partition_key)},
    )
