"""What a policy is: what leaves, how long it is kept, and why so long. Which there are is in `policies.py`."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import dagster as dg


@dataclass(frozen=True)
class Surroundings:
    """What a policy is carried out on.

    Attributes:
        dsn: the platform's database.
        instance: Dagster's.
        home: the state folder.
        at: the time.
    """

    dsn: str
    instance: "dg.DagsterInstance"
    home: Path
    at: datetime


@dataclass(frozen=True)
class Removed:
    """What a policy removed.

    Attributes:
        count: how many of what the policy is about.
        bytes_freed: what they took; where it is not counted as they leave, their share of their tables.
        told: what else there is to say, by name.
        postponed: what could not be done now and will be done the next time.
    """

    count: int
    bytes_freed: int = 0
    told: Mapping[str, object] = field(default_factory=dict)
    postponed: tuple[str, ...] = ()


@dataclass(frozen=True)
class Policy:
    """What leaves, and when.

    Attributes:
        what: what leaves, as the count counts it.
        kept: how long it is kept.
        why: why it is kept so long.
        carry_out: removes what is too old.
        tables: the tables that it keeps in bounds, by their full names.
    """

    name: str
    what: str
    kept: str
    why: str
    carry_out: Callable[[Surroundings], Removed]
    tables: tuple[str, ...] = ()
