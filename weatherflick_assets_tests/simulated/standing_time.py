"""A time that stands until a test moves it: the platform's clock, Dagster's, and `now()` of the databases."""

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from datetime import UTC, datetime, timedelta, tzinfo
from types import SimpleNamespace
from unittest.mock import patch

import psycopg
from dagster._core.test_utils import get_freezable_log_manager
from sqlalchemy import URL

from weatherflick_assets.settings import KST
from weatherflick_assets_tests.databases import dsn_of

# Functions of the server come first in the search path, unless it names them later.
_OF_DATABASES = """
CREATE SCHEMA simulated;
CREATE TABLE simulated.clock (at timestamptz NOT NULL);
INSERT INTO simulated.clock VALUES (now());
CREATE FUNCTION simulated.now() RETURNS timestamptz LANGUAGE sql STABLE AS 'SELECT at FROM simulated.clock';
GRANT USAGE ON SCHEMA simulated TO PUBLIC;
GRANT SELECT ON simulated.clock TO PUBLIC
"""
SEARCH_PATH = "-c search_path=simulated,pg_catalog,public"


class SimulatedTime:
    """A clock that stands."""

    def __init__(self, at: datetime) -> None:
        self._at = at
        self._databases: list[psycopg.Connection] = []

    def __call__(self) -> datetime:
        """The time, aware."""
        return self._at

    def move(self, to: datetime) -> None:
        """Let time pass."""
        assert to >= self._at
        self._at = to
        for connection in self._databases:
            connection.execute("UPDATE simulated.clock SET at = %s", (to,))

    def sleep(self, seconds: float) -> None:
        """Let time pass in place of waiting, and a little more: a float may fall short of the moment that is waited for."""
        self.move(self._at + timedelta(seconds=seconds, milliseconds=1))

    @contextmanager
    def rules(self, *databases: URL) -> Iterator[None]:
        """Everything goes by this clock: this process and these databases, which exist."""
        clock = self

        class Stopped(datetime):
            """What `settings.now` asks for the time."""

            @classmethod
            def now(cls, tz: tzinfo | None = None) -> datetime:  # type: ignore[override]
                return clock().astimezone(tz or KST)

        with ExitStack() as stack:
            for url in databases:
                connection = stack.enter_context(psycopg.connect(dsn_of(url), autocommit=True))
                connection.execute(_OF_DATABASES)
                self._databases.append(connection)
            self.move(self._at)
            for name, stands_in in (
                ("weatherflick_assets.settings.datetime", Stopped),
                ("dagster._time._mockable_get_current_datetime", lambda: clock().astimezone(UTC)),
                ("dagster._time._mockable_get_current_timestamp", lambda: clock().timestamp()),
                ("dagster._core.log_manager.DagsterLogManager", get_freezable_log_manager()),
                (
                    "dagster._core.execution.plan.active.time",
                    SimpleNamespace(sleep=self.sleep, time=lambda: clock().timestamp()),
                ),
            ):
                stack.enter_context(patch(name, stands_in))
            yield
