"""What a failure of the database means, in a sentence: why it refused or broke off, and what to do.

The causes are told by SQLSTATE, whatever language the server speaks. Drivers wrap one another, so the error looked at
is the innermost one that has an SQLSTATE.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import psycopg
import sqlalchemy.exc

from weatherflick_assets.errors import OutageError
from weatherflick_assets.warehouse.leases import LEASE_LOST

ERRORS = (psycopg.Error, sqlalchemy.exc.DBAPIError, sqlalchemy.exc.TimeoutError)
"""What drivers raise."""


@dataclass(frozen=True)
class Cause:
    """Why the database failed.

    Attributes:
        what: what happened to it.
        remedy: what to do about it.
    """

    what: str
    remedy: str

    @property
    def sentence(self) -> str:
        """All of it, for a person."""
        return f"The database refused or broke off: {self.what}. What was committed is kept. {self.remedy}."


_RUN_AGAIN = "Run it again"
_CAUSES: Mapping[str, Cause] = {
    LEASE_LOST: Cause(
        "the session that held the lock of this run has ended, so another may run in its place, and this one stopped",
        _RUN_AGAIN,
    ),
    "08001": Cause(
        "the database was stopped, or is not there: no server accepts connections at its address",
        f"Check that the server runs. {_RUN_AGAIN}",
    ),
    "57P01": Cause("the server was stopped or restarted, or an administrator ended the session", _RUN_AGAIN),
    "57P02": Cause("the server crashed and is recovering", f"{_RUN_AGAIN} when it is up"),
    "57P03": Cause("the server is still starting", f"{_RUN_AGAIN} when it is up"),
    "57P04": Cause("the database was dropped", "Restore it, or point WEATHERFLICK_DATABASE_URL at another one"),
    "57P05": Cause("a session was idle for longer than the server allows", "Raise idle_session_timeout"),
    "25P03": Cause(
        "a transaction was idle for longer than the server allows", "Raise idle_in_transaction_session_timeout"
    ),
    "25P04": Cause("a transaction took longer than the server allows", "Raise transaction_timeout"),
    "57014": Cause("a statement took longer than the server allows, or was cancelled", "Raise statement_timeout"),
    "55P03": Cause(
        "another session holds what is needed for too long", "Look at pg_stat_activity for what holds it, and end that"
    ),
    "25006": Cause("the database is read-only", "Check default_transaction_read_only, and that it is not a standby"),
    "53100": Cause("the server's disk is full", "Free space on it"),
    "53200": Cause("the server has no memory left", "Give it more, or end what takes it"),
    "53300": Cause("the server has no connection left", "Raise max_connections, or end sessions that are not needed"),
    "58030": Cause("the server can't read or write its files", "Check its disk"),
    "42501": Cause("the role lacks a privilege", "Make it the owner of the database and what is in it"),
}
_CLASSES: Mapping[str, Cause] = {
    "08": Cause(
        "the connection was lost: the server was stopped or restarted, it ended the session, or the network failed",
        f"Check that the server runs. {_RUN_AGAIN}",
    ),
    "28": Cause("the server does not accept the user or the password", "Check WEATHERFLICK_DATABASE_URL"),
    "3D": Cause("there is no such database", "Check WEATHERFLICK_DATABASE_URL"),
    "53": Cause("the server has run out of something it needs", "Look at its log"),
    "58": Cause("the server's system failed", "Look at its log"),
    "XX": Cause("data on its disk are damaged, or it has a fault", "Look at its log"),
}
_LOST = _CLASSES["08"]

_SAID: Mapping[str, str] = {
    "No such file or directory": "08001",
    "Connection refused": "08001",
    "administrator command": "57P01",
    "starting up": "57P03",
    "shutting down": "57P01",  # the server itself gives it the state of one that starts
    "recovery mode": "57P03",
    "idle-session timeout": "57P05",
    "idle-in-transaction timeout": "25P03",
    "too many clients": "53300",
    "too many connections": "53300",
    "connection slots": "53300",
    "authentication failed": "28P01",
}
"""What a server says while it ends or refuses a connection, where drivers lose the SQLSTATE."""


def cause_of(error: BaseException) -> Cause | None:
    """Why the database failed; None if the error is none of the database's, or the statement itself was wrong."""
    chain = list(_chain(error))
    for link in chain:
        state = getattr(link, "sqlstate", None) or getattr(link, "pgcode", None)
        if state:
            return _CAUSES.get(state) or _CLASSES.get(state[:2])
    lost = [str(link) for link in chain if _is_connection(link)]
    for words, state in _SAID.items():
        if any(words in said for said in lost):
            return _CAUSES.get(state) or _CLASSES[state[:2]]
    return _LOST if lost else None


def cause_named(error_class: str, message: str) -> Cause | None:
    """The same for an error of which only the name of its class and its text are left. Both drivers name them alike."""
    found = getattr(psycopg.errors, error_class, None)
    if isinstance(found, type) and issubclass(found, psycopg.OperationalError):
        return cause_of(found(message))
    return None


def sentence(error: BaseException) -> str:
    """What happened and what to do, for a person; of an unknown cause the first line of what the driver said."""
    cause = cause_of(error)
    if cause is None:
        # The other lines can hold whole rows.
        reason = (str(error).strip().splitlines() or [type(error).__name__])[0]
        cause = Cause(reason.rstrip("."), _RUN_AGAIN)
    return cause.sentence


def lease_lost() -> OutageError:
    """The error of a run that has noticed that its lease is lost."""
    return OutageError(_CAUSES[LEASE_LOST].sentence)


def _is_connection(error: BaseException) -> bool:
    return isinstance(error, psycopg.OperationalError | sqlalchemy.exc.OperationalError | sqlalchemy.exc.TimeoutError)


def _chain(error: BaseException) -> Iterator[BaseException]:
    """The error and what it was made from, the innermost last. A wrapper names its driver's error as `orig`."""
    following: BaseException | None = error
    while following is not None:
        yield following
        following = getattr(following, "orig", None) or following.__cause__ or following.__context__
