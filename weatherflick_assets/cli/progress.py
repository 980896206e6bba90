"""What a person sees while regions are collected, and afterwards."""

from rich import box
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, SpinnerColumn, TextColumn, TimeElapsedColumn
from rich.table import Table

from weatherflick_assets.cli.resumption import Collection
from weatherflick_assets.cli.runs import Outcome, RunResult, Summary
from weatherflick_assets.korea.regions import NAME_OF
from weatherflick_assets.settings import KST

_STYLES = {Outcome.COMPLETE: "green", Outcome.PARTIAL: "yellow", Outcome.HELD_BACK: "yellow", Outcome.FAILED: "red"}


class CollectionProgress:
    """A bar over the regions, and a line for each that did not end well. Use it as a context manager."""

    def __init__(self, console: Console) -> None:
        self._console = console
        self._progress = Progress(
            SpinnerColumn(),
            TextColumn("{task.description}"),
            BarColumn(),
            MofNCompleteColumn(),
            TextColumn("{task.fields[published]:,} published"),
            TimeElapsedColumn(),
            console=console,
            # Dagster's runs write to the standard streams themselves.
            redirect_stdout=False,
            redirect_stderr=False,
        )
        self._task = self._progress.add_task("collecting", total=None, published=0)
        self._published = 0
        self._running: list[str] = []

    def __enter__(self) -> "CollectionProgress":
        self._progress.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._progress.stop()

    def begin(self, collection: Collection) -> None:
        """The regions are known."""
        left, settled = len(collection.left), len(collection.settled)
        if collection.is_resumed:
            self._console.print(
                f"Going on with the collection of {collection.began_at.astimezone(KST):%m-%d %H:%M}: {settled} of "
                f"{left + settled} partitions are done, and what was answered is not asked again (--anew asks everything)."
            )
        self._progress.update(self._task, total=left)

    def before(self, run: str) -> None:
        """A run begins; another may be under way."""
        self._running.append(run)
        self._tell_running()

    def after(self, result: RunResult) -> None:
        """A run has ended."""
        self._published += result.published
        self._progress.update(self._task, advance=1, published=self._published)
        self._running.remove(result.name)
        if self._running:
            self._tell_running()
        for problem in result.problems:
            self._console.print(f"[{_STYLES[result.outcome]}]{_name(result.name)}:[/] {problem}", highlight=False)

    def _tell_running(self) -> None:
        collecting = "collecting " if self._running[-1] in NAME_OF else ""
        self._progress.update(self._task, description=collecting + ", ".join(map(_name, self._running)))


def show_summary(console: Console, summary: Summary) -> None:
    """The collection as a table, and its outcome in a sentence."""
    table = Table(
        box=box.SIMPLE_HEAD,
        pad_edge=False,
        padding=(0, 1, 0, 0),  # fits 80 columns
        title=f"Collection {summary.outcome.value.replace('_', ' ')}",
        title_style=_STYLES[summary.outcome],
    )
    table.add_column("region")
    for name in ("items", "published", "rejected", "removed", "calls", "seconds"):
        table.add_column(name, justify="right", min_width=len(name))
    table.add_column("outcome")
    for result in summary.by_region.values():
        table.add_row(
            _name(result.name),
            *(
                f"{value:,}"
                for value in (result.items, result.published, result.rejected, result.removed, result.calls)
            ),
            f"{result.duration_s:.1f}",
            f"[{_STYLES[result.outcome]}]{result.outcome.value.replace('_', ' ')}[/]",
        )
    table.add_section()
    table.add_row(
        "all",
        *(
            f"{value:,}"
            for value in (summary.items, summary.published, summary.rejected, summary.removed, summary.calls)
        ),
        f"{summary.duration_s:.1f}",
        "",
    )
    console.print(table)


def _name(run: str) -> str:
    """The name of a region, and what else a run is called as it is, with spaces."""
    return NAME_OF.get(run, run.replace("_", " "))
