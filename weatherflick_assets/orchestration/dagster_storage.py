"""Dagster's storage in PostgreSQL, over connections that are kept: by default it opens one for every statement.

Dagster makes an instance for each request of a process, so a process has one pool, whatever instances it makes.
"""

from functools import cache

from dagster import _check as check
from dagster._core.storage.config import PostgresStorageConfig
from dagster._serdes import ConfigurableClassData
from dagster_postgres import DagsterPostgresStorage
from dagster_postgres.utils import create_pg_engine, pg_url_from_config
from sqlalchemy import Engine

_KEPT, _MOST = 3, 20
"""Connections that a process keeps, and the most that it opens."""

_PREPARED = set[str]()
"""Addresses where this process has seen that Dagster's tables are there."""


@cache
def _pool(postgres_url: str) -> Engine:
    """The pool of this process. A connection is tried before it is used, because the server may have restarted."""
    return create_pg_engine(
        postgres_url,
        isolation_level="AUTOCOMMIT",
        pool_size=_KEPT,
        max_overflow=_MOST - _KEPT,
        pool_pre_ping=True,
        pool_use_lifo=True,
    )


class PooledPostgresStorage(DagsterPostgresStorage):
    """The same tables, reached through the pool of the process."""

    def __init__(self, postgres_url: str, inst_data: ConfigurableClassData | None = None) -> None:
        super().__init__(postgres_url, should_autocreate_tables=postgres_url not in _PREPARED, inst_data=inst_data)
        _PREPARED.add(postgres_url)
        for storage in (self._run_storage, self._event_log_storage, self._schedule_storage):
            check.inst(storage._engine, Engine)  # noqa: SLF001 - there is no other way to give it one
            storage._engine = _pool(postgres_url)  # noqa: SLF001

    @classmethod
    def from_config_value(
        cls, inst_data: ConfigurableClassData | None, config_value: PostgresStorageConfig
    ) -> "PooledPostgresStorage":
        """The storage that dagster.yaml describes."""
        return cls(pg_url_from_config(config_value), inst_data)
