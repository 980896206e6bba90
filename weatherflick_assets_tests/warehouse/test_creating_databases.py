"""Whether a database is missing or refuses is found out without reading what the server says in its language."""

import socket
import socketserver
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress

import psycopg
import pytest
from sqlalchemy import URL

from weatherflick_assets.build import prepare_database
from weatherflick_assets.settings import Mode
from weatherflick_assets.warehouse.database import DatabaseUnreachableError
from weatherflick_assets_tests.databases import addresses_of, dsn_of
from weatherflick_assets_tests.places.store.stock import rows

ENGLISH, KOREAN = b"does not exist", "없습니다!!".encode()
"""Of the same length, as messages carry their lengths. The embedded server itself speaks English only."""


class Relay(socketserver.BaseRequestHandler):
    """Carries bytes between a client and the Unix socket of the server, whose messages it translates."""

    socket_file: str

    def handle(self) -> None:
        with socket.socket(socket.AF_UNIX) as server:
            server.connect(self.socket_file)
            forth = threading.Thread(target=carry, args=(self.request, server))
            forth.start()
            carry(server, self.request)
            forth.join()


def carry(source: socket.socket, target: socket.socket) -> None:
    """Until `source` ends."""
    with suppress(OSError):
        while received := source.recv(65536):
            target.sendall(received.replace(ENGLISH, KOREAN))
    with suppress(OSError):
        target.shutdown(socket.SHUT_WR)


@contextmanager
def in_korean(url: URL) -> Iterator[URL]:
    """The same database through a server that speaks Korean."""
    handler = type("Handler", (Relay,), {"socket_file": f"{url.query['host']}/.s.PGSQL.{url.port or 5432}"})
    with socketserver.ThreadingTCPServer(("127.0.0.1", 0), handler) as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        try:
            yield url.set(host="127.0.0.1", port=server.server_address[1]).difference_update_query(["host"])
        finally:
            server.shutdown()
            thread.join()


def test_what_is_missing_is_created_whatever_language_the_server_speaks(empty_database: URL) -> None:
    if "host" not in empty_database.query:
        pytest.skip("WEATHERFLICK_TEST_SERVER IS NO UNIX SOCKET: only one can be relayed")
    with in_korean(empty_database) as url:
        with pytest.raises(psycopg.OperationalError, match="없습니다"):
            psycopg.connect(dsn_of(url))
        prepare_database(addresses_of(url), Mode.SANDBOX)
    assert len(rows(dsn_of(empty_database), "SELECT FROM ops.deployment")) == 1


def test_a_database_that_is_there_and_refuses_is_not_created_but_told(empty_database: URL) -> None:
    prepare_database(addresses_of(empty_database), Mode.SANDBOX)
    with psycopg.connect(dsn_of(empty_database.set(database="postgres")), autocommit=True) as connection:
        connection.execute(f'ALTER DATABASE "{empty_database.database}" ALLOW_CONNECTIONS false')  # type: ignore[arg-type]
    with pytest.raises(DatabaseUnreachableError, match="is not currently accepting connections"):
        prepare_database(addresses_of(empty_database), Mode.SANDBOX)
