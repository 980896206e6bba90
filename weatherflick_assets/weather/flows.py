"""The schedules for collecting the weather, in Korean time, and the jobs that publish it: plain data, declared once.

A schedule ticks some minutes after the publish delay of an issue, and again for one that is late. What it requests is data:
the issues that the upstream gives, that are not complete, and whose turn it is, newest first. So what was missed while the
platform was down is made up, as long as the upstream gives it.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from types import MappingProxyType
from typing import Literal

from weatherflick_assets.orchestration.flows import Flow, Partitions, Priority, Stage
from weatherflick_assets.orchestration.tags import MOST_CALLS_TAG
from weatherflick_assets.weather import issues, midterm
from weatherflick_assets.weather.issues import Series, key_of
from weatherflick_assets.weather.products import PRODUCTS
from weatherflick_assets.weather.sources import SOURCES

PUBLISHING = {
    **{f"publish_{product.name}": product.published for product in PRODUCTS.values()},
    f"publish_{issues.MIDTERM.name}": (midterm.ASSET_KEY,),
    **{f"publish_{source.name}": source.published for source in SOURCES.values()},
}
"""Maps each job to the assets it publishes."""


Choice = Literal["due", "missing", "newest", "newest_for_outlook", "stand_in"]
"""A function of `store/collections.py` that chooses issues."""


def _issues(series: Series, choice: Choice) -> Partitions:
    def partitions(dsn: str, at: datetime) -> Sequence[str]:
        from weatherflick_assets.warehouse.connections import connect  # noqa: PLC0415 - declarations load without it
        from weatherflick_assets.weather.store import collections  # noqa: PLC0415

        with connect(dsn) as connection:
            return [key_of(issue) for issue in getattr(collections, choice)(connection, series, at)]

    return partitions


def _collecting(series: Series, choice: Choice, *, most_calls: int | None = None) -> Stage:
    return Stage(
        f"collect_{series.name}",
        _issues(series, choice),
        depends_on_need=True,
        every=series.longest_interval,
        tags={} if most_calls is None else {MOST_CALLS_TAG: str(most_calls)},
    )


_KMA, _AIRKOREA = "kma", "airkorea"

OBSERVATIONS = Flow(
    "observations",
    "14,34,54 * * * *",
    "Collects the weather of the hour, which is published ten minutes after it.",
    (_collecting(issues.OBSERVATIONS, "due"),),
    _KMA,
    priority=Priority.TIMELY,
)
NOWCASTS = Flow(
    "nowcasts",
    "8,28,48 * * * *",
    "Collects the next six hours, issued at half past and published a quarter of an hour later.",
    (_collecting(issues.NOWCASTS, "due"),),
    _KMA,
    priority=Priority.TIMELY,
)
FORECASTS = Flow(
    "forecasts",
    "12,22,32,52 * * * *",
    "Collects the next days, issued eight times a day and published ten minutes later.",
    (_collecting(issues.FORECASTS, "due"),),
    _KMA,
    priority=Priority.TIMELY,
)

MIDTERM = Flow(
    "midterm",
    "35 6,7,18,19 * * *",
    "Collects days 4 to 10, issued at 06:00 and 18:00 and published half an hour later.",
    (_collecting(issues.MIDTERM, "due"),),
    _KMA,
    priority=Priority.TIMELY,
)
AIR_QUALITY = Flow(
    "air_quality",
    "18,33,48 * * * *",
    "Collects what the air's stations measured in the hour, which is out a quarter of an hour later and gone after the next.",
    (_collecting(issues.AIR_QUALITY, "due"),),
    _AIRKOREA,
    priority=Priority.TIMELY,
)
AIR_FORECASTS = Flow(
    "air_quality_forecasts",
    "25,45 5,6,11,12,17,18,23 * * *",
    "Collects the forecasts of dust and ozone, issued at 05:00, 11:00, 17:00 and 23:00.",
    (_collecting(issues.AIR_FORECASTS, "due"),),
    _AIRKOREA,
    priority=Priority.TIMELY,
)
WARNINGS = Flow(
    "warnings",
    "4,19,34,49 * * * *",
    "Reads the warnings in force. Bulletins come at any time; what is told between two readings and taken back is not seen.",
    (Stage("collect_warnings"),),
    _KMA,
    priority=Priority.TIMELY,
)
STATION_DAYS = Flow(
    "station_days",
    "10 11,13,16 * * *",
    "Collects yesterday at every station, which is known by 11:00, and the days before that are missing.",
    (_collecting(issues.STATION_DAYS, "due"),),
    _KMA,
    priority=Priority.TIMELY,
)
STATION_YEARS = Flow(
    "station_years",
    "40 17-22 * * *",
    "Collects a year of the stations that is missing, the newest first, with the calls that are left in the evening.",
    (_collecting(issues.STATION_YEARS, "missing"),),
    _KMA,
)
HOLIDAYS = Flow(
    "holidays",
    "0 5 * * mon",
    "Reads the holidays of this year and the next. Substitutes and temporary ones are decided weeks ahead.",
    (Stage("collect_holidays"),),
    "kasi",
)
AIR_STATIONS = Flow(
    "air_stations",
    "10 5 * * mon",
    "Reads the list of stations that measure the air, a few of which are set up or moved every year.",
    (Stage("collect_air_stations"),),
    _AIRKOREA,
)

FLOWS = (
    *(OBSERVATIONS, NOWCASTS, MIDTERM, FORECASTS),
    *(AIR_QUALITY, AIR_FORECASTS, WARNINGS, STATION_DAYS, STATION_YEARS),
    *(HOLIDAYS, AIR_STATIONS),
)
"""Every flow that a schedule starts."""


def _at_once(flow: Flow, *stages: Stage) -> Flow:
    """A flow as commands run it, with stages of its own if it has any."""
    return replace(flow, cron=None, stages=stages or flow.stages)


_NOW = tuple(map(_at_once, (WARNINGS, AIR_STATIONS, HOLIDAYS)))
_NEWEST_OF_THE_AIR = tuple(
    _at_once(flow, _collecting(series, "newest"))
    for flow, series in ((AIR_QUALITY, issues.AIR_QUALITY), (AIR_FORECASTS, issues.AIR_FORECASTS))
)

_SERIES_OF_CELLS: tuple[tuple[Flow, Series, Choice], ...] = (
    # The outlook by day takes its later days from the mid-term forecast.
    (MIDTERM, issues.MIDTERM, "newest_for_outlook"),
    (FORECASTS, issues.FORECASTS, "newest"),
    (NOWCASTS, issues.NOWCASTS, "newest"),
    (OBSERVATIONS, issues.OBSERVATIONS, "newest"),
)

_NEWEST_OF_CELLS = tuple(
    _at_once(flow, _collecting(series, newest), _collecting(series, "stand_in"))
    for flow, series, newest in _SERIES_OF_CELLS
)

NEWEST = (
    *(*_NEWEST_OF_CELLS, *_NOW, *_NEWEST_OF_THE_AIR),
    _at_once(STATION_DAYS, _collecting(issues.STATION_DAYS, "newest")),
)
"""What is so now, and the newest issue of each series; of cells the one before it where that is late."""

_MOST_CALLS_AT_FIRST: Mapping[Series, int | None] = MappingProxyType(
    {issues.MIDTERM: None, issues.FORECASTS: 600, issues.OBSERVATIONS: 200}
)

FIRST_CYCLE = (
    *(
        _at_once(flow, _collecting(series, newest, most_calls=_MOST_CALLS_AT_FIRST[series]))
        for flow, series, newest in _SERIES_OF_CELLS
        if series in _MOST_CALLS_AT_FIRST
    ),
    *(*_NOW, *_NEWEST_OF_THE_AIR),
)
"""The cells with most places, so that a first cycle takes a minute; schedules ask for the others some minutes later."""


def of_issue(issue: str) -> Flow:
    """The flow that collects one issue of the short-term forecast.

    Raises:
        UnknownIssueError: there is none of that name.
    """
    issues.FORECASTS.issue_of(issue)
    return _at_once(FORECASTS, Stage(FORECASTS.stages[0].job, lambda _dsn, _at: [issue]))
