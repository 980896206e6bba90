"""The plan and the collector that follows it, as Dagster runs them: described, told in figures, and failing in words."""

from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta
from typing import Any

import dagster as dg
import pytest

from weatherflick_assets.orchestration.upstream import UpstreamResource
from weatherflick_assets.orchestration.warehouse import WarehouseResource
from weatherflick_assets.places.assets.collection_plan import COLLECTION_PLAN_KEY, collection_plan
from weatherflick_assets.places.assets.place_details import PLACE_DETAILS_KEY, place_details
from weatherflick_assets.places.content_types import CONTENT_TYPES
from weatherflick_assets.places.flows import DETAILS
from weatherflick_assets.places.partitions import REGION_PARTITIONS
from weatherflick_assets.places.tables import COLLECTION_PLAN, PLACE_DETAILS
from weatherflick_assets.sandbox.catalogue import Catalogue
from weatherflick_assets.sandbox.server import RunningSandbox
from weatherflick_assets.settings import now
from weatherflick_assets_tests.places.store.draining import drain, pending_keys
from weatherflick_assets_tests.places.store.stock import item, merge, rows

pytestmark = [
    # Dagster 1.13 asks pydantic for the fields of resources in the old way.
    pytest.mark.filterwarnings("ignore:The `__fields__` attribute is deprecated"),
]

LISTED = [item(str(number)) for number in range(3)] + [item("9", lDongRegnCd="11", lDongSignguCd="")]


@pytest.fixture
def sandbox(store: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[RunningSandbox]:
    """A sandbox of a few places, which are listed already."""
    merge(store, 0, LISTED)
    with RunningSandbox(catalogue=Catalogue.from_rows(LISTED)) as running:
        monkeypatch.setenv("WEATHERFLICK_SANDBOX_URL", running.url)
        yield running


def run(dsn: str, asset: dg.AssetsDefinition, partition: str | None = None) -> dg.ExecuteInProcessResult:
    return dg.materialize(
        [asset],
        partition_key=partition,
        resources={"warehouse": WarehouseResource(dsn=dsn), "upstream": UpstreamResource()},
        raise_on_error=False,
        run_config={"loggers": {"console": {"config": {"log_level": "CRITICAL"}}}},
    )


def told(result: dg.ExecuteInProcessResult) -> Mapping[str, Any]:
    assert result.success
    (event,) = result.get_asset_materialization_events()
    return {name: value.value for name, value in event.materialization.metadata.items()}


def planned_regions(dsn: str, at: datetime | None = None) -> list[str | None]:
    """What the second stage of the flow of details is run for."""
    return list(DETAILS.stages[1].partitions(dsn, at or now()))


@pytest.mark.parametrize(
    ("asset", "key", "group", "table"),
    [
        (collection_plan, COLLECTION_PLAN_KEY, "insight", COLLECTION_PLAN),
        (place_details, PLACE_DETAILS_KEY, "raw_kto", PLACE_DETAILS),
    ],
    ids=["plan", "details"],
)
def test_they_say_whose_they_are_and_what(asset: Any, key: dg.AssetKey, group: str, table: Any) -> None:
    spec = asset.get_asset_spec(key)
    assert (spec.owners, spec.group_name, spec.kinds) == (["team:data-platform"], group, {"python", "postgres"})
    assert spec.description.endswith(".")
    assert spec.metadata["dagster/table_name"] == table.fullname
    assert [column.name for column in spec.metadata["dagster/column_schema"].columns] == list(table.columns.keys())


def test_details_are_collected_region_by_region_from_a_pool_and_the_plan_is_of_the_whole_country() -> None:
    assert place_details.partitions_def == REGION_PARTITIONS
    assert place_details.op.pool == "api_kto"
    assert collection_plan.partitions_def is None
    needed = {dep.asset_key for dep in collection_plan.get_asset_spec(COLLECTION_PLAN_KEY).deps}
    assert needed == {dg.AssetKey(["core", content_type.name]) for content_type in CONTENT_TYPES}
    # What is published is made of details, and the plan of what is published.
    assert COLLECTION_PLAN_KEY not in {dep.asset_key for dep in place_details.get_asset_spec(PLACE_DETAILS_KEY).deps}


def test_the_plan_is_shown_as_a_table_with_reasons_and_its_regions_are_collected_in_its_order(
    store: str, sandbox: RunningSandbox
) -> None:
    metadata = told(run(store, collection_plan))
    assert metadata["dagster/row_count"] == len(rows(store, "SELECT FROM ops.collection_plan")) == 8
    assert planned_regions(store) == ["11", "50"]
    assert planned_regions(store, now() + timedelta(days=1)) == []
    assert metadata["planned_calls"] == 16
    assert metadata["planned_calls_by_operation"] == dict.fromkeys(
        ("detailCommon2", "detailImage2", "detailInfo2", "detailIntro2"), 4
    )
    cells = [line.strip("| ").split(" | ") for line in metadata["plan"].splitlines()]
    assert cells[0] == ["rank", "kind", "region", "calls", "worth a call", "why"]
    assert [line[:4] + line[5:] for line in cells[2:]] == [
        ["1", "attractions", "서울", "4", "never collected: 1 of 1 places"],
        ["2", "attractions", "제주", "12", "never collected: 3 of 3 places"],
    ]
    assert sandbox.status()["calls"] == [], "planning asks nobody"


@pytest.mark.usefixtures("sandbox")
def test_a_region_is_collected_as_planned(store: str) -> None:
    run(store, collection_plan)
    metadata = told(run(store, place_details, "50"))
    assert (metadata["planned"], metadata["asked"], metadata["calls"]) == (12, 12, 12)
    assert metadata["asked_by_operation"]["detailIntro2"] == 3
    assert metadata["partitions_touched"] == 1
    again = told(run(store, place_details, "50"))
    assert (again["planned"], again["calls"], again["partitions_touched"]) == (0, 0, 0)
    run(store, collection_plan)
    assert planned_regions(store) == ["11"]


@pytest.mark.usefixtures("sandbox")
def test_without_a_plan_one_is_made_first(store: str) -> None:
    assert told(run(store, place_details, "50"))["asked"] == 12
    assert len(rows(store, "SELECT FROM ops.collection_plan")) == 8


def test_an_empty_plan_says_so(store: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("WEATHERFLICK_SANDBOX_URL", "http://127.0.0.1:1")
    metadata = told(run(store, collection_plan))
    assert (metadata["planned_calls"], planned_regions(store)) == (0, [])
    assert metadata["plan"].startswith("Nothing to ask")


@pytest.mark.fault(
    "Liveness",
    "a run of the daemon merges details and then fails, so that its tables are skipped",
    "what it merged is pending, and the sensor requests its publication",
)
def test_a_quota_that_ends_fails_the_run_in_words_and_what_came_is_kept(store: str, sandbox: RunningSandbox) -> None:
    drain(store)
    sandbox.change(daily_limits={"detailImage2": 1})
    result = run(store, place_details, "50")
    assert not result.success
    (event,) = [event for event in result.all_events if event.is_step_failure]
    failure = event.step_failure_data.user_failure_data
    assert failure is not None
    assert failure.metadata["failure_kind"].value == "exhausted"
    assert (failure.description or "").startswith("The calls of kto detailImage2 are spent")
    assert len(rows(store, "SELECT FROM raw.place_details")) == 10
    assert ("core/attractions", "50") in pending_keys(store)
