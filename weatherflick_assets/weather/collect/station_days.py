"""Collects the days of stations: one call for each station, about all days that are still to be collected.

A call costs the same for a day and for a month. So the call for one day asks for the other days, too, that are due, and
of a day long ago for the rest of its month. Runs for these days find the answers and call nobody.
"""

from collections.abc import Mapping
from datetime import datetime, timedelta

from weatherflick_assets.korea.asos_stations import asos_stations
from weatherflick_assets.settings import KST, Clock
from weatherflick_assets.upstream.client import UpstreamClient
from weatherflick_assets.warehouse.connections import connect
from weatherflick_assets.weather.collect.answers import Collected, Question
from weatherflick_assets.weather.collect.sources import collect_issue
from weatherflick_assets.weather.issues import STATION_DAYS as SERIES
from weatherflick_assets.weather.issues import key_of
from weatherflick_assets.weather.sources import STATION_DAYS
from weatherflick_assets.weather.store import collections

LONGEST = timedelta(days=90)
"""The longest period that is asked for at once."""


async def collect_station_days(
    client: UpstreamClient, dsn: str, day: datetime, *, clock: Clock
) -> Mapping[str, Collected]:
    """Ask every station about a day.

    Raises:
        PastRetentionError, LateIssueError: the day is not given any more, or not yet.
    """
    now = clock()
    SERIES.check_readable(day, now)
    first, last = _period(dsn, day, now)
    written = f"{day.astimezone(KST):%Y%m%d}"

    def subject_of(parameters: Mapping[str, str]) -> str | None:
        return parameters["stnIds"] if parameters["startDt"] <= written <= parameters["endDt"] else None

    question = Question(
        operation=STATION_DAYS.operation,
        issued_at=day,
        issue={"dataCd": "ASOS", "dateCd": "DAY"},
        of_subject=lambda subject: {"stnIds": subject, "startDt": f"{first:%Y%m%d}", "endDt": f"{last:%Y%m%d}"},
        subject_of=subject_of,
        published=[(asset_key, key_of(day)) for asset_key in STATION_DAYS.published],
    )
    return await collect_issue(client, dsn, SERIES, question, [*asos_stations()], clock=clock)


def _period(dsn: str, day: datetime, now: datetime) -> tuple[datetime, datetime]:
    """The first and the last day to ask for: with a day that is due, the other ones that are; else to the end of the month."""
    with connect(dsn) as connection:
        due = [at for at in collections.due(connection, SERIES, now) if abs(at - day) < LONGEST]
    newest, day = SERIES.readable(now)[0], day.astimezone(KST)
    if day in due:
        return min(due).astimezone(KST), max(due).astimezone(KST)
    days = [
        at for at in SERIES.issues(day - timedelta(seconds=1), newest) if (at.year, at.month) == (day.year, day.month)
    ]
    return day, days[-1]
