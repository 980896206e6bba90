"""The checks of published data as Dagster evaluates them: what is stale or held back is named, whatever was run last."""

from collections.abc import Mapping
from datetime import timedelta

import dagster as dg
import pytest

from weatherflick_assets.build import DOMAINS, build_defs
from weatherflick_assets.korea.regions import REGION_CODES, UNASSIGNED
from weatherflick_assets.operations.data_checks import ALL_PUBLISHABLE, FRESH, JOB, MOST_NAMED
from weatherflick_assets.operations.defs import FLOWS
from weatherflick_assets.operations.quality_flows import CHECKS
from weatherflick_assets.orchestration.freshness import MADE_WHEN_CHANGED, NEED_MAY_REST
from weatherflick_assets.orchestration.gate import GATE
from weatherflick_assets.orchestration.warehouse import WarehouseResource
from weatherflick_assets.presentation import duration
from weatherflick_assets.settings import now
from weatherflick_assets_tests.places.store.stock import execute
from weatherflick_assets_tests.quality.verdicts import judged

# Dagster 1.13 asks pydantic for the fields of resources in the old way.
pytestmark = pytest.mark.filterwarnings("ignore:The `__fields__` attribute is deprecated")

TABLES = {table.table_name: table for domain in DOMAINS for table in domain.measured}
NOW = now()
OLD = NOW - timedelta(days=20)
ATTRACTIONS = "core.attractions"


def evaluated(dsn: str, *, selection: list[dg.AssetCheckKey] | None = None) -> Mapping[str, dg.AssetCheckEvaluation]:
    """Every check of the job, by table and name."""
    job = build_defs(resources={"warehouse": WarehouseResource(dsn=dsn)}).resolve_job_def(JOB)
    if selection:
        job = job.get_subset(asset_check_selection={*selection})
    result = job.execute_in_process()
    assert result.success
    found = {
        f"{'.'.join(each.asset_key.path)} {each.check_name}": each for each in result.get_asset_check_evaluations()
    }
    assert len(found) == (len(selection) if selection else 2 * len(TABLES))
    assert all(each.partition is None for each in found.values())
    return found


def records(value: object) -> list[dict[str, object]]:
    assert isinstance(value, dg.TableMetadataValue)
    return [dict(record.data) for record in value.records]


def test_before_anything_was_collected_nothing_is_red_and_every_check_says_why(store: str) -> None:
    found = evaluated(store)
    assert [name for name, each in found.items() if not each.passed] == []
    for name, each in found.items():
        by_region = TABLES[name.split()[0]].by_region
        assert each.description == (
            "Nothing is held back." if ALL_PUBLISHABLE in name
            else "No region was ever collected, so none can be stale." if by_region
            else "Nothing of it was ever collected, so nothing can be stale."
        )  # fmt: skip


def test_a_stale_region_is_named_though_another_was_published_just_now(store: str) -> None:
    judged(store, ATTRACTIONS, "11", NOW, data_as_of=OLD)
    judged(store, ATTRACTIONS, "36110", NOW, data_as_of=NOW - timedelta(days=3), row_count=0)
    judged(store, ATTRACTIONS, "50", NOW, data_as_of=NOW - timedelta(days=2))
    judged(store, ATTRACTIONS, "51", NOW, failed="row_count")
    fresh = evaluated(store)[f"{ATTRACTIONS} {FRESH}"]
    assert (fresh.passed, fresh.severity) == (False, dg.AssetCheckSeverity.ERROR)
    assert fresh.description == (
        "2 of 4 regions are not fresh (they may be 15 days old): 51 강원 never published; 11 서울 stale, 20 days old. "
        "Never collected, so not looked at: unassigned no known region, 12 전남광주, 26 부산, 27 대구, 28 인천 and 8 more. "
        "Empty: 36110 세종."
    )
    shown = [(row["region"], row["state"], row["age"], row["rows"]) for row in records(fresh.metadata["regions"])]
    assert shown == [
        ("51 강원", "never published", "", 0),
        ("11 서울", "stale", "20 days", 10),
        ("36110 세종", "fresh, empty", "3 days", 0),
        ("50 제주", "fresh", "2 days", 10),
    ]


def test_fresh_regions_say_how_old_the_oldest_is(store: str) -> None:
    for region in (UNASSIGNED, *REGION_CODES):
        judged(store, ATTRACTIONS, region, NOW, data_as_of=NOW - timedelta(days=3 if region == "26" else 2))
    fresh = evaluated(store)[f"{ATTRACTIONS} {FRESH}"]
    assert fresh.passed
    assert fresh.description == (
        "All 17 regions that are collected are at most 15 days old. The oldest, 26 부산, is 3 days old."
    )
    assert "never_collected" not in fresh.metadata
    assert (fresh.metadata["not_fresh"].value, fresh.metadata["age_hours"].value) == (0, pytest.approx(72, abs=1))


@pytest.mark.parametrize(
    ("table_name", "severity"),
    [("core.weather_observations", dg.AssetCheckSeverity.ERROR), ("core.holidays", dg.AssetCheckSeverity.WARN)],
)
def test_stale_data_are_an_error_or_a_warning_as_declared(
    store: str, table_name: str, severity: dg.AssetCheckSeverity
) -> None:
    judged(store, table_name, None, NOW, data_as_of=OLD)
    fresh = evaluated(store)[f"{table_name} {FRESH}"]
    assert (fresh.passed, fresh.severity) == (False, severity)
    assert (fresh.description or "").startswith("Stale: the newest data are of ")
    assert f"They may be {duration(TABLES[table_name].stale_after)} old." in (fresh.description or "")


def test_a_region_stays_red_until_it_passes_and_says_since_when_and_by_which_rules(store: str) -> None:
    judged(store, ATTRACTIONS, "50", NOW - timedelta(days=4))
    judged(store, ATTRACTIONS, "50", NOW - timedelta(days=3), failed="row_count")
    judged(store, ATTRACTIONS, "50", NOW - timedelta(hours=2), failed="title_never_null")
    judged(store, ATTRACTIONS, "11", NOW)
    found = evaluated(store)
    held = found[f"{ATTRACTIONS} {ALL_PUBLISHABLE}"]
    assert (held.passed, held.severity) == (False, dg.AssetCheckSeverity.ERROR)
    assert held.description == (
        "1 held back: 50 제주 for 3 days (title_never_null). What was published of it before stands."
    )
    (row,) = records(held.metadata["partitions"])
    assert (row["partition"], row["rules"], row["rows held back"]) == ("50 제주", "title_never_null", 10)
    assert all(each.passed for name, each in found.items() if ALL_PUBLISHABLE in name and ATTRACTIONS not in name)

    judged(store, ATTRACTIONS, "50", NOW)
    assert evaluated(store)[f"{ATTRACTIONS} {ALL_PUBLISHABLE}"].passed


def test_many_that_are_held_back_are_counted_and_the_longest_named(store: str) -> None:
    for number, region in enumerate(REGION_CODES):
        judged(store, ATTRACTIONS, region, NOW - timedelta(minutes=number), failed="row_count")
    held = evaluated(store)[f"{ATTRACTIONS} {ALL_PUBLISHABLE}"]
    assert held.metadata["held_back"].value == len(REGION_CODES)
    assert (held.description or "").startswith(f"{len(REGION_CODES)} held back: {REGION_CODES[-1]} ")
    assert f"and {len(REGION_CODES) - MOST_NAMED} more" in (held.description or "")


def test_a_single_check_is_evaluated_alone(store: str) -> None:
    key = dg.AssetCheckKey(dg.AssetKey(["core", "attractions"]), FRESH)
    assert [*evaluated(store, selection=[key])] == [f"{ATTRACTIONS} {FRESH}"]


def test_what_can_not_be_evaluated_is_a_failed_run_and_no_green_check(store: str) -> None:
    execute(store, "ALTER TABLE quality.verdicts RENAME TO lost")
    try:
        job = build_defs(resources={"warehouse": WarehouseResource(dsn=store)}).resolve_job_def(JOB)
        result = job.execute_in_process(raise_on_error=False)
    finally:
        execute(store, "ALTER TABLE quality.lost RENAME TO verdicts")
    assert not result.success
    assert result.get_asset_check_evaluations() == []


def test_every_published_table_is_measured_and_has_both_checks_beside_its_gate() -> None:
    graph = build_defs().resolve_asset_graph()
    names: dict[str, set[str]] = {}
    for key in graph.asset_check_keys:
        names.setdefault(".".join(key.asset_key.path), set()).add(key.name)
    # What follows from published data is as new as they are.
    gated = {table for table, checks in names.items() if GATE in checks and not table.startswith("insight.")}
    # Years that are made up fill the table of the days, and never get old.
    assert gated - {"core.station_years"} == TABLES.keys()
    for table in TABLES:
        assert {FRESH, ALL_PUBLISHABLE} <= names[table]


def test_data_are_called_stale_only_once_their_flow_has_missed_two_turns() -> None:
    graph = build_defs().resolve_asset_graph()
    for table in TABLES.values():
        node = graph.get(dg.AssetKey.from_user_string(table.asset_key))
        policy = node.freshness_policy
        assert isinstance(policy, dg.FreshnessPolicy), table.table_name
        missed = policy.fail_window.to_timedelta()  # type: ignore[attr-defined]
        if MADE_WHEN_CHANGED.items() <= node.tags.items():
            missed /= NEED_MAY_REST
        assert missed <= table.stale_after <= missed + timedelta(hours=36), table.table_name


def test_the_checks_are_evaluated_by_the_clock() -> None:
    assert all(flow in FLOWS and flow.cron for flow in CHECKS)
