"""What facts say about each subject: something is wrong, or it works. Pure; others read the facts.

One cause is reported once. A run that a gate, a spent quota or a refused key has stopped is no incident of its
own, because the check, the quota or the key is one.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from weatherflick_assets.alerts import kinds
from weatherflick_assets.alerts.incidents import Observation
from weatherflick_assets.alerts.kinds import Kind
from weatherflick_assets.settings import KST

KIND_OF_JOB: Mapping[str, Kind] = dict.fromkeys(("make_backup", "store_wal"), kinds.BACKUP_FAILED)
"""Jobs whose failed runs are a kind of their own."""

KIND_OF_CHECK: Mapping[str, Kind] = {"fresh": kinds.DATA_STALE, "schema_drift": kinds.SCHEMA_DRIFT}
"""Checks, by name, that are a kind of their own, whatever their severity."""

TOLD_OTHERWISE = frozenset({"held_back", "exhausted", "refused", "no_keys", "not_yet"})
"""Kinds of failure of a run that another incident tells of, or that are skips: no key is set, or an issue is late."""

LOW, NEARLY_SPENT = 0.80, 0.95
"""Shares of a quota."""

EARLY = timedelta(hours=6)
"""A quota that is spent longer than this before its reset is spent early."""

_GIB = 2**30
FREE_SHARE, FREE_BYTES = 0.10, 5 * _GIB
"""A disk is nearly full when less is free than this share and than these bytes."""

ENOUGH_AGAIN = 1.25
"""It has room again when so many times as much is free. In between nothing changes, so that it does not go to and fro."""

PATIENCE = timedelta(minutes=15)
"""How long after a tick was due a schedule or sensor counts as stopped."""


@dataclass(frozen=True)
class EndedRun:
    """A run that succeeded or failed for good.

    Attributes:
        subject: job and partition; the job alone where partitions are times.
        reasons: kind and problem of everything that failed in it; none if it succeeded.
    """

    run_id: str
    job: str
    subject: str
    at: datetime
    succeeded: bool
    reasons: tuple[tuple[str, str], ...] = ()
    owner: str | None = None


def of_runs(runs: Iterable[EndedRun]) -> Iterator[Observation]:
    """Failed runs, and those after which a job works."""
    for run in runs:
        kind = KIND_OF_JOB.get(run.job, kinds.RUN_FAILED)
        problem = None
        if not run.succeeded:
            own = [reason for failure, reason in run.reasons if failure not in TOLD_OTHERWISE]
            if run.reasons and not own:
                continue
            problem = "\n".join(dict.fromkeys(own)) or "It ended without a reason."
        yield Observation(kind.name, run.subject, run.at, problem, run.owner, run.run_id)


@dataclass(frozen=True)
class Evaluation:
    """An evaluation of an asset check.

    Attributes:
        subject: asset, check and partition; without the partition where partitions are times.
        is_error: its severity: error, or else a warning.
    """

    check: str
    subject: str
    at: datetime
    passed: bool
    is_error: bool
    description: str
    owner: str | None = None
    run_id: str | None = None


def of_checks(evaluations: Iterable[Evaluation]) -> Iterator[Observation]:
    """Failed checks, and those that pass."""
    for one in evaluations:
        own = KIND_OF_CHECK.get(one.check)
        failing = own or (kinds.CHECK_FAILED if one.is_error else kinds.CHECK_WARNED)
        possible = (own,) if own else (kinds.CHECK_FAILED, kinds.CHECK_WARNED)
        problem = None if one.passed else one.description or "It does not say why."
        for kind in possible if one.passed else (failing,):
            yield Observation(kind.name, one.subject, one.at, problem, one.owner, one.run_id)


@dataclass(frozen=True)
class Quota:
    """What all keys together may still call of an operation, e.g. `kto detailCommon2`."""

    subject: str
    limit: int
    left: int
    resets_at: datetime


def of_quotas(quotas: Iterable[Quota], at: datetime) -> Iterator[Observation]:
    """Quotas that are low, nearly spent, or spent early."""
    for quota in quotas:
        spent = 1 - quota.left / quota.limit
        said = f"{quota.limit - quota.left:,} of {quota.limit:,} calls are spent; the reset is at {_time(quota.resets_at)}."
        for kind, holds in (
            (kinds.QUOTA_LOW, spent > LOW),
            (kinds.QUOTA_NEARLY_SPENT, spent > NEARLY_SPENT),
        ):
            yield Observation(kind.name, quota.subject, at, said if holds else None)
        is_early = quota.left == 0 and quota.resets_at - at > EARLY
        # What was spent early is over when calls are left, and not because the reset has come near.
        is_between = quota.left == 0 and not is_early
        early = said if is_early else None
        yield Observation(kinds.QUOTA_SPENT_EARLY.name, quota.subject, at, early, is_between=is_between)


@dataclass(frozen=True)
class Refusal:
    """The last refusal of a configured key.

    Attributes:
        reason: in a sentence.
        answered_at: its first good answer after that.
    """

    subject: str
    reason: str
    refused_at: datetime
    refused_until: datetime
    answered_at: datetime | None


def of_refusals(refusals: Iterable[Refusal]) -> Iterator[Observation]:
    """Keys that are refused, and those that are accepted again."""
    for one in refusals:
        said = f"{one.reason} It is tried again at {_time(one.refused_until)}."
        yield Observation(kinds.KEY_REFUSED.name, one.subject, one.refused_at, said)
        if one.answered_at is not None:
            yield Observation(kinds.KEY_REFUSED.name, one.subject, one.answered_at)


def of_disk(folder: str, size: int, free: int, at: datetime) -> Iterator[Observation]:
    """A disk that is nearly full, or has room. Sizes in bytes."""
    least = min(size * FREE_SHARE, FREE_BYTES)
    if free < least:
        said = f"{free / _GIB:.1f} GiB of {size / _GIB:.1f} GiB are free."
        yield Observation(kinds.DISK_NEARLY_FULL.name, folder, at, said)
    else:
        yield Observation(kinds.DISK_NEARLY_FULL.name, folder, at, is_between=free < least * ENOUGH_AGAIN)


@dataclass(frozen=True)
class Ticking:
    """A schedule or sensor.

    Attributes:
        subject: e.g. `schedule weather_forecasts`.
        due_at: when it was to tick next after its last tick.
        ticked_at: its last tick that has ended.
        failure: why that failed; None: it did not.
    """

    subject: str
    is_on: bool
    due_at: datetime | None = None
    ticked_at: datetime | None = None
    failure: str | None = None


def of_ticks(ticking: Iterable[Ticking], at: datetime, watched_since: datetime) -> Iterator[Observation]:
    """What is switched off, has stopped, or failed at its last tick.

    Args:
        ticking: what there is.
        at: now.
        watched_since: since when the platform has looked without a break; what was due before that is due then.
    """
    for one in ticking:
        off = None if one.is_on else "It is declared to run."
        yield Observation(kinds.SWITCHED_OFF.name, one.subject, at, off)
        due = max(one.due_at or at, watched_since)
        silent = one.is_on and at - due > PATIENCE
        said = f"Its next tick was due at {_time(one.due_at or at)}." if silent else None
        yield Observation(kinds.NOT_TICKING.name, one.subject, at, said)
        if one.ticked_at is not None:
            yield Observation(kinds.TICK_FAILED.name, one.subject, one.ticked_at, one.failure)


@dataclass(frozen=True)
class Freshness:
    """Whether an asset was made within the time of its freshness policy, and since when that is so."""

    asset: str
    is_stale: bool
    since: datetime
    owner: str | None = None


def of_freshness(assets: Iterable[Freshness], at: datetime) -> Iterator[Observation]:
    """Assets that were not made for too long."""
    for one in assets:
        said = f"It counts as stale since {_time(one.since)}." if one.is_stale else None
        yield Observation(kinds.NOT_REFRESHED.name, one.asset, at, said, one.owner)


def of_given_up(given_up: Mapping[str, str], at: datetime) -> Iterator[Observation]:
    """What has failed so often that it is not requested any more, by job and partition, with how often and until when."""
    for subject, said in given_up.items():
        yield Observation(kinds.GIVEN_UP.name, subject, at, said)


def of_channels(problems: Mapping[str, str | None], at: datetime) -> Iterator[Observation]:
    """Channels through which nothing gets, by name with the last problem; None: it works."""
    for channel, problem in problems.items():
        yield Observation(kinds.CHANNEL_FAILED.name, channel, at, problem)


def _time(at: datetime) -> str:
    return f"{at.astimezone(KST):%m-%d %H:%M}"
