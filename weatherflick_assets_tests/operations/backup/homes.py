"""Homes with an embedded server for tests of backups, and what is in their tables."""

import os
import signal
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from weatherflick_assets.operations.backup import figures
from weatherflick_assets.operations.backup.figures import Tables
from weatherflick_assets.settings import Settings
from weatherflick_assets.warehouse import embedded
from weatherflick_assets.warehouse.connections import connect
from weatherflick_assets.warehouse.database import Addresses

NAME = "weatherflick_sandbox"


@dataclass(frozen=True)
class Home:
    """A state folder with two databases on its own server."""

    folder: Path

    @property
    def data(self) -> Path:
        return self.folder / "postgresql"

    @property
    def settings(self) -> Settings:
        return Settings(WEATHERFLICK_HOME=self.folder)  # type: ignore[call-arg]

    def with_key(self, key: str) -> Settings:
        return Settings(WEATHERFLICK_HOME=self.folder, WEATHERFLICK_BACKUP_KEY=key)  # type: ignore[call-arg]

    @property
    def addresses(self) -> Addresses:
        server = embedded.start(self.data)
        return Addresses(server.set(database=NAME), server.set(database=f"{NAME}_dagster"))

    def execute(self, statement: str, *values: object) -> list[tuple[Any, ...]]:
        with closing(connect(self.addresses.platform, autocommit=True)) as connection:
            cursor = connection.execute(statement, values or None)  # type: ignore[arg-type]
            return cursor.fetchall() if cursor.description else []

    def clock(self) -> datetime:
        """The server's clock."""
        return self.execute("SELECT clock_timestamp()")[0][0]

    def tables(self) -> Mapping[str, Tables]:
        """Rows and checksums of everything."""
        return figures.now_in(figures.databases(embedded.start(self.data)))


def careless(data: Path) -> None:
    """Have a server, and those that are restored from it, wait for no disk."""
    with (data / "postgresql.conf").open("a") as file:
        file.write("fsync = off\nfull_page_writes = off\n")
    os.kill(int(data.with_suffix(".pid").read_text()), signal.SIGHUP)


@contextmanager
def filled(folder: Path) -> Iterator[Home]:
    """A home with a table of 2,000 rows, and one in Dagster's database."""
    home = Home(folder)
    try:
        server = embedded.start(home.data)
        careless(home.data)
        with closing(connect(server, autocommit=True)) as connection:
            for url in (home.addresses.platform, home.addresses.dagster):
                connection.execute(f'CREATE DATABASE "{url.database}"')  # type: ignore[arg-type]
        home.execute("CREATE SCHEMA core")
        home.execute(
            "CREATE TABLE core.places AS SELECT g AS id, md5(g::text) AS title FROM generate_series(1, 2000) AS g"
        )
        with closing(connect(home.addresses.dagster, autocommit=True)) as connection:
            connection.execute("CREATE TABLE runs AS SELECT 'a run'::text AS run")
        yield home
    finally:
        embedded.stop(home.data)
