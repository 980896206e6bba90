"""How the platform's errors become Dagster failures: with a readable reason, retried only where that may help."""

from collections.abc import Iterator
from contextlib import contextmanager

import dagster as dg

from weatherflick_assets.errors import PlatformError
from weatherflick_assets.orchestration.tags import FAILURE_KIND
from weatherflick_assets.upstream.access import NoKeysError
from weatherflick_assets.upstream.errors import (
    DownError,
    ExhaustedError,
    IncompleteSweepError,
    RefusedKeyError,
    TransientError,
    UnreachableError,
)

_KINDS: tuple[tuple[type[PlatformError], str, bool], ...] = (
    (NoKeysError, "no_keys", False),
    (ExhaustedError, "exhausted", False),
    (RefusedKeyError, "refused", False),
    # Nothing is sent for a while, so a retry would only fail again.
    (DownError, "unreachable", False),
    (UnreachableError, "unreachable", True),
    (TransientError, "transient", True),
    # The sweep has read the list several times already.
    (IncompleteSweepError, "incomplete", False),
    (PlatformError, "permanent", False),
)
"""Error, its name in metadata, and whether the op may be retried; the first match counts."""

_TRANSACTION_ROLLBACK = "40"
"""SQLSTATE class of deadlocks and the like: the database is healthy, and the same statements may succeed next time."""


@contextmanager
def as_failures() -> Iterator[None]:
    """Raise `dagster.Failure` in place of the platform's own errors.

    The original is not chained, because it may hold an address with a key in it.
    """
    import psycopg

    try:
        yield
    except psycopg.Error as error:
        # Its first line says what is wrong; the rest can hold whole rows.
        reason = (str(error).strip().splitlines() or [type(error).__name__])[0]
        is_connection = isinstance(error, psycopg.OperationalError)
        is_broken_off = (error.sqlstate or "").startswith(_TRANSACTION_ROLLBACK)
        failure = dg.Failure(
            description=f"The database refused or broke off: {reason}. What was committed is kept; run it again.",
            metadata={FAILURE_KIND: "transient" if is_broken_off else "unreachable" if is_connection else "permanent"},
            allow_retries=is_connection,
        )
    except PlatformError as error:
        kind, may_help = next((name, retry) for cls, name, retry in _KINDS if isinstance(error, cls))
        failure = dg.Failure(description=str(error), metadata={FAILURE_KIND: kind}, allow_retries=may_help)
    else:
        return
    raise failure
