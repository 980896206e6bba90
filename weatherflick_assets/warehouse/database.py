"""Where the databases are and how they come about: addresses, creation, migration, the mode stamp.

One server holds two databases: the platform's own and Dagster's storage. Tables are declared in `tables.py`;
`loading.py` moves rows.
"""

from collections.abc import Callable, Iterable, Mapping
from contextlib import closing
from dataclasses import dataclass

import psycopg
from psycopg import sql
from sqlalchemy import URL, Connection, create_engine
from sqlalchemy.exc import DBAPIError
from sqlalchemy.pool import NullPool

from weatherflick_assets.settings import Mode, Settings
from weatherflick_assets.warehouse import embedded, reference, roles, server_requirements
from weatherflick_assets.warehouse.connections import connect, parsed, pinned, rendered
from weatherflick_assets.warehouse.revisions import revisions
from weatherflick_assets.warehouse.server_requirements import DatabaseUnreachableError, DatabaseUnusableError

_CREATE_DATABASE = sql.SQL("CREATE DATABASE {} TEMPLATE template0 ENCODING 'UTF8' {}")
# PostgreSQL's own locale, from 17 on: the order and case of text don't depend on the machine, and ILIKE takes a third of
# the time.
_PINNED_LOCALE = sql.SQL("LOCALE_PROVIDER builtin BUILTIN_LOCALE 'C.UTF-8' LOCALE 'C'")
# Before, the only one that goes with UTF-8 on every machine. Where the server's own does, it is kept.
_PORTABLE_LOCALE = sql.SQL("LOCALE 'C'")
_SERVER_ENCODING = "SELECT pg_encoding_to_char(encoding) FROM pg_database WHERE datname = 'template0'"

_PLAN_FOR_MEMORY = """
DO $$ BEGIN
    IF current_setting('random_page_cost')::real > 1.1
        AND (SELECT pg_has_role(datdba, 'USAGE') FROM pg_database WHERE datname = current_database())
    THEN
        EXECUTE 'ALTER DATABASE ' || quote_ident(current_database()) || ' SET random_page_cost = 1.1';
    END IF;
END $$
"""
"""What is asked for is in memory, where no page is far from another. So a few hundred places are looked up by an index, instead of
reading all that there are. The backend connects by itself; so the database says it, if it is the platform's."""

_PREPARATION_LOCK = 0x77656174
"""Key of the advisory lock that lets one process at a time create and migrate ("weat")."""


@dataclass(frozen=True)
class Addresses:
    """Where the platform's database and Dagster's storage are."""

    platform: URL
    dagster: URL

    @property
    def platform_dsn(self) -> str:
        """For psycopg, psql and other libpq programs."""
        return rendered(self.platform)

    @property
    def dagster_dsn(self) -> str:
        """For Dagster's storage, which connects by itself, so what matters is pinned in its address.

        It needs psycopg2 named: SQLAlchemy 2.1 reads a bare address as psycopg 3.
        """
        return rendered(pinned(self.dagster), "postgresql+psycopg2")


def locate(settings: Settings) -> Addresses:
    """The addresses for `settings`. Starts the embedded server if it is the one to use.

    Live and sandbox data never share a database: the embedded server has one for each mode.

    Raises:
        DatabaseUnreachableError: `WEATHERFLICK_DATABASE_URL` is not an address of a PostgreSQL database.
        EmbeddedServerError: the embedded server does not start.
    """
    if settings.database_url is None:
        platform = _on_the_embedded(embedded.start(settings.state_folder / "postgresql"), settings)
    else:
        platform = _parse(settings.database_url.get_secret_value())
        folder = settings.state_folder / "postgresql"
        if embedded.serves(folder, platform):  # what `weatherflick env` printed, perhaps before a stop
            platform = embedded.start(folder).set(database=platform.database)
    return _with_dagster(platform)


def locate_running(settings: Settings) -> Addresses | None:
    """The same, but nothing is started; None where the embedded server is the one to use and does not run.

    Raises:
        DatabaseUnreachableError: `WEATHERFLICK_DATABASE_URL` is not an address of a PostgreSQL database.
    """
    if settings.database_url is not None:
        return _with_dagster(_parse(settings.database_url.get_secret_value()))
    server = embedded.running(settings.state_folder / "postgresql")
    return None if server is None else _with_dagster(_on_the_embedded(server, settings))


def _on_the_embedded(server: URL, settings: Settings) -> URL:
    return server.set(database="weatherflick" if settings.mode is Mode.LIVE else f"weatherflick_{settings.mode}")


def _with_dagster(platform: URL) -> Addresses:
    return Addresses(platform=platform, dagster=platform.set(database=f"{platform.database}_dagster"))


def prepare(addresses: Addresses, mode: Mode, loaders: Iterable[Callable[[Connection], None]] = ()) -> None:
    """Create what is missing, upgrade the schema, load reference rows, set what plans depend on; check that the database is for `mode`.

    Several processes may do this at once: one works, and the others wait and find it done. The `loaders` write what the
    domains declare, in the same transaction as the reference rows.

    Raises:
        DatabaseUnreachableError: no connection, or no right to create a missing database.
        DatabaseUnusableError: server too old, schema unknown or too old, or the mode differs.
    """
    if missing := [url for url in (addresses.platform, addresses.dagster) if not _is_there(url)]:
        raise DatabaseUnreachableError(
            f"{' and '.join(server_requirements.quoted(url.database) for url in missing)} can't be found on "
            f"{server_requirements.place(addresses.platform)}, and this user may create no databases. Have an administrator run: "
            + " ".join(map(server_requirements.missing, missing))
        )
    engine = create_engine("postgresql+psycopg://", creator=lambda: connect(addresses.platform), poolclass=NullPool)
    with engine.connect() as connection:
        connection.exec_driver_sql("SELECT pg_advisory_lock(%s)", (_PREPARATION_LOCK,))
        connection.commit()
        try:
            _migrate(connection)
            _stamp(connection, mode)
            reference.load(connection)
            for load in loaders:
                load(connection)
            roles.let_read(connection)
            connection.exec_driver_sql(_PLAN_FOR_MEMORY)
            connection.commit()
        except (psycopg.errors.InsufficientPrivilege, DBAPIError) as error:
            cause = error.orig if isinstance(error, DBAPIError) else error
            if isinstance(cause, psycopg.errors.InsufficientPrivilege):
                raise server_requirements.refused(addresses.platform, cause) from None
            raise
        finally:
            connection.rollback()
            connection.exec_driver_sql("SELECT pg_advisory_unlock(%s)", (_PREPARATION_LOCK,))
            connection.commit()


def reader_dsn(addresses: Addresses) -> str:
    """The address for programs that read what is published, with a role that may do nothing else.

    On the embedded server the role has no password. On another, an administrator gives it one.

    Raises:
        DatabaseUnusableError: the server has no such role, and the platform's may not make it.
    """
    url = addresses.platform
    with closing(connect(url)) as connection:
        if connection.execute("SELECT to_regrole(%s)", (roles.READER,)).fetchone() == (None,):
            raise DatabaseUnusableError(
                f"{server_requirements.place(url)} has no role {roles.READER}, and this user may create none. Have an administrator run "
                f"CREATE ROLE {roles.READER} LOGIN PASSWORD '…'; then run this again, which lets it read."
            )
    return rendered(URL.create(url.drivername, roles.READER, None, url.host, url.port, url.database, url.query))


def _parse(address: str) -> URL:
    try:
        return parsed(address)
    except ValueError:
        message = (
            "WEATHERFLICK_DATABASE_URL is not the address of a PostgreSQL database. "
            "Write it like postgresql://user:password@host:5432/weatherflick; in user and password, "
            "every character other than a letter, a digit or -._~ is written as % and its code, e.g. %40 for @."
        )
        raise DatabaseUnreachableError(message) from None


def _is_there(url: URL) -> bool:
    """Create the database of `url` if it is missing and may be created; check that it suits. Return whether it is there."""
    try:
        _check(url)
        return True
    except psycopg.errors.ConnectionTimeout as error:
        raise server_requirements.unreachable(url, error) from None
    except psycopg.OperationalError as error:
        # Whether the database is missing can't be seen: a refused connection has no SQLSTATE, and its text is in the
        # server's language.
        refusal = error
    try:
        with closing(connect(url.set(database="postgres"), autocommit=True)) as connection:
            if not connection.execute("SELECT FROM pg_database WHERE datname = %s", (url.database,)).rowcount:
                create(connection, url.database or "")
    except (psycopg.errors.DuplicateDatabase, psycopg.errors.UniqueViolation):
        pass  # another process was faster
    except psycopg.errors.InsufficientPrivilege:
        return False
    except psycopg.OperationalError:
        raise server_requirements.unreachable(url, refusal) from None
    try:
        _check(url)
    except psycopg.OperationalError as error:
        raise server_requirements.unreachable(url, error) from None
    return True


def create(connection: psycopg.Connection, name: str) -> None:
    """Create an empty database as the platform needs it."""
    connection.execute(_CREATE_DATABASE.format(sql.Identifier(name), _locale(connection)))


def _check(url: URL) -> None:
    with closing(connect(url, autocommit=True)) as connection:
        server_requirements.check(connection)


def _locale(connection: psycopg.Connection) -> sql.SQL:
    if connection.info.server_version >= 170000:
        return _PINNED_LOCALE
    (encoding,) = connection.execute(_SERVER_ENCODING).fetchone() or ("",)
    return sql.SQL("") if encoding == "UTF8" else _PORTABLE_LOCALE


def _migrate(connection: Connection) -> None:
    exists = connection.exec_driver_sql("SELECT to_regclass('alembic_version') IS NOT NULL").scalar_one()
    query = "SELECT version_num FROM alembic_version"
    current = connection.exec_driver_sql(query).scalar_one_or_none() if exists else None
    connection.rollback()
    known = revisions()
    if current == known[-1]:
        return
    if current is not None and current not in known:
        # An older program must not touch what a newer one has changed.
        advice = "Upgrade the program, or point WEATHERFLICK_DATABASE_URL at another database."
        if current < known[0]:
            advice = f"Start the version of 2026-11-29 once, which brings the database to revision {known[0]}, then this one."
        message = f"The database has schema revision {current}, which this version of weatherflick_assets does not know. {advice}"
        raise DatabaseUnusableError(message)
    from weatherflick_assets.warehouse.migrating import upgrade  # noqa: PLC0415 - hardly any start migrates

    upgrade(connection)
    connection.commit()


def _stamp(connection: Connection, mode: Mode) -> None:
    connection.exec_driver_sql(
        "INSERT INTO ops.deployment (mode, created_at) SELECT %s, now() WHERE NOT EXISTS (SELECT FROM ops.deployment)",
        (str(mode),),
    )
    found = connection.exec_driver_sql("SELECT mode FROM ops.deployment").scalar_one()
    if found != mode:
        message = (
            f"This database holds {found} data and the platform is set up for {mode} data; the two never mix. "
            + _MODE_ADVICE[mode]
        )
        raise DatabaseUnusableError(message)


_MODE_ADVICE: Mapping[Mode, str] = {
    Mode.SANDBOX: "Set the API keys (KTO_API_KEY or DATA_GO_KR_API_KEY), or use another database for the sandbox.",
    Mode.LIVE: "Unset the API keys to go on with the sandbox, or use another database for live data.",
}
