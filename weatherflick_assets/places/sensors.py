"""What follows from what was collected: touched regions are published, and the plan of the day is followed.

Runs that a command executes are left alone: the command does the same itself.
"""

from collections.abc import Iterator

import dagster as dg

from weatherflick_assets.orchestration.tags import COLLECTION_TAG, MAX_RUNTIME_SECONDS
from weatherflick_assets.places.following import planned_regions, published_assets, touched_by
from weatherflick_assets.places.jobs import (
    collect_changes_job,
    collect_details_job,
    collect_festivals_job,
    collect_pets_job,
    plan_details_job,
    publish_places_job,
)


@dg.run_status_sensor(
    run_status=dg.DagsterRunStatus.SUCCESS,
    monitored_jobs=[collect_changes_job, collect_festivals_job, collect_pets_job, plan_details_job],
    request_jobs=[publish_places_job, collect_details_job],
    default_status=dg.DefaultSensorStatus.RUNNING,
    minimum_interval_seconds=30,
    description=(
        "After the change feed, the festivals or the rules for pets were read, publishes the regions they touched; after "
        "the plan of the day was made, has the details of its regions collected, those worth most first."
    ),
)
def follow_collections(context: dg.RunStatusSensorContext) -> Iterator[dg.RunRequest | dg.SkipReason]:
    """Run requests for what the finished run touched or planned."""
    run = context.dagster_run
    if COLLECTION_TAG in run.tags:
        yield dg.SkipReason(f"Run {run.run_id} belongs to a command, which goes on by itself.")
        return
    records = context.instance.all_logs(run.run_id, of_type=dg.DagsterEventType.ASSET_MATERIALIZATION)
    made = [entry.asset_materialization for entry in records if entry.asset_materialization is not None]
    for region_code, selection in published_assets(touched_by(made)).items():
        yield dg.RunRequest(
            run_key=f"{run.run_id}/publish/{region_code}",
            job_name=publish_places_job.name,
            partition_key=region_code,
            asset_selection=list(selection),
            tags=MAX_RUNTIME_SECONDS,
        )
    for rank, region_code in enumerate(planned_regions(made)):
        yield dg.RunRequest(
            run_key=f"{run.run_id}/details/{region_code}",
            job_name=collect_details_job.name,
            partition_key=region_code,
            tags={**MAX_RUNTIME_SECONDS, "dagster/priority": str(-rank)},
        )
