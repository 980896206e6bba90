"""Commands whose database fails, whose session is ended, or that meet what others have left: they say so, and end."""

import json
import signal
import subprocess
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import psycopg
import pytest
from sqlalchemy import URL

from weatherflick_assets.sandbox.behaviour import Behaviour
from weatherflick_assets.sandbox.catalogue import Catalogue
from weatherflick_assets.sandbox.options import SandboxOptions
from weatherflick_assets.sandbox.server import RunningSandbox
from weatherflick_assets_tests.cli.commands import PLACE, Platform, live_platform, platform
from weatherflick_assets_tests.databases import addresses_of, dsn_of
from weatherflick_assets_tests.places.store.stock import rows
from weatherflick_assets_tests.waiting import PATIENCE_SECONDS, wait_until

pytestmark = pytest.mark.slow

KEY = "registered+with/the=sandbox"
COLLECT = ("collect", "--types", "attractions", "--regions", "50,36110", "--json")
LATENCY = 5.0
"""Seconds in which the upstream answers: long enough to act while a run waits for it."""

OF_DATABASE = "SELECT pid FROM pg_stat_activity WHERE datname = ANY(%s) AND pid <> pg_backend_pid()"
HOLDERS = "SELECT pid FROM pg_locks WHERE locktype = 'advisory' AND granted AND database = %s::oid"


@pytest.fixture
def upstream() -> Iterator[RunningSandbox]:
    places = [{**PLACE, "contentid": str(number), "lDongRegnCd": ("36110", "50")[number % 2]} for number in range(60)]
    with RunningSandbox(
        SandboxOptions(keys=(KEY,)), catalogue=Catalogue.from_rows(places), behaviour=Behaviour(latency=LATENCY)
    ) as sandbox:
        yield sandbox


@pytest.fixture
def live(command_database: URL, upstream: RunningSandbox) -> Iterator[Platform]:
    with live_platform(command_database, upstream.url, KEY) as created:
        yield created


def dagster_of(database: URL) -> str:
    return dsn_of(addresses_of(database).dagster)


def statuses(database: URL) -> list[str]:
    """The runs' statuses, the first run's first; none before Dagster's tables are there."""
    with suppress(psycopg.Error):
        return [row["status"] for row in rows(dagster_of(database), "SELECT status FROM runs ORDER BY id")]
    return []


def begun(live: Platform, database: URL, output: Path) -> subprocess.Popen:
    """A collection whose first run is under way."""
    process = live.begin(*COLLECT, output=output)
    wait_until("a run that waits for the upstream", lambda: "STARTED" in statuses(database))
    return process


def terminate(database: URL, query: str, *parameters: object) -> None:
    with psycopg.connect(dsn_of(database.set(database="postgres")), autocommit=True) as administrator:
        for (pid,) in administrator.execute(query, parameters).fetchall():  # type: ignore[arg-type]
            administrator.execute("SELECT pg_terminate_backend(%s, 10000)", (pid,))


def summary(said: str) -> dict:
    """The object that a command printed among what else it said."""
    (line,) = (line for line in said.splitlines() if line.startswith('{"outcome"'))
    return json.loads(line)


@pytest.mark.torture
@pytest.mark.fault(
    "Liveness",
    "every session of the database is ended while a command collects",
    "one sentence with the cause, the summary, exit code 1; the next command goes on where it stopped",
)
def test_a_command_whose_sessions_are_ended_says_so_and_the_next_one_goes_on(
    live: Platform, upstream: RunningSandbox, command_database: URL, tmp_path: Path
) -> None:
    output = tmp_path / "ended.txt"
    process = begun(live, command_database, output)
    names = [command_database.database, addresses_of(command_database).dagster.database]
    terminate(command_database, OF_DATABASE, names)
    assert process.wait(PATIENCE_SECONDS) == 1
    said = output.read_text()
    told = summary(said)
    assert told["outcome"] == "failed"
    assert all("The database refused or broke off: " in problem for problem in told["problems"])
    assert told["problems"]
    assert "Traceback" not in said
    upstream.change(latency=0)
    done = live.run_here(*COLLECT)
    assert done.code == 0, done.said
    assert set(statuses(command_database)) == {"FAILURE", "SUCCESS"}
    assert len(rows(dsn_of(command_database), "SELECT FROM core.attractions")) == 60


@pytest.mark.fault(
    "Liveness",
    "`weatherflick stop` while another command collects",
    "one sentence says that the database was stopped, then the summary, exit code 1, and nothing else",
)
def test_a_command_whose_database_is_stopped_says_so_and_nothing_else(upstream: RunningSandbox, tmp_path: Path) -> None:
    with platform(KTO_API_KEY=KEY, DATA_GO_KR_BASE_URL=upstream.url) as created:
        output = tmp_path / "stopped.txt"
        process = created.begin(*COLLECT, output=output)
        wait_until("a run that waits for the upstream", lambda: upstream.status()["keys"] != [])
        assert created.run_here("stop").out == "Stopped: PostgreSQL.\n"
        assert process.wait(PATIENCE_SECONDS) == 1
        said = output.read_text()
        (problem,) = summary(said)["problems"]
        assert "the database was stopped" in problem
        for noise in ("WARNING", "Traceback", "Exception", "Retrying"):
            assert noise not in said


@pytest.mark.torture
@pytest.mark.fault(
    "Liveness",
    "a command loses the session that holds its lock, and another one takes its collection over",
    "the first writes nothing more and says why; both together leave what one would have",
)
def test_a_command_that_has_lost_its_lock_stops_before_another_goes_on(
    live: Platform, upstream: RunningSandbox, command_database: URL, tmp_path: Path
) -> None:
    output = tmp_path / "lost.txt"
    process = begun(live, command_database, output)
    (database,) = rows(dsn_of(command_database), "SELECT oid FROM pg_database WHERE datname = current_database()")
    terminate(command_database, HOLDERS, database["oid"])
    assert process.wait(PATIENCE_SECONDS) == 1
    said = output.read_text()
    assert summary(said)["outcome"] == "failed"
    assert "Traceback" not in said
    assert rows(dsn_of(command_database), "SELECT FROM raw.place_items") == []
    upstream.change(latency=0)
    done = live.run_here(*COLLECT)
    assert done.code == 0, done.said
    assert len(rows(dsn_of(command_database), "SELECT FROM core.attractions")) == 60


@pytest.mark.fault(
    "Liveness",
    "runs of a killed command, and slots and places in a queue that nobody frees, are left",
    "the next command ends the runs, and waits for nothing",
)
def test_what_a_killed_command_left_keeps_nobody_waiting(
    live: Platform, upstream: RunningSandbox, command_database: URL, tmp_path: Path
) -> None:
    process = begun(live, command_database, tmp_path / "killed.txt")
    process.send_signal(signal.SIGKILL)
    process.wait(PATIENCE_SECONDS)
    with psycopg.connect(dagster_of(command_database)) as connection:
        connection.execute("UPDATE concurrency_slots SET run_id = 'gone', step_key = 'gone'")
        connection.execute('UPDATE concurrency_limits SET "limit" = 0')
    upstream.change(latency=0)
    done = live.run_here(*COLLECT)
    assert done.code == 0, done.said
    assert "Runs that had no process any more: 1. They were ended." in done.err
    assert statuses(command_database) == ["FAILURE", "SUCCESS", "SUCCESS"]
