"""The pictures of a region's report, as SVG documents; empty text where there is nothing to show."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date

import leather

from weatherflick_assets.charts import ALARM, GOOD_DAYS, MAIN, PALE, heat_map, picture, style
from weatherflick_assets.insight.climate.normals import MONTHS
from weatherflick_assets.insight.region_reports.evidence import Ahead, Month, Past, Suited
from weatherflick_assets.insight.suitability.activities import ACTIVITIES
from weatherflick_assets.presentation import in_percent
from weatherflick_assets.quality import plots
from weatherflick_assets.quality.measured import WHOLE_TABLE
from weatherflick_assets.quality.report import Figure

_WIDTH, _HEIGHT = 470, 250

_MARGIN = 3.0
"""Degrees above and below the curves."""

Curve = Sequence[tuple[date, float | None]]


def ahead(days: Sequence[Ahead]) -> str:
    """The extremes of temperature and the chance of rain of the days that are ahead."""
    extremes = {
        ("highest", ALARM): [(each.day, each.temperature_max) for each in days],
        ("lowest", MAIN): [(each.day, each.temperature_min) for each in days],
    }
    chances = {("chance", MAIN): [(each.day, each.precipitation_probability) for each in days]}
    return _side_by_side(
        "The days ahead", [("Temperature, °C", extremes, None), ("Chance of rain or snow, %", chances, (0, 100))]
    )


def past(days: Sequence[Past]) -> str:
    """What was said and what came, day by day."""
    warmest = {
        ("said", PALE): [(each.day, each.said_max) for each in days],
        ("came", MAIN): [(each.day, each.came_max) for each in days],
    }
    rain = {
        ("said", PALE): [(each.day, each.said_mm) for each in days],
        ("came", MAIN): [(each.day, each.came_mm) for each in days],
    }
    most = max([value for curve in rain.values() for _, value in curve if value is not None], default=0)
    return _side_by_side(
        "What was said and what came",
        [("Highest temperature, °C", warmest, None), ("Rain or snow, mm", rain, (0, max(most, 1)))],
    )


def suited(found: Sequence[Suited]) -> str:
    """The scores of the days that are ahead, by activity."""
    days = sorted({each.day for each in found})
    cells: dict[str, dict[str, float]] = {}
    for each in found:
        cells.setdefault(spoken(each.activity), {})[_day(each.day)] = each.score / 100
    return _by_activity("Mean score of the region's places (0 to 100), by activity and day", cells, map(_day, days))


def months(found: Sequence[Month]) -> str:
    """The share of good days by activity and month."""
    names = {month: f"{date(2001, month, 1):%b}" for month in MONTHS}
    cells: dict[str, dict[str, float]] = {}
    for each in found:
        if each.good_share is not None:
            cells.setdefault(spoken(each.activity), {})[names[each.month]] = each.good_share
    return _by_activity("Days that are good, %, by activity and month", cells, names.values())


def scores(figures: Sequence[Figure]) -> str:
    """The score of each table's rows of the region by day."""
    return plots.scores([figure._replace(region_code=WHOLE_TABLE) for figure in figures])


def spoken(activity: str) -> str:
    """What an activity is called."""
    return activity.replace("_", " ")


def _by_activity(title: str, cells: Mapping[str, Mapping[str, float]], columns: Iterable[str]) -> str:
    rows = [name for name in map(spoken, ACTIVITIES) if name in cells]
    return heat_map(title, cells, rows, list(columns), GOOD_DAYS, in_percent) if rows else ""


def _day(day: date) -> str:
    return f"{day:%a} {day.day}"


def _side_by_side(
    title: str, charts: Sequence[tuple[str, Mapping[tuple[str, str], Curve], tuple[float, float] | None]]
) -> str:
    """Charts of days, without those of which no value is known.

    Args:
        title: of the picture.
        charts: the title of each, its curves by name and colour, and its least and greatest value if these are given.
    """
    style()
    drawn = [
        _chart(name, known, limits)
        for name, curves, limits in charts
        if (known := {key: points for key, curve in curves.items() if (points := _known(curve))})
    ]
    return picture(title, drawn, columns=len(drawn), width=_WIDTH, height=_HEIGHT) if drawn else ""


def _known(curve: Curve) -> list[tuple[date, float]]:
    return [(day, value) for day, value in curve if value is not None]


def _chart(
    title: str, curves: Mapping[tuple[str, str], Sequence[tuple[date, float]]], limits: tuple[float, float] | None
) -> leather.Chart:
    days = sorted({day for points in curves.values() for day, _ in points})
    values = [value for points in curves.values() for _, value in points]
    first = days[0]
    chart = leather.Chart(title)
    chart.add_x_scale(0, max((days[-1] - first).days, 1))
    chart.add_y_scale(*(limits or (min(values) - _MARGIN, max(values) + _MARGIN)))
    every = 1 + (len(days) - 1) // 7
    chart.add_x_axis(
        ticks=[(day - first).days for day in days[::every]],
        tick_formatter=lambda number, *_: _day(date.fromordinal(first.toordinal() + int(number))),
    )
    chart.add_y_axis(tick_formatter=lambda value, *_: f"{value:g}")
    for (name, colour), points in curves.items():
        placed = [((day - first).days, value) for day, value in points]
        if len(placed) > 1:
            chart.add_line(placed, name=name, stroke_color=colour, width=2)
        else:
            chart.add_dots(placed, name=name, fill_color=colour)
    return chart
