"""The one place through which connections to PostgreSQL go, so that the surroundings decide nothing.

What changes how text, times and numbers are read and written, and what ends long work early, is pinned for every session,
whatever the server, the database, the role or the machine is set to. libpq's own variables (PGHOST, PGOPTIONS, PGSERVICE and
their like) are not read: the address says it all. Where the address comes from is no matter of this module.
"""

import os
import re
import threading
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from urllib.parse import quote, urlencode

import psycopg
from psycopg.conninfo import conninfo_to_dict
from sqlalchemy import URL

_PINNED = " ".join(
    f"-c {setting}"
    for setting in (
        "search_path=public",
        "datestyle=ISO,YMD",
        "intervalstyle=postgres",
        "timezone=UTC",
        "bytea_output=hex",
        "extra_float_digits=1",
        "standard_conforming_strings=on",
        r"default_transaction_isolation=read\ committed",
        "statement_timeout=0",
        "lock_timeout=0",
        "idle_in_transaction_session_timeout=0",
        "idle_session_timeout=0",
    )
)

_IDLE: dict[str, list[psycopg.Connection]] = {}
"""By address, connections that wait to be used again, the last one last."""

_REUSING = Counter[str]()
"""By address, how many contexts ask for that."""

_LOCK = threading.Lock()


@contextmanager
def reusing(address: str) -> Iterator[None]:
    """Within the context, what `borrowed` opens is kept and used again; the last context closes it.

    A new session costs the server some milliseconds, most of them to read its catalogue again: as much as publishing a
    small table. No pool of a library is used, because one that opens connections by itself does not say why it can't.
    """
    with _LOCK:
        _REUSING[address] += 1
    try:
        yield
    finally:
        with _LOCK:
            _REUSING[address] -= 1
            left = [] if _REUSING[address] else _IDLE.pop(address, [])
        for connection in left:
            connection.close()


@contextmanager
def borrowed(address: str) -> Iterator[psycopg.Connection]:
    """A connection as of `connect`, perhaps used before; what is not committed is lost.

    Settings and locks of its session must not outlive a transaction. After an error it is not used again: something may still
    hold a cursor of it, which would end when another publication has one of the same name.

    Raises:
        psycopg.OperationalError: no connection.
    """
    connection = _idle(address) or connect(address)
    try:
        yield connection
        connection.rollback()
    except BaseException:
        connection.close()
        raise
    _give_back(address, connection)


def _idle(address: str) -> psycopg.Connection | None:
    """A connection that waits and still works: the server may have restarted."""
    while True:
        with _LOCK:
            waiting = _IDLE.get(address)
            connection = waiting.pop() if waiting else None
        if connection is None:
            return None
        with suppress(psycopg.OperationalError):
            connection.execute("SELECT")
            # Psycopg forgets prepared statements, too: a temporary table of the same name may have other columns.
            connection.rollback()
            return connection
        connection.close()


def _give_back(address: str, connection: psycopg.Connection) -> None:
    with _LOCK:
        is_kept = bool(_REUSING[address]) and not connection.closed
        if is_kept:
            _IDLE.setdefault(address, []).append(connection)
    if not is_kept:
        connection.close()


def connect(address: str | URL, *, autocommit: bool = False, options: str = "") -> psycopg.Connection:
    """A connection to `address`, with what matters pinned.

    Args:
        address: as libpq reads it, or in parts.
        autocommit: as of psycopg.
        options: further settings of the session, as `-c name=value`.

    Raises:
        psycopg.OperationalError: no connection.
        ValueError: not an address of a PostgreSQL database.
    """
    return psycopg.connect(conninfo(address, options), autocommit=autocommit)  # noqa: TID251 - the one place


async def connect_async(address: str | URL, *, autocommit: bool = False) -> psycopg.AsyncConnection:
    """The same for asyncio."""
    return await psycopg.AsyncConnection.connect(conninfo(address), autocommit=autocommit)  # noqa: TID251 - likewise


def conninfo(address: str | URL, options: str = "") -> str:
    """What libpq needs to connect to `address` with what matters pinned; its variables are forgotten."""
    for name in [name for name in os.environ if name.startswith("PG")]:
        os.environ.pop(name, None)
    return rendered(pinned(address if isinstance(address, URL) else parsed(address), options))


def parsed(address: str) -> URL:
    """The parts of an address, found as libpq finds them. SQLAlchemy's `postgresql+driver://` is read, too.

    Raises:
        ValueError: not an address of a PostgreSQL database; the text repeats nothing of it.
    """
    scheme, found, rest = address.partition("://")
    try:
        parts = conninfo_to_dict(f"postgresql://{rest}" if found and scheme.startswith("postgresql+") else address)
        query = {name: str(value) for name, value in parts.items()}
        user, password, database = (query.pop(name, None) for name in ("user", "password", "dbname"))
        # A folder or several hosts are no host to SQLAlchemy.
        host = query.pop("host", None) if re.fullmatch(r"[^/@,]+", query.get("host", "")) else None
        port = int(query.pop("port")) if host and "port" in query else None
    except (psycopg.ProgrammingError, ValueError):
        raise ValueError("not an address of a PostgreSQL database") from None
    if not database:
        raise ValueError("an address of no database")
    return URL.create("postgresql", user, password, host, port, database, query)


def pinned(url: URL, options: str = "") -> URL:
    """An address that carries the pins. Settings that it names itself come last and win."""
    given = str(url.query.get("options", "")).removeprefix(_PINNED)
    parts = " ".join(part for part in (_PINNED, given.strip(), options) if part)
    return url.update_query_dict(
        {"client_encoding": "utf8", "connect_timeout": "10"} | dict(url.query) | {"options": parts}
    )


def rendered(url: URL, scheme: str = "postgresql") -> str:
    """An address as every program reads it. SQLAlchemy itself leaves blanks and writes `+` for some of them."""
    credentials = ":".join(quote(part, safe="") for part in (url.username, url.password) if part is not None)
    host = f"[{url.host}]" if url.host and ":" in url.host else url.host or ""
    return "".join(
        (
            f"{scheme}://{credentials}{'@' if credentials else ''}{host}{f':{url.port}' if url.port else ''}",
            f"/{quote(url.database or '', safe='')}",
            f"?{urlencode(url.query, quote_via=quote, safe='')}" if url.query else "",
        )
    )
