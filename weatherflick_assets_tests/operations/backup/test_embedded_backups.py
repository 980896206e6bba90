"""Backups of the embedded server, proven by restoring them: to a time, after kills, in place, and drilled."""

import os
import signal
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from itertools import count
from pathlib import Path
from typing import Any

import psutil
import pytest

from weatherflick_assets.operations.backup import restoring, taking
from weatherflick_assets.operations.backup.chunks import MOST
from weatherflick_assets.operations.backup.errors import BackupError, RestoreError
from weatherflick_assets.operations.backup.figures import Tables
from weatherflick_assets.operations.backup.manifests import Kind, restorable
from weatherflick_assets.operations.backup.repository import opened
from weatherflick_assets.operations.backup.restoring import Restored
from weatherflick_assets.operations.backup.taking import BackupRunningError, Taken
from weatherflick_assets.settings import Settings, now
from weatherflick_assets.warehouse import embedded, leases
from weatherflick_assets.warehouse.connections import connect
from weatherflick_assets_tests.operations.backup import buckets
from weatherflick_assets_tests.operations.backup.homes import Home, careless, filled
from weatherflick_assets_tests.waiting import wait_until

pytestmark = pytest.mark.slow

KEY = "a key of several words"


@dataclass
class Past:
    """A home with a history, and what was in it when."""

    home: Home
    place: str
    moments: dict[datetime, Mapping[str, Tables]]
    taken: list[Taken]

    def note(self) -> None:
        self.moments[self.home.clock()] = self.home.tables()


def back_up(home: Home, place: object, settings: Settings | None = None, *, wal_only: bool = False) -> Taken:
    return taking.back_up(settings or home.with_key(KEY), home.addresses, str(place), clock=now, wal_only=wal_only)


def restore(
    home: Home, place: str, *, at: datetime | None = None, name: str | None = None, in_place: bool = False
) -> Restored:
    return restoring.restore(
        home.with_key(KEY), place, at=at, name=name, in_place=in_place, clock=now, say=lambda _: None
    )


@pytest.fixture(scope="module")
def past(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Past]:
    """A full backup, WAL, an incremental one and WAL, with changes between, and times noted between these."""
    folder = tmp_path_factory.mktemp("past")
    with filled(folder / "o d+d%41&\"'$(touch pwned)`id`;#한글") as home:
        made = Past(home, str(folder / "backups"), {}, [])
        made.taken.append(back_up(home, made.place))
        home.execute("UPDATE core.places SET title = 'changed' WHERE id <= 50")
        made.note()
        home.execute("DELETE FROM core.places WHERE id <= 20")
        made.taken.append(back_up(home, made.place, wal_only=True))
        made.taken.append(back_up(home, made.place))
        home.execute("CREATE TABLE core.later AS SELECT * FROM core.places WHERE id <= 100")
        made.note()
        home.execute("DROP TABLE core.places")
        made.taken.append(back_up(home, made.place, wal_only=True))
        made.note()
        yield made


@pytest.fixture
def new_home(tmp_path: Path) -> Iterator[Home]:
    home = Home(tmp_path / "new")
    try:
        yield home
    finally:
        embedded.stop(home.data)


def test_a_full_backup_is_followed_by_wal_and_incremental_ones_that_send_little(past: Past) -> None:
    assert [each.backup.kind for each in past.taken] == [Kind.FULL, Kind.WAL, Kind.INCREMENTAL, Kind.WAL]
    full, _, incremental, wal = past.taken
    assert incremental.backup.parent == full.backup.id
    assert incremental.sent_bytes < full.sent_bytes
    assert wal.sent_bytes < 1_000_000
    assert [each.notes for each in past.taken] == [()] * 4
    assert full.backup.figures is not None
    assert full.backup.figures.tables["weatherflick_sandbox"]["core.places"][0] == 2000
    assert not list(past.home.folder.parent.glob("**/pwned"))


@pytest.mark.fault(
    "Backups", "rows were changed and deleted, and an earlier time is restored", "all tables are as at that time"
)
@pytest.mark.parametrize("moment", [0, pytest.param(1, marks=pytest.mark.torture)])
def test_a_time_between_backups_is_restored_exactly(past: Past, new_home: Home, moment: int) -> None:
    at, tables = list(past.moments.items())[moment]
    restored = restore(new_home, past.place, at=at)
    assert restored.up_to == at
    assert new_home.tables() == tables
    assert {path.name for path in new_home.folder.iterdir()} == {
        "postgresql", "postgresql.lock", "postgresql.pid", "restoring.lock",
    }  # fmt: skip


@pytest.mark.torture
@pytest.mark.parametrize("bucket_of", [buckets.of_rclone, buckets.of_moto])
def test_a_bucket_restores_a_time_exactly_whoever_serves_it(
    new_home: Home, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, bucket_of: Callable[..., Any]
) -> None:
    with bucket_of(tmp_path) as bucket, filled(tmp_path / "home") as home:
        for name, value in bucket.variables().items():
            monkeypatch.setenv(name, value)
        assert back_up(home, bucket.url).backup.kind is Kind.FULL
        home.execute("UPDATE core.places SET title = 'changed' WHERE id <= 50")
        at, tables = home.clock(), home.tables()
        home.execute("DROP TABLE core.places")
        assert back_up(home, bucket.url, wal_only=True).backup.kind is Kind.WAL
        assert back_up(home, bucket.url).backup.kind is Kind.INCREMENTAL
        restore(new_home, bucket.url, at=at)
        assert new_home.tables() == tables


@pytest.mark.torture
@pytest.mark.fault(
    "Backups", "a restore is killed in the middle, its server goes on", "the next one starts cleanly and is complete"
)
def test_a_killed_restore_is_started_again_and_the_restored_platform_goes_on(
    past: Past, new_home: Home, tmp_path: Path
) -> None:
    command = [sys.executable, "-m", "weatherflick_assets.cli.main", "restore", "--from", past.place]
    environment = {**os.environ, "WEATHERFLICK_HOME": str(new_home.folder), "WEATHERFLICK_BACKUP_KEY": KEY}
    with subprocess.Popen(command, env=environment, cwd=tmp_path, stderr=subprocess.PIPE) as process:
        signals = "restoring-*/postgresql/postmaster.pid"
        wait_until("a server that replays", lambda: any(new_home.folder.glob(signals)) or process.poll() is not None)
        process.kill()
    assert not new_home.data.exists()

    restore(new_home, past.place)
    assert new_home.tables() == list(past.moments.values())[-1]
    assert not list(new_home.folder.glob("restoring-*"))
    careless(new_home.data)

    with pytest.raises(
        RestoreError, match=r"holds a database\. Restore into another WEATHERFLICK_HOME, or give --in-place"
    ):
        restore(new_home, past.place)
    with pytest.raises(embedded.EmbeddedServerError, match=r"runs\. `weatherflick stop` ends it"):
        restore(new_home, past.place, in_place=True)
    assert new_home.tables() == list(past.moments.values())[-1]

    # A restored database has a history of its own, and leaves the former one as it is.
    before = {each.backup.id: each.ends for each in restorable(opened(past.place, past.home.with_key(KEY)).manifests())}
    taken = back_up(new_home, past.place)
    assert (taken.backup.kind, taken.backup.wal and taken.backup.wal.timeline) == (Kind.FULL, 2)
    after = restorable(opened(past.place, past.home.with_key(KEY)).manifests())
    assert {each.backup.id: each.ends for each in after if each.backup.id != taken.backup.id} == before

    embedded.stop(new_home.data)
    at, tables = list(past.moments.items())[1]
    restored = restore(new_home, past.place, at=at, in_place=True)
    assert new_home.tables() == tables
    (kept,) = restored.kept
    assert Path(kept, "PG_VERSION").exists()
    assert new_home.execute("SELECT timeline_id FROM pg_control_checkpoint()") == [(3,)]


@pytest.mark.fault("Backups", "what is restored differs from what was backed up", "the drill names the tables")
def test_a_drill_restores_the_newest_backup_compares_and_leaves_nothing(past: Past) -> None:
    settings = past.home.with_key(KEY)
    repository = opened(past.place, settings)
    left = {path.name for path in past.home.folder.iterdir()}
    newest = next(each for each in reversed(repository.manifests()) if each.kind is not Kind.WAL)
    assert newest.figures is not None
    name, tables = next((name, tables) for name, tables in newest.figures.tables.items() if tables)
    table = next(iter(tables))
    wrong = {**newest.figures.tables, name: {**tables, table: (3, "4"), "core.lost": (1, "1")}}
    tampered = replace(newest, figures=replace(newest.figures, tables=wrong))
    repository.complete(tampered)
    try:
        drilled = restoring.drill(settings, past.place, now)
    finally:
        repository.complete(newest)
    assert drilled.backup.id == newest.id
    assert [said.split(" differs")[0] for said in drilled.differences if "differs" in said] == [f"{name}: {table}"]
    assert [said for said in drilled.differences if "missing" in said] == [f"{name}: core.lost is missing."]
    assert len(drilled.differences) == 2
    assert {path.name for path in past.home.folder.iterdir()} == left | {"drill.lock"}


def test_a_time_that_is_not_covered_and_a_wrong_key_change_nothing(past: Past, new_home: Home) -> None:
    with pytest.raises(RestoreError, match=r"don't cover .* They cover .* to .*"):
        restore(new_home, past.place, at=next(iter(past.moments)) - timedelta(days=1))
    settings = new_home.with_key("another key")
    with pytest.raises(BackupError, match="is not the key"):
        restoring.restore(settings, past.place, at=None, name=None, in_place=False, clock=now, say=print)
    elsewhere = Settings(
        WEATHERFLICK_HOME=new_home.folder, WEATHERFLICK_BACKUP_KEY=KEY, WEATHERFLICK_DATABASE_URL="postgresql://u@h/d"
    )  # type: ignore[call-arg]
    with pytest.raises(
        RestoreError, match="holds the files of an embedded server, and WEATHERFLICK_DATABASE_URL names"
    ):
        restoring.restore(elsewhere, past.place, at=None, name=None, in_place=False, clock=now, say=print)
    assert not new_home.folder.exists()


@pytest.mark.fault("Backups", "two backups of one platform are made at once", "the second is refused")
def test_a_second_backup_at_the_same_time_is_refused(past: Past, tmp_path: Path) -> None:
    with closing(leases.session(past.home.addresses.platform_dsn)) as other:
        assert leases.hold(other, "backup")
        with pytest.raises(BackupRunningError, match="Another backup of this platform is being made"):
            back_up(past.home, tmp_path / "backups")
    assert not (tmp_path / "backups").exists()


@pytest.mark.fault(
    "Backups", "the process of a backup is killed", "no half backup is listed, and what was sent is not sent again"
)
def test_a_killed_backup_leaves_no_backup_and_is_resumed(past: Past, tmp_path: Path) -> None:
    place = tmp_path / "backups"
    command = [sys.executable, "-c", BACK_UP, str(past.home.folder), str(place)]
    with subprocess.Popen(command, cwd=tmp_path) as process:
        wait_until("a chunk", lambda: any(place.glob("chunks/*/*")) or process.poll() is not None)
        process.send_signal(signal.SIGKILL)
    settings = past.home.settings
    assert opened(str(place), settings).manifests() == []
    taken = back_up(past.home, place, settings)
    assert taken.known_chunks > 0
    assert [each.id for each in opened(str(place), settings).manifests()] == [taken.backup.id]
    with closing(connect(past.home.addresses.platform)) as connection:
        assert connection.execute("SELECT FROM pg_replication_slots").rowcount == 0


BACK_UP = """
import sys
from weatherflick_assets.operations.backup import taking
from weatherflick_assets.settings import Settings, now
from weatherflick_assets.warehouse import embedded
from weatherflick_assets.warehouse.database import Addresses
settings = Settings(WEATHERFLICK_HOME=sys.argv[1])
server = embedded.start(settings.state_folder / "postgresql")
addresses = Addresses(server.set(database="weatherflick_sandbox"), server)
taking.back_up(settings, addresses, sys.argv[2], clock=now)
"""


@pytest.mark.fault(
    "Backups", "more WAL was written than the server keeps", "the gap is told, and later times are covered again"
)
def test_a_gap_in_the_wal_is_told_and_nothing_else_suffers(tmp_path: Path) -> None:
    with filled(tmp_path / "home") as home:
        settings = home.settings
        place = str(tmp_path / "backups")
        first = back_up(home, place, settings, wal_only=True)
        assert first.backup.kind is Kind.FULL  # there was none that the WAL would continue
        kept = home.data / "weatherflick.backup.conf"
        kept.write_text(kept.read_text().replace("1GB", "0"))
        psutil.Process(int(home.data.with_suffix(".pid").read_text())).send_signal(signal.SIGHUP)
        wait_until("the setting", lambda: home.execute("SHOW wal_keep_size") == [("0",)])
        address = embedded.for_backups(home.data)
        for _ in range(4):
            with closing(connect(address, autocommit=True)) as connection:
                connection.execute("SELECT pg_current_xact_id()")
                connection.execute("SELECT pg_switch_wal()")
            home.execute("CHECKPOINT")
        taken = back_up(home, place, settings, wal_only=True)
        assert "the first of it is gone" in taken.notes[0]
        found = restorable(opened(place, settings).manifests())
        assert [each.backup.kind for each in found] == [Kind.INCREMENTAL, Kind.FULL]
        assert found[1].ends < found[0].begins


@pytest.mark.fault("Backups", "the disk is full while a backup is restored", "one sentence says so, and nothing stays")
def test_a_full_disk_ends_a_restore_in_a_sentence(past: Past, tmp_path: Path) -> None:
    if os.geteuid() != 0 or os.system(f"mount -t tmpfs -o size=20M none {tmp_path} 2>/dev/null"):  # noqa: S605
        pytest.skip("NO MOUNT: only root can make a small disk, and not everywhere")
    try:
        home = Home(tmp_path / "home")
        with pytest.raises(
            RestoreError, match=r"No space left on device\. Free space there, .*; nothing that was there before"
        ):
            restore(home, past.place)
        assert [path.name for path in home.folder.iterdir()] == ["restoring.lock"]
    finally:
        os.system(f"umount {tmp_path}")  # noqa: S605


@pytest.mark.torture
@pytest.mark.fault(
    "Backups",
    "others write all the time while a backup is made",
    "the drill still finds exactly the rows that it names",
)
def test_a_backup_among_writers_names_exactly_what_it_restores(tmp_path: Path) -> None:
    with filled(tmp_path / "home") as home, ThreadPoolExecutor(2) as pool:
        done = threading.Event()

        def write(first: int) -> int:
            with closing(connect(home.addresses.platform, autocommit=True)) as connection:
                for number in count(first, 2):
                    connection.execute(
                        "UPDATE core.places SET title = %s WHERE id %% 97 = %s", (str(number), number % 97)
                    )
                    if done.wait(0.01):
                        return number
            raise AssertionError

        writers = [pool.submit(write, first) for first in (0, 1)]
        try:
            taken = back_up(home, tmp_path / "backups")
        finally:
            done.set()
        assert min(writer.result() for writer in writers) > 10
        assert taken.backup.figures is not None
        assert taken.backup.figures.tables != home.tables()
        assert restoring.drill(home.with_key(KEY), str(tmp_path / "backups"), now).differences == ()


def test_a_stream_of_the_server_is_longer_than_a_chunk(past: Past) -> None:
    """Otherwise the tests above would show little."""
    assert past.taken[0].backup.streams["files"].size > 3 * MOST
