"""A lease ends with its holder's session, and whoever has lost one writes no more."""

from collections.abc import Iterator

import psycopg
import pytest
from psycopg import conninfo

from weatherflick_assets.warehouse import leases, outages
from weatherflick_assets.warehouse.leases import LEASE_LOST
from weatherflick_assets_tests.databases import Template, dsn_of
from weatherflick_assets_tests.waiting import wait_until

NAME = "run"
UNFENCED = {"raw.calls", "raw.bodies", "ops.api_calls_daily", "ops.api_key_refusals", "ops.api_paces"}
"""What was sent is counted and kept, whoever sent it."""

NOTE = "INSERT INTO ops.pending_publications (asset_key, partition_key, since, cause) VALUES (%s, '', now(), 'a test')"
NOTED = "SELECT asset_key FROM ops.pending_publications ORDER BY 1"


@pytest.fixture
def holder(store: str) -> Iterator[psycopg.Connection]:
    with leases.session(store) as connection:
        assert leases.hold(connection, NAME)
        yield connection


def connected(dsn: str, name: str = NAME) -> psycopg.Connection:
    """A session of the run that holds the lease."""
    return psycopg.connect(leases.fenced(dsn, [name]), autocommit=True)


def terminate(dsn: str, victim: psycopg.Connection) -> None:
    with psycopg.connect(dsn, autocommit=True) as administrator:
        administrator.execute("SELECT pg_terminate_backend(%s, 10000)", (victim.info.backend_pid,))


def noted(dsn: str) -> list[str]:
    with psycopg.connect(dsn) as connection:
        return [asset_key for (asset_key,) in connection.execute(NOTED)]


def test_every_table_that_runs_write_has_a_fence(template_database: Template) -> None:
    with psycopg.connect(dsn_of(template_database.url)) as connection:
        rows = connection.execute(
            "SELECT nspname || '.' || relname FROM pg_class JOIN pg_namespace ON pg_namespace.oid = relnamespace "
            "WHERE relkind IN ('r', 'p') AND NOT relispartition AND nspname IN ('raw', 'core', 'quality', 'insight', 'ops') AND NOT EXISTS "
            "(SELECT FROM pg_trigger WHERE tgrelid = pg_class.oid AND tgname = 'needs_leases')"
        ).fetchall()
    assert {name for (name,) in rows} == UNFENCED


def test_a_lease_is_held_by_one_session_until_it_is_given_back_or_the_session_ends(store: str) -> None:
    with leases.session(store) as ours:
        with leases.session(store) as theirs:
            assert leases.hold(theirs, NAME)
            assert not leases.hold(ours, NAME)
            leases.release(theirs, NAME)
            assert leases.hold(ours, NAME)
            leases.release(ours, NAME)
            assert leases.hold(theirs, NAME)
        wait_until("the server to notice that they are gone", lambda: leases.hold(ours, NAME))


@pytest.mark.fault("Liveness", "a lease is held, and another session looks whether it is", "it counts as held")
def test_a_lease_that_is_held_is_not_taken_over(store: str, holder: psycopg.Connection) -> None:
    with leases.session(store) as another, leases.taken_over(another, NAME) as is_free:
        assert not is_free
    with connected(store) as run:
        run.execute(NOTE, ("core/rooms",))
    assert not holder.closed
    assert noted(store) == ["core/rooms"]


@pytest.mark.fault(
    "Liveness",
    "the session that holds a run's lease is ended, and nobody else has noticed yet",
    "the run's next statement is refused, whatever it writes",
)
@pytest.mark.parametrize(
    "statement",
    [
        "INSERT INTO ops.pending_publications (asset_key, partition_key, since, cause) VALUES ('core/rooms', '', now(), '')",
        "DELETE FROM ops.pending_publications",
        "UPDATE raw.place_items SET is_visible = false",
        "DELETE FROM core.attractions",
        "DELETE FROM quality.verdicts",
    ],
)
def test_without_its_lease_a_run_writes_nothing(store: str, holder: psycopg.Connection, statement: str) -> None:
    with connected(store) as run:
        run.execute(statement)  # type: ignore[arg-type]
        terminate(store, holder)
        before = noted(store)
        with pytest.raises(psycopg.Error) as refused:
            run.execute(statement)  # type: ignore[arg-type]
    assert refused.value.sqlstate == LEASE_LOST
    assert noted(store) == before


def test_a_session_that_is_not_of_a_run_needs_no_lease(store: str) -> None:
    with psycopg.connect(store, autocommit=True) as administrator:
        administrator.execute(NOTE, ("core/rooms",))
    assert noted(store) == ["core/rooms"]


def test_of_several_leases_all_must_be_held(store: str, holder: psycopg.Connection) -> None:
    with psycopg.connect(leases.fenced(store, [NAME, "command"]), autocommit=True) as run:
        with pytest.raises(psycopg.Error):
            run.execute(NOTE, ("core/rooms",))
        assert leases.hold(holder, "command")
        run.execute(NOTE, ("core/rooms",))


@pytest.mark.fault(
    "Liveness",
    "a run that has lost its lease has a transaction under way when another takes over",
    "the other waits for its end, so nothing is committed behind its back",
)
def test_whoever_takes_over_waits_for_what_is_being_written(
    store: str, holder: psycopg.Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(leases, "_PATIENCE", "50ms")
    with connected(store) as run, leases.session(store) as another:
        with run.transaction():
            run.execute(NOTE, ("core/rooms",))
            terminate(store, holder)
            with leases.taken_over(another, NAME) as is_free:
                assert not is_free
        with leases.taken_over(another, NAME) as is_free:
            assert is_free
            assert noted(store) == ["core/rooms"]


def test_the_fence_keeps_the_options_that_an_address_has() -> None:
    dsn = conninfo.make_conninfo("postgresql://u@h/d", options="-c statement_timeout=5s")
    options = conninfo.conninfo_to_dict(leases.fenced(dsn, ["a", "b"]))["options"]
    assert options == "-c statement_timeout=5s -c lock_timeout=10min -c weatherflick.leases=a,b"


@pytest.mark.fault(
    "Liveness", "a run waits for a lock that another session never gives back", "the waiting ends, with a sentence"
)
def test_waiting_for_a_lock_ends(store: str, holder: psycopg.Connection, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(leases, "_WAITING", "-c lock_timeout=50ms")
    with connected(store) as run, holder.transaction():
        holder.execute("LOCK ops.pending_publications")
        with pytest.raises(psycopg.errors.LockNotAvailable) as ended:
            run.execute(NOTE, ("core/rooms",))
    assert "another session holds what is needed" in outages.sentence(ended.value)
