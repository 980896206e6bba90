"""The upkeep of the database as Dagster runs it: described, in a job of its own, and told in figures."""

import asyncio
from datetime import timedelta

import pytest

from weatherflick_assets.build import build_defs
from weatherflick_assets.operations.retention import retention_job
from weatherflick_assets.orchestration.domain import Domain
from weatherflick_assets.orchestration.warehouse import WarehouseResource
from weatherflick_assets.settings import now
from weatherflick_assets.warehouse.response_store import ResponseStore
from weatherflick_assets.warehouse.retention import space
from weatherflick_assets_tests.places.store.stock import execute, response, rows
from weatherflick_assets_tests.warehouse import forecasts

# Dagster 1.13 asks pydantic for the fields of resources in the old way.
pytestmark = pytest.mark.filterwarnings("ignore:The `__fields__` attribute is deprecated")


def test_the_job_drops_what_has_expired_and_tells_it_in_figures(store: str) -> None:
    async def keep() -> None:
        async with ResponseStore(store, run_id=None, partition_key=None) as responses:
            for body in (b"expired" * 1000, b"lasting" * 1000, b"lasting" * 1000):
                await responses.keep(response(body))

    asyncio.run(keep())
    execute(
        store, "UPDATE raw.calls SET fetched_at = now(), expires_at = now() + interval '1 day' WHERE response_id > 1"
    )
    execute(store, "UPDATE raw.calls SET fetched_at = now() WHERE response_id = 1")
    defs = build_defs(resources={"warehouse": WarehouseResource(dsn=store)})
    result = defs.resolve_job_def("retention").execute_in_process()
    assert result.success
    (output,) = (event for event in result.events_for_node("drop_expired_responses") if event.is_successful_output)
    told = {name: value.value for name, value in output.step_output_data.metadata.items()}
    assert told == {
        "dropped": 1, "kept_because_needed": 0, "calls_deleted": 0, "remaining": 1, "calls_on_record": 3,
        "remaining_bytes_as_received": 14_000, "remaining_bytes": space(store).stored_bytes,
        "bytes_freed": told["bytes_freed"],
    }  # fmt: skip
    assert told["bytes_freed"] in range(1, 7_000)
    assert [row["body"] for row in rows(store, "SELECT body FROM raw.responses ORDER BY response_id")] == [
        None, b"lasting" * 1000, b"lasting" * 1000,
    ]  # fmt: skip


def test_the_job_deletes_verdicts_that_are_older_than_four_hundred_days(store: str) -> None:
    for days in (399, 401, 402):
        execute(
            store,
            "INSERT INTO quality.verdicts "
            "(table_name, judged_at, suite_name, row_count, passed, score, minimum_score, published) "
            "VALUES ('core.rooms', now() - make_interval(days => %s), 'core.rooms', 0, true, 100, 0, true)",
            days,
        )
    defs = build_defs(resources={"warehouse": WarehouseResource(dsn=store)})
    result = defs.resolve_job_def("retention").execute_in_process()
    (output,) = (event for event in result.events_for_node("delete_old_verdicts") if event.is_successful_output)
    assert output.step_output_data.metadata["deleted"].value == 1
    left = rows(
        store, "SELECT extract(day FROM now() - judged_at)::int AS age FROM quality.verdicts ORDER BY judged_at"
    )
    assert [row["age"] for row in left] == [401, 399], (
        "the first day that can be measured again stands on the older one"
    )


def test_the_job_deletes_statistics_that_are_older_than_eight_hundred_days(store: str) -> None:
    for days in (799, 802):
        execute(
            store,
            "INSERT INTO quality.statistics VALUES (current_date - %s::int, 'core.rooms', 'all', 'rows', 1, now())",
            days,
        )
    result = (
        build_defs(resources={"warehouse": WarehouseResource(dsn=store)})
        .resolve_job_def("retention")
        .execute_in_process()
    )
    (output,) = (event for event in result.events_for_node("delete_old_statistics") if event.is_successful_output)
    assert output.step_output_data.metadata["days_deleted"].value == 1
    assert len(rows(store, "SELECT FROM quality.statistics")) == 1


def test_the_job_deletes_incidents_that_were_over_more_than_four_hundred_days_ago(store: str) -> None:
    for days in (399, 401):
        execute(
            store,
            "INSERT INTO ops.incidents (kind, subject, owner, severity, opened_at, last_seen_at, count, closed_at, detail, remedy) "
            "SELECT 'run_failed', 'places 50', 'team:data-platform', 'error', day, day, 1, day, '', '' "
            "FROM (SELECT now() - make_interval(days => %s) AS day) AS past",
            days,
        )
    defs = build_defs(resources={"warehouse": WarehouseResource(dsn=store)})
    result = defs.resolve_job_def("retention").execute_in_process()
    (output,) = (event for event in result.events_for_node("delete_old_incidents") if event.is_successful_output)
    assert output.step_output_data.metadata["deleted"].value == 1
    assert rows(store, "SELECT closed_at > now() - interval '400 days' AS is_young FROM ops.incidents") == [
        {"is_young": True}
    ]


def test_the_job_keeps_partitions_in_order_as_the_domains_declare(database: str) -> None:
    forecasts.create(database)
    old = forecasts.rows_of(now() - timedelta(days=16))
    forecasts.write(database, old)
    domain = Domain("forecasts", operations=(), storage=(forecasts.POLICY,))
    job = retention_job([domain])
    result = job.execute_in_process(resources={"warehouse": WarehouseResource(dsn=database)})
    (output,) = (event for event in result.events_for_node("keep_partitions_in_order") if event.is_successful_output)
    told = output.step_output_data.metadata["core.some_forecasts"].value
    assert isinstance(told, dict)
    assert (told["dropped"], told["postponed"], told["left"]) == ([], [], 3)
    assert forecasts.stored(database) == {*filter(forecasts.stays, old)}


def test_a_database_that_cannot_be_reached_fails_the_run_in_one_sentence() -> None:
    defs = build_defs(resources={"warehouse": WarehouseResource(dsn="postgresql://u@127.0.0.1:1/none")})
    result = defs.resolve_job_def("retention").execute_in_process(raise_on_error=False)
    assert not result.success
    data = result.failure_data_for_node("drop_expired_responses")
    assert data is not None
    failed = data.user_failure_data
    assert failed is not None
    assert failed.description is not None
    assert failed.description.startswith("The database refused or broke off: ")
    assert failed.metadata["failure_kind"].value == "unreachable"
