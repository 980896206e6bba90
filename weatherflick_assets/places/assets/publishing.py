"""Shared by the published assets of places: dependencies on raw assets, and how a partition's result is reported."""

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import dagster as dg

from weatherflick_assets.korea.regions import NAME_OF
from weatherflick_assets.orchestration.gate import check_results, held_back
from weatherflick_assets.places.kto import KTO
from weatherflick_assets.places.partitions import FROM_LISTING

if TYPE_CHECKING:
    from weatherflick_assets.places.publish import Publishing

WHAT_PUBLISHING_DOES = (
    "made from the raw layer alone. Rows are staged, judged by the suite of the table, and published in one transaction; "
    "when a blocking rule fails nothing changes and the last good rows stay.\n\n"
    f"Partitions: {', '.join(f'{code} {name}' for code, name in NAME_OF.items())}."
)


def on_region(*path: str) -> dg.AssetDep:
    """Depend on a raw asset partitioned by region. Its `unassigned` partition may hold places of any region."""
    return dg.AssetDep(dg.AssetKey(["raw", KTO.name, *path]), partition_mapping=FROM_LISTING)


def on_country(*path: str) -> dg.AssetDep:
    """Depend on a raw asset that reads the whole country at once, so any region may have changed."""
    return dg.AssetDep(dg.AssetKey(["raw", KTO.name, *path]))


def outcome(
    key: dg.AssetKey, region_code: str, result: "Publishing"
) -> Iterator[dg.AssetCheckResult | dg.MaterializeResult]:
    """The checks, and the materialization if the gate is open.

    Raises:
        dagster.Failure: the rows were held back; a retry would not help.
    """
    verdict, name = result.verdict, NAME_OF[region_code]
    yield from check_results(
        key,
        {result.verdict_id: verdict},
        passed=verdict.passed,
        where=f"{region_code} {name}: ",
        metadata={"region": f"{region_code} {name}"},
    )
    if result.published is None:
        raise held_back(f"{name}: {verdict.summary()} Nothing was published; the last good rows stay.")
    yield dg.MaterializeResult(asset_key=key, metadata=_metadata(result))


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
        "verdict_id": result.verdict_id,
        **{name: value for name, value in found.items() if value},
    }
