"""What is shown is never markup or a command to a terminal."""

import json
from datetime import timedelta
from io import StringIO

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.console import Console

from weatherflick_assets.cli.progress import RunProgress
from weatherflick_assets.cli.runs import Outcome, RunResult
from weatherflick_assets.presentation import duration, for_json, for_markdown, for_terminal, percent

HOSTILE = (
    "[/]", "[bold red]서울[/bold red]", "[link=https://evil.invalid]x[/link]", "[", "\\[", "[/nonsense] [@click=app.bell]",
    "\x1b[2J\x1b]0;title\x07", "\x9b31m", "\u202eabc", "가\u200b나", "\r다", "\x00", "\ud800", "{0} {x} %s",
)  # fmt: skip


@pytest.mark.fault(
    "Blast radius", "a message holds brackets or escapes", "it is shown as it is, and the command goes on"
)
@pytest.mark.parametrize("problem", HOSTILE)
def test_a_problem_is_shown_as_it_is_and_the_command_goes_on(problem: str) -> None:
    console = Console(file=StringIO(), width=200, force_terminal=False)
    with RunProgress(console) as progress:
        progress.before("50")
        progress.after(RunResult("collect_places", "50", Outcome.FAILED, problems=[problem]))
    shown = console.file.getvalue()  # type: ignore[attr-defined]
    assert for_terminal(problem).strip() in shown
    assert shown.replace("\n", "").isprintable()


@given(st.text(st.characters()))
def test_nothing_that_a_terminal_obeys_is_left_and_what_is_printable_stays(text: str) -> None:
    shown = for_terminal(text)
    assert all(character.isprintable() or character in "\n\t" for character in shown)
    assert for_terminal(shown) == shown
    assert (shown == text) == all(character.isprintable() or character in "\n\t" for character in text)
    shown.encode()


@given(st.recursive(st.text(st.characters()), lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner)))
def test_json_for_a_terminal_means_the_same(value: object) -> None:
    shown = for_json(value)
    assert shown.isprintable()
    assert json.loads(shown) == value


@pytest.mark.fault("Blast radius", "data hold Markdown or HTML", "descriptions show it as text")
@pytest.mark.parametrize(
    "text",
    ["<script>alert(1)</script>", "[x](javascript:y)", "![x](y)", "`code`", "**bold**", "a\n# heading", "_x_", "~~x~~",
     "|a|b|", "&lt;b&gt;", "\\*", "<!-- x -->"],
)  # fmt: skip
def test_a_description_holds_no_markdown_and_no_html(text: str) -> None:
    shown = for_markdown(text)
    assert not set("<>[]`\\*~|") & set(shown)
    assert "\n" not in shown


def test_words_with_underscores_stay_readable() -> None:
    assert for_markdown("title_not_blank: 3 of 5") == "title_not_blank: 3 of 5"


@pytest.mark.parametrize(
    ("span", "words"),
    [
        (timedelta(), "0 min"), (timedelta(minutes=59), "59 min"), (timedelta(hours=1), "1 h"),
        (timedelta(hours=2, minutes=10), "2 h 10 min"), (timedelta(hours=47, minutes=59), "47 h 59 min"),
        (timedelta(days=2), "2 days"), (timedelta(days=20, hours=12), "20.5 days"),
    ],
)  # fmt: skip
def test_a_duration_is_told_in_days_or_hours(span: timedelta, words: str) -> None:
    assert duration(span) == words


@pytest.mark.parametrize(
    ("share", "said"), [(1.0, "100%"), (0.99999, "99.9%"), (0.0, "0%"), (0.00001, "0.1%"), (0.5, "50.0%"), (None, "–")]
)
def test_a_share_is_told_in_percent(share: float | None, said: str) -> None:
    assert percent(share) == said


@given(st.floats(0, 1), st.integers(0, 3))
def test_only_what_is_full_is_said_to_be_full_and_only_what_is_empty_to_be_empty(share: float, decimals: int) -> None:
    said = float(percent(share, decimals).removesuffix("%"))
    assert ((said == 100), (said == 0)) == ((share == 1), (share == 0))
