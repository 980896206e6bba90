"""`insight/collection_plan`: how the day's quotas for details are spent, with the reasons in words."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import dagster as dg

from weatherflick_assets.korea.regions import NAME_OF
from weatherflick_assets.orchestration.failures import as_failures
from weatherflick_assets.orchestration.quota_check import QUOTA_CHECK, quota_check
from weatherflick_assets.orchestration.report import Report
from weatherflick_assets.orchestration.schemas import table_metadata
from weatherflick_assets.orchestration.steps import step
from weatherflick_assets.orchestration.tags import REGIONS_TAG
from weatherflick_assets.orchestration.upstream import UpstreamResource
from weatherflick_assets.orchestration.warehouse import WarehouseResource
from weatherflick_assets.places.content_types import CONTENT_TYPES
from weatherflick_assets.places.kto import KTO, OPERATIONS
from weatherflick_assets.places.tables import COLLECTION_PLAN
from weatherflick_assets.settings import now

if TYPE_CHECKING:
    import pandas as pd

COLLECTION_PLAN_KEY = dg.AssetKey(["insight", "collection_plan"])
QUOTA_CHECK_KEY = dg.AssetCheckKey(COLLECTION_PLAN_KEY, QUOTA_CHECK)

_KIND_NAME = {content_type.content_type_id: content_type.name for content_type in CONTENT_TYPES}


@step(
    dg.AssetSpec(
        COLLECTION_PLAN_KEY,
        deps=[dg.AssetKey(["core", content_type.name]) for content_type in CONTENT_TYPES],
        description=(
            "How many calls of each detail operation every kind and region gets of what is left of the day's quotas, a "
            "reserve kept back: places whose details were never asked for, changed since, or have outlived their time, those "
            "first that serve most people and of which least is known. A command that names regions has the calls planned for these "
            "alone. What is fresh is never asked. `raw/kto/place_details` "
            "follows it, and makes it itself where there is none of today. The policy is declared in `places/plan/policy.py`."
        ),
        metadata=table_metadata(COLLECTION_PLAN),
    ),
    group="insight",
    kinds={"python", "postgres"},
    tags={"provider": KTO.name},
)
def collection_plan(
    context: dg.AssetExecutionContext, upstream: UpstreamResource, warehouse: WarehouseResource
) -> dg.MaterializeResult:
    """Make the plan as of now, for the regions of the run's tag alone if it has one."""
    from weatherflick_assets.places.plan.plans import make_plan

    report = Report(context)
    regions = context.run.tags.get(REGIONS_TAG)
    with as_failures():
        plan = make_plan(
            warehouse.dsn, upstream.access(KTO), clock=now, regions=None if regions is None else regions.split(",")
        )
    return report.only(_metadata(plan))


# The plan spends the quotas, so users look for them on its page.
quotas = quota_check(COLLECTION_PLAN_KEY, OPERATIONS)


def _metadata(plan: "pd.DataFrame") -> dict[str, Any]:
    with_calls = plan[plan["calls"] > 0].sort_values(["rank", "operation"])
    return {
        "dagster/row_count": len(plan),
        "plan": dg.MetadataValue.md(_markdown(with_calls.to_dict("records"))),
        # Not named "calls", because summaries add those up and the plan sends none.
        "planned_calls": int(plan["calls"].sum()),
        "planned_calls_by_operation": dg.MetadataValue.json(
            {str(name): int(calls) for name, calls in plan.groupby("operation")["calls"].sum().items()}
        ),
    }


def _markdown(rows: Sequence[dict[Any, Any]]) -> str:
    """One line per kind and region that gets calls, by rank, with the reason of the operation with most calls."""
    by_rank: dict[int, list[dict[Any, Any]]] = {}
    for row in rows:
        by_rank.setdefault(row["rank"], []).append(row)
    lines = ["| rank | kind | region | calls | worth a call | why |", "|---:|---|---|---:|---:|---|"]
    for rank, together in by_rank.items():
        first = max(together, key=lambda row: row["calls"])
        calls = sum(row["calls"] for row in together)
        worth = sum(row["value"] for row in together) / calls
        kind = _KIND_NAME[first["content_type_id"]]
        region = NAME_OF.get(first["region_code"], first["region_code"])
        lines.append(f"| {rank} | {kind} | {region} | {calls:,} | {worth:.2f} | {first['reason']} |")
    return "\n".join(lines) if by_rank else "Nothing to ask: all details are fresh, or no calls are left today."
