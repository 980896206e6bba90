"""The asset of the change feed: what it tells."""

from collections.abc import Iterator
from typing import Any

import dagster as dg
import pytest

from weatherflick_assets.orchestration.upstream import UpstreamResource
from weatherflick_assets.orchestration.warehouse import WarehouseResource
from weatherflick_assets.places.assets.place_changes import CHANGES, place_changes
from weatherflick_assets.sandbox.catalogue import Catalogue
from weatherflick_assets.sandbox.server import RunningSandbox
from weatherflick_assets_tests.places.store.stock import item

pytestmark = [
    # Dagster 1.13 asks pydantic for the fields of resources in the old way.
    pytest.mark.filterwarnings("ignore:The `__fields__` attribute is deprecated"),
]

QUIET = {"loggers": {"console": {"config": {"log_level": "CRITICAL"}}}}


@pytest.fixture
def instance() -> Iterator[dg.DagsterInstance]:
    with dg.DagsterInstance.ephemeral() as ephemeral:
        yield ephemeral


def run(
    instance: dg.DagsterInstance, dsn: str, monkeypatch: pytest.MonkeyPatch, served: list[dict[str, object]]
) -> dg.ExecuteInProcessResult:
    """One run against a sandbox that serves these rows."""
    with RunningSandbox(catalogue=Catalogue.from_rows(served)) as sandbox:
        monkeypatch.setenv("KTO_API_KEY", "sandbox")
        monkeypatch.setenv("DATA_GO_KR_BASE_URL", sandbox.url)
        return dg.materialize(
            [place_changes],
            instance=instance,
            resources={"warehouse": WarehouseResource(dsn=dsn), "upstream": UpstreamResource()},
            raise_on_error=False,
            run_config=QUIET,
        )


def told(result: dg.ExecuteInProcessResult) -> dict[str, Any]:
    assert result.success
    (materialization,) = result.asset_materializations_for_node("raw__kto__place_changes")
    return {name: value.value for name, value in materialization.metadata.items()}


def stock(count: int) -> list[dict[str, object]]:
    return [item(str(number)) for number in range(count)]


def test_it_tells_what_changed_and_what_it_cost(
    instance: dg.DagsterInstance, store: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = told(run(instance, store, monkeypatch, stock(20)))
    assert (first["new"], first["calls"], first["whole_list_read"], first["partitions_touched"]) == (20, 1, True, 1)
    changed = item("3", showflag="0", lDongRegnCd="", modifiedtime="20260301000000")
    second = told(run(instance, store, monkeypatch, [*stock(3), changed, *stock(20)[4:]]))
    assert {kind: second[kind] for kind in CHANGES if second[kind]} == {"hidden": 1}
    assert (second["calls"], second["retries"], second["pages"], second["absences_withheld"]) == (1, 0, 1, 0)
    assert (second["known_count"], second["total_count"], second["partitions_touched"]) == (20, 20, 1)
    assert second["watermark"] > second["watermark_before"] == first["watermark"]


def test_a_list_that_shrank_too_much_is_warned_of(
    instance: dg.DagsterInstance, store: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    run(instance, store, monkeypatch, stock(50))
    result = run(instance, store, monkeypatch, stock(20))
    assert told(result)["absences_withheld"] == 30
    logged = instance.all_logs(result.run_id)
    assert any("30 places are missing from the list" in entry.user_message for entry in logged)
