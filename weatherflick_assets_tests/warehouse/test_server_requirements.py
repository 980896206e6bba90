"""A server or a database that does not suit is told in a sentence, and running the statement in it is the remedy."""

import re
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass

import psycopg
import pytest
from psycopg import sql
from sqlalchemy import URL

from weatherflick_assets.build import prepare_database
from weatherflick_assets.settings import Mode
from weatherflick_assets.warehouse.connections import connect
from weatherflick_assets.warehouse.database import Addresses, DatabaseUnreachableError, DatabaseUnusableError
from weatherflick_assets.warehouse.server_requirements import unreachable
from weatherflick_assets_tests.databases import addresses_of, dsn_of

NAMES = [
    "plain",
    'A "user" 한글',
    *(pytest.param(name, marks=pytest.mark.torture) for name in ("Mixed Case", "user", 'quo"ted')),
]
"""Of roles and databases: most have to be quoted."""


@dataclass
class Administrator:
    """Makes roles and databases, as superusers do."""

    session: psycopg.Connection
    server: URL

    def run(self, statement: str, *names: str | None) -> None:
        self.session.execute(sql.SQL(statement).format(*(sql.Identifier(str(name)) for name in names)))  # type: ignore[arg-type]

    def role(self, name: str, options: str = "") -> URL:
        """A role that may log in, and the address of a database that is not there yet and is named like it."""
        self.run(f"CREATE ROLE {{}} LOGIN {options}", name)
        return self.server.set(username=name, database=f"{name} of test_server_requirements")

    def databases(self, url: URL, options: str = "TEMPLATE template0 ENCODING 'UTF8'") -> Addresses:
        """Both databases of an address, owned by the administrator."""
        addresses = addresses_of(url)
        for found in (addresses.platform, addresses.dagster):
            self.run(f"CREATE DATABASE {{}} {options}", found.database)
        return addresses

    def remedy(self, message: str, addresses: Addresses) -> None:
        """Run what a message says, in the database that it names."""
        _, _, statement = message.partition("run: ")
        within = addresses.platform.set(username=self.session.info.user, database=self.session.info.dbname)
        if not statement:
            before, _, statement = message.partition("run in this database: ")
            named = addresses.dagster if "_dagster" in before else addresses.platform
            within = within.set(database=named.database)
        with closing(connect(within, autocommit=True)) as session:
            for part in re.split(r"(?<=;)", statement):
                session.execute(part)  # type: ignore[arg-type]


@pytest.fixture
def administrator(superuser: psycopg.Connection, postgresql_server: URL) -> Iterator[Administrator]:
    """Leaves no role and no database behind."""
    roles = "SELECT rolname FROM pg_roles WHERE rolcanlogin"
    before = {name for (name,) in superuser.execute(roles)}
    yield Administrator(superuser, postgresql_server)
    for (name,) in superuser.execute(
        "SELECT datname FROM pg_database WHERE datname ~ 'test_server_requirements'"
    ).fetchall():
        superuser.execute(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(sql.Identifier(name)))
    for name in {name for (name,) in superuser.execute(roles)} - before:
        superuser.execute(sql.SQL("DROP OWNED BY {0}; DROP ROLE {0}").format(sql.Identifier(name)))


def prepare_with_remedies(administrator: Administrator, addresses: Addresses) -> list[str]:
    """Prepare, and do what every refusal says; return the refusals."""
    told: list[str] = []
    while len(told) < 3:
        try:
            prepare_database(addresses, Mode.SANDBOX)
        except (DatabaseUnusableError, DatabaseUnreachableError) as refusal:
            told.append(str(refusal))
            assert "\n" not in told[-1]
            administrator.remedy(told[-1], addresses)
        else:
            return told
    raise AssertionError(f"no remedy: {told}")


@pytest.mark.fault(
    "Odd machines",
    "an administrator made the databases, and they belong to somebody else",
    "a sentence has the statement to run",
)
@pytest.mark.parametrize("name", NAMES)
def test_databases_of_somebody_else(administrator: Administrator, name: str) -> None:
    addresses = administrator.databases(administrator.role(name))
    told = prepare_with_remedies(administrator, addresses)
    assert len(told) == 2
    for message, url in zip(told, (addresses.platform, addresses.dagster), strict=True):
        owner = sql.Identifier(name).as_string()
        assert f"ALTER DATABASE {sql.Identifier(str(url.database)).as_string()} OWNER TO {owner};" in message


@pytest.mark.fault(
    "Odd machines",
    "an administrator let the role create in the databases, but not in their schema public",
    "a sentence has the statement to run",
)
def test_databases_with_half_the_permissions(administrator: Administrator) -> None:
    addresses = administrator.databases(administrator.role("half"))
    for url in (addresses.platform, addresses.dagster):
        administrator.run("GRANT ALL ON DATABASE {} TO half", url.database)
    assert len(prepare_with_remedies(administrator, addresses)) == 2


@pytest.mark.fault(
    "Odd machines", "the databases are missing, and the role may create none", "a sentence has both statements"
)
@pytest.mark.parametrize("name", NAMES)
def test_missing_databases(administrator: Administrator, name: str) -> None:
    addresses = addresses_of(administrator.role(name))
    (told,) = prepare_with_remedies(administrator, addresses)
    assert told.count(f"OWNER {sql.Identifier(name).as_string()}") == 2


@pytest.mark.fault("Odd machines", "all tables belong to another role", "a sentence has the statement to run")
def test_tables_of_another_role(administrator: Administrator) -> None:
    former = administrator.role("former", "CREATEDB")
    prepare_database(addresses_of(former), Mode.SANDBOX)
    administrator.run("CREATE ROLE {} LOGIN", "la tter")
    addresses = addresses_of(former.set(username="la tter"))
    told = prepare_with_remedies(administrator, addresses)
    assert 'REASSIGN OWNED BY "former" TO "la tter"' in told[0]


@pytest.mark.fault(
    "Odd machines", "fewer connections than the platform needs", "a sentence says how many, with the statement to run"
)
@pytest.mark.parametrize("limited", ["ROLE", "DATABASE"])
def test_too_few_connections(administrator: Administrator, limited: str) -> None:
    url = administrator.role("few", "CREATEDB")
    prepare_database(addresses_of(url), Mode.SANDBOX)
    administrator.run(f"ALTER {limited} {{}} CONNECTION LIMIT 3", "few" if limited == "ROLE" else url.database)
    (told,) = prepare_with_remedies(administrator, addresses_of(url))
    assert "may open 3 connections" in told
    assert "up to 40" in told


@pytest.mark.fault("Odd machines", "all connections are taken", "a sentence says how many the platform needs")
def test_taken_connections(administrator: Administrator) -> None:
    url = administrator.role("taken", "CREATEDB CONNECTION LIMIT 1")
    administrator.databases(url)
    with closing(connect(url)), pytest.raises(DatabaseUnreachableError, match="needs up to 40 connections"):
        prepare_database(addresses_of(url), Mode.SANDBOX)


@pytest.mark.fault(
    "Odd machines", "a database that is not in UTF-8", "it is refused, with the statement that makes another"
)
@pytest.mark.parametrize("encoding", ["SQL_ASCII", "LATIN1", "EUC_KR"])
def test_a_database_in_another_encoding(administrator: Administrator, encoding: str) -> None:
    url = administrator.role("another", "CREATEDB")
    addresses = administrator.databases(
        url, f"OWNER another TEMPLATE template0 ENCODING '{encoding}' LOCALE_PROVIDER libc LOCALE 'C'"
    )
    with pytest.raises(DatabaseUnusableError, match=f"has the encoding {encoding}") as refusal:
        prepare_database(addresses, Mode.SANDBOX)
    (statement,) = re.findall(r"\((CREATE DATABASE .*)\), and", str(refusal.value))
    administrator.session.execute(statement)  # type: ignore[arg-type]
    prepare_database(addresses_of(url.set(database=f"{url.database}_utf8")), Mode.SANDBOX)


@pytest.mark.fault(
    "Keys and passwords",
    "the address has no password, and the environment has one",
    "a sentence says where to write it",
)
def test_a_missing_password(administrator: Administrator, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PGPASSWORD", "secret-of-the-environment")
    url = administrator.role("by_password", "PASSWORD 'secret'")
    if not administrator.session.execute("SELECT FROM pg_hba_file_rules WHERE auth_method = 'scram-sha-256'").rowcount:
        pytest.skip("WEATHERFLICK_TEST_SERVER asks for no password")
    with pytest.raises(DatabaseUnreachableError, match="Write user and password into WEATHERFLICK_DATABASE_URL"):
        prepare_database(addresses_of(url), Mode.SANDBOX)


@pytest.mark.fault("Odd machines", "a setting makes the database read only", "a sentence has the statement to run")
@pytest.mark.parametrize("whose", ["DATABASE {database}", "ROLE {role}", "ROLE {role} IN DATABASE {database}"])
def test_a_read_only_database(administrator: Administrator, whose: str) -> None:
    url = administrator.role("reading", "CREATEDB")
    prepare_database(addresses_of(url), Mode.SANDBOX)
    statement = sql.SQL(f"ALTER {whose} SET default_transaction_read_only = on")  # type: ignore[arg-type]
    administrator.session.execute(
        statement.format(database=sql.Identifier(str(url.database)), role=sql.Identifier("reading"))
    )
    (told,) = prepare_with_remedies(administrator, addresses_of(url))
    assert "is set to be read only" in told


@pytest.mark.fault("Odd machines", "an administrator dropped the schema public", "a sentence has the statement to run")
def test_a_database_without_its_schema(administrator: Administrator) -> None:
    url = administrator.role("bare", "CREATEDB")
    addresses = administrator.databases(url, "OWNER bare TEMPLATE template0 ENCODING 'UTF8'")
    with closing(psycopg.connect(dsn_of(url), autocommit=True)) as session:
        session.execute("DROP SCHEMA public")
    (told,) = prepare_with_remedies(administrator, addresses)
    assert "CREATE SCHEMA public AUTHORIZATION" in told


@pytest.mark.fault("Odd machines", "part of the tables belong to another role", "a sentence names what")
def test_a_schema_of_another_role(administrator: Administrator) -> None:
    url = administrator.role("mostly", "CREATEDB")
    prepare_database(addresses_of(url), Mode.SANDBOX)
    administrator.run("CREATE ROLE {} LOGIN", "somebody")
    with closing(
        psycopg.connect(dsn_of(url.set(username=administrator.session.info.user)), autocommit=True)
    ) as session:
        session.execute("ALTER TABLE core.regions OWNER TO somebody")
    with pytest.raises(DatabaseUnusableError, match="permission denied for table regions") as refusal:
        prepare_database(addresses_of(url), Mode.SANDBOX)
    assert 'OWNER TO "mostly"' in str(refusal.value)


def test_a_server_without_space_is_told_as_that() -> None:
    url = URL.create("postgresql", "weatherflick", database="weatherflick", query={"host": "/home/wf/postgresql"})
    said = psycopg.OperationalError("FATAL:  could not write init file: No space left on device")
    told = str(unreachable(url, said))
    assert told.endswith("No space left on device. Free space on the server's disk.")
