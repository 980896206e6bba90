"""Base backups and WAL of the embedded server: taken while it works, and made a data folder again.

WAL is read from the server's folder, where the server keeps it for a while (`embedded.WAL_KEPT`). So there is no slot and no
archive that could fill the disk. If more was written than is kept, times between two backups can't be restored to; the
next base backup starts a new chain.
"""

import json
import os
import tarfile
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from io import RawIOBase
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import IO

import psycopg
from sqlalchemy import URL

from weatherflick_assets.operations.backup import programs
from weatherflick_assets.operations.backup.errors import BackupError, RestoreError
from weatherflick_assets.operations.backup.manifests import Restorable, Stream, Wal
from weatherflick_assets.operations.backup.repository import Repository
from weatherflick_assets.warehouse import postgres_programs
from weatherflick_assets.warehouse.connections import conninfo

_PIECE = 1 << 20
_WAL_FOLDER = "weatherflick.wal"
"""In a folder that replays: the segments that it needs."""

_NOT_RESTORED = (".s.PGSQL.5432.lock", "postmaster.pid", "postmaster.opts", "log")
"""Of the server that was backed up. With the first of them a server does not start."""

_SYSTEM = """
SELECT system_identifier::text, current_setting('server_version_num')::integer,
    (SELECT setting::bigint FROM pg_settings WHERE name = 'wal_segment_size'),
    ('x' || left(pg_walfile_name(pg_current_wal_insert_lsn()), 8))::bit(32)::integer
FROM pg_control_system()
"""


@dataclass(frozen=True)
class System:
    """What identifies the server and its history."""

    identifier: str
    version: int
    segment_size: int
    timeline: int


class WalGoneError(BackupError):
    """WAL that a backup needs is no longer there."""


def system(connection: psycopg.Connection) -> System:
    """The server of a connection."""
    row = connection.execute(_SYSTEM).fetchone()
    assert row is not None
    return System(*row)


def copy(address: URL, repository: Repository, parent_manifest: bytes | None) -> tuple[Stream, bytes]:
    """Store the server's files; return them and PostgreSQL's manifest of them.

    Args:
        address: of the server, for the role that copies.
        repository: where to.
        parent_manifest: of the base backup to which the changed blocks are stored; None for all blocks.

    Raises:
        BackupError: pg_basebackup failed, or the repository refused.
    """
    options = ["-d", conninfo(address), "-D", "-", "-F", "tar", "-X", "none", "--checkpoint=fast", "--no-sync"]
    with TemporaryDirectory(prefix="weatherflick-") as folder:
        if parent_manifest is not None:
            Path(folder, "parent").write_bytes(parent_manifest)
            options.append("--incremental=parent")
        with programs.output_of(postgres_programs.bundled("pg_basebackup"), options, Path(folder)) as pipe:
            archive = _Archive(pipe)
            stream = repository.store(archive.pieces())
    if not archive.manifest:
        raise BackupError("pg_basebackup ended without a manifest. Make the backup again.")
    return stream, archive.manifest


class _Archive(RawIOBase):
    """A tar that passes through, of which the manifest is kept."""

    def __init__(self, pipe: IO[bytes]) -> None:
        self._pipe = pipe
        self._passed: list[bytes] = []
        self.manifest = b""

    def read(self, size: int = -1) -> bytes:
        """What comes next, noted to be passed on."""
        piece = self._pipe.read(size)
        self._passed.append(piece)
        return piece

    def pieces(self) -> Iterator[bytes]:
        """All of it."""
        with tarfile.open(fileobj=self, mode="r|", bufsize=_PIECE) as tar:  # type: ignore[call-overload]
            for member in tar:
                content = tar.extractfile(member) if member.isreg() else None
                kept = bytearray()
                while content is not None and (piece := content.read(_PIECE)):
                    if member.name == "backup_manifest":
                        kept += piece
                    yield from self._take()
                self.manifest = bytes(kept) or self.manifest
        yield from self._take()
        yield from programs.pieces(self._pipe)

    def _take(self) -> list[bytes]:
        passed, self._passed = self._passed, []
        return passed


def began(manifest: bytes, segment_size: int) -> int:
    """The number of the first segment of WAL that a base backup needs."""
    (wal,) = (each for each in json.loads(manifest)["WAL-Ranges"])
    return _position(wal["Start-LSN"]) // segment_size


def end_segment(connection: psycopg.Connection, segment_size: int) -> tuple[int, datetime]:
    """End the segment that is written to. Return the last complete one, and the time up to which commits are in it.

    A transaction that changes nothing is committed first, because recovery to a time has to find a later commit.
    """
    (until,) = connection.execute("SELECT clock_timestamp()").fetchone() or (None,)
    assert isinstance(until, datetime)
    connection.execute("SELECT pg_current_xact_id()")
    (position,) = connection.execute("SELECT pg_switch_wal()::text").fetchone() or ("",)
    return -(-_position(position) // segment_size) - 1, until


def store_wal(data: Path, repository: Repository, timeline: int, segments: range, segment_size: int) -> Stream:
    """Store complete segments.

    Raises:
        WalGoneError: the server has removed one of them.
    """
    return repository.store(_wal(data, timeline, segments, segment_size))


def first_left(data: Path, timeline: int, segment_size: int) -> int:
    """The number of the oldest segment that the server still has."""
    names = (path.name for path in (data / "pg_wal").iterdir())
    numbers = [_number(name, segment_size) for name in names if _is_segment(name) and int(name[:8], 16) == timeline]
    return min(numbers, default=0)


def _wal(data: Path, timeline: int, segments: range, segment_size: int) -> Iterator[bytes]:
    for number in segments:
        path = data / "pg_wal" / segment_name(timeline, number, segment_size)
        content, whole = b"", False
        try:
            with path.open("rb") as file:
                content = file.read()
                # A segment that is not needed any more is renamed and written again.
                whole = len(content) == segment_size and path.stat().st_ino == os.fstat(file.fileno()).st_ino
        except FileNotFoundError:
            pass
        if not whole:
            raise WalGoneError(
                f"The server removed WAL ({path.name}) before it was backed up, because more than it keeps was written meanwhile. "
                "Make the backup again, at a quieter time."
            )
        yield content


def segment_name(timeline: int, number: int, segment_size: int) -> str:
    """The name of a segment's file."""
    high, low = divmod(number, (1 << 32) // segment_size)
    return f"{timeline:08X}{high:08X}{low:08X}"


def _number(name: str, segment_size: int) -> int:
    return int(name[8:16], 16) * ((1 << 32) // segment_size) + int(name[16:], 16)


def _is_segment(name: str) -> bool:
    return len(name) == 24 and all(digit in "0123456789ABCDEF" for digit in name)


def _position(text: str) -> int:
    high, low = text.split("/")
    return (int(high, 16) << 32) + int(low, 16)


@dataclass(frozen=True)
class Target:
    """Where replaying ends: at a time, at a transaction, or with the last WAL."""

    time: datetime | None = None
    xid: int | None = None

    @property
    def settings(self) -> dict[str, str]:
        """As PostgreSQL's settings."""
        if self.xid is not None:
            return {"recovery_target_xid": str(self.xid % (1 << 32))}
        return {"recovery_target_time": self.time.isoformat()} if self.time else {}


def rebuild(found: Restorable, repository: Repository, home: Path, target: Target, newest_timeline: int) -> Path:
    """Make a data folder in `home` that replays up to `target` when its server starts.

    Args:
        found: what is restored.
        repository: from where.
        home: an empty folder, on the disk where the data are to be.
        target: up to where.
        newest_timeline: of all backups; the history that begins here gets a later one.

    Raises:
        BackupError: something is missing or damaged.
        RestoreError: the disk is full.
    """
    data = home / "postgresql"
    try:
        parts = []
        for position, backup in enumerate(found.chain):
            part = home / f"part-{position}"
            part.mkdir(mode=0o700)
            _unpack(repository.read(backup.streams["files"]), part)
            (part / "backup_manifest").write_bytes(b"".join(repository.read(backup.streams["manifest"])))
            parts.append(part.name)
        if len(parts) == 1:
            (home / parts[0]).rename(data)
        else:
            # Files that are taken over whole are linked, so the parts must not be used again.
            options = ["--link", "--no-sync", "--manifest-checksums=NONE", "-o", data.name, *parts]
            programs.run(postgres_programs.bundled("pg_combinebackup"), options, home)
        for name in _NOT_RESTORED:
            (data / name).unlink(missing_ok=True)
        wal = data / _WAL_FOLDER
        wal.mkdir(mode=0o700)
        for backup in (found.backup, *found.wal):
            assert backup.wal is not None
            _lay_out(repository.read(backup.streams["wal"]), wal, backup.wal)
        assert found.backup.wal is not None
        for timeline in range(found.backup.wal.timeline + 1, newest_timeline + 1):
            (wal / f"{timeline:08X}.history").touch()  # taken by another restored database
        _ask_for(data, target)
    except OSError as error:
        raise RestoreError(
            f"The backup could not be written to {home}: {error.strerror}. Free space there, or choose another place; nothing that was "
            "there before was changed."
        ) from None
    return data


def settle(data: Path) -> None:
    """Remove from a data folder what replaying needed."""
    for file in (data / _WAL_FOLDER).iterdir():
        file.unlink()
    (data / _WAL_FOLDER).rmdir()
    auto = data / "postgresql.auto.conf"
    lines = auto.read_text().splitlines(keepends=True)
    auto.write_text("".join(line for line in lines if not line.startswith(("restore_command", "recovery_target"))))


def _unpack(pieces: Iterable[bytes], folder: Path) -> None:
    with tarfile.open(fileobj=_Pieces(pieces), mode="r|", bufsize=_PIECE) as tar:  # type: ignore[call-overload]
        # Python before 3.11.4 has no filters.
        tar.extraction_filter = getattr(tarfile, "data_filter", lambda member, _: member)
        tar.extractall(folder)  # noqa: S202 - filtered by the line above


class _Pieces(RawIOBase):
    """Pieces, as a file that is read."""

    def __init__(self, pieces: Iterable[bytes]) -> None:
        self._pieces = iter(pieces)
        self._left = b""

    def read(self, size: int = -1) -> bytes:
        """As of a file."""
        assert size > 0
        parts, missing = [], size
        while missing:
            self._left = self._left or next(self._pieces, b"")
            if not self._left:
                break
            part, self._left = self._left[:missing], self._left[missing:]
            parts.append(part)
            missing -= len(part)
        return b"".join(parts)


def _lay_out(pieces: Iterable[bytes], folder: Path, wal: Wal) -> None:
    source = _Pieces(pieces)
    for number in range(wal.first, wal.last + 1):
        with (folder / segment_name(wal.timeline, number, wal.segment_size)).open("wb") as file:
            left = wal.segment_size
            while left:
                piece = source.read(min(left, _PIECE))
                if not piece:
                    raise BackupError("WAL is missing in the backup. Restore from another one.")
                file.write(piece)
                left -= len(piece)


def _ask_for(data: Path, target: Target) -> None:
    """Have the server replay, from files beside it, up to the target, and then begin a timeline of its own."""
    settings = {
        "restore_command": f"cp {_WAL_FOLDER}/%f %p",
        "recovery_target_timeline": "current",
        "recovery_target_action": "promote",
        **target.settings,
    }
    with (data / "postgresql.auto.conf").open("a") as auto:
        auto.writelines(f"{name} = '{value}'\n" for name, value in settings.items())
    (data / "recovery.signal").touch()
