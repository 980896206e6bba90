"""What a person sees while the runs of a command execute, and afterwards."""

from rich import box
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, SpinnerColumn, TextColumn, TimeElapsedColumn
from rich.table import Table
from rich.text import Text

from weatherflick_assets.cli.resume import Collection
from weatherflick_assets.cli.runs import Outcome, RunResult, Summary
from weatherflick_assets.korea.regions import NAME_OF
from weatherflick_assets.presentation import for_terminal
from weatherflick_assets.settings import KST

_STYLES = {Outcome.COMPLETE: "green", Outcome.PARTIAL: "yellow", Outcome.HELD_BACK: "yellow", Outcome.FAILED: "red"}


class RunProgress:
    """A bar over the runs, and a line for each problem. Use it as a context manager."""

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
        self._task = self._progress.add_task("running", total=None, published=0)
        self._expected = self._begun = self._published = 0
        self._running: list[str] = []

    def __enter__(self) -> "RunProgress":
        self._progress.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._progress.stop()

    def begin(self, collection: Collection, runs: int) -> None:
        """Show how many runs are known; publications may follow."""
        self._expected = runs
        if collection.began_at is not None:
            self._console.print(
                f"Resuming the collection of {collection.began_at.astimezone(KST):%m-%d %H:%M} (runs done: "
                f"{len(collection.settled)}, left: {runs}). What was answered is not asked again; --anew asks everything."
            )

    def before(self, name: str) -> None:
        """Show that a run begins; another may be running."""
        self._begun += 1
        self._running.append(name)
        self._progress.update(self._task, total=max(self._expected, self._begun))
        self._show_running()

    def after(self, result: RunResult) -> None:
        """Show that a run has ended."""
        self._published += result.published
        self._progress.update(self._task, advance=1, published=self._published)
        self._running.remove(result.name)
        if self._running:
            self._show_running()
        # What a complete run tells is a warning.
        style = _STYLES[Outcome.PARTIAL if result.outcome is Outcome.COMPLETE else result.outcome]
        for problem in result.problems:
            said = Text.assemble((f"{_name(result.name)}:", style), " ", for_terminal(problem))
            self._console.print(said, highlight=False)

    def _show_running(self) -> None:
        self._progress.update(self._task, description=", ".join(map(_name, self._running)))


def show_summary(console: Console, summary: Summary, what: str) -> None:
    """Show the runs as a table. Its title says what was done and how it ended."""
    table = Table(
        box=box.SIMPLE_HEAD,
        pad_edge=False,
        padding=(0, 1, 0, 0),  # fits 80 columns
        title=f"{what} {_words(summary.outcome)}: {_done(summary)}",
        title_style=_STYLES[summary.outcome],
    )
    table.add_column("run")
    for name in (_size(summary), "published", "rejected", "removed", "calls", "seconds"):
        table.add_column(name, justify="right", min_width=len(name))
    table.add_column("outcome")
    for name, result in summary.by_run.items():
        table.add_row(
            _name(name), *_figures(result, _size(summary)), f"[{_STYLES[result.outcome]}]{_words(result.outcome)}[/]"
        )
    table.add_section()
    table.add_row("all", *_figures(summary, _size(summary)), "")
    console.print(table)


def _done(summary: Summary) -> str:
    done = [f"{summary.listed:,} listed"] if summary.listed else []
    return ", ".join([*done, f"{summary.published:,} published", f"{summary.calls:,} calls"])


def _size(summary: Summary) -> str:
    """What says how much was looked at: what lists show, or the items that rows were made from."""
    return "listed" if summary.listed else "items"


def _figures(of: RunResult | Summary, size: str) -> list[str]:
    counts = (getattr(of, size), of.published, of.rejected, of.removed, of.calls)
    return [*(f"{count:,}" for count in counts), f"{of.duration_s:.1f}"]


def _words(outcome: Outcome) -> str:
    return outcome.value.replace("_", " ")


def _name(run: str) -> str:
    """The display name of a run, with region names instead of codes."""
    return " ".join(NAME_OF.get(word, word.replace("_", " ")) for word in run.split())
