"""Dagster's storage in PostgreSQL, over connections that are kept: by default it opens one for every statement.

Dagster makes an instance for each request of a process, so a process has one pool, whatever instances it makes.

Dagster asks a database that is gone for six seconds, for each statement, and writes a warning each time. That suits a
daemon. A command has lost its own sessions with the server, so it gives up at once.
"""

import logging
from collections.abc import Callable, Hashable, Iterator
from contextlib import contextmanager
from functools import cache
from typing import Any

import dagster as dg
from dagster import _check as check
from dagster._core.instance.types import _EventListenerLogHandler
from dagster._core.storage.config import PostgresStorageConfig
from dagster._serdes import ConfigurableClassData
from dagster_postgres import DagsterPostgresStorage
from dagster_postgres.utils import DagsterPostgresException, create_pg_engine, pg_url_from_config
from sqlalchemy import Dialect, Engine, event
from sqlalchemy.exc import OperationalError

_KEPT, _MOST = 3, 20
"""Connections that a process keeps, and the most that it opens."""

_PREPARED = set[str]()
"""Addresses where this process has seen that Dagster's tables are there."""

_ABOUT_THE_SCHEMA = (
    "_has_instigators_table",
    "has_instigators_table",
    "has_secondary_index_table",
    "has_built_index",
    "has_run_stats_index_cols",
    "has_backfill_id_column",
    "has_asset_key_col",
    "has_table",
)
"""Methods of Dagster's storages that look into the catalogue of the database."""

_SEEN = set[Hashable]()
"""What these have found; it stays where it is."""

_GIVING_UP: list[dg.DagsterInstance] = []
"""The instances of commands that this process executes."""


@cache
def _pool(postgres_url: str) -> Engine:
    """The pool of this process. A connection is tried before it is used, because the server may have restarted."""
    engine = create_pg_engine(
        postgres_url,
        isolation_level="AUTOCOMMIT",
        pool_size=_KEPT,
        max_overflow=_MOST - _KEPT,
        pool_pre_ping=True,
        pool_use_lifo=True,
    )

    @event.listens_for(engine, "do_connect")
    def connect(dialect: Dialect, _record: object, arguments: tuple[Any, ...], options: dict[str, Any]) -> object:
        try:
            return dialect.connect(*arguments, **options)
        except dialect.loaded_dbapi.OperationalError as error:
            if not _GIVING_UP:
                raise
            # Of this kind of error Dagster makes no further attempt.
            raise DagsterPostgresException("no connection") from OperationalError("", None, error)

    return engine


def _remember_the_schema(storage: object, postgres_url: str) -> None:
    """Let a storage look for a table, column or index until it has found it once: Dagster looks several times a tick."""

    def remembering(question: str, ask: Callable[..., bool]) -> Callable[..., bool]:
        def answer(*about: object) -> bool:
            asked = (postgres_url, type(storage), question, *(name for name in about if isinstance(name, str)))
            if asked not in _SEEN and ask(*about):
                _SEEN.add(asked)
            return asked in _SEEN

        return answer

    for question in _ABOUT_THE_SCHEMA:
        if hasattr(storage, question):
            setattr(storage, question, remembering(question, getattr(storage, question)))


class PooledPostgresStorage(DagsterPostgresStorage):
    """The same tables, reached through the pool of the process."""

    def __init__(self, postgres_url: str, inst_data: ConfigurableClassData | None = None) -> None:
        super().__init__(postgres_url, should_autocreate_tables=postgres_url not in _PREPARED, inst_data=inst_data)
        _PREPARED.add(postgres_url)
        for storage in (self._run_storage, self._event_log_storage, self._schedule_storage):
            check.inst(storage._engine, Engine)  # noqa: SLF001 - there is no other way to give it one
            storage._engine = _pool(postgres_url)  # noqa: SLF001
            _remember_the_schema(storage, postgres_url)

    @classmethod
    def from_config_value(
        cls, inst_data: ConfigurableClassData | None, config_value: PostgresStorageConfig
    ) -> "PooledPostgresStorage":
        """The storage that dagster.yaml describes."""
        return cls(pg_url_from_config(config_value), inst_data)


@contextmanager
def giving_up_at_once(instance: dg.DagsterInstance, errors: tuple[type[Exception], ...]) -> Iterator[None]:
    """In a process that executes commands: a storage that is gone is asked once, and its error raised without a line.

    `errors`: what a database raises that is gone.
    """
    handler = _SilentHandler(_Silent(instance, errors))  # type: ignore[arg-type]
    handler.setLevel(instance.get_event_log_handler().level)
    instance.get_event_log_handler = lambda: handler  # type: ignore[method-assign]
    _GIVING_UP.append(instance)
    try:
        yield
    finally:
        _GIVING_UP.remove(instance)


class _LostError(BaseException):
    """Carries an error through a handler that writes any other to standard error, and tries to record it once more."""

    def __init__(self, error: Exception) -> None:
        super().__init__()
        self.error = error


class _Silent:
    """What the handler needs of an instance."""

    def __init__(self, instance: dg.DagsterInstance, errors: tuple[type[Exception], ...]) -> None:
        self._instance = instance
        self._errors = errors
        self.report_engine_event = instance.report_engine_event

    def handle_new_event(self, *arguments: Any, **options: Any) -> None:
        """As the instance does, but for errors of the database."""
        try:
            self._instance.handle_new_event(*arguments, **options)
        except self._errors as error:
            raise _LostError(error) from None


class _SilentHandler(_EventListenerLogHandler):
    """Records events, and raises errors of the database as they are."""

    def emit(self, record: logging.LogRecord) -> None:
        """As Dagster's."""
        try:
            super().emit(record)
        except _LostError as lost:
            raise lost.error from None
