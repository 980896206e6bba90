"""A database for the tests of the warehouse: prepared once, empty for each test."""

from collections.abc import Iterator

import pytest
from sqlalchemy import URL

from weatherflick_assets_tests.warehouse.stored import empty, prepared


@pytest.fixture(scope="session")
def prepared_database(postgresql_server: URL) -> Iterator[str]:
    """The dsn of a prepared database for tests that leave its schema alone."""
    with prepared(postgresql_server) as dsn:
        yield dsn


@pytest.fixture
def store(prepared_database: str) -> str:
    """That database with nothing collected and nothing published."""
    empty(prepared_database)
    return prepared_database
