"""`weatherflick quality reprocess`: makes what was rejected again from the raw layer, without a call.

What has to be made again goes through the outbox, and is published by runs like any other. Items that never became items
of the raw layer are read again before.
"""

from collections import Counter
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from typing import Any

from rich import box
from rich.console import Console
from rich.table import Table

from weatherflick_assets.build import DOMAINS, MEASURED
from weatherflick_assets.cli.progress import RunProgress, show_summary
from weatherflick_assets.cli.rejected import in_words, rejected
from weatherflick_assets.cli.runner import run_flows
from weatherflick_assets.cli.runs import Summary
from weatherflick_assets.quality.rejected import Group, Selection
from weatherflick_assets.settings import now
from weatherflick_assets.warehouse.connections import connect
from weatherflick_assets.warehouse.outbox import NOTE, Notes, pending

CAUSE = "what was rejected is made again"

Partition = tuple[str, str]
"""Asset key and partition key."""


@dataclass(frozen=True)
class Reprocessed:
    """What making it again did.

    Attributes:
        summary: the runs.
        before, after: how many were rejected, by reason.
        partitions: partitions that were noted to be made again.
        not_stored: partitions that can't be made again: what they were made from is no longer stored.
        waiting: partitions that another run works on; they are published after it.
    """

    summary: Summary
    before: Counter[str]
    after: Counter[str]
    partitions: int = 0
    not_stored: list[Partition] = field(default_factory=list)
    waiting: int = 0

    def as_json(self) -> dict[str, Any]:
        """Plain types, in the order of the contract."""
        return {
            **self.summary.as_json(),
            "rejected_before": self.before.total(),
            "rejected_after": self.after.total(),
            "by_reason": {
                reason: {"before": self.before[reason], "after": self.after[reason]}
                for reason in sorted({*self.before, *self.after})
            },
            "partitions": self.partitions,
            "not_stored": ["/".join(filter(None, partition)) for partition in self.not_stored],
            "waiting": self.waiting,
        }


def reprocess(dsn: str, selection: Selection, console: Console, *, everything: bool = False) -> Reprocessed:
    """Make again what is selected.

    Args:
        dsn: the platform's database.
        selection: of partitions that have rejected items.
        console: shows the progress.
        everything: also make partitions again in which nothing is rejected.
    """
    before = _groups(dsn, selection)
    if not before and not everything:
        return Reprocessed(Summary.of([], 0), Counter(), Counter())
    at = now()
    for domain in DOMAINS:
        if domain.rejections and domain.rejections.read_again:
            domain.rejections.read_again(dsn, selection.tables, selection.regions, selection.reason, at)
    wanted, not_stored = _partitions(dsn, selection, before, everything=everything)
    with connect(dsn) as connection:
        notes = Notes()
        notes.add(wanted)
        connection.execute(NOTE, notes.parameters(cause=CAUSE, since=at))
    with RunProgress(console) as progress:
        summary = run_flows((), progress)
    with connect(dsn) as connection:
        tried = {result.partition or "" for result in summary.by_run.values()}
        left = [entry for entry in pending(connection) if (entry.asset_key, entry.partition_key) in wanted]
        waiting = sum(entry.partition_key not in tried for entry in left)
    return Reprocessed(
        summary, _counted(before), _counted(_groups(dsn, selection)), len(wanted), sorted(not_stored), waiting
    )


def show(console: Console, done: Reprocessed, selection: Selection) -> None:
    """Show to a person what was done."""
    if not done.before and not done.partitions:
        console.print(
            f"Nothing is rejected{in_words(selection)}, so nothing was made again. --all makes it again nevertheless.",
            highlight=False,
            markup=False,
        )
        return
    if done.summary.by_run:
        show_summary(console, done.summary, "Reprocessing")
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False, padding=(0, 2, 0, 0), title="Rejected", title_justify="left")
    table.add_column("reason", overflow="fold")
    for name in ("before", "after"):
        table.add_column(name, justify="right")
    for reason in sorted({*done.before, *done.after}):
        table.add_row(reason, f"{done.before[reason]:,}", f"{done.after[reason]:,}")
    table.add_section()
    table.add_row("all", f"{done.before.total():,}", f"{done.after.total():,}")
    console.print(table)
    if done.not_stored:
        console.print(
            f"{len(done.not_stored)} could not be made again: the responses are no longer stored. What was published stays."
        )
    if done.waiting:
        console.print(f"{done.waiting} wait for another run of the same partition, and are published after it.")


def _groups(dsn: str, selection: Selection) -> list[Group]:
    with connect(dsn) as connection:
        return rejected(connection).groups(selection)


def _partitions(
    dsn: str, selection: Selection, groups: Sequence[Group], *, everything: bool
) -> tuple[set[Partition], set[Partition]]:
    """What is made again, and what can't be."""
    measured = {table.table_name: table for table in MEASURED}
    at = now()
    with connect(dsn) as connection:
        possible = {key for domain in DOMAINS if domain.rejections for key in domain.rejections.again(connection, at)}
    if everything:
        return {key for key in possible if _is_selected(key, selection, measured)}, set()
    whole = {asset_key for asset_key, partition_key in possible if not partition_key}
    wanted = set()
    for group in groups:
        if group.table_name in measured:
            asset_key = measured[group.table_name].asset_key
            wanted.add((asset_key, "" if asset_key in whole else group.partition_key or ""))
    return wanted & possible, wanted - possible


def _is_selected(key: Partition, selection: Selection, measured: Collection[str]) -> bool:
    asset_key, partition_key = key
    table_name = asset_key.replace("/", ".")
    return (
        table_name in measured
        and (selection.tables is None or table_name in selection.tables)
        and (selection.regions is None or partition_key in selection.regions)
    )


def _counted(groups: Sequence[Group]) -> Counter[str]:
    counted = Counter[str]()
    for group in groups:
        counted[group.reason] += group.items
    return counted
