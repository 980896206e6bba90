"""`weatherflick up`: Dagster's web server and daemon, and the server of health and metrics, as children that are started again, and never outlive their parent.

The sandbox is no child, because commands share it. It is started again, too, if it ends by itself.

The children get their own session, so that an interrupt reaches this process only; a mark, so that all of them can be
found and ended; and a pipe, so that they end by themselves when this process is killed.
"""

import math
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path

from weatherflick_assets.cli import processes, services
from weatherflick_assets.errors import PlatformError
from weatherflick_assets.operations.upkeep import log_files
from weatherflick_assets.settings import Settings, environment_of_a_child
from weatherflick_assets.upstream.proxies import open_directly
from weatherflick_assets.warehouse.database import locate

_START_SECONDS = 300
_POLL_SECONDS = 0.2
_SHORTEST_PAUSE_SECONDS, _LONGEST_PAUSE_SECONDS = 1, 300
_LOGS_EVERY_SECONDS = 60

_PARTS = {"web server": "dagster_webserver", "daemon": "dagster._daemon"}
"""The parts of Dagster by the modules that they run. When one ends, `dagster dev` ends the other within a minute."""


class PortTakenError(PlatformError):
    """Another program listens on a port that is needed."""


class DagsterStoppedError(PlatformError):
    """Dagster's web server or daemon ended by itself."""


def check_port(host: str, port: int, option: str) -> None:
    """Check that a port is free; `option` chooses another."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError:
            message = (
                f"Port {port} on {host} is taken by another program. Choose another with {option}, or end that program."
            )
            raise PortTakenError(message) from None


class Dagster:
    """`dagster dev` with this project's workspace: code server, web server and daemon. Create it with `dagster`."""

    def __init__(self, environment: Mapping[str, str], host: str, port: int, health_port: int) -> None:
        # Where messages about incidents link to, unless a proxy stands before the UI.
        self.url = f"http://{host}:{port}"
        self._environment = {"WEATHERFLICK_UI_URL": Settings().ui_url or self.url, **environment}
        self._home = Path(environment["WEATHERFLICK_HOME"])
        self._log = services.log_file(self._home, "dagster")
        self._command = [
            *(sys.executable, "-m", services.DAGSTER_DEV, "dev"),
            *("--workspace", str(services.PACKAGE / "workspace.yaml")),
            *("--host", host, "--port", str(port)),
            *("--log-level", "warning", "--code-server-log-level", "warning"),
        ]
        self._health_log = services.log_file(self._home, "health")
        self._health_command = [
            *(sys.executable, "-m", "weatherflick_assets.cli.health_server"),
            *(host, str(health_port), services.local_url(host, port)),
        ]
        self._sandbox_pause = self._health_pause = _SHORTEST_PAUSE_SECONDS
        self._health_started_at = -math.inf
        self._sandbox_seen_to_at = self._logs_seen_to_at = -math.inf
        self._start()

    def _start(self) -> None:
        self._process = self._child(self._command, self._log)
        self._start_health()

    def _start_health(self) -> None:
        self._health = self._child(self._health_command, self._health_log)
        self._health_started_at = time.monotonic()

    def _child(self, command: Sequence[str], log: Path) -> subprocess.Popen:
        with log.open("ab") as output:
            return subprocess.Popen(
                command,
                env={
                    **environment_of_a_child(with_settings=True, with_backups=True),
                    **self._environment,
                    **processes.mark(self._home),
                },
                stdin=subprocess.PIPE,
                stdout=output,
                stderr=output,
                start_new_session=True,
            )

    def wait_until_ready(self) -> None:
        """Wait until the UI answers; DagsterStoppedError if it ended, or did not answer in time."""
        deadline = time.monotonic() + _START_SECONDS
        while time.monotonic() < deadline:
            if self._process.poll() is not None:
                raise DagsterStoppedError(
                    f"Dagster ended with code {self._process.returncode}; its log is {self._log}."
                )
            try:
                with open_directly(f"{self.url}/server_info", timeout=2):
                    return
            except OSError:
                time.sleep(_POLL_SECONDS)
        raise DagsterStoppedError(
            f"Dagster's web server did not answer within {_START_SECONDS} s; its log is {self._log}."
        )

    def serve(self, say: Callable[[str], None]) -> None:
        """Stay until interrupted. Start Dagster again whenever a part of it ends by itself, after longer and longer pauses."""
        pause = _SHORTEST_PAUSE_SECONDS
        while True:
            started = time.monotonic()
            ended = self._wait_for_the_end(say)
            if time.monotonic() - started > _LONGEST_PAUSE_SECONDS:
                pause = _SHORTEST_PAUSE_SECONDS
            say(f"Dagster's {ended} ended by itself; its log is {self._log}. Dagster is started again in {pause} s.")
            self.end()
            time.sleep(pause)
            try:
                locate(Settings())  # starts the embedded server if that is what ended
            except PlatformError as error:
                say(str(error))
            pause = min(2 * pause, _LONGEST_PAUSE_SECONDS)
            self._start()

    def _wait_for_the_end(self, say: Callable[[str], None]) -> str:
        """The name of the part that ended. Until then the sandbox is seen to."""
        parts = dict.fromkeys(_PARTS)
        while self._process.poll() is None:
            for name, module in _PARTS.items():
                parts[name] = parts[name] or processes.child(self._process.pid, module)
                if (part := parts[name]) is not None and not processes.is_alive(part):
                    return name
            self._see_to_the_sandbox(say)
            self._see_to_health(say)
            self._see_to_the_logs()
            time.sleep(1)
        return "main process"

    def _see_to_the_sandbox(self, say: Callable[[str], None]) -> None:
        """Start it again if it has ended by itself, after longer and longer pauses."""
        passed = time.monotonic() - self._sandbox_seen_to_at
        if "WEATHERFLICK_SANDBOX_URL" not in self._environment or passed < self._sandbox_pause:
            return
        if services.is_sandbox_there(self._home):
            if passed > _LONGEST_PAUSE_SECONDS:
                self._sandbox_pause = _SHORTEST_PAUSE_SECONDS
            return
        say("The sandbox ended by itself, and is started again.")
        try:
            services.sandbox_again(Settings())
        except PlatformError as error:
            say(str(error))
        self._sandbox_seen_to_at = time.monotonic()
        self._sandbox_pause = min(2 * self._sandbox_pause, _LONGEST_PAUSE_SECONDS)

    def _see_to_health(self, say: Callable[[str], None]) -> None:
        """Start the server of health and metrics again if it has ended by itself, after longer and longer pauses."""
        lived = time.monotonic() - self._health_started_at
        if self._health.poll() is None:
            if lived > _LONGEST_PAUSE_SECONDS:
                self._health_pause = _SHORTEST_PAUSE_SECONDS
        elif lived >= self._health_pause:
            say(
                f"The server of health and metrics ended by itself, and is started again; its log is {self._health_log}."
            )
            self._health_pause = min(2 * self._health_pause, _LONGEST_PAUSE_SECONDS)
            self._start_health()

    def _see_to_the_logs(self) -> None:
        """Put aside what has grown too long, once a minute. A disk that is full is told by others."""
        if time.monotonic() - self._logs_seen_to_at >= _LOGS_EVERY_SECONDS:
            self._logs_seen_to_at = time.monotonic()
            with suppress(OSError):
                log_files.shorten(self._home)

    def end(self) -> None:
        """End all of it, and the runs that it executed."""
        processes.end_marked(self._home)
        self._process.wait()
        self._health.wait()
        services.end_lost_runs(self._environment, just_killed=True)


@contextmanager
def dagster(environment: Mapping[str, str], host: str, port: int, health_port: int) -> Iterator[Dagster]:
    """Start Dagster with schedules and sensors running, and end it whatever happens."""
    child = Dagster(environment, host, port, health_port)
    try:
        yield child
    finally:
        child.end()
