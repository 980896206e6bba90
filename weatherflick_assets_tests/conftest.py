"""Fixtures that many tests share: a real PostgreSQL, the recorded data, a clean environment."""

import os
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import hypothesis
import psycopg
import pytest
from sqlalchemy import URL, make_url
from xdist.remote import Producer
from xdist.scheduler import LoadFileScheduling
from xdist.workermanage import WorkerController

from weatherflick_assets.settings import Settings
from weatherflick_assets.warehouse import embedded
from weatherflick_assets.warehouse.connections import connect
from weatherflick_assets_tests.databases import Template, dsn_of, named, open_to_superuser, template
from weatherflick_assets_tests.recorded import RECORDED
from weatherflick_assets_tests.warehouse.stored import empty

# How long an example takes says something about the machine and its other work, nothing about the code.
hypothesis.settings.register_profile("test", deadline=None, max_examples=30)
hypothesis.settings.register_profile("torture", deadline=None)

_ON_ONE_PLATFORM = ("end_to_end/test_up.py", "end_to_end/test_dagster_ui.py")
"""Files whose tests look at one platform, which takes a minute to fill."""

_OURS = (
    "WEATHERFLICK_",
    "SLACK_",
    "ALERT_",
    "KTO_",
    "KMA_",
    "DATA_GO_KR_",
    "AIRKOREA_",
    "KASI_",
    "NAVER_",
    "GOOGLE_PLACES_",
    "DAGSTER_",
    "AWS_",
)


class ByFile(LoadFileScheduling):
    """Tests of a file, or of files that share a platform, run one after the other in one worker."""

    def _split_scope(self, nodeid: str) -> str:
        file = super()._split_scope(nodeid)
        return _ON_ONE_PLATFORM[0] if file.endswith(_ON_ONE_PLATFORM) else file


TORTURE = pytest.StashKey[int]()
"""How many of the collected tests are torture."""


def pytest_addoption(parser: pytest.Parser) -> None:
    """`--torture` runs everything."""
    parser.addoption("--torture", action="store_true", help="run the tests that are marked torture too")


def pytest_configure(config: pytest.Config) -> None:
    """Torture tries more examples of a law."""
    hypothesis.settings.load_profile("torture" if config.getoption("torture") else "test")


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leave torture out unless it is asked for, and put the files that take long first."""
    torture = [item for item in items if item.get_closest_marker("torture")]
    config.stash[TORTURE] = len(torture)
    if torture and not config.getoption("torture"):
        config.hook.pytest_deselected(items=torture)
        items[:] = [item for item in items if item not in torture]
    # What is short fills the gaps at the end, so that no core is left without work.
    slow_files = {item.path for item in items if item.get_closest_marker("slow")}
    items.sort(key=lambda item: item.path not in slow_files)


def pytest_sessionfinish(session: pytest.Session) -> None:
    """A worker reports how much is torture; all workers collect the same."""
    if (sent := getattr(session.config, "workeroutput", None)) is not None:
        sent["torture"] = session.config.stash.get(TORTURE, 0)


@pytest.hookimpl(optionalhook=True)
def pytest_testnodedown(node: WorkerController) -> None:
    """Take the report of a worker."""
    node.config.stash[TORTURE] = getattr(node, "workeroutput", {}).get("torture", 0)


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter, config: pytest.Config) -> None:
    """Say what did not run, or what ran besides."""
    if torture := config.stash.get(TORTURE, 0):
        ran = "ran besides" if config.getoption("torture") else "did not run; `make torture` runs them, too"
        terminalreporter.write_line(f"Tests marked torture: {torture} {ran}.")


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_auto_num_workers() -> int:
    """One worker more than there are cores: some tests wait for other processes and for an upstream that takes its time."""
    return min(len(os.sched_getaffinity(0)) + 1, 5)


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
    folder = Path(tempfile.mkdtemp(prefix="weatherflick-pg-"))
    try:
        server = embedded.start(folder / "postgresql")
        open_to_superuser(folder / "postgresql")
        yield server
    finally:
        embedded.stop(folder / "postgresql")
        shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture(scope="session")
def superuser(postgresql_server: URL) -> Iterator[psycopg.Connection]:
    """What an administrator of the session's server may do."""
    address = postgresql_server
    if not os.environ.get("WEATHERFLICK_TEST_SERVER"):
        address = address.set(username="postgres", database="postgres")
    with connect(address, autocommit=True) as connection:
        yield connection


@pytest.fixture(scope="session")
def template_database(postgresql_server: URL) -> Iterator[Template]:
    """A migrated database, of which every other one of the session is a clone."""
    with template(postgresql_server) as made:
        yield made


@pytest.fixture
def empty_database(postgresql_server: URL) -> Iterator[URL]:
    """The address of a database of this test's own that does not exist yet; dropped afterwards, Dagster's with it."""
    with named(postgresql_server) as url:
        yield url


@pytest.fixture
def command_database(template_database: Template) -> Iterator[URL]:
    """The address of a platform database of this test's own, Dagster's beside it, for commands in either mode."""
    with template_database.clone_for_commands() as url:
        yield url


@pytest.fixture
def database(template_database: Template) -> Iterator[str]:
    """The dsn of a prepared platform database of this test's own, for sandbox data."""
    with template_database.clone() as url:
        yield dsn_of(url)


@pytest.fixture(scope="session")
def prepared_database(template_database: Template) -> Iterator[str]:
    """The dsn of a prepared database for tests that leave its schema alone."""
    with template_database.clone() as url:
        yield dsn_of(url)


@pytest.fixture
def another_database(template_database: Template) -> Iterator[str]:
    """The dsn of a second prepared database, to compare with."""
    with template_database.clone() as url:
        yield dsn_of(url)


@pytest.fixture
def store(prepared_database: str) -> str:
    """The database of the session with nothing collected and nothing published."""
    empty(prepared_database)
    return prepared_database
