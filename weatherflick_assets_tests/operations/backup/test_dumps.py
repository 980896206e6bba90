"""Dumps of a server of one's own: of Debian's PostgreSQL, restored there, and into the embedded server; programs that fit."""

import os
import subprocess
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
from psycopg import sql
from sqlalchemy import URL

from weatherflick_assets.operations.backup import figures, logical, programs, restoring, taking
from weatherflick_assets.operations.backup.errors import BackupError, RestoreError
from weatherflick_assets.operations.backup.manifests import Kind
from weatherflick_assets.operations.backup.repository import opened
from weatherflick_assets.operations.backup.taking import Taken
from weatherflick_assets.settings import Settings, now
from weatherflick_assets.warehouse import postgres_programs
from weatherflick_assets.warehouse.connections import connect
from weatherflick_assets.warehouse.database import Addresses
from weatherflick_assets_tests.databases import addresses_of, dsn_of

pytestmark = pytest.mark.slow

DEBIAN = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"), key=lambda path: int(path.parts[-3]))
PASSWORD = "a password, 100 % secret: @/"  # noqa: S105 - of a server that lives for a minute


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[URL]:
    """Debian's PostgreSQL, for the role that owns the databases, which has to give its password."""
    if not DEBIAN:
        pytest.skip("NO POSTGRESQL OF DEBIAN: install postgresql")
    folder = tmp_path_factory.mktemp("debian")
    user = 65534 if os.geteuid() == 0 else os.geteuid()
    for parent in (folder, *folder.parents):
        if parent.stat().st_uid == os.geteuid() and parent != Path("/"):
            parent.chmod(parent.stat().st_mode | 0o001)
    os.chown(folder, user, -1)
    environment = {"PATH": os.defpath, "LC_ALL": "C"}

    def run(program: str, *options: str) -> None:
        as_user = {"user": user, "group": user, "extra_groups": ()} if os.geteuid() == 0 else {}
        command = [str(DEBIAN[-1].with_name(program)), "-D", str(folder / "data"), *options]
        subprocess.run(command, check=True, cwd=folder, env=environment, stdout=subprocess.DEVNULL, **as_user)  # type: ignore[call-overload]

    run("initdb", "-U", "postgres", "-A", "trust", "-E", "UTF8", "--locale=C", "--no-sync")
    (folder / "data" / "pg_hba.conf").write_text("local all postgres trust\nlocal all all scram-sha-256\n")
    options = f"-c listen_addresses= -c unix_socket_directories={folder} -c fsync=off"
    run("pg_ctl", "-w", "-l", str(folder / "log"), "-o", options, "start")
    try:
        url = URL.create("postgresql", "owner", PASSWORD, database="weatherflick", query={"host": str(folder)})
        with closing(connect(url.set(username="postgres", database="postgres"), autocommit=True)) as connection:
            role = sql.SQL("CREATE ROLE owner LOGIN CREATEDB PASSWORD {}").format(PASSWORD)
            connection.execute(role)
        yield url
    finally:
        run("pg_ctl", "-m", "immediate", "stop")


@pytest.fixture
def addresses(server: URL) -> Addresses:
    """Two databases with rows."""
    with closing(connect(server.set(database="postgres"), autocommit=True)) as connection:
        made = addresses_of(server)
        names = [
            row[0] for row in connection.execute("SELECT datname FROM pg_database WHERE datname ~ '^weatherflick'")
        ]
        for name in {*names, str(made.platform.database), str(made.dagster.database)}:
            connection.execute(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(name)))
        for url in (made.platform, made.dagster):
            connection.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(str(url.database))))
    with closing(connect(made.platform, autocommit=True)) as connection:
        connection.execute("CREATE SCHEMA ops")
        connection.execute("CREATE TABLE ops.deployment AS SELECT 'sandbox'::text AS mode, now() AS created_at")
        connection.execute(
            "CREATE TABLE places AS SELECT g AS id, repeat('가나다' || g, 40) AS t FROM generate_series(1, 999) g"
        )
    with closing(connect(made.dagster, autocommit=True)) as connection:
        connection.execute("CREATE TABLE runs AS SELECT 1 AS id")
    return made


def settings_of(addresses: Addresses, home: Path) -> Settings:
    return Settings(WEATHERFLICK_HOME=home, WEATHERFLICK_DATABASE_URL=dsn_of(addresses.platform))  # type: ignore[call-arg]


def back_up(addresses: Addresses, folder: Path) -> Taken:
    return taking.back_up(settings_of(addresses, folder / "home"), addresses, str(folder / "backups"), clock=now)


def tables(addresses: Addresses) -> dict[str, figures.Tables]:
    return figures.now_in([addresses.platform, addresses.dagster])


def test_a_dump_is_restored_in_place_only_when_asked_and_what_was_there_is_kept(
    addresses: Addresses, tmp_path: Path
) -> None:
    before = tables(addresses)
    taken = back_up(addresses, tmp_path)
    assert (taken.backup.kind, taken.backup.program_version) == (Kind.DUMP, taken.backup.server_version // 10000)
    assert taken.backup.figures is not None
    assert [*taken.backup.figures.tables.values()] == [*before.values()]
    with closing(connect(addresses.platform, autocommit=True)) as connection:
        connection.execute("DELETE FROM places WHERE id > 9")
    settings = settings_of(addresses, tmp_path / "home")
    place = str(tmp_path / "backups")

    def restore(*, in_place: bool) -> restoring.Restored:
        return restoring.restore(settings, place, at=None, name=None, in_place=in_place, clock=now, say=lambda _: None)

    with pytest.raises(RestoreError, match=r'"weatherflick" and "weatherflick_dagster" on .* hold tables'):
        restore(in_place=False)
    with (
        closing(connect(addresses.platform)),
        pytest.raises(RestoreError, match=r"Somebody works with the database .* nothing was changed"),
    ):
        restore(in_place=True)
    assert tables(addresses) != before
    restored = restore(in_place=True)
    assert tables(addresses) == before
    assert len(restored.kept) == 2
    with closing(connect(addresses.platform.set(database=restored.kept[0]))) as connection:
        assert connection.execute("SELECT count(*) FROM places").fetchone() == (9,)


@pytest.mark.fault("Backups", "a restore of a dump is killed in the middle", "the next one removes what it left")
def test_what_a_killed_restore_left_is_removed(addresses: Addresses, tmp_path: Path) -> None:
    back_up(addresses, tmp_path)
    expected = [*tables(addresses).values()]
    target = addresses_of(addresses.platform.set(database="weatherflick_new"))
    with closing(connect(addresses.platform.set(database="postgres"), autocommit=True)) as connection:
        connection.execute("CREATE DATABASE weatherflick_new_restoring")
    settings = settings_of(target, tmp_path / "home")
    restoring.restore(
        settings, str(tmp_path / "backups"), at=None, name=None, in_place=False, clock=now, say=lambda _: None
    )
    assert [*tables(target).values()] == expected
    with closing(connect(addresses.platform)) as connection:
        left = connection.execute("SELECT FROM pg_database WHERE datname LIKE '%restoring'").rowcount
    assert left == 0


def test_a_drill_restores_a_dump_into_an_embedded_server(addresses: Addresses, tmp_path: Path) -> None:
    (tmp_path / "home").mkdir()
    back_up(addresses, tmp_path)
    drilled = restoring.drill(settings_of(addresses, tmp_path / "home"), str(tmp_path / "backups"), now)
    assert (drilled.differences, drilled.tables, drilled.rows) == ((), 3, 1001)


def test_newer_programs_restore_into_an_older_server_too(
    addresses: Addresses, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(programs, "_INSTALLED", ())
    monkeypatch.setenv("PATH", str(tmp_path))
    before = [*tables(addresses).values()]
    taken = back_up(addresses, tmp_path)
    assert taken.backup.program_version == int(postgres_programs.VERSION)
    target = addresses_of(addresses.platform.set(database="weatherflick_new"))
    repository = opened(str(tmp_path / "backups"), settings_of(addresses, tmp_path))
    logical.restore(taken.backup, repository, target, now(), in_place=False)
    assert [*tables(target).values()] == before


@pytest.mark.fault(
    "Keys and passwords", "pg_dump connects with a password", "it is on no command line and in no message"
)
def test_the_password_is_on_no_command_line_and_in_no_message(addresses: Addresses) -> None:
    address, environment = logical.for_programs(addresses.platform)
    assert "password" not in address.lower()
    assert "secret" not in address
    assert environment == {"PGPASSWORD": PASSWORD}
    wrong = addresses.platform.set(password="secret-but-wrong")  # noqa: S106
    address, environment = logical.for_programs(wrong)
    pg_dump, _ = programs.fitting("pg_dump", server=int(DEBIAN[-1].parts[-3]))
    with (
        pytest.raises(programs.ProgramError, match=r"pg_dump failed: .*password authentication failed") as raised,
        programs.output_of(pg_dump, ["--dbname", address], Path("/"), environment) as pipe,
    ):
        pipe.read()
    assert "secret" not in str(raised.value)


def test_a_dump_knows_no_kinds_and_no_times(addresses: Addresses, tmp_path: Path) -> None:
    settings = settings_of(addresses, tmp_path / "home")
    with pytest.raises(BackupError, match=r"each backup is a dump\. Leave --full and --wal out"):
        taking.back_up(settings, addresses, str(tmp_path / "backups"), clock=now, full=True)


@pytest.mark.parametrize(
    ("server", "archive", "found", "fits"),
    [
        (15, 0, {15, 18}, 15),
        (16, 0, {15, 18}, 18),
        (16, 0, {17, 18}, 17),
        (18, 15, {15, 18}, 18),
        (15, 17, {15, 18}, 18),
        (19, 0, {15, 18}, None),
        (18, 19, {15, 18}, None),
    ],
)
def test_the_program_that_fits_is_that_of_the_server_or_else_the_next_newer(
    monkeypatch: pytest.MonkeyPatch, server: int, archive: int, found: set[int], fits: int | None
) -> None:
    monkeypatch.setattr(programs, "available", lambda _: {version: Path(str(version)) for version in found})
    if fits is None:
        needed = max(server, archive)
        with pytest.raises(
            programs.ProgramError, match=f"No pg_restore fits: .* version {needed} or newer.*versions 15, 18"
        ):
            programs.fitting("pg_restore", server=server, archive=archive)
    else:
        assert programs.fitting("pg_restore", server=server, archive=archive) == (Path(str(fits)), fits)


def test_installed_programs_are_found_with_their_versions() -> None:
    found = programs.available("psql")
    assert found[int(postgres_programs.VERSION)] == postgres_programs.bundled("psql")
    assert {int(path.parts[-3]) for path in DEBIAN if path.with_name("psql").exists()} <= set(found)
