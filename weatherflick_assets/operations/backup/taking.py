"""Makes a backup: which kind, of what, where to, and what is kept of the former ones.

Only one backup of a platform is made at a time: an advisory lock of its database says so, and ends with its holder.
"""

from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import psycopg

from weatherflick_assets.operations.backup import figures, logical, physical, policy
from weatherflick_assets.operations.backup.errors import BackupError
from weatherflick_assets.operations.backup.manifests import Kind, Manifest, Stream, Wal
from weatherflick_assets.operations.backup.programs import ProgramError
from weatherflick_assets.operations.backup.repository import Repository, opened
from weatherflick_assets.settings import Clock, Settings
from weatherflick_assets.warehouse import embedded, leases
from weatherflick_assets.warehouse.connections import connect
from weatherflick_assets.warehouse.database import Addresses

_LEASE = "backup"

Say = Callable[[str], None]


class BackupRunningError(BackupError):
    """Another backup of the same platform is being made."""


@dataclass(frozen=True)
class Taken:
    """What was done.

    Attributes:
        backup: what exists now.
        sent_bytes: what was stored for it.
        known_chunks: how many chunks were there already.
        removed: how many former backups the policy gave up.
        notes: what a person should know, in sentences.
    """

    backup: Manifest
    sent_bytes: int
    known_chunks: int
    removed: int
    notes: tuple[str, ...]


def place_of(settings: Settings, asked: str | None) -> str:
    """Where backups go: what was asked for, or the setting.

    Raises:
        BackupError: neither says.
    """
    if place := asked or settings.backup_url:
        return place
    raise BackupError("Where to? Give --to with a folder or s3://bucket/prefix, or set WEATHERFLICK_BACKUP_URL.")


def is_embedded(settings: Settings, addresses: Addresses) -> bool:
    """Whether the platform's database is on the embedded server of its state folder."""
    return embedded.serves(settings.state_folder / "postgresql", addresses.platform)


def back_up(
    settings: Settings,
    addresses: Addresses,
    url: str,
    *,
    clock: Clock,
    full: bool = False,
    wal_only: bool = False,
    say: Say = lambda _: None,
) -> Taken:
    """Make the next backup, and give up those that the policy no longer keeps.

    Args:
        settings: the key, and how the object store is reached.
        addresses: the platform's databases, prepared.
        url: the place of backups.
        clock: the present.
        full: make a full one in any case.
        wal_only: store only the WAL since the last one, if there is one that it continues.
        say: for progress, in sentences.

    Raises:
        BackupRunningError: another one is being made.
        BackupError: it could not be made; the message says why. What was stored is kept and not sent again.
    """
    with _alone(addresses):
        if not is_embedded(settings, addresses):
            if wal_only or full:
                raise BackupError("On a server of your own, each backup is a dump. Leave --full and --wal out.")
            taken = _dump(settings, addresses, url, clock, say)
        else:
            taken = _copy(settings, url, clock, full=full, wal_only=wal_only, say=say)
        return taken


@contextmanager
def _alone(addresses: Addresses) -> Iterator[None]:
    with closing(leases.session(addresses.platform_dsn)) as connection:
        if not leases.hold_once_killed(connection, _LEASE):
            raise BackupRunningError("Another backup of this platform is being made. Wait for it to end.")
        yield


def _dump(settings: Settings, addresses: Addresses, url: str, clock: Clock, say: Say) -> Taken:
    with closing(connect(addresses.platform, autocommit=True)) as connection:
        system = logical.identifier(connection)
        version = connection.info.server_version
    repository = opened(url, settings, system=system)
    started = clock()
    say(f"Dumping both databases to {repository.place} …")
    streams, counted, program = logical.dump(addresses, repository)
    backup = Manifest(
        _id(started, Kind.DUMP),
        Kind.DUMP,
        started,
        clock(),
        system,
        version,
        streams,
        program_version=program,
        figures=counted,
    )
    return _complete(repository, backup)


def _copy(settings: Settings, url: str, clock: Clock, *, full: bool, wal_only: bool, say: Say) -> Taken:
    data = settings.state_folder / "postgresql"
    address = embedded.for_backups(data)
    with closing(connect(address, autocommit=True)) as server:
        system = physical.system(server)
        repository = opened(url, settings, system=system.identifier)
        source = _Source(data, server, system, repository, clock)
        known = repository.manifests()
        newest = policy.newest_base(known, system.identifier, system.timeline)
        notes: list[str] = []
        if newest is not None:
            reached = policy.wal_reached(known, newest)
            if gap := source.gap_after(reached):
                notes.append(gap)
            else:
                say("Storing the WAL since the last backup …")
                wal = source.wal_since(reached)
                repository.complete(wal)
                if wal_only:
                    return _finished(repository, wal, notes)
        is_full = full or newest is None or policy.is_full_due(newest, clock())
        return _complete(repository, _base(source, None if is_full or not newest else newest.backup, notes, say), notes)


def _base(source: "_Source", parent: Manifest | None, notes: list[str], say: Say) -> Manifest:
    """A base backup, full if there is no parent or the changes since then can't be told."""
    if parent is not None:
        say(f"Storing the blocks that changed since {parent.id} …")
        try:
            return source.base(parent)
        except ProgramError as error:
            notes.append(f"The backup is full, because an incremental one could not be made. {error}")
    say("Storing all files …")
    return source.base(None)


@dataclass(frozen=True)
class _Source:
    """The embedded server, and where its backups go."""

    data: Path
    server: psycopg.Connection
    system: physical.System
    repository: Repository
    clock: Clock

    def gap_after(self, reached: int) -> str | None:
        """Why the WAL does not follow on a segment; None if it does."""
        if physical.first_left(self.data, self.system.timeline, self.system.segment_size) <= reached + 1:
            return None
        return (
            f"More than {embedded.WAL_KEPT} of WAL was written since the last backup, and the first of it is gone. Times between that "
            "backup and this one can't be restored to; back up more often."
        )

    def wal_since(self, reached: int) -> Manifest:
        """The WAL after a segment."""
        started = self.clock()
        streams, wal = self._wal(reached + 1)
        return self._manifest(Kind.WAL, started, streams, wal=wal)

    def base(self, parent: Manifest | None) -> Manifest:
        """The files, or the blocks that changed since `parent`, with the WAL that makes them consistent, and the figures."""
        started = self.clock()
        theirs = b"".join(self.repository.read(parent.streams["manifest"])) if parent else None
        address = embedded.for_backups(self.data)
        files, listed = physical.copy(address, self.repository, theirs)
        (consistent_at,) = self.server.execute("SELECT clock_timestamp()").fetchone() or (None,)
        counted = figures.of_server(embedded.start(self.data))
        streams, wal = self._wal(physical.began(listed, self.system.segment_size))
        return self._manifest(
            Kind.INCREMENTAL if parent else Kind.FULL,
            started,
            {"files": files, "manifest": self.repository.store([listed]), **streams},
            wal=wal,
            parent=parent.id if parent else None,
            consistent_at=consistent_at,
            figures=counted,
        )

    def _wal(self, first: int) -> tuple[dict[str, Stream], Wal]:
        size = self.system.segment_size
        last, until = physical.end_segment(self.server, size)
        stream = physical.store_wal(self.data, self.repository, self.system.timeline, range(first, last + 1), size)
        return {"wal": stream}, Wal(self.system.timeline, first, last, size, until)

    def _manifest(self, kind: Kind, started: datetime, streams: dict[str, Stream], **more: object) -> Manifest:
        return Manifest(
            _id(started, kind),
            kind,
            started,
            self.clock(),
            self.system.identifier,
            self.system.version,
            streams,
            **more,  # type: ignore[arg-type]
        )


def _complete(repository: Repository, backup: Manifest, notes: list[str] | None = None) -> Taken:
    """From now on the backup exists."""
    repository.complete(backup)
    return _finished(repository, backup, notes or [])


def _finished(repository: Repository, backup: Manifest, notes: list[str]) -> Taken:
    if backup.kind is not Kind.WAL and backup.figures is None:
        notes.append(
            "The tables could not be counted, because somebody wrote all the time; this backup can be restored, and not be compared."
        )
    removed = repository.keep(policy.kept(repository.manifests()))
    sent = repository.sent
    return Taken(backup, sent.stored_bytes, sent.known_chunks, removed, tuple(notes))


def _id(started: datetime, kind: Kind) -> str:
    return f"{started:%Y%m%dT%H%M%S}.{started.microsecond // 1000:03}Z-{kind}"
