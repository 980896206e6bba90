"""`insight/climate_normals`: what each month is like for each activity in each region, with a plot.

Heavy modules are imported when the asset runs: data frames and Great Expectations cost every Dagster process seconds.
"""

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import dagster as dg

from weatherflick_assets.insight.code_versions import code_versions
from weatherflick_assets.insight.tables import CLIMATE_NORMALS
from weatherflick_assets.orchestration.collected import warned
from weatherflick_assets.orchestration.failures import as_failures
from weatherflick_assets.orchestration.gate import pass_or_hold_back, published_assets
from weatherflick_assets.orchestration.report import Report
from weatherflick_assets.orchestration.schemas import table_metadata
from weatherflick_assets.orchestration.warehouse import WarehouseResource
from weatherflick_assets.settings import now

if TYPE_CHECKING:
    from weatherflick_assets.insight.climate.publish import Publishing

CLIMATE_KEY = dg.AssetKey(["insight", CLIMATE_NORMALS.name])

_SHOWN = ("sightseeing", "hiking", "beach")
"""The activities whose good days are drawn: the others are like one of these."""


@published_assets(
    dg.AssetSpec(
        CLIMATE_KEY,
        code_version=code_versions()[CLIMATE_KEY.to_user_string()],
        deps=[dg.AssetKey(["core", name]) for name in ("station_years", "station_days")],
        description=(
            f"{CLIMATE_NORMALS.comment} Every day of every station of a region is scored by the index of the activity, from what was "
            "observed. A month of which fewer than ten years are known has no normal, and its row says how many there are. Judged, and "
            "published in one transaction in place of what was published before."
        ),
        metadata=table_metadata(CLIMATE_NORMALS),
    ),
    group="insight",
)
def climate_normals(
    context: dg.AssetExecutionContext, warehouse: WarehouseResource
) -> Iterator[dg.AssetCheckResult | dg.MaterializeResult]:
    """Work out the normals."""
    from weatherflick_assets.insight.climate.publish import publish_normals

    report = Report(context)
    with as_failures():
        result = publish_normals(warehouse.dsn, clock=now, run_id=context.run.run_id)
    yield from pass_or_hold_back(context, result.verdict_id, result.verdict)
    with as_failures():
        plots = _plots(warehouse.dsn)
    yield report.only({**_metadata(result), **plots, **warned(context, _warning(result))})


def _metadata(result: "Publishing") -> dict[str, Any]:
    return {
        "dagster/row_count": result.rows,
        "published": result.rows,
        "normals": result.normals,
        "years": result.years,
        "score": result.verdict.score,
        "verdict_id": result.verdict_id,
    }


def _warning(result: "Publishing") -> str:
    if result.normals:
        return ""
    return f"No month has a normal yet: {result.years} years are known at most. core/station_years brings the others."


def _plots(dsn: str) -> dict[str, dg.MetadataValue]:
    from weatherflick_assets.insight.climate.plot import plot
    from weatherflick_assets.insight.climate.publish import good_shares

    drawn = {activity: plot(good_shares(dsn, activity), activity) for activity in _SHOWN}
    return {f"good_days_for_{activity}": dg.MetadataValue.md(picture) for activity, picture in drawn.items() if picture}
