"""Which details to collect next: ranks places by the value of a call. Pure.

Fresh details are never collected again. All other places are due, and a call is worth

    audience × need × (1 + gain × incompleteness)

The audience is how many people the place serves: by kind, region and, for events, whether it is over. The need is how
wrong the stored details may be. The incompleteness is what the published row lacks. `Policy` has the numbers. Not here:
what makes an answer fresh and how a queue is spent (`planning/`), reading candidates (`places/plan/store.py`), making and
following plans (`plans.py`).
"""

from collections.abc import Hashable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from types import MappingProxyType
from typing import Any

import numpy as np
import pandas as pd

from weatherflick_assets.korea.regions import UNASSIGNED
from weatherflick_assets.places.kto import OPERATION_BY_NAME
from weatherflick_assets.planning import needs, queues
from weatherflick_assets.planning.needs import CHANGED, NEVER, STALE, Needs
from weatherflick_assets.settings import KST
from weatherflick_assets.upstream.declarations import Operation

PLANNED_OPERATIONS = tuple(
    OPERATION_BY_NAME[name] for name in ("detailCommon2", "detailIntro2", "detailInfo2", "detailImage2")
)
"""Operations that are called place by place. Pet rules come from a list of the whole country."""

CANDIDATE_COLUMNS = (
    "content_id",
    "content_type_id",
    "region_code",
    "modified_at",
    "fetched_at",
    "place_modified_at",
    "is_empty",
    "not_before",
    "completeness",
    "detail_completeness",
    "ends_on",
)
"""Columns of the candidates for one operation, with one row per shown place.

- `content_id`, `content_type_id`, `region_code`: text.
- `modified_at`, `fetched_at`, `place_modified_at`: aware times of the place's last modification, of the last answer,
  and of the modification known at that answer; missing if there is none.
- `is_empty`: whether the last answer had no items.
- `not_before`: aware time before which the place is not asked again, because its last answer could not be read.
- `completeness`, `detail_completeness`: shares of filled columns in the published row, 0 to 1; missing if unpublished.
- `ends_on`: last day of an event; missing for all other kinds.
"""

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
    "unreadable",
    "calls",
    "value",
    "reason",
)
"""Columns of a plan: those of `ops.collection_plan`."""

_GROUP = ("content_type_id", "region_code")
"""What a plan allots calls to."""


@dataclass(frozen=True)
class Policy:
    """The weights of the ranking. Only ratios matter. A change takes effect with the next plan.

    Attributes:
        type_weights: audience of a place by kind. Kinds without a weight are not collected. Festivals and courses are
            few, so each has many viewers, and they are useless without their dates and stops. Attractions are what the
            weather recommends, and museums are where people go when it rains. Leisure sports depend most on the
            weather, and half of them have no opening hours upstream. People look up beds, meals and shops around a
            visit, and the list already has their names, addresses and telephones.
        region_weights: audience of a place by region; 1 if not named. No public figures on viewers per place and region
            are available, so all regions are equal, and a region counts by the number of its shown places. A place without
            a region is invisible to anyone who searches by region.
        operation_weights: value of an answer, for comparing kinds and regions. A row lacks texts, opening hours and
            fees most; further texts and pictures come after.
        needs: need of a place by the state of its details. If it has changed, what is shown may be wrong, but some edits
            touch only the list's fields. After an empty answer, the next one usually is empty as well.
        incompleteness_gain: how much more an empty row is worth than a full one.
        thin_below: the plan reports a place as thin if its row has less than this share of its details.
        past_event_share: audience factor of an event that is over, until its next edition is announced.
        reserve_share: share of the day's calls that stays unplanned, for manual calls and for places that change later
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
    needs: Needs = field(
        default_factory=lambda: Needs(changed=0.8, stale=(0.1, 0.7), stale_half_life_days=90.0, empty=0.3)
    )
    incompleteness_gain: float = 0.5
    thin_below: float = 0.3
    past_event_share: float = 0.2
    reserve_share: float = 0.05


POLICY = Policy()
"""The policy in force."""


def judged(candidates: pd.DataFrame, operation: Operation, *, now: datetime, policy: Policy = POLICY) -> pd.DataFrame:
    """The candidates with their `state` and `value`, in the given order. What need not or must not be asked is worth 0.

    Args:
        candidates: columns as in `CANDIDATE_COLUMNS`.
        operation: the operation to be called.
        now: the aware time at which ages are computed.
        policy: the weights.
    """
    answers = needs.Answers(
        answered_at=candidates["fetched_at"],
        changed_at=candidates["modified_at"],
        changed_then=candidates["place_modified_at"],
        is_empty=candidates["is_empty"],
    )
    states, need = needs.judged(answers, policy.needs, time_to_live=operation.time_to_live, now=now)
    need = np.where(_waits(candidates, now), 0.0, need)
    known = (candidates["completeness"].fillna(0) + candidates["detail_completeness"].fillna(0)) / 2
    value = audience(candidates, now, policy) * need * (1 + policy.incompleteness_gain * (1 - known))
    return candidates.assign(state=states, value=value * policy.operation_weights.get(operation.name, 1.0))


def _waits(candidates: pd.DataFrame, now: datetime) -> pd.Series:
    return candidates["not_before"] > pd.Timestamp(now)


def audience(candidates: pd.DataFrame, now: datetime, policy: Policy = POLICY) -> pd.Series:
    """How many people each place serves, by the policy's weights."""
    by_kind = candidates["content_type_id"].map(policy.type_weights).astype(float).fillna(0.0)
    by_region = candidates["region_code"].map(policy.region_weights).astype(float).fillna(1.0)
    today = pd.Timestamp(now.astimezone(KST).date())
    return by_kind * by_region * np.where(candidates["ends_on"] < today, policy.past_event_share, 1.0)


def ranked(candidates: pd.DataFrame, operation: Operation, *, now: datetime, policy: Policy = POLICY) -> pd.DataFrame:
    """The due candidates with their `state` and `value`, highest value first.

    Ties are broken by the latest modification, then by the smaller id.
    """
    return _due(judged(candidates, operation, now=now, policy=policy))


def _due(found: pd.DataFrame) -> pd.DataFrame:
    """The due rows of judged candidates, in the order of `ranked`."""
    return queues.due(found, {"modified_at": False, "content_id": True})


def chosen(
    candidates: pd.DataFrame,
    operation: Operation,
    calls: Mapping[str, int],
    *,
    now: datetime,
    policy: Policy = POLICY,
) -> pd.DataFrame:
    """The best candidates of each kind, at most `calls[kind]`, highest value first."""
    due = ranked(candidates, operation, now=now, policy=policy)
    return queues.first_of_groups(due, "content_type_id", calls)


def allotted(
    candidates: pd.DataFrame, operation: Operation, calls: int, *, now: datetime, policy: Policy = POLICY
) -> pd.DataFrame:
    """Allot the calls of one operation: each kind and region gets as many as it has places among the best `calls`.

    Returns:
        One row per kind and region: operation, content_type_id, region_code, places, never_collected, changed, stale,
        thin, unreadable, calls, value.
    """
    keys = list(_GROUP)
    found = judged(candidates, operation, now=now, policy=policy)
    is_thin = found["fetched_at"].notna() & (found["detail_completeness"].fillna(0) < policy.thin_below)
    counted = found[keys].assign(
        places=1,
        **{state: found["state"] == state for state in (NEVER, CHANGED, STALE)},
        thin=is_thin,
        unreadable=_waits(found, now),
    )
    spent = queues.spent(_due(found), keys, calls)
    groups = counted.groupby(keys, observed=True).sum().join(spent).fillna({"calls": 0, "value": 0.0})
    return groups.astype({"calls": int}).reset_index().assign(operation=operation.name)


def plan(parts: Iterable[pd.DataFrame], *, planned_at: datetime) -> pd.DataFrame:
    """The plan of all operations, ranked by the mean value of a call, with reasons. Entries without calls come last.

    Args:
        parts: the results of `allotted`, one per operation.
        planned_at: the aware time when the candidates were read.

    Returns:
        Columns as in `PLAN_COLUMNS`, ordered by rank. All operations of a kind and region share one rank.
    """
    rows = pd.concat(list(parts), ignore_index=True)
    rows = rows.merge(queues.ranks(rows, _GROUP), on=list(_GROUP)).assign(planned_at=pd.Timestamp(planned_at))
    rows["reason"] = [_reason(row) for row in rows.to_dict("records")]
    return rows.sort_values(["rank", "operation"], ignore_index=True)[list(PLAN_COLUMNS)]


_WORDS = ((NEVER, "never collected"), (CHANGED, "changed since"), (STALE, "stale"))


def _reason(row: Mapping[Hashable, Any]) -> str:
    """The reason for the number of calls, in words."""
    places = f"of {row['places']:,} places"
    due = [f"{words}: {row[state]:,} {places}" for state, words in _WORDS if row[state]]
    if not due:
        return f"nothing is due: all {row['places']:,} places are fresh"
    found = [f"{name}: {row[name]:,}" for name in ("thin", "unreadable") if row[name]]
    spent = [] if row["calls"] else ["the day's calls go where they are worth more"]
    return "; ".join([*due, *found, *spent])
