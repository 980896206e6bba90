"""The place of backups, a folder or a bucket: chunks by the name of their content, and one manifest for each backup.

    repository.json    whose backups these are, and what makes the key from the passphrase; in the clear
    chunks/ab/ab12…    content, deflated and perhaps encrypted (`sealing.py`)
    backups/ID         manifests, closed like chunks (`manifests.py`)

A backup exists when its manifest does, which is stored last. What a killed backup has stored stays until the next one, which
does not send it again. One platform at a time stores and deletes; who may is not decided here.
"""

import json
import os
import threading
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote, urlsplit

from weatherflick_assets.operations.backup import manifests, sealing
from weatherflick_assets.operations.backup.chunks import split
from weatherflick_assets.operations.backup.errors import BackupError
from weatherflick_assets.operations.backup.manifests import Manifest, Stream
from weatherflick_assets.settings import Settings

if TYPE_CHECKING:
    from obstore.store import ObjectStore

_FORMAT = 1
_ABOUT = "repository.json"
_AT_ONCE = 4
"""Chunks in work. Each takes up to 8 MB, and as much again while it is deflated and encrypted."""

_MOST_RETRIES = 6


class NoRepositoryError(BackupError):
    """The place can't be used as a place of backups."""


@dataclass
class Sent:
    """What was done so far."""

    chunks: int = 0
    stored_bytes: int = 0
    known_chunks: int = 0
    lock: threading.Lock = field(default_factory=threading.Lock, repr=False)


class Repository:
    """An open place of backups. Made by `opened`."""

    def __init__(self, store: "ObjectStore", place: str, seal: sealing.Seal) -> None:
        from obstore.store import LocalStore

        self._store = store
        self._folder = Path(store.prefix) if isinstance(store, LocalStore) and store.prefix else None
        self._seal = seal
        self._known: set[str] | None = None
        self.place = place
        self.sent = Sent()

    def store(self, stream: Iterable[bytes]) -> Stream:
        """Store a stream, sending only the chunks that are not there.

        Raises:
            BackupError: the place refused; what was sent is kept.
        """
        names: list[Future[str]] = []
        size = 0
        room = threading.Semaphore(_AT_ONCE)
        known = self._names()
        with ThreadPoolExecutor(_AT_ONCE) as pool:
            try:
                for chunk in split(stream):
                    room.acquire()
                    size += len(chunk)
                    names.append(pool.submit(self._send, chunk, known))
                    names[-1].add_done_callback(lambda _: room.release())
                    for done in names[-2 * _AT_ONCE :]:
                        if done.done():
                            done.result()  # nothing more is read if the place refuses
                return Stream(tuple(each.result() for each in names), size)
            except BaseException:
                pool.shutdown(cancel_futures=True)
                raise

    def read(self, stream: Stream) -> Iterator[bytes]:
        """A stored stream again, in pieces.

        Raises:
            BackupError: something of it is missing or damaged.
        """
        with ThreadPoolExecutor(_AT_ONCE) as pool:
            ahead: list[Future[bytes]] = []
            try:
                for name in stream.chunks:
                    ahead.append(pool.submit(self._chunk, name))
                    if len(ahead) > _AT_ONCE:
                        yield ahead.pop(0).result()
                while ahead:
                    yield ahead.pop(0).result()
            finally:
                pool.shutdown(cancel_futures=True)

    def complete(self, manifest: Manifest) -> None:
        """Store the manifest of a backup whose streams are stored: now it exists."""
        name = f"backups/{manifest.id}"
        self._put(name, self._seal.close(name, manifests.dumped(manifest)))

    def manifests(self) -> list[Manifest]:
        """Every backup that is complete, the oldest first.

        Raises:
            BackupError: a manifest is damaged.
        """
        with ThreadPoolExecutor(_AT_ONCE) as pool:
            return list(pool.map(self._manifest, sorted(self._list("backups/"))))

    def newest_id(self) -> str | None:
        """The id of the newest backup that is more than WAL, without reading it; None if there is none."""
        names = (path.removeprefix("backups/") for path in self._list("backups/"))
        return max((name for name in names if not name.endswith(f"-{manifests.Kind.WAL}")), default=None)

    def keep(self, ids: set[str]) -> int:
        """Delete all backups but these, and all chunks that none of these needs. Return how many backups were deleted.

        Backups go before their chunks, so one that is listed is whole, whenever this ends.
        """
        found = {manifest.id: manifest for manifest in self.manifests()}
        gone = [name for name in found if name not in ids]
        self._delete([f"backups/{name}" for name in gone])
        needed = {chunk for name, manifest in found.items() if name in ids for chunk in manifest.chunks}
        there = {path.rpartition("/")[2]: path for path in self._list("chunks/")}
        self._delete([path for name, path in there.items() if name not in needed])
        if self._folder is not None:
            for left in self._folder.glob("*/**/*#*"):  # what the store was writing when it was killed
                left.unlink(missing_ok=True)
        self._known = None
        return len(gone)

    def _names(self) -> set[str]:
        if self._known is None:
            # A loss of power may leave empty files.
            self._known = {path.rpartition("/")[2] for path, size in self._listed("chunks/") if size}
        return self._known

    def _send(self, chunk: bytes, known: set[str]) -> str:
        name = self._seal.name(chunk)
        with self.sent.lock:
            if name in known:
                self.sent.known_chunks += 1
                return name
        stored = self._seal.close(name, chunk)
        self._put(_path(name), stored)
        with self.sent.lock:
            known.add(name)
            self.sent.chunks += 1
            self.sent.stored_bytes += len(stored)
        return name

    def _chunk(self, name: str) -> bytes:
        content = self._seal.open(name, self._get(_path(name)))
        if self._seal.name(content) != name:
            raise sealing.DamagedError(
                f"The chunk {name} in {self.place} is damaged. Restore from another backup or copy."
            )
        return content

    def _manifest(self, path: str) -> Manifest:
        try:
            return manifests.loaded(self._seal.open(path, self._get(path)))
        except (ValueError, KeyError, TypeError):
            raise sealing.DamagedError(
                f"{path} in {self.place} is no manifest of this version. Upgrade, or remove it."
            ) from None

    def _get(self, path: str) -> bytes:
        with _told(self.place):
            return bytes(self._store.get(path).bytes())

    def _put(self, path: str, stored: bytes) -> None:
        with _told(self.place):
            self._store.put(path, stored, use_multipart=False)
            if self._folder is not None:
                with (self._folder / path).open("rb") as file:
                    os.fsync(file.fileno())

    def _list(self, prefix: str) -> list[str]:
        return [path for path, _ in self._listed(prefix)]

    def _listed(self, prefix: str) -> list[tuple[str, int]]:
        """Paths and sizes."""
        with _told(self.place):
            return [(meta["path"], meta["size"]) for batch in self._store.list(prefix) for meta in batch]

    def _delete(self, paths: Sequence[str]) -> None:
        with _told(self.place):
            if paths:
                self._store.delete(list(paths))


def opened(url: str, settings: Settings, *, system: str | None = None) -> Repository:
    """The place of backups at `url`: a folder, `file:///…` or `s3://bucket/prefix`.

    Args:
        url: from the settings or the command line.
        settings: the key of the backups, and how the object store is reached.
        system: the database system that stores there. An empty place is made its own. Without it, the place is only read.

    Raises:
        NoRepositoryError: it is none, can't be reached, or has another system's backups.
        WrongKeyError: the key does not open it.
    """
    passphrase = settings.backup_key.get_secret_value() if settings.backup_key else None
    store, place = _store_of(url, settings, make=system is not None)
    with _told(place):
        about = _about(store, place)
        if about is None:
            if system is None:
                raise NoRepositoryError(
                    f"There are no backups in {place}. Check the address; `weatherflick backup --to URL` makes one."
                )
            if any(store.list()):
                raise NoRepositoryError(
                    f"{place} holds something other than backups. Name an empty place, or one with a prefix."
                )
            seal, encryption = sealing.new(passphrase)
            about = {"format": _FORMAT, "system": system, "encryption": encryption}
            store.put(_ABOUT, json.dumps(about).encode(), use_multipart=False)
            return Repository(store, place, seal)
    if system is not None and about["system"] != system:
        raise NoRepositoryError(
            f"{place} holds the backups of another database ({about['system']}; this one is {system}). Name another place: one "
            "would delete what the other needs."
        )
    return Repository(store, place, sealing.of(passphrase, about["encryption"], place))


def _about(store: "ObjectStore", place: str) -> dict[str, Any] | None:
    from obstore.exceptions import NotFoundError

    try:
        about = json.loads(bytes(store.get(_ABOUT).bytes()))
        if about["format"] > _FORMAT:
            raise NoRepositoryError(f"The backups in {place} were made by a newer version. Upgrade the program.")
        return {"system": about["system"], "encryption": about["encryption"]}
    except (FileNotFoundError, NotFoundError):
        return None
    except (ValueError, KeyError, TypeError):
        raise NoRepositoryError(
            f"{_ABOUT} in {place} is damaged. Restore it from a copy; without it nothing can be read."
        ) from None


def _store_of(url: str, settings: Settings, *, make: bool) -> "tuple[ObjectStore, str]":
    """The store, and what to call it."""
    from obstore.store import LocalStore, S3Store

    parts = urlsplit(url)
    if parts.scheme == "s3":
        if not parts.netloc or parts.query or "@" in parts.netloc:
            raise NoRepositoryError(
                "A bucket is named s3://bucket or s3://bucket/prefix; keys are in AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, never in "
                "the address."
            )
        endpoint = settings.aws_endpoint_url
        config = {
            "endpoint": endpoint,
            "region": settings.aws_region or "us-east-1",
            "access_key_id": settings.aws_access_key_id,
            "secret_access_key": settings.aws_secret_access_key and settings.aws_secret_access_key.get_secret_value(),
            "session_token": settings.aws_session_token and settings.aws_session_token.get_secret_value(),
        }
        store = S3Store(
            parts.netloc,
            prefix=parts.path.strip("/") or None,
            config={name: value for name, value in config.items() if value},  # type: ignore[arg-type]
            client_options={"allow_http": (endpoint or "").startswith("http://")},
            retry_config={"max_retries": _MOST_RETRIES, "retry_timeout": timedelta(minutes=2)},
        )
        return store, f"s3://{parts.netloc}{parts.path.rstrip('/')}"
    if parts.scheme not in ("", "file") or (parts.scheme == "file" and parts.netloc not in ("", "localhost")):
        raise NoRepositoryError(f"Backups go to a folder or to s3://bucket/prefix, not to {parts.scheme}://.")
    folder = Path(unquote(parts.path) if parts.scheme else url).expanduser().absolute()
    if make:
        with _told(str(folder)):
            folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    elif not folder.is_dir():
        raise NoRepositoryError(f"There is no folder {folder}. Check the address.")
    return LocalStore(folder), str(folder)


def _path(name: str) -> str:
    return f"chunks/{name[:2]}/{name}"


@contextmanager
def _told(place: str) -> Iterator[None]:
    """Errors of a store as sentences, which hold no credential."""
    from obstore import exceptions

    try:
        yield
    except (PermissionError, exceptions.PermissionDeniedError, exceptions.UnauthenticatedError):
        reason, advice = (
            "access is denied",
            "Check who may write there, and AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY for a bucket",
        )
    except (FileNotFoundError, exceptions.NotFoundError):
        reason, advice = "something is missing there", "Check the address; a missing object can't be restored from"
    except (OSError, exceptions.BaseError) as error:
        said = str(error)
        if "No space left on device" in said:
            reason, advice = "the disk is full", "Free space there. What was stored is kept and not sent again"
        elif isinstance(error, OSError):
            reason, advice = error.strerror or type(error).__name__, "Check the folder"
        else:
            reason, advice = said.splitlines()[0].rstrip("."), "Check the address, AWS_ENDPOINT_URL and the network"
    else:
        return
    raise BackupError(f"The backups in {place} can't be reached: {reason}. {advice}.")
