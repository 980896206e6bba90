"""Where the databases are and how they come about: addresses, creation, migration, the mode stamp.

One server holds two databases: the platform's own and Dagster's storage. Tables are declared in `tables.py`;
`loading.py` moves rows.
"""

from collections.abc import Callable, Iterable, Mapping
from contextlib import closing
from dataclasses import dataclass

import psycopg
from psycopg import sql
from sqlalchemy import URL, Connection, create_engine, make_url
from sqlalchemy.exc import ArgumentError, NoSuchModuleError
from sqlalchemy.pool import NullPool

from weatherflick_assets.errors import PlatformError
from weatherflick_assets.settings import Mode, Settings
from weatherflick_assets.warehouse import embedded, reference
from weatherflick_assets.warehouse.revisions import revisions

MINIMUM_SERVER_VERSION = 150000
"""PostgreSQL 15."""

_CREATE_DATABASE = sql.SQL("CREATE DATABASE {} TEMPLATE template0 ENCODING 'UTF8'{}")
# PostgreSQL's own locale, from 17 on: the order and case of text don't depend on the machine, and ILIKE takes a third of
# the time.
_PINNED_LOCALE = sql.SQL(" LOCALE_PROVIDER builtin BUILTIN_LOCALE 'C.UTF-8' LOCALE 'C'")

_PREPARATION_LOCK = 0x77656174
"""Key of the advisory lock that lets one process at a time create and migrate ("weat")."""


class DatabaseUnreachableError(PlatformError):
    """No connection to the database server."""


class DatabaseUnusableError(PlatformError):
    """The database exists but must not be used: unknown schema revision, wrong mode, server too old."""


@dataclass(frozen=True)
class Addresses:
    """Where the platform's database and Dagster's storage are."""

    platform: URL
    dagster: URL

    @property
    def platform_dsn(self) -> str:
        """For psycopg, psql and other libpq programs."""
        return self.platform.set(drivername="postgresql").render_as_string(hide_password=False)

    @property
    def dagster_dsn(self) -> str:
        """For Dagster's storage, which needs psycopg2 named: SQLAlchemy 2.1 reads a bare address as psycopg 3."""
        return self.dagster.set(drivername="postgresql+psycopg2").render_as_string(hide_password=False)


def locate(settings: Settings) -> Addresses:
    """The addresses for `settings`. Starts the embedded server if it is the one to use.

    Live and sandbox data never share a database: the embedded server has one for each mode.

    Raises:
        DatabaseUnreachableError: `WEATHERFLICK_DATABASE_URL` is not an address of a PostgreSQL database.
        EmbeddedServerError: the embedded server does not start.
    """
    if settings.database_url is None:
        server = embedded.start(settings.state_folder / "postgresql")
        name = "weatherflick" if settings.mode is Mode.LIVE else f"weatherflick_{settings.mode}"
        platform = server.set(database=name)
    else:
        platform = _parse(settings.database_url.get_secret_value())
        folder = settings.state_folder / "postgresql"
        if platform.query.get("host") == str(folder):  # what `weatherflick env` printed, perhaps before a stop
            embedded.start(folder)
    return Addresses(platform=platform, dagster=platform.set(database=f"{platform.database}_dagster"))


def prepare(addresses: Addresses, mode: Mode, loaders: Iterable[Callable[[Connection], None]] = ()) -> None:
    """Create what is missing, upgrade the schema, load reference rows; check that the database is for `mode`.

    Several processes may do this at once: one works, and the others wait and find it done. The `loaders` write what the
    domains declare, in the same transaction as the reference rows.

    Raises:
        DatabaseUnreachableError: no connection, or no right to create a missing database.
        DatabaseUnusableError: server too old, schema unknown or too old, or the mode differs.
    """
    for url in (addresses.platform, addresses.dagster):
        _ensure_database(url)
    engine = create_engine(addresses.platform.set(drivername="postgresql+psycopg"), poolclass=NullPool)
    with engine.connect() as connection:
        connection.exec_driver_sql("SELECT pg_advisory_lock(%s)", (_PREPARATION_LOCK,))
        connection.commit()
        try:
            _migrate(connection)
            _stamp(connection, mode)
            reference.load(connection)
            for load in loaders:
                load(connection)
            connection.commit()
        finally:
            connection.rollback()
            connection.exec_driver_sql("SELECT pg_advisory_unlock(%s)", (_PREPARATION_LOCK,))
            connection.commit()


def _parse(address: str) -> URL:
    try:
        url = make_url(address)
    except (ArgumentError, NoSuchModuleError, ValueError):
        url = None
    if url is None or url.get_backend_name() != "postgresql" or not url.database:
        message = (
            "WEATHERFLICK_DATABASE_URL is not the address of a PostgreSQL database. "
            "Write it like postgresql://user:password@host:5432/weatherflick."
        )
        raise DatabaseUnreachableError(message)
    return url


def _ensure_database(url: URL) -> None:
    """Create the database of `url` if it is missing; also check the server's version."""
    try:
        _check_version(url)
        return
    except psycopg.errors.ConnectionTimeout as error:
        raise _unreachable(url, error) from None
    except psycopg.OperationalError as error:
        # Whether the database is missing can't be seen: a refused connection has no SQLSTATE, and its text is in the
        # server's language.
        refusal = error
    try:
        with closing(_connect(url.set(database="postgres"))) as connection:
            if not connection.execute("SELECT FROM pg_database WHERE datname = %s", (url.database,)).rowcount:
                pinned = _PINNED_LOCALE if connection.info.server_version >= 170000 else sql.SQL("")
                connection.execute(_CREATE_DATABASE.format(sql.Identifier(url.database or ""), pinned))
    except (psycopg.errors.DuplicateDatabase, psycopg.errors.UniqueViolation):
        pass  # another process was faster
    except psycopg.errors.InsufficientPrivilege:
        message = (
            f"The database {url.database!r} does not exist on {_place(url)} and this user may not create it. "
            f"Create it (CREATE DATABASE {url.database}) or give the user CREATEDB."
        )
        raise DatabaseUnreachableError(message) from None
    except psycopg.OperationalError:
        raise _unreachable(url, refusal) from None
    try:
        _check_version(url)
    except psycopg.OperationalError as error:
        raise _unreachable(url, error) from None


def _connect(url: URL) -> psycopg.Connection:
    dsn = url.set(drivername="postgresql").render_as_string(hide_password=False)
    return psycopg.connect(dsn, autocommit=True, connect_timeout=10)


def _check_version(url: URL) -> None:
    with closing(_connect(url)) as connection:
        version = connection.info.server_version
    if version < MINIMUM_SERVER_VERSION:
        message = f"PostgreSQL {version // 10000} is too old; the platform needs 15 or newer."
        raise DatabaseUnusableError(message)


def _place(url: URL) -> str:
    host = url.host or url.query.get("host", "the local socket")
    return f"{host}:{url.port}" if url.port else str(host)


def _unreachable(url: URL, error: psycopg.OperationalError) -> DatabaseUnreachableError:
    # libpq's text names host, port and user, never the password. Apart from hints, its last line is the reason.
    lines = [line.strip() for line in str(error).splitlines()]
    reason = next((line for line in reversed(lines) if line and not line.endswith("?")), "no answer").rstrip(".")
    return DatabaseUnreachableError(
        f"The database server at {_place(url)} can't be reached: {reason}. "
        "Check that it runs and that WEATHERFLICK_DATABASE_URL is right."
    )


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
