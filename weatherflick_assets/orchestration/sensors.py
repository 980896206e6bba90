"""The two sensors: one continues flows whose stage has ended, the other publishes what the outbox holds.

Both look only at the database and at run records. `flows.py` and `publication.py` make the decisions. Runs of commands
are left alone, because commands continue their flows and empty the outbox themselves.
"""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime, timedelta
from types import MappingProxyType
from typing import Any

import dagster as dg

from weatherflick_assets.orchestration.flows import PUBLICATIONS, Flow, Priority
from weatherflick_assets.orchestration.publication import (
    Publication,
    is_command_at_work,
    partitions_at_work,
    publications,
    tried,
)
from weatherflick_assets.orchestration.schedules import region_tags, runs_of, stage_requests
from weatherflick_assets.orchestration.tags import (
    CHANGES_TAG,
    MAX_RUNTIME_SECONDS,
    PARTITION_TAG,
    STAGE_RUNS_TAG,
    STAGE_TAG,
    TICK_TAG,
)
from weatherflick_assets.orchestration.warehouse import WarehouseResource
from weatherflick_assets.settings import KST, Clock, now

CONTINUED_FOR = timedelta(days=2)
"""A flow that began longer ago than this is not continued."""

SETTLING = timedelta(minutes=1)
"""An entry noted more recently than this is left alone: the run that noted it may be about to publish it."""


def continue_flows(flows: Sequence[Flow], jobs: Mapping[str, Any], clock: Clock = now) -> dg.SensorDefinition:
    """The sensor that requests the next stage of every flow whose stage has ended; jobs are given by name."""
    staged = [flow for flow in flows if len(flow.stages) > 1]

    @dg.sensor(
        jobs=[jobs[name] for name in dict.fromkeys(stage.job for flow in staged for stage in flow.stages[1:])],
        default_status=dg.DefaultSensorStatus.RUNNING,
        minimum_interval_seconds=30,
        description=(
            "Requests the next stage of a flow when all runs of the stage before it have ended: "
            f"{', '.join(flow.name for flow in staged)}."
        ),
    )
    def continue_flows(
        context: dg.SensorEvaluationContext, warehouse: WarehouseResource
    ) -> list[dg.RunRequest] | dg.SkipReason:
        requests, reasons = [], []
        for flow in staged:
            outcome = _next_stage(context.instance, flow, warehouse.dsn, clock())
            if isinstance(outcome, str):
                reasons.append(f"{flow.name}: {outcome}")
            else:
                requests += outcome
        return requests or dg.SkipReason(" ".join(reasons))

    return continue_flows


def _next_stage(instance: dg.DagsterInstance, flow: Flow, dsn: str, at: datetime) -> Sequence[dg.RunRequest] | str:
    """The requests of the next stage, or a sentence that says why there are none."""
    runs = [record.dagster_run for record in runs_of(instance, flow, at - CONTINUED_FOR)]
    if not runs:
        return "it has not begun lately."
    tick = max(run.tags[TICK_TAG] for run in runs)
    runs = [run for run in runs if run.tags[TICK_TAG] == tick]
    stage = max(int(run.tags[STAGE_TAG]) for run in runs)
    if stage == len(flow.stages):
        return "its last stage is requested."
    runs = [run for run in runs if int(run.tags[STAGE_TAG]) == stage]
    ended = {run.tags.get(PARTITION_TAG) for run in runs} - {
        run.tags.get(PARTITION_TAG) for run in runs if not run.is_finished or is_retried_later(run)
    }
    if len(ended) < int(runs[0].tags[STAGE_RUNS_TAG]):
        return f"stage {stage} has not ended."
    requests = list(stage_requests(flow, stage, tick, flow.stages[stage].partitions(dsn, at.astimezone(KST))))
    return requests or f"stage {stage + 1} needs no run."


def is_retried_later(run: dg.DagsterRun) -> bool:
    """Whether Dagster will launch a replacement for this run, and has not yet."""
    return run.tags.get("dagster/will_retry") == "true" and "dagster/auto_retry_run_id" not in run.tags


def publish_pending(
    jobs: Mapping[str, Any],
    publishing: Mapping[str, Collection[str]],
    priorities: Mapping[str, Priority] = MappingProxyType({}),
    clock: Clock = now,
) -> dg.SensorDefinition:
    """The sensor that requests publication of what the outbox holds.

    Args:
        jobs: by name.
        publishing: the assets that each job publishes.
        priorities: of its runs, by the name of the job.
        clock: the time.
    """

    @dg.sensor(
        jobs=[jobs[name] for name in publishing],
        default_status=dg.DefaultSensorStatus.RUNNING,
        minimum_interval_seconds=30,
        description=(
            "Requests a run for every partition of the outbox (ops.pending_publications). What a gate holds back is requested "
            f"again when something about it changes; a run that dies is requested again after longer and longer times, until "
            f"{PUBLICATIONS.most} have died."
        ),
    )
    def publish_pending(
        context: dg.SensorEvaluationContext, warehouse: WarehouseResource
    ) -> list[dg.RunRequest] | dg.SkipReason:
        from weatherflick_assets.warehouse.connections import connect
        from weatherflick_assets.warehouse.outbox import pending

        with connect(warehouse.dsn) as connection:
            entries = pending(connection)
            if not entries:
                return dg.SkipReason("The outbox is empty.")
            if is_command_at_work(connection):
                return dg.SkipReason("A command executes runs. It publishes what is pending when they have ended.")
        at_work = partitions_at_work(context.instance)
        requests, reasons = [], []
        for publication in publications(entries, publishing):
            priority = priorities.get(publication.job, Priority.STEADY)
            outcome = _request(context.instance, publication, at_work, priority, clock())
            if isinstance(outcome, str):
                reasons.append(f"{publication.partition_key or publication.job}: {outcome}")
            else:
                requests.append(outcome)
        return requests or dg.SkipReason(" ".join(reasons) or "The outbox holds nothing that a job publishes.")

    return publish_pending


def _request(
    instance: dg.DagsterInstance,
    publication: Publication,
    at_work: Collection[str | None],
    priority: Priority,
    at: datetime,
) -> dg.RunRequest | str:
    """The run request, or a sentence that says why there is none."""
    if publication.partition_key in at_work:
        return "a run of this partition has not ended."
    if at - max(entry.since for entry in publication.entries) < SETTLING:
        return "noted less than a minute ago."
    settled, died, last = tried(instance, publication)
    publication = publication.without(settled)
    if not publication.entries:
        return "tried already; it waits for a change."
    if last is not None:
        following = PUBLICATIONS.next_at(died, last)
        if following is None:
            return f"{died} runs have died; look at them, then launch {publication.job} by hand."
        if following > at:
            return f"{died} runs have died; it is requested again after {following.astimezone(KST):%H:%M}."
    return dg.RunRequest(
        # A request made twice before its run is seen creates one run.
        run_key=f"{publication.job} {publication.partition_key or ''} {publication.tags[CHANGES_TAG]} {died}",
        job_name=publication.job,
        partition_key=publication.partition_key,
        asset_selection=[dg.AssetKey.from_user_string(key) for key in publication.asset_keys],
        tags={
            **MAX_RUNTIME_SECONDS,
            **region_tags(publication.partition_key),
            **publication.tags,
            "dagster/priority": str(int(priority)),
        },
    )
