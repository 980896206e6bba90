"""`weatherflick quality card`: one page on whether a table can be trusted. How that is judged is `quality/cards.py`."""

from collections.abc import Iterator
from datetime import date, datetime
from typing import Any

from rich import box
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from weatherflick_assets.build import MEASURED
from weatherflick_assets.cli.terminal import UsageError
from weatherflick_assets.errors import PlatformError
from weatherflick_assets.korea.regions import NAME_OF, REGIONS, UNASSIGNED, region_code_named
from weatherflick_assets.presentation import duration, for_terminal, percent
from weatherflick_assets.quality.cards import Card, ColumnChange, Trust, card
from weatherflick_assets.quality.measured import MeasuredTable
from weatherflick_assets.settings import KST, korean_time
from weatherflick_assets.warehouse.connections import connect

_TABLES = {table.table_name: table for table in MEASURED}
"""Every table that there is a card of, by name."""

_COLOUR = {Trust.YES: "green", Trust.RESERVED: "yellow", Trust.NO: "red"}

_HELD_BACK, _NOT_TO_BE_TRUSTED = 4, 1


class NeverJudgedError(PlatformError):
    """There is nothing to say about a table."""


def table_named(name: str) -> MeasuredTable:
    """A table by its name, with or without its schema.

    Raises:
        UsageError: there is no such table.
    """
    found = _TABLES.get(name) or _TABLES.get(f"core.{name}")
    if found is None:
        known = ", ".join(table.removeprefix("core.") for table in _TABLES)
        raise UsageError(f"Unknown table {name}. The tables are {known}.")
    return found


def region_named(text: str, table: MeasuredTable) -> str:
    """The code of a region of a table.

    Raises:
        UsageError: there is no such region, or the table is not by region.
    """
    code = region_code_named(text)
    if code is None:
        known = ", ".join(f"{region.region_code} {region.short_name} {region.english_name}" for region in REGIONS)
        raise UsageError(f"Unknown region {text}. The regions are {known}, and {UNASSIGNED}.")
    if not table.by_region:
        raise UsageError(f"{table.table_name} is not kept by region. Leave out --region.")
    return code


def found(dsn: str, table: MeasuredTable, region_code: str | None, *, since: date, at: datetime) -> Card:
    """The card.

    Raises:
        NeverJudgedError: nothing of it was ever judged.
    """
    with connect(dsn) as connection:
        answer = card(connection, table, region_code, since=since, at=at)
    if answer is None:
        where = f" in {NAME_OF[region_code]}" if region_code else ""
        raise NeverJudgedError(
            f"Nothing is known of {table.table_name}{where}: none of it was ever judged. Collect it first."
        )
    return answer


def exit_code(answer: Card) -> int:
    """4 if a gate holds rows back, 1 if the table can't be trusted for another reason, 0 if it can be."""
    if answer.now.held_back:
        return _HELD_BACK
    return _NOT_TO_BE_TRUSTED if answer.trust is Trust.NO else 0


def as_json(answer: Card) -> dict[str, Any]:
    """The card as plain types; shares are 0 to 1, times ISO 8601 in Korean time."""
    now, before = answer.now, answer.before
    return {
        "table": answer.table.table_name,
        "region": answer.region_code,
        "trust": answer.trust.value,
        "reasons": answer.reasons,
        "at": _time(answer.at),
        "since": answer.since.isoformat(),
        "rows": now.rows,
        "rows_before": before and before.rows,
        "data_as_of": now.data_as_of and _time(now.data_as_of),
        "age_hours": answer.age and round(answer.age.total_seconds() / 3600, 2),
        "stale_after_hours": answer.table.stale_after.total_seconds() / 3600,
        "score": now.score,
        "score_before": before and before.score,
        "minimum_score": now.minimum_score,
        "columns": [
            {
                "column": column.column,
                "required": column.is_required,
                "filled": column.share,
                "filled_before": column.share_before,
            }
            for column in answer.columns
        ],
        "failures": [
            {
                "rule": failure.rule_id,
                "severity": failure.severity,
                "partition": failure.partition_key,
                "asked": failure.expected,
                "observed": failure.observed,
                "examples": list(failure.examples),
                "verdict_id": failure.verdict_id,
            }
            for failure in now.failures
        ],
        "held_back": [
            {
                "partition": held.partition_key,
                "since": _time(held.since),
                "rules": list(held.rules),
                "verdict_id": held.verdict_id,
            }
            for held in now.held_back
        ],
        "rejected": now.rejected,
        "verdict_ids": list(now.verdict_ids),
    }


def show(console: Console, answer: Card) -> None:
    """Show the card to a person, on one page of 80 columns; --json has all of it."""
    console.print(f"[bold]{_text(answer.title)}[/], {korean_time(answer.at)} KST")
    console.print(f"Can it be trusted? [bold {_COLOUR[answer.trust]}]{answer.trust.value.capitalize()}[/].")
    for reason in answer.reasons:
        console.print(f"  {_text(reason)}")
    console.print()
    then = f"{answer.since:%Y-%m-%d}"
    if answer.before is None:
        console.print(f"Nothing was judged by the end of {then}, so nothing can be compared.")
    _show(console, ("", "now", then, "change"), _figures(answer))
    _show_columns(console, answer, then)
    failures = [
        (
            failure.rule_id,
            failure.severity,
            NAME_OF.get(failure.partition_key or "", failure.partition_key or ""),
            failure.observed,
        )
        for failure in answer.now.failures
    ]
    _show(console, ("rules that fail", "severity", "part", "observed"), failures[:_MOST_FAILURES])
    if len(failures) > _MOST_FAILURES:
        console.print(f"{len(failures) - _MOST_FAILURES} more failures are in quality.rule_results.")
    _show(
        console,
        ("could not become rows because", "items"),
        [(reason, f"{count:,}") for reason, count in (answer.now.rejected or {}).items()],
    )
    verdicts = ", ".join(map(str, answer.now.verdict_ids[:_MOST_VERDICTS]))
    console.print(f"Look further: weatherflick quality docs VERDICT, with the verdict {verdicts}.", highlight=False)


def _show_columns(console: Console, answer: Card, then: str) -> None:
    """Columns that are required, that changed, and that are neither full nor empty; the others are counted."""
    partly = [each for each in answer.columns if each.is_telling]
    shown = sorted(partly, key=_losses_first)[:_MOST_COLUMNS]
    rows = [
        (
            each.column + ("*" if each.is_required else ""),
            percent(each.share),
            percent(each.share_before),
            _points(each.change),
        )
        for each in shown
    ]
    _show(console, ("rows with a value in", "now", then, "change"), rows)
    others = [each for each in answer.columns if each not in shown]
    counts = {
        "full": sum(each.share == 1 for each in others),
        "empty": sum(each.share == 0 for each in others),
        "filled in part": sum(each.share not in (0, 1, None) for each in others),
    }
    told = ", ".join(f"{count} {how}" for how, count in counts.items() if count)
    if others:
        console.print(f"* required. Not shown: {told}." if told else "* required.")
        console.print()


_MOST_COLUMNS, _MOST_FAILURES, _MOST_VERDICTS = 20, 10, 5


def _figures(answer: Card) -> Iterator[tuple[str, ...]]:
    now, before = answer.now, answer.before
    yield (
        "rows",
        f"{now.rows:,}",
        f"{before.rows:,}" if before else "–",
        f"{now.rows - before.rows:+,}" if before else "",
    )
    score_before = before.score if before else None
    yield (
        f"score (at least {now.minimum_score:g})",
        "–" if now.score is None else f"{now.score:.1f}",
        "–" if score_before is None else f"{score_before:.1f}",
        "" if now.score is None or score_before is None else f"{now.score - score_before:+.1f}",
    )
    age = "not recorded" if answer.age is None else duration(answer.age)
    yield f"age of data (at most {duration(answer.table.stale_after)})", age, "", ""
    yield "parts held back", str(len(now.held_back)), str(len(before.held_back)) if before else "–", ""
    counted = [None if each is None or each.rejected is None else sum(each.rejected.values()) for each in (now, before)]
    yield "items that could not become rows", *("–" if count is None else f"{count:,}" for count in counted), ""


def _show(console: Console, headings: tuple[str, ...], rows: Any) -> None:
    listed = [*rows]
    if not listed:
        return
    table = Table(box=box.SIMPLE_HEAD, show_edge=False, pad_edge=False, padding=(0, 1))
    for position, heading in enumerate(headings):
        table.add_column(
            heading,
            justify="left" if (position in (0, 3) and len(headings) == 4) or not position else "right",
            overflow="fold",
        )
    for row in listed:
        table.add_row(*map(_text, row))
    console.print(table)
    console.print()


def _losses_first(each: ColumnChange) -> tuple[bool, bool, float]:
    change = each.change or 0
    return not each.is_required, change >= 0, -abs(change)


def _points(change: float | None) -> str:
    points = round(100 * (change or 0), 1)
    return f"{points:+.1f}" if points else ""


def _text(text: str) -> str:
    return escape(for_terminal(text))


def _time(at: datetime) -> str:
    return at.astimezone(KST).isoformat(timespec="seconds")
