"""How tests run the `weatherflick` command: as a user does, in a state folder of its own that leaves nothing behind."""

import json
import logging
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import warnings
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager, redirect_stderr, redirect_stdout, suppress
from dataclasses import dataclass, field
from io import StringIO
from itertools import count
from pathlib import Path
from typing import Any
from unittest import mock

import psutil
import psycopg
from sqlalchemy import URL

from weatherflick_assets.cli import services
from weatherflick_assets.cli.main import main
from weatherflick_assets.settings import Settings
from weatherflick_assets.warehouse import embedded
from weatherflick_assets_tests.databases import addresses_of, dsn_of
from weatherflick_assets_tests.waiting import PATIENCE_SECONDS

PROJECT = Path(__file__).parents[2]
COMMAND = (str(Path(sys.executable).with_name("weatherflick")),)
DAGSTER = str(Path(sys.executable).with_name("dagster"))
SCALE = "0.02"


@dataclass(frozen=True)
class Done:
    """A command that has ended."""

    code: int
    out: str
    err: str

    @property
    def said(self) -> str:
        return self.out + self.err

    @property
    def complaints(self) -> list[str]:
        """What the command complains of; there must be exactly one line where it fails."""
        return [line for line in self.err.splitlines() if line.startswith("weatherflick:")]

    @property
    def summary(self) -> dict[str, Any]:
        """The object that `--json` printed: the whole of standard output."""
        return json.loads(self.out)


@dataclass
class Platform:
    """A state folder and the environment in which commands find it."""

    home: Path
    settings: dict[str, str] = field(default_factory=dict)

    def environment(self, **changes: str) -> dict[str, str]:
        """Nothing of the environment of whoever runs the tests but what programs need to run."""
        kept = {name: os.environ[name] for name in ("PATH", "HOME", "TMPDIR") if name in os.environ}
        ours = {"WEATHERFLICK_HOME": str(self.home), "WEATHERFLICK_SANDBOX_SCALE": SCALE, "LANG": "C.UTF-8"}
        return {**kept, **ours, **self.settings, **changes}

    def run(self, *arguments: str, **changes: str) -> Done:
        """One command, from beginning to end; keyword arguments are environment variables."""
        return self.execute([*COMMAND, *arguments], **changes)

    def run_here(self, *arguments: str, **changes: str) -> Done:
        """The same in the test's own process, where everything is imported already.

        For commands of which only the work is looked at. One that starts a sandbox would hold it until the tests end.
        """
        out, err = StringIO(), StringIO()
        umask = os.umask(0o077)
        with (
            mock.patch.dict(os.environ, self.environment(**changes), clear=True),
            mock.patch.dict(Settings.model_config, {"env_file": None}),
            mock.patch.object(sys, "argv", ["weatherflick", *arguments]),
            mock.patch.object(sys.modules["__main__"], "__package__", None),  # else usage names pytest as the program
            mock.patch.object(logging.root, "handlers", []),
            warnings.catch_warnings(),
            redirect_stdout(out),
            redirect_stderr(err),
        ):
            warnings.simplefilter("ignore")
            try:
                main()
                code = 0
            except SystemExit as ended:
                code = ended.code
            finally:
                os.umask(umask)
        assert isinstance(code, int)
        return Done(code, out.getvalue(), err.getvalue())

    def execute(self, command: list[str], **changes: str) -> Done:
        """Any program in the platform's environment."""
        done = subprocess.run(
            command, env=self.environment(**changes), cwd=self.home.parent, capture_output=True, text=True,
            stdin=subprocess.DEVNULL, timeout=PATIENCE_SECONDS, check=False,
        )  # fmt: skip
        return Done(done.returncode, done.stdout, done.stderr)

    def begin(self, *arguments: str, output: Path) -> subprocess.Popen:
        """A command that goes on; both its streams go to `output`."""
        with output.open("wb") as file:
            return subprocess.Popen(
                [*COMMAND, *arguments], env=self.environment(), cwd=self.home.parent, stdin=subprocess.DEVNULL,
                stdout=file, stderr=file, start_new_session=True,
            )  # fmt: skip

    def processes(self) -> list[psutil.Process]:
        """Every process that has the state folder in its command line or environment, or works in it."""
        found = []
        for process in psutil.process_iter():
            if process.pid == os.getpid():
                continue
            with suppress(psutil.Error, OSError):
                if process.status() != psutil.STATUS_ZOMBIE and self._concerns(process):
                    found.append(process)
        return found

    def _concerns(self, process: psutil.Process) -> bool:
        home = str(self.home)
        return any(home in text for text in (process.cwd(), *process.cmdline(), *process.environ().values()))

    def descriptions(self) -> list[str]:
        """The processes of the state folder, for messages."""
        lines = []
        for process in self.processes():
            with suppress(psutil.Error):
                lines.append(f"{process.pid} {' '.join(process.cmdline())}")
        return lines

    def files(self) -> Iterator[Path]:
        """Every file of the state folder but the database's own."""
        for path in self.home.rglob("*"):
            if path.is_file() and "postgresql" not in path.relative_to(self.home).parts:
                yield path

    def close(self) -> None:
        """End whatever is left and remove the folder, however a test ended."""
        with suppress(Exception):
            embedded.stop(self.home / "postgresql")
        left = self.processes()
        for process in left:
            with suppress(psutil.Error):
                process.kill()
        psutil.wait_procs(left, timeout=10)
        shutil.rmtree(self.home.parent, ignore_errors=True)


@contextmanager
def platform(**settings: str) -> Iterator[Platform]:
    """A platform in a folder with a path short enough for a Unix socket; `settings` are environment variables."""
    created = Platform(Path(tempfile.mkdtemp(prefix="wf-")) / "state", settings)
    try:
        yield created
    finally:
        created.close()


@contextmanager
def live_platform(database: URL, upstream_url: str, key: str) -> Iterator[Platform]:
    """A platform on a database that is there, which asks an upstream with a key."""
    with platform(
        WEATHERFLICK_DATABASE_URL=dsn_of(database), KTO_API_KEY=key, DATA_GO_KR_BASE_URL=upstream_url
    ) as created:
        yield created


def of_a_command(home: Path, database: URL) -> dict[str, str]:
    """The environment in which a command's functions find a database and, beside it, Dagster's storage; `home` is Dagster's."""
    return {
        "DAGSTER_HOME": str(services._dagster_home(home)),
        "WEATHERFLICK_DATABASE_URL": dsn_of(database),
        "WEATHERFLICK_DAGSTER_DATABASE_URL": addresses_of(database).dagster_dsn,
    }


def end(process: subprocess.Popen, number: signal.Signals) -> int:
    """Send a signal and return the exit code; a process that stays is killed, and None fails the comparison."""
    process.send_signal(number)
    try:
        return process.wait(PATIENCE_SECONDS)
    except subprocess.TimeoutExpired:
        process.kill()
        raise


@contextmanager
def taken_port() -> Iterator[int]:
    """A port that somebody else listens on."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen()
        yield listener.getsockname()[1]


_PORTS = count(10_000 + os.getpid() % 20_000)
"""Below those that the system gives to whoever asks for any: nobody is given one before the command binds it."""


def free_port() -> int:
    """A port that nobody listens on."""
    for port in _PORTS:
        with socket.socket() as probe, suppress(OSError):
            probe.bind(("127.0.0.1", port))
            return port
    raise AssertionError("no port is free")


def asked(dsn: str) -> Counter[str]:
    """How often each request was sent and answered well, by operation and parameters."""
    with psycopg.connect(dsn) as connection:
        return Counter(
            f"{operation} {json.dumps(parameters, sort_keys=True)}"
            for operation, parameters in connection.execute(
                "SELECT operation, request_params FROM raw.responses WHERE result_code = '0000'"
            )
        )


PLACE = {
    "contentid": "1", "contenttypeid": "12", "title": "세종호수공원", "addr1": "세종특별자치시 호수공원길 155", "addr2": "",
    "areacode": "8", "sigungucode": "1", "cat1": "A01", "cat2": "A0101", "cat3": "A01010100", "lDongRegnCd": "36110",
    "lDongSignguCd": "110", "lclsSystm1": "NA", "lclsSystm2": "NA01", "lclsSystm3": "NA010100", "mapx": "127.2716",
    "mapy": "36.4966", "mlevel": "6", "zipcode": "30103", "tel": "044-301-3900", "firstimage": "", "firstimage2": "",
    "cpyrhtDivCd": "", "createdtime": "20200101090000", "modifiedtime": "20260101090000", "showflag": "1",
}  # fmt: skip


def write_catalogue(path: Path, rows: list[dict[str, str]]) -> Path:
    """A file that `--catalogue` and WEATHERFLICK_SANDBOX_CATALOGUE take; each row is PLACE with changes."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("".join(f"{json.dumps({**PLACE, **row}, ensure_ascii=False)}\n" for row in rows))
    return path
