"""What follows from what was collected: what the outbox holds is published, and the plan of the day is followed.

Runs that a command executes are left alone: the command does the same itself.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING

import dagster as dg

from weatherflick_assets.orchestration.tags import COLLECTION_TAG, MAX_RUNTIME_SECONDS, REGIONS_TO_COLLECT
from weatherflick_assets.orchestration.warehouse import WarehouseResource
from weatherflick_assets.places.jobs import (
    collect_changes_job,
    collect_details_job,
    collect_festivals_job,
    collect_pets_job,
    plan_details_job,
    publish_places_job,
)

if TYPE_CHECKING:
    from weatherflick_assets.warehouse.outbox import Pending


def by_region(pending: "Iterable[Pending]") -> Mapping[str, Sequence["Pending"]]:
    """What is pending of places, by region."""
    found: dict[str, list[Pending]] = {}
    for publication in pending:
        if publication.partition_key:
            found.setdefault(publication.partition_key, []).append(publication)
    return found


def planned_regions(materializations: Iterable[dg.AssetMaterialization]) -> list[str]:
    """The regions that a collection plan among them has calls for, the one worth most first."""
    return [
        region_code
        for materialization in materializations
        if REGIONS_TO_COLLECT in materialization.metadata
        for region_code in materialization.metadata[REGIONS_TO_COLLECT].value  # type: ignore[union-attr]
    ]


@dg.run_status_sensor(
    run_status=dg.DagsterRunStatus.SUCCESS,
    monitored_jobs=[collect_changes_job, collect_festivals_job, collect_pets_job, plan_details_job],
    request_jobs=[publish_places_job, collect_details_job],
    default_status=dg.DefaultSensorStatus.RUNNING,
    minimum_interval_seconds=30,
    description=(
        "After the change feed, the festivals or the rules for pets were read, publishes what they made pending; after "
        "the plan of the day was made, has the details of its regions collected, those worth most first."
    ),
)
def follow_collections(
    context: dg.RunStatusSensorContext, warehouse: WarehouseResource
) -> Iterator[dg.RunRequest | dg.SkipReason]:
    """Run requests for what is pending, and for what the finished run planned."""
    import psycopg  # noqa: PLC0415 - definitions load light

    from weatherflick_assets.warehouse.outbox import pending  # noqa: PLC0415

    run = context.dagster_run
    if COLLECTION_TAG in run.tags:
        yield dg.SkipReason(f"Run {run.run_id} belongs to a command, which goes on by itself.")
        return
    records = context.instance.all_logs(run.run_id, of_type=dg.DagsterEventType.ASSET_MATERIALIZATION)
    made = [entry.asset_materialization for entry in records if entry.asset_materialization is not None]
    with psycopg.connect(warehouse.dsn) as connection:
        found = by_region(pending(connection))
    for region_code, publications in found.items():
        yield dg.RunRequest(
            run_key=f"{region_code}/{max(publication.change_id for publication in publications)}",
            job_name=publish_places_job.name,
            partition_key=region_code,
            asset_selection=[dg.AssetKey.from_user_string(publication.asset_key) for publication in publications],
            tags=MAX_RUNTIME_SECONDS,
        )
    for rank, region_code in enumerate(planned_regions(made)):
        yield dg.RunRequest(
            run_key=f"{run.run_id}/details/{region_code}",
            job_name=collect_details_job.name,
            partition_key=region_code,
            tags={**MAX_RUNTIME_SECONDS, "dagster/priority": str(-rank)},
        )
