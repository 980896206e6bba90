"""How a source becomes assets: one that asks, and those that publish.

The assets import heavy modules only when they run: client and data frames would cost every Dagster process a second.
"""

from collections.abc import Awaitable, Callable, Iterator, Mapping, MutableMapping
from datetime import date, datetime
from typing import TYPE_CHECKING, Any

import dagster as dg
from sqlalchemy import Table

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
from weatherflick_assets.weather.code_versions import code_versions
from weatherflick_assets.weather.partitions import ISSUE_PARTITIONS
from weatherflick_assets.weather.sources import Source
from weatherflick_assets.weather.tables import ISSUE_ANSWERS

if TYPE_CHECKING:
    from weatherflick_assets.weather.collect.answers import Collected
    from weatherflick_assets.weather.publish import Publishing


def raw_asset(
    source: Source, description: str, collector: Callable[[], Callable[..., Awaitable[Any]]]
) -> dg.AssetsDefinition:
    """The asset that asks.

    Args:
        source: what is asked.
        description: what for, in sentences.
        collector: imports what collects it: a function of client, address of the database, the issue if the source has
            issues, and the clock; it returns what was asked and answered, by operation.
    """

    @collected_assets(
        source.operation.provider,
        dg.AssetSpec(
            dg.AssetKey.from_user_string(source.raw),
            description=f"{description} Every answer is kept in raw.responses, and raw.issue_answers says which are complete."
            f"{_partitions_in_words(source)}",
            metadata=table_metadata(ISSUE_ANSWERS),
            tags={"operation": source.operation.name},
        ),
        **_partitions(source),
    )
    async def collect(
        context: dg.AssetExecutionContext, upstream: UpstreamResource, warehouse: WarehouseResource
    ) -> dg.MaterializeResult:
        from weatherflick_assets.weather.collect.answers import check_answered

        report = Report(context)
        asked_for: tuple[datetime, ...] = ()
        if source.series is not None:
            with as_failures():
                asked_for = (source.series.issue_of(context.partition_key),)
                source.series.check_readable(*asked_for, now())
        async with asking(source.operation.provider, context, upstream, warehouse) as (client, responses):
            found = await collector()(client, warehouse.dsn, *asked_for, clock=now)
            check_answered(found.values())
            calls = {"calls": client.count.sent, "retries": client.count.retried}
        counted = "dagster/partition_row_count" if source.series else "dagster/row_count"
        return report.only(
            {
                counted: sum(collected.known for collected in found.values()),
                **answers_metadata(found),
                **calls,
                **warned(context, answers_warning(found)),
                **responses_metadata(responses.kept),
            }
        )

    return collect


def core_asset(
    source: Source,
    table: Table,
    description: str,
    publisher: Callable[[], Callable[..., Any]],
    *,
    deps: tuple[str, ...] = (),
    issue_column: str | None = None,
    tell: Callable[[Any, MutableMapping[str, Any]], tuple["Publishing", str]] | None = None,
) -> dg.AssetsDefinition:
    """The asset that publishes a table.

    Args:
        source: what the table is made from.
        table: the published table.
        description: what is particular, in sentences; the table says what it is.
        publisher: imports what publishes it: a function of the address of the database, the issue if the source has
            issues, the clock and the run.
        deps: the keys of the assets that it is made from; by default the raw asset.
        issue_column: the column that has the issue in a table that is published issue by issue.
        tell: from what the publisher returns to the result that all publications have, and a warning; it adds metadata.
    """
    key = source.published[source.tables.index(table)]

    @published_assets(
        dg.AssetSpec(
            dg.AssetKey.from_user_string(key),
            deps=[dg.AssetKey.from_user_string(dep) for dep in deps or (source.raw,)],
            description=f"{table.comment} {description} Made without a call, judged by the suite of the table, and published in "
            f"one transaction. When a blocking rule fails, what was published before stands.{_partitions_in_words(source)}",
            code_version=code_versions()[key],
            metadata=table_metadata(table),
        ),
        **_partitions(source),
    )
    def publish(
        context: dg.AssetExecutionContext, warehouse: WarehouseResource
    ) -> Iterator[dg.AssetCheckResult | dg.MaterializeResult]:
        asked_for: tuple[datetime, ...] = ()
        partition: dict[str, datetime | date] | None = None
        if source.series is not None and issue_column is not None:
            asked_for = (issue,) = (source.series.issue_of(context.partition_key),)
            is_day = table.columns[issue_column].type.python_type is date
            partition = {issue_column: issue.date() if is_day else issue}
        told: dict[str, Any] = {}

        def published() -> "Publishing":
            result = publisher()(warehouse.dsn, *asked_for, clock=now, run_id=context.run.run_id)
            if tell is None:
                return result
            publishing, warning = tell(result, told)
            told.update(warned(context, warning))
            return publishing

        yield from published_issue(context, warehouse, table, published, partition, told)

    return publish


def answers_metadata(found: "Mapping[str, Collected]") -> dict[str, Any]:
    """Metadata of answers."""
    return {
        "planned": sum(collected.wanted for collected in found.values()),
        "asked": sum(collected.answered for collected in found.values()),
        "answered_before": sum(collected.before for collected in found.values()),
        "recalled": sum(collected.recalled for collected in found.values()),
        "empty": sum(len(collected.empty) for collected in found.values()),
        "unreadable": sum(len(collected.unreadable) for collected in found.values()),
    }


def answers_warning(found: "Mapping[str, Collected]") -> str:
    """What is missing, in a sentence; "" if nothing is."""
    parts = [
        f"{operation} has no data about {len(collected.empty)} of {collected.wanted} subjects, {collected.empty[0]} among them"
        for operation, collected in found.items()
        if collected.empty
    ]
    parts += [
        f"{len(collected.unreadable)} answers of {operation} could not be read, that about {subject} among them: {reason}"
        for operation, collected in found.items()
        for subject, reason in [*collected.unreadable.items()][:1]
    ]
    parts += [
        f"{collected.unasked} of {collected.wanted} subjects of {operation} are left for a time with more calls"
        for operation, collected in found.items()
        if collected.unasked
    ]
    return f"{'; '.join(parts)}." if parts else ""


def _partitions(source: Source) -> dict[str, Any]:
    return {"partitions_def": ISSUE_PARTITIONS[source.series.name]} if source.series else {}


def _partitions_in_words(source: Source) -> str:
    return "\n\nPartitions: the time of the issue in Korea, YYYYMMDDHHMM." if source.series else ""
