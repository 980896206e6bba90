"""How much the platform takes, day by day, how fast it grows, and how long the disk lasts at that rate.

The sizes of a day are rows of `ops.sizes_daily`. The growth is the median of the slopes between any two days, so that one day
with a migration, a restored backup or a first collection says little.
"""

import os
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from itertools import combinations
from pathlib import Path
from statistics import median

import psycopg

from weatherflick_assets.alerts.readings import disk
from weatherflick_assets.settings import KST
from weatherflick_assets.warehouse.connections import connect

LOOKED_BACK = timedelta(days=30)
"""How far back growth is measured."""

FEWEST_DAYS = 3
"""Fewer days say nothing about growth."""

WARNED_BELOW, FAILED_BELOW = 30, 7
"""Days that the disk has to last at least."""

PLATFORM, DAGSTER, FILES, DISK_USED, DISK_FREE = "database", "dagster", "files", "disk used", "disk free"
"""What is measured beside tables: both databases, the state folder with all files in it, and its disk."""

_PLAIN = """
SELECT relnamespace::regnamespace || '.' || relname, pg_total_relation_size(oid) FROM pg_class
WHERE relkind = 'r' AND NOT relispartition AND relnamespace::regnamespace::text !~ '^(pg_|information_schema)'
"""
_PARTITIONED = """
SELECT relnamespace::regnamespace || '.' || relname,
       (SELECT coalesce(sum(pg_total_relation_size(relid)), 0)::bigint FROM pg_partition_tree(oid))
FROM pg_class WHERE relkind = 'p' AND NOT relispartition
"""
_DATABASE = "SELECT pg_database_size(current_database())"

_RECORD = """
INSERT INTO ops.sizes_daily (day, subject, bytes) VALUES (%s, %s, %s)
ON CONFLICT (day, subject) DO UPDATE SET bytes = excluded.bytes
"""
_KNOWN = "SELECT subject, day, bytes FROM ops.sizes_daily WHERE day > %s ORDER BY day"


@dataclass(frozen=True)
class Size:
    """A size at its last measurement, and how many bytes are added a day; None: nobody knows yet."""

    subject: str
    size: int
    per_day: float | None


def measured(dsn: str, dagster_dsn: str | None, home: Path) -> dict[str, int]:
    """The size of everything now, in bytes, by subject. Tables of Dagster's storage are called `dagster.…`."""
    with connect(dsn) as connection:
        found = {PLATFORM: _database(connection), **_tables(connection)}
    if dagster_dsn is not None:
        with connect(dagster_dsn) as connection:
            found[DAGSTER] = _database(connection)
            found |= {f"dagster.{name.partition('.')[2]}": size for name, size in _tables(connection).items()}
    total, free = disk(home)
    return {**found, FILES: sum(_file_sizes(home)), DISK_USED: total - free, DISK_FREE: free}


def record(dsn: str, found: Mapping[str, int], at: datetime) -> None:
    """Keep the sizes of a day in Korea; the last ones of a day count."""
    day = at.astimezone(KST).date()
    with connect(dsn) as connection:
        connection.cursor().executemany(_RECORD, [(day, subject, size) for subject, size in found.items()])


def grown(dsn: str, at: datetime) -> dict[str, Size]:
    """What is known of every size that was measured lately, the largest first."""
    points: dict[str, list[tuple[date, int]]] = {}
    with connect(dsn) as connection:
        for subject, day, size in connection.execute(_KNOWN, (at.astimezone(KST).date() - LOOKED_BACK,)):
            points.setdefault(subject, []).append((day, size))
    sizes = (Size(subject, known[-1][1], growth_per_day(known)) for subject, known in points.items())
    return {size.subject: size for size in sorted(sizes, key=lambda size: -size.size)}


def growth_per_day(points: Sequence[tuple[date, int]]) -> float | None:
    """How many bytes are added a day, out of the sizes of some days; None where they are too few."""
    if len(points) < FEWEST_DAYS:
        return None
    return median((size - before) / (day - earlier).days for (earlier, before), (day, size) in combinations(points, 2))


def days_left(sizes: Mapping[str, Size]) -> float | None:
    """How many days the disk of the state folder lasts; None: it does not get fuller, or nobody knows yet.

    What others write to the same disk counts, and so does what the platform adds while others delete.
    """
    rates = [sizes[subject].per_day for subject in (DISK_USED, FILES) if subject in sizes]
    fastest = max((rate for rate in rates if rate is not None), default=0.0)
    return sizes[DISK_FREE].size / fastest if fastest > 0 and DISK_FREE in sizes else None


def _database(connection: psycopg.Connection) -> int:
    row = connection.execute(_DATABASE).fetchone()
    assert row is not None
    return row[0]


def _tables(connection: psycopg.Connection) -> dict[str, int]:
    return {name: size for query in (_PLAIN, _PARTITIONED) for name, size in connection.execute(query)}


def _file_sizes(folder: Path) -> Iterator[int]:
    """What every file in a folder takes on disk; files that come and go meanwhile may be missed."""
    for path, _, names in os.walk(folder, onerror=lambda _: None):
        for name in names:
            try:
                yield os.lstat(os.path.join(path, name)).st_blocks * 512  # noqa: PTH118 - thousands of files
            except OSError:
                continue
