"""What the published assets have in common: the gate between staged and published rows.

Rows are judged inside the asset, so that the gate is one of its partition; what the judge said becomes an asset check.
"""

from collections.abc import Callable, Collection, Mapping, Sequence
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

import dagster as dg
from sqlalchemy import Table

from weatherflick_assets.orchestration.schemas import table_metadata
from weatherflick_assets.orchestration.tags import FAILURE_KIND, OWNERS

if TYPE_CHECKING:
    from weatherflick_assets.quality.verdict import Verdict

_RETRY = dg.RetryPolicy(max_retries=1, delay=1)
"""For what the database breaks off, such as one of two regions that wait for each other since places changed sides."""

GATE = "publishable"
"""Name of the check that stands between staged and published rows."""


def published_asset(
    key: dg.AssetKey, *, table: Table, deps: Sequence[dg.AssetKey | dg.AssetDep], description: str, **options: Any
) -> Callable[[Callable[..., Any]], dg.AssetsDefinition]:
    """Decorator of an asset that publishes what its gate lets through; `options` are those of `dagster.asset`.

    Args:
        key: of the asset.
        table: what it fills.
        deps: what it is made of.
        description: for people.
        options: e.g. its partitions.
    """
    gate = dg.AssetCheckSpec(
        GATE,
        asset=key,
        blocking=True,
        description="The suite's blocking rules hold for the staged rows. Judged before anything is published.",
    )
    return dg.asset(
        key=key,
        deps=deps,
        group_name="core",
        owners=OWNERS,
        kinds={"pandas", "postgres"},
        description=description,
        metadata=table_metadata(table),
        check_specs=[gate],
        retry_policy=_RETRY,
        **options,
    )


def gate_result(
    key: dg.AssetKey,
    verdicts: Collection["Verdict"],
    *,
    passed: bool,
    description: str,
    metadata: Mapping[str, Any] = MappingProxyType({}),
) -> dg.AssetCheckResult:
    """The gate's check, with what the judge said."""
    return dg.AssetCheckResult(
        check_name=GATE,
        asset_key=key,
        passed=passed,
        severity=dg.AssetCheckSeverity.ERROR,
        description=description,
        metadata={
            **metadata,
            "verdict": dg.MetadataValue.md("\n\n".join(verdict.to_markdown() for verdict in verdicts)),
            "rows_judged": sum(verdict.row_count for verdict in verdicts),
            "score": min(verdict.score for verdict in verdicts),
        },
    )


def held_back(description: str) -> dg.Failure:
    """The failure of a run whose rows the gate held back: judged again they would be held back again."""
    return dg.Failure(description=description, metadata={FAILURE_KIND: "held_back"}, allow_retries=False)
