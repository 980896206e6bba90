"""The schedules for collecting the weather, in Korean time, and the jobs that publish it: plain data, declared once.

A schedule ticks some minutes after the publish delay of an issue, and again for one that is late. What it requests is data:
the issues that the upstream gives, that are not complete, and whose turn it is, newest first. So what was missed while the
platform was down is made up, as long as the upstream gives it.
"""

from collections.abc import Sequence
from datetime import datetime

from weatherflick_assets.orchestration.flows import Flow, Partitions, Stage
from weatherflick_assets.weather import issues, midterm
from weatherflick_assets.weather.issues import Series, key_of
from weatherflick_assets.weather.products import PRODUCTS

PUBLISHING = {
    **{f"publish_{product.name}": product.published for product in PRODUCTS.values()},
    f"publish_{issues.MIDTERM.name}": (midterm.ASSET_KEY,),
}
"""Maps each job to the assets it publishes."""


def _issues(series: Series, which: str) -> Partitions:
    """The issues that a function of `store/collections.py` chooses."""

    def partitions(dsn: str, at: datetime) -> Sequence[str]:
        from weatherflick_assets.warehouse.connections import connect  # noqa: PLC0415 - declarations load without it
        from weatherflick_assets.weather.store import collections  # noqa: PLC0415

        with connect(dsn) as connection:
            return [key_of(issue) for issue in getattr(collections, which)(connection, series, at)]

    return partitions


def _collecting(series: Series, which: str) -> Stage:
    return Stage(f"collect_{series.name}", _issues(series, which), depends_on_need=True, every=series.longest_interval)


OBSERVATIONS = Flow(
    "observations",
    "14,34,54 * * * *",
    "Collects the weather of the hour, which is published ten minutes after it.",
    (_collecting(issues.OBSERVATIONS, "due"),),
)
NOWCASTS = Flow(
    "nowcasts",
    "8,28,48 * * * *",
    "Collects the next six hours, issued at half past and published a quarter of an hour later.",
    (_collecting(issues.NOWCASTS, "due"),),
)
FORECASTS = Flow(
    "forecasts",
    "12,22,32,52 * * * *",
    "Collects the next days, issued eight times a day and published ten minutes later.",
    (_collecting(issues.FORECASTS, "due"),),
)

MIDTERM = Flow(
    "midterm",
    "35 6,7,18,19 * * *",
    "Collects days 4 to 10, issued at 06:00 and 18:00 and published half an hour later.",
    (_collecting(issues.MIDTERM, "due"),),
)

FLOWS = (OBSERVATIONS, NOWCASTS, MIDTERM, FORECASTS)
"""Every flow that a schedule starts."""


NEWEST = tuple(
    Flow(flow.name, None, flow.description, tuple(_collecting(series, which) for which in ("newest", "stand_in")))
    for flow, series in (
        # The outlook by day takes its later days from the mid-term forecast.
        (MIDTERM, issues.MIDTERM),
        (FORECASTS, issues.FORECASTS),
        (NOWCASTS, issues.NOWCASTS),
        (OBSERVATIONS, issues.OBSERVATIONS),
    )
)
"""The newest issue of each series; the one before it where that is late."""


def of_issue(issue: str) -> Flow:
    """The flow that collects one issue of the short-term forecast.

    Raises:
        UnknownIssueError: there is none of that name.
    """
    issues.FORECASTS.issue_of(issue)
    return Flow(
        FORECASTS.name, None, FORECASTS.description, (Stage(FORECASTS.stages[0].job, lambda _dsn, _at: [issue]),)
    )
