"""What a backup says of itself, and what can be restored from a set of them. Plain data and pure functions.

A base backup (full or incremental) can be restored to any time that its WAL covers without a gap: from the moment at which
its files are consistent to the last moment whose WAL was stored. A dump can be restored as it is.
"""

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from weatherflick_assets.operations.backup.errors import RestoreError
from weatherflick_assets.operations.backup.figures import Figures
from weatherflick_assets.settings import KST


class Kind(StrEnum):
    """What a backup consists of."""

    FULL = "full"
    """Every file of the embedded server, and the WAL that makes them consistent."""
    INCREMENTAL = "incremental"
    """The blocks that changed since another base backup, and the WAL that makes them consistent."""
    WAL = "wal"
    """The WAL since the last backup, and nothing else."""
    DUMP = "dump"
    """pg_dump's archives of the two databases."""


@dataclass(frozen=True)
class Stream:
    """Bytes in chunks: their names in order, and the number of bytes."""

    chunks: tuple[str, ...]
    size: int


@dataclass(frozen=True)
class Wal:
    """Consecutive segments of WAL, from number `first` to `last`, of `segment_size` bytes each."""

    timeline: int
    first: int
    last: int
    segment_size: int
    until: datetime
    """All that was committed up to here is in it."""


@dataclass(frozen=True)
class Manifest:
    """A backup that is complete.

    Attributes:
        id: sorts by time.
        system: the database system that it is of: PostgreSQL's own identifier.
        server_version: of the server, as PG_VERSION_NUM.
        parent: the base backup that an incremental one adds to.
        consistent_at: the first moment that a base backup can be restored to.
        program_version: the major version of pg_dump.
        streams: the parts of it by name. A base backup has `files` (a tar), `manifest` (PostgreSQL's own) and `wal`; a dump
            has one for each database.
        figures: rows and checksums of every table at one moment.
    """

    id: str
    kind: Kind
    started_at: datetime
    finished_at: datetime
    system: str
    server_version: int
    streams: Mapping[str, Stream]
    parent: str | None = None
    consistent_at: datetime | None = None
    wal: Wal | None = None
    program_version: int | None = None
    figures: Figures | None = None

    @property
    def is_base(self) -> bool:
        """Whether it holds the server's files."""
        return self.kind in (Kind.FULL, Kind.INCREMENTAL)

    @property
    def chunks(self) -> set[str]:
        """The names of everything that it needs of its own."""
        return {name for stream in self.streams.values() for name in stream.chunks}

    @property
    def size(self) -> int:
        """Bytes before compression."""
        return sum(stream.size for stream in self.streams.values())


@dataclass(frozen=True)
class Restorable:
    """What can be restored.

    Attributes:
        chain: a full backup and the incremental ones up to the wanted one, or a dump.
        wal: the backups whose WAL follows, without a gap.
        begins: the first moment.
        ends: the last moment.
    """

    chain: tuple[Manifest, ...]
    wal: tuple[Manifest, ...]
    begins: datetime
    ends: datetime

    @property
    def backup(self) -> Manifest:
        """The backup whose files or dump are restored."""
        return self.chain[-1]


def restorable(manifests: Iterable[Manifest]) -> list[Restorable]:
    """What can be restored, the newest backup first."""
    known = {manifest.id: manifest for manifest in manifests}
    found = []
    for manifest in known.values():
        chain = _chain(manifest, known)
        if manifest.kind is Kind.DUMP:
            found.append(Restorable((manifest,), (), manifest.started_at, manifest.started_at))
        elif chain and manifest.wal and manifest.consistent_at:
            following = tuple(_following(manifest, known.values()))
            ends = max(each.wal.until for each in (manifest, *following) if each.wal)
            found.append(Restorable(chain, following, manifest.consistent_at, ends))
    return sorted(found, key=lambda each: each.backup.id, reverse=True)


def chosen(
    manifests: Iterable[Manifest], place: str, *, at: datetime | None = None, name: str | None = None
) -> Restorable:
    """What to restore: the newest, or what leads to the time `at`, or the backup `name`.

    Raises:
        RestoreError: there is no such backup; the message says which times are covered.
    """
    found = restorable(manifests)
    if not found:
        raise RestoreError(f"There is no backup in {place}. `weatherflick backup --to URL` makes one.")
    if name is not None:
        if match := [each for each in found if each.backup.id == name]:
            return match[0]
        names = ", ".join(each.backup.id for each in found)
        raise RestoreError(f"There is no backup {name} in {place} that could be restored. There are {names}.")
    if at is None:
        return found[0]
    physical = [each for each in found if each.backup.is_base]
    if not physical:
        raise RestoreError(
            f"The backups in {place} were made with pg_dump, so they hold no times between them. Leave --at out for the newest, or "
            "name one with --backup; `weatherflick backup --list` shows them."
        )
    if match := [each for each in physical if each.begins <= at <= each.ends]:
        return match[0]
    raise RestoreError(f"The backups in {place} don't cover {shown(at)}. They cover {intervals(physical)}.")


def intervals(found: Iterable[Restorable]) -> str:
    """The times that can be restored to, for people: overlapping intervals are one."""
    merged: list[tuple[datetime, datetime]] = []
    for begins, ends in sorted((each.begins, each.ends) for each in found):
        if merged and begins <= merged[-1][1]:
            merged[-1] = (merged[-1][0], max(ends, merged[-1][1]))
        else:
            merged.append((begins, ends))
    return ", and ".join(f"{shown(_up(begins))} to {shown(ends)}" for begins, ends in merged)


def shown(at: datetime) -> str:
    """A time for people, in Korea."""
    return f"{at.astimezone(KST):%Y-%m-%d %H:%M:%S} KST"


def _up(at: datetime) -> datetime:
    """Seconds are shown, so the beginning of an interval is shown as the next one."""
    return at if not at.microsecond else at.replace(microsecond=0) + timedelta(seconds=1)


def _chain(manifest: Manifest, known: Mapping[str, Manifest]) -> tuple[Manifest, ...]:
    """A backup with all that it adds to, the full one first; empty if one of them is missing."""
    chain = [manifest]
    while chain[0].kind is Kind.INCREMENTAL:
        parent = known.get(chain[0].parent or "")
        if parent is None or parent in chain:
            return ()
        chain.insert(0, parent)
    return tuple(chain)


def _following(manifest: Manifest, others: Iterable[Manifest]) -> Iterator[Manifest]:
    """The backups whose WAL continues that of a base backup, in order."""
    reached = manifest.wal
    assert reached is not None
    same = [
        (each.wal.last, each)
        for each in others
        if each.wal and each.system == manifest.system and each.wal.timeline == reached.timeline
    ]
    for last, each in sorted(same, key=lambda pair: pair[0]):
        assert each.wal is not None
        if each.wal.first <= reached.last + 1 and last > reached.last:
            reached = each.wal
            yield each


def dumped(manifest: Manifest) -> bytes:
    """A manifest as it is stored."""
    return json.dumps(asdict(manifest), default=lambda value: value.isoformat(), ensure_ascii=False).encode()


def loaded(stored: bytes) -> Manifest:
    """A manifest as it was stored; ValueError, KeyError or TypeError if it is none."""
    values: dict[str, Any] = json.loads(stored)
    for name in ("started_at", "finished_at", "consistent_at"):
        values[name] = _time(values[name])
    values["kind"] = Kind(values["kind"])
    values["streams"] = {
        name: Stream(tuple(stream["chunks"]), stream["size"]) for name, stream in values["streams"].items()
    }
    if wal := values["wal"]:
        values["wal"] = Wal(**{**wal, "until": datetime.fromisoformat(wal["until"])})
    if figures := values["figures"]:
        values["figures"] = Figures.of(figures)
    return Manifest(**values)


def _time(text: str | None) -> datetime | None:
    return None if text is None else datetime.fromisoformat(text)
