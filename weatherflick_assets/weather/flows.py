"""The schedules for collecting the weather, in Korean time, and the jobs that publish it: plain data, declared once.

A schedule ticks some minutes after the publish delay of an issue, and again for one that is late. What it requests is data:
the issues that the upstream gives, and that are neither complete nor given up, newest first. So what was missed while the
platform was down is made up, as long as the upstream gives it.
"""

from collections.abc import Sequence
from datetime import datetime

from weatherflick_assets.orchestration.flows import Flow, Partitions, Stage
from weatherflick_assets.weather import issues
from weatherflick_assets.weather.issues import Series, key_of
from weatherflick_assets.weather.products import PRODUCTS
from weatherflick_assets.weather.sources import SOURCES

PUBLISHING = {
    **{f"publish_{product.name}": product.published for product in PRODUCTS.values()},
    **{f"publish_{source.name}": source.published for source in SOURCES.values()},
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

AIR_QUALITY = Flow(
    "air_quality",
    "18,33,48 * * * *",
    "Collects what the air's stations measured in the hour, which is out a quarter of an hour later and gone after the next.",
    (_collecting(issues.AIR_QUALITY, "due"),),
)
AIR_FORECASTS = Flow(
    "air_quality_forecasts",
    "25,45 5,6,11,12,17,18,23 * * *",
    "Collects the forecasts of dust and ozone, issued at 05:00, 11:00, 17:00 and 23:00.",
    (_collecting(issues.AIR_FORECASTS, "due"),),
)
WARNINGS = Flow(
    "warnings",
    "4,19,34,49 * * * *",
    "Reads the warnings in force. Bulletins come at any time; what is told between two readings and taken back is not seen.",
    (Stage("collect_warnings"),),
)
STATION_DAYS = Flow(
    "station_days",
    "10 11,13,16 * * *",
    "Collects yesterday at every station, which is known by 11:00, and the days before that are missing.",
    (_collecting(issues.STATION_DAYS, "due"),),
)
HOLIDAYS = Flow(
    "holidays",
    "0 5 * * mon",
    "Reads the holidays of this year and the next. Substitutes and temporary ones are decided weeks ahead.",
    (Stage("collect_holidays"),),
)
AIR_STATIONS = Flow(
    "air_stations",
    "10 5 * * mon",
    "Reads the list of stations that measure the air, a few of which are set up or moved every year.",
    (Stage("collect_air_stations"),),
)

FLOWS = (OBSERVATIONS, NOWCASTS, FORECASTS, AIR_QUALITY, AIR_FORECASTS, WARNINGS, STATION_DAYS, HOLIDAYS, AIR_STATIONS)
"""Every flow that a schedule starts."""


_NOW = tuple(Flow(flow.name, None, flow.description, flow.stages) for flow in (WARNINGS, AIR_STATIONS, HOLIDAYS))
_NEWEST_OF_STATIONS = tuple(
    Flow(flow.name, None, flow.description, (_collecting(series, "newest"),))
    for flow, series in (
        (AIR_QUALITY, issues.AIR_QUALITY),
        (AIR_FORECASTS, issues.AIR_FORECASTS),
        (STATION_DAYS, issues.STATION_DAYS),
    )
)

_NEWEST_OF_CELLS = tuple(
    Flow(flow.name, None, flow.description, tuple(_collecting(series, which) for which in ("newest", "stand_in")))
    for flow, series in (
        (FORECASTS, issues.FORECASTS),
        (NOWCASTS, issues.NOWCASTS),
        (OBSERVATIONS, issues.OBSERVATIONS),
    )
)

NEWEST = (*_NEWEST_OF_CELLS, *_NOW, *_NEWEST_OF_STATIONS)
"""What is so now, and the newest issue of each series; of cells the one before it where that is late."""


def of_issue(issue: str) -> Flow:
    """The flow that collects one issue of the short-term forecast.

    Raises:
        UnknownIssueError: there is none of that name.
    """
    issues.FORECASTS.issue_of(issue)
    return Flow(
        FORECASTS.name, None, FORECASTS.description, (Stage(FORECASTS.stages[0].job, lambda _dsn, _at: [issue]),)
    )
