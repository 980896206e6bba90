"""The errors of forecasts by how far ahead they were said, as a picture that fits into an event of Dagster.

Small multiples: one chart for each element, with its mean absolute error and its bias. The picture is SVG in a data address,
which the Dagster UI shows within Markdown.
"""

from base64 import b64encode
from collections.abc import Sequence
from typing import TYPE_CHECKING

import leather

if TYPE_CHECKING:
    from weatherflick_assets.insight.forecast_skill import Skill

WIDTH, HEIGHT = 1080, 780
_ERROR_COLOUR, _BIAS_COLOUR = "#1f4e79", "#d1702f"

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


def plot(skills: Sequence["Skill"]) -> str:
    """The picture as Markdown; an element that was not measured has no chart.

    Args:
        skills: of one region, at most two of an element and lead time, which are drawn as one curve.
    """
    _style()
    grid = leather.Grid()
    for element, title in _TITLES.items():
        measured = sorted((skill for skill in skills if skill.element == element), key=lambda skill: skill.lead_hours)
        if measured:
            grid.add_one(_chart(title, measured))
    picture = b64encode(grid.to_svg(width=WIDTH, height=HEIGHT).encode()).decode()
    return f"![Mean absolute error and bias by lead time](data:image/svg+xml;base64,{picture})"


def _chart(title: str, measured: Sequence["Skill"]) -> leather.Chart:
    chart = leather.Chart(title)
    hours = [skill.lead_hours for skill in measured]
    values = [value for skill in measured for value in (skill.mean_absolute_error, skill.bias)]
    chart.add_x_scale(0, max(*hours, 24))
    chart.add_y_scale(min(0, *values), max(0, *values) or 1)
    chart.add_x_axis(ticks=sorted({0, *hours}), name="hours ahead")
    for name, colour, value in (
        ("mean absolute error", _ERROR_COLOUR, "mean_absolute_error"),
        ("bias", _BIAS_COLOUR, "bias"),
    ):
        points = [(skill.lead_hours, getattr(skill, value)) for skill in measured]
        if len(points) > 1:
            chart.add_line(points, name=name, stroke_color=colour)
        else:
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
