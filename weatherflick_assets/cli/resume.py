"""What a command resumes: runs that did not end are continued, and nothing that was answered is asked for again.

A run did not end when its quota was spent, the upstream was down, or its process was killed. All that is known of it is in
Dagster's run records; whether its command lives, in a lock that the command holds in the database and that the server releases
however the command ends.
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

from weatherflick_assets.orchestration.publication import UNFINISHED
from weatherflick_assets.orchestration.tags import (
    COLLECTION_PLAN_TAG,
    COLLECTION_TAG,
    FAILURE_KIND,
    PARTITION_TAG,
    RESUMED_FROM_TAG,
)

HOPELESS = frozenset({"no_keys", "exhausted", "refused", "unreachable"})
"""Kinds of failure that no other run is spared: there are no keys, the quota is spent, no key is accepted, the host is down."""

RESUMABLE_FOR = timedelta(days=2)
"""Older answers are not mixed with new ones."""

RunKey = tuple[str, str | None]
"""Job and partition of a run."""


def digest_of(plan: object) -> str:
    """A short name for what a command is to do, from plain types: the same for the same plan."""
    return hashlib.sha256(json.dumps(plan).encode()).hexdigest()[:12]


@dataclass(frozen=True)
class Collection:
    """The runs of one command, or of several that resumed each other.

    Attributes:
        collection_id: binds its runs together.
        plan: digest of what it is to do; None where a command always does everything.
        settled: runs that are not needed any more.
        began_at: when a collection that is resumed began; None for a new one.
    """

    collection_id: str
    plan: str | None
    settled: frozenset[RunKey] = frozenset()
    began_at: datetime | None = None

    @classmethod
    def new(cls, plan: str | None = None) -> Self:
        """One that begins now."""
        return cls(uuid4().hex[:12], plan)

    @property
    def tags(self) -> dict[str, str]:
        """What its runs carry."""
        return {COLLECTION_TAG: self.collection_id, **({COLLECTION_PLAN_TAG: self.plan} if self.plan else {})}


def current_collection(instance: dg.DagsterInstance, plan: str, runs: Group[RunKey], at: datetime) -> Collection:
    """The last collection with this plan, if some of its `runs` are left and it began lately; else a new one."""
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
    """Tags with which a run resumes the last one of its job and partition; none if that one ended.

    Args:
        instance: where runs are recorded.
        run: job and partition.
        at: the time.
        within: tags that the last run must carry.
    """
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
    """Work on a collection until `connection` ends; whether no other process does."""
    statement = "SELECT pg_try_advisory_lock(hashtextextended(%s, 0))"
    return connection.execute(statement, (f"{COLLECTION_TAG} {collection_id}",)).fetchone() == (True,)


def end_killed_runs(instance: dg.DagsterInstance, connection: psycopg.Connection) -> None:
    """Fail the runs whose command was killed: the next run would wait for what they hold of the pool for ever."""
    for run in instance.get_runs(dg.RunsFilter(statuses=list(UNFINISHED))):
        # One that the UI runs again has the tags, and a process of its own.
        is_ours = COLLECTION_TAG in run.tags and run.parent_run_id is None
        if is_ours and hold(connection, run.tags[COLLECTION_TAG]):
            instance.report_run_failed(run, "The process that executed this run has ended, killed most likely.")
            instance.event_log_storage.free_concurrency_slots_for_run(run.run_id)


def _key(run: dg.DagsterRun) -> RunKey:
    return run.job_name, run.tags.get(PARTITION_TAG)


def _is_settled(run: dg.DagsterRun) -> bool:
    """Whether the same run would bring nothing new now."""
    return run.is_success or (FAILURE_KIND in run.tags and run.tags[FAILURE_KIND] not in HOPELESS)
