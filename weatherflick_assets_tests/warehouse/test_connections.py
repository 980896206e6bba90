"""Connections depend on nothing but their address: not on the environment, the server, the database or the role."""

import asyncio
from collections.abc import Iterator
from contextlib import closing

import psycopg
import pytest
from dagster_postgres import DagsterPostgresStorage
from hypothesis import given
from hypothesis import strategies as st
from psycopg import sql
from sqlalchemy import URL, make_url

from weatherflick_assets.build import prepare_database
from weatherflick_assets.settings import Mode
from weatherflick_assets.warehouse.connections import (
    borrowed,
    connect,
    connect_async,
    parsed,
    pinned,
    rendered,
    reusing,
)
from weatherflick_assets_tests.databases import addresses_of, dsn_of, named

PINNED = {
    "client_encoding": "UTF8",
    "search_path": "public",
    "datestyle": "ISO, YMD",
    "intervalstyle": "postgres",
    "timezone": "UTC",
    "bytea_output": "hex",
    "extra_float_digits": "1",
    "standard_conforming_strings": "on",
    "transaction_isolation": "read committed",
    "statement_timeout": "0",
    "lock_timeout": "0",
    "idle_in_transaction_session_timeout": "0",
    "idle_session_timeout": "0",
}

ODD_SETTINGS = {
    "client_encoding": "'LATIN1'",
    "search_path": "raw, pg_temp",
    "datestyle": "'SQL, DMY'",
    "intervalstyle": "'iso_8601'",
    "timezone": "'Pacific/Chatham'",
    "bytea_output": "'escape'",
    "extra_float_digits": "-15",
    "standard_conforming_strings": "off",
    "default_transaction_isolation": "'serializable'",
    "statement_timeout": "99999",
    "lock_timeout": "99999",
    "idle_in_transaction_session_timeout": "99999",
    "idle_session_timeout": "99999",
}

ODD_SURROUNDINGS = {
    "PGHOST": "no-such-host.invalid",
    "PGHOSTADDR": "192.0.2.1",
    "PGPORT": "1",
    "PGDATABASE": "another",
    "PGUSER": "somebody",
    "PGPASSWORD": "wrong",
    "PGPASSFILE": "/nowhere/passwords",
    "PGSERVICE": "no such service",
    "PGSERVICEFILE": "/nowhere/services",
    "PGOPTIONS": "-c search_path=raw -c datestyle=German",
    "PGSSLMODE": "verify-full",
    "PGREQUIREAUTH": "scram-sha-256",
    "PGTARGETSESSIONATTRS": "standby",
    "PGCLIENTENCODING": "EUC_KR",
    "PGTZ": "Pacific/Chatham",
    "PGDATESTYLE": "German",
    "PGGEQO": "off",
    "PGCONNECT_TIMEOUT": "1",
}

ODD_PASSWORDS = (
    "a blank", "p@ss", "100%", "%41", "a:b", "a/b", "a?b=c&d", "a#b", "a+b", "'quoted'", 'dou"ble', "back\\slash", "비밀번호",
    "[::1]", "{}$(id)`id`", " ", "a=b;c", "é\u0301",
)  # fmt: skip


def shown(connection: psycopg.Connection) -> dict[str, str]:
    columns = sql.SQL(", ").join(sql.SQL("current_setting({})").format(name) for name in PINNED)
    return dict(zip(PINNED, connection.execute(sql.SQL("SELECT {}").format(columns)).fetchone() or (), strict=True))


@pytest.fixture
def misled(postgresql_server: URL, superuser: psycopg.Connection) -> Iterator[URL]:
    """A database with the settings of an administrator who had something else in mind, for every role and for ours."""
    role = sql.Identifier(str(postgresql_server.username))
    with named(postgresql_server) as url:
        for found in (url, addresses_of(url).dagster):
            database = sql.Identifier(str(found.database))
            superuser.execute(
                sql.SQL("CREATE DATABASE {} OWNER {} TEMPLATE template0 ENCODING 'UTF8'").format(database, role)
            )
            for name, value in ODD_SETTINGS.items():
                setting = sql.SQL(f"SET {name} = {value}")  # type: ignore[arg-type]
                superuser.execute(sql.SQL("ALTER DATABASE {} {}").format(database, setting))
                superuser.execute(sql.SQL("ALTER ROLE {} IN DATABASE {} {}").format(role, database, setting))
        yield url


@pytest.mark.fault(
    "Odd machines",
    "settings of the database and the role change what text, times and numbers look like",
    "they are pinned",
)
def test_settings_of_databases_and_roles_decide_nothing(misled: URL) -> None:
    with closing(psycopg.connect(dsn_of(misled))) as connection:
        assert connection.execute("SHOW datestyle").fetchone() == ("SQL, DMY",)
    with closing(connect(misled)) as connection:
        assert shown(connection) == PINNED

    async def one() -> tuple[str, ...] | None:
        async with await connect_async(dsn_of(misled)) as connection:
            return await (await connection.execute("SHOW search_path")).fetchone()

    assert asyncio.run(one()) == ("public",)


@pytest.mark.fault(
    "Odd machines",
    "settings of the database and the role change what text, times and numbers look like",
    "they are pinned",
)
def test_a_misled_database_is_prepared_and_holds_dagsters_storage(misled: URL) -> None:
    addresses = addresses_of(misled)
    prepare_database(addresses, Mode.SANDBOX)
    prepare_database(addresses, Mode.SANDBOX)
    assert DagsterPostgresStorage(addresses.dagster_dsn).run_storage.get_runs() == []
    with closing(connect(addresses.dagster)) as connection:
        assert connection.execute("SELECT to_regclass('public.runs') IS NOT NULL").fetchone() == (True,)


@pytest.mark.fault("Odd machines", "the environment holds variables of libpq", "they are not read")
@pytest.mark.parametrize("names", [*((name,) for name in ODD_SURROUNDINGS), tuple(ODD_SURROUNDINGS)], ids=" ".join)
def test_the_environment_decides_nothing(
    prepared_database: str, monkeypatch: pytest.MonkeyPatch, names: tuple[str, ...]
) -> None:
    for name in names:
        monkeypatch.setenv(name, ODD_SURROUNDINGS[name])
    with closing(connect(prepared_database)) as connection:
        assert shown(connection) == PINNED
        assert connection.info.dbname == make_url(prepared_database).database


def test_settings_in_the_address_win(prepared_database: str) -> None:
    address = make_url(prepared_database).update_query_dict({"options": "-c statement_timeout=5s"})
    for url in (address, pinned(address), pinned(pinned(address)), parsed(rendered(pinned(address)))):
        with closing(connect(url)) as connection:
            assert shown(connection) == {**PINNED, "statement_timeout": "5s"}


@pytest.fixture(scope="module")
def by_password(postgresql_server: URL, superuser: psycopg.Connection) -> Iterator[URL]:
    """A role that has to give its password, with a database of its own and Dagster's."""
    if not superuser.execute("SELECT FROM pg_hba_file_rules WHERE auth_method = 'scram-sha-256'").rowcount:
        pytest.skip("WEATHERFLICK_TEST_SERVER asks for no password")
    superuser.execute("CREATE ROLE by_password LOGIN CREATEDB")
    url = postgresql_server.set(username="by_password", database="by_password")
    databases = [sql.Identifier(str(found.database)) for found in (url, addresses_of(url).dagster)]
    for database in databases:
        superuser.execute(sql.SQL("CREATE DATABASE {} OWNER by_password").format(database))
    yield url
    for database in databases:
        superuser.execute(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(database))
    superuser.execute("DROP ROLE by_password")


@pytest.mark.fault(
    "Keys and passwords", "a password with characters that addresses encode", "it works for every program"
)
@pytest.mark.parametrize("password", ODD_PASSWORDS)
def test_any_password_works_everywhere(by_password: URL, superuser: psycopg.Connection, password: str) -> None:
    superuser.execute(sql.SQL("ALTER ROLE by_password PASSWORD {}").format(password))
    with pytest.raises(psycopg.OperationalError):
        connect(by_password.set(password=f"{password}!"))
    url = parsed(rendered(by_password.set(password=password)))
    assert url.password == password
    addresses = addresses_of(url)
    prepare_database(addresses, Mode.SANDBOX)
    with closing(connect(addresses.platform_dsn)), closing(psycopg.connect(addresses.platform_dsn)):
        pass
    assert DagsterPostgresStorage(addresses.dagster_dsn).run_storage.get_runs() == []


TEXTS = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\x00"), min_size=1)


@given(
    user=TEXTS, password=st.none() | TEXTS, host=st.sampled_from([None, "h", "1.2.3.4", "::1"]),
    port=st.none() | st.integers(1, 65535), database=TEXTS, folder=st.none() | TEXTS.map("/{}".format),
)  # fmt: skip
def test_an_address_is_read_as_it_was_written(
    user: str, password: str | None, host: str | None, port: int | None, database: str, folder: str | None
) -> None:
    query = {"host": folder} if folder and not host else {}
    url = URL.create("postgresql", user, password, host, port if host else None, database, query)
    assert parsed(rendered(url)) == url
    assert parsed(rendered(url, "postgresql+psycopg2")) == url
    as_sqlalchemy_reads = make_url(rendered(url, "postgresql+psycopg2"))
    assert as_sqlalchemy_reads.set(drivername="postgresql") == url


def test_a_connection_that_was_given_back_is_used_again_and_closed_at_the_end(prepared_database: str) -> None:
    with reusing(prepared_database):
        with borrowed(prepared_database) as first, borrowed(prepared_database) as second:
            first.execute("CREATE TEMPORARY TABLE lost ()")
        with reusing(prepared_database), borrowed(prepared_database) as again:
            assert again is first
            assert again.execute("SELECT to_regclass('lost')").fetchone() == (None,)
        assert not first.closed
    assert first.closed
    assert second.closed


def test_a_connection_is_closed_where_nobody_uses_it_again(prepared_database: str) -> None:
    with borrowed(prepared_database) as connection:
        pass
    assert connection.closed


def test_a_connection_that_the_server_ended_is_replaced(prepared_database: str) -> None:
    with reusing(prepared_database):
        with borrowed(prepared_database) as first:
            pid = first.info.backend_pid
        with closing(connect(prepared_database, autocommit=True)) as other:
            other.execute("SELECT pg_terminate_backend(%s, 10000)", (pid,))
        with borrowed(prepared_database) as second:
            assert second.execute("SELECT 1").fetchone() == (1,)
        assert first.closed


def test_a_temporary_table_may_have_other_columns_the_next_time(prepared_database: str) -> None:
    with reusing(prepared_database):
        for columns in ("one integer", "one text, two text"):
            with borrowed(prepared_database) as connection:
                for _ in range(10):  # often enough for a statement to be prepared
                    connection.execute(f"CREATE TEMPORARY TABLE staged ({columns}) ON COMMIT DROP")  # type: ignore[arg-type]
                    connection.execute("INSERT INTO staged (one) VALUES ('1')")
                    assert connection.execute("SELECT * FROM staged").fetchall()
                    connection.commit()


def test_a_connection_is_not_used_again_after_an_error(prepared_database: str) -> None:
    with reusing(prepared_database):
        with pytest.raises(psycopg.errors.DivisionByZero), borrowed(prepared_database) as first:
            first.execute("SELECT 1 / 0")
        with borrowed(prepared_database) as second:
            assert second is not first
    assert first.closed
