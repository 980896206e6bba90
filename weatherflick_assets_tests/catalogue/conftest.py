"""What the tests of the catalogue share: a prepared database, and Great Expectations imported once."""

import importlib
import warnings
from collections.abc import Iterator

import pytest
from sqlalchemy import URL

from weatherflick_assets_tests.warehouse.stored import empty, prepared


@pytest.fixture(scope="session", autouse=True)
def _great_expectations_is_imported() -> None:
    # Warnings are errors in the tests, and those of the import aren't ours.
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        importlib.import_module("great_expectations")


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
