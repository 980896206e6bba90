"""Dumps of a server of one's own, with pg_dump, and databases made from them again.

What is restored is complete before it takes a name that somebody uses: it is made beside, and renamed in one transaction. A
database that had the name keeps its rows under another.
"""

from collections.abc import Iterable, Iterator, Mapping
from contextlib import closing
from datetime import datetime
from pathlib import Path
from tempfile import TemporaryDirectory

import psycopg
from psycopg import sql
from sqlalchemy import URL

from weatherflick_assets.operations.backup import figures, programs
from weatherflick_assets.operations.backup.errors import RestoreError
from weatherflick_assets.operations.backup.manifests import Manifest, Stream
from weatherflick_assets.operations.backup.repository import Repository
from weatherflick_assets.settings import KST
from weatherflick_assets.warehouse import server_requirements
from weatherflick_assets.warehouse.connections import connect, conninfo
from weatherflick_assets.warehouse.database import Addresses, create

_DUMP = ("--format=custom", "--compress=0", "--no-owner", "--no-privileges", "--no-toast-compression")
"""Not compressed, so that equal rows give equal chunks. Owner, rights and how rows are compressed are those where it is
restored: not every server has lz4."""

_RESTORE = ("--single-transaction", "--exit-on-error", "--no-owner", "--no-privileges")

_NEW_IN_17 = b"SET transaction_timeout = 0;\n"
"""What newer programs write at the beginning, and older servers refuse."""

_LONGEST_NAME = 63

_MAY_CREATE = "SELECT rolcreatedb OR rolsuper FROM pg_roles WHERE rolname = current_user"
_TABLES = "SELECT FROM pg_class WHERE oid >= 16384 AND relkind IN ('r', 'p') LIMIT 1"


def parts(addresses: Addresses) -> dict[str, URL]:
    """The databases, by the names that their streams have."""
    return {"platform": addresses.platform, "dagster": addresses.dagster}


def identifier(connection: psycopg.Connection) -> str:
    """What tells a platform's database from others, also when it was restored elsewhere."""
    row = connection.execute("SELECT mode || ' since ' || created_at FROM ops.deployment").fetchone()
    assert row is not None, "the database is prepared"
    return row[0]


def dump(addresses: Addresses, repository: Repository) -> tuple[dict[str, Stream], figures.Figures, int]:
    """Store archives of both databases; return them, what is in them, and the major version of pg_dump.

    Raises:
        ProgramError: pg_dump failed, or none fits the server.
        BackupError: the repository refused.
    """
    streams, tables, times = {}, {}, []
    with closing(connect(addresses.platform, autocommit=True)) as connection:
        program, version = programs.fitting("pg_dump", server=connection.info.server_version // 10000)
    for name, url in parts(addresses).items():
        with figures.of_database(url) as (snapshot, taken_at, found), TemporaryDirectory() as folder:
            address, environment = for_programs(url)
            options = ["--dbname", address, f"--snapshot={snapshot}", *_DUMP]
            with programs.output_of(program, options, Path(folder), environment) as pipe:
                streams[name] = repository.store(programs.pieces(pipe))
        tables[name] = found
        times.append(taken_at)
    return streams, figures.Figures(min(times), None, tables), version


def restore(
    dumped: Manifest, repository: Repository, addresses: Addresses, at: datetime, *, in_place: bool
) -> list[str]:
    """Make the databases of `addresses` from a dump; return the names under which former ones are kept.

    Args:
        dumped: a dump.
        repository: where it is.
        addresses: what is made.
        at: the present, for the names of former databases.
        in_place: whether databases that hold tables may be renamed.

    Raises:
        RestoreError: a database is there and holds tables, or is in use, or none may be created. Nothing was changed.
        ProgramError: pg_restore failed, or none fits. Nothing was changed.
    """
    maintenance = addresses.platform.set(database="postgres")
    with closing(connect(maintenance, autocommit=True)) as server:
        targets = parts(addresses)
        _check(server, targets, in_place=in_place)
        for name, url in targets.items():
            beside = url.set(database=f"{url.database}_restoring"[-_LONGEST_NAME:])
            server.execute(
                sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(str(beside.database)))
            )
            create(server, str(beside.database))
            _fill(
                beside,
                repository.read(dumped.streams[name]),
                server.info.server_version // 10000,
                dumped.program_version or 0,
            )
        return _rename(server, targets, at)


def _check(server: psycopg.Connection, targets: Mapping[str, URL], *, in_place: bool) -> None:
    if server.execute(_MAY_CREATE).fetchone() != (True,):
        role = server_requirements.quoted(server.info.user)
        raise RestoreError(
            f"{role} may create no databases, which restoring needs. Have an administrator run: ALTER ROLE {role} CREATEDB;"
        )
    full = [str(url.database) for url in targets.values() if _is_there(server, url) and not _is_empty(url)]
    if full and not in_place:
        raise RestoreError(
            f"{' and '.join(map(server_requirements.quoted, full))} on {server_requirements.place(targets['platform'])} hold tables. Name another "
            "database in WEATHERFLICK_DATABASE_URL, or give --in-place: the present ones are then renamed, and nothing of them is lost."
        )


def _is_there(server: psycopg.Connection, url: URL) -> bool:
    return bool(server.execute("SELECT FROM pg_database WHERE datname = %s", (url.database,)).rowcount)


def _is_empty(url: URL) -> bool:
    with closing(connect(url, autocommit=True)) as connection:
        return not connection.execute(_TABLES).rowcount


def _fill(url: URL, archive: Iterable[bytes], server: int, version: int) -> None:
    program, newest = programs.fitting("pg_restore", server=server, archive=version)
    address, environment = for_programs(url)
    with TemporaryDirectory() as name:
        folder = Path(name)
        if newest == server or server >= 17:
            programs.feed(program, ["--dbname", address, *_RESTORE], folder, archive, environment)
            return
        # A newer program's statements, without the one that the server does not know.
        script = folder / "archive"
        with script.open("wb") as file:
            file.writelines(archive)
        with programs.output_of(program, ["--file=-", *_RESTORE[2:], script.name], folder) as statements:
            psql = [
                "--no-psqlrc",
                "--quiet",
                "--single-transaction",
                "--set=ON_ERROR_STOP=1",
                "--dbname",
                address,
                "--file=-",
            ]
            programs.feed(program.with_name("psql"), psql, folder, _for_older(programs.pieces(statements)), environment)


def _for_older(statements: Iterator[bytes]) -> Iterator[bytes]:
    yield next(statements, b"").replace(_NEW_IN_17, b"", 1)
    yield from statements


def _rename(server: psycopg.Connection, targets: Mapping[str, URL], at: datetime) -> list[str]:
    """Give what was restored its names; return those of former databases that hold tables."""
    former: dict[str, bool] = {}
    rename = sql.SQL("ALTER DATABASE {} RENAME TO {}")
    there = {str(url.database): _is_empty(url) for url in targets.values() if _is_there(server, url)}
    try:
        with server.transaction():
            for url in targets.values():
                name = str(url.database)
                if name in there:
                    aside = f"{name[:40]}_before_{at.astimezone(KST):%Y%m%d%H%M%S}"
                    former[aside] = there[name]
                    server.execute(rename.format(sql.Identifier(name), sql.Identifier(aside)))
                beside = f"{name}_restoring"[-_LONGEST_NAME:]
                server.execute(rename.format(sql.Identifier(beside), sql.Identifier(name)))
    except psycopg.errors.ObjectInUse as error:
        raise RestoreError(
            f"Somebody works with the database that would be replaced ({error.diag.message_detail or 'sessions are open'}). Stop "
            "everything that uses it (`weatherflick stop`), then restore again; nothing was changed."
        ) from None
    for name, is_empty in former.items():
        if is_empty:
            server.execute(sql.SQL("DROP DATABASE {}").format(sql.Identifier(name)))
    return [name for name, is_empty in former.items() if not is_empty]


def for_programs(url: URL) -> tuple[str, dict[str, str]]:
    """An address that everyone may see on a command line, and the password for the environment."""
    bare = URL.create(url.drivername, url.username, None, url.host, url.port, url.database, url.query)
    return conninfo(bare), {"PGPASSWORD": str(url.password)} if url.password is not None else {}
