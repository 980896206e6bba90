"""The collection plan: made once a day from the stored places and the remaining quotas, and followed by the collector.

Here: the policy, the quotas and the database put together. Not here: how candidates become a plan (`policy.py`), SQL
(`store.py`).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

import pandas as pd

from weatherflick_assets.places.plan.policy import (
    PLAN_COLUMNS,
    PLANNED_OPERATIONS,
    POLICY,
    Policy,
    allotted,
    chosen,
    plan,
)
from weatherflick_assets.places.plan.store import PlanStore
from weatherflick_assets.planning.budgets import budget
from weatherflick_assets.settings import KST, Clock
from weatherflick_assets.upstream.access import Access
from weatherflick_assets.upstream.balances import calls_left


@dataclass(frozen=True)
class Ask:
    """One planned call: an operation, a place, and the value of the call."""

    operation_name: str
    content_id: str
    content_type_id: str
    value: float


def make_plan(
    dsn: str, access: Access, *, clock: Clock, policy: Policy = POLICY, regions: Sequence[str] | None = None
) -> pd.DataFrame:
    """Make a plan now and replace the stored one.

    Args:
        dsn: the platform's database.
        access: the keys for the calls, and their daily limits.
        clock: the current time.
        policy: the weights.
        regions: the only ones to plan for.

    Returns:
        The stored plan, with columns as in `policy.PLAN_COLUMNS`; empty if no places are known.
    """
    with PlanStore(dsn) as store:
        store.lock()
        return _made(store, dsn, access, clock(), policy, regions)


def asks_of_region(dsn: str, access: Access, region_code: str, *, clock: Clock, policy: Policy = POLICY) -> list[Ask]:
    """The calls that today's plan still has for a region, highest value first. Makes the plan first if there is none.

    Args:
        dsn: the platform's database.
        access: as for `make_plan`.
        region_code: the partition.
        clock: the current time; the day is that of Korea.
        policy: the weights that order the allotted calls.
    """
    now = clock()
    with PlanStore(dsn) as store:
        store.lock()
        planned_at = store.planned_at()
        if planned_at is None or _day(planned_at) != _day(now):
            _made(store, dsn, access, now, policy)
    with PlanStore(dsn) as store:
        left = store.calls_left(region_code)
        candidates = store.candidates(list(left), [region_code])
    asks = [ask for name, calls in left.items() for ask in _asks(candidates[name], name, calls, now, policy)]
    return sorted(asks, key=lambda ask: -ask.value)


def _made(
    store: PlanStore,
    dsn: str,
    access: Access,
    now: datetime,
    policy: Policy,
    regions: Sequence[str] | None = None,
) -> pd.DataFrame:
    parts = []
    left = calls_left(dsn, access, PLANNED_OPERATIONS, now)
    candidates = store.candidates([operation.name for operation in PLANNED_OPERATIONS], regions)
    for operation in PLANNED_OPERATIONS:
        balance = left[operation.name]
        if len(candidates[operation.name]):
            calls = budget(balance.limit, balance.left, reserve_share=policy.reserve_share)
            parts.append(allotted(candidates[operation.name], operation, calls, now=now, policy=policy))
    made = plan(parts, planned_at=now) if parts else pd.DataFrame(columns=list(PLAN_COLUMNS))
    store.replace(made)
    return made


def _asks(candidates: pd.DataFrame, name: str, calls: Mapping[str, int], now: datetime, policy: Policy) -> list[Ask]:
    operation = next(operation for operation in PLANNED_OPERATIONS if operation.name == name)
    best = chosen(candidates, operation, calls, now=now, policy=policy)
    columns = (best[column].tolist() for column in ("content_id", "content_type_id", "value"))
    return [Ask(name, *values) for values in zip(*columns, strict=True)]


def _day(at: datetime) -> object:
    return at.astimezone(KST).date()
