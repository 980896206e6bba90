"""What is measured of a table: the declaration that statistics, score cards, reports and freshness share.

It is plain data. A domain declares one for every table that it judges, in its `measured.py`.
"""

from dataclasses import dataclass
from datetime import timedelta

WHOLE_TABLE = "all"
"""Stands for the whole table where a region's code would be."""


@dataclass(frozen=True)
class MeasuredTable:
    """One published table.

    Attributes:
        table_name: Its name with its schema, e.g. `core.attractions`; verdicts name it so.
        stale_after: How old its newest data may be (`quality.verdicts.data_as_of`).
        is_state: True: a partition is published again and again, and its last verdict says what holds. False: a partition
            is a time, and what was judged within a day is what there is of the day.
        is_steady: Whether it should hardly change from one day to the next. Warnings come and go with the weather.
        by_region: Whether its partitions are regions; then it is state.
        must_be_fresh: Whether stale data are an error. Otherwise they are a warning, because what they say seldom changes.
        read_at: A query for when what its partitions are made from was last read whole: partition_key, read_at (null: never).
            Then its data are that new, even if nothing had to be published. None: only verdicts say how new they are.
        required: The columns that should have a value in nearly every row. Their completeness is reported first, and
            counts in the previous system's score.
        duplicate_rules: The rules of its suite whose unexpected values are duplicates.

    Raises:
        ValueError: Regions are state.
    """

    table_name: str
    stale_after: timedelta
    is_state: bool = True
    is_steady: bool = True
    by_region: bool = False
    must_be_fresh: bool = True
    read_at: str | None = None
    required: tuple[str, ...] = ()
    duplicate_rules: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        if self.by_region and not self.is_state:
            raise ValueError(f"{self.table_name} is by region, so the last verdict of a region must be its state.")

    @property
    def asset_key(self) -> str:
        """The asset that it is, e.g. `core/attractions`."""
        return self.table_name.replace(".", "/")
