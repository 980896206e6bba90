"""The quality report of a day: one HTML file that needs nothing else, to read on a screen or on paper.

It shows how every table stood at the end of the day, or stands now if the day is not over, and what got worse since when. It is
made from `quality.statistics`, `quality.trends` and stored verdicts, so the report of a past day can be made again.
"""

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import NamedTuple

import psycopg

from weatherflick_assets import pages
from weatherflick_assets.korea.regions import NAME_OF
from weatherflick_assets.presentation import duration, for_terminal, percent, shortened
from weatherflick_assets.quality import plots
from weatherflick_assets.quality.cards import Card, Trust, cards
from weatherflick_assets.quality.measured import WHOLE_TABLE, MeasuredTable
from weatherflick_assets.quality.rejected import Group, Rejected, Selection
from weatherflick_assets.quality.rejections import Rejections
from weatherflick_assets.quality.trends import Worse, worse_on
from weatherflick_assets.settings import bounds, korean_time

COMPARED = timedelta(days=7)
"""A card compares the day with the one so long before."""

MOST_WORSE = 60
"""What got worse, at most so many lines."""

MOST_SAMPLES, LONGEST_SAMPLE = 3, 80
"""Samples of what could not become rows: how many of each reason, and characters of each."""

_MARKS = {Trust.YES: "✓", Trust.RESERVED: "!", Trust.NO: "✗"}
"""What says the answer without colour."""

_METRICS = {
    "filled": "rows with a value",
    "held_back": "parts held back",
    "age_hours": "age in hours",
    "previous_score": "score by the previous formula",
    "rejected": "items that could not become rows",
    "warnings": "warning rules that fail",
}
"""What metrics are called; those that are not here are words already."""

_FIGURES = """
SELECT day, table_name, region_code, metric, value FROM quality.statistics
WHERE day BETWEEN %(first)s AND %(day)s AND (
    metric IN ('score', 'rows') OR metric LIKE 'filled:%%' AND day = %(day)s
)
"""


_DUE = """
SELECT day FROM quality.statistics WHERE metric = 'held_back' AND region_code = %(whole_table)s AND measured_at >= %(since)s
UNION SELECT day FROM quality.trends WHERE compared_at >= %(since)s
ORDER BY day DESC
"""

_LATELY = timedelta(hours=3)
"""The flow measures, compares and reports one after the other."""


class Figure(NamedTuple):
    """A row of `quality.statistics`."""

    day: date
    table_name: str
    region_code: str
    metric: str
    value: float


@dataclass(frozen=True)
class RejectedItems:
    """Items that could not become rows of a table for one reason.

    Attributes:
        means: what is wrong with them; None: nothing is said about it.
        items: how many, as of the day.
        samples: of the items that are kept, as they are now: what each is about, and the value that is wrong.
    """

    table_name: str
    reason: str
    means: str | None
    items: int
    samples: Sequence[tuple[str, str]]


@dataclass(frozen=True)
class DayReport:
    """What the report shows.

    Attributes:
        day: the day in Korea.
        at: the moment that it is about.
        figures: of the day and of the days before that pictures need.
        worse: what got worse, newest first.
        cards: by table, and by region within it; the key None is the whole table. Tables that were never judged are left out.
        unjudged: the tables that were never judged.
        rejected: what could not become rows, by table and reason.
    """

    day: date
    at: datetime
    figures: Sequence[Figure]
    worse: Sequence[Worse]
    cards: Mapping[str, Mapping[str | None, Card]]
    unjudged: Sequence[str]
    rejected: Sequence[RejectedItems]


def figures(connection: psycopg.Connection, day: date) -> list[Figure]:
    """What the pictures of a day need: its statistics, and the scores and row counts of the days before."""
    window = {"day": day, "first": day - plots.USUAL, "whole_table": WHOLE_TABLE}
    return [Figure(*row) for row in connection.execute(_FIGURES, window)]


def pictures(figures: Sequence[Figure], day: date) -> dict[str, str]:
    """The SVG documents of a day by what they show; empty text where there is nothing to show."""
    return {
        "scores": plots.scores(figures),
        "completeness": plots.completeness(figures, day),
        "volume": plots.volume(figures, day),
    }


def region_pictures(figures: Sequence[Figure], day: date, table_name: str) -> list[str]:
    """The SVG documents of the regions of a table on a day, without those that have nothing to show."""
    of_table = [figure for figure in figures if figure.table_name == table_name]
    drawn = (
        plots.region_scores(of_table, table_name),
        plots.region_completeness(of_table, day, table_name),
        plots.region_volume(of_table, day, table_name),
    )
    return [svg for svg in drawn if svg]


def due(connection: psycopg.Connection, now: datetime) -> list[date]:
    """The days to report, newest first: those that were measured or compared within the last hours."""
    given = {"since": now - _LATELY, "whole_table": WHOLE_TABLE}
    return [day for (day,) in connection.execute(_DUE, given)]


def gather(
    connection: psycopg.Connection,
    day: date,
    measured: Sequence[MeasuredTable],
    rejections: Sequence[Rejections],
    now: datetime,
) -> DayReport:
    """What there is to say about a day.

    Args:
        connection: to the platform's database.
        day: in Korea.
        measured: the tables, in the order in which they are shown.
        rejections: what the domains say about items that could not become rows.
        now: the time.
    """
    at = min(bounds(day)[1], now)
    of_tables = {table.table_name: cards(connection, table, since=day - COMPARED, at=at) for table in measured}
    return DayReport(
        day,
        at,
        figures(connection, day),
        worse_on(connection, day),
        {name: found for name, found in of_tables.items() if found},
        [name for name, found in of_tables.items() if not found],
        _rejected(
            Rejected(connection, measured, rejections, at),
            [found[None] for found in of_tables.values() if found],
            {name for each in rejections for name in each.kept_tables},
        ),
    )


def _rejected(reader: Rejected, wholes: Sequence[Card], kept_tables: Collection[str]) -> list[RejectedItems]:
    """What could not become rows. Samples are read where they are kept as items: others would have to be made again."""
    kept: dict[tuple[str, str], list[Group]] = defaultdict(list)
    for group in reader.groups(Selection(tables=kept_tables)):
        kept[group.table_name, group.reason].append(group)
    found = []
    for whole in wholes:
        name = whole.table.table_name
        for reason, items in (whole.now.rejected or {}).items():
            said = reader.reason(reason)
            samples = [
                (sample.subject or "–", shortened(sample.value or "", LONGEST_SAMPLE))
                for _, sample in reader.samples(kept[name, reason], MOST_SAMPLES)
            ]
            found.append(RejectedItems(name, reason, said and said.means, items, samples))
    return found


def render(report: DayReport) -> str:
    """The HTML document."""
    filters = {
        "short": lambda table_name: table_name.removeprefix("core."),
        "region": lambda code: "whole table" if code in (None, WHOLE_TABLE) else NAME_OF.get(code, code),
        "percent": percent,
        "duration": duration,
        "visible": for_terminal,
        "kst": korean_time,
        "metric": metric,
        "metric_name": metric_name,
        "mark": _MARKS.__getitem__,
    }
    wholes = [found[None] for found in report.cards.values()]
    return pages.rendered(
        "quality/report.html.jinja",
        filters,
        report=report,
        wholes=wholes,
        regions=sorted({code for found in report.cards.values() for code in found if code}),
        trust={answer.name: answer for answer in Trust},
        counts={answer: sum(card.trust is answer for card in wholes) for answer in Trust},
        worse=report.worse[:MOST_WORSE],
        held=[(card, held) for card in wholes for held in card.now.held_back],
        pictures=pictures(report.figures, report.day),
        region_pictures={
            name: region_pictures(report.figures, report.day, name) if found[None].table.by_region else []
            for name, found in report.cards.items()
        },
    )


def metric(name: str, value: float) -> str:
    """A value of `quality.statistics` for people, e.g. `97.2%` of a completeness."""
    if name.startswith(plots.FILLED):
        return percent(value)
    return f"{value:,.0f}" if value == int(value) else f"{value:,.1f}"


def metric_name(name: str) -> str:
    """What a metric of `quality.statistics` is, for people."""
    kind, _, of = name.partition(":")
    return f"{_METRICS.get(kind, kind)}{f': {of}' if of else ''}"


def folder_in(state_folder: Path) -> Path:
    """Where reports are kept."""
    return state_folder / "reports" / "quality"


def keep(folder: Path, day: date, html: str) -> Path:
    """Write a day's report into a folder, and delete those that are too old. Returns where it is."""
    return pages.keep(folder / f"{day.isoformat()}.html", html, day)
