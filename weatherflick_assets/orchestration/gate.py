"""What the published assets have in common: the gate between staged and published rows, and what of raw they are made of.

Rows are judged inside the asset, so that the gate is one of its partition; what the judge said becomes an asset check.
"""

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

import dagster as dg
from sqlalchemy import Table

from weatherflick_assets.korea.regions import NAME_OF
from weatherflick_assets.orchestration.schemas import table_metadata
from weatherflick_assets.orchestration.tags import FAILURE_KIND, OWNERS
from weatherflick_assets.places.kto import KTO
from weatherflick_assets.places.partitions import FROM_LISTING

if TYPE_CHECKING:
    from weatherflick_assets.places.publish import Publishing
    from weatherflick_assets.quality.verdict import Verdict

_RETRY = dg.RetryPolicy(max_retries=1, delay=1)
"""For what the database breaks off, such as one of two regions that wait for each other since places changed sides."""

GATE = "publishable"
"""Name of the check that stands between staged and published rows."""

WHAT_PUBLISHING_DOES = (
    "made from the raw layer alone. Rows are staged, judged by the suite of the table, and published in one transaction; "
    "when a blocking rule fails nothing changes and the last good rows stay.\n\n"
    f"Partitions: {', '.join(f'{code} {name}' for code, name in NAME_OF.items())}."
)


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


def on_region(*path: str) -> dg.AssetDep:
    """A raw asset of regions, of which `unassigned` may hold places that belong to any of them."""
    return dg.AssetDep(dg.AssetKey(["raw", KTO.name, *path]), partition_mapping=FROM_LISTING)


def on_day(*path: str) -> dg.AssetDep:
    """A raw asset that reads the whole country day by day: any region may be touched, by the latest reading."""
    # Of all days the raw layer keeps what is current; only the last one can be newer than what was published.
    return dg.AssetDep(dg.AssetKey(["raw", KTO.name, *path]), partition_mapping=dg.LastPartitionMapping())


def outcome(
    key: dg.AssetKey, region_code: str, result: "Publishing"
) -> Iterator[dg.AssetCheckResult | dg.MaterializeResult]:
    """The gate's check, and the materialization if it is open.

    Raises:
        dagster.Failure: the rows were held back; there is nothing to retry.
    """
    verdict, name = result.verdict, NAME_OF[region_code]
    yield gate_result(
        key,
        [verdict],
        passed=verdict.passed,
        description=f"{region_code} {name}: {verdict.summary()}",
        metadata={"region": f"{region_code} {name}"},
    )
    if result.published is None:
        raise held_back(f"{name}: {verdict.summary()} Nothing was published; the last good rows stay.")
    yield dg.MaterializeResult(asset_key=key, metadata=_metadata(result))


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


def _metadata(result: "Publishing") -> dict[str, Any]:
    published = result.published
    assert published is not None
    found = {
        "coordinate_problems": dict(result.coordinate_problems),
        "warnings": [failure.rule.rule_id for failure in result.verdict.warnings],
    }
    return {
        "dagster/partition_row_count": published.published,
        "items": result.items,
        "published": published.published,
        "rejected": published.rejected,
        "added": published.added,
        "changed": published.changed,
        "removed": published.removed,
        "score": result.verdict.score,
        **{name: value for name, value in found.items() if value},
    }
