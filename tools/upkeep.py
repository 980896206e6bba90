"""Writes docs/upkeep.md: what is kept how long, and why. It is made from the declared policies; run `make docs`."""

from pathlib import Path

from weatherflick_assets.build import DOMAINS
from weatherflick_assets.operations.upkeep.dagster_history import MOST_RUNS, RUNS_KEPT, TIMES_KEPT
from weatherflick_assets.operations.upkeep.log_files import LOGS_KEPT, LONGEST_LOG
from weatherflick_assets.operations.upkeep.policies import lasting, policies
from weatherflick_assets.operations.upkeep.sizes import FAILED_BELOW, FEWEST_DAYS, LOOKED_BACK, WARNED_BELOW

PAGE = Path(__file__).parents[1] / "docs" / "upkeep.md"

_INTRODUCTION = """\
# Upkeep

Every night at 04:00 (Korean time) the asset `operations/upkeep` removes what is too old, by the policies below, and measures what
everything takes. Its page in the UI shows what each policy removed, how many bytes that freed, and the sizes. A policy that fails
costs no other; the run fails when all have been carried out. It may be stopped at any moment, and goes on the next night. The page
is written from the declarations by `make docs`.

## Policies

| policy | what leaves | kept | why so long |
|---|---|---|---|
"""

_AFTER = f"""\

Bytes are as stored. Where they are not counted as they leave, they are the share of the table by the rows that left. What leaves
makes room inside the files of the database: after each policy its tables are vacuumed, and PostgreSQL puts new rows where the old
ones were. The files themselves hardly shrink. `VACUUM FULL` is never run, because everybody would wait for it.

## Runs of Dagster

Dagster itself forgets nothing but ticks. A run leaves {RUNS_KEPT.days} days after it has ended, through Dagster's own `delete_run`, at most
{MOST_RUNS:,} a night. A run that has not ended stays.

What Dagster works out from events would change with some runs: which partitions are made, which have failed, how old an asset is, how
a check went, which version of its data there is. So a run that holds the newest event of its kind about an asset and partition, or the
newest verdict of a check, is *thinned*: it stays with these events, and its other events leave. Its page in the UI is then nearly
empty. It leaves when a newer run has made the same. A partition that is a time, such as an issue of the weather, is made
once. It is given up after {TIMES_KEPT.days} days; Dagster then shows it as missing. The newest of an asset is never given up.

A backfill that a person launches leaves {RUNS_KEPT.days} days after it has ended. One that has not ended stays.

So the storage holds at most a month of whole runs and the newest events of {TIMES_KEPT.days} days, with half as much again for what left
since the last vacuum. A test copies real runs day after day and prunes every night. After 200 and after 400 simulated days it
found the same size, 4.2 MB at 91 kB a day; 36.8 MB would be there otherwise. Measured in November 2026, the events of a run of
a region take 0.20 MB, of an issue of the weather 0.03 to 0.05 MB, and of the hourly check of all data 0.22 MB; the tables with their
indexes take 1.9 times as much. With some 300 runs a day that is about 32 MB a day, so 1.0 to 1.6 GB for all of Dagster, where
without upkeep a year would add about 12 GB. The daily number is reckoned from these runs and the schedules, not measured
over a month.

## Log files

`weatherflick up` looks every minute. A log of more than {LONGEST_LOG / 1e6:.0f} MB is put aside as `….log.1`, and {LOGS_KEPT} former ones are kept, so a
log takes at most {(LOGS_KEPT + 1) * LONGEST_LOG / 1e6:.0f} MB and what a minute writes. The processes go on writing; a line of the moment in which a log is emptied may
be lost. The log of the embedded server is put aside with the others.

## Growth

The sizes of every table, both databases, the state folder and its disk are rows of `ops.sizes_daily`. Growth is the median slope of
the last {LOOKED_BACK.days} days, from the {FEWEST_DAYS}rd day on, so that a single day with a migration or a restored backup says little. The check `disk_lasts`
says in how many days the disk of the state folder is full at that rate. It warns below {WARNED_BELOW} days and is an error below {FAILED_BELOW}. The
incident `disk_nearly_full` tells when it is nearly so. On a server of one's own its disk has to be watched there, because no
statement tells how full it is; the growth of the databases is measured all the same.

## What is not deleted for its age

| tables | why they stay small |
|---|---|
"""


def page() -> str:
    """The page as Markdown."""
    rows = [f"| {one.name} | {one.what} | {one.kept} | {one.why} |\n" for one in policies(DOMAINS)]
    stay = [
        f"| {', '.join(sorted(table.fullname for table in tables))} | {reason} |\n"
        for reason, tables in lasting(DOMAINS).items()
    ]
    return "".join((_INTRODUCTION, *rows, _AFTER, *stay))


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
