"""Whether a server and a database suit the platform, and what to do where they don't: one sentence, with the statement to run.

What can be pinned for a session is pinned in `connections.py`. Here is what only an administrator can change.
"""

import re
from typing import Any

import psycopg
from psycopg import sql
from psycopg.rows import namedtuple_row
from sqlalchemy import URL

from weatherflick_assets.errors import PlatformError

MINIMUM_SERVER_VERSION = 150000
"""PostgreSQL 15."""

FEWEST_CONNECTIONS, MOST_CONNECTIONS = 25, 40
"""What a command opens at a time, and `weatherflick up` with a command beside it, in both databases together."""

_FACTS = """
SELECT
    found.datname AS name,
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
    to_regnamespace('public') IS NOT NULL AS has_public,
    pg_is_in_recovery() AS is_standby,
    current_setting('transaction_read_only')::boolean AS is_read_only,
    (SELECT source FROM pg_settings WHERE name = 'default_transaction_read_only') AS read_only_by,
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
    facts: Any = connection.cursor(row_factory=namedtuple_row).execute(_FACTS).fetchone()
    database, role = quoted(connection.info.dbname), quoted(facts.role)
    for look in (_nature, _ownership, _connections):
        if complaint := look(facts, database, role):
            raise DatabaseUnusableError(complaint)


def _nature(facts: Any, database: str, role: str) -> str | None:
    if facts.encoding != "UTF8":
        return (
            f"The database {database} has the encoding {facts.encoding}, which can't hold Korean text safely or be changed. Have "
            f"another one made (CREATE DATABASE {quoted(facts.name + '_utf8')} OWNER {role} TEMPLATE template0 ENCODING 'UTF8' "
            "LOCALE 'C'), and name it in WEATHERFLICK_DATABASE_URL."
        )
    if facts.is_standby:
        return f"The server of {database} is a standby, which nobody can write to. Name its primary in WEATHERFLICK_DATABASE_URL."
    if facts.is_read_only:
        whose = {
            "database": f"DATABASE {database}",
            "user": f"ROLE {role}",
            "database user": f"ROLE {role} IN DATABASE {database}",
        }.get(facts.read_only_by, "SYSTEM")
        return (
            f"The database {database} is set to be read only for {role}. If nothing speaks against it, such as a full disk, have "
            f"an administrator run: ALTER {whose} RESET default_transaction_read_only;"
        )
    return None


def _ownership(facts: Any, database: str, role: str) -> str | None:
    if facts.made_by:
        made_by = quoted(facts.made_by)
        return (
            f"The tables of the database {database} belong to {made_by}, not to {role}. Connect as {made_by}, or have an "
            f"administrator run in this database: REASSIGN OWNED BY {made_by} TO {role}; ALTER DATABASE {database} OWNER TO {role};"
        )
    if facts.is_made or facts.may_create:
        return None
    statement = f"run: ALTER DATABASE {database} OWNER TO {role};"
    if not facts.has_public:
        statement = f"run in this database: CREATE SCHEMA public AUTHORIZATION {role};"
    elif facts.owner == facts.role:
        statement = f"run in this database: GRANT ALL ON SCHEMA public TO {role};"
    return (
        f"{role} may not create what it needs in the database {database}, which belongs to {quoted(facts.owner)}. Have an "
        f"administrator {statement}"
    )


def _connections(facts: Any, database: str, role: str) -> str | None:
    for limit, statement in (
        (facts.connections_of_role, f"ALTER ROLE {role} CONNECTION LIMIT {MOST_CONNECTIONS};"),
        (facts.connections_of_database, f"ALTER DATABASE {database} CONNECTION LIMIT {MOST_CONNECTIONS};"),
        (
            facts.connections_of_server,
            f"ALTER SYSTEM SET max_connections = {2 * MOST_CONNECTIONS}; and restart the server",
        ),
    ):
        if limit is not None and limit < FEWEST_CONNECTIONS:
            return (
                f"{role} may open {limit} connections to the database {database}; a command needs {FEWEST_CONNECTIONS}, and all "
                f"of the platform up to {MOST_CONNECTIONS}. Have an administrator run: {statement}"
            )
    return None


def refused(url: URL, error: psycopg.Error) -> DatabaseUnusableError:
    """What to tell when the role lacks a right on what is there already."""
    role, database = quoted(url.username), quoted(url.database)
    return DatabaseUnusableError(
        f"{role} lacks a right in the database {database}: {error.diag.message_primary}. Have an administrator give what is named "
        f"there to {role}, with ALTER … OWNER TO {role}."
    )


def unreachable(url: URL, error: psycopg.OperationalError) -> DatabaseUnreachableError:
    """What to tell when there is no connection."""
    # libpq's text names host, port and user, never the password. Apart from hints, its last line is the reason.
    lines = [line.strip() for line in str(error).splitlines()]
    reason = next((line for line in reversed(lines) if line and not line.endswith("?")), "no answer").rstrip(".")
    advice = "Check that it runs and that WEATHERFLICK_DATABASE_URL is right."
    if re.search("too many|connection slots", reason):
        advice = f"The platform needs up to {MOST_CONNECTIONS} connections to each of its two databases: raise the limit, or end others."
    elif re.search("No space left on device", reason):
        advice = "Free space on the server's disk."
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
