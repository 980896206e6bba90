"""What the assets that publish an issue share: the checks of its gate, and its metadata."""

from collections.abc import Callable, Iterator, Mapping
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

import dagster as dg
from sqlalchemy import Table

from weatherflick_assets.orchestration.failures import as_failures
from weatherflick_assets.orchestration.gate import pass_or_hold_back
from weatherflick_assets.orchestration.report import Report
from weatherflick_assets.orchestration.samples import sample_metadata
from weatherflick_assets.orchestration.warehouse import WarehouseResource

if TYPE_CHECKING:
    from weatherflick_assets.weather.publish import Publishing

MOST_EXAMPLES, MOST_REASONS = 10, 5


def published_issue(
    context: dg.AssetExecutionContext,
    warehouse: WarehouseResource,
    table: Table,
    publish: Callable[[], "Publishing"],
    partition: Mapping[str, Any] | None = None,
    told: Mapping[str, Any] = MappingProxyType({}),
) -> Iterator[dg.AssetCheckResult | dg.MaterializeResult]:
    """Publish an issue, or a table without partitions, and give its checks and its materialization.

    Args:
        context: of the step, which makes one asset.
        warehouse: the database.
        table: the published table.
        publish: does it.
        partition: the values of columns that the issue's rows have; None for a table without partitions.
        told: further metadata; may be filled while publishing.

    Raises:
        dagster.Failure: the rows were held back, or nothing could be published.
    """
    report = Report(context)
    with as_failures():
        result = publish()
        sample = sample_metadata(warehouse.dsn, table, partition)
    lost = "" if result.verdict.passed else _lost(result)
    yield from pass_or_hold_back(context, result.verdict_id, result.verdict, lost=lost)
    counted = "dagster/partition_row_count" if context.has_partition_key else "dagster/row_count"
    yield report.only({counted: result.rows, **_metadata(result), **sample, **told})


def _lost(result: "Publishing") -> str:
    """What could not be used: why too few rows may be left for the gate."""
    reasons = ", ".join(f"{reason} {count:,}" for reason, count in result.problems.most_common(MOST_REASONS))
    values = f"Values that could not be used: {reasons}. " if reasons else ""
    return f"{len(result.left_out)} of {result.cells} left out. {values}" if result.left_out else values


def _metadata(result: "Publishing") -> dict[str, Any]:
    found = {
        "problems": dict(result.problems),
        "left_out": dg.MetadataValue.json([*result.left_out[:MOST_EXAMPLES]]) if result.left_out else None,
        "score": result.verdict.score,
        "warnings": [failure.rule.rule_id for failure in result.verdict.warnings],
    }
    return {
        "items": result.cells,
        "rejected": len(result.left_out),
        "published": result.rows,
        "unusable_values": sum(result.problems.values()),
        "verdict_id": result.verdict_id,
        **{name: value for name, value in found.items() if value},
    }
