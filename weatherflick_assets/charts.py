"""How charts look, and how they become one small picture: what every plot of the platform shares.

Plots are drawn with leather. A picture is SVG with a white ground, so that it reads the same on a light and on a dark page.
Dagster keeps every event, so a picture says nothing twice: no digits beyond a tenth of a pixel, one font for all texts.
"""

import re
from base64 import b64encode
from collections.abc import Sequence
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
