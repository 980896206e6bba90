"""What follows from what was collected: what is pending is published, and the plan is followed in its order."""

from collections.abc import Iterator, Sequence

import dagster as dg
import pytest
from dagster import DagsterInstance

from weatherflick_assets.build import build_defs
from weatherflick_assets.orchestration.tags import COLLECTION_TAG, REGIONS_TO_COLLECT
from weatherflick_assets.orchestration.warehouse import WarehouseResource
from weatherflick_assets.places.jobs import collect_changes_job, plan_details_job
from weatherflick_assets.places.sensors import follow_collections, planned_regions
from weatherflick_assets_tests.places.store.stock import item, merge

pytestmark = pytest.mark.filterwarnings("ignore:The `__fields__` attribute is deprecated")

CHANGES = dg.AssetKey(["raw", "kto", "place_changes"])
PLAN = dg.AssetKey(["insight", "collection_plan"])


@pytest.fixture
def instance() -> Iterator[DagsterInstance]:
    with DagsterInstance.ephemeral() as ephemeral:
        yield ephemeral


def materialization(key: dg.AssetKey, **values: list) -> dg.AssetMaterialization:
    return dg.AssetMaterialization(key, metadata={name: dg.MetadataValue.json(value) for name, value in values.items()})


def requested(
    instance: DagsterInstance,
    dsn: str,
    job_name: str,
    made: dg.AssetMaterialization,
    tags: dict[str, str] | None = None,
) -> Sequence[dg.RunRequest]:
    """What the sensor asks for after a run of a job that made this."""

    @dg.op
    def make() -> Iterator[dg.AssetMaterialization | dg.Output]:
        yield made
        yield dg.Output(None)

    @dg.job(name=job_name)
    def job() -> None:
        make()

    result = job.execute_in_process(instance=instance, tags=tags)
    context = dg.build_run_status_sensor_context(
        sensor_name=follow_collections.name,
        dagster_event=result.get_run_success_event(),
        dagster_instance=instance,
        dagster_run=result.dagster_run,
        resources={"warehouse": WarehouseResource(dsn=dsn)},
    )
    return [item for item in follow_collections(context) if isinstance(item, dg.RunRequest)]  # type: ignore[union-attr]


def test_what_is_pending_is_published_in_its_region_and_nothing_else(instance: DagsterInstance, store: str) -> None:
    merge(store, 0, [item("1", contenttypeid="39"), item("2"), item("3", lDongRegnCd="11")], is_complete=False)
    asked = requested(instance, store, collect_changes_job.name, materialization(CHANGES))
    assert {request.partition_key for request in asked} == {"11", "50"}
    assert {request.job_name for request in asked} == {"publish_places"}
    selected = {request.partition_key: request.asset_selection for request in asked}
    kinds = {"attractions", "restaurants", "festivals", "rooms", "course_stops"}
    assert {key.path[-1] for key in selected["50"] or ()} & kinds == {"attractions", "restaurants"}
    assert {key.path[-1] for key in selected["11"] or ()} & kinds == {"attractions"}
    assert len({request.run_key for request in asked}) == 2


def test_nothing_pending_asks_for_nothing(instance: DagsterInstance, store: str) -> None:
    assert not requested(instance, store, collect_changes_job.name, materialization(CHANGES))


def test_the_plan_is_followed_region_by_region_the_most_valuable_first(instance: DagsterInstance, store: str) -> None:
    made = materialization(PLAN, **{REGIONS_TO_COLLECT: ["50", "11", "41"]})
    asked = requested(instance, store, plan_details_job.name, made)
    assert [(request.job_name, request.partition_key) for request in asked] == [
        ("collect_details", "50"), ("collect_details", "11"), ("collect_details", "41"),
    ]  # fmt: skip
    priorities = [int(request.tags["dagster/priority"]) for request in asked]
    assert priorities == sorted(priorities, reverse=True)


def test_what_a_command_runs_is_left_to_the_command(instance: DagsterInstance, store: str) -> None:
    merge(store, 0, [item("1")], is_complete=False)
    made = materialization(CHANGES)
    assert not requested(instance, store, collect_changes_job.name, made, {COLLECTION_TAG: "a1b2"})


def test_what_planned_nothing_has_no_regions() -> None:
    assert planned_regions([materialization(CHANGES)]) == []


def test_the_sensor_is_on() -> None:
    sensor = build_defs().resolve_sensor_def("follow_collections")
    assert sensor.default_status is dg.DefaultSensorStatus.RUNNING
