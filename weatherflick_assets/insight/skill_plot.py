"""The errors of forecasts by how far ahead they were said, as a picture that fits into an event of Dagster.

Small multiples: one chart for each element, with the mean absolute error and the bias of a day, and the error of the 30 days
that end with it, because one day says little.
"""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

import leather

from weatherflick_assets.charts import ALARM, MAIN, PALE, as_markdown, picture, style
from weatherflick_assets.insight.tables import OF_DAYS

if TYPE_CHECKING:
    from weatherflick_assets.insight.forecast_skill import Skill

_COLUMNS, _WIDTH, _HEIGHT = 3, 360, 260
"""Charts in a row, and the size of one in pixels."""

_TITLE = "Mean absolute error and bias by lead time"

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


def plot(day: Sequence["Skill"], lately: Sequence["Skill"]) -> str:
    """The picture as Markdown; an element that was not measured has no chart.

    Args:
        day: of one region, by element and lead time.
        lately: the same of the days up to this one.
    """
    style()
    charts = []
    for element, title in _TITLES.items():
        measured, before = (
            sorted((skill for skill in skills if skill.element == element), key=lambda skill: skill.lead_hours)
            for skills in (day, lately)
        )
        if measured:
            charts.append(_chart(title, 24 if element in OF_DAYS else 1, measured, before))
    drawn = picture(_TITLE, charts, columns=_COLUMNS, width=_WIDTH, height=_HEIGHT)
    return f"{_CAPTION}\n\n{as_markdown(drawn, _TITLE)}"


def _chart(title: str, unit_hours: int, day: Sequence["Skill"], lately: Sequence["Skill"]) -> leather.Chart:
    return curves(
        title,
        "days ahead" if unit_hours > 1 else "hours ahead",
        {
            ("30 days", PALE): [(skill.lead_hours / unit_hours, skill.mean_absolute_error) for skill in lately],
            ("error", MAIN): [(skill.lead_hours / unit_hours, skill.mean_absolute_error) for skill in day],
            ("bias", ALARM): [(skill.lead_hours / unit_hours, skill.bias) for skill in day],
        },
    )


def curves(title: str, ahead: str, points_of: Mapping[tuple[str, str], Sequence[tuple[float, float]]]) -> leather.Chart:
    """A chart of figures by how far ahead something was said; a curve of one point is a dot, one of none is not drawn.

    Args:
        title: what the figures are.
        ahead: in which unit.
        points_of: the points of each curve, by its name and colour.
    """
    chart = leather.Chart(title)
    leads = {x for points in points_of.values() for x, _ in points}
    values = [y for points in points_of.values() for _, y in points]
    chart.add_x_scale(0, max(*leads, 1))
    chart.add_y_scale(min(0, *values), max(0, *values) or 1)
    chart.add_x_axis(ticks=sorted({0, *leads}), tick_formatter=lambda value, *_: f"{value:g}", name=ahead)
    for (name, colour), points in points_of.items():
        if len(points) > 1:
            chart.add_line(points, name=name, stroke_color=colour)
        elif points:
            chart.add_dots(points, name=name, fill_color=colour)
    return chart
