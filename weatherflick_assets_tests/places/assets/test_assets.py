"""What Dagster knows of the platform: every asset described, every gate blocking, the partitions, the lineage, the jobs."""

import dagster as dg
import pytest
from dagster._core.definitions.assets.graph.asset_graph import AssetGraph

from weatherflick_assets.build import build_defs
from weatherflick_assets.korea.regions import REGION_CODES, UNASSIGNED
from weatherflick_assets.places.content_types import CONTENT_TYPES
from weatherflick_assets.places.tables import METADATA

# Dagster 1.13 asks pydantic for the fields of resources in the old way.
pytestmark = pytest.mark.filterwarnings("ignore:The `__fields__` attribute is deprecated")

KINDS = [content_type.name for content_type in CONTENT_TYPES]
LISTINGS = [dg.AssetKey(["raw", "kto", f"{kind}_listing"]) for kind in KINDS]
CORE = [dg.AssetKey(["core", kind]) for kind in KINDS]

_CHANGES, _DETAILS = "raw/kto/place_changes", "raw/kto/place_details"
_NAMES_OF_LISTINGS = sorted(key.to_user_string() for key in LISTINGS)
_KINDS_OF_PLACES = {
    f"core/{kind}": sorted([f"raw/kto/{kind}_listing", _CHANGES, _DETAILS]) for kind in KINDS if kind != "festivals"
}
_FESTIVALS = {"core/festivals": sorted(["raw/kto/festivals_listing", "raw/kto/festivals", _CHANGES, _DETAILS])}
_KINDS_OF_DETAILS = {
    **{f"core/{name}": [_CHANGES, _DETAILS] for name in ("course_stops", "place_images", "place_infos", "rooms")},
    "core/pet_policies": sorted(["raw/kto/pets", _CHANGES, _DETAILS]),
}

GRAPH = {
    **_KINDS_OF_PLACES,
    **_FESTIVALS,
    **_KINDS_OF_DETAILS,
    "core/codes": ["raw/kto/codes"],
    "insight/collection_plan": sorted(key.to_user_string() for key in CORE),
    **{name: [] for name in _NAMES_OF_LISTINGS},
    "raw/kto/codes": [],
    "raw/kto/festivals": [],
    "raw/kto/pets": [],
    _CHANGES: [],
    _DETAILS: _NAMES_OF_LISTINGS,
    "raw/kto/stays": [],
}
"""Every asset with what it is made from. A change here is a change of what other programs see."""

_PUBLISHED_BY_REGION = sorted([*_KINDS_OF_PLACES, *_FESTIVALS, *_KINDS_OF_DETAILS])

JOBS = {
    "check_quotas": [],
    "retention": [],
    "collect_places": sorted([*_PUBLISHED_BY_REGION, *_NAMES_OF_LISTINGS]),
    "collect_changes": [_CHANGES],
    "publish_places": _PUBLISHED_BY_REGION,
    "plan_details": ["insight/collection_plan"],
    "collect_details": sorted([*_PUBLISHED_BY_REGION, _DETAILS]),
    "collect_codes": ["core/codes", "raw/kto/codes"],
    "collect_festivals": ["raw/kto/festivals"],
    "collect_pets": ["raw/kto/pets"],
    "collect_stays": ["raw/kto/stays"],
}
"""Every job with the assets it makes."""

GATED = [*_PUBLISHED_BY_REGION, "core/codes"]
"""Assets that publish only what is judged."""


@pytest.fixture(scope="module")
def defs() -> dg.Definitions:
    return build_defs()


@pytest.fixture(scope="module")
def graph(defs: dg.Definitions) -> AssetGraph:
    return defs.resolve_asset_graph()


ASSETS = pytest.mark.parametrize("key", [*LISTINGS, *CORE], ids=lambda key: key.to_user_string())
PUBLISHED = pytest.mark.parametrize("key", CORE, ids=lambda key: key.to_user_string())


def test_the_assets_and_their_lineage_are_as_written_down(graph: AssetGraph) -> None:
    found = {
        key.to_user_string(): sorted(parent.to_user_string() for parent in graph.get(key).parent_keys)
        for key in graph.get_all_asset_keys()
    }
    assert found == GRAPH


def test_the_jobs_and_what_they_make_are_as_written_down(defs: dg.Definitions) -> None:
    found = {
        job.name: sorted(key.to_user_string() for key in job.asset_layer.selected_asset_keys)
        for job in defs.resolve_all_job_defs()
        if not job.name.startswith("__")
    }
    assert found == JOBS


@ASSETS
def test_an_asset_says_whose_it_is_and_what(graph: AssetGraph, key: dg.AssetKey) -> None:
    node = graph.get(key)
    assert node.owners == ["team:data-platform"]
    assert node.group_name == ("core" if key in CORE else "raw_kto")
    assert node.kinds == ({"pandas", "postgres"} if key in CORE else {"python", "postgres"})
    assert node.description
    assert node.description.endswith(".")


@ASSETS
def test_an_asset_shows_its_table_with_every_column_described(graph: AssetGraph, key: dg.AssetKey) -> None:
    node = graph.get(key)
    name = node.metadata["dagster/table_name"]
    assert name == (f"core.{key.path[-1]}" if key in CORE else "raw.place_items")
    schema = node.metadata["dagster/column_schema"]
    assert isinstance(schema, dg.TableSchema)
    declared = METADATA.tables[str(name)]
    assert [column.name for column in schema.columns] == [column.name for column in declared.columns]
    assert [column.name for column in schema.columns if not column.description] == []
    assert [column.constraints.nullable for column in schema.columns] == [
        column.nullable for column in declared.columns
    ]


@ASSETS
def test_an_asset_is_cut_by_the_regions_and_unassigned(graph: AssetGraph, key: dg.AssetKey) -> None:
    definition = graph.get(key).partitions_def
    assert definition is not None
    assert definition.get_partition_keys() == [UNASSIGNED, *REGION_CODES]
    assert len(REGION_CODES) == 16


@pytest.mark.parametrize("key", LISTINGS, ids=lambda key: key.to_user_string())
def test_a_listing_takes_turns_in_the_pool_of_its_api(graph: AssetGraph, key: dg.AssetKey) -> None:
    assert graph.get(key).pools == {"api_kto"}


@PUBLISHED
def test_publishing_needs_no_turn_in_an_api_pool(graph: AssetGraph, key: dg.AssetKey) -> None:
    assert not graph.get(key).pools


@PUBLISHED
def test_a_gate_blocks(graph: AssetGraph, key: dg.AssetKey) -> None:
    gate = graph.get_check_spec(dg.AssetCheckKey(key, "publishable"))
    assert gate.blocking
    assert gate.description


def test_there_are_no_checks_but_the_gates_and_their_warnings_which_do_not_block(graph: AssetGraph) -> None:
    found = {(check.asset_key.to_user_string(), check.name) for check in graph.asset_check_keys}
    gates = {(key, name) for key in GATED for name in ("publishable", "warnings")}
    assert found == {*gates, ("insight/collection_plan", "quotas")}
    assert not any(graph.get_check_spec(check).blocking for check in graph.asset_check_keys if check.name == "warnings")


@PUBLISHED
def test_a_region_is_made_from_its_own_list_and_the_rows_without_a_region(graph: AssetGraph, key: dg.AssetKey) -> None:
    node = graph.get(key)
    mapping = node.partition_mappings[dg.AssetKey(["raw", "kto", f"{key.path[-1]}_listing"])]
    definition = node.partitions_def
    assert definition is not None

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
    job = defs.resolve_job_def("collect_places")
    assert job.executor_def.name == "in_process"
    assert int(job.tags["dagster/max_runtime"]) <= 3600


def test_a_resource_can_be_replaced() -> None:
    replaced = build_defs(resources={"upstream": "stand-in"})
    assert set(replaced.resources or {}) == {"warehouse", "upstream"}
    assert (replaced.resources or {})["upstream"] == "stand-in"
