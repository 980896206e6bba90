"""An instance of Dagster whose storage is in PostgreSQL, as the platform's is, with the platform's database beside it."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import dagster as dg
import pytest
from sqlalchemy import URL, text

from weatherflick_assets.operations.upkeep.dagster_history import connected
from weatherflick_assets.warehouse.connections import rendered
from weatherflick_assets_tests.databases import Template, addresses_of, dsn_of


@dataclass(frozen=True)
class Stored:
    """The instance, and where the databases and the state folder are."""

    instance: dg.DagsterInstance
    dsn: str
    home: Path

    def rows(self, statement: str, **parameters: Any) -> list[Any]:
        """The rows of a statement about Dagster's tables; none of one that changes them."""
        with connected(self.instance) as connection:
            result = connection.execute(text(statement), parameters)
            return [tuple(row) for row in result] if result.returns_rows else []


@pytest.fixture(scope="module")
def databases(template_database: Template) -> Iterator[URL]:
    """The platform's database, and Dagster's storage beside it, for the tests of a file."""
    with template_database.clone_for_commands() as url:
        yield url


@pytest.fixture
def stored(databases: URL, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Stored]:
    """An instance that has recorded nothing."""
    monkeypatch.setenv("WEATHERFLICK_HOME", str(tmp_path / "home"))
    storage = {
        "module": "weatherflick_assets.orchestration.dagster_storage",
        "class": "PooledPostgresStorage",
        "config": {"postgres_url": rendered(addresses_of(databases).dagster, "postgresql+psycopg2")},
    }
    with dg.DagsterInstance.local_temp(
        str(tmp_path), overrides={"storage": {"custom": storage}, "telemetry": {"enabled": False}}
    ) as instance:
        made = Stored(instance, dsn_of(databases), tmp_path / "home")
        filled = [name for (name,) in made.rows("SELECT tablename::text FROM pg_tables WHERE schemaname = 'public'")]
        made.rows(
            f"TRUNCATE {', '.join(name for name in filled if name not in _OF_THE_SCHEMA)} RESTART IDENTITY CASCADE"
        )
        yield made


_OF_THE_SCHEMA = ("alembic_version", "secondary_indexes", "instance_info")
"""Tables that say which schema it is, not what was recorded."""
