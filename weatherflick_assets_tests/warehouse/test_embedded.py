"""The embedded server: in any home, on any machine, after any end; and nobody learns a key from it."""

import os
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
from collections.abc import Iterator
from contextlib import closing, suppress
from pathlib import Path

import psutil
import psycopg
import pytest
from sqlalchemy import URL

from weatherflick_assets.build import prepare_database
from weatherflick_assets.settings import Mode
from weatherflick_assets.warehouse import embedded, postgres_programs
from weatherflick_assets.warehouse.connections import connect
from weatherflick_assets_tests.databases import addresses_of, open_to_superuser
from weatherflick_assets_tests.recorded import RECORDED
from weatherflick_assets_tests.waiting import wait_until

AS_ROOT = pytest.mark.skipif(os.geteuid() != 0, reason="NOT ROOT: only root meets this")

KEY = "a-key-that-nobody-may-see"
CASES = RECORDED.parent / "cases" / "files"

ODDEST = "o d+d%41&\"'$(touch pwned)`id`;#\\한글"


class Home:
    """A state folder with something in its database."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    @property
    def data(self) -> Path:
        return self.folder / "postgresql"

    @property
    def number(self) -> int:
        return int(self.data.with_suffix(".pid").read_text())

    def start(self) -> URL:
        return embedded.start(self.data)

    def stop(self) -> bool:
        return embedded.stop(self.data)

    def kill(self) -> None:
        """As the kernel does when memory ran out."""
        number = self.number
        os.kill(number, signal.SIGKILL)
        wait_until("the end of the server", lambda: not embedded._is_locked(self.data))

    def move(self, folder: Path) -> None:
        folder.parent.mkdir(parents=True, exist_ok=True)
        self.folder = self.folder.rename(folder)

    def kept(self) -> list[tuple[str]]:
        """What was stored in it, read through the platform's address."""
        with closing(connect(self.start().set(database="platform"))) as connection:
            return connection.execute("SELECT kept FROM box").fetchall()


@pytest.fixture(scope="module")
def filled() -> Iterator[Home]:
    """Made in a folder whose name a shell would read as something else."""
    top = Path(tempfile.mkdtemp(prefix="wf-home-"))
    home = Home(top / ODDEST / "home")
    server = home.start()
    with closing(connect(server, autocommit=True)) as connection:
        connection.execute("CREATE DATABASE platform")
    with closing(connect(server.set(database="platform"), autocommit=True)) as connection:
        connection.execute("CREATE TABLE box AS SELECT '보관'::text AS kept")
    try:
        yield home
    finally:
        home.stop()
        shutil.rmtree(top)


@pytest.fixture
def home(filled: Home) -> Home:
    """The same, not running."""
    filled.stop()
    return filled


@pytest.fixture
def empty() -> Iterator[Home]:
    """A state folder that no start has seen."""
    top = Path(tempfile.mkdtemp(prefix="wf-empty-"))
    created = Home(top / "home")
    try:
        yield created
    finally:
        embedded.stop(created.data)
        shutil.rmtree(top)


@pytest.mark.fault("Odd machines", "a home whose path a shell or an address would read otherwise", "it works")
@pytest.mark.parametrize(
    "name",
    ["with blanks", "+", "%41", "&", "'", '"', "$(touch pwned)", "`touch pwned`", "\\", "#?=", "-D", "한글", ODDEST],
)
def test_a_home_may_have_any_name(home: Home, name: str) -> None:
    top = home.folder.parent
    home.move(top.with_name(f"{top.name}-moved") / name)
    try:
        assert home.kept() == [("보관",)]
        assert list(home.folder.parent.glob("**/pwned")) == []
    finally:
        home.stop()
        home.move(top / "home")


@pytest.mark.fault(
    "Odd machines",
    "a home whose path is longer than a socket's may be",
    "it works; the socket stays in a folder of mode 0700",
)
@pytest.mark.parametrize("length", [60, 100, 200])
def test_a_long_path_opens_the_socket_to_nobody(home: Home, length: int) -> None:
    top = home.folder.parent
    home.move(top.with_name("long") / ("d" * length))
    try:
        assert home.kept() == [("보관",)]
        folder = Path(str(home.start().query["host"]))
        assert (folder.resolve(), folder.stat().st_mode & 0o777) == (home.data.resolve(), 0o700)
        assert (folder / ".s.PGSQL.5432").stat().st_mode & 0o077 == 0
    finally:
        home.stop()
        with suppress(FileNotFoundError):
            embedded._socket_folder(home.data).unlink() if embedded._socket_folder(home.data) != home.data else None
        home.move(top / "home")


@AS_ROOT
@pytest.mark.fault(
    "Odd machines", "somebody else made a folder where the socket of a long path is looked for", "it is refused"
)
def test_a_link_of_somebody_else_is_not_followed(home: Home) -> None:
    top = home.folder.parent
    home.move(top.with_name("long") / ("d" * 100))
    link = embedded._socket_folder(home.data)
    link.symlink_to(top)
    os.lchown(link, 12345, 12345)
    try:
        with pytest.raises(embedded.EmbeddedServerError, match="is not a link of ours"):
            home.start()
    finally:
        link.unlink()
        home.move(top / "home")


@AS_ROOT
@pytest.mark.fault(
    "Odd machines",
    "root starts the platform below a closed folder",
    "no folder is opened, no user is added, the server is not root",
)
def test_root_opens_no_folder_and_adds_no_user(empty: Home) -> None:
    users, groups = Path("/etc/passwd").read_bytes(), Path("/etc/group").read_bytes()
    above = [folder for folder in empty.folder.parents if folder.exists()]
    modes = {folder: folder.stat().st_mode for folder in above}
    with closing(connect(empty.start())):
        server = psutil.Process(empty.number)
        assert 0 not in {*server.uids(), *server.gids()}
    assert {folder: folder.stat().st_mode for folder in above} == modes
    assert (Path("/etc/passwd").read_bytes(), Path("/etc/group").read_bytes()) == (users, groups)
    assert empty.folder.stat().st_mode & 0o777 == 0o700


@AS_ROOT
@pytest.mark.fault(
    "Odd machines",
    "a home was copied by root, and everybody may read it",
    "it is given to the server's user and closed",
)
@pytest.mark.parametrize("mode", [0o755, 0o777])
def test_a_copied_folder_is_taken_over(home: Home, mode: int) -> None:
    copy = Home(home.folder.with_name(f"copy-{mode}"))
    shutil.copytree(home.folder, copy.folder)
    for path in (copy.data, *copy.data.rglob("*")):
        os.chown(path, 0, 0)
    copy.data.chmod(mode)
    try:
        assert copy.kept() == [("보관",)]
        assert copy.data.stat().st_mode & 0o777 == 0o700
    finally:
        copy.stop()


@AS_ROOT
@pytest.mark.fault(
    "Odd machines", "the server's user can't reach the installed programs", "they are copied, and it is said"
)
@pytest.mark.parametrize("umask", [0o022, 0o077], ids=["a process that shares", "a command, which doesn't"])
def test_programs_below_a_closed_folder_are_copied(
    umask: int, home: Home, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    top = home.folder.parent.parent
    closed, place = top / f"closed-{umask:o}", top / f"for-all-{umask:o}"
    installed = postgres_programs._installed()
    for name in (f"{installed.name}/pginstall18", f"{installed.name}.libs"):
        shutil.copytree(installed.parent / name, closed / name)
    closed.chmod(0o700)
    monkeypatch.setattr(postgres_programs, "_installed", lambda: closed / installed.name)
    monkeypatch.setattr(postgres_programs, "_FOR_ALL", place)
    top.chmod(0o711)
    usual = os.umask(umask)
    try:
        assert home.kept() == [("보관",)]
    finally:
        os.umask(usual)
    assert f"its programs are copied to {place}" in capfd.readouterr().err
    assert closed.stat().st_mode & 0o777 == 0o700


@AS_ROOT
@pytest.mark.fault("Odd machines", "a user id without a name", "it works, or what the machine lacks is said")
def test_a_user_without_a_name_can_start_it(empty: Home) -> None:
    empty.folder.mkdir()
    os.chown(empty.folder, NAMELESS, NAMELESS)
    done = start_as(NAMELESS, empty)
    if done.returncode:
        assert "has no name" in done.stderr
    else:
        assert psutil.Process(empty.number).uids().real == NAMELESS
        assert empty.data.stat().st_uid == NAMELESS


@AS_ROOT
@pytest.mark.fault("Odd machines", "the home belongs to another user", "one sentence says to whom")
def test_a_folder_of_another_user_is_told(home: Home) -> None:
    copy = Home(home.folder.with_name("open"))
    shutil.copytree(home.folder, copy.folder)
    copy.folder.chmod(0o777)
    done = start_as(NAMELESS, copy)
    assert "belongs to the user with the id 0. Work as that user" in done.stderr


NAMELESS = 54_321
STARTER = """
import sys
from pathlib import Path
from weatherflick_assets.errors import PlatformError
from weatherflick_assets.warehouse import embedded
try:
    embedded.start(Path(sys.argv[1]))
except PlatformError as error:
    sys.exit(str(error))
"""


def start_as(user: int, home: Home) -> "subprocess.CompletedProcess[str]":
    """Start it as another user, with an interpreter that the user can reach."""
    for folder in home.folder.parents:
        if folder.stat().st_mode & 0o001 == 0:
            folder.chmod(0o711)
    for python in (sys.executable, "/usr/bin/python3"):
        with suppress(OSError):
            command = [python, "-c", STARTER, home.data]
            environment = {"PYTHONPATH": ":".join(sys.path), "PATH": os.defpath}
            done = subprocess.run(
                command, user=user, group=user, extra_groups=(), env=environment, capture_output=True, text=True,
                check=False,
            )  # fmt: skip
            if "ModuleNotFoundError" not in done.stderr:
                return done
    pytest.skip(f"INTERPRETER OUT OF REACH: another user can't run {sys.executable}")


@pytest.mark.fault("Odd machines", "a locale that the machine lacks", "it plays no part")
@pytest.mark.parametrize("variable", ["LANG", "LC_ALL", "LC_CTYPE", "LC_MESSAGES"])
def test_the_locale_plays_no_part(home: Home, monkeypatch: pytest.MonkeyPatch, variable: str) -> None:
    monkeypatch.setenv(variable, "ko_KR.UTF-8")
    (home.data / "pg_hba.conf").write_text("local all all trust\n")  # as of an earlier version
    with (home.data / "postgresql.conf").open("a") as settings:
        settings.write("lc_messages = 'ko_KR.UTF-8'\nlc_time = 'ko_KR.UTF-8'\n")
    assert home.kept() == [("보관",)]
    with closing(connect(home.start())) as connection:
        assert connection.execute("SELECT current_setting('lc_messages')").fetchone() == ("C",)


def test_a_new_home_depends_on_no_locale(empty: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LC_ALL", "ko_KR.UTF-8")
    with closing(connect(empty.start())) as connection:
        asked = "SELECT DISTINCT pg_encoding_to_char(encoding), datlocprovider, datcollate, datctype FROM pg_database"
        assert connection.execute(asked).fetchall() == [("UTF8", "b", "C", "C")]


PID_FILES = {
    "another process": f"{os.getppid()}\n/somewhere/else\n1700000000\n5432\n/tmp\n\n  1  2\nready   \n",
    "this process": f"{os.getpid()}\n",
    "no process": "999999\n/somewhere/else\n1700000000\n5432\n/tmp\n\n  1  2\nready   \n",
    "cut off": "999999\n/tmp/x/postgresql\n",
    "empty": "",
    "noise": "\x00\xff\x00 not a number",
    "starting": f"{os.getpid()}\n/somewhere/else\n1700000000\n5432\n/tmp\n\n  1  2\nstarting\n",
}


@pytest.mark.fault(
    "Liveness",
    "a server was killed and left a postmaster.pid that says something else",
    "it is cured, and nothing is lost",
)
@pytest.mark.parametrize("left", PID_FILES)
def test_what_a_killed_server_left_is_cured(home: Home, left: str) -> None:
    assert home.kept() == [("보관",)]
    home.kill()
    (home.data / "postmaster.pid").write_text(PID_FILES[left])
    (home.data / ".s.PGSQL.5432.lock").write_text(PID_FILES[left])
    assert home.kept() == [("보관",)]


@pytest.mark.recorded
@pytest.mark.parametrize("name", ["05_postmaster_cut.pid", "05_postmaster_empty.pid"])
def test_a_recorded_postmaster_file_is_cured(home: Home, name: str) -> None:
    if not (CASES / name).is_file():
        pytest.skip(f"RECORDED DATA ABSENT: {CASES / name}")
    shutil.copyfile(CASES / name, home.data / "postmaster.pid")
    assert home.kept() == [("보관",)]


@pytest.mark.fault(
    "Liveness",
    "postmaster.pid of a running server is damaged, so that it would end within a minute",
    "it is restarted in order",
)
@pytest.mark.parametrize("left", ["empty", "cut off", "this process"])
def test_a_damaged_file_of_a_running_server_is_cured(home: Home, left: str) -> None:
    home.start()
    (home.data / "postmaster.pid").write_text(PID_FILES[left])
    assert home.kept() == [("보관",)]
    assert (home.data / "postmaster.pid").read_text().startswith(f"{home.number}\n")


@pytest.mark.fault(
    "Liveness", "a server still replays what it had written when others want it", "all wait for the one server"
)
def test_many_that_start_at_once_after_a_kill_get_one_server(home: Home) -> None:
    with closing(connect(home.start().set(database="platform"), autocommit=True)) as connection:
        connection.execute("CREATE TABLE IF NOT EXISTS much AS SELECT generate_series(1, 300000) AS number")
    home.kill()
    found: list[object] = []

    def work() -> None:
        with closing(connect(home.start())) as connection:
            found.append(connection.execute("SELECT pg_postmaster_start_time()").fetchone())

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(found) == 4
    assert len({*found}) == 1


MOMENTS = {
    "a folder beside": lambda home: any(home.folder.glob("postgresql.new-*")),
    "the first database": lambda home: any(home.folder.glob("postgresql.new-*/base/1/PG_VERSION")),
    "the last database": lambda home: any(home.folder.glob("postgresql.new-*/base/5")),
    "the folder in its place": lambda home: home.data.exists(),
    "a server": lambda home: (home.data / "postmaster.pid").exists(),
}


@pytest.mark.fault("Liveness", "the first start is killed", "the next one starts")
@pytest.mark.parametrize(
    ("moment", "everything"),
    [(moment, bool(number % 2)) for number, moment in enumerate(MOMENTS)],
    ids=[f"{moment} is there, {('the command', 'every process')[number % 2]}" for number, moment in enumerate(MOMENTS)],
)
def test_a_first_start_can_be_killed_at_any_moment(empty: Home, moment: str, *, everything: bool) -> None:
    with subprocess.Popen([sys.executable, "-c", STARTER, empty.data]) as starter:
        wait_until(moment, lambda: MOMENTS[moment](empty) or starter.poll() is not None)
        starter.kill()
    if everything:
        kill_everything_in(empty.folder)
    with closing(connect(empty.start())) as connection:
        assert connection.execute("SELECT current_user").fetchone() == ("weatherflick",)


@pytest.mark.torture
@pytest.mark.fault("Liveness", "the first start is killed", "the next one starts")
@pytest.mark.parametrize("permille", range(0, 1000, 40))
def test_a_first_start_can_be_killed_after_any_time(empty: Home, permille: int) -> None:
    with subprocess.Popen([sys.executable, "-c", STARTER, empty.data]) as starter:
        with suppress(subprocess.TimeoutExpired):
            starter.wait(2.5 * permille / 1000)
        starter.kill()
    if permille % 80:
        kill_everything_in(empty.folder)
    with closing(connect(empty.start())) as connection:
        assert connection.execute("SELECT current_user").fetchone() == ("weatherflick",)


def kill_everything_in(folder: Path) -> None:
    """What a loss of power does to processes."""
    for process in psutil.process_iter():
        with suppress(psutil.Error, OSError):
            if Path(process.cwd()).is_relative_to(folder):
                process.kill()


@pytest.mark.fault("Liveness", "an earlier version's first start was killed and left half a folder", "it is made anew")
@pytest.mark.parametrize("left", [("PG_VERSION", "base/1/PG_VERSION", "global/pg_control"), ()])
def test_half_a_folder_is_made_anew(empty: Home, left: tuple[str, ...]) -> None:
    empty.data.mkdir(parents=True)
    for name in left:
        (empty.data / name).parent.mkdir(parents=True, exist_ok=True)
        (empty.data / name).write_text("18")
    with closing(connect(empty.start())):
        pass


def test_a_folder_with_something_else_in_it_is_refused_and_left_alone(empty: Home) -> None:
    empty.data.mkdir(parents=True)
    (empty.data / "thesis.txt").write_text("ten years")
    with pytest.raises(embedded.EmbeddedServerError, match="holds something other than a database"):
        empty.start()
    assert (empty.data / "thesis.txt").read_text() == "ten years"


REFUSED = (
    "CREATE TEMPORARY TABLE seen (line text); COPY seen FROM PROGRAM 'env'",
    "COPY (SELECT 1) TO PROGRAM 'cat'",
    "COPY (SELECT 1) TO '/tmp/weatherflick-written'",
    "SELECT pg_read_file('/etc/hostname')",
    "SELECT pg_read_binary_file('/proc/self/environ')",
    "SELECT pg_ls_dir('/proc')",
    "SELECT lo_import('/proc/self/environ')",
    "ALTER SYSTEM SET shared_preload_libraries = 'x'",
    "ALTER ROLE weatherflick SUPERUSER",
    "CREATE ROLE another SUPERUSER",
    "GRANT pg_execute_server_program TO weatherflick",
    "GRANT pg_read_server_files TO weatherflick",
    "SET SESSION AUTHORIZATION postgres",
    "SET ROLE postgres",
    "CREATE FUNCTION run(text) RETURNS int AS 'libc.so.6', 'system' LANGUAGE c",
    "LOAD '/lib/x86_64-linux-gnu/libc.so.6'",
    "UPDATE pg_authid SET rolsuper = true",
)


@pytest.mark.fault(
    "Keys and passwords", "a statement reads files, programs or the environment", "the platform's role may not"
)
@pytest.mark.parametrize("statement", REFUSED)
@pytest.mark.parametrize("role", ["weatherflick", "weatherflick_reader", "weatherflick_backup"])
def test_no_statement_sees_the_machine(filled: Home, statement: str, role: str) -> None:
    with (
        closing(connect(filled.start().set(username=role, database="platform"), autocommit=True)) as connection,
        pytest.raises((psycopg.errors.InsufficientPrivilege, psycopg.errors.UndefinedFile)),
    ):
        connection.execute(statement)  # type: ignore[arg-type]


@pytest.mark.fault("Keys and passwords", "somebody logs in as the superuser", "it is refused")
def test_the_superuser_can_not_log_in(filled: Home) -> None:
    with pytest.raises(psycopg.OperationalError, match=r"pg_hba\.conf rejects"):
        connect(filled.start().set(username="postgres"))


@pytest.mark.fault("Keys and passwords", "a superuser reads the environment of the server", "it holds nothing of ours")
def test_even_a_superuser_finds_no_key_in_the_server(home: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("KTO_API_KEY", KEY)
    monkeypatch.setenv("WEATHERFLICK_DATABASE_URL", f"postgresql://u:{KEY}@h/d")
    server = home.start()
    assert {*psutil.Process(home.number).environ()} <= {"PATH", "LC_ALL"}
    open_to_superuser(home.data)
    as_superuser = server.set(username="postgres")
    wait_until("the superuser to be let in", lambda: can_connect(as_superuser))
    with closing(connect(as_superuser)) as connection:
        connection.execute("CREATE TEMPORARY TABLE seen (line text)")
        connection.execute("COPY seen FROM PROGRAM 'env; tr ''\\0'' ''\\n'' < /proc/$PPID/environ'")
        seen = [line for (line,) in connection.execute("SELECT line FROM seen")]
    assert any(line.startswith("PATH=") for line in seen)
    assert not any(KEY in line for line in seen)


def can_connect(url: URL) -> bool:
    with suppress(psycopg.OperationalError), closing(connect(url)):
        return True
    return False


def test_a_home_whose_superuser_an_earlier_version_shut_out_is_set_up_again(home: Home) -> None:
    (home.data / "pg_hba.conf").write_text("local all postgres reject\nlocal all all trust\n")

    assert home.kept() == [("보관",)]
    assert (home.data / "pg_hba.conf").read_text() == embedded._ACCESS


@pytest.mark.fault(
    "Keys and passwords", "a home of an earlier version belongs to the superuser", "it is handed over without loss"
)
def test_a_home_of_an_earlier_version_is_handed_over(home: Home) -> None:
    addresses = addresses_of(home.start().set(database="weatherflick_sandbox"))
    prepare_database(addresses, Mode.SANDBOX)
    open_to_superuser(home.data)
    superuser = addresses.platform.set(username="postgres")
    wait_until("the superuser to be let in", lambda: can_connect(superuser))
    with closing(connect(addresses.dagster)) as connection:
        connection.execute("CREATE TABLE runs (id bigserial PRIMARY KEY)")
        connection.execute("INSERT INTO runs DEFAULT VALUES")
        connection.commit()
    for url in (superuser, addresses.dagster.set(username="postgres"), superuser.set(database="platform")):
        with closing(connect(url, autocommit=True)) as connection:
            connection.execute("REASSIGN OWNED BY weatherflick TO postgres")
    with closing(connect(superuser, autocommit=True)) as connection:
        for url in (addresses.platform, addresses.dagster, superuser.set(database="platform")):
            with closing(connect(url.set(username="postgres"), autocommit=True)) as inside:
                inside.execute("DROP OWNED BY weatherflick, weatherflick_reader")
        connection.execute("DROP ROLE weatherflick, weatherflick_reader")
        before = connection.execute("SELECT count(*) FROM core.regions").fetchone()
    former = home.number

    assert home.kept() == [("보관",)]
    assert home.number != former  # it had been started with an environment that nobody knows
    prepare_database(addresses, Mode.SANDBOX)
    with closing(connect(addresses.platform)) as connection:
        assert connection.execute("SELECT count(*) FROM core.regions").fetchone() == before
        owners = "SELECT DISTINCT pg_get_userbyid(relowner) FROM pg_class WHERE oid >= 16384 AND relkind <> 't'"
        assert connection.execute(owners).fetchall() == [("weatherflick",)]
        connection.execute("DROP SCHEMA serving CASCADE")
    with closing(connect(addresses.dagster)) as connection:
        assert connection.execute("INSERT INTO runs DEFAULT VALUES RETURNING id").fetchone() == (2,)
    with pytest.raises(psycopg.OperationalError, match=r"pg_hba\.conf rejects"):
        connect(superuser)
