"""What Dagster knows of the platform: one snapshot of graph, jobs, schedules and checks, and what holds for all of them.

A change of the snapshot is a change of what other programs and people see. `WEATHERFLICK_WRITE_SNAPSHOT=1 pytest` on this file
writes it again.
"""

import json
import os
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import dagster as dg
import pytest
from dagster._core.definitions.assets.graph.asset_graph import AssetGraph, AssetNode

from weatherflick_assets.build import DOMAINS, build_defs
from weatherflick_assets.insight import code_versions as insight
from weatherflick_assets.korea.regions import REGION_CODES, UNASSIGNED
from weatherflick_assets.places.tables import METADATA

# Dagster 1.13 asks pydantic for the fields of resources in the old way.
pytestmark = pytest.mark.filterwarnings("ignore:The `__fields__` attribute is deprecated")

SNAPSHOT = Path(__file__).with_name("definitions.json")
WRITES = "WEATHERFLICK_WRITE_SNAPSHOT" in os.environ
"""Read now: tests see none of our variables."""


@pytest.fixture(scope="module")
def defs() -> dg.Definitions:
    return build_defs()


@pytest.fixture(scope="module")
def graph(defs: dg.Definitions) -> AssetGraph:
    return defs.resolve_asset_graph()


@pytest.fixture(scope="module")
def nodes(graph: AssetGraph) -> dict[str, AssetNode]:
    return {key.to_user_string(): graph.get(key) for key in sorted(graph.get_all_asset_keys())}


def without_nothing(values: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in values.items() if value not in (None, "", {})}


def names(keys: Iterable[dg.AssetKey]) -> str:
    return " ".join(sorted(key.to_user_string() for key in keys))


def partitions(definition: dg.PartitionsDefinition) -> str | int:
    """When one comes, or how many there are."""
    if isinstance(definition, dg.TimeWindowPartitionsDefinition):
        return f"{definition.cron_schedule} {definition.timezone} {definition.end_offset}"
    return definition.get_num_partitions()


def asset(node: AssetNode) -> dict[str, Any]:
    fresh = node.freshness_policy
    assert fresh is None or isinstance(fresh, dg.FreshnessPolicy)
    definition = node.partitions_def
    return without_nothing(
        {
            "from": names(node.parent_keys),
            "group": node.group_name,
            "kinds": " ".join(sorted(node.kinds or ())),
            "partitions": definition and partitions(definition),
            "pools": " ".join(sorted(node.pools or ())),
            "table": node.metadata.get("dagster/table_name"),
            "stale after": fresh and str(fresh.fail_window.to_timedelta()),  # type: ignore[attr-defined]
            "external": not node.is_materializable or None,
        }
    )


def snapshot(defs: dg.Definitions, graph: AssetGraph, nodes: dict[str, AssetNode]) -> dict[str, Any]:
    jobs = [job for job in defs.resolve_all_job_defs() if not job.name.startswith("__")]
    checks = {key: graph.get_check_spec(key) for key in graph.asset_check_keys}
    return {
        "assets": {name: asset(node) for name, node in nodes.items()},
        "checks": {
            f"{key.asset_key.to_user_string()} {key.name}": "blocking" if spec.blocking else "reporting"
            for key, spec in sorted(checks.items())
        },
        "jobs": {
            job.name: names(job.asset_layer.selected_asset_keys) for job in sorted(jobs, key=lambda job: job.name)
        },
        "flows": {
            flow.name: ", then ".join(stage.job for stage in flow.stages) for domain in DOMAINS for flow in domain.flows
        },
        "schedules": {
            schedule.name: f"{schedule.cron_schedule} {schedule.execution_timezone} {schedule.default_status.value}"
            for schedule in defs.schedules or ()
            if isinstance(schedule, dg.ScheduleDefinition)
        },
        "sensors": {sensor.name: sensor.default_status.value for sensor in defs.sensors or ()},
    }


def test_graph_jobs_schedules_and_checks_are_as_in_the_snapshot(
    defs: dg.Definitions, graph: AssetGraph, nodes: dict[str, AssetNode]
) -> None:
    found = snapshot(defs, graph, nodes)
    if WRITES:
        SNAPSHOT.write_text(f"{json.dumps(found, indent=2, ensure_ascii=False)}\n")
    assert found == json.loads(SNAPSHOT.read_text())


def test_every_asset_says_whose_it_is_what_it_is_and_where_it_belongs(nodes: dict[str, AssetNode]) -> None:
    for name, node in nodes.items():
        assert node.owners == ["team:data-platform"], name
        assert (node.description or "").endswith("."), name
        assert node.group_name != "default", name
        assert node.kinds, name
        assert node.tags["layer"] == name.split("/")[0], name


def test_every_asset_that_is_materialized_has_a_freshness_policy(nodes: dict[str, AssetNode]) -> None:
    assert [name for name, node in nodes.items() if node.is_materializable and node.freshness_policy is None] == []


def test_every_asset_with_a_table_shows_every_column_with_its_meaning(nodes: dict[str, AssetNode]) -> None:
    for name, node in nodes.items():
        if "dagster/table_name" in node.metadata and node.is_materializable:
            schema, table = (
                node.metadata["dagster/column_schema"],
                METADATA.tables[str(node.metadata["dagster/table_name"])],
            )
            assert isinstance(schema, dg.TableSchema)
            shown = [(column.name, column.constraints.nullable) for column in schema.columns]
            assert shown == [(column.name, column.nullable) for column in table.columns], name
            assert [column.name for column in schema.columns if not column.description] == [], name


def test_every_published_asset_says_which_code_makes_it(nodes: dict[str, AssetNode]) -> None:
    published = {asset for domain in DOMAINS for assets in domain.publishing.values() for asset in assets}
    assert {name for name, node in nodes.items() if node.code_version} == published | {*insight.code_versions()}


def test_every_check_is_described_and_every_published_asset_has_a_gate(graph: AssetGraph) -> None:
    assert [key for key in graph.asset_check_keys if not graph.get_check_spec(key).description] == []
    published = {asset for domain in DOMAINS for assets in domain.publishing.values() for asset in assets}
    gates = {key.asset_key.to_user_string() for key in graph.asset_check_keys if graph.get_check_spec(key).blocking}
    # These follow a schedule, not the outbox: nothing is received that they are made from.
    judged = ("suitability", "recommendations", "forecast_changes", "climate_normals")
    assert gates == published | {f"insight/{name}" for name in judged}


def test_a_region_is_made_from_its_own_list_and_the_rows_without_a_region(nodes: dict[str, AssetNode]) -> None:
    node = nodes["core/attractions"]
    mapping = node.partition_mappings[dg.AssetKey(["raw", "kto", "attractions_listing"])]
    definition = node.partitions_def
    assert definition is not None
    assert definition.get_partition_keys() == [UNASSIGNED, *REGION_CODES]

    def sources(partition: str) -> set[str]:
        subset = definition.empty_subset().with_partition_keys([partition])
        result = mapping.get_upstream_mapped_partitions_result_for_partitions(subset, definition, definition)
        return set(result.partitions_subset.get_partition_keys())

    assert sources("50") == {"50", UNASSIGNED}
    assert sources(UNASSIGNED) == {UNASSIGNED}
    fed = definition.empty_subset().with_partition_keys([UNASSIGNED])
    reached = mapping.get_downstream_partitions_for_partitions(fed, definition, definition)
    assert set(reached.get_partition_keys()) == {UNASSIGNED, *REGION_CODES}


def test_no_op_has_the_name_of_a_job(defs: dg.Definitions) -> None:
    jobs = [job for job in defs.resolve_all_job_defs() if not job.name.startswith("__")]
    ops = {node.name for job in jobs for node in job.nodes}
    assert ops
    assert ops.isdisjoint(job.name for job in jobs)


def test_runs_execute_in_one_process_and_give_their_slot_back(defs: dg.Definitions) -> None:
    for job in defs.resolve_all_job_defs():
        if not job.name.startswith("__"):
            assert job.executor_def.name == "in_process"
            assert int(job.run_tags["dagster/max_runtime"]) <= 3600


def test_a_resource_can_be_replaced() -> None:
    replaced = build_defs(resources={"upstream": "stand-in"})
    assert set(replaced.resources or {}) == {"warehouse", "upstream"}
    assert (replaced.resources or {})["upstream"] == "stand-in"
