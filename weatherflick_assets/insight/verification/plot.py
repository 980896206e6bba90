"""How right it was what had been said of days, by how far ahead it was said, as a picture that fits into an event of Dagster."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from weatherflick_assets.charts import ALARM, MAIN, PALE, as_markdown, picture, style
from weatherflick_assets.insight.skill_plot import curves
from weatherflick_assets.insight.tables import WHOLE_COUNTRY

if TYPE_CHECKING:
    from weatherflick_assets.insight.verification.verify import Verified

_COLUMNS, _WIDTH, _HEIGHT = 3, 360, 260
"""Charts in a row, and the size of one in pixels."""

_TITLE = "Error of scores, hit rate and false alarms by lead time"

_CAPTION = (
    "All activities of the country, the 30 days that end with this one. A good day has 70 points or more. The hit rate is the share of "
    "good days that had been said, false alarms the share of those said that were not good. “Same as today” says the score that came on "
    "the day of the issue, “usual” the mean of the area and month so far."
)

_FIGURES = {
    "Mean absolute error, points": ("mean_absolute_error", "persistence_error", "climatology_error"),
    "Hit rate of good days": ("hit_rate", "persistence_hit_rate", "climatology_hit_rate"),
    "False alarms of good days": (
        "false_alarm_ratio",
        "persistence_false_alarm_ratio",
        "climatology_false_alarm_ratio",
    ),
}
"""The charts in their order, with the figures of the forecast and of its peers."""

_CURVES = (("forecast", MAIN), ("same as today", ALARM), ("usual", PALE))


def plot(lately: Sequence["Verified"]) -> str:
    """The picture as Markdown.

    Args:
        lately: of the country, by activity and days ahead.
    """
    style()
    whole = [one for one in lately if one.activity == WHOLE_COUNTRY]
    charts = [
        curves(
            title,
            "days ahead",
            {
                curve: [(one.days_ahead, value) for one in whole if (value := getattr(one, figure)) is not None]
                for curve, figure in zip(_CURVES, figures, strict=True)
            },
        )
        for title, figures in _FIGURES.items()
    ]
    drawn = picture(_TITLE, charts, columns=_COLUMNS, width=_WIDTH, height=_HEIGHT)
    return f"{_CAPTION}\n\n{as_markdown(drawn, _TITLE)}"
