"""What people see of runs, while they are under way and afterwards."""

from io import StringIO

import pytest
from rich.console import Console

from weatherflick_assets.cli.progress import RunProgress, show_summary
from weatherflick_assets.cli.runs import Outcome, RunResult, Summary


def printed(results: list[RunResult], columns: int) -> str:
    console = Console(file=StringIO(), width=columns)
    show_summary(console, Summary.of(results, 123.4, untried=0), "Collection")
    return console.file.getvalue()  # type: ignore[attr-defined]


@pytest.mark.parametrize("columns", [80, 200])
@pytest.mark.parametrize(("listed", "size"), [(12_345, "listed"), (0, "items")])
def test_the_summary_fits_a_terminal_of_eighty_columns_without_shortening_anything(
    columns: int, listed: int, size: str
) -> None:
    results = [
        RunResult(job, partition, Outcome.HELD_BACK, 1_234, 0, listed, 12_345, 12_345, 12_345, 12_345, 123.4)
        for job, partition in (
            ("collect_places", "unassigned"),
            ("collect_places", "36110"),
            ("collect_festivals", None),
        )
    ]
    shown = printed(results, columns)
    headings = ("run", size, "published", "rejected", "removed", "calls", "seconds", "outcome")
    for word in (*headings, "세종", "12,345", "1,234", "123.4", "held", "back"):
        assert word in shown, word
    assert "…" not in shown
    assert max(map(len, shown.splitlines())) <= columns


@pytest.mark.fault("Newcomers", "a command other than `collect` ends", "the title of its summary says what was done")
def test_the_title_says_what_was_done() -> None:
    codes = RunResult("collect_codes", None, listed=1_034, calls=52, published=7)
    assert "Collection complete: 1,034 listed, 7 published, 52 calls" in printed([codes], 80)


def test_all_regions_under_way_are_named_until_they_end() -> None:
    console = Console(file=StringIO(), width=120, force_terminal=True)
    progress = RunProgress(console)
    (task,) = progress._progress.tasks
    progress.before("36110")
    progress.before("50")
    assert task.description == "세종, 제주"
    progress.after(RunResult("collect_places", "36110", published=3))
    assert task.description == "제주"
    progress.after(RunResult("collect_places", "50", published=4))
    progress.before("collect_codes")
    assert task.description == "collect codes"
    assert (task.completed, task.fields["published"]) == (2, 7)


@pytest.mark.fault(
    "Newcomers",
    "two runs of one region end differently",
    "both are in the summary, and the worst decides the exit code",
)
def test_two_runs_of_one_region_are_both_in_the_summary_and_the_worst_decides_the_exit_code() -> None:
    collected = RunResult("collect_places", "50", published=3)
    published = RunResult("publish_places", "50", Outcome.HELD_BACK, problems=["Too few rows."])
    summary = Summary.of([collected, published], 1.0)
    assert summary.by_run == {"50": collected, "publish_places 50": published}
    assert summary.problems == ["publish_places 50: Too few rows."]
    assert (summary.outcome, summary.exit_code) == (Outcome.PARTIAL, 4)
