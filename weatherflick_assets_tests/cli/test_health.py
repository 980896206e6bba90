"""`weatherflick health`: a person and a script read how the platform is; nothing is started by it."""

import signal
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import URL

from weatherflick_assets.operations.health.components import COMPONENTS
from weatherflick_assets_tests.cli.commands import Platform, end, free_port, platform, taken_port
from weatherflick_assets_tests.databases import addresses_of, dsn_of
from weatherflick_assets_tests.places.store.stock import execute
from weatherflick_assets_tests.waiting import wait_until

PLANTED = "PLANTED-one"


@pytest.fixture
def created(command_database: URL) -> Iterator[Platform]:
    with platform(WEATHERFLICK_DATABASE_URL=dsn_of(command_database)) as made:
        yield made


def test_it_says_what_has_failed_and_what_to_do(created: Platform) -> None:
    done = created.run_here("health")
    assert done.code == 1, "the daemon has never run"
    assert "It has never run." in done.out
    assert "daemon: Start `weatherflick up`" in done.out
    assert all(name in done.out for name in COMPONENTS)


def test_it_is_well_when_everything_that_is_set_up_is_well(created: Platform, command_database: URL) -> None:
    execute(
        dsn_of(addresses_of(command_database).dagster),
        "INSERT INTO daemon_heartbeats (daemon_type, timestamp) VALUES ('SENSOR', now() AT TIME ZONE 'UTC')",
    )
    done = created.run_here("health", "--json")
    states = {one["name"]: one["state"] for one in done.summary["components"]}
    assert {*states} == {*COMPONENTS}
    del states["disk"]  # of the machine that the tests run on
    assert set(states.values()) == {"ok", "off"}


def test_without_anything_it_says_so_and_starts_nothing() -> None:
    with platform() as nothing:
        done = nothing.run_here("health", "--json")
        assert done.code == 1
        assert done.summary["components"][0]["reason"] == "The embedded server does not run."
        assert not nothing.home.exists()


def test_a_server_that_is_gone_is_told_without_its_password() -> None:
    with platform(WEATHERFLICK_DATABASE_URL=f"postgresql://someone:{PLANTED}@127.0.0.1:1/none") as gone:
        done = gone.run_here("health")
        assert done.code == 1
        assert "The database refused or broke off" in done.out
        assert PLANTED not in done.said


def test_a_port_that_is_taken_is_told(created: Platform) -> None:
    with taken_port() as port:
        done = created.run_here("health", "--serve", "--port", str(port))
    assert done.code == 1
    assert "Choose another with --port" in done.complaints[0]


def test_it_is_served_until_it_is_told_to_end(created: Platform, tmp_path: Path) -> None:
    port = free_port()
    process = created.begin("health", "--serve", "--port", str(port), output=tmp_path / "said.txt")
    try:
        wait_until("health to be served", lambda: _status(port, "live") == 200)
        assert (_status(port, "health"), _status(port, "health?of=database"), _status(port, "metrics")) == (
            503,
            200,
            200,
        )
    finally:
        code = end(process, signal.SIGINT)
    assert code == 0


def _status(port: int, page: str) -> int:
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/{page}", timeout=60) as answer:
            return answer.status
    except urllib.error.HTTPError as error:
        return error.code
    except OSError:
        return 0
