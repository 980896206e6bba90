"""What runs together and when: the one declaration that schedules, the sensor and the commands follow.

A flow has stages. A stage is a job and the partitions that it runs for. A stage begins when the runs of the previous
one have ended, however they ended. Flows are plain data: `schedules.py`, `sensors.py` and `cli/runner.py` request their
runs. Which assets a job makes is not declared here.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import IntEnum
from typing import TYPE_CHECKING, TypeVar

from weatherflick_assets.errors import PlatformError
from weatherflick_assets.settings import Settings

if TYPE_CHECKING:
    import psycopg

T = TypeVar("T")

Partitions = Callable[[str, datetime], Sequence[str | None]]
"""The partitions that a stage runs for, the most urgent first, from the database's address and the time.

None for a job without partitions."""


def partitions_due(
    dsn: str, at: datetime, due: Callable[["psycopg.Connection", datetime], Iterable[T]], key: Callable[[T], str]
) -> list[str]:
    """The keys of what is due at a time, in its order. `due` finds it in the database; a key is that of a partition."""
    from weatherflick_assets.warehouse.connections import connect

    with connect(dsn) as connection:
        return [key(each) for each in due(connection, at)]


def once(_dsn: str, _at: datetime) -> Sequence[None]:
    """One run of a job without partitions."""
    return [None]


class Priority(IntEnum):
    """Which runs leave Dagster's queue first. Partitions of a stage differ by less than these."""

    TIMELY = 1000
    """What the upstream does not give any more after some hours, and what follows from it."""
    STEADY = 0
    """What can be asked for tomorrow as well."""
    UPKEEP = -1000
    """What nobody waits for."""


NEEDED_WITHIN = timedelta(hours=24)
"""What a flow needs must have been made within this time before it begins."""


@dataclass(frozen=True)
class Patience:
    """How often something that fails is requested again, and after what time: bounded, with growing distance.

    Attributes:
        at_once: after so many failures in a row it is still requested whenever it is due.
        first: the distance after that; it doubles with every further failure.
        longest: the longest distance.
        most: after so many failures it is not requested any more.
    """

    at_once: int
    first: timedelta
    longest: timedelta
    most: int

    def next_at(self, failures: int, last: datetime) -> datetime | None:
        """From when it may be requested after so many failures in a row; None: not any more.

        `last`: the end of the last one.
        """
        if failures >= self.most:
            return None
        if failures <= self.at_once:
            return last
        return last + min(self.first * 2 ** (failures - self.at_once - 1), self.longest)


PARTITIONS_DUE = Patience(at_once=6, first=timedelta(hours=2), longest=timedelta(days=1), most=20)
"""Of partitions that a schedule requests as long as they are not made."""

STOPPED_FLOWS = Patience(at_once=0, first=timedelta(minutes=15), longest=timedelta(hours=2), most=12)
"""Of what a tick requested and could not be made, until the next tick."""

PUBLICATIONS = Patience(at_once=0, first=timedelta(minutes=1), longest=timedelta(hours=1), most=6)
"""Of publications whose runs die."""


@dataclass(frozen=True)
class Stage:
    """Runs of one job that may run in parallel.

    Attributes:
        depends_on_need: on some ticks nothing has to run, and the order of the partitions is one of urgency.
        tags: of its runs, in addition to those that say where they belong.
        every: how often it makes something new at the latest; None: as often as its flow begins.
    """

    job: str
    partitions: Partitions = once
    depends_on_need: bool = False
    every: timedelta | None = None
    tags: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Flow:
    """Stages that run one after another.

    Attributes:
        provider: whose API it calls; without keys for it, schedules leave it alone.
        cron: when its first stage is requested, in Korean time; None for a flow that only commands run.
        description: what it does, and why at that time.
        unless: why it has nothing to do with these settings, in a sentence; None if it has.
        needs: keys of assets that must have been made within `NEEDED_WITHIN`. A tick that finds they were not requests
            nothing, and is made up when they are.
        priority: of its runs in the queue.
    """

    name: str
    cron: str | None
    description: str
    stages: tuple[Stage, ...]
    provider: str | None = None
    unless: Callable[[Settings], str | None] | None = None
    needs: tuple[str, ...] = ()
    priority: Priority = Priority.STEADY


class UnknownFlowError(PlatformError):
    """The environment names a schedule that there is none of."""


ALL, NONE = "all", "none"
"""Words that the environment may say in place of names."""


def switched_on(flows: Iterable[Flow], settings: Settings) -> frozenset[str]:
    """The names of the flows whose schedules are on where nobody has switched them in the UI.

    Raises:
        UnknownFlowError: the environment names others.
    """
    names = [flow.name for flow in flows if flow.cron]
    said = settings.schedules or ALL
    if said in (ALL, NONE):
        return frozenset(names if said == ALL else ())
    wanted = frozenset(filter(None, (name.strip() for name in said.split(","))))
    if unknown := sorted(wanted.difference(names)):
        raise UnknownFlowError(
            f"WEATHERFLICK_SCHEDULES names {', '.join(unknown)}, and there is no such schedule. Write {ALL}, {NONE}, or some "
            f"of {', '.join(names)}, separated by commas."
        )
    return wanted
