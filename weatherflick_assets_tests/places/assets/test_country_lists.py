"""The assets of whole lists, run on a real database and a real upstream server: what they record, and what they hold back."""

from collections.abc import Iterator, Sequence
from typing import Any

import dagster as dg
import pytest

from weatherflick_assets.orchestration.gate import GATE, WARNINGS
from weatherflick_assets.orchestration.upstream import UpstreamResource
from weatherflick_assets.orchestration.warehouse import WarehouseResource
from weatherflick_assets.places.assets.codes import CORE_CODES_KEY, RAW_CODES_KEY, core_codes, raw_codes
from weatherflick_assets.places.assets.country_lists import (
    FESTIVALS_KEY,
    PETS_KEY,
    STAYS_KEY,
    festivals,
    pets,
    stays,
)
from weatherflick_assets.sandbox.catalogue import Catalogue
from weatherflick_assets.sandbox.options import SandboxOptions
from weatherflick_assets.sandbox.server import RunningSandbox
from weatherflick_assets_tests.places.store.stock import execute, item, merge, rows

pytestmark = [
    # Dagster 1.13 asks pydantic for the fields of resources in the old way.
    pytest.mark.filterwarnings("ignore:The `__fields__` attribute is deprecated"),
]

KEY = "listed"
INNS = [item(str(number), contenttypeid="32", title=f"여관 {number}") for number in range(3)]
EVENTS = [
    item(str(number), contenttypeid="15", eventstartdate="20260701", eventenddate="29991231")
    for number in range(10, 12)
]


@pytest.fixture
def instance() -> Iterator[dg.DagsterInstance]:
    with dg.DagsterInstance.ephemeral() as ephemeral:
        yield ephemeral


@pytest.fixture
def upstream(monkeypatch: pytest.MonkeyPatch) -> Iterator[RunningSandbox]:
    """Inns, events and a sight; the environment says where they are."""
    served = Catalogue.from_rows([*INNS, *EVENTS, item("20")])
    with RunningSandbox(SandboxOptions(keys=(KEY,)), catalogue=served) as running:
        monkeypatch.setenv("KTO_API_KEY", KEY)
        monkeypatch.setenv("DATA_GO_KR_BASE_URL", running.url)
        yield running


def run(dsn: str, instance: dg.DagsterInstance, assets: Sequence[dg.AssetsDefinition]) -> dg.ExecuteInProcessResult:
    return dg.materialize(
        assets,
        instance=instance,
        resources={"warehouse": WarehouseResource(dsn=dsn), "upstream": UpstreamResource()},
        raise_on_error=False,
        run_config={"loggers": {"console": {"config": {"log_level": "CRITICAL"}}}},
    )


def metadata(result: dg.ExecuteInProcessResult, key: dg.AssetKey) -> dict[str, Any]:
    assert result.success
    (made,) = result.asset_materializations_for_node(key.to_python_identifier())
    return {name: value.value for name, value in made.metadata.items()}


def failure(result: dg.ExecuteInProcessResult) -> tuple[str, str]:
    (event,) = [event for event in result.all_events if event.is_step_failure]
    data = event.step_failure_data.user_failure_data
    assert data is not None, event.step_failure_data.error
    return str(data.metadata["failure_kind"].value), data.description or ""


def test_festivals_are_read_without_a_partition(
    store: str, instance: dg.DagsterInstance, upstream: RunningSandbox
) -> None:
    merge(store, 0, EVENTS, content_type_id="15")
    told = metadata(run(store, instance, [festivals]), FESTIVALS_KEY)
    assert (told["dagster/row_count"], told["listed"], told["calls"]) == (2, 2, 1)
    assert told["partitions_touched"] == 1
    assert len(rows(store, "SELECT FROM raw.place_details WHERE operation = 'searchFestival2'")) == 2
    assert upstream.status()["violations"] == []


@pytest.mark.usefixtures("upstream")
def test_stays_that_are_no_known_accommodations_are_counted_with_examples(
    store: str, instance: dg.DagsterInstance
) -> None:
    merge(store, 0, INNS[:1], content_type_id="32")
    told = metadata(run(store, instance, [stays]), STAYS_KEY)
    assert (told["dagster/row_count"], told["listed"], told["not_listed"]) == (3, 3, 2)
    assert told["examples"] == ["1 여관 1", "2 여관 2"]
    (response,) = rows(store, "SELECT operation, partition_key FROM raw.responses")
    assert response == {"operation": "searchStay2", "partition_key": None}


@pytest.mark.usefixtures("upstream")
def test_pets_are_read_without_a_partition(store: str, instance: dg.DagsterInstance) -> None:
    told = metadata(run(store, instance, [pets]), PETS_KEY)
    assert told["listed"] == len(rows(store, "SELECT FROM raw.place_details WHERE operation = 'detailPetTour2'"))
    assert (told["calls"], told["retries"], told["partitions_touched"]) == (1, 0, 0)


@pytest.fixture
def codes_store(store: str) -> Iterator[str]:
    yield store
    execute(store, "DELETE FROM core.codes WHERE source_response_id IS NOT NULL AND code_space <> 'class'")
    execute(store, "UPDATE core.codes SET source_response_id = NULL, updated_at = NULL WHERE level = 1")
    execute(store, "DELETE FROM core.codes WHERE level > 1")


@pytest.mark.usefixtures("upstream")
def test_codes_are_collected_judged_and_published(codes_store: str, instance: dg.DagsterInstance) -> None:
    result = run(codes_store, instance, [raw_codes, core_codes])
    collected, published = metadata(result, RAW_CODES_KEY), metadata(result, CORE_CODES_KEY)
    assert set(collected["codes"]) == {"lclsSystmCode2", "ldongCode2", "areaCode2", "categoryCode2"}
    assert set(published["codes"]) == {"class", "region", "sigungu", "area", "category"}
    assert published["dagster/row_count"] == sum(published["codes"].values()) == collected["dagster/row_count"]
    assert "warnings" not in collected
    gate, warnings = result.get_asset_check_evaluations()
    assert [(check.check_name, check.passed) for check in (gate, warnings)] == [(GATE, True), (WARNINGS, True)]
    assert "core.codes/class" in (gate.description or "")
    recorded = rows(codes_store, "SELECT verdict_id FROM quality.verdicts WHERE run_id = %s", result.run_id)
    assert gate.metadata["verdict_id"].value == [row["verdict_id"] for row in recorded]


def test_codes_that_lost_most_of_themselves_are_held_back(
    codes_store: str, instance: dg.DagsterInstance, upstream: RunningSandbox
) -> None:
    run(codes_store, instance, [raw_codes])
    # As if a hundred more districts had been published before.
    execute(
        codes_store,
        "INSERT INTO core.codes (code_space, code, name, parent_code, level, source_response_id) "
        "SELECT 'sigungu', (90000 + number)::text, 'former', '90', 2, 1 FROM generate_series(1, 400) AS number",
    )
    calls = upstream.status()["calls"]
    result = run(codes_store, instance, [core_codes])
    kind, text = failure(result)
    assert kind == "held_back"
    assert text.endswith("Nothing was published; the last good codes stay.")
    assert rows(codes_store, "SELECT count(*) FROM core.codes WHERE code_space = 'class'") == [{"count": 10}]
    assert upstream.status()["calls"] == calls  # it is made of the raw layer alone


def test_publishing_codes_before_they_were_collected_says_what_to_do(
    codes_store: str, instance: dg.DagsterInstance
) -> None:
    kind, text = failure(run(codes_store, instance, [core_codes]))
    assert kind == "permanent"
    assert "Materialize raw/kto/codes first" in text
