"""`insight/forecast_skill`: how well the weather of each day had been forecast, with a plot.

Heavy modules are imported when the asset runs: data frames and charts cost every Dagster process seconds.
"""

from collections.abc import Sequence
from datetime import date, timedelta
from typing import TYPE_CHECKING, Any

import dagster as dg

from weatherflick_assets.insight.code_versions import code_versions
from weatherflick_assets.insight.tables import FORECAST_SKILL, MOST_DAYS_AHEAD
from weatherflick_assets.orchestration.collected import warned
from weatherflick_assets.orchestration.failures import as_failures
from weatherflick_assets.orchestration.report import Report
from weatherflick_assets.orchestration.schemas import shown, table_metadata
from weatherflick_assets.orchestration.steps import Retries, step
from weatherflick_assets.orchestration.warehouse import WarehouseResource
from weatherflick_assets.settings import FIRST_DAY, KST, now

if TYPE_CHECKING:
    from weatherflick_assets.insight.forecast_skill import Measured, Skill

FORECAST_SKILL_KEY = dg.AssetKey(["insight", FORECAST_SKILL.name])

DAYS = dg.DailyPartitionsDefinition(
    start_date=(FIRST_DAY + timedelta(days=MOST_DAYS_AHEAD)).isoformat(), timezone=str(KST)
)
"""A day is a partition once it is over. What was said of the first one is a partition of the forecasts, too."""

_FIGURES = {
    "hours ahead": "lead_hours",
    "pairs": "compared",
    "bias": "bias",
    "mean absolute error": "mean_absolute_error",
    "root mean square error": "root_mean_square_error",
    "hits": "hits",
    "misses": "misses",
    "false alarms": "false_alarms",
    "Brier score": "brier_score",
}


def said_since(days: int) -> dg.TimeWindowPartitionMapping:
    """What was said from so many days before a day on."""
    return dg.TimeWindowPartitionMapping(start_offset=-days)


@step(
    dg.AssetSpec(
        FORECAST_SKILL_KEY,
        code_version=code_versions()[FORECAST_SKILL_KEY.to_user_string()],
        deps=[
            dg.AssetKey(["core", "weather_observations"]),
            dg.AssetDep(dg.AssetKey(["core", "hourly_forecasts"]), partition_mapping=said_since(5)),
            dg.AssetDep(dg.AssetKey(["core", "daily_forecasts"]), partition_mapping=said_since(MOST_DAYS_AHEAD)),
        ],
        description=(
            f"{FORECAST_SKILL.comment} Every cell and hour that was observed is compared with what had been said of it 6, 24, 48, "
            "72 and 120 hours before, and the least and greatest temperature of the day with what was said 0 to 10 days ahead. "
            "A day can be measured again as long as its observations and forecasts are kept, which is more than a year; then "
            "what was measured before is replaced.\n\nPartitions: the day in Korea that was observed."
        ),
        metadata=table_metadata(FORECAST_SKILL),
    ),
    group="insight",
    kinds={"postgres", "python"},
    partitions_def=DAYS,
    retry_policy=Retries(max_retries=1, delay=1),
)
def forecast_skill(context: dg.AssetExecutionContext, warehouse: WarehouseResource) -> dg.MaterializeResult:
    """Measure a day."""
    from weatherflick_assets.insight.forecast_skill import measure

    report = Report(context)
    with as_failures():
        measured = measure(warehouse.dsn, date.fromisoformat(context.partition_key), clock=now)
    return report.only({**_metadata(measured), **warned(context, _warning(measured))})


def _warning(measured: "Measured") -> str:
    if measured.compared:
        return ""
    missing = "forecast" if measured.cells else "observation"
    return f"No {missing} of the day is published that could be compared, so nothing is known of its forecasts."


def _metadata(measured: "Measured") -> dict[str, Any]:
    figures = {
        "dagster/partition_row_count": measured.rows,
        "cells": measured.cells,
        "compared": measured.compared,
    }
    if not measured.compared:
        return figures
    from weatherflick_assets.insight.skill_plot import plot

    return {
        **figures,
        "by_lead_time": dg.MetadataValue.md(plot(measured.country, measured.lately)),
        "country": dg.MetadataValue.table(*_table(measured.country)),
    }


def _table(country: Sequence["Skill"]) -> tuple[list[dg.TableRecord], dg.TableSchema]:
    names = ["element", "source", *_FIGURES]
    records = [
        dg.TableRecord(
            {
                "element": skill.element,
                "source": skill.source,
                **{name: shown(getattr(skill, column), 3) for name, column in _FIGURES.items()},
            }
        )
        for skill in country
    ]
    return records, dg.TableSchema([dg.TableColumn(name) for name in names])
