"""The services that a command needs: the database, Dagster's home, and the sandbox where there are no keys.

They start when needed and stay up until `weatherflick stop`, or until `weatherflick up` ends, so that commands and
plain `dagster …` can follow each other. Their settings travel in environment variables. Locks on files of the state
folder show what runs and who uses it. The kernel releases these locks however their holder ends.
"""

import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from fcntl import LOCK_EX, LOCK_NB, LOCK_SH, flock
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import psutil

from weatherflick_assets.cli import processes
from weatherflick_assets.errors import PlatformError
from weatherflick_assets.operations.upkeep import log_files
from weatherflick_assets.settings import Mode, Settings, environment_of_a_child
from weatherflick_assets.upstream.proxies import open_directly, sparing_loopback

if TYPE_CHECKING:
    import psycopg

    from weatherflick_assets.warehouse.database import Addresses

PACKAGE = Path(__file__).parents[1]
"""It holds links to the project's dagster.yaml and workspace.yaml; a wheel holds the files."""

DAGSTER_DEV = "weatherflick_assets.cli.dagster_dev"
"""The module that runs Dagster's processes."""

_START_SECONDS = 300
_STOP_SECONDS = 60
"""`weatherflick up` gives Dagster twenty of these, and the other services some."""


class ServiceError(PlatformError):
    """A service did not start, or another process uses it with different settings."""


def start(settings: Settings, *, for_calls: bool = True) -> dict[str, str]:
    """Start what is needed and return the environment in which everything finds it; the sandbox only if calls are made.

    Raises:
        PlatformError: the state folder, the database or the sandbox is not usable.
    """
    from weatherflick_assets.build import prepare_database
    from weatherflick_assets.warehouse import database

    home = state_folder(settings)
    addresses = database.locate(settings)
    prepare_database(addresses, settings.mode)
    environment = _environment(home, addresses)
    end_lost_runs(environment)
    if settings.mode is Mode.SANDBOX and for_calls:
        environment["WEATHERFLICK_SANDBOX_URL"] = _sandbox(settings, home)
    else:
        environment |= settings.base_urls
    return environment


def _environment(home: Path, addresses: "Addresses") -> dict[str, str]:
    """In which Dagster and the platform find their databases."""
    return {
        "WEATHERFLICK_HOME": str(home),
        "WEATHERFLICK_DATABASE_URL": addresses.platform_dsn,
        "WEATHERFLICK_DAGSTER_DATABASE_URL": addresses.dagster_dsn,
        "DAGSTER_HOME": str(_dagster_home(home)),
        **sparing_loopback(os.environ),
    }


def end_lost_runs(environment: Mapping[str, str], *, just_killed: bool = False) -> None:
    """End the runs whose process is gone, so that nothing waits for them; Dagster is imported only if there may be any.

    `just_killed`: whether their processes may have ended just now.
    """
    from weatherflick_assets.warehouse import leases, outages
    from weatherflick_assets.warehouse.connections import connect

    try:
        with leases.session(environment["WEATHERFLICK_DATABASE_URL"]) as platform:
            with connect(environment["WEATHERFLICK_DAGSTER_DATABASE_URL"]) as connection:
                has_runs = connection.execute("SELECT FROM pg_class WHERE oid = to_regclass('runs')").rowcount
                executed = connection.execute(_EXECUTED).fetchall() if has_runs else []
            patience = leases.ONCE_KILLED if just_killed else leases.AT_ONCE
            if [run_id for (run_id,) in executed if leases.is_free(platform, run_id, patience)]:
                enter(environment)
                _end_lost_runs(platform)
    except Exception as error:
        if outages.cause_of(error) is None:
            raise
        sys.stderr.write(f"Runs that have no process any more could not be ended. {outages.sentence(error)}\n")


def _end_lost_runs(platform: "psycopg.Connection") -> None:
    import dagster as dg

    from weatherflick_assets.orchestration import lost_runs

    with dg.DagsterInstance.get() as instance:
        if ended := lost_runs.end_lost_runs(instance, platform):
            sys.stderr.write(f"Runs that had no process any more: {ended}. They were ended.\n")


_EXECUTED = "SELECT run_id FROM runs WHERE status IN ('NOT_STARTED', 'STARTING', 'STARTED', 'CANCELING')"


def stop(settings: Settings) -> list[str]:
    """Stop every service of this state folder, end the runs that they executed, and return the names of those that ran."""
    from weatherflick_assets.warehouse import database

    home = settings.state_folder
    stopped = []
    if (running := _running_up(home)) is not None:
        processes.end(running, signal.SIGINT, seconds=_STOP_SECONDS)
        stopped.append("weatherflick up")
    if processes.end_marked(home):
        stopped.append("Dagster")
        with suppress(PlatformError):  # without a database there is nothing to end
            end_lost_runs(_environment(home, database.locate(settings)), just_killed=True)
    if stop_sandbox(home):
        stopped.append("sandbox")
    if stop_database(home):
        stopped.append("PostgreSQL")
    return stopped


def stop_sandbox(home: Path) -> bool:
    """Stop the sandbox that `start` started; return whether one was running."""
    running = _running_sandbox(home)
    if running is None:
        return False
    processes.end(running.process, signal.SIGTERM, seconds=_STOP_SECONDS)
    _sandbox_file(home).unlink(missing_ok=True)
    return True


def stop_database(home: Path) -> bool:
    """Stop the embedded server; return whether it was running."""
    from weatherflick_assets.warehouse import embedded

    return embedded.stop(home / "postgresql")


@contextmanager
def held(home: Path) -> Iterator[None]:
    """Be the only `weatherflick up` of this state folder: a second one would stop the services when it ends."""
    with _up_file(home).open("a+") as file:
        try:
            flock(file, LOCK_EX | LOCK_NB)
        except BlockingIOError:
            running = _running_up(home)
            number = f" (process {running.pid})" if running else ""
            message = (
                f"`weatherflick up` runs already for {home}{number}. "
                "`weatherflick stop` ends it; another WEATHERFLICK_HOME keeps the two apart."
            )
            raise ServiceError(message) from None
        file.truncate(0)
        file.write(str(os.getpid()))
        file.flush()
        yield


def _running_up(home: Path) -> psutil.Process | None:
    """The `weatherflick up` that holds the state folder."""
    with suppress(OSError, ValueError), _up_file(home).open() as file:
        try:
            flock(file, LOCK_SH | LOCK_NB)
        except BlockingIOError:
            return processes.carrying(int(file.read()), "weatherflick")
    return None


def _up_file(home: Path) -> Path:
    return home / "up.lock"


def enter(environment: Mapping[str, str]) -> None:
    """Set `environment` in this process, for Dagster's instance and resources."""
    os.environ.update(environment)


def log_file(home: Path, name: str) -> Path:
    """The log of a service that starts, which nobody else may read; put aside first if it is too long."""
    log = _private_folder(home, log_files.LOGS) / f"{name}.log"
    log_files.put_aside(log, log)
    log.touch()
    log.chmod(0o600)
    return log


def _private_folder(home: Path, name: str) -> Path:
    """A folder in the state folder that other users can't enter; an earlier version left it open."""
    folder = home / name
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    folder.chmod(0o700)
    return folder


def state_folder(settings: Settings) -> Path:
    """The state folder, created if necessary, which other users can't enter; ServiceError if nothing can be written there."""
    home = settings.state_folder
    try:
        file = next((path for path in (home, *home.parents) if path.exists() and not path.is_dir()), None)
        if file is not None:
            raise ServiceError(
                f"The state folder {home} can't be written ({file} is a file, not a folder). Set WEATHERFLICK_HOME to another "
                "folder, or move the file."
            )
        home.mkdir(mode=0o700, parents=True, exist_ok=True)
        (home / ".writable").touch()
        (home / ".writable").unlink(missing_ok=True)  # another command may be checking too
        _tighten(home)
    except OSError as error:
        message = f"The state folder {home} can't be written ({error.strerror}). Set WEATHERFLICK_HOME to another one."
        raise ServiceError(message) from None
    return home


_FOLDERS = ("dagster", log_files.LOGS, "postgresql")
_FILES = ("postgresql.lock", "postgresql.pid", "sandbox.json", "sandbox.lock", "sandbox.users", "up.lock", ".writable")
_OF_RESTORES = ("restoring", "drill", "postgresql.before-")


def _tighten(home: Path) -> None:
    """Close what an earlier version left open to other users. A folder that holds something else stays as it is."""
    mine = [
        path for path in (home, *map(home.joinpath, _FILES)) if path.exists() and path.stat().st_uid == os.geteuid()
    ]
    if {path.name for path in home.iterdir() if not path.name.startswith(_OF_RESTORES)} - {*_FOLDERS, *_FILES}:
        mine = [path for path in mine if path != home]
    for path in mine:
        if (mode := path.stat().st_mode) & 0o077:
            path.chmod(mode & 0o700)


_OPERATION = """
storage:
  custom:
    module: weatherflick_assets.orchestration.dagster_storage
    class: PooledPostgresStorage
    config:
      postgres_url:
        env: WEATHERFLICK_DAGSTER_DATABASE_URL

run_launcher:
  module: weatherflick_assets.orchestration.launcher
  class: LeasedRunLauncher
"""


def _dagster_home(home: Path) -> Path:
    """Dagster's home in the state folder: the project's dagster.yaml with what belongs to the platform's database."""
    folder = _private_folder(home, "dagster")
    project = (PACKAGE / "dagster.yaml").read_text(encoding="utf-8")
    (folder / "dagster.yaml").write_text(project + _OPERATION, encoding="utf-8")
    # Dagster's greeting would cover the page at the first visit, so it is marked as seen.
    (folder / ".nux").mkdir(exist_ok=True)
    (folder / ".nux" / "nux.yaml").write_text("seen: 1\n")
    return folder


@dataclass(frozen=True)
class _Sandbox:
    process: psutil.Process
    url: str
    serving: list[str]
    """What it serves, as options on its command line."""


def _sandbox(settings: Settings, home: Path) -> str:
    """The address of a sandbox that serves what `settings` ask for.

    A sandbox that serves something else is restarted, unless another process uses it. What was collected from it stays
    in the database, and most of it stays published: places that a new list lacks in great number are not taken to be
    gone. To keep the two apart, use another state folder.
    """
    asked = _serving(settings)
    with (home / "sandbox.lock").open("w") as lock:
        flock(lock, LOCK_EX)
        running = _running_sandbox(home)
        if running is not None and running.serving != asked:
            _check_unused(home, running.serving, asked)
            sys.stderr.write(
                f"Restarting the sandbox with {' '.join(asked)} instead of {' '.join(running.serving)}. What was collected "
                "before stays in the database; another WEATHERFLICK_HOME keeps the two apart.\n"
            )
        if running is None or running.serving != asked or not _answers(running.url):
            stop_sandbox(home)
            running = _start_sandbox(home, asked)
        # Held until this process ends, so that nobody restarts the sandbox in the meantime.
        flock(os.open(_sandbox_users(home), os.O_RDWR | os.O_CREAT, 0o600), LOCK_SH)
    return running.url


def _serving(settings: Settings) -> list[str]:
    """What the sandbox serves, as options of its command."""
    if not settings.sandbox_catalogue:
        return ["--scale", str(settings.sandbox_scale)]
    files = {"--catalogue": settings.sandbox_catalogue, "--details": settings.sandbox_details}
    return [word for option, file in files.items() if file for word in (option, str(file.expanduser().absolute()))]


def _check_unused(home: Path, serving: list[str], asked: list[str]) -> None:
    with _sandbox_users(home).open("a") as users:
        try:
            flock(users, LOCK_EX | LOCK_NB)
        except BlockingIOError:
            up = _running_up(home)
            user = f"`weatherflick up` (process {up.pid})" if up else "another command"
            message = (
                f"The sandbox runs with {' '.join(serving)} and {user} works with it; it can't be restarted with "
                f"{' '.join(asked)} now. Set WEATHERFLICK_SANDBOX_SCALE and WEATHERFLICK_SANDBOX_CATALOGUE as they are there, "
                "end the other with `weatherflick stop`, or use another WEATHERFLICK_HOME."
            )
            raise ServiceError(message) from None


def _start_sandbox(home: Path, serving: list[str]) -> _Sandbox:
    log = log_file(home, "sandbox")
    state = _sandbox_file(home)
    command = [
        *(sys.executable, "-m", "weatherflick_assets.cli.main", "sandbox"),
        *("--port", str(_former_port(state)), "--announce-to", str(state), *serving),
    ]
    state.unlink(missing_ok=True)
    with log.open("ab") as output:
        process = subprocess.Popen(
            command,
            env=environment_of_a_child(with_settings=False),
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=output,
            start_new_session=True,
        )
    deadline = time.monotonic() + _START_SECONDS
    while time.monotonic() < deadline:
        running = _running_sandbox(home)
        if running is not None and _answers(running.url):
            return running
        if process.poll() is not None:
            break
        time.sleep(0.05)
    with suppress(ProcessLookupError):
        process.kill()
    said = log.read_text(encoding="utf-8", errors="replace").strip().splitlines()
    reason = said[-1].removeprefix("weatherflick: ").rstrip(".") if said else "it said nothing"
    raise ServiceError(f"The sandbox did not start: {reason} (its log is {log}).")


def _former_port(state: Path) -> int:
    """The port of a sandbox that has ended by itself, where others still look for it; 0 for any that is free."""
    with suppress(OSError, ValueError, TypeError, KeyError):
        port = urlsplit(json.loads(state.read_text())["url"]).port or 0
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind(("127.0.0.1", port))
            return port
    return 0


def is_sandbox_there(home: Path) -> bool:
    """Whether the process of the sandbox lives."""
    return _running_sandbox(home) is not None


def sandbox_url(home: Path) -> str | None:
    """The address of the sandbox of a state folder; None if none runs."""
    running = _running_sandbox(home)
    return running.url if running else None


def ui_url(home: Path) -> str | None:
    """Where the web server of this state folder's `weatherflick up` listens; None if none runs."""
    for process in processes.marked(home):
        with suppress(psutil.Error, ValueError, IndexError):
            command = process.cmdline()
            if DAGSTER_DEV in command:
                host, port = (command[command.index(option) + 1] for option in ("--host", "--port"))
                return local_url(host, int(port))
    return None


def local_url(host: str, port: int) -> str:
    """The address at which a server is reached from this machine."""
    everywhere = {"0.0.0.0": "127.0.0.1", "::": "[::1]"}  # noqa: S104 - what somebody may have asked for
    return f"http://{everywhere.get(host, host)}:{port}"


def sandbox_again(settings: Settings) -> None:
    """Start the sandbox that has ended by itself, at its former address; ServiceError if that fails."""
    _sandbox(settings, settings.state_folder)


def _running_sandbox(home: Path) -> _Sandbox | None:
    state = _sandbox_file(home)
    try:
        announced = json.loads(state.read_text())
        process = psutil.Process(announced["pid"])
        command = process.cmdline()
        serving = command[command.index(str(state)) + 1 :]
    except (OSError, ValueError, psutil.Error):  # not announced, ended, or its id was reused
        return None
    return _Sandbox(process, announced["url"], serving)


def _sandbox_file(home: Path) -> Path:
    return home.resolve() / "sandbox.json"


def _sandbox_users(home: Path) -> Path:
    """The file that every process using the sandbox holds a lock on."""
    return home / "sandbox.users"


def _answers(url: str) -> bool:
    try:
        with open_directly(f"{url}/_sandbox/status", timeout=5) as response:
            return response.status == 200
    except (OSError, ValueError):
        return False
