"""A region that its gate holds back: it stays red until it passes, and costs no other region anything."""

from collections.abc import Iterator

import dagster as dg
import pytest

from weatherflick_assets.build import build_defs
from weatherflick_assets.operations.data_checks import ALL_PUBLISHABLE, JOB
from weatherflick_assets.orchestration.gate import GATE
from weatherflick_assets.orchestration.tags import CHANGES_TAG
from weatherflick_assets.orchestration.warehouse import WarehouseResource
from weatherflick_assets_tests.places.store.stock import execute, item, merge, rows

# Dagster 1.13 asks pydantic for the fields of resources in the old way.
pytestmark = pytest.mark.filterwarnings("ignore:The `__fields__` attribute is deprecated")

ATTRACTIONS = dg.AssetKey(["core", "attractions"])
JEJU, GANGWON = "50", "51"
IN_GANGWON = {"lDongRegnCd": GANGWON, "addr1": "강원특별자치도 원주시 1", "mapx": "127.95", "mapy": "37.35"}


@pytest.fixture
def instance() -> Iterator[dg.DagsterInstance]:
    with dg.DagsterInstance.ephemeral() as ephemeral:
        yield ephemeral


def listed(dsn: str, hours: int, region: str, *, poisoned: bool = False) -> None:
    """Thirty places of a region; poisoned: two of three without an address and a position."""
    place = IN_GANGWON if region == GANGWON else {}
    merge(
        dsn,
        hours,
        [
            item(f"{region}{number}", **{**place, **({"addr1": "", "mapx": "0"} if poisoned and number % 3 else {})})
            for number in range(100, 130)
        ],
        region_code=region,
    )


def definitions(dsn: str) -> dg.Definitions:
    return build_defs(resources={"warehouse": WarehouseResource(dsn=dsn)})


def requested(instance: dg.DagsterInstance, dsn: str) -> dict[str, dg.RunRequest]:
    """What the sensor of the outbox asks for, by region."""
    execute(dsn, "UPDATE ops.pending_publications SET since = since - interval '1 hour'")
    defs = definitions(dsn)
    sensor = defs.get_repository_def().get_sensor_def("publish_pending")
    context = dg.build_sensor_context(
        instance, repository_def=defs.get_repository_def(), resources={"warehouse": WarehouseResource(dsn=dsn)}
    )
    ticked = sensor.evaluate_tick(context)
    return {request.partition_key or "": request for request in ticked.run_requests or ()}


def published(instance: dg.DagsterInstance, dsn: str, request: dg.RunRequest) -> dg.ExecuteInProcessResult:
    """The run that the sensor asked for."""
    return (
        definitions(dsn)
        .resolve_job_def(request.job_name or "")
        .execute_in_process(
            instance=instance,
            partition_key=request.partition_key,
            asset_selection=list(request.asset_selection or ()),
            tags=request.tags,
            raise_on_error=False,
        )
    )


def shown(instance: dg.DagsterInstance, dsn: str) -> dg.AssetCheckEvaluation:
    """The check that names what is held back, evaluated as by its schedule."""
    result = definitions(dsn).resolve_job_def(JOB).execute_in_process(instance=instance)
    (found,) = (
        each
        for each in result.get_asset_check_evaluations()
        if (each.asset_key, each.check_name) == (ATTRACTIONS, ALL_PUBLISHABLE)
    )
    return found


def gate(result: dg.ExecuteInProcessResult) -> tuple[bool, str | None]:
    (found,) = (
        each
        for each in result.get_asset_check_evaluations()
        if (each.asset_key, each.check_name) == (ATTRACTIONS, GATE)
    )
    return found.passed, found.partition


def test_a_held_back_region_leaves_the_others_alone_and_stays_red_until_it_passes(
    instance: dg.DagsterInstance, database: str
) -> None:
    listed(database, 0, JEJU, poisoned=True)
    listed(database, 1, GANGWON)
    wanted = requested(instance, database)
    assert wanted.keys() == {JEJU, GANGWON}

    held = published(instance, database, wanted[JEJU])
    assert not held.success
    assert gate(held) == (False, JEJU)
    passed = published(instance, database, wanted[GANGWON])
    assert passed.success
    assert gate(passed) == (True, GANGWON)
    found = "SELECT region_code, count(*)::int AS count FROM core.attractions GROUP BY region_code"
    assert rows(database, found) == [{"region_code": GANGWON, "count": 30}]

    red = shown(instance, database)
    assert not red.passed
    assert "50 제주" in (red.description or "")
    assert "51 강원" not in (red.description or "")
    assert requested(instance, database) == {}, "the same rows would be held back again"

    listed(database, 2, JEJU)
    wanted = requested(instance, database)
    assert JEJU in wanted, "what changed is tried again"
    assert wanted[JEJU].tags[CHANGES_TAG]
    mended = published(instance, database, wanted[JEJU])
    assert mended.success
    assert gate(mended) == (True, JEJU)
    assert shown(instance, database).passed
    assert {row["region_code"] for row in rows(database, found)} == {JEJU, GANGWON}
