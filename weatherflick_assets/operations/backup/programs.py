"""Runs PostgreSQL's programs for backups: their output as a stream, what they say when they fail, and which version fits.

The embedded server has its own programs. For a server of one's own, pg_dump has to be as new as the server, and pg_restore as
new as pg_dump; programs of the server's own version are preferred, because newer ones write what older servers don't know.
"""

import re
import shutil
import subprocess
import tempfile
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import IO

from weatherflick_assets.operations.backup.errors import BackupError
from weatherflick_assets.warehouse import postgres_programs

_PIECE = 1 << 20
_INSTALLED = (
    "/usr/lib/postgresql/*/bin",
    "/usr/pgsql-*/bin",
    "/opt/homebrew/opt/postgresql@*/bin",
    "/usr/local/opt/postgresql@*/bin",
)
"""Where Debian, Red Hat and Homebrew keep several versions beside each other."""


class ProgramError(BackupError):
    """A program of PostgreSQL failed, or there is none that fits."""


def fitting(program: str, *, server: int, archive: int = 0) -> tuple[Path, int]:
    """The program for a server of a major version, and its own major version.

    Args:
        program: pg_dump, pg_restore or psql.
        server: the major version of the server.
        archive: the major version of the pg_dump whose archive is read.

    Raises:
        ProgramError: none fits.
    """
    found = available(program)
    if server in found and server >= archive:
        return found[server], server
    if newer := sorted(version for version in found if version >= max(server, archive)):
        return found[newer[0]], newer[0]
    there = ", ".join(map(str, sorted(found)))
    needed = max(server, archive)
    why = f"the server is PostgreSQL {server}" + (
        f" and the backup was made by pg_dump {archive}" if archive > server else ""
    )
    raise ProgramError(
        f"No {program} fits: {why}, so it needs version {needed} or newer, and here are versions {there}. Install PostgreSQL's client "
        f"programs of version {needed} (Debian: postgresql-client-{needed})."
    )


def available(program: str) -> dict[int, Path]:
    """The program in every major version that is installed."""
    found = {int(postgres_programs.VERSION): postgres_programs.bundled(program)}
    if on_path := shutil.which(program):
        path = Path(on_path).resolve()
        if path.name == program and (version := _version(path)):
            found[version] = path
    for pattern in _INSTALLED:
        for path in Path("/").glob(f"{pattern.lstrip('/')}/{program}"):
            if version := _version(path):
                found[version] = path
    return found


def _version(program: Path) -> int | None:
    with suppress(OSError, subprocess.TimeoutExpired):
        said = subprocess.run(
            [program, "--version"], capture_output=True, text=True, timeout=20, check=False, env={}
        ).stdout
        if match := re.search(r"\(PostgreSQL\) (\d+)", said):
            return int(match[1])
    return None


@contextmanager
def output_of(
    program: Path, options: Sequence[str], folder: Path, environment: Mapping[str, str] | None = None
) -> Iterator[IO[bytes]]:
    """What a program writes, as a pipe. The context ends with the program.

    Raises:
        ProgramError: it failed; the message says why, as it said itself.
    """
    with tempfile.TemporaryFile() as said:
        process = postgres_programs.client(
            program, options, folder, environment or {},
            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=said,
        )  # fmt: skip
        assert process.stdout is not None
        try:
            yield process.stdout
        except BaseException:
            process.kill()
            raise
        finally:
            process.stdout.close()
            process.wait()
        _check(program, process.returncode, said)


def feed(
    program: Path,
    options: Sequence[str],
    folder: Path,
    content: Iterable[bytes],
    environment: Mapping[str, str] | None = None,
) -> None:
    """Run a program that reads `content`.

    Raises:
        ProgramError: as of `output_of`.
    """
    with tempfile.TemporaryFile() as said:
        process = postgres_programs.client(
            program, options, folder, environment or {},
            stdin=subprocess.PIPE, stdout=subprocess.DEVNULL, stderr=said,
        )  # fmt: skip
        assert process.stdin is not None
        try:
            with suppress(BrokenPipeError):  # it says itself why it reads no more
                for piece in content:
                    process.stdin.write(piece)
            with suppress(BrokenPipeError):
                process.stdin.close()
        except BaseException:
            process.kill()
            raise
        finally:
            process.wait()
        _check(program, process.returncode, said)


def run(program: Path, options: Sequence[str], folder: Path) -> None:
    """Run a program whose output nobody needs; ProgramError as of `output_of`."""
    feed(program, options, folder, ())


def pieces(pipe: IO[bytes]) -> Iterator[bytes]:
    """All of a pipe."""
    while piece := pipe.read(_PIECE):
        yield piece


def _check(program: Path, code: int, said: IO[bytes]) -> None:
    if code == 0:
        return
    said.seek(0)
    lines = [line.strip() for line in said.read().decode(errors="replace").splitlines() if line.strip()]
    grave = [line for line in lines if re.search(r"error:|fatal:|ERROR:|FATAL:", line)] or lines[-1:]
    reason = re.sub(r"^\S*: ?(error|fatal): ", "", grave[0]).rstrip(".") if grave else f"it ended with code {code}"
    raise ProgramError(f"{program.name} failed: {reason}.")
