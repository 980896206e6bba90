"""When an asset counts as stale: derived from the flows that make it, and applied to all assets at once."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from itertools import pairwise
from typing import Any

import dagster as dg
from dagster._core.definitions.assets.graph.asset_graph import AssetGraph
from dagster._utils.schedules import cron_string_iterator

from weatherflick_assets.orchestration.flows import Flow
from weatherflick_assets.settings import KST

_A_MONDAY = datetime(2026, 11, 23, tzinfo=KST)

_WARNED_AFTER, _FAILED_AFTER = 1.25, 2.0
"""Intervals of the schedule: one run is missing, and two are."""

MADE_WHEN_CHANGED = {"weatherflick/made": "when_changed"}
"""Tag of an asset that a run leaves as it is when nothing has changed that it is made from."""

NEED_MAY_REST = 7
"""An asset that is made only when needed, or changed, gets this many times the interval. Whether its data are old says `fresh`."""


def with_freshness(assets: Iterable[Any], flows: Sequence[Flow], jobs: Mapping[str, Any]) -> list[Any]:
    """The assets; each one that a job (by name) makes in a flow gets a freshness policy."""
    declared = list(assets)
    materializable = [asset for asset in declared if isinstance(asset, dg.AssetsDefinition)]
    graph = AssetGraph.from_assets(materializable)  # a selection that is given a list makes one, each time
    made_when_changed = {
        spec.key for asset in materializable for spec in asset.specs if MADE_WHEN_CHANGED.items() <= spec.tags.items()
    }
    intervals: dict[dg.AssetKey, list[timedelta]] = {}
    for flow in flows:
        for stage in flow.stages:
            job = jobs[stage.job]
            if isinstance(job, dg.JobDefinition) or flow.cron is None:
                continue
            for key in job.selection.resolve(graph):
                may_rest = key in made_when_changed or (stage.depends_on_need and not stage.every)
                every = (stage.every or _interval(flow.cron)) * (NEED_MAY_REST if may_rest else 1)
                intervals.setdefault(key, []).append(every)
    # What one flow may change, another one may not: the longest counts.
    policies = {key: _policy((max if key in made_when_changed else min)(found)) for key, found in intervals.items()}
    return list(
        dg.map_asset_specs(lambda spec: spec.replace_attributes(freshness_policy=policies.get(spec.key)), declared)
    )


def _policy(interval: timedelta) -> dg.FreshnessPolicy:
    return dg.FreshnessPolicy.time_window(warn_window=_WARNED_AFTER * interval, fail_window=_FAILED_AFTER * interval)


def _interval(cron: str) -> timedelta:
    """The longest interval between two ticks in a week."""
    ticks = cron_string_iterator(_A_MONDAY.timestamp(), cron, str(KST))
    return max(later - earlier for earlier, later in pairwise(next(ticks) for _ in range(9)))
