"""What to ask the detail operations next: every place judged by what asking it would bring, the best first. Pure.

A place whose details are fresh is never asked: they were asked for, the place has not changed since, and the answer is
younger than its time to live. All others are due, and worth

    audience × need × (1 + gain × incompleteness)

where the audience is how many people the place serves, by kind, region and, of events, whether they are over; the need is
how much is wrong with what is held; and the incompleteness is what the published row lacks. The numbers are those of
`Policy`. Where candidates come from stands in `places/plan/store.py`, where plans are made and followed in `plans.py`.
"""

from collections.abc import Hashable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from math import ceil
from types import MappingProxyType
from typing import Any

import numpy as np
import pandas as pd

from weatherflick_assets.korea.regions import UNASSIGNED
from weatherflick_assets.places.kto import OPERATION_BY_NAME
from weatherflick_assets.settings import KST
from weatherflick_assets.upstream.declarations import Operation

PLANNED_OPERATIONS = tuple(
    OPERATION_BY_NAME[name] for name in ("detailCommon2", "detailIntro2", "detailInfo2", "detailImage2")
)
"""What is asked place by place. Rules for pets come by a sweep of their own."""

NEVER, CHANGED, STALE, FRESH = "never_collected", "changed", "stale", "fresh"

CANDIDATE_COLUMNS = (
    "content_id",
    "content_type_id",
    "region_code",
    "modified_at",
    "fetched_at",
    "place_modified_at",
    "is_empty",
    "completeness",
    "detail_completeness",
    "ends_on",
)
"""Columns of candidates, one row per place that is shown, about one operation: text, then three aware times (the place's
modification, the last answer, the place's modification as known then; missing where there is none), whether that answer
holds nothing, the shares of filled columns of the published row (0 to 1, missing where there is none), the last day of an
event (missing for all others)."""

PLAN_COLUMNS = (
    "content_type_id",
    "region_code",
    "operation",
    "planned_at",
    "rank",
    "places",
    NEVER,
    CHANGED,
    STALE,
    "thin",
    "calls",
    "value",
    "reason",
)
"""Columns of a plan: those of `ops.collection_plan`."""


@dataclass(frozen=True)
class Policy:
    """What is worth how much. Only ratios count; a change takes effect with the next plan.

    Attributes:
        type_weights: audience of a place by kind; a kind that is not named is not asked for. Festivals and courses are
            few, so that each is seen by many, and say nothing without their days and stops. Attractions are what is
            recommended by the weather, and museums are where people go when it rains. Leisure sports depend on the
            weather most, and half of them have no hours upstream. Beds, meals and shops are looked up beside a visit, and
            the list has name, address and telephone of them already.
        region_weights: audience of a place by region, 1 where not named. No public figure that says how many people look
            at a place of one region and not another is at hand, so all are alike, and a region counts by the places it
            shows. What has no region is found by no one who asks by region.
        operation_weights: worth of an answer, for comparing kinds and regions: texts, opening hours and fees are what a
            row lacks most; further texts and pictures come after.
        changed_share: need where the place changed since, of that where nothing is held: what is shown may be wrong, and
            some edits touch only the list's fields.
        stale_shares: need where the answer has just outlived its time, and long after.
        stale_half_life_days: days after which half of the way between these two is gone.
        empty_share: of that need, where the last answer held nothing: as a rule the next one does not either.
        incompleteness_gain: how much more an empty row is worth than a full one.
        thin_below: a place whose row has less than this share of its details is told as thin.
        past_event_share: audience of an event that is over, until its next edition is announced.
        reserve_share: part of the day's calls that is not planned: for people's own calls and places that change later
            in the day.
    """

    type_weights: Mapping[str, float] = field(
        default_factory=lambda: MappingProxyType(
            {"15": 3.0, "25": 3.0, "12": 2.0, "14": 2.0, "28": 1.5, "32": 1.0, "39": 0.8, "38": 0.6}
        )
    )
    region_weights: Mapping[str, float] = field(default_factory=lambda: MappingProxyType({UNASSIGNED: 0.5}))
    operation_weights: Mapping[str, float] = field(
        default_factory=lambda: MappingProxyType(
            {"detailCommon2": 1.0, "detailIntro2": 1.0, "detailInfo2": 0.6, "detailImage2": 0.5}
        )
    )
    changed_share: float = 0.8
    stale_shares: tuple[float, float] = (0.1, 0.7)
    stale_half_life_days: float = 90.0
    empty_share: float = 0.3
    incompleteness_gain: float = 0.5
    thin_below: float = 0.3
    past_event_share: float = 0.2
    reserve_share: float = 0.05


POLICY = Policy()
"""The policy in force."""


def budget(limit: int, left: int, policy: Policy = POLICY) -> int:
    """Calls of an operation that may be planned.

    Args:
        limit: calls a day of all usable keys together.
        left: what is left of them.
        policy: says how much is held back.
    """
    return max(0, left - ceil(limit * policy.reserve_share))


def judged(candidates: pd.DataFrame, operation: Operation, *, now: datetime, policy: Policy = POLICY) -> pd.DataFrame:
    """The candidates with their `state` and `value`, in the order given; what is fresh is worth nothing.

    Args:
        candidates: columns as in `CANDIDATE_COLUMNS`.
        operation: what they would be asked.
        now: the time that ages are counted to, aware.
        policy: what is worth how much.
    """
    age = pd.Timestamp(now) - candidates["fetched_at"]
    overdue_days = (age - operation.time_to_live).dt.total_seconds().to_numpy() / 86_400
    known_then = candidates["place_modified_at"]
    is_newer = candidates["modified_at"].notna() & ~(candidates["modified_at"] <= known_then)
    conditions = [candidates["fetched_at"].isna(), is_newer, overdue_days >= 0]
    first, last = policy.stale_shares
    with np.errstate(over="ignore"):
        stale = last - (last - first) * 0.5 ** (np.maximum(overdue_days, 0) / policy.stale_half_life_days)
    stale = np.where(candidates["is_empty"], stale * policy.empty_share, stale)
    need = np.select(conditions, [1.0, policy.changed_share, stale], default=0.0)
    known = (candidates["completeness"].fillna(0) + candidates["detail_completeness"].fillna(0)) / 2
    value = _audience(candidates, now, policy) * need * (1 + policy.incompleteness_gain * (1 - known))
    return candidates.assign(
        state=np.select(conditions, [NEVER, CHANGED, STALE], default=FRESH),
        value=value * policy.operation_weights.get(operation.name, 1.0),
    )


def _audience(candidates: pd.DataFrame, now: datetime, policy: Policy) -> pd.Series:
    by_kind = candidates["content_type_id"].map(policy.type_weights).astype(float).fillna(0.0)
    by_region = candidates["region_code"].map(policy.region_weights).astype(float).fillna(1.0)
    today = pd.Timestamp(now.astimezone(KST).date())
    return by_kind * by_region * np.where(candidates["ends_on"] < today, policy.past_event_share, 1.0)


def ranked(candidates: pd.DataFrame, operation: Operation, *, now: datetime, policy: Policy = POLICY) -> pd.DataFrame:
    """The candidates that are due, with their `state` and `value`, the one worth most first.

    Of those worth the same the one that was edited last comes first, then the lesser id.
    """
    return _due(judged(candidates, operation, now=now, policy=policy))


def _due(found: pd.DataFrame) -> pd.DataFrame:
    """Of judged candidates those that are due, in the order of `ranked`."""
    order = ["value", "modified_at", "content_id"]
    return found[found["value"] > 0].sort_values(order, ascending=[False, False, True], ignore_index=True)


def chosen(
    candidates: pd.DataFrame,
    operation: Operation,
    calls: Mapping[str, int],
    *,
    now: datetime,
    policy: Policy = POLICY,
) -> pd.DataFrame:
    """The best candidates of each kind, not more than `calls` has for it, the one worth most first."""
    due = ranked(candidates, operation, now=now, policy=policy)
    allotted = due["content_type_id"].map(calls).astype(float).fillna(0)
    return due[due.groupby("content_type_id").cumcount() < allotted].reset_index(drop=True)


def allotted(
    candidates: pd.DataFrame, operation: Operation, calls: int, *, now: datetime, policy: Policy = POLICY
) -> pd.DataFrame:
    """How many calls of one operation every kind and region gets: as many as it has places among the best `calls`.

    Returns:
        One row per kind and region: operation, content_type_id, region_code, places, never_collected, changed, stale,
        thin, calls, value.
    """
    keys = ["content_type_id", "region_code"]
    found = judged(candidates, operation, now=now, policy=policy)
    is_thin = found["fetched_at"].notna() & (found["detail_completeness"].fillna(0) < policy.thin_below)
    counted = found[keys].assign(
        places=1, **{state: found["state"] == state for state in (NEVER, CHANGED, STALE)}, thin=is_thin
    )
    best = _due(found).head(calls)
    spent = best.groupby(keys, observed=True)["value"].agg(calls="size", value="sum")
    groups = counted.groupby(keys, observed=True).sum().join(spent).fillna({"calls": 0, "value": 0.0})
    return groups.astype({"calls": int}).reset_index().assign(operation=operation.name)


def plan(parts: Iterable[pd.DataFrame], *, planned_at: datetime) -> pd.DataFrame:
    """The plan of all operations: ranked by what a call is worth, kinds and regions without calls last, with reasons.

    Args:
        parts: what `allotted` gave for each operation.
        planned_at: when the candidates were read, aware.

    Returns:
        Columns as in `PLAN_COLUMNS`, in the order of rank; all operations of a kind and region have the same one.
    """
    keys = ["content_type_id", "region_code"]
    rows = pd.concat(list(parts), ignore_index=True)
    totals = rows.groupby(keys)[["value", "calls"]].sum()
    # Rounded, so that sums of the same values in different numbers are the same worth.
    totals["worth"] = (totals["value"] / totals["calls"].where(totals["calls"] > 0)).fillna(0.0).round(9)
    order = totals.reset_index().sort_values(["worth", *keys], ascending=[False, True, True], ignore_index=True)
    order["rank"] = np.arange(1, len(order) + 1)
    rows = rows.merge(order[[*keys, "rank"]], on=keys).assign(planned_at=pd.Timestamp(planned_at))
    rows["reason"] = [_reason(row) for row in rows.to_dict("records")]
    return rows.sort_values(["rank", "operation"], ignore_index=True)[list(PLAN_COLUMNS)]


_WORDS = ((NEVER, "never collected"), (CHANGED, "changed since"), (STALE, "stale"))


def _reason(row: Mapping[Hashable, Any]) -> str:
    """Why so many calls, in words."""
    places = f"of {row['places']:,} places"
    due = [f"{words}: {row[state]:,} {places}" for state, words in _WORDS if row[state]]
    if not due:
        return f"nothing is due: all {row['places']:,} places are fresh"
    thin = [f"thin: {row['thin']:,}"] if row["thin"] else []
    spent = [] if row["calls"] else ["the day's calls go where they are worth more"]
    return "; ".join([*due, *thin, *spent])
