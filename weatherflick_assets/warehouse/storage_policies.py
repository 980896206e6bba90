"""How long the rows of a table partitioned by time are kept: policies as data, and what they ask for at a given time.

A partition holds a day in Korea. At first it keeps every row. Once its last row is older than `whole_for`, it keeps only the
rows that the policy names. When that is true of all days of a month, they become one partition, because a query takes longer
to plan with every partition there is. A month leaves as a whole.

All here is pure. `partitioned.py` carries it out.
"""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from itertools import groupby
from typing import LiteralString

from sqlalchemy import Table

from weatherflick_assets.settings import KST

_LONGEST_MONTH = timedelta(days=31)


@dataclass(frozen=True)
class StoragePolicy:
    """What is kept of one table, and how long.

    Attributes:
        table: declared with `postgresql_partition_by="RANGE (column)"`; the column is an aware time that always has a value.
        thinned: a condition in SQL over the table's columns, for the rows that stay when a day is thinned.
        whole_for: how long every row is kept.
        kept_for: how long the others are kept at least; a month leaves when its last day is this old.
        days_ahead: days after the current one that have a partition before anybody needs it.

    Raises:
        ValueError: the table is not partitioned by a range of one column, or months would leave before they are merged.
    """

    table: Table
    thinned: LiteralString
    whole_for: timedelta = timedelta(days=14)
    kept_for: timedelta = timedelta(days=400)
    days_ahead: int = 7

    def __post_init__(self) -> None:
        time_column(self.table)
        if self.kept_for < self.whole_for + _LONGEST_MONTH:
            raise ValueError(f"{self.table.fullname}: kept_for must exceed whole_for by a month")

    @property
    def mark(self) -> str:
        """The comment of a partition that has been thinned by this policy; one by another condition is thinned again."""
        return f"Thinned: only rows where {self.thinned}"


@dataclass(frozen=True)
class Partition:
    """A partition as it is or will be.

    Attributes:
        name: its name in the schema of its table.
        start: its first moment.
        end: the first moment after it.
        comment: the mark of a policy if it has been thinned; None if it has every row.
    """

    name: str
    start: datetime
    end: datetime
    comment: str | None = None


@dataclass(frozen=True)
class Replacement:
    """Partitions that leave, and the one that takes their place with the rows that stay; None: no row stays."""

    old: tuple[Partition, ...]
    new: Partition | None


def time_column(table: Table) -> str:
    """The column by whose range a table is partitioned.

    Raises:
        ValueError: it is not partitioned so.
    """
    declared = table.dialect_options["postgresql"]["partition_by"]
    found = re.fullmatch(r"RANGE \((\w+)\)", declared or "")
    if found is None:
        raise ValueError(f"{table.fullname} is not partitioned by a range of one column")
    return found[1]


def is_partitioned(table: Table) -> bool:
    """Whether a table is partitioned at all."""
    return table.dialect_options["postgresql"]["partition_by"] is not None


def day_partition(table: Table, at: datetime) -> Partition:
    """The partition for the day in Korea that `at` lies in."""
    start = _midnight(at)
    return Partition(f"{table.name}_{start:%Y%m%d}", start, start + timedelta(days=1))


def covering(partitions: Iterable[Partition], at: datetime) -> Partition | None:
    """The partition that a row of this time goes to; None if there is none."""
    return next((each for each in partitions if each.start <= at < each.end), None)


def missing_days(policy: StoragePolicy, partitions: Sequence[Partition], now: datetime) -> list[Partition]:
    """The partitions to make: of the current day and of those ahead that have none."""
    days = [day_partition(policy.table, now + timedelta(days=ahead)) for ahead in range(policy.days_ahead + 1)]
    return [day for day in days if covering(partitions, day.start) is None]


def replacements(policy: StoragePolicy, partitions: Iterable[Partition], now: datetime) -> Iterator[Replacement]:
    """What to replace, the oldest first."""
    ordered = sorted(partitions, key=lambda each: each.start)
    for start, found in groupby(ordered, key=lambda each: _first_of_month(each.start)):
        of_month = tuple(found)
        end = _first_of_month(start + _LONGEST_MONTH)
        merged = Partition(f"{policy.table.name}_{start:%Y%m}", start, end, policy.mark)
        if end <= now - policy.kept_for:
            yield Replacement(of_month, None)
        elif end <= now - policy.whole_for:
            if of_month != (merged,):
                yield Replacement(of_month, merged)
        else:
            for day in of_month:
                if day.end <= now - policy.whole_for and day.comment != policy.mark:
                    yield Replacement((day,), Partition(day.name, day.start, day.end, policy.mark))


def days_of(partition: Partition) -> list[str]:
    """The days in Korea that a partition holds, as ISO text."""
    count = (partition.end - partition.start).days
    return [f"{partition.start.astimezone(KST) + timedelta(days=day):%Y-%m-%d}" for day in range(count)]


def _midnight(at: datetime) -> datetime:
    return datetime.combine(at.astimezone(KST), time(), KST)


def _first_of_month(at: datetime) -> datetime:
    return _midnight(at).astimezone(KST).replace(day=1)
