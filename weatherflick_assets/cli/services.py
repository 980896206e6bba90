"""The services a command needs: database, Dagster's home, and the sandbox where there are no keys.

They are started when needed and stay up until `weatherflick stop`, or until `weatherflick up` ends, so that commands and
plain `dagster …` can follow each other. What they are told travels in environment variables.
"""

import json
import os
import shutil
import signal
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from fcntl import LOCK_EX, flock
from pathlib import Path

import psutil

from weatherflick_assets.errors import PlatformError
from weatherflick_assets.settings import DATA_GO_KR_BASE_URL, Mode, Settings

_START_SECONDS = 60
_STOP_SECONDS = 45
"""`weatherflick up` gives Dagster twenty, and the database some; killed before it is done it would leave them running."""


class ServiceError(PlatformError):
    """A service did not start."""


def start(settings: Settings) -> dict[str, str]:
    """Start what is needed and return the environment in which everything finds it.

    Raises:
        PlatformError: the state folder, the database or the sandbox can't be had.
    """
    from weatherflick_assets.warehouse import database

    home = state_folder(settings)
    addresses = database.locate(settings)
    database.prepare(addresses, settings.mode)
    environment = {
        "WEATHERFLICK_HOME": str(home),
        "WEATHERFLICK_DATABASE_URL": addresses.platform_dsn,
        "WEATHERFLICK_DAGSTER_DATABASE_URL": addresses.dagster_dsn,
        "DAGSTER_HOME": str(_dagster_home(home)),
    }
    if settings.mode is Mode.SANDBOX:
        environment["WEATHERFLICK_SANDBOX_URL"] = _sandbox(settings, home)
    elif settings.data_go_kr_base_url != DATA_GO_KR_BASE_URL:
        environment["DATA_GO_KR_BASE_URL"] = settings.data_go_kr_base_url
    return environment


def stop(settings: Settings) -> list[str]:
    """Stop whatever runs of this state folder; return the names of what was stopped."""
    home = settings.state_folder
    stopped = []
    if _end(up_file(home), signal.SIGINT):
        stopped.append("weatherflick up")
    if stop_sandbox(home):
        stopped.append("sandbox")
    if stop_database(home):
        stopped.append("PostgreSQL")
    return stopped


def stop_sandbox(home: Path) -> bool:
    """Stop the sandbox that `start` started; return whether one was running."""
    return _end(_sandbox_file(home), signal.SIGTERM)


def stop_database(home: Path) -> bool:
    """Stop the embedded server; return whether it was running."""
    from weatherflick_assets.warehouse import embedded

    return embedded.stop(home / "postgresql")


def up_file(home: Path) -> Path:
    """Where a running `weatherflick up` leaves its process number."""
    return home / "up.json"


def check_alone(home: Path) -> None:
    """Make sure that no other `weatherflick up` runs for this state folder: ending, it would take the services with it.

    Raises:
        ServiceError: one does.
    """
    known = _read(up_file(home))
    process = _ours(known["pid"]) if known else None
    if process is not None and process.pid != os.getpid():
        message = (
            f"`weatherflick up` runs already for {home} (process {process.pid}). "
            "`weatherflick stop` ends it; another WEATHERFLICK_HOME keeps the two apart."
        )
        raise ServiceError(message)


def enter(environment: Mapping[str, str]) -> None:
    """Make `environment` this process's own, for Dagster's instance and resources."""
    os.environ.update(environment)


def log_file(home: Path, name: str) -> Path:
    """The log of a service."""
    folder = home / "logs"
    folder.mkdir(parents=True, exist_ok=True)
    return folder / f"{name}.log"


def state_folder(settings: Settings) -> Path:
    """The state folder, created if need be.

    Raises:
        ServiceError: nothing can be written there.
    """
    home = settings.state_folder
    try:
        home.mkdir(parents=True, exist_ok=True)
        (home / ".writable").touch()
        (home / ".writable").unlink(missing_ok=True)  # another command may be checking too
    except OSError as error:
        message = f"The state folder {home} can't be written ({error.strerror}). Set WEATHERFLICK_HOME to another one."
        raise ServiceError(message) from None
    return home


def _dagster_home(home: Path) -> Path:
    """Dagster's home within the state folder, with the project's dagster.yaml."""
    found = project_file("dagster.yaml")
    folder = home / "dagster"
    folder.mkdir(exist_ok=True)
    shutil.copyfile(found, folder / found.name)
    # Dagster's greeting, which covers the page at the first visit, counts as seen.
    (folder / ".nux").mkdir(exist_ok=True)
    (folder / ".nux" / "nux.yaml").write_text("seen: 1\n")
    return folder


def project_file(name: str) -> Path:
    """A file of the project's top level: beside the package, or in the working folder when the package is installed.

    Raises:
        ServiceError: it is in neither.
    """
    places = (Path(__file__).parents[2], Path.cwd())
    for place in places:
        if (place / name).is_file():
            return place / name
    raise ServiceError(f"{name} is neither in {places[0]} nor in {places[1]}. Run the command in the project's folder.")


def _sandbox(settings: Settings, home: Path) -> str:
    """The address of the running sandbox, started unless it runs already."""
    state = _sandbox_file(home)
    with _alone(home / "sandbox.lock"):
        known = _read(state)
        if known and _answers(known["url"]):
            return known["url"]
        log = log_file(home, "sandbox")
        command = [sys.executable, "-m", "weatherflick_assets.cli.main", "sandbox", "--announce-to", str(state)]
        if settings.sandbox_catalogue:
            command += ["--catalogue", str(settings.sandbox_catalogue)]
        command += ["--scale", str(settings.sandbox_scale)]
        state.unlink(missing_ok=True)
        with log.open("ab") as output:
            process = subprocess.Popen(
                command, stdin=subprocess.DEVNULL, stdout=output, stderr=output, start_new_session=True
            )
        deadline = time.monotonic() + _START_SECONDS
        while time.monotonic() < deadline:
            known = _read(state)
            if known and _answers(known["url"]):
                return known["url"]
            if process.poll() is not None:
                break
            time.sleep(0.05)
        with suppress(ProcessLookupError):
            process.kill()
    said = log.read_text(errors="replace").strip().splitlines()
    reason = said[-1].removeprefix("weatherflick: ").rstrip(".") if said else "it said nothing"
    raise ServiceError(f"The sandbox did not start: {reason} (its log is {log}).")


def _sandbox_file(home: Path) -> Path:
    return home / "sandbox.json"


def _read(state: Path) -> dict | None:
    try:
        return json.loads(state.read_text())
    except (OSError, ValueError):
        return None


def _answers(url: str) -> bool:
    try:
        with urllib.request.urlopen(f"{url}/_sandbox/status", timeout=5) as response:  # noqa: S310
            return response.status == 200
    except (OSError, urllib.error.URLError, ValueError):
        return False


def _end(state: Path, how: signal.Signals) -> bool:
    """End the process a state file names, if it is still ours."""
    known = _read(state)
    if not known:
        return False
    state.unlink(missing_ok=True)
    process = _ours(known["pid"])
    if process is None:
        return False
    try:
        process.send_signal(how)
        process.wait(_STOP_SECONDS)
    except psutil.TimeoutExpired:
        process.kill()
    except psutil.Error:
        return False
    return True


def _ours(pid: int) -> psutil.Process | None:
    """The process with this number, unless it has ended or the number has been given to another program since."""
    try:
        process = psutil.Process(pid)
        return process if any("weatherflick" in part for part in process.cmdline()) else None
    except psutil.Error:
        return None


@contextmanager
def _alone(lock: Path) -> Iterator[None]:
    """One process at a time."""
    with lock.open("w") as file:
        flock(file, LOCK_EX)
        yield
