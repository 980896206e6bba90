"""What follows from what was collected: just the touched regions are published, and the plan is followed in its order."""

from collections.abc import Iterator, Sequence

import dagster as dg
import pytest
from dagster import DagsterInstance

from weatherflick_assets.build import build_defs
from weatherflick_assets.orchestration.tags import COLLECTION_TAG, REGIONS_TO_COLLECT, TOUCHED
from weatherflick_assets.places.following import planned_regions, published_assets, touched_by
from weatherflick_assets.places.jobs import collect_changes_job, plan_details_job
from weatherflick_assets.places.sensors import follow_collections

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
    instance: DagsterInstance, job_name: str, made: dg.AssetMaterialization, tags: dict[str, str] | None = None
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
    )
    return [item for item in follow_collections(context) if isinstance(item, dg.RunRequest)]  # type: ignore[union-attr]


def test_a_touched_kind_is_published_in_its_region_and_nowhere_else(instance: DagsterInstance) -> None:
    made = materialization(CHANGES, **{TOUCHED: [["39", "50"], ["12", "11"], ["12", "50"]]})
    asked = requested(instance, collect_changes_job.name, made)
    assert {request.partition_key for request in asked} == {"11", "50"}
    assert {request.job_name for request in asked} == {"publish_places"}
    selected = {request.partition_key: request.asset_selection for request in asked}
    kinds = {"attractions", "restaurants", "festivals", "rooms", "course_stops"}
    assert {key.path[-1] for key in selected["50"] or ()} & kinds == {"attractions", "restaurants"}
    assert {key.path[-1] for key in selected["11"] or ()} & kinds == {"attractions"}
    assert len({request.run_key for request in asked}) == 2


def test_nothing_touched_asks_for_nothing(instance: DagsterInstance) -> None:
    assert not requested(instance, collect_changes_job.name, materialization(CHANGES, **{TOUCHED: []}))


def test_the_plan_is_followed_region_by_region_the_most_valuable_first(instance: DagsterInstance) -> None:
    made = materialization(PLAN, **{REGIONS_TO_COLLECT: ["50", "11", "41"]})
    asked = requested(instance, plan_details_job.name, made)
    assert [(request.job_name, request.partition_key) for request in asked] == [
        ("collect_details", "50"), ("collect_details", "11"), ("collect_details", "41"),
    ]  # fmt: skip
    priorities = [int(request.tags["dagster/priority"]) for request in asked]
    assert priorities == sorted(priorities, reverse=True)


def test_what_a_command_runs_is_left_to_the_command(instance: DagsterInstance) -> None:
    made = materialization(CHANGES, **{TOUCHED: [["39", "50"]]})
    assert not requested(instance, collect_changes_job.name, made, {COLLECTION_TAG: "a1b2"})


def test_the_assets_of_a_touched_kind_are_its_table_and_those_of_its_details() -> None:
    (assets,) = published_assets([("32", "50")]).values()
    assert [key.path[-1] for key in assets] == ["accommodations", "place_images", "rooms", "pet_policies"]
    assert published_assets([]) == {}


def test_what_says_nothing_touched_and_planned_nothing() -> None:
    silent = materialization(CHANGES)
    assert touched_by([silent]) == set()
    assert planned_regions([silent]) == []


def test_the_sensor_is_on() -> None:
    sensor = build_defs().resolve_sensor_def("follow_collections")
    assert sensor.default_status is dg.DefaultSensorStatus.RUNNING
