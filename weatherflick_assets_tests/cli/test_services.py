"""Services that commands share, with other commands, other users, and what has got the number of a process since."""

import json
import math
import os
import signal
import subprocess
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import psutil
import psycopg
import pytest
from sqlalchemy import URL

from weatherflick_assets.cli import processes
from weatherflick_assets_tests.cli.commands import (
    Done,
    Platform,
    free_port,
    platform,
    write_catalogue,
)
from weatherflick_assets_tests.databases import dsn_of
from weatherflick_assets_tests.waiting import PATIENCE_SECONDS, wait_until


@pytest.fixture
def served(command_database: URL) -> Iterator[Platform]:
    """A platform on the session's database server: nothing to start but the sandbox."""
    with platform(WEATHERFLICK_DATABASE_URL=dsn_of(command_database)) as created:
        yield created


def sandboxes(created: Platform) -> list[str]:
    """The options with which sandboxes of the state folder run."""
    return [line.split("sandbox.json ")[1] for line in created.descriptions() if "--announce-to" in line]


def env(created: Platform, **changes: str) -> Done:
    """A command that starts the sandbox and works no further with it."""
    done = created.run("env", **changes)
    assert done.code == 0, done.said
    return done


def test_a_sandbox_that_serves_what_is_asked_for_is_used_as_it_runs(served: Platform) -> None:
    first = env(served)
    again = env(served)
    assert again.out == first.out
    assert again.err == ""
    assert sandboxes(served) == ["--scale 0.02"]


def test_another_scale_and_another_catalogue_restart_the_sandbox_and_it_is_said(
    served: Platform, tmp_path: Path
) -> None:
    rows = write_catalogue(tmp_path / "rows.jsonl", [{}])
    env(served)
    scaled = env(served, WEATHERFLICK_SANDBOX_SCALE="0.03")
    assert sandboxes(served) == ["--scale 0.03"]
    assert "Restarting the sandbox with --scale 0.03 instead of --scale 0.02." in scaled.err
    assert "What was collected before stays in the database" in scaled.err
    env(served, WEATHERFLICK_SANDBOX_CATALOGUE=str(rows))
    assert sandboxes(served) == [f"--catalogue {rows}"]
    env(served)
    assert sandboxes(served) == ["--scale 0.02"]


def sandbox_of(state: Path) -> int | None:
    """The number of the sandbox's process, once it is announced."""
    with suppress(OSError, ValueError):
        return json.loads(state.read_text())["pid"]
    return None


@pytest.mark.torture
@pytest.mark.slow
@pytest.mark.fault(
    "Liveness", "the sandbox is killed under `weatherflick up`", "it is said, and it is started again at its address"
)
def test_a_sandbox_that_weatherflick_up_works_with_is_left_alone_and_started_again_when_it_ends(
    served: Platform, tmp_path: Path
) -> None:
    output = tmp_path / "up.txt"
    up = served.begin("up", "--port", str(free_port()), "--no-collect", output=output)
    wait_until("the sandbox of `up`", lambda: "Dagster UI" in output.read_text())
    refused = served.run("env", WEATHERFLICK_SANDBOX_SCALE="0.03")
    assert refused.code == 1
    (complaint,) = refused.complaints
    assert f"runs with --scale 0.02 and `weatherflick up` (process {up.pid}) works with it" in complaint
    assert sandboxes(served) == ["--scale 0.02"]
    state = served.home / "sandbox.json"
    before = json.loads(state.read_text())
    os.kill(before["pid"], signal.SIGKILL)
    wait_until("the sandbox to be started again", lambda: sandbox_of(state) not in (None, before["pid"]))
    assert "The sandbox ended by itself, and is started again." in output.read_text()
    assert json.loads(state.read_text())["url"] == before["url"]  # where Dagster's runs look for it
    stopped = served.run("stop")
    assert stopped.out == "Stopped: weatherflick up.\n"  # which has ended its sandbox itself
    assert up.wait(PATIENCE_SECONDS) == 0
    assert served.descriptions() == []


def test_a_process_that_has_got_the_number_of_the_sandbox_is_not_taken_for_it(served: Platform) -> None:
    env(served)
    state = served.home / "sandbox.json"
    announced = state.read_text()
    assert served.run("stop").out == "Stopped: sandbox.\n"
    with subprocess.Popen(["/bin/sleep", "300"]) as stranger:
        try:
            number = announced.rsplit('"pid": ', 1)[1].rstrip("}")
            state.write_text(announced.replace(number, str(stranger.pid)))
            assert served.run("stop").out == "Nothing was running.\n"
            assert stranger.poll() is None
        finally:
            stranger.kill()


@pytest.mark.fault(
    "Keys and passwords", "other users of the machine read logs and state", "only the platform's user may"
)
def test_what_commands_write_is_nobody_elses(served: Platform) -> None:
    log = served.home / "logs" / "sandbox.log"
    log.parent.mkdir(parents=True)
    log.touch(0o644)  # as an earlier version left it
    env(served)
    made = [served.home / "dagster", *served.files()]
    assert {path: oct(path.stat().st_mode & 0o077) for path in made} == dict.fromkeys(made, "0o0")
    assert len(made) > 5


@pytest.mark.fault(
    "Keys and passwords",
    "an earlier version left the state folder open to others",
    "it is closed, and nothing above it",
)
def test_a_state_folder_of_an_earlier_version_is_closed_to_others(served: Platform) -> None:
    served.home.parent.chmod(0o755)
    served.home.mkdir()
    left = [served.home, *(served.home / name for name in ("up.lock", "sandbox.lock", "sandbox.users"))]
    for path in left:
        path.touch()
        path.chmod(0o755 if path.is_dir() else 0o644)
    env(served)
    assert [oct(path.stat().st_mode & 0o777) for path in left] == ["0o700", "0o600", "0o600", "0o600"]
    assert served.home.parent.stat().st_mode & 0o777 == 0o755


def test_a_folder_that_holds_something_else_stays_open_as_it_is(served: Platform) -> None:
    served.home.mkdir()
    served.home.chmod(0o755)
    (served.home / "photos").mkdir()
    env(served)
    assert served.home.stat().st_mode & 0o777 == 0o755


@pytest.mark.fault("Keys and passwords", "the sandbox inherits the environment", "it gets no password")
def test_the_sandbox_gets_no_password(served: Platform) -> None:
    env(served, SOMEBODYS_VARIABLE="secret")
    (sandbox,) = [found for found in served.processes() if "--announce-to" in found.cmdline()]
    assert not {"WEATHERFLICK_DATABASE_URL", "SOMEBODYS_VARIABLE"} & {*sandbox.environ()}


@pytest.mark.fault(
    "Odd machines", "the shell in which Dagster is to run has variables of libpq", "`weatherflick env` unsets them"
)
def test_env_unsets_what_libpq_would_read(served: Platform) -> None:
    printed = env(served, PGSERVICE="elsewhere", PGHOSTADDR="192.0.2.1").out.splitlines()
    assert {"unset PGSERVICE", "unset PGHOSTADDR"} <= {*printed}
    assert any(line.startswith("export WEATHERFLICK_DATABASE_URL=") for line in printed)


def test_the_address_for_readers_reads_serving_alone(served: Platform) -> None:
    address = served.run("database-url", "--reader").out.strip()
    with psycopg.connect(address) as connection:
        assert connection.execute("SELECT current_user, count(*) FROM serving.places").fetchone() == (
            "weatherflick_reader",
            0,
        )
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            connection.execute("SELECT FROM raw.calls")


def test_the_database_starts_whoever_owns_the_lock_in_the_temporary_folder() -> None:
    """The embedded server's package locks one file there for all users; a folder in its place refuses even root."""
    with platform() as created:
        temporary = created.home.parent / "tmp"
        (temporary / ".lockfile").mkdir(parents=True)
        done = created.run("database-url", TMPDIR=str(temporary))
        assert done.code == 0, done.said
        assert done.err == ""


def test_marked_processes_are_ended_with_their_descendants_and_nothing_else_is(tmp_path: Path) -> None:
    orphan = "sleep 300 & sleep 300 & exec true"  # its parent ends at once
    deaf = "trap '' INT; while :; do sleep 300; done"
    ours, other = tmp_path / "ours", tmp_path / "other"
    started = [
        subprocess.Popen(["/bin/sh", "-c", script], env={"PATH": "/usr/bin:/bin", **processes.mark(home)})
        for home, script in ((ours, orphan), (ours, deaf), (other, "exec sleep 300"))
    ]
    try:
        started[0].wait(PATIENCE_SECONDS)
        wait_until("both orphans, the deaf one and its child", lambda: len(processes.marked(ours)) == 4)
        assert processes.end_marked(ours, seconds=1)
        assert processes.marked(ours) == []
        assert not processes.end_marked(ours)
        assert started[2].poll() is None
    finally:
        processes.end_marked(ours)
        processes.end_marked(other)
        for process in started:
            process.wait(PATIENCE_SECONDS)


def test_a_process_whose_parent_never_asks_how_it_ended_is_not_waited_for() -> None:
    with subprocess.Popen(["/bin/sh", "-c", "sleep 300 & echo $!; exec sleep 300"], stdout=subprocess.PIPE) as parent:
        assert parent.stdout is not None
        child = psutil.Process(int(parent.stdout.readline()))
        # Until then the parent is a shell, which does ask.
        wait_until("the parent to be another program", lambda: psutil.Process(parent.pid).name() == "sleep")
        try:
            processes.end(child, signal.SIGTERM, seconds=math.inf)
            assert child.status() == psutil.STATUS_ZOMBIE
        finally:
            parent.kill()
