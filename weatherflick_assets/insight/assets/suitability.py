"""`insight/suitability`: how suitable the next days are for what one can do at every place, issue by issue, with a table.

Heavy modules are imported when the asset runs: data frames and Great Expectations cost every Dagster process seconds.
"""

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any

import dagster as dg

from weatherflick_assets.insight.code_versions import code_versions
from weatherflick_assets.insight.tables import SUITABILITY_OF_CELLS
from weatherflick_assets.orchestration.failures import as_failures
from weatherflick_assets.orchestration.gate import pass_or_hold_back, published_assets
from weatherflick_assets.orchestration.report import Report
from weatherflick_assets.orchestration.schemas import shown, table_metadata
from weatherflick_assets.orchestration.warehouse import WarehouseResource
from weatherflick_assets.settings import now
from weatherflick_assets.weather.issues import FORECASTS
from weatherflick_assets.weather.partitions import ISSUE_PARTITIONS

if TYPE_CHECKING:
    from weatherflick_assets.insight.suitability.publish import OfCountry, Publishing

SUITABILITY_KEY = dg.AssetKey(["insight", "suitability"])

_ISSUES = ISSUE_PARTITIONS[FORECASTS.name]

DAYS_BEFORE = dg.TimeWindowPartitionMapping(start_offset=-12)
"""Not every cell is asked for at every issue: what was said of the others in the 36 hours before counts, too."""


@published_assets(
    dg.AssetSpec(
        SUITABILITY_KEY,
        code_version=code_versions()[SUITABILITY_KEY.to_user_string()],
        deps=[
            dg.AssetDep(dg.AssetKey(["core", "hourly_forecasts"]), partition_mapping=DAYS_BEFORE),
            dg.AssetDep(dg.AssetKey(["core", "daily_forecasts"]), partition_mapping=DAYS_BEFORE),
            *(
                dg.AssetDep(dg.AssetKey(["core", name]), partition_mapping=dg.AllPartitionMapping())
                for name in ("air_quality", "air_quality_forecasts")
            ),
            *(dg.AssetKey(["core", name]) for name in ("air_stations", "weather_warnings", "holidays")),
            dg.AssetDep(dg.AssetKey(["insight", "forecast_skill"]), partition_mapping=dg.AllPartitionMapping()),
        ],
        description=(
            f"{SUITABILITY_OF_CELLS.comment} insight.suitability shows them place by place, with the days on which a place is "
            "closed. Scored are the hours of daylight and opening, by the index of each activity; warnings, the air and extremes "
            "of what it feels like take their share. Where too little of the forecast is known there is no score. Judged, and "
            "published in one transaction in place of what was published of the issue.\n\nPartitions: the time of the issue of the "
            "short-term forecast in Korea, YYYYMMDDHHMM."
        ),
        metadata=table_metadata(SUITABILITY_OF_CELLS),
    ),
    group="insight",
    partitions_def=_ISSUES,
)
def suitability(
    context: dg.AssetExecutionContext, warehouse: WarehouseResource
) -> Iterator[dg.AssetCheckResult | dg.MaterializeResult]:
    """Score an issue."""
    from weatherflick_assets.insight.suitability.publish import publish_suitability

    report = Report(context)
    with as_failures():
        issue = FORECASTS.issue_of(context.partition_key)
        result = publish_suitability(warehouse.dsn, issue, clock=now, run_id=context.run.run_id)
    yield from pass_or_hold_back(context, result.verdict_id, result.verdict)
    yield report.only(_metadata(result))


def _metadata(result: "Publishing") -> dict[str, Any]:
    unscored = sum(result.without.values())
    return {
        "dagster/partition_row_count": result.rows,
        "published": result.rows,
        "cells": result.cells,
        "places": result.places,
        "places_without_score": unscored,
        "share_without_score": round(unscored / max(result.places, 1), 4),
        "why_without_score": dg.MetadataValue.json(dict(result.without)),
        "score": result.verdict.score,
        "verdict_id": result.verdict_id,
        "country": dg.MetadataValue.table(*_table(result.country)),
    }


def _table(country: Sequence["OfCountry"]) -> tuple[list[dg.TableRecord], dg.TableSchema]:
    """The mean score of the country's places, a row for each activity and a column for each day."""
    days = sorted({one.day for one in country})
    scores = {(one.activity, one.day): one.mean_score for one in country}
    places = {one.activity: one.places for one in country}
    records = []
    for activity, count in places.items():
        by_day = {f"{day:%m-%d}": shown(scores.get((activity, day)), 0) for day in days}
        records.append(dg.TableRecord({"activity": activity, "places": count, **by_day}))
    names = ["activity", "places", *(f"{day:%m-%d}" for day in days)]
    return records, dg.TableSchema([dg.TableColumn(name) for name in names])
