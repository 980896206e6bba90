"""What runs together and when: the one declaration that schedules, the sensor and the commands follow.

A flow has stages. A stage is a job and the partitions that it runs for. A stage begins when the runs of the previous
one have ended, however they ended. Flows are plain data: `schedules.py`, `sensors.py` and `cli/runner.py` request their
runs. Which assets a job makes is not declared here.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, TypeVar

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
    """

    name: str
    cron: str | None
    description: str
    stages: tuple[Stage, ...]
    provider: str | None = None
    unless: Callable[[Settings], str | None] | None = None
