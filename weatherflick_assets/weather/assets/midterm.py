"""`raw/kma/midterm` and `core/midterm_forecasts`: days 4 to 10, issued twice a day for points and regions.

The assets import heavy modules only when they run: client and data frames would cost every Dagster process a second.
"""

from collections.abc import Iterator

import dagster as dg

from weatherflick_assets.orchestration.collected import asking, collected_assets, warned
from weatherflick_assets.orchestration.failures import as_failures
from weatherflick_assets.orchestration.gate import published_assets
from weatherflick_assets.orchestration.report import Report
from weatherflick_assets.orchestration.samples import responses_metadata
from weatherflick_assets.orchestration.schemas import table_metadata
from weatherflick_assets.orchestration.upstream import UpstreamResource
from weatherflick_assets.orchestration.warehouse import WarehouseResource
from weatherflick_assets.settings import now
from weatherflick_assets.weather.assets.publishing import published_issue
from weatherflick_assets.weather.assets.sources import answers_metadata, answers_warning
from weatherflick_assets.weather.code_versions import code_versions
from weatherflick_assets.weather.issues import MIDTERM
from weatherflick_assets.weather.kma import KMA
from weatherflick_assets.weather.partitions import ISSUE_PARTITIONS
from weatherflick_assets.weather.tables import ISSUE_ANSWERS, MIDTERM_FORECASTS

RAW_MIDTERM_KEY = dg.AssetKey(["raw", KMA.name, MIDTERM.name])
MIDTERM_KEY = dg.AssetKey(["core", MIDTERM_FORECASTS.name])
_PARTITIONS_IN_WORDS = "Partitions: the time of the issue in Korea, YYYYMMDDHHMM, at 06:00 and 18:00."


@collected_assets(
    KMA,
    dg.AssetSpec(
        RAW_MIDTERM_KEY,
        description=(
            "One issue of the mid-term forecast: temperatures of every point (getMidTa), sky and precipitation of every land "
            "region (getMidLandFcst), and the outlook in words of every office (getMidFcst). Every answer is kept in "
            f"raw.responses; nothing that was answered is asked again.\n\n{_PARTITIONS_IN_WORDS}"
        ),
        metadata=table_metadata(ISSUE_ANSWERS),
    ),
    partitions_def=ISSUE_PARTITIONS[MIDTERM.name],
)
async def midterm(
    context: dg.AssetExecutionContext, upstream: UpstreamResource, warehouse: WarehouseResource
) -> dg.MaterializeResult:
    """Answers of an issue."""
    from weatherflick_assets.weather.collect.answers import check_answered
    from weatherflick_assets.weather.collect.midterm import collect_midterm

    report = Report(context)
    with as_failures():
        issue = MIDTERM.issue_of(context.partition_key)
        MIDTERM.check_readable(issue, now())
    async with asking(KMA, context, upstream, warehouse) as (client, responses):
        found = await collect_midterm(client, warehouse.dsn, issue, clock=now)
        check_answered(found.values())
        calls = {"calls": client.count.sent, "retries": client.count.retried}
    return report.only(
        {
            "dagster/partition_row_count": sum(collected.known for collected in found.values()),
            **answers_metadata(found),
            **calls,
            **warned(context, answers_warning(found)),
            **responses_metadata(responses.kept),
        }
    )


@published_assets(
    dg.AssetSpec(
        MIDTERM_KEY,
        deps=[RAW_MIDTERM_KEY],
        description=(
            f"{MIDTERM_FORECASTS.comment} Of a day that is told by halves, the greater chance of precipitation and the cloudier "
            f"sky. Judged and published as a whole in place of what was published of the issue.\n\n{_PARTITIONS_IN_WORDS}"
        ),
        code_version=code_versions()[MIDTERM_KEY.to_user_string()],
        metadata=table_metadata(MIDTERM_FORECASTS),
    ),
    partitions_def=ISSUE_PARTITIONS[MIDTERM.name],
)
def midterm_forecasts(
    context: dg.AssetExecutionContext, warehouse: WarehouseResource
) -> Iterator[dg.AssetCheckResult | dg.MaterializeResult]:
    """Days of points."""
    from weatherflick_assets.weather.publish_midterm import publish_midterm

    issue = MIDTERM.issue_of(context.partition_key)
    yield from published_issue(
        context,
        warehouse,
        MIDTERM_FORECASTS,
        lambda: publish_midterm(warehouse.dsn, issue, clock=now, run_id=context.run.run_id),
        {"issued_at": issue},
    )
