"""Restores backups: a home or databases from one, and every week one into a temporary home, to prove that it can be done.

What is restored is complete, and its server has replayed it, before it takes the place where it belongs. Whatever had that
place is kept beside it. A restore that was killed leaves a folder `restoring-…`, which the next one removes.
"""

import shutil
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from fcntl import LOCK_EX, LOCK_NB, flock
from pathlib import Path
from tempfile import mkdtemp

from weatherflick_assets.operations.backup import figures, logical, physical
from weatherflick_assets.operations.backup.errors import RestoreError
from weatherflick_assets.operations.backup.manifests import Kind, Manifest, Restorable, chosen, restorable, shown
from weatherflick_assets.operations.backup.repository import Repository, opened
from weatherflick_assets.operations.backup.taking import Say, is_embedded
from weatherflick_assets.settings import KST, Clock, Settings
from weatherflick_assets.warehouse import embedded
from weatherflick_assets.warehouse.database import Addresses, locate


@dataclass(frozen=True)
class Restored:
    """What was restored.

    Attributes:
        backup: from which backup.
        up_to: the time whose rows are there.
        kept: where what was there before is kept: a folder, or names of databases.
    """

    backup: Manifest
    up_to: datetime
    kept: tuple[str, ...]


@dataclass(frozen=True)
class _Files:
    """A base backup with WAL, where it is, and the time that is wanted."""

    found: Restorable
    repository: Repository
    at: datetime | None
    newest_timeline: int


@dataclass(frozen=True)
class Drilled:
    """How a drill went.

    Attributes:
        backup: which was restored.
        age: how old it is.
        tables, rows: how much was compared.
        differences: what differs from what was backed up, a sentence for each table.
        duration_s: of the drill.
    """

    backup: Manifest
    age: timedelta
    tables: int
    rows: int
    differences: tuple[str, ...]
    duration_s: float


def time_of(text: str) -> datetime:
    """A time as people write it: in Korea unless it says its offset.

    Raises:
        RestoreError: it is none.
    """
    try:
        at = datetime.fromisoformat(text.strip())
    except ValueError:
        raise RestoreError(
            f'"{text}" is no time. Write it like "2026-11-30 14:00", in Korean time, or with an offset.'
        ) from None
    return at if at.tzinfo else at.replace(tzinfo=KST)


def restore(
    settings: Settings, url: str, *, at: datetime | None, name: str | None, in_place: bool, clock: Clock, say: Say
) -> Restored:
    """Restore a backup into the state folder, or a dump into the databases of the settings.

    Args:
        settings: where to, the key of the backups, and how an object store is reached.
        url: the place of backups.
        at: the time whose rows are wanted; None for the newest.
        name: of a backup, to be restored as it is.
        in_place: whether what is there may be put aside.
        clock: the present.
        say: for what is done, in sentences.

    Raises:
        RestoreError: there is no such backup, or something is in the way. Nothing was changed.
        BackupError: the backup can't be read. Nothing was changed.
    """
    repository = opened(url, settings)
    known = repository.manifests()
    found = chosen(known, repository.place, at=at, name=name)
    if name is not None and at is None:
        found = replace(found, wal=())
    if found.backup.kind is Kind.DUMP:
        return _restore_dump(settings, found, repository, clock(), in_place=in_place, say=say)
    files = _Files(found, repository, at, _newest(known))
    return _restore_files(settings, files, clock(), in_place=in_place, say=say)


def drill(settings: Settings, url: str, clock: Clock) -> Drilled:
    """Restore the newest backup into a temporary home, start it, and compare all tables with what was backed up.

    Raises:
        BackupError: there is none, or it can't be restored.
    """
    began = time.monotonic()
    repository = opened(url, settings)
    known = repository.manifests()
    found = next((each for each in restorable(known) if each.backup.figures), None) or chosen(known, repository.place)
    expected = found.backup.figures
    if expected is None:
        raise RestoreError(f"No backup in {repository.place} says what was in the tables. Make one at a quieter time.")
    with _temporary(settings.state_folder, "drill") as home:
        data = home / "postgresql"
        try:
            if found.backup.kind is Kind.DUMP:
                server = embedded.start(data)
                addresses = Addresses(server.set(database="platform"), server.set(database="dagster"))
                logical.restore(found.backup, repository, addresses, clock(), in_place=False)
            else:
                target = physical.Target(xid=expected.xid)
                physical.rebuild(replace(found, wal=()), repository, home, target, _newest(known))
                embedded.replay(data)
                physical.settle(data)
                server = embedded.start(data)
            differences = figures.differences(expected.tables, figures.now_in(figures.databases(server)))
        finally:
            embedded.stop(data)
    return Drilled(
        found.backup,
        clock() - found.backup.started_at,
        expected.count,
        expected.rows,
        tuple(differences),
        time.monotonic() - began,
    )


def _newest(known: list[Manifest]) -> int:
    """The latest history that any backup has."""
    return max((manifest.wal.timeline for manifest in known if manifest.wal), default=1)


def _restore_dump(
    settings: Settings, found: Restorable, repository: Repository, at: datetime, *, in_place: bool, say: Say
) -> Restored:
    addresses = locate(settings)
    backup = found.backup
    say(f"Restoring {backup.id} into the databases {addresses.platform.database} and {addresses.dagster.database} …")
    kept = logical.restore(backup, repository, addresses, at, in_place=in_place)
    return Restored(backup, backup.figures.taken_at if backup.figures else backup.started_at, tuple(kept))


def _restore_files(settings: Settings, wanted: _Files, present: datetime, *, in_place: bool, say: Say) -> Restored:
    found, at = wanted.found, wanted.at
    home = settings.state_folder
    data = home / "postgresql"
    if settings.database_url is not None and not _is_of_home(settings):
        raise RestoreError(
            f"{found.backup.id} holds the files of an embedded server, and WEATHERFLICK_DATABASE_URL names another one. Unset it to "
            "restore into WEATHERFLICK_HOME."
        )
    is_there = data.exists() and any(data.iterdir())
    if is_there and not in_place:
        raise RestoreError(
            f"{data} holds a database. Restore into another WEATHERFLICK_HOME, or give --in-place: the present folder is then kept "
            "beside it under another name."
        )
    home.mkdir(mode=0o700, parents=True, exist_ok=True)
    up_to = at or max(each.wal.until for each in (found.backup, *found.wal) if each.wal)
    say(f"Restoring {data} to {shown(up_to)}, from {' + '.join(each.id for each in found.chain)} …")
    with _temporary(home, "restoring") as folder:
        if is_there:
            with embedded.kept_stopped(data):
                pass  # better told now than after an hour
        made = physical.rebuild(found, wanted.repository, folder, physical.Target(time=at), wanted.newest_timeline)
        say("Replaying …")
        embedded.replay(made)
        physical.settle(made)
        kept = data.with_name(f"postgresql.before-{present.astimezone(KST):%Y%m%d%H%M%S}")
        with embedded.kept_stopped(data):
            if data.exists():
                data.rename(kept)
            made.rename(data)
    return Restored(found.backup, up_to, (str(kept),) if is_there else ())


def _is_of_home(settings: Settings) -> bool:
    from weatherflick_assets.warehouse.connections import parsed

    assert settings.database_url is not None
    url = parsed(settings.database_url.get_secret_value())
    return is_embedded(settings, Addresses(url, url))


@contextmanager
def _temporary(home: Path, what: str) -> Iterator[Path]:
    """A folder in the home, for one process at a time; what a killed one left is removed, its server ended.

    Raises:
        RestoreError: another process does the same.
    """
    with (home / f"{what}.lock").open("w") as lock:
        try:
            flock(lock, LOCK_EX | LOCK_NB)
        except BlockingIOError:
            raise RestoreError(f"Another process restores a backup in {home}. Wait for it to end.") from None
        for left in home.glob(f"{what}-*"):
            _remove(left)
        folder = Path(mkdtemp(prefix=f"{what}-", dir=home))
        try:
            yield folder
        finally:
            _remove(folder)


def _remove(folder: Path) -> None:
    embedded.stop(folder / "postgresql")
    shutil.rmtree(folder, ignore_errors=True)
