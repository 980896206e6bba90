"""How charts look, and how they become one small picture: what every plot of the platform shares.

Plots are drawn with leather. A picture is SVG with a white ground, so that it reads the same on a light and on a dark page.
Dagster keeps every event, so a picture says nothing twice: no digits beyond a tenth of a pixel, one font for all texts.
"""

import re
from base64 import b64encode
from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from math import ceil
from typing import Any
from xml.etree.ElementTree import Element, SubElement, tostring

import leather

INK, MUTED, PALE = "#333333", "#666666", "#9dc3e6"
"""Texts, lesser texts, and what is there to compare with."""

MAIN, ALARM = "#1f4e79", "#d1702f"
"""What a chart is about, and what people should look at."""

_GROUND = "#ffffff"
_FONT = "sans-serif"
_MARGIN = 0.05

_NUMBER = re.compile(r"-?\d+(?:\.\d+)?(?:E[+-]?\d+)?")
_DRAWN = ("x", "y", "x1", "x2", "y1", "y2", "width", "height", "d", "transform", "cx", "cy")
"""Attributes with coordinates."""

_SAID = (("stroke-width", "1"),)
"""Attributes that say what holds anyway."""


def style(*, margin: float = _MARGIN) -> None:
    """Say how charts look from now on: they take colours, fonts and sizes from a module of their library.

    Args:
        margin: around a chart, as a share of its width.
    """
    theme = leather.theme
    theme.background_color = _GROUND
    theme.margin = margin
    theme.label_color = theme.axis_title_color
    for part in ("title", "legend", "axis_title", "tick"):
        setattr(theme, f"{part}_font_family", _FONT)
        setattr(theme, f"{part}_font_size", 15 if part == "title" else 12)
        setattr(theme, f"{part}_font_char_width", 8 if part == "title" else 7)
    theme.axis_title_gap = 4


def picture(title: str, charts: Sequence[leather.Chart], *, columns: int, width: int, height: int) -> str:
    """Charts side by side, as an SVG document.

    Args:
        title: what it shows, for those who can't see it.
        charts: in reading order.
        columns: charts in a row.
        width: of one chart, in pixels.
        height: likewise.
    """
    rows = -(-len(charts) // columns)
    size = {"width": str(columns * width), "height": str(rows * height)}
    root = Element(
        "svg",
        {
            "xmlns": "http://www.w3.org/2000/svg",
            **size,
            "viewBox": f"0 0 {size['width']} {size['height']}",
            "role": "img",
            "font-family": _FONT,
            "font-size": "12",
        },
    )
    SubElement(root, "title").text = title
    SubElement(root, "rect", {**size, "fill": _GROUND})
    for position, chart in enumerate(charts):
        row, column = divmod(position, columns)
        group = SubElement(root, "g", {"transform": f"translate({column * width} {row * height})"})
        group.append(chart.to_svg_group(width, height))
    _shorten(root)
    return tostring(root, encoding="unicode")


def as_markdown(svg: str, title: str) -> str:
    """A picture in a data address, which the Dagster UI shows within Markdown.

    Args:
        svg: the document.
        title: words without markup.
    """
    return f"![{title}](data:image/svg+xml;base64,{b64encode(svg.encode()).decode()})"


def _shorten(root: Element) -> None:
    """Leave out what the root says already, and digits that nobody sees: together they are half of a picture."""
    for element in [*root.iter()][1:]:
        for name, value in [*element.attrib.items()]:
            if (
                not value
                or name == "class"
                or (name, value) in _SAID
                or (name.startswith("font-") and value == root.get(name))
            ):
                del element.attrib[name]
            elif name in _DRAWN:
                element.set(name, re.sub(_NUMBER, _to_a_tenth, value))


def _to_a_tenth(number: re.Match[str]) -> str:
    return f"{round(float(number[0]), 1) + 0:.7g}"


# Heat maps: a cell's colour says it from afar, its number exactly.

Colour = tuple[int, int, int]

SHADES = 10

_BRIGHTNESS, _DARK = (0.299, 0.587, 0.114), 150
"""How bright red, green and blue look, and below which brightness of 255 a ground is dark."""


@dataclass(frozen=True)
class Shading:
    """The colours of shares, 0 to 1: `SHADES` steps from one colour, that of 1, to another; only 1 has the colour of 1.

    Attributes:
        full, empty: red, green and blue of a share of 1 and of 0.
    """

    full: Colour
    empty: Colour

    def colour(self, share: float) -> str:
        """The colour of a share."""
        return "#" + "".join(f"{part:02x}" for part in self._mixed(share))

    def is_dark(self, share: float) -> bool:
        """Whether the number of a share is to be light."""
        return sum(weight * part for weight, part in zip(_BRIGHTNESS, self._mixed(share), strict=True)) < _DARK

    def _mixed(self, share: float) -> list[int]:
        missing = max(ceil((1 - share) * SHADES - 1e-9), 1) if share < 1 else 0
        return [
            round(full + (empty - full) * missing / SHADES) for full, empty in zip(self.full, self.empty, strict=True)
        ]


GOOD_DAYS = Shading(full=(0x1B, 0x7F, 0x4B), empty=(0xFB, 0xFB, 0xF3))
"""Of days: the greener, the better."""

_CELL_WIDTH, _CELL_HEIGHT, _LETTER, _SLANT = 34, 19, 8, 0.75
"""Pixels; the width of a letter; the height and width of a slanted text of width 1."""


def heat_map(
    title: str,
    cells: Mapping[str, Mapping[str, float]],
    rows: Sequence[str],
    columns: Sequence[str],
    shading: Shading,
    written: Callable[[float], str],
    *,
    heading: str = "",
) -> str:
    """A heat map of shares, as an SVG document.

    Args:
        title: what the cells are.
        cells: by row and column, a share (0-1); what is not known is left blank.
        rows: those that are shown, from above.
        columns: likewise, from the left.
        shading: its colours.
        written: how a share is written, in some three letters.
        heading: above it, in place of the title.
    """
    style(margin=0.03)
    chart = leather.Chart(heading or title)
    # The labels of the columns are slanted upwards to the right: blank cells above and beside the others make room for them.
    room = _SLANT * _LETTER * max(map(len, columns))
    above, beside = ([str(cell) for cell in range(ceil(room / size))] for size in (_CELL_HEIGHT, _CELL_WIDTH))
    chart.set_x_scale(leather.Ordinal([*columns, *beside]))
    chart.set_y_scale(leather.Ordinal([*rows[::-1], *above]))
    chart.set_x_axis(_Slanted(columns, len(above)))
    chart.set_y_axis(leather.Axis(rows))
    data = [(column, row, cells[row][column]) for row in rows for column in columns if column in cells[row]]
    chart.add_series(leather.Series(data), _Cells(shading, written))
    left = leather.theme.tick_font_char_width * max(map(len, rows)) + 8
    of_cells = round((left + _CELL_WIDTH * (len(columns) + len(beside))) / 0.94)
    width = max(of_cells, left + 8 * len(title) + 150)
    height = round(_CELL_HEIGHT * (len(rows) + len(above)) + 0.06 * width) + 24
    return picture(title, [chart], columns=1, width=width, height=height)


class _Slanted(leather.Axis):
    """An axis above the cells, whose labels are slanted, so that long ones fit side by side.

    Args:
        ticks: the labels.
        above: the blank rows in which they stand.
    """

    def __init__(self, ticks: Sequence[str], above: int) -> None:
        super().__init__(ticks=ticks, tick_formatter=lambda value, *_: str(value))
        self._above = above

    def estimate_label_margin(self, scale: Any, orient: str) -> int:  # noqa: ARG002
        """There is nothing below the cells."""
        return 0

    def to_svg(self, width: float, height: float, scale: Any, orient: str) -> Element:
        """The axis."""
        group = super().to_svg(width, height, scale, orient)
        for tick in group:
            for line in tick.findall("line"):
                tick.remove(line)
        y = self._above * _CELL_HEIGHT - 4
        for label in group.iter("text"):
            x = float(label.attrib["x"])
            label.attrib.update(
                {"y": f"{y}", "dy": "0", "text-anchor": "start", "transform": f"rotate(-45 {x:.0f} {y})"}
            )
        return group


class _Cells(leather.Shape):
    """The cells of a heat map: a path of thick strokes for each shade, a text for each row and ink."""

    def __init__(self, shading: Shading, written: Callable[[float], str]) -> None:
        self._shading, self._written = shading, written

    def validate_series(self, series: leather.Series) -> None:
        """Two texts and a share for each cell."""

    def to_svg(
        self,
        width: float,
        height: float,
        x_scale: Any,
        y_scale: Any,
        series: leather.Series,
        palette: object,  # noqa: ARG002
    ) -> Element:
        """The group of cells."""
        group = Element("g")
        strokes: dict[str, list[str]] = defaultdict(list)
        numbers: dict[tuple[int, bool], list[tuple[int, float]]] = defaultdict(list)
        thickness = 0
        for cell in series.data():
            column, row, share = cell.row
            left, right = (round(edge) for edge in x_scale.project_interval(column, 0, width))
            bottom, top = (round(edge) for edge in y_scale.project_interval(row, height, 0))
            middle, thickness = (top + bottom) // 2, bottom - top
            strokes[self._shading.colour(share)].append(f"M{left} {middle}h{right - left}")
            numbers[middle, self._shading.is_dark(share)].append(((left + right) // 2, share))
        for colour, drawn in strokes.items():
            SubElement(group, "path", {"d": "".join(drawn), "stroke": colour, "stroke-width": f"{thickness}"})
        for (middle, is_dark), of_row in numbers.items():
            look = {"text-anchor": "middle", "font-size": "11", "fill": "#fff" if is_dark else INK}
            line = SubElement(group, "text", {"y": f"{middle + 4}", **look})
            for x, share in of_row:
                SubElement(line, "tspan", {"x": f"{x}"}).text = self._written(share)
        return group
