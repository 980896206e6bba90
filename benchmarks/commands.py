"""A platform in a temporary folder, and what its commands cost in processor time and memory. Linux only.

A command's processes are the command, its second process, and their judges. All of them are waited for, so the kernel
adds up their time exactly. Judges are told apart by looking at them while they run, so up to a moment of theirs counts
as the command's. PostgreSQL's time is that of its main process, its living children and its ended ones.

Not here: which commands are run, and what they may cost (`runs.py`).
"""

import json
import os
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

import psutil
import psycopg

from weatherflick_assets.settings import Settings

_PROJECT = Path(__file__).parents[1]
_JUDGE, _SANDBOX = "weatherflick_assets.quality.judge_server", "benchmarks.sandbox_process"
_SETTINGS = {str(setting.validation_alias) for setting in Settings.model_fields.values()}
_LOOK_EVERY_S = 0.1

_OTHER_SESSIONS = """
SELECT count(*) FROM pg_stat_activity WHERE backend_type = 'client backend' AND pid <> pg_backend_pid()
"""


@dataclass(frozen=True)
class Cost:
    """What a command took.

    Attributes:
        command: processor seconds of the command and its second process.
        judges: processor seconds of their judges.
        postgresql: processor seconds of the database server.
        sandbox: processor seconds of the sandbox, which stands for the upstream.
        peak_mb: peak memory of the larger of the command and its second process.
        said: the JSON object that the command printed.
    """

    command: float
    judges: float
    postgresql: float
    sandbox: float
    peak_mb: float
    said: Mapping[str, Any]

    @property
    def total(self) -> float:
        """The processor seconds of the platform, the sandbox aside."""
        return self.command + self.judges + self.postgresql


@dataclass
class _Seen:
    """A command's processes as they were last seen."""

    judges: dict[psutil.Process, float] = field(default_factory=dict)
    peaks_mb: dict[psutil.Process, float] = field(default_factory=dict)

    def look(self, command: psutil.Process) -> None:
        with suppress(psutil.NoSuchProcess):
            for process in (command, *command.children(recursive=True)):
                with suppress(psutil.NoSuchProcess, ProcessLookupError, FileNotFoundError):
                    if _JUDGE in process.cmdline():
                        self.judges[process] = _own_seconds(process)
                    else:
                        self.peaks_mb[process] = _peak_mb(process)


class Platform:
    """A platform with a key for the sandbox that this process runs; made by `platform`."""

    def __init__(self, home: Path, url: str) -> None:
        self._home = home
        inherited = {name: value for name, value in os.environ.items() if name not in _SETTINGS}
        self._environment = {
            **inherited,
            "WEATHERFLICK_HOME": str(home / "state"),
            "DATA_GO_KR_BASE_URL": url,
            "KTO_API_KEY": "sandbox",
            # A large country takes more calls than a key has.
            "KTO_API_DAILY_LIMIT": "1000000",
            "PYTHONPATH": str(_PROJECT),
        }
        self._sandbox = _child(_SANDBOX)

    @cached_property
    def dsn(self) -> str:
        """The address of the platform's database, whose server is started when it is first asked for."""
        return self.run("database-url").strip()

    def run(self, *arguments: str) -> str:
        """Run a command to its end and return its output.

        Raises:
            RuntimeError: it failed; the message has the end of its error output.
        """
        return self._run(arguments, _Seen())

    def cost(self, *arguments: str) -> Cost:
        """Run a command that prints JSON, and measure it; RuntimeError if it fails."""
        self.ask("CHECKPOINT")  # otherwise the command would pay for what was written before
        before = self._times()
        seen = _Seen()
        said = json.loads(self._run((*arguments, "--json"), seen))
        self._wait_for_sessions()
        processes, postgresql, sandbox = (after - then for after, then in zip(self._times(), before, strict=True))
        judges = sum(seen.judges.values())
        return Cost(processes - judges, judges, postgresql, sandbox, max(seen.peaks_mb.values()), said)

    def ask(self, statement: str) -> list[tuple[Any, ...]]:
        """The rows that a statement returns, in the platform's database."""
        with psycopg.connect(self.dsn, autocommit=True) as connection:
            cursor = connection.execute(statement)  # type: ignore[arg-type]
            return cursor.fetchall() if cursor.description else []

    def _run(self, arguments: tuple[str, ...], seen: _Seen) -> str:
        command = [sys.executable, "-m", "weatherflick_assets.cli.main", *arguments]
        with tempfile.TemporaryFile("w+") as output, tempfile.TemporaryFile("w+") as errors:
            # Elsewhere than in the project's folder, whose `.env` may name a database that is in use.
            with subprocess.Popen(
                command, cwd=self._home, env=self._environment, stdout=output, stderr=errors
            ) as process:
                watched = psutil.Process(process.pid)
                while process.poll() is None:
                    seen.look(watched)
                    time.sleep(_LOOK_EVERY_S)
            output.seek(0)
            errors.seek(0)
            if process.returncode:
                text = f"{output.read()}\n{errors.read()}"[-4000:]
                raise RuntimeError(f"`weatherflick {' '.join(arguments)}` failed:\n{text}")
            return output.read()

    def _times(self) -> tuple[float, float, float]:
        """Processor seconds so far: of ended children of this process, of the database server, of the sandbox."""
        ended = resource.getrusage(resource.RUSAGE_CHILDREN)
        server = psutil.Process(int((self._home / "state/postgresql/postmaster.pid").read_text().split()[0]))
        return ended.ru_utime + ended.ru_stime, _family_seconds(server), _own_seconds(self._sandbox)

    def _wait_for_sessions(self) -> None:
        """Wait until the command's sessions have ended: their time and their statistics are complete then."""
        with psycopg.connect(self.dsn, autocommit=True) as connection:
            while connection.execute(_OTHER_SESSIONS).fetchone() != (0,):
                time.sleep(_LOOK_EVERY_S)


@contextmanager
def platform(url: str) -> Iterator[Platform]:
    """A new platform that calls the sandbox at `url`, in a temporary folder; its server stops with the context."""
    with tempfile.TemporaryDirectory(prefix="weatherflick-bench-") as name:
        made = Platform(Path(name), url)
        try:
            yield made
        finally:
            made.run("stop")


def _child(module: str) -> psutil.Process:
    return next(process for process in psutil.Process().children() if module in process.cmdline())


def _own_seconds(process: psutil.Process) -> float:
    times = process.cpu_times()
    return times.user + times.system


def _family_seconds(process: psutil.Process) -> float:
    """The time of a process and its children. A child that ends meanwhile would be missed or count twice."""
    while True:
        before = process.cpu_times()
        living = 0.0
        for child in process.children():
            with suppress(psutil.NoSuchProcess):
                living += _own_seconds(child)
        after = process.cpu_times()
        ended = after.children_user + after.children_system
        if ended == before.children_user + before.children_system:
            return after.user + after.system + ended + living


def _peak_mb(process: psutil.Process) -> float:
    status = Path(f"/proc/{process.pid}/status").read_text(encoding="utf-8")
    peaks = [line.split()[1] for line in status.splitlines() if line.startswith("VmHWM:")]
    return int(peaks[0]) * 1024 / 1e6 if peaks else 0.0  # an ended process has none
