"""Whether a collection goes on with one that was broken off: nothing that was answered is asked again.

A collection is broken off when it stopped before every region had its run: its quota was spent, the upstream was down, or
the process was killed. All that is known of it stands in the tags of its runs; that its process lives, in a lock that the
process holds in the database, of which the server lets go however it ends.
"""

import json
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cached_property
from typing import Self
from uuid import uuid4

import dagster as dg
import psycopg

from weatherflick_assets.orchestration.tags import (
    COLLECTION_BEGAN_TAG,
    COLLECTION_PLAN_TAG,
    COLLECTION_TAG,
    FAILURE_KIND,
    RESUMED_TAG,
)
from weatherflick_assets.places.jobs import collect_places_job
from weatherflick_assets.settings import now

HOPELESS = frozenset({"exhausted", "refused", "unreachable"})
"""Kinds of failure that no other region is spared: the quota is spent, no key is accepted, the host is down."""

RESUMABLE_FOR = timedelta(days=2)
"""Older answers are not mixed with new ones."""

_RUNS_LOOKED_AT = 50
"""Runs of the UI may lie between."""

_UNFINISHED = [
    dg.DagsterRunStatus.NOT_STARTED,
    dg.DagsterRunStatus.STARTING,
    dg.DagsterRunStatus.STARTED,
    dg.DagsterRunStatus.CANCELING,
]


@dataclass(frozen=True)
class Plan:
    """What a collection is to collect."""

    regions: tuple[str, ...]
    content_types: tuple[str, ...]

    @cached_property
    def tag(self) -> str:
        """As the runs carry it."""
        return json.dumps({"regions": self.regions, "types": self.content_types})


@dataclass(frozen=True)
class Collection:
    """A collection that is about to run.

    Attributes:
        collection_id: binds its runs together.
        plan: what it is to collect.
        began_at: when it was first begun.
        settled: regions that need no run any more.
        is_resumed: whether it was begun earlier.
    """

    collection_id: str
    plan: Plan
    began_at: datetime
    settled: frozenset[str] = frozenset()
    is_resumed: bool = False

    @classmethod
    def new(cls, plan: Plan) -> Self:
        """One that begins now."""
        return cls(new_collection_id(), plan, now())

    @property
    def left(self) -> list[str]:
        """The regions to run, in order."""
        return [region for region in self.plan.regions if region not in self.settled]

    @property
    def tags(self) -> dict[str, str]:
        """What its runs carry."""
        tags = {
            COLLECTION_TAG: self.collection_id,
            COLLECTION_BEGAN_TAG: self.began_at.isoformat(),
            COLLECTION_PLAN_TAG: self.plan.tag,
        }
        return tags | ({RESUMED_TAG: "true"} if self.is_resumed else {})


def new_collection_id() -> str:
    """What binds the runs of one command together."""
    return uuid4().hex[:12]


def current_collection(instance: dg.DagsterInstance, plan: Plan, at: datetime) -> Collection:
    """The last collection, if it had the same plan and was broken off lately; else a new one."""
    runs = instance.get_runs(dg.RunsFilter(job_name=collect_places_job.name), limit=_RUNS_LOOKED_AT)
    last = next((run for run in runs if COLLECTION_TAG in run.tags), None)
    if last is None or last.tags.get(COLLECTION_PLAN_TAG) != plan.tag:
        return Collection.new(plan)
    began_at = datetime.fromisoformat(last.tags[COLLECTION_BEGAN_TAG])
    collection_id = last.tags[COLLECTION_TAG]
    runs = instance.get_runs(dg.RunsFilter(job_name=collect_places_job.name, tags={COLLECTION_TAG: collection_id}))
    settled = frozenset(run.tags["dagster/partition"] for run in runs if _is_settled(run))
    if settled.issuperset(plan.regions) or at - began_at > RESUMABLE_FOR:
        return Collection.new(plan)
    return Collection(collection_id, plan, began_at, settled, is_resumed=True)


def broken_off(instance: dg.DagsterInstance, job_name: str, partition_key: str | None, at: datetime) -> dict[str, str]:
    """Tags with which a run goes on with the last one of its job and partition; none if that came to its end."""
    tags = {} if partition_key is None else {"dagster/partition": partition_key}
    for record in instance.get_run_records(dg.RunsFilter(job_name=job_name, tags=tags), limit=1):
        run = record.dagster_run
        has_read = run.status is dg.DagsterRunStatus.SUCCESS or run.tags.get(FAILURE_KIND) == "held_back"
        if record.start_time is not None and not has_read:
            began_at = datetime.fromtimestamp(record.start_time, UTC)
            if RESUMED_TAG in run.tags:
                began_at = datetime.fromisoformat(run.tags[COLLECTION_BEGAN_TAG])
            if at - began_at <= RESUMABLE_FOR:
                return {COLLECTION_BEGAN_TAG: began_at.isoformat(), RESUMED_TAG: "true"}
    return {}


def hold(connection: psycopg.Connection, collection_id: str) -> bool:
    """Work on a collection until `connection` ends; whether no other process does."""
    statement = "SELECT pg_try_advisory_lock(hashtextextended(%s, 0))"
    return connection.execute(statement, (f"{COLLECTION_TAG} {collection_id}",)).fetchone() == (True,)


def end_killed_runs(instance: dg.DagsterInstance, connection: psycopg.Connection) -> None:
    """Fail the runs whose command was killed: the next run would wait for what they hold of the pool for ever."""
    for run in instance.get_runs(dg.RunsFilter(statuses=_UNFINISHED)):
        # One that the UI runs again has the tags, and a process of its own.
        is_ours = COLLECTION_TAG in run.tags and run.parent_run_id is None
        if is_ours and hold(connection, run.tags[COLLECTION_TAG]):
            instance.report_run_failed(run, "The process that executed this run has ended, killed most likely.")
            instance.event_log_storage.free_concurrency_slots_for_run(run.run_id)


def _is_settled(run: dg.DagsterRun) -> bool:
    """Whether running the region again now would bring nothing new."""
    if run.status is dg.DagsterRunStatus.SUCCESS:
        return True
    return FAILURE_KIND in run.tags and run.tags[FAILURE_KIND] not in HOPELESS
