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
from weatherflick_assets_tests.databases import addresses_of, dsn_of


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


@pytest.fixture
def stored(command_database: URL, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Stored]:
    monkeypatch.setenv("WEATHERFLICK_HOME", str(tmp_path / "home"))
    storage = {
        "module": "weatherflick_assets.orchestration.dagster_storage",
        "class": "PooledPostgresStorage",
        "config": {"postgres_url": rendered(addresses_of(command_database).dagster, "postgresql+psycopg2")},
    }
    with dg.DagsterInstance.local_temp(
        str(tmp_path), overrides={"storage": {"custom": storage}, "telemetry": {"enabled": False}}
    ) as instance:
        yield Stored(instance, dsn_of(command_database), tmp_path / "home")
