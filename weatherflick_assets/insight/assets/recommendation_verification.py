"""`insight/recommendation_verification`: how right it was what had been said and recommended of each day, with a plot.

Heavy modules are imported when the asset runs: data frames and charts cost every Dagster process seconds.
"""

from collections.abc import Sequence
from datetime import date
from typing import TYPE_CHECKING, Any

import dagster as dg

from weatherflick_assets.insight.assets.forecast_skill import DAYS, said_since
from weatherflick_assets.insight.assets.recommendations import RECOMMENDATIONS_KEY
from weatherflick_assets.insight.assets.suitability import SUITABILITY_KEY
from weatherflick_assets.insight.code_versions import code_versions
from weatherflick_assets.insight.tables import MOST_DAYS_AHEAD, RECOMMENDATION_VERIFICATION
from weatherflick_assets.orchestration.collected import warned
from weatherflick_assets.orchestration.failures import as_failures
from weatherflick_assets.orchestration.report import Report
from weatherflick_assets.orchestration.schemas import shown, table_metadata
from weatherflick_assets.orchestration.steps import Retries, step
from weatherflick_assets.orchestration.warehouse import WarehouseResource
from weatherflick_assets.settings import now

if TYPE_CHECKING:
    from weatherflick_assets.insight.verification.verify import Verification, Verified

VERIFICATION_KEY = dg.AssetKey(["insight", RECOMMENDATION_VERIFICATION.name])

_FIGURES = {
    "days ahead": "days_ahead",
    "places": "compared",
    "said": "said",
    "came": "came",
    "mean absolute error": "mean_absolute_error",
    "same as today": "persistence_error",
    "usual": "climatology_error",
    "hit rate": "hit_rate",
    "false alarms": "false_alarm_ratio",
    "recommended": "recommended",
    "rightly": "rightly",
}


@step(
    dg.AssetSpec(
        VERIFICATION_KEY,
        code_version=code_versions()[VERIFICATION_KEY.to_user_string()],
        deps=[
            dg.AssetKey(["core", "weather_observations"]),
            dg.AssetKey(["core", "nowcasts"]),
            *(
                dg.AssetDep(key, partition_mapping=said_since(MOST_DAYS_AHEAD))
                for key in (SUITABILITY_KEY, RECOMMENDATIONS_KEY)
            ),
        ],
        description=(
            f"{RECOMMENDATION_VERIFICATION.comment} The day is scored again by the weather that came, with the method that scores days "
            "ahead, and compared with what the issues of 05:00 had said: error of the score, good days that were said and not said, and "
            "false alarms, beside “same as today” and what is usual in the month. The air and warnings are left out on both sides, and "
            "the sky is that of nowcasts, because the observations of cells have none. Where too little was observed there is no "
            "verdict. What came is in insight.observed_suitability, and thirty days are summed up in insight.recommendation_skill_lately."
            "\n\nPartitions: the day in Korea that was observed."
        ),
        metadata=table_metadata(RECOMMENDATION_VERIFICATION),
    ),
    group="insight",
    kinds={"postgres", "python"},
    partitions_def=DAYS,
    retry_policy=Retries(max_retries=1, delay=1),
)
def recommendation_verification(
    context: dg.AssetExecutionContext, warehouse: WarehouseResource
) -> dg.MaterializeResult:
    """Verify a day."""
    from weatherflick_assets.insight.verification.verify import verify

    report = Report(context)
    with as_failures():
        found = verify(warehouse.dsn, date.fromisoformat(context.partition_key), clock=now)
    return report.only({**_metadata(found), **warned(context, _warning(found))})


def _warning(found: "Verification") -> str:
    if found.rows:
        return ""
    missing = "no score of it was published" if found.observed else "too little of its weather was observed"
    return f"Nothing of the day could be compared: {missing}."


def _metadata(found: "Verification") -> dict[str, Any]:
    figures = {"dagster/partition_row_count": found.rows, "cells": found.observed}
    if not found.rows:
        return figures
    from weatherflick_assets.insight.verification.plot import plot

    return {
        **figures,
        "by_lead_time": dg.MetadataValue.md(plot(found.lately)),
        "country": dg.MetadataValue.table(*_table(found.country)),
    }


def _table(country: Sequence["Verified"]) -> tuple[list[dg.TableRecord], dg.TableSchema]:
    records = [
        dg.TableRecord(
            {"activity": one.activity, **{name: shown(getattr(one, column), 2) for name, column in _FIGURES.items()}}
        )
        for one in country
    ]
    return records, dg.TableSchema([dg.TableColumn(name) for name in ("activity", *_FIGURES)])
