"""`quality/statistics` and `quality/trends`: the quality of every published table, day by day.

What they show in the UI is in `quality_metadata.py`.
"""

from collections.abc import Sequence
from datetime import date

import dagster as dg

from weatherflick_assets.orchestration.collected import warned
from weatherflick_assets.orchestration.failures import as_failures
from weatherflick_assets.orchestration.report import Report
from weatherflick_assets.orchestration.schemas import table_metadata
from weatherflick_assets.orchestration.steps import Retries, step
from weatherflick_assets.orchestration.warehouse import WarehouseResource
from weatherflick_assets.quality.measured import MeasuredTable
from weatherflick_assets.quality.tables import STATISTICS, TRENDS
from weatherflick_assets.settings import FIRST_DAY, KST, now

STATISTICS_KEY = dg.AssetKey(["quality", STATISTICS.name])
TRENDS_KEY = dg.AssetKey(["quality", TRENDS.name])

DAYS = dg.DailyPartitionsDefinition(start_date=FIRST_DAY.isoformat(), timezone=str(KST))
"""A day is a partition once it is over."""

FARTHEST_DAYS_BEFORE = 30
_RETRY = Retries(max_retries=1, delay=1)


def measured_within(*, days_before: int) -> dg.TimeWindowPartitionMapping:
    """A day follows from itself and so many days before."""
    return dg.TimeWindowPartitionMapping(start_offset=-days_before)


def quality_assets(measured: Sequence[MeasuredTable]) -> list[dg.AssetsDefinition]:
    """The assets for everything that is measured."""

    @step(
        dg.AssetSpec(
            STATISTICS_KEY,
            description=(
                f"{STATISTICS.comment} A day is measured as it stood at its end, so it can be measured again as long as its "
                "verdicts are kept, which is 400 days; then what was measured before is replaced. What was never judged has no "
                "figures. docs/quality.md says what each metric means.\n\nPartitions: the day in Korea."
            ),
            metadata=table_metadata(STATISTICS),
        ),
        group="quality",
        kinds={"postgres", "python"},
        partitions_def=DAYS,
        retry_policy=_RETRY,
    )
    def quality_statistics(context: dg.AssetExecutionContext, warehouse: WarehouseResource) -> dg.MaterializeResult:
        """Measure a day."""
        from weatherflick_assets.operations.quality_metadata import statistics_metadata, unjudged
        from weatherflick_assets.quality.statistics import measure

        report = Report(context)
        day = date.fromisoformat(context.partition_key)
        with as_failures():
            found = measure(warehouse.dsn, day, measured, clock=now)
            shown = statistics_metadata(warehouse.dsn, day, found, measured)
        return report.only({**shown, **warned(context, unjudged(found))})

    @step(
        dg.AssetSpec(
            TRENDS_KEY,
            deps=[dg.AssetDep(STATISTICS_KEY, partition_mapping=measured_within(days_before=FARTHEST_DAYS_BEFORE))],
            description=(
                f"{TRENDS.comment} A day is compared with 1, 7 and 30 days before. Each kind of metric has a direction that is "
                "worse, and a least difference; a smaller one is noise. What got worse is told with the first day since which "
                "it has been. Of a region, what did not change has no row.\n\nPartitions: the day in Korea."
            ),
            metadata=table_metadata(TRENDS),
        ),
        group="quality",
        kinds={"postgres", "python"},
        partitions_def=DAYS,
        retry_policy=_RETRY,
    )
    def quality_trends(context: dg.AssetExecutionContext, warehouse: WarehouseResource) -> dg.MaterializeResult:
        """Compare a day with days before."""
        from weatherflick_assets.operations.quality_metadata import trends_metadata, uncompared
        from weatherflick_assets.quality.trends import compare

        report = Report(context)
        day = date.fromisoformat(context.partition_key)
        with as_failures():
            found = compare(warehouse.dsn, day, measured, clock=now)
            shown = trends_metadata(warehouse.dsn, day, found)
        return report.only({**shown, **warned(context, uncompared(found))})

    return [quality_statistics, quality_trends]
