"""`insight/region_reports`: a page for each region once a week, readable without the UI.

Heavy modules are imported when the asset runs: charts and templates cost every Dagster process time.
"""

from collections.abc import Sequence
from datetime import date, timedelta
from typing import TYPE_CHECKING, Any

import dagster as dg

from weatherflick_assets.insight.assets.climate import CLIMATE_KEY
from weatherflick_assets.insight.assets.recommendations import RECOMMENDATIONS_KEY
from weatherflick_assets.insight.assets.suitability import SUITABILITY_KEY
from weatherflick_assets.insight.code_versions import code_versions
from weatherflick_assets.orchestration.failures import as_failures
from weatherflick_assets.orchestration.report import Report
from weatherflick_assets.orchestration.schemas import shown
from weatherflick_assets.orchestration.steps import Retries, step
from weatherflick_assets.orchestration.warehouse import WarehouseResource
from weatherflick_assets.settings import FIRST_DAY, KST, Settings, now

if TYPE_CHECKING:
    from weatherflick_assets.insight.region_reports.pages import Written

REGION_REPORTS_KEY = dg.AssetKey(["insight", "region_reports"])

_FIRST_MONDAY = FIRST_DAY + timedelta(days=-FIRST_DAY.weekday() % 7)

WEEKS = dg.WeeklyPartitionsDefinition(start_date=_FIRST_MONDAY.isoformat(), timezone=str(KST), day_offset=1)
"""A week begins on Monday, and is a partition once it is over."""


@step(
    dg.AssetSpec(
        REGION_REPORTS_KEY,
        code_version=code_versions()[REGION_REPORTS_KEY.to_user_string()],
        deps=[
            *(SUITABILITY_KEY, RECOMMENDATIONS_KEY, CLIMATE_KEY),
            dg.AssetKey(["quality", "statistics"]),
            *(dg.AssetKey(["core", name]) for name in ("daily_forecasts", "weather_observations")),
        ],
        description=(
            "One HTML page for each region that says what its week was like and what is ahead: the weather, the best days by activity, "
            "where to go, which places are new, how good the data are, what was recommended and how the weather turned out, and when "
            "to go. A page needs no network. They are in the state folder, `reports/regions/MONDAY/`, with `index.html` before them, and "
            "are deleted after 90 days. Scores and lists are kept for 60 days; within these a week can be made again.\n\nPartitions: the "
            "Monday of the week in Korea."
        ),
    ),
    group="insight",
    kinds={"html", "python"},
    partitions_def=WEEKS,
    retry_policy=Retries(max_retries=1, delay=1),
)
def region_reports(context: dg.AssetExecutionContext, warehouse: WarehouseResource) -> dg.MaterializeResult:
    """Write the pages of a week."""
    from weatherflick_assets.insight.region_reports import pages

    report = Report(context)
    first, state_folder = date.fromisoformat(context.partition_key), Settings().state_folder  # type: ignore[call-arg]
    with as_failures():
        written = pages.report(warehouse.dsn, state_folder, first, now())
    return report.only(
        {
            "report": dg.MetadataValue.path(str((pages.folder_in(state_folder, first) / pages.INDEX).absolute())),
            "pages": len(written),
            "bytes": sum(page.path.stat().st_size for page in written),
            "new_places": sum(page.added for page in written),
            "regions": dg.MetadataValue.table(*_table(written)),
        }
    )


def _table(written: Sequence["Written"]) -> tuple[list[dg.TableRecord], dg.TableSchema]:
    """A row for each page: where it is, and what it says first."""
    records = [dg.TableRecord(_record(page)) for page in written]
    names = ("region", "page", "best day for sightseeing", "score", "new places")
    return records, dg.TableSchema([dg.TableColumn(name) for name in names])


def _record(page: "Written") -> dict[str, Any]:
    return {
        "region": page.region.english_name,
        "page": str(page.path),
        "best day for sightseeing": page.best.day.isoformat() if page.best else "",
        "score": shown(page.best.score if page.best else None, 0),
        "new places": page.added,
    }
