"""The quotas as the UI shows them: what the calls of the day have left of them, by fingerprint of the key."""

import asyncio

import dagster as dg
import pytest
from pydantic import SecretStr

from weatherflick_assets.build import build_defs
from weatherflick_assets.orchestration.warehouse import WarehouseResource
from weatherflick_assets.places.kto import KTO, OPERATION_BY_NAME
from weatherflick_assets.sandbox.catalogue import Catalogue
from weatherflick_assets.sandbox.options import SandboxOptions
from weatherflick_assets.sandbox.server import RunningSandbox
from weatherflick_assets.settings import now
from weatherflick_assets.upstream.access import Access
from weatherflick_assets.upstream.api_keys import ApiKey
from weatherflick_assets.upstream.client import UpstreamClient
from weatherflick_assets.warehouse.response_store import ResponseStore
from weatherflick_assets_tests.places.store.stock import item

# Dagster 1.13 asks pydantic for the fields of resources in the old way.
pytestmark = pytest.mark.filterwarnings("ignore:The `__fields__` attribute is deprecated")

REFUSED, ACCEPTED = (SecretStr(f"PLANTED{name}+/=") for name in ("refused", "accepted"))


def call(url: str, dsn: str, *operations: str) -> None:
    """One call of each operation, with two keys."""

    async def run() -> None:
        access = Access(KTO, url, (REFUSED, ACCEPTED))
        async with (
            ResponseStore(dsn, run_id=None, partition_key=None) as store,
            UpstreamClient(access, store.keep, dsn, clock=now) as client,
        ):
            for operation in operations:
                await client.call(OPERATION_BY_NAME[operation], {})

    asyncio.run(run())


def checked(dsn: str, instance: dg.DagsterInstance, *, passes: bool) -> tuple[dict[str, dg.MetadataValue], str]:
    """The metadata of the check, and everything the run has said."""
    defs = build_defs(resources={"warehouse": WarehouseResource(dsn=dsn)})
    result = defs.resolve_job_def("check_quotas").execute_in_process(instance=instance)
    assert result.success
    (evaluation,) = result.get_asset_check_evaluations()
    assert evaluation.passed is passes
    return dict(evaluation.metadata), "\n".join(entry.to_json() for entry in instance.all_logs(result.run_id))


def records(value: dg.MetadataValue) -> list[dict[str, object]]:
    assert isinstance(value, dg.TableMetadataValue)
    names = [column.name for column in value.schema.columns]
    for record in value.records:
        assert list(record.data) == names
    return [dict(record.data) for record in value.records]


def test_the_quotas_are_a_table_with_the_days_figures_and_no_key(store: str) -> None:
    accepted, refused = (ApiKey.of(key).fingerprint for key in (ACCEPTED, REFUSED))
    options = SandboxOptions(keys=(ACCEPTED.get_secret_value(),))
    with (
        dg.DagsterInstance.ephemeral() as instance,
        RunningSandbox(options, catalogue=Catalogue.from_rows([item("1")])) as sandbox,
    ):
        call(sandbox.url, store, "areaCode2", "areaCode2", "ldongCode2")
        metadata, said = checked(store, instance, passes=False)
    quotas = {(row["operation"], row["api_key_id"]): row for row in records(metadata["quotas"])}
    figures = {
        name: tuple(row[column] for column in ("limit", "used", "refused", "left")) for name, row in quotas.items()
    }
    assert figures == {
        ("areaCode2", accepted): (1000, 2, 0, 998),
        ("areaCode2", refused): (1000, 1, 1, 999),
        ("ldongCode2", accepted): (1000, 1, 0, 999),
    }
    assert all(str(row["resets_at"]).endswith("00:00:05") for row in quotas.values())
    (shown,) = records(metadata["refused_keys"])
    assert (shown["provider"], shown["api_key_id"], shown["code"]) == ("kto", refused, "30")
    assert "not registered" in str(shown["reason"])
    assert (metadata["calls_used"].value, metadata["calls_refused"].value, metadata["spent"].value) == (4, 1, 0)
    assert accepted in said
    assert [trace for trace in ("PLANTED", "%2B%2F%3D") if trace in said] == []


def test_before_the_first_call_the_tables_are_empty(store: str) -> None:
    with dg.DagsterInstance.ephemeral() as instance:
        metadata, _ = checked(store, instance, passes=True)
    assert records(metadata["quotas"]) == records(metadata["refused_keys"]) == []
    assert metadata["calls_used"].value == 0
