"""`insight/forecast_changes`: what each issue of the forecast changed of a day, with a table by kind.

Heavy modules are imported when the asset runs: data frames and Great Expectations cost every Dagster process seconds.
"""

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any

import dagster as dg

from weatherflick_assets.insight.assets.suitability import DAYS_BEFORE, SUITABILITY_KEY
from weatherflick_assets.insight.code_versions import code_versions
from weatherflick_assets.insight.tables import FORECAST_CHANGES
from weatherflick_assets.orchestration.failures import as_failures
from weatherflick_assets.orchestration.gate import pass_or_hold_back, published_assets
from weatherflick_assets.orchestration.report import Report
from weatherflick_assets.orchestration.schemas import table_metadata
from weatherflick_assets.orchestration.warehouse import WarehouseResource
from weatherflick_assets.settings import korean_time, now
from weatherflick_assets.weather.issues import FORECASTS
from weatherflick_assets.weather.partitions import ISSUE_PARTITIONS

if TYPE_CHECKING:
    from weatherflick_assets.insight.changes.publish import OfKind, Publishing

FORECAST_CHANGES_KEY = dg.AssetKey(["insight", FORECAST_CHANGES.name])

_FIRST = "nothing: no issue before this one covers its days"
"""A first issue is no fault, and no warning."""


@published_assets(
    dg.AssetSpec(
        FORECAST_CHANGES_KEY,
        code_version=code_versions()[FORECAST_CHANGES_KEY.to_user_string()],
        deps=[
            dg.AssetDep(SUITABILITY_KEY, partition_mapping=DAYS_BEFORE),
            *(
                dg.AssetDep(dg.AssetKey(["core", name]), partition_mapping=DAYS_BEFORE)
                for name in ("hourly_forecasts", "daily_forecasts")
            ),
        ],
        description=(
            f"{FORECAST_CHANGES.comment} Compared is with the last issue before it that covers the day: temperatures that differ by "
            "5 °C, a chance of rain that crosses 30 %, heat of 35 °C, cold of -10 °C, wind of 20 m/s, and scores of another level. "
            "Of a cell, a day and a kind nothing more is told for 24 hours; what changed meanwhile is told then, if it lasts. "
            "serving.forecast_changes shows the changes place by place. What was told stays when an issue is compared again.\n\n"
            "Partitions: the time of the issue of the short-term forecast in Korea, YYYYMMDDHHMM."
        ),
        metadata=table_metadata(FORECAST_CHANGES),
    ),
    group="insight",
    partitions_def=ISSUE_PARTITIONS[FORECASTS.name],
)
def forecast_changes(
    context: dg.AssetExecutionContext, warehouse: WarehouseResource
) -> Iterator[dg.AssetCheckResult | dg.MaterializeResult]:
    """Find what an issue changed."""
    from weatherflick_assets.insight.changes.publish import publish_changes

    report = Report(context)
    with as_failures():
        issue = FORECASTS.issue_of(context.partition_key)
        result = publish_changes(warehouse.dsn, issue, clock=now, run_id=context.run.run_id)
    yield from pass_or_hold_back(context, result.verdict_id, result.verdict)
    yield report.only(_metadata(result))


def _metadata(result: "Publishing") -> dict[str, Any]:
    return {
        "dagster/partition_row_count": result.rows,
        "published": result.rows,
        "told_before": result.told_before,
        "compared_with": korean_time(result.issue_before) if result.issue_before else _FIRST,
        "verdict_id": result.verdict_id,
        "kinds": dg.MetadataValue.table(*_table(result.kinds)),
    }


def _table(kinds: Sequence["OfKind"]) -> tuple[list[dg.TableRecord], dg.TableSchema]:
    records = [
        dg.TableRecord(
            {
                "kind": one.kind,
                "direction": one.direction,
                "changes": one.changes,
                "places": one.places,
                "first day": one.first_day.isoformat(),
                "last day": one.last_day.isoformat(),
            }
        )
        for one in kinds
    ]
    names = ("kind", "direction", "changes", "places", "first day", "last day")
    return records, dg.TableSchema([dg.TableColumn(name) for name in names])
