"""`quality/report`: one HTML file a day that says how good the data were, readable without the UI."""

from collections import Counter
from collections.abc import Sequence
from datetime import date

import dagster as dg

from weatherflick_assets.operations.quality_assets import (
    DAYS,
    FARTHEST_DAYS_BEFORE,
    STATISTICS_KEY,
    TRENDS_KEY,
    measured_within,
)
from weatherflick_assets.orchestration.failures import as_failures
from weatherflick_assets.orchestration.report import Report
from weatherflick_assets.orchestration.steps import Retries, step
from weatherflick_assets.orchestration.warehouse import WarehouseResource
from weatherflick_assets.quality.measured import MeasuredTable
from weatherflick_assets.quality.rejections import Rejections
from weatherflick_assets.settings import Settings, now

REPORT_KEY = dg.AssetKey(["quality", "report"])


def report_asset(measured: Sequence[MeasuredTable], rejections: Sequence[Rejections]) -> dg.AssetsDefinition:
    """The asset for everything that is measured, and for what the domains say about what could not become rows."""

    @step(
        dg.AssetSpec(
            REPORT_KEY,
            deps=[
                TRENDS_KEY,
                dg.AssetDep(STATISTICS_KEY, partition_mapping=measured_within(days_before=FARTHEST_DAYS_BEFORE)),
            ],
            description=(
                "One HTML file that says how good the data of a day were: what got worse and since when, where the data can be "
                "trusted, scores, completeness, volume, what is held back and rejected, freshness, and a score card of every "
                "table and region. It needs no network. It is in the state folder, `reports/quality/DAY.html`, and is deleted "
                "after 90 days; then it can be made again.\n\nPartitions: the day in Korea."
            ),
        ),
        group="quality",
        kinds={"html", "python"},
        partitions_def=DAYS,
        retry_policy=Retries(max_retries=1, delay=1),
    )
    def quality_report(context: dg.AssetExecutionContext, warehouse: WarehouseResource) -> dg.MaterializeResult:
        """Write the report of a day."""
        from weatherflick_assets.quality.report import folder_in, gather, keep, render
        from weatherflick_assets.upstream.access import without_secrets
        from weatherflick_assets.warehouse.connections import connect

        report = Report(context)
        day = date.fromisoformat(context.partition_key)
        with as_failures():
            with connect(warehouse.dsn) as connection:
                gathered = gather(connection, day, measured, rejections, now())
            path = keep(folder_in(Settings().state_folder), day, without_secrets(render(gathered)))  # type: ignore[call-arg]
        trusted = Counter(cards[None].trust.value for cards in gathered.cards.values())
        return report.only(
            {
                "report": dg.MetadataValue.path(str(path)),
                "bytes": path.stat().st_size,
                "tables_to_trust": dg.MetadataValue.json(dict(trusted)),
                "held_back": sum(len(cards[None].now.held_back) for cards in gathered.cards.values()),
                "got_worse": len(gathered.worse),
            }
        )

    return quality_report
