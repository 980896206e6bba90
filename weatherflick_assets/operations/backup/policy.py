"""Which backups are kept, and which kind the next one is. Pure functions of what there is."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from weatherflick_assets.operations.backup.manifests import Kind, Manifest, Restorable, restorable
from weatherflick_assets.settings import KST


@dataclass(frozen=True)
class Policy:
    """How many backups are kept: all of so many days that have one, and the newest of each of so many weeks and months.

    Days, weeks and months are those of Korea.

    Attributes:
        full_every: after so long a base backup is full again.
    """

    daily: int = 7
    weekly: int = 5
    monthly: int = 12
    full_every: timedelta = timedelta(days=6, hours=12)


POLICY = Policy()
"""What `weatherflick backup` and the daily run keep to."""


def kept(manifests: Iterable[Manifest], policy: Policy = POLICY) -> set[str]:
    """The ids of the backups that are kept: those that the policy names and all that these need.

    Of the last days every backup is kept, with its WAL, so that every time since the first of them can be restored to, also
    times that a restored database has left behind. The newest backup is always kept.
    """
    everything = list(manifests)
    found = restorable(everything)
    days = sorted({_day(each) for each in found}, reverse=True)[: policy.daily]
    recent = [each for each in found if _day(each) in days]
    named = [
        *recent,
        *_newest_of_each(found, policy.weekly, lambda day: day.isocalendar()[:2]),
        *_newest_of_each(found, policy.monthly, lambda day: (day.year, day.month)),
    ]
    ids = {manifest.id for each in named for manifest in each.chain}
    return ids | {wal.id for each in recent for wal in each.wal}


def _newest_of_each(found: Sequence[Restorable], most: int, period: Callable[[date], object]) -> list[Restorable]:
    """The newest of each of the last `most` periods that have a backup; `found` begins with the newest."""
    newest: dict[object, Restorable] = {}
    for each in found:
        newest.setdefault(period(_day(each)), each)
    return list(newest.values())[:most]


def _day(each: Restorable) -> date:
    return each.backup.started_at.astimezone(KST).date()


def newest_base(manifests: Iterable[Manifest], system: str, timeline: int) -> Restorable | None:
    """The newest base backup of a system's history; a restored database has another history."""
    for each in restorable(manifests):
        wal = each.backup.wal
        if each.backup.is_base and each.backup.system == system and wal and wal.timeline == timeline:
            return each
    return None


def is_full_due(newest: Restorable, at: datetime, policy: Policy = POLICY) -> bool:
    """Whether the next base backup has to be full: the chain is as old as the policy permits."""
    return at - newest.chain[0].started_at >= policy.full_every


def wal_reached(manifests: Iterable[Manifest], newest: Restorable) -> int:
    """The last segment of WAL that is stored, of those that lead up to the newest base backup and on.

    It is told from the WAL that is stored by itself, so that this is whole without the base backups between.
    """
    base = newest.backup.wal
    assert base is not None
    stored = [
        each.wal.last
        for each in manifests
        if each.kind is Kind.WAL
        and each.wal
        and each.system == newest.backup.system
        and each.wal.timeline == base.timeline
        and each.wal.last + 1 >= base.first
    ]
    return max(stored, default=base.last)
