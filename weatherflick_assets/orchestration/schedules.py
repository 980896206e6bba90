"""How jobs are declared, and the schedules that start flows: one partition per run, in one process, in Korean time.

Schedules run wherever Dagster's daemon runs. The domains declare which flows there are.
"""

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from typing import Any

import dagster as dg

from weatherflick_assets.korea.regions import NAME_OF
from weatherflick_assets.orchestration.flows import Flow
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
from weatherflick_assets.settings import KST, Settings
from weatherflick_assets.upstream.access import why_skipped


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
                "dagster/priority": str(-rank),
            },
        )


def _at_work(instance: dg.DagsterInstance, job: str) -> set[str | None]:
    """The partitions of a job's runs that have not ended; None stands for a run without a partition."""
    runs = instance.get_runs(dg.RunsFilter(job_name=job, statuses=list(UNFINISHED)))
    return {run.tags.get(PARTITION_TAG) for run in runs}


def tick_of(at: datetime) -> str:
    """A schedule's time in the form that run tags have."""
    return f"{at.astimezone(KST):%Y-%m-%d %H:%M}"


def flow_schedule(flow: Flow) -> dg.ScheduleDefinition:
    """The schedule that requests the first stage of a flow, in Korean time."""
    assert flow.cron is not None

    @dg.schedule(
        name=f"{flow.name}_schedule",
        job_name=flow.stages[0].job,
        cron_schedule=flow.cron,
        execution_timezone=str(KST),
        default_status=dg.DefaultScheduleStatus.RUNNING,
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
        wanted = flow.stages[0].partitions(warehouse.dsn, at)
        at_work = _at_work(context.instance, flow.stages[0].job)
        if partitions := [partition for partition in wanted if partition not in at_work]:
            yield from stage_requests(flow, 0, tick_of(at), partitions)
        elif wanted:
            yield dg.SkipReason(f"The run of {flow.stages[0].job} that an earlier tick requested has not ended.")
        else:
            yield dg.SkipReason(f"No partition of {flow.stages[0].job} has to be made at present.")

    return requests
