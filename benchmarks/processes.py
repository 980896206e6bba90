"""The processes of a benchmark: a sandbox, a PostgreSQL server with fresh databases, and contenders.

Not here: the work of a contender (`contenders/`), or the number of its runs and the meaning of its figures (the
benchmarks).
"""

import json
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from itertools import count
from pathlib import Path
from types import MappingProxyType
from urllib.request import Request, urlopen

import psycopg
from psycopg import sql
from sqlalchemy import URL

from weatherflick_assets.build import prepare_database
from weatherflick_assets.settings import Mode
from weatherflick_assets.warehouse import embedded
from weatherflick_assets.warehouse.database import Addresses

_TEMPLATE = "benchmark_template"


@contextmanager
def running_sandbox(
    scale: float, *, in_region: str | None = None, behaviour: Mapping[str, object] = MappingProxyType({})
) -> Iterator[str]:
    """The URL of a sandbox of `scale` in its own process. With `in_region`, that region lists all places."""
    settings = json.dumps(dict(behaviour))
    command = [sys.executable, "-m", "benchmarks.sandbox_process", str(scale), in_region or "", settings]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        url = process.stdout.readline().strip()
        if not url:
            raise RuntimeError("The sandbox did not start; see its message above.")
        try:
            yield url
        finally:
            process.stdin.close()  # signals it to stop


def advance(url: str) -> None:
    """Let a day pass in a sandbox's world."""
    request = Request(f"{url}/_sandbox/advance", data=b'{"days": 1}', method="POST")  # noqa: S310
    urlopen(request).close()  # noqa: S310 (the address is the sandbox's own)


def changed(url: str, day: int) -> Mapping[str, Sequence[str]]:
    """What changed on a day of a sandbox's world: contentids by kind of change."""
    with urlopen(f"{url}/_sandbox/changes?day={day}") as response:  # noqa: S310
        return json.load(response)


class Databases:
    """Fresh, migrated databases on one embedded server."""

    def __init__(self, server: URL) -> None:
        self._server = server
        self._numbers = count(1)
        self._prepare(_TEMPLATE)

    @contextmanager
    def fresh(self) -> Iterator[str]:
        """The DSN of a newly prepared database, which is dropped afterwards."""
        database = f"benchmark_{next(self._numbers)}"
        name = sql.Identifier(database)
        with psycopg.connect(self._dsn("postgres"), autocommit=True) as connection:
            connection.execute(sql.SQL("CREATE DATABASE {} TEMPLATE {}").format(name, sql.Identifier(_TEMPLATE)))
            # Otherwise a contender would pay for the dirty buffers of the previous one.
            connection.execute("CHECKPOINT")
            self._prepare(database)  # what is set of a database is not copied
            yield self._dsn(database)
            try:
                connection.execute(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(name))
            except psycopg.errors.InsufficientPrivilege:
                # Only a superuser may end a worker of autovacuum; it gives way to whoever drops without force.
                connection.execute(sql.SQL("DROP DATABASE {}").format(name))

    def _prepare(self, name: str) -> None:
        addresses = Addresses(self._server.set(database=name), self._server.set(database=f"{_TEMPLATE}_dagster"))
        prepare_database(addresses, Mode.SANDBOX)

    def version(self) -> str:
        """The server's version."""
        with psycopg.connect(self._dsn("postgres")) as connection:
            return connection.info.parameter_status("server_version") or ""

    def _dsn(self, database: str) -> str:
        return self._server.set(drivername="postgresql", database=database).render_as_string(hide_password=False)


@contextmanager
def running_databases() -> Iterator[Databases]:
    """An embedded server in a temporary folder."""
    with tempfile.TemporaryDirectory(prefix="weatherflick-bench-") as name:
        folder = Path(name) / "postgresql"
        try:
            yield Databases(embedded.start(folder))
        finally:
            embedded.stop(folder)


def run_contender(module: str, *arguments: str, environment: Mapping[str, str] | None = None) -> dict:
    """Run a module of `contenders/` in a fresh interpreter and return the JSON object it prints last.

    Raises:
        RuntimeError: it failed; the message has the end of its error output.
    """
    done = subprocess.run(
        [sys.executable, "-m", f"benchmarks.contenders.{module}", *arguments],
        capture_output=True, text=True, check=False, env=environment,
    )  # fmt: skip
    if done.returncode:
        raise RuntimeError(f"The contender {module} failed:\n{done.stderr[-4000:]}")
    return json.loads(done.stdout.strip().splitlines()[-1])
