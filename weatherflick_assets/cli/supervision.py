"""`weatherflick up`: Dagster's web server and daemon as children that never outlive their parent.

The children get their own session, so that an interrupt reaches this process only; a mark, so that all of them can be
found and ended; and a pipe, so that they end by themselves when this process is killed.
"""

import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from weatherflick_assets.cli import processes, services
from weatherflick_assets.errors import PlatformError
from weatherflick_assets.upstream.proxies import open_directly

_START_SECONDS = 300


class PortTakenError(PlatformError):
    """Another program listens on the UI's port."""


class DagsterStoppedError(PlatformError):
    """Dagster's web server or daemon ended by itself."""


def check_port(host: str, port: int) -> None:
    """Check that the UI's port is free."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError:
            message = (
                f"Port {port} on {host} is taken by another program. Choose another with --port, or end that program."
            )
            raise PortTakenError(message) from None


class Dagster:
    """`dagster dev` with this project's workspace: code server, web server and daemon."""

    def __init__(self, process: subprocess.Popen, url: str, log: Path) -> None:
        self._process = process
        self._log = log
        self.url = url

    def wait_until_ready(self) -> None:
        """Wait until the UI answers; DagsterStoppedError if it ended, or did not answer in time."""
        deadline = time.monotonic() + _START_SECONDS
        while time.monotonic() < deadline:
            self.check()
            try:
                with open_directly(f"{self.url}/server_info", timeout=2):
                    return
            except OSError:
                time.sleep(0.2)
        raise DagsterStoppedError(
            f"Dagster's web server did not answer within {_START_SECONDS} s; its log is {self._log}."
        )

    def check(self) -> None:
        """Raise DagsterStoppedError if it has ended."""
        if self._process.poll() is not None:
            raise DagsterStoppedError(f"Dagster ended with code {self._process.returncode}; its log is {self._log}.")


@contextmanager
def dagster(environment: Mapping[str, str], host: str, port: int) -> Iterator[Dagster]:
    """Start Dagster with schedules and sensors running, and end it whatever happens."""
    home = Path(environment["WEATHERFLICK_HOME"])
    log = services.log_file(home, "dagster")
    command = [
        *(sys.executable, "-m", "weatherflick_assets.cli.dagster_dev", "dev"),
        *("--workspace", str(services.PACKAGE / "workspace.yaml")),
        *("--host", host, "--port", str(port)),
        *("--log-level", "warning", "--code-server-log-level", "warning"),
    ]
    with log.open("ab") as output:
        process = subprocess.Popen(
            command,
            env={**os.environ, **environment, **processes.mark(home)},
            stdin=subprocess.PIPE,
            stdout=output,
            stderr=output,
            start_new_session=True,
        )
    with process:
        try:
            yield Dagster(process, f"http://{host}:{port}", log)
        finally:
            processes.end_marked(home)


def serve(child: Dagster) -> None:
    """Stay until interrupted; DagsterStoppedError if Dagster ends by itself."""
    while True:
        child.check()
        time.sleep(1)
