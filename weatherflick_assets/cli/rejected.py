"""`weatherflick quality rejected`: what could not become rows, by reason, with samples."""

from collections.abc import Iterator, Mapping, Sequence
from itertools import groupby
from typing import Any

from rich import box
from rich.console import Console
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from weatherflick_assets.build import DOMAINS
from weatherflick_assets.cli.terminal import UsageError
from weatherflick_assets.korea.regions import NAME_OF
from weatherflick_assets.presentation import for_terminal, shortened
from weatherflick_assets.quality.rejected import Group, Rejected, Selection
from weatherflick_assets.quality.rejections import Sample
from weatherflick_assets.settings import KST, now
from weatherflick_assets.upstream.access import without_secrets
from weatherflick_assets.warehouse.connections import connect

_LONGEST_VALUE, _LONGEST_PAYLOAD = 200, 1_000
"""In characters; the response has all of it."""

_LONGEST_SHOWN = 240
"""Of a payload on a terminal."""

MOST_SAMPLES = 100

_UNDECLARED = "Nothing is said about this reason."


def selection_of(tables: str | None, regions: Sequence[str] | None, reason: str | None) -> Selection:
    """What options select: names of tables, comma-separated, with or without their schema; region codes; a reason.

    Raises:
        UsageError: there is no such table or reason.
    """
    known = {table.table_name for domain in DOMAINS for table in domain.measured}
    asked = None
    if tables is not None:
        names = [name.strip() for name in tables.split(",") if name.strip()]
        asked = [name if "." in name else f"core.{name}" for name in names]
        if unknown := [name for name, full in zip(names, asked, strict=True) if full not in known]:
            there_are = ", ".join(sorted(name.removeprefix("core.") for name in known))
            raise UsageError(f"Unknown table {', '.join(unknown)}. The tables are {there_are}.")
        if not asked:
            raise UsageError("No table is named. Leave the option out to select all of them.")
    said = [domain.rejections for domain in DOMAINS if domain.rejections]
    if reason is not None and not any(each.reason(reason) for each in said):
        reasons = sorted(name for each in said for name in each.reasons)
        raise UsageError(f"Unknown reason {reason}. The reasons are {', '.join(reasons)}.")
    return Selection(asked, regions, reason)


def in_words(selection: Selection) -> str:
    """What is selected, for sentences: " of core.restaurants in 50 for the reason title_missing"; "" for everything."""
    parts = (
        ("of", selection.tables),
        ("in", selection.regions),
        ("for the reason", None if selection.reason is None else [selection.reason]),
    )
    return "".join(f" {word} {', '.join(names)}" for word, names in parts if names)


def gather(dsn: str, selection: Selection, samples: int) -> dict[str, Any]:
    """What could not become rows as plain types; times are ISO 8601 in Korean time.

    Args:
        dsn: the platform's database.
        selection: what is looked at.
        samples: at most so many for each reason and table.
    """
    with connect(dsn) as connection:
        found = rejected(connection)
        groups = found.groups(selection)
        return {
            "rejected": sum(group.items for group in groups),
            "reasons": [
                _reason(found, reason, list(of_reason), samples)
                for reason, of_reason in groupby(groups, key=lambda group: group.reason)
            ],
        }


def rejected(connection: Any) -> Rejected:
    """What could not become rows of all domains, as of now."""
    return Rejected(
        connection,
        [table for domain in DOMAINS for table in domain.measured],
        [domain.rejections for domain in DOMAINS if domain.rejections],
        now(),
    )


def _reason(found: Rejected, reason: str, groups: Sequence[Group], samples: int) -> dict[str, Any]:
    said = found.reason(reason)
    by_table = [list(of_table) for _, of_table in groupby(groups, key=lambda group: group.table_name)]
    return {
        "reason": reason,
        "means": said.means if said else _UNDECLARED,
        "to_do": said.to_do if said else "",
        "items": sum(group.items for group in groups),
        "partitions": [
            {
                "table": group.table_name,
                "partition": group.partition_key,
                "items": group.items,
                "newest_at": group.newest_at.astimezone(KST).isoformat(timespec="seconds"),
                "is_held_back": group.is_held_back,
            }
            for group in groups
        ],
        "samples": [
            _sample(group, sample) for of_table in by_table for group, sample in found.samples(of_table, samples)
        ],
    }


def _sample(group: Group, sample: Sample) -> dict[str, Any]:
    return {
        "table": group.table_name,
        "partition": group.partition_key,
        "subject": sample.subject and _short(sample.subject, _LONGEST_VALUE),
        "value": None if sample.value is None else _short(sample.value, _LONGEST_VALUE),
        "payload": _short(sample.payload, _LONGEST_PAYLOAD),
        "response_id": sample.response_id,
        "rejected_at": sample.rejected_at and sample.rejected_at.astimezone(KST).isoformat(timespec="seconds"),
    }


def _short(text: str, longest: int) -> str:
    return shortened(without_secrets(text), longest)


def show(console: Console, found: Mapping[str, Any], selection: Selection) -> None:
    """Show it to a person, in 80 columns; --json has more of each item."""
    if not found["reasons"]:
        console.print(f"Nothing is rejected{in_words(selection)}.", highlight=False, markup=False)
        return
    for reason in found["reasons"]:
        console.print(Text.assemble((reason["reason"], "bold"), f": {_items(reason['items'])}"))
        console.print(Text(f"{reason['means']} {reason['to_do']}".strip()))
        console.print(_table(reason["partitions"]))
        for line in _samples(reason["samples"]):
            console.print(line)
        console.print()
    console.print(
        Text(
            f"{_items(found['rejected'])} rejected in all. Times are Korean time (KST). The table raw.responses has each response. "
            "After a rule has changed, `weatherflick quality reprocess` makes them again, without a call."
        )
    )


def _table(partitions: Sequence[Mapping[str, Any]]) -> Table:
    table = Table(box=box.SIMPLE_HEAD, show_edge=False, pad_edge=False, padding=(0, 2, 0, 0))
    table.add_column("table", overflow="fold")
    table.add_column("part", overflow="fold")
    table.add_column("items", justify="right")
    table.add_column("newest")
    table.add_column("")
    for each in partitions:
        part = each["partition"] or "–"
        table.add_row(
            each["table"].removeprefix("core."),
            Text(" ".join(filter(None, (part, NAME_OF.get(part))))),
            f"{each['items']:,}",
            _time(each["newest_at"]),
            "held back" if each["is_held_back"] else "",
        )
    return table


def _samples(samples: Sequence[Mapping[str, Any]]) -> Iterator[Padding]:
    for sample in samples:
        about = [
            f"{sample['table'].removeprefix('core.')} {for_terminal(sample['subject'] or 'without an id')}",
            *([f"response {sample['response_id']}"] if sample["response_id"] is not None else []),
            *([_time(sample["rejected_at"])] if sample["rejected_at"] else []),
        ]
        yield Padding(Text(", ".join(about)), (0, 0, 0, 2))
        if sample["value"] is not None:
            yield Padding(Text(f'value "{_line(sample["value"])}"'), (0, 0, 0, 4))
        if sample["payload"]:
            yield Padding(Text(_line(_short(sample["payload"], _LONGEST_SHOWN)), style="dim"), (0, 0, 0, 4))


def _line(text: str) -> str:
    """A text on one line."""
    return for_terminal(" ".join(text.split()))


def _items(count: int) -> str:
    return f"{count:,} {'item' if count == 1 else 'items'}"


def _time(iso: str) -> str:
    return iso[5:16].replace("T", " ")
