"""Databases for tests, cloned from one that is migrated once a session: a clone takes a tenth of a second, migrating takes one.

Here: addresses, the template, clones of it. Not here: which tables a test finds empty (`warehouse/stored.py`), the server
(`conftest.py`).
"""

import os
import signal
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from uuid import uuid4

import psycopg
from psycopg import sql
from sqlalchemy import URL

from weatherflick_assets.build import prepare_database
from weatherflick_assets.settings import Mode
from weatherflick_assets.warehouse.connections import rendered
from weatherflick_assets.warehouse.database import Addresses


def dsn_of(url: URL) -> str:
    """A SQLAlchemy address as libpq reads it."""
    return rendered(url)


def addresses_of(url: URL) -> Addresses:
    """A platform database and Dagster's beside it, under the name that the platform gives it."""
    return Addresses(url, url.set(database=f"{url.database}_dagster"))


_END_SESSIONS = """
SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = %s AND usename = current_user
"""


@contextmanager
def named(server: URL) -> Iterator[URL]:
    """The address of a database that does not exist yet; it is dropped afterwards, Dagster's with it."""
    url = server.set(database=f"test_{uuid4().hex[:12]}")
    try:
        yield url
    finally:
        with _maintenance(server) as connection:
            for database in (url, addresses_of(url).dagster):
                name = sql.Identifier(str(database.database))
                try:
                    connection.execute(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(name))
                except psycopg.errors.InsufficientPrivilege:
                    # Only a superuser may end a worker of autovacuum; it gives way to whoever drops without force.
                    connection.execute(_END_SESSIONS, (database.database,))
                    connection.execute(sql.SQL("DROP DATABASE IF EXISTS {}").format(name))


@dataclass(frozen=True)
class Template:
    """A migrated platform database, and Dagster's storage beside it once somebody needs one."""

    url: URL

    @contextmanager
    def clone(self) -> Iterator[URL]:
        """A platform database for sandbox data, without Dagster's; dropped afterwards."""
        with named(self.url) as url:
            _copy(self.url, url)
            yield url

    @contextmanager
    def clone_for_commands(self) -> Iterator[URL]:
        """A platform database that is for no mode yet, with Dagster's storage: what a command finds at its second start."""
        with self.clone() as url:
            _copy(self._with_dagster(), addresses_of(url).dagster)
            with psycopg.connect(dsn_of(url)) as connection:
                connection.execute("DELETE FROM ops.deployment")
            yield url

    def _with_dagster(self) -> URL:
        """Dagster's storage, which Dagster fills when it first looks at it."""
        storage = addresses_of(self.url).dagster
        with _maintenance(self.url) as connection:
            found = connection.execute("SELECT FROM pg_database WHERE datname = %s", (storage.database,)).rowcount
        if not found:
            _create_dagster_storage(storage)
        return storage


@contextmanager
def template(server: URL) -> Iterator[Template]:
    """A database to clone, dropped afterwards."""
    with named(server) as url:
        # Dagster's storage is not looked at: the same database stands in.
        prepare_database(Addresses(url, url), Mode.SANDBOX)
        yield Template(url)


def open_to_superuser(data: Path) -> None:
    """Let the superuser of an embedded server log in, and make the server careless: it does not outlive the tests.

    The role `by_password`, where a test makes it, has to give its password.
    """
    (data / "pg_hba.conf").write_text("local all by_password scram-sha-256\nlocal all all trust\n")
    with (data / "postgresql.conf").open("a") as settings:
        settings.write("fsync = off\nfull_page_writes = off\n")
    os.kill(int(data.with_suffix(".pid").read_text()), signal.SIGHUP)


def _maintenance(server: URL) -> psycopg.Connection:
    return psycopg.connect(dsn_of(server.set(database="postgres")), autocommit=True)


def _copy(source: URL, target: URL) -> None:
    names = (sql.Identifier(str(url.database)) for url in (target, source))
    with _maintenance(source) as connection:
        connection.execute(sql.SQL("CREATE DATABASE {} TEMPLATE {}").format(*names))


def _create_dagster_storage(storage: URL) -> None:
    from dagster_postgres import DagsterPostgresStorage  # noqa: PLC0415 - most tests do without Dagster

    with _maintenance(storage) as connection:
        connection.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(str(storage.database))))
    DagsterPostgresStorage(rendered(storage, "postgresql+psycopg2"))
