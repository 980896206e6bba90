"""Log files are kept short: one that has grown too long is put aside beside it, and the oldest ones put aside are deleted.

Processes that write go on writing into the same file, so its content is copied and the file emptied. All of them open it
for appending, which is why they then write at its new beginning. A line that is written between the copy and the emptying
is lost; that is a moment.
"""

import os
import shutil
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path

LONGEST_LOG, LOGS_KEPT = 5_000_000, 3
"""Bytes after which a log is put aside, and how many former ones are kept."""

LOGS = "logs"
"""The folder of logs in the state folder."""

SERVER_LOG = "postgresql"
"""What former logs of the embedded server are called. They lie with the others, because backups copy the server's folder."""


def log_files(home: Path) -> Iterator[tuple[Path, Path]]:
    """Every log of a state folder, and the path that its former ones are named after."""
    folder = home / LOGS
    for log in sorted(folder.glob("*.log")):
        yield log, log
    yield home / "postgresql" / "log", folder / f"{SERVER_LOG}.log"


def shorten(home: Path) -> int:
    """Put aside every log of a state folder that is too long. Returns how many bytes of former logs were deleted."""
    return sum(put_aside(log, former) for log, former in log_files(home))


def put_aside(log: Path, former: Path) -> int:
    """Put a log aside if it is too long, as `former` with a number. Returns how many bytes of older ones were deleted."""
    try:
        if log.stat().st_size <= LONGEST_LOG:
            return 0
    except OSError:  # there is none, or it is not for this user
        return 0
    numbered = [former.with_name(f"{former.name}.{number}") for number in range(1, LOGS_KEPT + 1)]
    oldest = numbered[-1].stat().st_size if numbered[-1].exists() else 0
    for younger, older in reversed([*pairwise(numbered)]):
        if younger.exists():
            younger.replace(older)
    former.parent.mkdir(mode=0o700, exist_ok=True)
    numbered[0].touch(mode=0o600)
    shutil.copyfile(log, numbered[0])
    os.truncate(log, 0)
    return oldest
