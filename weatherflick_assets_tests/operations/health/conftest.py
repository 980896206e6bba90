"""A platform on databases of the file's own, in which nothing was ever collected and no daemon ever ran."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from pydantic import SecretStr
from sqlalchemy import URL

from weatherflick_assets.operations.health.probes import Platform
from weatherflick_assets_tests.databases import Template, addresses_of, dsn_of
from weatherflick_assets_tests.operations.health.platforms import platform
from weatherflick_assets_tests.places.store.stock import execute
from weatherflick_assets_tests.warehouse.stored import empty


@pytest.fixture(scope="module")
def databases(template_database: Template) -> Iterator[URL]:
    """The platform's database, and Dagster's storage beside it, for the tests of a file."""
    with template_database.clone_for_commands() as url:
        yield url


@pytest.fixture
def ours(databases: URL, tmp_path: Path) -> Platform:
    """The platform."""
    empty(dsn_of(databases))
    execute(dsn_of(addresses_of(databases).dagster), "DELETE FROM daemon_heartbeats")
    return platform(tmp_path, WEATHERFLICK_DATABASE_URL=SecretStr(dsn_of(databases)))
