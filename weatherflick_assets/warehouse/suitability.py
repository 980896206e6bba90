"""Whether a server and a database suit the platform, and what to do where they don't: one sentence, with the statement to run.

What can be pinned for a session is pinned in `connections.py`. Here is what only an administrator can change.
"""

import re

import psycopg
from psycopg import sql
from sqlalchemy import URL

from weatherflick_assets.errors import PlatformError

MINIMUM_SERVER_VERSION = 150000
"""PostgreSQL 15."""

MOST_CONNECTIONS = 40
"""As many as `weatherflick up` and a command beside it may open at a time in one of the two databases."""

_FACTS = """
SELECT
    pg_encoding_to_char(found.encoding) AS encoding,
    pg_get_userbyid(found.datdba) AS owner,
    has_database_privilege(found.oid, 'CREATE') AND has_schema_privilege(to_regnamespace('public'), 'CREATE') AS may_create,
    to_regclass('public.alembic_version') IS NOT NULL AS is_made,
    (SELECT pg_get_userbyid(relowner) FROM pg_class WHERE oid = to_regclass('public.alembic_version')
     AND NOT pg_has_role(relowner, 'USAGE')) AS made_by,
    nullif(found.datconnlimit, -1) AS connections_of_database,
    (SELECT nullif(rolconnlimit, -1) FROM pg_roles WHERE rolname = current_user AND NOT rolsuper) AS connections_of_role,
    current_setting('max_connections')::integer - current_setting('superuser_reserved_connections')::integer
        AS connections_of_server,
    current_user AS role
FROM pg_database AS found WHERE datname = current_database()
"""


class DatabaseUnreachableError(PlatformError):
    """No connection to the database server."""


class DatabaseUnusableError(PlatformError):
    """The database exists but must not be used: unknown schema revision, wrong mode, server too old, not ours."""


def quoted(name: str | None) -> str:
    """A name as SQL writes it."""
    return sql.Identifier(name or "").as_string()


def check(connection: psycopg.Connection) -> None:
    """Check the database of `connection`.

    Raises:
        DatabaseUnusableError: it does not suit the platform.
    """
    version = connection.info.server_version
    if version < MINIMUM_SERVER_VERSION:
        raise DatabaseUnusableError(f"PostgreSQL {version // 10000} is too old; the platform needs 15 or newer.")
    cursor = connection.execute(_FACTS)
    assert cursor.description is not None
    facts = dict(zip((column.name for column in cursor.description), cursor.fetchone() or (), strict=True))
    database, role = quoted(connection.info.dbname), quoted(facts["role"])
    if facts["encoding"] != "UTF8":
        raise DatabaseUnusableError(
            f"The database {database} has the encoding {facts['encoding']}, which can't hold Korean text safely or be changed. "
            f"Have another one made (CREATE DATABASE {quoted(connection.info.dbname + '_utf8')} OWNER {role} TEMPLATE template0 "
            "ENCODING 'UTF8' LOCALE 'C'), and name it in WEATHERFLICK_DATABASE_URL."
        )
    if facts["made_by"]:
        made_by = quoted(facts["made_by"])
        raise DatabaseUnusableError(
            f"The tables of the database {database} belong to {made_by}, not to {role}. Connect as {made_by}, or have an "
            f"administrator run in this database: REASSIGN OWNED BY {made_by} TO {role}; ALTER DATABASE {database} OWNER TO {role};"
        )
    if not facts["is_made"] and not facts["may_create"]:
        statement = f"ALTER DATABASE {database} OWNER TO {role};"
        if facts["owner"] == facts["role"]:
            statement = f"GRANT ALL ON SCHEMA public TO {role};"
        raise DatabaseUnusableError(
            f"{role} may not create anything in the database {database}, which belongs to {quoted(facts['owner'])}. Have its "
            f"owner or an administrator run: {statement}"
        )
    for limit, statement in (
        (facts["connections_of_role"], f"ALTER ROLE {role} CONNECTION LIMIT {MOST_CONNECTIONS};"),
        (facts["connections_of_database"], f"ALTER DATABASE {database} CONNECTION LIMIT {MOST_CONNECTIONS};"),
        (facts["connections_of_server"], f"ALTER SYSTEM SET max_connections = {2 * MOST_CONNECTIONS}; and restart it"),
    ):
        if limit is not None and limit < MOST_CONNECTIONS:
            raise DatabaseUnusableError(
                f"{role} may open {limit} connections to the database {database}; the platform needs {MOST_CONNECTIONS}. Have "
                f"an administrator run: {statement}"
            )


def unreachable(url: URL, error: psycopg.OperationalError) -> DatabaseUnreachableError:
    """What to tell when there is no connection."""
    # libpq's text names host, port and user, never the password. Apart from hints, its last line is the reason.
    lines = [line.strip() for line in str(error).splitlines()]
    reason = next((line for line in reversed(lines) if line and not line.endswith("?")), "no answer").rstrip(".")
    advice = "Check that it runs and that WEATHERFLICK_DATABASE_URL is right."
    if re.search("too many|connection slots", reason):
        advice = f"The platform needs up to {MOST_CONNECTIONS} connections to each of its two databases: raise the limit, or end others."
    elif re.search("no password supplied", reason):
        advice = "Write user and password into WEATHERFLICK_DATABASE_URL; PGPASSWORD and the like are not read."
    return DatabaseUnreachableError(f"The database server at {place(url)} can't be reached: {reason}. {advice}")


def missing(url: URL) -> str:
    """The statement that makes the database of `url`."""
    owner = f" OWNER {quoted(url.username)}" if url.username else ""
    return f"CREATE DATABASE {quoted(url.database)}{owner} TEMPLATE template0 ENCODING 'UTF8';"


def place(url: URL) -> str:
    """Where a server is, for messages."""
    host = url.host or url.query.get("host", "the local socket")
    return f"{host}:{url.port}" if url.port else str(host)
