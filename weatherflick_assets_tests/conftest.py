"""Fixtures that many tests share: a real PostgreSQL, the recorded data, a clean environment."""

import os
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path
from uuid import uuid4

import hypothesis
import psycopg
import pytest
from sqlalchemy import URL, make_url
from xdist.remote import Producer
from xdist.scheduler import LoadFileScheduling

from weatherflick_assets.build import prepare_database
from weatherflick_assets.settings import Mode, Settings
from weatherflick_assets.warehouse import embedded
from weatherflick_assets.warehouse.database import Addresses
from weatherflick_assets_tests.databases import dsn_of
from weatherflick_assets_tests.recorded import RECORDED
from weatherflick_assets_tests.warehouse.stored import empty, prepared

# How long an example takes says something about the machine and its other work, nothing about the code.
hypothesis.settings.register_profile("untimed", deadline=None)
hypothesis.settings.load_profile("untimed")

_ON_ONE_PLATFORM = ("end_to_end/test_up.py", "end_to_end/test_dagster_ui.py")
"""Files whose tests look at one platform, which takes a minute to fill."""

_OURS = ("WEATHERFLICK_", "KTO_", "KMA_", "DATA_GO_KR_", "AIRKOREA_", "KASI_", "NAVER_", "GOOGLE_PLACES_", "DAGSTER_")


class ByFile(LoadFileScheduling):
    """Tests of a file, or of files that share a platform, run one after the other in one worker."""

    def _split_scope(self, nodeid: str) -> str:
        file = super()._split_scope(nodeid)
        return _ON_ONE_PLATFORM[0] if file.endswith(_ON_ONE_PLATFORM) else file


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Fast ones first."""
    items.sort(key=lambda item: item.get_closest_marker("slow") is not None)


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Producer) -> ByFile:
    """Share tests out to workers."""
    return ByFile(config, log)


@pytest.fixture(autouse=True)
def clean_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    """No test sees the environment or the .env file of whoever runs it; where data and servers are stays known."""
    for name in os.environ:
        if (
            name.startswith(_OURS)
            and not name.startswith("WEATHERFLICK_RECORDED")
            and name != "WEATHERFLICK_TEST_SERVER"
        ):
            monkeypatch.delenv(name)
    monkeypatch.setitem(Settings.model_config, "env_file", None)


@pytest.fixture(scope="session")
def recorded_data() -> Path:
    """The folder of recorded API data, which is not part of the project; without it the test is skipped."""
    if not RECORDED.is_dir():
        pytest.skip(f"RECORDED DATA ABSENT: {RECORDED} is no folder; set WEATHERFLICK_RECORDED_DATA")
    return RECORDED


@pytest.fixture(scope="session")
def postgresql_server() -> Iterator[URL]:
    """An embedded PostgreSQL server for the whole session, or the one that WEATHERFLICK_TEST_SERVER names."""
    if address := os.environ.get("WEATHERFLICK_TEST_SERVER"):
        yield make_url(address)
        return
    # Not pytest's own folder: its path can be too long for a Unix socket.
    folder = Path(tempfile.mkdtemp(prefix="weatherflick-pg-"))
    try:
        server = embedded.start(folder / "postgresql")
        with psycopg.connect(dsn_of(server), autocommit=True) as connection:
            # The server does not outlive the tests: nothing has to survive a power cut.
            connection.execute("ALTER SYSTEM SET fsync = off")
            connection.execute("ALTER SYSTEM SET full_page_writes = off")
            connection.execute("SELECT pg_reload_conf()")
        yield server
    finally:
        embedded.stop(folder / "postgresql")
        shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture
def empty_database(postgresql_server: URL) -> Iterator[URL]:
    """The address of a database of this test's own that does not exist yet; dropped afterwards, Dagster's with it."""
    url = postgresql_server.set(database=f"test_{uuid4().hex[:12]}")
    yield url
    with psycopg.connect(dsn_of(postgresql_server.set(database="postgres")), autocommit=True) as connection:
        for name in (url.database, f"{url.database}_dagster"):
            connection.execute(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')  # type: ignore[arg-type]


@pytest.fixture
def database(empty_database: URL) -> str:
    """The dsn of a prepared platform database of this test's own, for sandbox data."""
    addresses = Addresses(empty_database, empty_database.set(database=f"{empty_database.database}_dagster"))
    prepare_database(addresses, Mode.SANDBOX)
    return addresses.platform_dsn


@pytest.fixture(scope="session")
def prepared_database(postgresql_server: URL) -> Iterator[str]:
    """The dsn of a prepared database for tests that leave its schema alone."""
    with prepared(postgresql_server) as dsn:
        yield dsn


@pytest.fixture
def store(prepared_database: str) -> str:
    """That database with nothing collected and nothing published."""
    empty(prepared_database)
    return prepared_database
