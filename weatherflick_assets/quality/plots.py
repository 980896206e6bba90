"""Quality as pictures: scores over time, how full the columns are, and row counts against their usual range.

They are drawn from rows of `quality.statistics`. Every picture is SVG that fits into an event of Dagster, however many tables
and regions there are: what would not fit is left out, the least telling first, and the title says so. A picture that has
nothing to show is empty text.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import pairwise
from statistics import mean, median
from typing import Any, Protocol
from xml.etree.ElementTree import Element, SubElement

import leather

from weatherflick_assets.charts import ALARM, MAIN, PALE, Shading, heat_map, picture, style
from weatherflick_assets.korea.regions import NAME_OF
from weatherflick_assets.presentation import in_percent
from weatherflick_assets.quality.measured import WHOLE_TABLE

SCORE, ROWS, FILLED = "score", "rows", "filled:"
"""The metrics that are drawn; the last one is followed by a column."""

USUAL = timedelta(days=30)
"""The days before one whose row counts are its usual range."""

MOST_LINES = 4
"""Regions that a chart of scores shows beside the whole: those that scored least."""

MOST_TABLES, MOST_COLUMNS = 32, 40
"""What a heat map shows: the columns that most tables have, and the tables with most missing."""

_SHADING = Shading(full=(0xF2, 0xF6, 0xFA), empty=(0xA8, 0x3A, 0x0C))

_Points = dict[date, float]


class Figure(Protocol):
    """A row of `quality.statistics`."""

    @property
    def day(self) -> date: ...  # noqa: D102
    @property
    def table_name(self) -> str: ...  # noqa: D102
    @property
    def region_code(self) -> str: ...  # noqa: D102
    @property
    def metric(self) -> str: ...  # noqa: D102
    @property
    def value(self) -> float: ...  # noqa: D102


def scores(figures: Iterable[Figure]) -> str:
    """A chart for each table: its score by day, and in light lines the regions with the lowest scores."""
    by_table: dict[str, dict[str, _Points]] = defaultdict(lambda: defaultdict(dict))
    for figure in figures:
        if figure.metric == SCORE:
            by_table[figure.table_name][figure.region_code][figure.day] = figure.value
    panels = []
    for table_name, by_region in sorted(by_table.items()):
        whole = by_region.pop(WHOLE_TABLE, {})
        lowest = sorted(by_region.values(), key=lambda points: points[max(points)])[:MOST_LINES]
        panels.append(_Panel(_short(table_name), whole, lowest))
    return _small_multiples("Score of each table by day (0 to 100)", panels)


def region_scores(figures: Iterable[Figure], table_name: str) -> str:
    """A chart for each region of a table: its score by day, and in a light line that of the whole table."""
    by_region: dict[str, _Points] = defaultdict(dict)
    for figure in figures:
        if figure.metric == SCORE and figure.table_name == table_name:
            by_region[figure.region_code][figure.day] = figure.value
    whole = by_region.pop(WHOLE_TABLE, {})
    panels = [_Panel(_region(code), points, [whole]) for code, points in sorted(by_region.items())]
    return _small_multiples(f"Score of each region of {table_name} by day (0 to 100)", panels)


def completeness(figures: Iterable[Figure], day: date) -> str:
    """A heat map of columns by table. Columns that are full in every table are left out."""
    cells: dict[str, dict[str, float]] = defaultdict(dict)
    for column, figure in _filled(figures, day):
        if figure.region_code == WHOLE_TABLE:
            cells[column][_short(figure.table_name)] = figure.value
    return _heat_map("Rows with a value, %, by column and table", cells)


def region_completeness(figures: Iterable[Figure], day: date, table_name: str) -> str:
    """A heat map of the columns of a table by region. Columns that are full in every region are left out."""
    cells: dict[str, dict[str, float]] = defaultdict(dict)
    for column, figure in _filled(figures, day):
        if figure.table_name == table_name and figure.region_code != WHOLE_TABLE:
            cells[column][_region(figure.region_code)] = figure.value
    return _heat_map(f"{table_name}: rows with a value, %, by column and region", cells)


def volume(figures: Iterable[Figure], day: date) -> str:
    """The rows of each table on a day, against those of the days before."""
    rows = (figure for figure in figures if figure.metric == ROWS and figure.region_code == WHOLE_TABLE)
    return _ranges("Rows of each table", ((_short(figure.table_name), figure) for figure in rows), day)


def region_volume(figures: Iterable[Figure], day: date, table_name: str) -> str:
    """The rows of each region of a table on a day, against those of the days before."""
    rows = (
        figure
        for figure in figures
        if (figure.metric, figure.table_name) == (ROWS, table_name) and figure.region_code != WHOLE_TABLE
    )
    return _ranges(
        f"Rows of each region of {table_name}", ((_region(figure.region_code), figure) for figure in rows), day
    )


def shade(share: float) -> str:
    """The colour of a cell: the darker, the more is missing. Only what is full has the colour of full."""
    return _SHADING.colour(share)


def _short(table_name: str) -> str:
    return table_name.removeprefix("core.")


def _region(code: str) -> str:
    return NAME_OF.get(code, code)


def _filled(figures: Iterable[Figure], day: date) -> Iterator[tuple[str, Figure]]:
    """The completeness of a day, each with its column."""
    for figure in figures:
        if figure.day == day and figure.metric.startswith(FILLED):
            yield figure.metric.removeprefix(FILLED), figure


# Scores: one line is drawn thick, those to compare it with are light.

_PANEL_COLUMNS, _PANEL_WIDTH, _PANEL_HEIGHT = 5, 230, 130


@dataclass(frozen=True)
class _Panel:
    title: str
    line: _Points
    others: Sequence[_Points]

    @property
    def all_points(self) -> Iterator[tuple[date, float]]:
        for points in (self.line, *self.others):
            yield from points.items()


def _small_multiples(title: str, panels: Sequence[_Panel]) -> str:
    """Charts with the same scales."""
    known = [point for panel in panels for point in panel.all_points]
    if not known:
        return ""
    style(margin=0.08)
    leather.theme.title_font_size = 12
    days = [day for day, _ in known]
    lowest = max(0, min(10 * (min(value for _, value in known) // 10), 90))
    charts = [_score_chart(panel, min(days), max(days), lowest) for panel in panels]
    return picture(title, charts, columns=min(len(charts), _PANEL_COLUMNS), width=_PANEL_WIDTH, height=_PANEL_HEIGHT)


def _score_chart(panel: _Panel, first: date, last: date, lowest: float) -> leather.Chart:
    newest = f"  {round(panel.line[max(panel.line)], 1):g}" if panel.line else ""
    chart = leather.Chart(panel.title + newest)
    chart.add_x_scale(0, max((last - first).days, 1))
    chart.add_y_scale(lowest, 100)
    chart.add_x_axis(
        ticks=sorted({0, (last - first).days}),
        tick_formatter=lambda days, *_: f"{first + timedelta(days=days):%m-%d}",
    )
    chart.add_y_axis(ticks=[lowest, (lowest + 100) / 2, 100], tick_formatter=lambda value, *_: f"{value:g}")
    chart.add_series(
        leather.Series([((day - first).days, value) for day, value in panel.all_points]), _Curves(panel, first)
    )
    return chart


class _Curves(leather.Shape):
    """The lines of a panel. A day that is not known interrupts a line; the newest day of the thick one is a dot."""

    def __init__(self, panel: _Panel, first: date) -> None:
        self._panel, self._first = panel, first

    def validate_series(self, series: leather.Series) -> None:
        """Days and numbers, as the panel has."""

    def to_svg(
        self,
        width: float,
        height: float,
        x_scale: Any,
        y_scale: Any,
        series: leather.Series,  # noqa: ARG002 - the panel has its lines one by one
        palette: object,  # noqa: ARG002
    ) -> Element:
        """The group of lines."""

        def at(day: date, value: float) -> tuple[int, int]:
            days = (day - self._first).days
            return round(x_scale.project(days, 0, width)), round(y_scale.project(value, height, 0))

        group = Element("g", {"fill": "none", "stroke-linecap": "round"})
        for points, colour, thickness in (
            *((points, PALE, "1") for points in self._panel.others),
            (self._panel.line, MAIN, "2"),
        ):
            drawn = "".join(_path([at(*point) for point in run]) for run in _runs(points))
            if drawn:
                SubElement(group, "path", {"d": drawn, "stroke": colour, "stroke-width": thickness})
        if self._panel.line:
            x, y = at(*max(self._panel.line.items()))
            SubElement(group, "circle", {"cx": f"{x}", "cy": f"{y}", "r": "3", "fill": MAIN})
        return group


def _path(points: Sequence[tuple[int, int]]) -> str:
    """A line through some pixels. Steps take half the characters of places."""
    steps = (f"{x - x_before} {y - y_before}" for (x_before, y_before), (x, y) in pairwise(points))
    return f"M{points[0][0]} {points[0][1]}l{' '.join(steps)}"


def _runs(points: _Points) -> Iterator[list[tuple[date, float]]]:
    """The stretches without a missing day. Of equal values in a row, the first and the last are enough to draw them."""
    run: list[tuple[date, float]] = []
    for day, value in sorted(points.items()):
        if run and day - run[-1][0] > timedelta(days=1):
            yield _drawable(run)
            run = []
        run.append((day, value))
    if run:
        yield _drawable(run)


def _drawable(run: list[tuple[date, float]]) -> list[tuple[date, float]]:
    """The points that a line needs, at least two: a line of one has no length, and its round ends show it."""
    turns = [
        point
        for before, point, after in zip(run, run[1:], run[2:], strict=False)
        if not before[1] == point[1] == after[1]
    ]
    return [run[0], *turns, run[-1]]


# Completeness.


def _heat_map(title: str, cells: Mapping[str, Mapping[str, float]]) -> str:
    """A heat map.

    Args:
        title: what the cells are.
        cells: by row and column, the share (0-1) of what is there; what is not known is left blank.
    """
    telling = {row: of_row for row, of_row in cells.items() if min(of_row.values()) < 1}
    if not telling:
        return ""
    # What most tables have comes first, so that the blanks are together; then what is emptiest.
    rows = sorted(telling, key=lambda row: (-len(telling[row]), mean(telling[row].values())))[:MOST_COLUMNS]
    shares: dict[str, list[float]] = defaultdict(list)
    for row in rows:
        for column, share in telling[row].items():
            shares[column].append(share)
    columns = sorted(sorted(shares, key=lambda column: mean(shares[column]))[:MOST_TABLES])
    hidden = len(telling) - len(rows) + len(shares) - len(columns)
    heading = title + (f"; {hidden} more are not shown" if hidden else "")
    return heat_map(title, telling, rows, columns, _SHADING, in_percent, heading=heading)


# Volume: everything is drawn in percent of what is usual, so that large and small tables share a scale.

_LINE_HEIGHT, _RANGE_WIDTH, _MOST_PERCENT = 22, 760, 200


@dataclass(frozen=True)
class _Range:
    label: str
    now: float
    before: Sequence[float]

    @property
    def usual(self) -> float:
        """What is 100 %: the median of the days before, or of the day itself where there is none."""
        return median(self.before or [self.now]) or 1

    @property
    def is_unusual(self) -> bool:
        return bool(self.before) and not min(self.before) <= self.now <= max(self.before)

    def in_percent(self, value: float) -> float:
        return min(100 * value / self.usual, _MOST_PERCENT)


def _ranges(title: str, figures: Iterable[tuple[str, Figure]], day: date) -> str:
    counts: dict[str, _Points] = defaultdict(dict)
    for label, figure in figures:
        if day - USUAL <= figure.day <= day:
            counts[label][figure.day] = figure.value
    ranges = [
        _Range(label, by_day[day], [value for earlier, value in by_day.items() if earlier < day])
        for label, by_day in sorted(counts.items())
        if day in by_day
    ]
    if not ranges:
        return ""
    style(margin=0.03)
    drawn = [each.in_percent(value) for each in ranges for value in (each.now, *each.before)]
    chart = leather.Chart(title)
    labels = {each.label: f"{each.label}  {each.now:,.0f}" for each in ranges}
    chart.add_x_scale(min(95, *drawn), max(105, *drawn))
    chart.add_x_axis(name="% of the median of the 30 days before; the band is their lowest to their highest")
    chart.set_y_scale(leather.Ordinal([*labels][::-1]))
    chart.set_y_axis(leather.Axis([*labels], lambda label, *_: labels[label]))
    chart.add_series(leather.Series([(each.in_percent(each.now), each.label, each) for each in ranges]), _Bands())
    return picture(title, [chart], columns=1, width=_RANGE_WIDTH, height=_LINE_HEIGHT * len(ranges) + 80)


class _Bands(leather.Shape):
    """The usual range of each row, and where the day is."""

    def validate_series(self, series: leather.Series) -> None:
        """Percent, a label and its range."""

    def to_svg(
        self,
        width: float,
        height: float,
        x_scale: Any,
        y_scale: Any,
        series: leather.Series,
        palette: object,  # noqa: ARG002
    ) -> Element:
        """The group of bands."""
        group = Element("g")
        for line in series.data():
            of_line: _Range = line.row[2]
            y = float(y_scale.project(of_line.label, height, 0))

            def at(value: float, of_line: _Range = of_line) -> float:
                return float(x_scale.project(of_line.in_percent(value), 0, width))

            if of_line.before:
                left, right = at(min(of_line.before)), at(max(of_line.before))
                SubElement(
                    group,
                    "rect",
                    {
                        "x": f"{left - 2:.0f}",
                        "y": f"{y - 6:.0f}",
                        "width": f"{right - left + 4:.0f}",
                        "height": "12",
                        "rx": "2",
                        "fill": PALE,
                    },
                )
            colour = ALARM if of_line.is_unusual else MAIN
            SubElement(group, "circle", {"cx": f"{at(of_line.now):.0f}", "cy": f"{y:.0f}", "r": "5", "fill": colour})
        return group
