"""Finding and ending processes that other commands started.

A process is recognised by its command line or by a mark in its environment, never by its process id alone, because ids
are reused. Child processes inherit the mark, so descendants are found even when every process in between was killed.
"""

import os
import signal
import threading
import time
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path

import psutil

from weatherflick_assets.settings import CHILD_OF_UP

_PATIENCE_SECONDS = 20.0
_KILLING_ROUNDS = 3
_POLL_SECONDS = 0.05


def end_with_parent() -> None:
    """Interrupt this process when the one that started it ends, however that ends.

    Its standard input is a pipe that nobody writes to and that closes then.
    """
    threading.Thread(target=_interrupt_when_alone, daemon=True).start()


def _interrupt_when_alone() -> None:
    os.read(0, 1)
    os.kill(os.getpid(), signal.SIGINT)


def mark(home: Path) -> dict[str, str]:
    """The variable that marks children of a state folder's `weatherflick up`."""
    return {CHILD_OF_UP: str(home.resolve())}


def marked(home: Path) -> list[psutil.Process]:
    """The processes that a `weatherflick up` of this state folder started, with all their descendants."""
    ((name, value),) = mark(home).items()
    found = []
    for process in psutil.process_iter():
        with suppress(psutil.Error, OSError):  # another user's, or it has just ended
            if process.environ().get(name) == value:
                found.append(process)
    return found


def end_marked(home: Path, *, seconds: float = _PATIENCE_SECONDS) -> bool:
    """Interrupt the marked processes and kill those that do not end in time. Return whether there were any."""
    family = marked(home)
    numbers = {process.pid for process in family}
    for process in family:
        with suppress(psutil.Error):
            if process.ppid() not in numbers:  # the others are ended by their parents, in the right order
                process.send_signal(signal.SIGINT)
    _alive_after(family, seconds)
    for _ in range(_KILLING_ROUNDS):  # one may have started another just before it was killed
        left = marked(home)
        if not left:
            break
        _kill(left)
    return bool(family)


def carrying(number: int, text: str) -> psutil.Process | None:
    """The process with this id, if `text` is in its command line."""
    try:
        process = psutil.Process(number)
        return process if any(text in part for part in process.cmdline()) else None
    except psutil.Error:
        return None


def child(parent: int, text: str) -> psutil.Process | None:
    """The child of the process with this id that has `text` in its command line."""
    with suppress(psutil.Error):
        return next((each for each in psutil.Process(parent).children() if carrying(each.pid, text)), None)
    return None


def is_alive(process: psutil.Process) -> bool:
    """Whether it has not ended."""
    try:
        return process.is_running() and process.status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False


def end(process: psutil.Process, how: signal.Signals, *, seconds: float) -> None:
    """Send a signal; kill the process if it does not end in time."""
    with suppress(psutil.NoSuchProcess):
        process.send_signal(how)
    _kill(_alive_after([process], seconds))


def _kill(processes: Iterable[psutil.Process]) -> None:
    killed = list(processes)
    for process in killed:
        with suppress(psutil.Error):
            process.kill()
    _alive_after(killed, _PATIENCE_SECONDS)


def _alive_after(processes: Iterable[psutil.Process], seconds: float) -> list[psutil.Process]:
    """The processes that are still alive when the time is over.

    A process whose parent has not collected its exit status has ended; psutil would wait for the parent.
    """
    alive, deadline = list(processes), time.monotonic() + seconds
    while (alive := [process for process in alive if is_alive(process)]) and time.monotonic() < deadline:
        time.sleep(_POLL_SECONDS)
    return alive
