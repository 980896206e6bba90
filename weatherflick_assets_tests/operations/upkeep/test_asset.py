"""The nightly upkeep as Dagster runs it: what is too old leaves, what left is told by policy, and one failure costs no other."""

import asyncio
from collections.abc import Mapping
from datetime import timedelta
from pathlib import Path
from typing import Any

import dagster as dg
import pytest

from weatherflick_assets.alerts.readings import disk
from weatherflick_assets.build import MEASURED
from weatherflick_assets.definitions import defs
from weatherflick_assets.operations.upkeep import sizes
from weatherflick_assets.operations.upkeep.asset import DISK_CHECK, UPKEEP_KEY, upkeep_asset
from weatherflick_assets.orchestration.domain import Domain
from weatherflick_assets.orchestration.warehouse import WarehouseResource
from weatherflick_assets.settings import now
from weatherflick_assets.warehouse.response_store import ResponseStore
from weatherflick_assets.warehouse.retention import space
from weatherflick_assets_tests.operations.upkeep.conftest import Stored
from weatherflick_assets_tests.places.store.stock import execute, response, rows
from weatherflick_assets_tests.warehouse import forecasts

# Dagster 1.13 asks pydantic for the fields of resources in the old way.
pytestmark = pytest.mark.filterwarnings("ignore:The `__fields__` attribute is deprecated")

QUIET = {"loggers": {"console": {"config": {"log_level": "CRITICAL"}}}}


@pytest.fixture(autouse=True)
def _a_home_of_its_own(tmp_path: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("WEATHERFLICK_HOME", str(tmp_path))


def kept_in_bounds(dsn: str, *domains: Domain, instance: dg.DagsterInstance | None = None) -> dg.ExecuteInProcessResult:
    return dg.materialize(
        [upkeep_asset(domains)],
        resources={"warehouse": WarehouseResource(dsn=dsn)},
        instance=instance,
        run_config=QUIET,
        raise_on_error=False,
    )


def told(result: dg.ExecuteInProcessResult) -> Mapping[str, Any]:
    (made,) = result.asset_materializations_for_node("operations__upkeep")
    return {name: value.value for name, value in made.metadata.items()}


def removed(result: dg.ExecuteInProcessResult) -> dict[str, tuple[int, int]]:
    """What was removed by each policy, and what that freed."""
    records = told(result)["policies"].records
    return {str(row.data["policy"]): (row.data["removed"], row.data["freed bytes"]) for row in records}  # type: ignore[misc]


def test_it_drops_what_has_expired_and_tells_it_in_figures(store: str) -> None:
    async def keep() -> None:
        async with ResponseStore(store, run_id=None, partition_key=None) as responses:
            for body in (b"expired" * 1000, b"lasting" * 1000, b"lasting" * 1000):
                await responses.keep(response(body))

    asyncio.run(keep())
    execute(
        store, "UPDATE raw.calls SET fetched_at = now(), expires_at = now() + interval '1 day' WHERE response_id > 1"
    )
    execute(store, "UPDATE raw.calls SET fetched_at = now() WHERE response_id = 1")
    result = kept_in_bounds(store)
    count, freed = removed(result)["responses"]
    assert (count, freed in range(1, 7_000)) == (1, True)
    assert told(result)["freed_bytes"] == freed
    assert told(result)["responses"] == {
        "kept_because_needed": 0, "calls_deleted": 0, "remaining": 1, "calls_on_record": 3,
        "remaining_bytes_as_received": 14_000, "remaining_bytes": space(store).stored_bytes,
    }  # fmt: skip
    assert [row["body"] for row in rows(store, "SELECT body FROM raw.responses ORDER BY response_id")] == [
        None, b"lasting" * 1000, b"lasting" * 1000,
    ]  # fmt: skip


def test_verdicts_statistics_and_incidents_leave_when_they_are_too_old(store: str) -> None:
    for days in (399, 401, 402):
        execute(
            store,
            "INSERT INTO quality.verdicts "
            "(table_name, judged_at, suite_name, row_count, passed, score, minimum_score, published) "
            "VALUES ('core.rooms', now() - make_interval(days => %s), 'core.rooms', 0, true, 100, 0, true)",
            days,
        )
        execute(
            store,
            "INSERT INTO quality.statistics VALUES (current_date - %s::int, 'core.rooms', 'all', 'rows', 1, now())",
            2 * days,
        )
        execute(
            store,
            "INSERT INTO ops.incidents (kind, subject, owner, severity, opened_at, last_seen_at, count, closed_at, detail, remedy) "
            "SELECT 'run_failed', 'places 50', 'team:data-platform', 'error', day, day, 1, day, '', '' "
            "FROM (SELECT now() - make_interval(days => %s) AS day) AS past",
            days,
        )
    of_state = Domain(
        "places", operations=(), measured=tuple(one for one in MEASURED if one.table_name == "core.rooms")
    )
    found = removed(kept_in_bounds(store, of_state))
    assert {name: found[name][0] for name in ("verdicts", "statistics", "incidents")} == {
        "verdicts": 1, "statistics": 2, "incidents": 2,
    }  # fmt: skip
    assert all(found[name][1] > 0 for name in ("verdicts", "statistics", "incidents"))
    left = rows(
        store, "SELECT extract(day FROM now() - judged_at)::int AS age FROM quality.verdicts ORDER BY judged_at"
    )
    assert [row["age"] for row in left] == [401, 399], (
        "the first day that can be measured again stands on the older one"
    )


def test_it_keeps_partitions_in_order_as_the_domains_declare(database: str) -> None:
    forecasts.create(database)
    old = forecasts.rows_of(now() - timedelta(days=16))
    forecasts.write(database, old)
    result = kept_in_bounds(database, Domain("forecasts", operations=(), storage=(forecasts.POLICY,)))
    kept = told(result)["tables_by_time"]["core.some_forecasts"]
    assert (kept["dropped"], kept["postponed"], kept["left"]) == ([], [], 3)
    assert forecasts.stored(database) == {*filter(forecasts.stays, old)}


def test_a_database_that_cannot_be_reached_fails_the_run_in_one_sentence() -> None:
    result = kept_in_bounds("postgresql://u@127.0.0.1:1/none")
    assert not result.success
    data = result.failure_data_for_node("operations__upkeep")
    assert data is not None
    failed = data.user_failure_data
    assert failed is not None
    assert failed.description is not None
    assert failed.description.startswith("The database refused or broke off: ")
    assert failed.metadata["failure_kind"].value == "unreachable"


@pytest.mark.fault(
    "Blast radius", "a policy of the nightly upkeep fails", "the others are carried out, and the disk is looked at"
)
def test_a_policy_that_fails_costs_no_other_and_the_disk_is_looked_at_all_the_same(database: str) -> None:
    execute(
        database,
        "INSERT INTO ops.api_calls_daily (provider, operation, api_key_id, day, daily_limit, reserved, used, refused) "
        "VALUES ('kto', 'one', 'key', current_date - 500, 1000, 1, 1, 0)",
    )
    execute(database, "ALTER TABLE quality.statistics RENAME TO elsewhere")
    result = kept_in_bounds(database)
    assert not result.success
    data = result.failure_data_for_node("operations__upkeep")
    assert data is not None
    assert "quality.statistics" in str(data.user_failure_data.description if data.user_failure_data else data.error)
    assert rows(database, "SELECT FROM ops.api_calls_daily") == []
    assert [check.passed for check in result.get_asset_check_evaluations()] == [True]


def test_old_runs_leave_dagster_and_its_tables_are_measured_beside_ours(stored: Stored) -> None:
    runs = [kept_in_bounds(stored.dsn, instance=stored.instance).run_id for _ in range(2)]
    stored.rows("UPDATE runs SET update_timestamp = update_timestamp - interval '31 days'")
    result = kept_in_bounds(stored.dsn, instance=stored.instance)
    assert result.success
    count, freed = removed(result)["runs"]
    assert (count, freed > 1_000) == (1, True)
    assert told(result)["runs"]["thinned"] == 1, "its newest materialization stays until this run has made one"
    assert {run.run_id for run in stored.instance.get_runs()} == {runs[1], result.run_id}
    measured = {row.data["what"]: row.data["bytes"] for row in told(result)["sizes"].records}
    assert measured["dagster.event_logs"] > 0  # type: ignore[operator]
    assert told(result)["dagster_bytes"] > 1_000_000


@pytest.mark.parametrize(
    ("days", "passed", "severity"),
    [(100, True, "WARN"), (20, False, "WARN"), (3, False, "ERROR")],
)
def test_a_disk_that_will_be_full_soon_warns_and_then_fails(
    database: str, days: int, passed: bool, severity: str
) -> None:
    at, (_, free) = now(), disk(Path())
    for ago in range(1, 4):  # what is there today is next to nothing
        sizes.record(database, {sizes.FILES: -ago * free // days}, at - timedelta(days=ago))
    (check,) = kept_in_bounds(database).get_asset_check_evaluations()
    assert (check.asset_check_key, check.passed, check.severity.value) == (DISK_CHECK, passed, severity)
    assert "At the present rate they are used up in" in (check.description or "")
    assert check.metadata["days_left"].value == pytest.approx(days, rel=0.1)


def test_it_is_an_asset_with_a_schedule_and_a_freshness_policy() -> None:
    assert defs.resolve_asset_graph().get(UPKEEP_KEY).freshness_policy is not None
    assert defs.resolve_schedule_def("retention_schedule").cron_schedule == "0 4 * * *"
