"""How the platform's errors become Dagster failures: with a readable reason, retried only where that may help."""

import traceback
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager

import dagster as dg
from dagster._core.errors import DagsterExecutionInterruptedError

from weatherflick_assets.errors import NotYetError, OutageError, PlatformError
from weatherflick_assets.orchestration.tags import FAILURE_KIND
from weatherflick_assets.upstream.access import NoKeysError, without_secrets
from weatherflick_assets.upstream.errors import (
    ClockSkewError,
    DownError,
    ExhaustedError,
    IncompleteSweepError,
    LedgerError,
    RefusedKeyError,
    TransientError,
    UnreachableError,
)

_KINDS: tuple[tuple[type[PlatformError], str, bool], ...] = (
    (NoKeysError, "no_keys", False),
    (OutageError, "unreachable", False),
    (ExhaustedError, "exhausted", False),
    (ClockSkewError, "uncounted", False),
    (LedgerError, "uncounted", False),
    (RefusedKeyError, "refused", False),
    # Nothing is sent for a while, so a retry would only fail again.
    (DownError, "unreachable", False),
    (UnreachableError, "unreachable", True),
    (TransientError, "transient", True),
    # The sweep has read the list several times already.
    (IncompleteSweepError, "incomplete", False),
    (NotYetError, "not_yet", False),
    (PlatformError, "permanent", False),
)
"""Error, its name in metadata, and whether the op may be retried; the first match counts."""


HOPELESS = ("no_keys", "exhausted", "refused", "uncounted", "unreachable")
"""Kinds of failure that would also stop every other call: no keys, quota spent, no key accepted, calls can't be counted
(wrong clock, ledger gone), host or database down."""

GRAVEST_FIRST = (*HOPELESS, "transient", "unexpected", "incomplete", "permanent", "not_yet", "held_back")
"""The kinds of failure. One that another run may not meet again is graver than one that the same rows cause again."""

FAILURES = "failures"
"""The failures of a step that made several assets, in its failure's metadata: asset, kind and problem of each."""

INTERRUPTS = (KeyboardInterrupt, DagsterExecutionInterruptedError)
"""What ends a run on request."""

_TRANSACTION_ROLLBACK = "40"
"""SQLSTATE class of deadlocks and the like: the database is healthy, and the same statements may succeed next time."""


@contextmanager
def as_failures() -> Iterator[None]:
    """Raise `dagster.Failure` in place of the platform's own errors, and of any other whose text holds a secret.

    The original is not chained, because it may hold an address with a key in it.
    """
    import psycopg

    from weatherflick_assets.warehouse.outages import LEASE_LOST, cause_of, sentence

    try:
        yield
    except psycopg.Error as error:
        if (interrupt := interrupt_before(error)) is not None:
            raise interrupt from None
        is_ours = (error.sqlstate or "").startswith(_TRANSACTION_ROLLBACK)
        failure = dg.Failure(
            description=without_secrets(sentence(error)),
            metadata={FAILURE_KIND: "transient" if is_ours else "unreachable" if cause_of(error) else "permanent"},
            allow_retries=isinstance(error, psycopg.OperationalError) and error.sqlstate != LEASE_LOST,
        )
    except PlatformError as error:
        kind, may_help = next((name, retry) for cls, name, retry in _KINDS if isinstance(error, cls))
        failure = dg.Failure(
            description=without_secrets(str(error)), metadata={FAILURE_KIND: kind}, allow_retries=may_help
        )
    except Exception as error:
        told = "".join(traceback.format_exception(error))
        if (presentable := without_secrets(told)) == told:
            raise
        failure = dg.Failure(description=presentable, metadata={FAILURE_KIND: "unexpected"})
    else:
        return
    raise failure


def interrupt_before(error: BaseException | None) -> BaseException | None:
    """The interrupt that an error came of, while what was under way was broken off; None if it did not come of one."""
    while error is not None and not isinstance(error, INTERRUPTS):
        error = error.__context__
    return error


def held_back(description: str) -> dg.Failure:
    """The failure of a run whose rows the gate held back: another run would be held back too."""
    return dg.Failure(description=description, metadata={FAILURE_KIND: "held_back"}, allow_retries=False)


def kind_of(error: Exception) -> str:
    """The kind of an error that ends a step."""
    kind = error.metadata.get(FAILURE_KIND) if isinstance(error, dg.Failure) else None
    return "unexpected" if kind is None else str(kind.value)


def gravest(kinds: Iterable[str]) -> str:
    """The kind that decides what happens next."""
    return min(kinds, key=GRAVEST_FIRST.index)


def combined(errors: Mapping[dg.AssetKey, Exception]) -> Exception:
    """One error in place of those of several assets. The gravest gives its kind; a retry helps if it helps any."""
    if len(errors) == 1:
        return next(iter(errors.values()))
    failures = [
        {"asset": key.to_user_string(), "kind": kind_of(error), "problem": _problem(error)}
        for key, error in errors.items()
    ]
    failure = dg.Failure(
        description="\n".join(f"{each['asset']}: {each['problem']}" for each in failures),
        metadata={
            FAILURE_KIND: gravest(each["kind"] for each in failures),
            FAILURES: dg.MetadataValue.json(failures),
        },
        allow_retries=any(not isinstance(error, dg.Failure) or error.allow_retries for error in errors.values()),
    )
    # The traceback of an error that nobody expected is needed to mend it.
    failure.__cause__ = next((error for error in errors.values() if not isinstance(error, dg.Failure)), None)
    return failure


def told_by(event: dg.DagsterEvent) -> list[tuple[str, str]]:
    """Kind and problem of everything that failed in a step that failed."""
    from weatherflick_assets.warehouse.outages import cause_named

    data = event.step_failure_data
    failure = data.user_failure_data
    if failure is None:
        error = data.error
        while error is not None and error.cause is not None:
            error = error.cause
        # Dagster's own storage is lost between two statements of ours, too.
        if error is not None and (cause := cause_named(error.cls_name or "", error.message)) is not None:
            return [("unreachable", cause.sentence)]
        reason = error.message.strip() if error is not None else "it did not say why"
        return [("unexpected", f"{event.step_key}: {reason}")]
    if isinstance(several := failure.metadata.get(FAILURES), dg.JsonMetadataValue):
        return [(each["kind"], each["problem"]) for each in several.data]  # type: ignore[union-attr, index, call-overload]
    kind = failure.metadata.get(FAILURE_KIND)
    return [(str(kind.value) if kind else "unexpected", failure.description or "")]


def _problem(error: Exception) -> str:
    return (error.description or "") if isinstance(error, dg.Failure) else f"{type(error).__name__}: {error}"
