"""Whatever ends the work with the database is told in one sentence that names the cause."""

from collections.abc import Callable

import psycopg
import pytest
import sqlalchemy.exc
from sqlalchemy import URL
from sqlalchemy.pool import NullPool

from weatherflick_assets.warehouse import outages
from weatherflick_assets_tests.databases import addresses_of, dsn_of


def terminated(victim: psycopg.Connection, administrator: psycopg.Connection) -> None:
    administrator.execute("SELECT pg_terminate_backend(%s, 10000)", (victim.info.backend_pid,))
    victim.execute("SELECT 1")


def idle(victim: psycopg.Connection, administrator: psycopg.Connection) -> None:
    victim.execute("SET idle_session_timeout = '10ms'")
    gone(victim, administrator)


def idle_in_transaction(victim: psycopg.Connection, administrator: psycopg.Connection) -> None:
    victim.execute("SET idle_in_transaction_session_timeout = '10ms'")
    victim.execute("BEGIN")
    gone(victim, administrator)


def gone(victim: psycopg.Connection, administrator: psycopg.Connection) -> None:
    """Wait for the end of a session, and use it then."""
    left = "SELECT FROM pg_stat_activity WHERE pid = %s"
    while administrator.execute(left, (victim.info.backend_pid,)).rowcount:
        pass
    victim.execute("SELECT 1")


def slow(victim: psycopg.Connection, administrator: psycopg.Connection) -> None:  # noqa: ARG001
    victim.execute("SET statement_timeout = '10ms'")
    victim.execute("SELECT pg_sleep(60)")


def locked(victim: psycopg.Connection, administrator: psycopg.Connection) -> None:
    victim.execute("SET lock_timeout = '10ms'")
    with administrator.transaction():
        administrator.execute("LOCK ops.pending_publications")
        victim.execute("SELECT FROM ops.pending_publications")


def read_only(victim: psycopg.Connection, administrator: psycopg.Connection) -> None:  # noqa: ARG001
    victim.execute("SET default_transaction_read_only = on")
    victim.execute("DELETE FROM ops.pending_publications")


def raised(code: str) -> Callable[[psycopg.Connection, psycopg.Connection], None]:
    def fail(victim: psycopg.Connection, administrator: psycopg.Connection) -> None:  # noqa: ARG001
        victim.execute(f"DO $$ BEGIN RAISE EXCEPTION 'fehlgeschlagen' USING ERRCODE = '{code}'; END $$")  # type: ignore[arg-type]

    return fail


@pytest.mark.fault(
    "Liveness",
    "the database ends a session, has no room, is read-only or takes too long",
    "one sentence names the cause and what to do",
)
@pytest.mark.parametrize(
    ("fail", "said"),
    [
        (terminated, "an administrator ended the session"),
        (idle, "idle_session_timeout"),
        (idle_in_transaction, "idle_in_transaction_session_timeout"),
        (slow, "statement_timeout"),
        (locked, "another session holds what is needed"),
        (read_only, "read-only"),
        *((raised(code), said) for code, said in {
            "53100": "disk is full", "53200": "no memory left", "53300": "max_connections", "57P02": "recovering",
            "57P03": "still starting", "57P04": "was dropped", "58030": "Check its disk", "42501": "privilege",
            "XX001": "damaged", "53400": "run out of something",
        }.items()),
    ],
)  # fmt: skip
def test_the_cause_is_named(
    store: str, fail: Callable[[psycopg.Connection, psycopg.Connection], None], said: str
) -> None:
    with psycopg.connect(store, autocommit=True) as administrator:
        victim = psycopg.connect(store, autocommit=True)
        with pytest.raises(psycopg.Error) as error:
            fail(victim, administrator)
        victim.close()
    sentence = outages.sentence(error.value)
    assert said in sentence
    assert sentence.startswith("The database refused or broke off: ")
    assert "\n" not in sentence


@pytest.mark.fault("Liveness", "no database server answers", "one sentence names the cause and what to do")
def test_where_no_server_answers_it_says_so() -> None:
    with pytest.raises(psycopg.OperationalError) as error:
        psycopg.connect("postgresql://u@127.0.0.1:1/none")
    assert "no server accepts connections at its address" in outages.sentence(error.value)


@pytest.mark.fault("Liveness", "Dagster's driver meets a failing database", "the same sentence as for ours")
def test_what_wraps_a_drivers_error_is_looked_through(postgresql_server: URL) -> None:
    engine = sqlalchemy.create_engine(
        addresses_of(postgresql_server).dagster_dsn.replace("_dagster", ""), poolclass=NullPool
    )
    with engine.connect() as connection, psycopg.connect(dsn_of(postgresql_server), autocommit=True) as administrator:
        (number,) = connection.exec_driver_sql("SELECT pg_backend_pid()").one()
        administrator.execute("SELECT pg_terminate_backend(%s, 10000)", (number,))
        with pytest.raises(sqlalchemy.exc.DBAPIError) as error:
            connection.exec_driver_sql("SELECT 1")
        connection.invalidate()
    wrapped = RuntimeError("too many retries for DB connection")
    wrapped.__cause__ = error.value
    # This driver can lose what the server said when it ended the session.
    assert "ended the session" in outages.sentence(wrapped)


def test_a_statement_that_is_wrong_is_no_outage(store: str) -> None:
    with psycopg.connect(store) as connection, pytest.raises(psycopg.Error) as error:
        connection.execute("SELECT FROM nowhere")
    assert outages.cause_of(error.value) is None
    assert outages.sentence(error.value).startswith(
        'The database refused or broke off: relation "nowhere" does not exist.'
    )
