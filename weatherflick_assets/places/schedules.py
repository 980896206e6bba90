"""When what is collected: every schedule of the platform, in Korean time. They are on wherever Dagster's daemon runs.

The quotas begin anew at midnight in Korea. The change feed is read first, so that the plan knows what changed; then the
day's calls for details are planned, and a sensor has the plan followed (`places/sensors.py`).
"""

from collections.abc import Callable, Iterator, Sequence
from datetime import datetime
from typing import Any

import dagster as dg

from weatherflick_assets.orchestration.tags import MAX_RUNTIME_SECONDS
from weatherflick_assets.places import jobs
from weatherflick_assets.places.partitions import REGION_PARTITIONS
from weatherflick_assets.settings import KST

Partitions = Callable[[datetime], Sequence[str | None]]
"""The partitions that a tick at this time, in Korea, asks for; None for a job without partitions."""


def _whole(_at: datetime) -> Sequence[None]:
    return [None]


def _day(at: datetime) -> Sequence[str]:
    return [at.date().isoformat()]


def _regions(_at: datetime) -> Sequence[str]:
    return REGION_PARTITIONS.get_partition_keys()


def _schedule(job: Any, cron: str, partitions: Partitions, description: str) -> dg.ScheduleDefinition:
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


SCHEDULES = (
    _schedule(
        jobs.collect_changes_job,
        "5 0 * * *",
        _day,
        "Reads what changed since yesterday, newest first; the regions it touched are published afterwards.",
    ),
    _schedule(jobs.collect_festivals_job, "15 0 * * *", _day, "Reads the dates of festivals."),
    _schedule(
        jobs.plan_details_job,
        "30 0 * * *",
        _whole,
        "Plans the day's calls for details, after the quota has begun anew.",
    ),
    _schedule(
        jobs.collect_places_job,
        "0 2 * * sun",
        _regions,
        "Lists every place of every region anew: what the change feed can't see is found here.",
    ),
    _schedule(jobs.collect_codes_job, "0 3 * * mon", _whole, "Reads the code tables."),
    _schedule(jobs.collect_pets_job, "15 3 * * mon", _whole, "Reads the rules for pets, of the whole country at once."),
    _schedule(jobs.collect_stays_job, "30 3 * * mon", _whole, "Reads the list of places to stay."),
    _schedule(jobs.maintain_job, "0 4 * * *", _whole, "Drops what has expired, and tells what is left of the quotas."),
)
