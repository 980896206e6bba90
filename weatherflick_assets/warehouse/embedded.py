"""The embedded PostgreSQL server: started when needed, left running until it is stopped.

Its lifetime is managed here, and who may log in; its content belongs to `database.py` and the tables, and how its programs
are run to `postgres_programs.py`. It listens on a socket in its data folder, which only its own user may enter, and on no
network address.

Whether a server is alive is told by a lock that its processes inherit and that the kernel releases with the last of them.
The numbers in `postmaster.pid` are reused by other processes, and the file itself may be cut off.
"""

import os
import shutil
import signal
import threading
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from fcntl import LOCK_EX, LOCK_NB, flock
from hashlib import sha256
from pathlib import Path
from tempfile import mkdtemp
from typing import IO

import psutil
import psycopg
from psycopg import pq, sql
from sqlalchemy import URL

from weatherflick_assets.errors import PlatformError
from weatherflick_assets.warehouse import postgres_programs
from weatherflick_assets.warehouse.connections import connect, conninfo
from weatherflick_assets.warehouse.roles import BACKUP, PLATFORM, READER

_SUPERUSER = "postgres"
"""Made by initdb. It may log in only while a data folder is set up."""

_ACCESS = f"""\
# Written by weatherflick_assets. Other users of the machine can't enter the folder of the socket.
local all {_SUPERUSER} reject
local all all trust
local replication {BACKUP} trust
"""
"""The pg_hba.conf of a data folder that is set up."""

_KEEPING_WAL = "weatherflick.backup.conf"

_SETTINGS = f"""
# weatherflick_assets: messages and formats don't depend on the locales that the machine has.
lc_messages = 'C'
lc_monetary = 'C'
lc_numeric = 'C'
lc_time = 'C'
# Written when the first backup is made.
include_if_exists = '{_KEEPING_WAL}'
"""
"""Appended to postgresql.conf, where the last line wins."""

WAL_KEPT = "1GB"
"""So much WAL waits for the next backup on a server that has had one: hours of work. A gap only costs the times within it."""

_WAL_SETTINGS = f"""\
# Written by weatherflick_assets: the next backup finds the WAL since the last one, and which blocks changed.
wal_keep_size = {WAL_KEPT}
summarize_wal = on
"""

_LISTENING = ("-c", "listen_addresses=", "-c", "unix_socket_directories=.", "-c", "unix_socket_permissions=0700")

_ROLES = f"""
DO $$ BEGIN
    IF to_regrole('{PLATFORM}') IS NULL THEN CREATE ROLE {PLATFORM}; END IF;
    IF to_regrole('{READER}') IS NULL THEN CREATE ROLE {READER}; END IF;
    IF to_regrole('{BACKUP}') IS NULL THEN CREATE ROLE {BACKUP}; END IF;
END $$;
ALTER ROLE {PLATFORM} LOGIN CREATEDB NOSUPERUSER;
ALTER ROLE {READER} LOGIN NOSUPERUSER;
ALTER ROLE {BACKUP} LOGIN REPLICATION NOSUPERUSER;
GRANT pg_monitor, pg_checkpoint TO {PLATFORM};
"""

_DATABASES = "SELECT datname FROM pg_database WHERE datallowconn AND NOT datistemplate AND datname <> 'postgres'"

_HAND_OVER = """
DO $$ DECLARE change text; BEGIN
    FOR change IN
        SELECT format('ALTER SCHEMA %I', nspname) FROM pg_namespace
        WHERE nspowner = 10 AND oid >= 16384 AND NOT starts_with(nspname, 'pg_')
        UNION ALL
        SELECT format('ALTER TABLE %s', oid::regclass) FROM pg_class AS relation
        WHERE relowner = 10 AND oid >= 16384 AND relkind IN ('r', 'p', 'v', 'm', 'S') AND NOT EXISTS (
            SELECT FROM pg_depend
            WHERE relkind = 'S' AND classid = 'pg_class'::regclass AND objid = relation.oid AND deptype IN ('a', 'i')
        )
        UNION ALL
        SELECT format('ALTER ROUTINE %s', oid::regprocedure) FROM pg_proc WHERE proowner = 10 AND oid >= 16384
        UNION ALL
        SELECT format('ALTER TYPE %s', oid::regtype) FROM pg_type
        WHERE typowner = 10 AND oid >= 16384 AND typtype IN ('e', 'd')
    LOOP EXECUTE change || ' OWNER TO weatherflick'; END LOOP;
END $$
"""
"""What the superuser made in a database, which REASSIGN OWNED refuses to give away. A column's sequence follows its table."""

_LONGEST_SOCKET_PATH = 103
_PATIENCE_SECONDS = 300.0
"""For a server that replays what it had written when it was killed, and for queries that outlive theirs."""
_STOP_SECONDS = 30.0
_POLL_SECONDS = 0.02


class EmbeddedServerError(PlatformError):
    """The embedded PostgreSQL server could not be started or stopped."""


def start(data_folder: Path) -> URL:
    """Make sure that the server of `data_folder` runs; return the address of its maintenance database.

    The folder is created and set up on first use (one to three seconds), and one of an earlier version is brought up to
    date. The server outlives this process.

    Raises:
        EmbeddedServerError: the server does not come up; the message says why.
    """
    data = data_folder.expanduser().resolve()
    try:
        data.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        if data.exists() and os.geteuid() not in {0, owner := data.stat().st_uid}:
            raise EmbeddedServerError(
                f"{data} belongs to the user with the id {owner}. Work as that user, or set WEATHERFLICK_HOME."
            )
        with _alone(data):
            if not _is_complete(data):
                _initialise(data)
            is_set_up = (data / "pg_hba.conf").read_text() == _ACCESS
            if not (is_set_up and _is_as_recorded(data)):
                _stop(data)
            if not is_set_up and not (settings := (data / "postgresql.conf").read_text()).endswith(_SETTINGS):
                _write(data / "postgresql.conf", settings + _SETTINGS)
            if not is_set_up:  # an earlier version may have shut the superuser out, who has to set up what is new
                _write(data / "pg_hba.conf", "local all all trust\n")
            _run(data)
            if not is_set_up:
                _set_up(data)
            return _address(data)
    except OSError as error:
        raise _not_started(data, f"{error.strerror}: {error.filename}") from None
    except psycopg.Error as error:
        raise _not_started(data, str(error).strip().splitlines()[-1]) from None


def stop(data_folder: Path) -> bool:
    """Stop the server of `data_folder`; return whether one was running."""
    data = data_folder.expanduser().resolve()
    if not data.exists():
        return False
    with _alone(data):
        _forget_link(data)
        return _stop(data)


def _forget_link(data: Path) -> None:
    folder = _socket_folder(data)
    if folder.is_symlink() and folder.readlink() == data:
        folder.unlink()


def serves(data_folder: Path, url: URL) -> bool:
    """Whether `url` is an address on the server of `data_folder`."""
    return url.query.get("host") == str(_socket_folder(data_folder.expanduser().resolve()))


def for_backups(data_folder: Path) -> URL:
    """The address of a running server for the role that copies it. From now on the server keeps WAL for the next backup."""
    data = data_folder.expanduser().resolve()
    address = _address(data, BACKUP)
    if not (file := data / _KEEPING_WAL).exists():
        file.touch(mode=0o600)
        os.chown(file, data.stat().st_uid, data.stat().st_gid)
        _write(file, _WAL_SETTINGS)
        server = _server(data)
        assert server is not None, "it has just been started"
        server.send_signal(signal.SIGHUP)
    deadline = time.monotonic() + _STOP_SECONDS
    while time.monotonic() < deadline:
        with closing(connect(address)) as connection:
            if connection.execute("SHOW summarize_wal").fetchone() == ("on",):
                return address
        time.sleep(_POLL_SECONDS)
    raise EmbeddedServerError(
        f"The embedded PostgreSQL server in {data} did not take over {file}. `weatherflick stop`, then try again."
    )


def replay(data_folder: Path) -> None:
    """Start the server of a folder that was restored, wait until it has replayed what it is to replay, and stop it.

    Raises:
        EmbeddedServerError: it could not; the message says why.
    """
    data = data_folder.expanduser().resolve()
    try:
        with _alone(data):
            try:
                _run(data)
                with closing(connect(_address(data), autocommit=True)) as connection:
                    while connection.execute("SELECT pg_is_in_recovery()").fetchone() == (True,):
                        time.sleep(_POLL_SECONDS)
            except psycopg.OperationalError as error:  # it has ended
                reasons = _reasons(data / "log")
                raise _not_started(data, reasons[-1] if reasons else str(error)) from None
            finally:
                _stop(data)
                _forget_link(data)
    except OSError as error:
        raise _not_started(data, f"{error.strerror}: {error.filename}") from None


def is_alive(data_folder: Path) -> bool:
    """Whether a server works on a folder."""
    data = data_folder.expanduser().resolve()
    return data.exists() and _is_locked(data)


def running(data_folder: Path) -> URL | None:
    """The address of the maintenance database of a server that works on a folder; None if none does. It starts nothing."""
    return _address(data_folder.expanduser().resolve()) if is_alive(data_folder) else None


@contextmanager
def kept_stopped(data_folder: Path) -> Iterator[None]:
    """Nobody starts the server of a folder in the meantime; the folder may be moved.

    Raises:
        EmbeddedServerError: it runs.
    """
    data = data_folder.expanduser().resolve()
    with _alone(data):
        if _is_locked(data):
            raise EmbeddedServerError(
                f"The server of {data} runs. `weatherflick stop` ends it and all that works with it; then restore again."
            )
        yield


def _socket_folder(data: Path) -> Path:
    """Where clients find the socket: in the data folder, through a link if the path would be too long for a socket."""
    path = os.fsencode(data)
    if len(path) + len("/.s.PGSQL.5432") <= _LONGEST_SOCKET_PATH:
        return data
    return Path(f"/tmp/weatherflick-{os.geteuid()}-{sha256(path).hexdigest()[:16]}")  # noqa: S108 - see _address


def _address(data: Path, user: str = PLATFORM) -> URL:
    folder = _socket_folder(data)
    if folder != data:
        with suppress(FileExistsError):
            folder.symlink_to(data)
        # Nobody else can replace a link in a folder with the sticky bit, but somebody may have been there before.
        if not folder.is_symlink() or folder.lstat().st_uid != os.geteuid() or folder.readlink() != data:
            raise EmbeddedServerError(
                f"{folder} is not a link of ours. Remove it, or set WEATHERFLICK_HOME to a shorter path."
            )
    return URL.create("postgresql", user, database="postgres", query={"host": str(folder)})


@contextmanager
def _alone(data: Path) -> Iterator[None]:
    """Keep other processes from starting or stopping the same server."""
    with data.with_suffix(".lock").open("w") as lock:
        flock(lock, LOCK_EX)
        yield


def _is_complete(data: Path) -> bool:
    """Whether initdb came to its end: it makes the databases 1 and 4 first and 5 last; those of users have larger numbers."""
    base = data / "base"
    return base.is_dir() and any(child.name.isdigit() and int(child.name) > 4 for child in base.iterdir())


def _initialise(data: Path) -> None:
    """Make a data folder beside its place and move it there when it is complete."""
    left = {child.name for child in data.iterdir()} if data.exists() else set()
    if left and not left & {"base", "global", "pg_wal"}:
        raise EmbeddedServerError(
            f"{data} holds something other than a database. Set WEATHERFLICK_HOME to another folder."
        )
    for interrupted in data.parent.glob(f"{data.name}.new-*"):
        shutil.rmtree(interrupted, ignore_errors=True)
    new = Path(mkdtemp(prefix=f"{data.name}.new-", dir=data.parent))
    log = data.with_suffix(".log")
    with log.open("wb") as output:
        if not postgres_programs.initdb(new, _SUPERUSER, output):
            raise _not_started(data, _reasons(log)[0])  # what follows is a consequence
    log.replace(new / "log")
    if data.exists():
        shutil.rmtree(data)
    new.rename(data)


def _is_as_recorded(data: Path) -> bool:
    """Whether no server is alive, or the one that `postmaster.pid` names; a server without that file gives up soon."""
    return not _is_locked(data) or _first_line(data / "postmaster.pid") == _first_line(data.with_suffix(".pid"))


def _run(data: Path) -> None:
    """Launch the server unless it runs, and wait until it answers."""
    where = conninfo(_address(data)).encode()
    launched = False
    deadline = time.monotonic() + _PATIENCE_SECONDS
    while pq.PGconn.ping(where) != pq.Ping.OK:
        with data.with_suffix(".pid").open("a+") as life:
            if _taken(life):
                if launched:
                    raise _not_started(data, _reasons(data / "log")[-1])
                _launch(data, life)
                launched = True
        if time.monotonic() > deadline:
            raise _not_started(
                data, f"it is not ready after {_PATIENCE_SECONDS:.0f} s; it may go on replaying, so try again"
            )
        time.sleep(_POLL_SECONDS)


def _launch(data: Path, life: IO[str]) -> None:
    """Start the server's processes, which take over the lock on `life`."""
    # Of a server that is no longer alive, whatever they say; PostgreSQL would take a reused number for a living one.
    for stale in ("postmaster.pid", ".s.PGSQL.5432.lock"):
        (data / stale).unlink(missing_ok=True)
    life.truncate(0)
    with (data / "log").open("ab") as log:
        postgres_programs.own(data)
        process = postgres_programs.postgres(data, (*_LISTENING, "-c", _mark(data)), log, life)
    life.write(f"{process.pid}\n")
    life.flush()
    threading.Thread(target=process.wait, daemon=True).start()  # so that it is no zombie when it has ended


def _mark(data: Path) -> str:
    """What the server's command line is recognised by, however its folder is called."""
    return f"weatherflick.folder={data.stat().st_ino}"


def _stop(data: Path) -> bool:
    """End the server if it runs."""
    process = _server(data)
    if process is None:
        return False
    how = signal.SIGINT  # fast: open sessions are ended instead of waited for
    deadline = time.monotonic() + _STOP_SECONDS
    with suppress(psutil.NoSuchProcess):
        while process.is_running() and process.status() != psutil.STATUS_ZOMBIE:
            process.send_signal(how)
            if time.monotonic() > deadline:
                how = signal.SIGQUIT  # at once: it replays what it had written when it starts again
            time.sleep(_POLL_SECONDS)
    return True


def _server(data: Path) -> psutil.Process | None:
    """The server's first process. One that an earlier version started has the folder in its command line."""
    for file in (data.with_suffix(".pid"), data / "postmaster.pid"):
        with suppress(ValueError, psutil.Error):
            process = psutil.Process(int(_first_line(file)))
            if {_mark(data), str(data)} & {*process.cmdline()}:
                return process
    return None


def _set_up(data: Path) -> None:
    """Give everything to the platform's role, and shut the superuser out."""

    def superuser(database: str) -> closing[psycopg.Connection]:
        return closing(connect(_address(data, _SUPERUSER).set(database=database), autocommit=True))

    with superuser("template1") as connection:
        connection.execute(_ROLES)
        databases = [name for (name,) in connection.execute(_DATABASES)]
        for name in databases:
            give = sql.SQL("ALTER DATABASE {} OWNER TO {}").format(sql.Identifier(name), sql.Identifier(PLATFORM))
            connection.execute(give)
    for name in databases:
        with superuser(name) as connection:
            connection.execute(_HAND_OVER)
    with superuser("postgres") as connection:
        connection.execute(f"GRANT EXECUTE ON FUNCTION pg_switch_wal() TO {BACKUP}")
    with superuser("template1") as connection:
        _write(data / "pg_hba.conf", _ACCESS)
        connection.execute("SELECT pg_reload_conf()")


def _write(file: Path, text: str) -> None:
    """Replace a file of the server's, at once and for good."""
    owner, new = file.stat(), file.with_suffix(".new")
    with new.open("w") as output:
        output.write(text)
        os.fchown(output.fileno(), owner.st_uid, owner.st_gid)
        os.fsync(output.fileno())
    new.replace(file)


def _is_locked(data: Path) -> bool:
    """Whether a process of the server is alive."""
    with data.with_suffix(".pid").open("a+") as life:
        return not _taken(life)


def _taken(life: IO[str]) -> bool:
    """Take the lock that living servers hold; return whether it was free."""
    try:
        flock(life, LOCK_EX | LOCK_NB)
    except BlockingIOError:
        return False
    return True


def _first_line(file: Path) -> str:
    """An empty text if there is none."""
    with suppress(FileNotFoundError):
        return file.read_text(errors="replace").partition("\n")[0].strip()
    return ""


def _reasons(log: Path) -> list[str]:
    """Why PostgreSQL ended, as it wrote itself, one after another."""
    lines = [line.strip() for line in log.read_text(errors="replace").splitlines() if line.strip()]
    grave = [line for line in lines if "FATAL:" in line or "PANIC:" in line or "error:" in line]
    return [line.rpartition(": ")[2].strip() for line in grave or lines[-1:] or ["it said nothing"]]


def _not_started(data: Path, reason: str) -> EmbeddedServerError:
    log = next((file for file in (data / "log", data.with_suffix(".log")) if os.path.exists(file)), None)  # noqa: PTH110 - no error where it may not look
    return EmbeddedServerError(
        f"The embedded PostgreSQL server in {data} did not start: {reason.rstrip('.')}. {f'Its log is {log}; check' if log else 'Check'} that "
        "the disk is not full and the folder is yours, or set WEATHERFLICK_DATABASE_URL to a server of your own."
    )
