"""How jobs are declared, and the schedules that start flows: one partition per run, in one process, in Korean time.

Schedules run wherever Dagster's daemon runs. The domains declare which flows there are.
"""

from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import dagster as dg

from weatherflick_assets.korea.regions import NAME_OF
from weatherflick_assets.orchestration.flows import NEEDED_WITHIN, PARTITIONS_DUE, Flow
from weatherflick_assets.orchestration.gate import GATE, WARNINGS
from weatherflick_assets.orchestration.publication import UNFINISHED
from weatherflick_assets.orchestration.tags import (
    FLOW_TAG,
    MAX_RUNTIME_SECONDS,
    PARTITION_TAG,
    REGION_TAG,
    STAGE_RUNS_TAG,
    STAGE_TAG,
    TICK_TAG,
)
from weatherflick_assets.orchestration.warehouse import WarehouseResource
from weatherflick_assets.settings import KST, Settings, korean_time
from weatherflick_assets.upstream.access import why_skipped

_RUNS_LOOKED_AT = 500
"""Runs of a flow that are read at most."""


def asset_job(
    name: str, asset_keys: Iterable[str], description: str, *, checks: Iterable[dg.AssetCheckKey] = ()
) -> Any:
    """A job over some assets, in one process: a process per step would cost seconds for steps that take one.

    It evaluates the gates of published assets and the `checks` that its other steps evaluate. It leaves out the checks that have
    jobs of their own: a region's run would look at every region.
    """
    keys = [dg.AssetKey.from_user_string(key) for key in asset_keys]
    gates = [*checks, *(check for key in keys if key.path[0] == "core" for check in gates_of(key))]
    selection = dg.AssetSelection.assets(*keys).without_checks()
    return dg.define_asset_job(
        name,
        selection=selection | dg.AssetSelection.checks(*gates) if gates else selection,
        executor_def=dg.in_process_executor,
        tags=MAX_RUNTIME_SECONDS,
        description=description,
    )


def gates_of(key: dg.AssetKey) -> list[dg.AssetCheckKey]:
    """The two checks of a step that publishes what passes its gate."""
    return [dg.AssetCheckKey(key, name) for name in (GATE, WARNINGS)]


def check_job(name: str, checks: Iterable[dg.AssetCheckKey], description: str) -> Any:
    """A job that evaluates some checks and makes nothing, in one process."""
    return dg.define_asset_job(
        name,
        selection=dg.AssetSelection.checks(*checks),
        executor_def=dg.in_process_executor,
        tags=MAX_RUNTIME_SECONDS,
        description=description,
    )


def region_tags(partition_key: str | None) -> dict[str, str]:
    """The name of the region that a partition key stands for, as a run tag; none for other keys."""
    name = NAME_OF.get(partition_key or "")
    return {REGION_TAG: name} if name else {}


def stage_requests(flow: Flow, position: int, tick: str, partitions: Sequence[str | None]) -> Iterator[dg.RunRequest]:
    """The run requests of one stage of a flow (counted from 0), for partitions, the most urgent first.

    The same stage of the same tick, which began the flow, always has the same run keys.
    """
    for rank, partition_key in enumerate(partitions):
        yield dg.RunRequest(
            run_key=f"{flow.name} {tick} {position + 1} {partition_key or ''}".strip(),
            job_name=flow.stages[position].job,
            partition_key=partition_key,
            tags={
                **MAX_RUNTIME_SECONDS,
                **region_tags(partition_key),
                **flow.stages[position].tags,
                FLOW_TAG: flow.name,
                TICK_TAG: tick,
                STAGE_TAG: str(position + 1),
                STAGE_RUNS_TAG: str(len(partitions)),
                "dagster/priority": str(flow.priority - rank),
            },
        )


def runs_of(
    instance: dg.DagsterInstance, flow: Flow, since: datetime, *, tick: str | None = None
) -> list[dg.RunRecord]:
    """The runs of a flow that were created since a time, newest first: of one tick, or of all. Those of commands have no tick."""
    tags = {FLOW_TAG: flow.name, **({TICK_TAG: tick} if tick else {})}
    # Dagster drops the time zone, and compares what is left with times in UTC.
    filters = dg.RunsFilter(tags=tags, created_after=since.astimezone(UTC))
    records = instance.get_run_records(filters, limit=_RUNS_LOOKED_AT)
    return [record for record in records if TICK_TAG in record.dagster_run.tags]


def at_work_of(instance: dg.DagsterInstance, job: str) -> set[str | None]:
    """The partitions of a job's runs that have not ended; None stands for a run without a partition."""
    runs = instance.get_runs(dg.RunsFilter(job_name=job, statuses=list(UNFINISHED)))
    return {run.tags.get(PARTITION_TAG) for run in runs}


def tick_of(at: datetime) -> str:
    """A schedule's time in the form that run tags have."""
    return korean_time(at)


def schedule_of(flow: Flow) -> str:
    """The name of the schedule of a flow."""
    return f"{flow.name}_schedule"


def needed_made_at(instance: dg.DagsterInstance, flow: Flow) -> dict[str, datetime]:
    """When each asset that a flow needs was last made, for those that were."""
    keys = list(map(dg.AssetKey.from_user_string, flow.needs))
    return {
        record.asset_entry.asset_key.to_user_string(): datetime.fromtimestamp(last.timestamp, UTC)
        for record in (instance.get_asset_records(keys) if keys else ())
        if (last := record.asset_entry.last_materialization) is not None
    }


def not_made_lately(instance: dg.DagsterInstance, flow: Flow, at: datetime) -> str | None:
    """Which of the assets that a flow needs were not made lately, in a sentence; None if all were."""
    made = needed_made_at(instance, flow)
    missing = [name for name in flow.needs if name not in made or made[name] <= at - NEEDED_WITHIN]
    if not missing:
        return None
    hours = NEEDED_WITHIN // timedelta(hours=1)
    return f"{', '.join(missing)} was not made within {hours} hours. The tick is made up when it is."


def failures_in_a_row(
    instance: dg.DagsterInstance, job: str, partition: str | None, most: int
) -> tuple[int, datetime | None]:
    """How many runs of a job and partition have failed since one succeeded, at most so many, and when the last one ended."""
    tags = {} if partition is None else {PARTITION_TAG: partition}
    ends = []
    for record in instance.get_run_records(dg.RunsFilter(job_name=job, tags=tags), limit=most):
        if record.dagster_run.is_success:
            break
        if record.dagster_run.status is dg.DagsterRunStatus.FAILURE and record.end_time is not None:
            ends.append(datetime.fromtimestamp(record.end_time, UTC))
    return len(ends), max(ends, default=None)


def _waits(instance: dg.DagsterInstance, job: str, partition: str | None, at: datetime) -> str | None:
    """Why a partition that is due is not requested now, in a sentence."""
    failures, last = failures_in_a_row(instance, job, partition, PARTITIONS_DUE.most)
    if last is None:
        return None
    following = PARTITIONS_DUE.next_at(failures, last)
    if following is None:
        return f"{partition} has failed {failures} times, and is not requested any more."
    if following > at:
        return f"{partition} has failed {failures} times in a row; it is requested again after {tick_of(following)}."
    return None


def flow_schedule(flow: Flow, *, is_on: bool = True) -> dg.ScheduleDefinition:
    """The schedule that requests the first stage of a flow, in Korean time.

    `is_on`: whether it runs where nobody has switched it in the UI.
    """
    assert flow.cron is not None
    stage = flow.stages[0]

    @dg.schedule(
        name=schedule_of(flow),
        job_name=stage.job,
        cron_schedule=flow.cron,
        execution_timezone=str(KST),
        default_status=dg.DefaultScheduleStatus.RUNNING if is_on else dg.DefaultScheduleStatus.STOPPED,
        description=flow.description,
    )
    def requests(
        context: dg.ScheduleEvaluationContext, warehouse: WarehouseResource
    ) -> Iterator[dg.RunRequest | dg.SkipReason]:
        at = context.scheduled_execution_time
        if flow.provider and (reason := why_skipped(flow.provider, Settings())):
            yield dg.SkipReason(reason)
            return
        if flow.unless and (reason := flow.unless(Settings())):  # type: ignore[call-arg]
            yield dg.SkipReason(reason)
            return
        if reason := not_made_lately(context.instance, flow, at):
            yield dg.SkipReason(reason)
            return
        wanted = stage.partitions(warehouse.dsn, at)
        if not wanted:
            yield dg.SkipReason(f"No partition of {stage.job} has to be made at present.")
            return
        at_work = at_work_of(context.instance, stage.job)
        left = [partition for partition in wanted if partition not in at_work]
        if not left:
            yield dg.SkipReason(f"The run of {stage.job} that an earlier tick requested has not ended.")
            return
        waiting = {
            partition: reason
            for partition in left
            if stage.depends_on_need and (reason := _waits(context.instance, stage.job, partition, at))
        }
        if len(waiting) == len(left):
            yield dg.SkipReason(" ".join(waiting.values()))
            return
        yield from stage_requests(flow, 0, tick_of(at), [partition for partition in left if partition not in waiting])

    return requests
