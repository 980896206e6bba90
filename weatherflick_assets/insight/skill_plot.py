"""The errors of forecasts by how far ahead they were said, as a picture that fits into an event of Dagster.

Small multiples: one chart for each element, with the mean absolute error and the bias of a day, and the error of the 30 days
that end with it, because one day says little. The picture is SVG in a data address,
which the Dagster UI shows within Markdown.
"""

import re
from base64 import b64encode
from collections.abc import Sequence
from typing import TYPE_CHECKING

import leather

from weatherflick_assets.insight.tables import OF_DAYS

if TYPE_CHECKING:
    from weatherflick_assets.insight.forecast_skill import Skill

WIDTH, HEIGHT = 1080, 780
_ERROR_COLOUR, _LATELY_COLOUR, _BIAS_COLOUR = "#1f4e79", "#9dc3e6", "#d1702f"

_TITLES = {
    "temperature": "Temperature, °C",
    "temperature_min": "Lowest of the day, °C",
    "temperature_max": "Highest of the day, °C",
    "humidity": "Humidity, %",
    "wind_speed": "Wind, m/s",
    "precipitation": "Precipitation, mm/h",
    "precipitation_probability": "Chance of precipitation, %",
}
"""The charts, in their order."""

_CAPTION = (
    "The country's mean absolute error and bias of the day, and its mean absolute error of the 30 days that end with it, by how "
    "far ahead the weather was said. A bias above zero means that more was said than came."
)

_NEEDLESS_DIGITS = re.compile(r"(?<=\.\d)\d+(?=[^<>]*>)")
"""Digits of coordinates, which are inside of tags, beyond a tenth of a pixel: they are half of the picture."""


def plot(day: Sequence["Skill"], lately: Sequence["Skill"]) -> str:
    """The picture as Markdown; an element that was not measured has no chart.

    Args:
        day: of one region, by element and lead time.
        lately: the same of the days up to this one.
    """
    _style()
    grid = leather.Grid()
    for element, title in _TITLES.items():
        measured, before = (
            sorted((skill for skill in skills if skill.element == element), key=lambda skill: skill.lead_hours)
            for skills in (day, lately)
        )
        if measured:
            grid.add_one(_chart(title, 24 if element in OF_DAYS else 1, measured, before))
    drawn = re.sub(_NEEDLESS_DIGITS, "", str(grid.to_svg(width=WIDTH, height=HEIGHT)))
    picture = b64encode(drawn.encode()).decode()
    return f"{_CAPTION}\n\n![Mean absolute error and bias by lead time](data:image/svg+xml;base64,{picture})"


def _chart(title: str, unit_hours: int, day: Sequence["Skill"], lately: Sequence["Skill"]) -> leather.Chart:
    chart = leather.Chart(title)
    curves = {
        ("30 days", _LATELY_COLOUR): [(skill.lead_hours / unit_hours, skill.mean_absolute_error) for skill in lately],
        ("error", _ERROR_COLOUR): [(skill.lead_hours / unit_hours, skill.mean_absolute_error) for skill in day],
        ("bias", _BIAS_COLOUR): [(skill.lead_hours / unit_hours, skill.bias) for skill in day],
    }
    ahead = {x for points in curves.values() for x, _ in points}
    values = [y for points in curves.values() for _, y in points]
    chart.add_x_scale(0, max(*ahead, 1))
    chart.add_y_scale(min(0, *values), max(0, *values) or 1)
    chart.add_x_axis(
        ticks=sorted({0, *ahead}),
        tick_formatter=lambda value, *_: f"{value:g}",
        name="days ahead" if unit_hours > 1 else "hours ahead",
    )
    for (name, colour), points in curves.items():
        if len(points) > 1:
            chart.add_line(points, name=name, stroke_color=colour)
        elif points:
            chart.add_dots(points, name=name, fill_color=colour)
    return chart


def _style() -> None:
    """Charts take colours, fonts and sizes from a module of their library."""
    theme = leather.theme
    theme.background_color = "#ffffff"
    theme.label_color = theme.axis_title_color
    for part in ("title", "legend", "axis_title", "tick"):
        setattr(theme, f"{part}_font_family", "sans-serif")
        setattr(theme, f"{part}_font_size", 15 if part == "title" else 12)
        setattr(theme, f"{part}_font_char_width", 8 if part == "title" else 6)
    theme.axis_title_gap = 4
