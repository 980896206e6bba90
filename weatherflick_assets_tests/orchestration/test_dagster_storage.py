"""Dagster's storage looks into the catalogue of its database until it has found what it looks for, and then not again."""

from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from sqlalchemy import URL, event, text

from weatherflick_assets.orchestration.dagster_storage import PooledPostgresStorage, _pool
from weatherflick_assets.warehouse.connections import rendered
from weatherflick_assets_tests.databases import addresses_of


@pytest.fixture
def address(command_database: URL) -> str:
    return rendered(addresses_of(command_database).dagster, "postgresql+psycopg2")


@contextmanager
def statements(address: str) -> Iterator[list[str]]:
    """What is sent to a database meanwhile."""
    sent: list[str] = []

    def note(_: object, __: object, statement: str, *___: object) -> None:
        sent.append(statement)

    event.listen(_pool(address), "before_cursor_execute", note)
    try:
        yield sent
    finally:
        event.remove(_pool(address), "before_cursor_execute", note)


def look(storage: PooledPostgresStorage) -> None:
    """What a daemon asks all the time."""
    storage.schedule_storage.all_instigator_state()
    storage.run_storage.get_run_records(limit=1)
    storage.event_log_storage.get_asset_records()


def test_what_one_storage_of_a_process_has_found_no_other_one_looks_for(address: str) -> None:
    with statements(address) as sent:
        look(PooledPostgresStorage(address))
        first = [statement for statement in sent if "pg_catalog" in statement]
        sent.clear()
        look(PooledPostgresStorage(address))
    assert first
    assert [statement for statement in sent if "pg_catalog" in statement] == []
    assert sent, "the rows are read each time"


def test_what_is_not_there_is_looked_for_again(address: str) -> None:
    storage = PooledPostgresStorage(address).event_log_storage
    assert not storage.has_table("later")  # type: ignore[attr-defined]
    with _pool(address).connect() as connection:
        connection.execute(text("CREATE TABLE later ()"))
    assert storage.has_table("later")  # type: ignore[attr-defined]
