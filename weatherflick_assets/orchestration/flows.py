"""What runs together and when: the one declaration that schedules, the sensor and the commands follow.

A flow has stages; a stage is a job and the partitions it is run for. A stage begins when the runs of the one before it have
ended, however they ended. Flows are plain data: who requests their runs is in `schedules.py`, `sensors.py` and `cli/runner.py`.
Which assets a job makes is not declared here.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime

Partitions = Callable[[str, datetime], Sequence[str | None]]
"""The partitions that a stage is run for, the most urgent first, from the database's address and the time; None for a job
without partitions."""


def once(_dsn: str, _at: datetime) -> Sequence[None]:
    """One run of a job without partitions."""
    return [None]


@dataclass(frozen=True)
class Stage:
    """Runs of one job that may run beside each other.

    Attributes:
        job: name of the job.
        partitions: what it is run for.
        depends_on_need: whether there are days on which nothing has to be run, and the order is one of urgency.
    """

    job: str
    partitions: Partitions = once
    depends_on_need: bool = False


@dataclass(frozen=True)
class Flow:
    """Stages that are run one after the other.

    Attributes:
        name: of the flow.
        cron: when its first stage is requested, in Korean time; None for a flow that only commands run.
        description: what it does, and why then.
        stages: in order.
    """

    name: str
    cron: str | None
    description: str
    stages: tuple[Stage, ...]
