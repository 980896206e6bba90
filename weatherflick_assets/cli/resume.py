"""What a command resumes: runs that did not end are continued, and answered calls are not sent again.

A run does not end when its quota is spent, the upstream is down, or its process is killed. Dagster's run records hold
all that is known of it. A command holds a lease on the collection that it works on, so that no other one resumes it.
"""

import hashlib
import json
from collections.abc import Collection as Group
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Self
from uuid import uuid4

import dagster as dg
import psycopg

from weatherflick_assets.orchestration.failures import HOPELESS
from weatherflick_assets.orchestration.tags import (
    COLLECTION_PLAN_TAG,
    COLLECTION_TAG,
    FAILURE_KIND,
    PARTITION_TAG,
    RESUMED_FROM_TAG,
)
from weatherflick_assets.warehouse import leases

RESUMABLE_FOR = timedelta(days=2)
"""Older answers are not mixed with new ones."""

RunKey = tuple[str, str | None]
"""Job and partition of a run."""


def digest_of(plan: object) -> str:
    """A short name for a command's plan, given in plain types: the same plan always has the same name."""
    return hashlib.sha256(json.dumps(plan).encode()).hexdigest()[:12]


@dataclass(frozen=True)
class Collection:
    """The runs of one command, or of several that resumed one another.

    Attributes:
        collection_id: binds its runs together.
        plan: digest of the plan; None for a command that always does everything.
        settled: runs that are no longer needed.
        began_at: when a resumed collection began; None for a new one.
    """

    collection_id: str
    plan: str | None
    settled: frozenset[RunKey] = frozenset()
    began_at: datetime | None = None

    @classmethod
    def new(cls, plan: str | None = None) -> Self:
        """A collection that begins now."""
        return cls(uuid4().hex[:12], plan)

    @property
    def tags(self) -> dict[str, str]:
        """The tags of its runs."""
        return {COLLECTION_TAG: self.collection_id, **({COLLECTION_PLAN_TAG: self.plan} if self.plan else {})}


def current_collection(instance: dg.DagsterInstance, plan: str, runs: Group[RunKey], at: datetime) -> Collection:
    """The latest collection with this plan if it is recent and some of its `runs` are left, else a new one."""
    last = instance.get_runs(dg.RunsFilter(tags={COLLECTION_PLAN_TAG: plan}), limit=1)
    if not last:
        return Collection.new(plan)
    collection_id = last[0].tags[COLLECTION_TAG]
    records = instance.get_run_records(dg.RunsFilter(tags={COLLECTION_TAG: collection_id}))
    settled = frozenset(_key(record.dagster_run) for record in records if _is_settled(record.dagster_run))
    began_at = min(record.create_timestamp for record in records).astimezone(UTC)
    if settled.issuperset(runs) or at - began_at > RESUMABLE_FOR:
        return Collection.new(plan)
    return Collection(collection_id, plan, settled, began_at)


def resume_tags(
    instance: dg.DagsterInstance, run: RunKey, at: datetime, *, within: Mapping[str, str] | None = None
) -> dict[str, str]:
    """Tags by which a run resumes the latest one of its job and partition with the tags `within`, unless it ended."""
    job_name, partition_key = run
    tags = {**(within or {}), **({} if partition_key is None else {PARTITION_TAG: partition_key})}
    for record in instance.get_run_records(dg.RunsFilter(job_name=job_name, tags=tags), limit=1):
        last = record.dagster_run
        if record.start_time is not None and not (last.is_success or last.tags.get(FAILURE_KIND) == "held_back"):
            began_at = datetime.fromtimestamp(record.start_time, UTC)
            if RESUMED_FROM_TAG in last.tags:
                began_at = datetime.fromisoformat(last.tags[RESUMED_FROM_TAG])
            if at - began_at <= RESUMABLE_FOR:
                return {RESUMED_FROM_TAG: began_at.isoformat()}
    return {}


def hold(connection: psycopg.Connection, collection_id: str) -> bool:
    """Take the lease on a collection until `connection` closes; return False if another process holds it."""
    return leases.hold(connection, f"{COLLECTION_TAG} {collection_id}")


def _key(run: dg.DagsterRun) -> RunKey:
    return run.job_name, run.tags.get(PARTITION_TAG)


def _is_settled(run: dg.DagsterRun) -> bool:
    """Whether running it again would bring nothing new now."""
    return run.is_success or (FAILURE_KIND in run.tags and run.tags[FAILURE_KIND] not in HOPELESS)
