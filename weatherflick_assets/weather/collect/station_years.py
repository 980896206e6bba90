"""Collects years of the stations that are over: one call for each station and year, with calls that nothing else needs.

The calls of a day belong to that day's work first. Until yesterday is collected at every station, what that may need is left
alone; after that, what is left of the quota is free. A year for which it is not enough is resumed.
"""

import asyncio
from collections.abc import Mapping
from datetime import datetime

from weatherflick_assets.korea.asos_stations import asos_stations
from weatherflick_assets.settings import KST, Clock
from weatherflick_assets.upstream.balances import calls_left
from weatherflick_assets.upstream.client import UpstreamClient
from weatherflick_assets.upstream.errors import ExhaustedError
from weatherflick_assets.warehouse.connections import connect
from weatherflick_assets.weather.collect.answers import Collected, Question
from weatherflick_assets.weather.collect.sources import collect_issue
from weatherflick_assets.weather.issues import STATION_DAYS as DAYS
from weatherflick_assets.weather.issues import STATION_YEARS as SERIES
from weatherflick_assets.weather.issues import key_of
from weatherflick_assets.weather.sources import STATION_YEARS
from weatherflick_assets.weather.store import collections

RESERVED_ROUNDS = 3
"""How often the day's work may have to ask every station: at each tick of its schedule."""


async def collect_station_years(
    client: UpstreamClient, dsn: str, year: datetime, *, clock: Clock
) -> Mapping[str, Collected]:
    """Ask stations about a year, as many as calls are left for.

    Raises:
        PastRetentionError, LateIssueError: the year is not asked for any more, or not over.
        ExhaustedError: no call is left for it.
    """
    now = clock()
    SERIES.check_readable(year, now)
    stations = [*asos_stations()]
    operation = STATION_YEARS.operation
    balance = (await asyncio.to_thread(calls_left, dsn, client.access, [operation], now))[operation.name]
    free = max(0, balance.left - _reserved(dsn, now, len(stations)))
    if not free:
        raise ExhaustedError(
            f"No call of {operation.counted_as} is left for the year {year.astimezone(KST).year}: of {balance.limit:,} a day, "
            f"{balance.left:,} are left, and the day's work may need them. There are calls again at 00:00 KST.",
            code="22",
        )
    first = year.astimezone(KST).date()
    period = {"startDt": f"{first:%Y%m%d}", "endDt": f"{first.replace(month=12, day=31):%Y%m%d}"}
    question = Question(
        operation=operation,
        issued_at=year,
        issue={"dataCd": "ASOS", "dateCd": "DAY", **period},
        of_subject=lambda station: {"stnIds": station},
        subject_of=lambda parameters: parameters["stnIds"],
        published=[(asset_key, key_of(year)) for asset_key in STATION_YEARS.published],
        may_be_empty=True,  # a station that was set up later has no such year
    )
    return await collect_issue(client, dsn, SERIES, question, stations, clock=clock, most_asked=free)


def _reserved(dsn: str, now: datetime, stations: int) -> int:
    """The calls that the work of the day may still need."""
    midnight = now.astimezone(KST).replace(hour=23, minute=59)
    with connect(dsn) as connection:
        is_work_left = bool(collections.due(connection, DAYS, midnight))
    return RESERVED_ROUNDS * stations if is_work_left else 0
