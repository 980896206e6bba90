"""`insight/recommendations`: the best places of every area for each of the next days, issue by issue, with a table.

Heavy modules are imported when the asset runs: data frames and Great Expectations cost every Dagster process seconds.
"""

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any

import dagster as dg

from weatherflick_assets.insight.assets.suitability import SUITABILITY_KEY
from weatherflick_assets.insight.code_versions import code_versions
from weatherflick_assets.insight.tables import RECOMMENDATIONS
from weatherflick_assets.orchestration.failures import as_failures
from weatherflick_assets.orchestration.gate import pass_or_hold_back, published_assets
from weatherflick_assets.orchestration.report import Report
from weatherflick_assets.orchestration.schemas import shown, table_metadata
from weatherflick_assets.orchestration.warehouse import WarehouseResource
from weatherflick_assets.settings import now
from weatherflick_assets.weather.issues import FORECASTS
from weatherflick_assets.weather.partitions import ISSUE_PARTITIONS

if TYPE_CHECKING:
    from weatherflick_assets.insight.recommendations.publish import OfDay, Publishing

RECOMMENDATIONS_KEY = dg.AssetKey(["insight", RECOMMENDATIONS.name])


@published_assets(
    dg.AssetSpec(
        RECOMMENDATIONS_KEY,
        code_version=code_versions()[RECOMMENDATIONS_KEY.to_user_string()],
        deps=[SUITABILITY_KEY],
        description=(
            f"{RECOMMENDATIONS.comment} Places are chosen by their suitability and by what there is to show of them, with variety. One "
            "that is closed, or of which no score or a poor one is known, is not recommended. How popular places are is not known yet, "
            "and counts for nothing. What the scores mean for each area is in insight.suitability_of_areas. Judged, and published in one "
            "transaction in place of what was published of the issue.\n\nPartitions: the time of the issue of the short-term forecast in "
            "Korea, YYYYMMDDHHMM."
        ),
        metadata=table_metadata(RECOMMENDATIONS),
    ),
    group="insight",
    partitions_def=ISSUE_PARTITIONS[FORECASTS.name],
)
def recommendations(
    context: dg.AssetExecutionContext, warehouse: WarehouseResource
) -> Iterator[dg.AssetCheckResult | dg.MaterializeResult]:
    """Recommend for the days after an issue."""
    from weatherflick_assets.insight.recommendations.publish import publish_recommendations

    report = Report(context)
    with as_failures():
        issue = FORECASTS.issue_of(context.partition_key)
        result = publish_recommendations(warehouse.dsn, issue, clock=now, run_id=context.run.run_id)
    yield from pass_or_hold_back(context, result.verdict_id, result.verdict)
    yield report.only(_metadata(result))


def _metadata(result: "Publishing") -> dict[str, Any]:
    return {
        "dagster/partition_row_count": result.rows,
        "published": result.rows,
        "places": result.places,
        "lists": result.lists,
        "score": result.verdict.score,
        "verdict_id": result.verdict_id,
        "days": dg.MetadataValue.table(*_table(result.days)),
    }


def _table(days: Sequence["OfDay"]) -> tuple[list[dg.TableRecord], dg.TableSchema]:
    """What is recommended to whoever asks for nothing special, a row for each day."""
    records = [
        dg.TableRecord(
            {
                "day": day.day.isoformat(),
                "areas": day.areas,
                "places": day.places,
                "mean score": shown(day.mean_score, 1),
                "share indoors": shown(day.indoors, 2),
            }
        )
        for day in days
    ]
    names = ("day", "areas", "places", "mean score", "share indoors")
    return records, dg.TableSchema([dg.TableColumn(name) for name in names])
