"""The place of backups: a folder or a bucket; what is there is never sent again, and half a backup is none."""

import os
import random
from collections.abc import Iterator
from pathlib import Path

import pytest

from weatherflick_assets.operations.backup import sealing
from weatherflick_assets.operations.backup.chunks import MOST
from weatherflick_assets.operations.backup.errors import BackupError
from weatherflick_assets.operations.backup.manifests import Kind
from weatherflick_assets.operations.backup.repository import NoRepositoryError, Repository, opened
from weatherflick_assets.upstream.access import without_secrets
from weatherflick_assets_tests.operations.backup import buckets
from weatherflick_assets_tests.operations.backup.buckets import Bucket
from weatherflick_assets_tests.operations.backup.made import START, manifest, place, settings

CONTENT = random.Random(5).randbytes(MOST * 3 // 2)
KEY = "a key of several words"


class KilledError(Exception):
    """In place of a kill."""


def broken_off(after: int) -> Iterator[bytes]:
    yield CONTENT[:after]
    raise KilledError


@pytest.fixture(scope="module")
def bucket(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Bucket]:
    with buckets.of_rclone(tmp_path_factory.mktemp("bucket")) as made:
        yield made


def files_in(folder: Path) -> set[str]:
    return {str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file()}


def test_a_stream_comes_back_and_what_is_there_is_not_sent_again(tmp_path: Path) -> None:
    first = place(tmp_path)
    stream = first.store([CONTENT])
    again = place(tmp_path)
    assert again.store([b"something before", CONTENT]).size == stream.size + 16
    assert again.sent.chunks <= 2
    assert again.sent.known_chunks >= len(stream.chunks) - 2
    assert b"".join(again.read(stream)) == CONTENT


@pytest.mark.fault("Backups", "a backup is killed in the middle", "it is never listed, and the next one sends the rest")
def test_half_a_backup_is_none_and_what_it_sent_is_kept_for_the_next(tmp_path: Path) -> None:
    first = place(tmp_path)
    with pytest.raises(KilledError):
        first.store(broken_off(MOST + MOST // 4))
    assert first.sent.chunks > 0
    second = place(tmp_path)
    assert second.manifests() == []
    stream = second.store([CONTENT])
    assert second.sent.known_chunks == first.sent.chunks
    made = manifest(Kind.DUMP, START, streams={"platform": stream})
    second.complete(made)
    assert place(tmp_path, None).manifests() == [made]


@pytest.mark.fault("Backups", "a loss of power left empty or half-written files", "they are stored again, and removed")
def test_what_a_loss_of_power_left_is_stored_again(tmp_path: Path) -> None:
    stream = place(tmp_path).store([CONTENT])
    first = next(tmp_path.glob("chunks/*/*"))
    first.write_bytes(b"")
    (half := first.with_name(f"{first.name}#1")).write_bytes(b"half")
    repository = place(tmp_path)
    assert repository.store([CONTENT]) == stream
    assert repository.sent.chunks == 1
    made = manifest(Kind.DUMP, START, streams={"platform": stream})
    repository.complete(made)
    repository.keep({made.id})
    assert b"".join(repository.read(stream)) == CONTENT
    assert not half.exists()


def test_what_no_backup_needs_is_deleted_and_all_else_stays(tmp_path: Path) -> None:
    repository = place(tmp_path)
    half = len(CONTENT) // 2
    old = manifest(Kind.DUMP, START, streams={"platform": repository.store([CONTENT[:half]])})
    new = manifest(Kind.DUMP, START.replace(day=9), streams={"platform": repository.store([CONTENT])})
    repository.store([b"of a backup that was killed"])
    for made in (old, new):
        repository.complete(made)
    assert repository.keep({new.id}) == 1
    assert repository.manifests() == [new]
    assert b"".join(repository.read(new.streams["platform"])) == CONTENT
    chunks = {name for name in files_in(tmp_path) if name.startswith("chunks/")}
    assert {name.rpartition("/")[2] for name in chunks} == new.chunks
    assert repository.store([CONTENT[:half], b""]).size == half


@pytest.mark.fault(
    "Backups",
    "a stored object is damaged, cut off, swapped or missing",
    "restoring says which, and restores nothing of it",
)
@pytest.mark.parametrize("key", [None, KEY])
@pytest.mark.parametrize("harm", ["changed", "cut off", "swapped", "missing"])
def test_a_damaged_object_is_told(tmp_path: Path, key: str | None, harm: str) -> None:
    repository = place(tmp_path, **({"WEATHERFLICK_BACKUP_KEY": key} if key else {}))
    stream = repository.store([CONTENT])
    paths = [next(tmp_path.glob(f"chunks/*/{name}")) for name in stream.chunks[:2]]
    stored = paths[0].read_bytes()
    if harm == "missing":
        paths[0].unlink()
    else:
        middle = len(stored) // 2
        changed = stored[:middle] + bytes([stored[middle] ^ 1]) + stored[middle + 1 :]
        paths[0].write_bytes({"changed": changed, "cut off": stored[:-9], "swapped": paths[1].read_bytes()}[harm])
    with pytest.raises(BackupError, match=r"is damaged\. Restore from another|something is missing there"):
        b"".join(repository.read(stream))


@pytest.mark.fault("Backups", "somebody reads the place of encrypted backups", "nothing of the database is seen")
def test_nothing_is_seen_without_the_key(tmp_path: Path) -> None:
    repository = place(tmp_path, WEATHERFLICK_BACKUP_KEY=KEY)
    row = b"the row that nobody may see"
    repository.complete(manifest(Kind.DUMP, START, streams={"platform": repository.store([row * 1000])}))
    for name in files_in(tmp_path):
        stored = (tmp_path / name).read_bytes()
        assert row not in stored
        assert b"public.t" not in stored
        assert KEY.encode() not in stored
    assert place(tmp_path, None, WEATHERFLICK_BACKUP_KEY=KEY).manifests()
    with pytest.raises(sealing.WrongKeyError):
        place(tmp_path, None, WEATHERFLICK_BACKUP_KEY="another key")
    with pytest.raises(sealing.WrongKeyError):
        place(tmp_path, None)


@pytest.mark.fault(
    "Odd machines", "the folder of backups has a path that a shell or an address would read otherwise", "it works"
)
@pytest.mark.parametrize("name", ["with blanks", "%41#?&", "$(touch pwned)`id`;", "..é", "한글", "-D", "s3:"])
def test_a_folder_may_have_any_name(tmp_path: Path, name: str) -> None:
    folder = tmp_path / name
    repository = place(folder)
    stream = repository.store([b"content"])
    repository.complete(manifest(Kind.DUMP, START, streams={"platform": stream}))
    (found,) = opened(str(folder), settings(), system=None).manifests()
    assert b"".join(repository.read(found.streams["platform"])) == b"content"
    assert [path.name for path in tmp_path.iterdir()] == [name]
    assert folder.stat().st_mode & 0o077 == 0


def test_a_folder_with_something_else_in_it_is_refused_and_left_alone(tmp_path: Path) -> None:
    (tmp_path / "thesis.txt").write_text("ten years")
    with pytest.raises(NoRepositoryError, match="holds something other than backups"):
        place(tmp_path)
    assert files_in(tmp_path) == {"thesis.txt"}


@pytest.mark.fault(
    "Backups",
    "two databases are backed up to one place",
    "the second is refused: one would delete what the other needs",
)
def test_the_place_of_another_database_is_refused(tmp_path: Path) -> None:
    place(tmp_path)
    with pytest.raises(NoRepositoryError, match="holds the backups of another database"):
        place(tmp_path, "another system")


@pytest.mark.parametrize(
    ("url", "said"),
    [
        ("ftp://host/x", "Backups go to a folder or to s3://bucket/prefix, not to ftp://."),
        ("s3://", "A bucket is named s3://bucket or s3://bucket/prefix"),
        ("s3://AKIA:secret-of-somebody@bucket", "A bucket is named s3://bucket or s3://bucket/prefix"),
        ("/nowhere/at/all", "There is no folder /nowhere/at/all"),
        ("file://elsewhere/x", "Backups go to a folder"),
    ],
)
def test_an_address_that_is_none_is_told_without_what_it_holds(url: str, said: str) -> None:
    with pytest.raises(NoRepositoryError) as raised:
        opened(url, settings(), system=None)
    assert str(raised.value).startswith(said)
    assert "secret-of-somebody" not in str(raised.value)


@pytest.mark.fault("Backups", "the disk of the backups is full", "one sentence says so; what was stored is kept")
def test_a_full_disk_is_told(tmp_path: Path) -> None:
    if os.geteuid() != 0 or os.system(f"mount -t tmpfs -o size=2M none {tmp_path} 2>/dev/null"):  # noqa: S605
        pytest.skip("NO MOUNT: only root can make a small disk, and not everywhere")
    try:
        repository = place(tmp_path)
        with pytest.raises(
            BackupError, match=r"can't be reached: the disk is full\. Free space there\. What was stored is kept"
        ):
            repository.store([CONTENT])
        assert place(tmp_path, None).manifests() == []
    finally:
        os.system(f"umount {tmp_path}")  # noqa: S605


def test_a_bucket_holds_backups_as_a_folder_does(bucket: Bucket) -> None:
    with_access = settings(WEATHERFLICK_BACKUP_KEY=KEY, **bucket.variables())
    repository = opened(bucket.url, with_access, system="a system")
    stream = repository.store([CONTENT])
    made = manifest(Kind.DUMP, START, streams={"platform": stream})
    repository.complete(made)
    repository.keep({made.id})
    again: Repository = opened(bucket.url, with_access, system=None)
    assert again.manifests() == [made]
    assert b"".join(again.read(stream)) == CONTENT
    assert again.store([CONTENT]) == stream
    assert again.sent.chunks == 0


@pytest.mark.fault(
    "Keys and passwords", "the object store refuses the credentials, or can't be reached", "no sentence repeats them"
)
def test_a_bucket_that_refuses_is_told_without_the_secret(bucket: Bucket, monkeypatch: pytest.MonkeyPatch) -> None:
    wrong = "a-secret-that-nobody-may-see-000000000000"
    with pytest.raises(BackupError, match="s3://backups/of/us can't be reached: ") as refused:
        opened(bucket.url, settings(**bucket.variables(wrong)), system=None)
    away = bucket.variables(wrong) | {"AWS_ENDPOINT_URL": "http://127.0.0.1:9"}
    with pytest.raises(BackupError, match="Check the address, AWS_ENDPOINT_URL and the network") as unreachable:
        opened(bucket.url, settings(**away), system=None)
    for raised in (refused, unreachable):
        assert wrong not in str(raised.value)
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", wrong)
    monkeypatch.setenv("WEATHERFLICK_BACKUP_KEY", KEY)
    assert without_secrets(f"{wrong} {KEY}") == "[key] [key]"
