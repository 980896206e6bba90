"""How jobs and their schedules are declared: one partition a run, in one process, at a Korean time.

What is run when stands in the domains. Schedules are on wherever Dagster's daemon runs.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import datetime
from typing import Any

import dagster as dg

from weatherflick_assets.orchestration.tags import MAX_RUNTIME_SECONDS
from weatherflick_assets.settings import KST

Partitions = Callable[[datetime], Sequence[str | None]]
"""The partitions that a tick at this time, in Korea, asks for; None for a job without partitions."""


def once(_at: datetime) -> Sequence[None]:
    """One run of a job without partitions."""
    return [None]


def asset_job(name: str, keys: Iterable[dg.AssetKey], description: str) -> Any:
    """A job over some assets, in one process: a process per step would cost seconds for steps that take one."""
    return dg.define_asset_job(
        name,
        selection=dg.AssetSelection.assets(*keys),
        executor_def=dg.in_process_executor,
        tags=MAX_RUNTIME_SECONDS,
        description=description,
    )


def schedule(job: Any, cron: str, partitions: Partitions, description: str) -> dg.ScheduleDefinition:
    """A schedule of a job in Korean time.

    Args:
        job: what is run.
        cron: when.
        partitions: what a tick asks for, the most urgent first.
        description: why then.
    """

    @dg.schedule(
        name=f"{job.name}_schedule",
        job=job,
        cron_schedule=cron,
        execution_timezone=str(KST),
        default_status=dg.DefaultScheduleStatus.RUNNING,
        description=description,
    )
    def requests(context: dg.ScheduleEvaluationContext) -> Iterator[dg.RunRequest]:
        at = context.scheduled_execution_time.astimezone(KST)
        for position, partition in enumerate(partitions(at)):
            yield dg.RunRequest(
                # A tick that is evaluated twice asks for the same runs.
                run_key=f"{job.name} {at:%Y-%m-%d %H:%M} {partition or ''}".strip(),
                partition_key=partition,
                tags={**MAX_RUNTIME_SECONDS, "dagster/priority": str(-position)},
            )

    return requests
