"""Collects the lists that are read whole: holidays of this year and the next, and the stations that measure the air.

A list counts as asked for on the day on which it is read: what was answered on that day is not asked again.
"""

from collections.abc import Mapping
from datetime import datetime

from weatherflick_assets.settings import KST, Clock
from weatherflick_assets.upstream.client import UpstreamClient
from weatherflick_assets.weather.collect.answers import Collected, Question
from weatherflick_assets.weather.collect.sources import collect_now
from weatherflick_assets.weather.sources import AIR_STATIONS, HOLIDAYS, Source

ALL = "all"
"""The subject of a list that has only one."""


async def collect_holidays(client: UpstreamClient, dsn: str, *, clock: Clock) -> Mapping[str, Collected]:
    """Ask for the holidays of this year and the next; of the next one there may be none yet."""
    day = _day(clock())
    question = _question(HOLIDAYS, day, parameter="solYear")
    return await collect_now(client, dsn, question, [str(day.year), str(day.year + 1)])


async def collect_air_stations(client: UpstreamClient, dsn: str, *, clock: Clock) -> Mapping[str, Collected]:
    """Ask for all stations."""
    return await collect_now(client, dsn, _question(AIR_STATIONS, _day(clock())), [ALL])


def _day(now: datetime) -> datetime:
    return now.astimezone(KST).replace(hour=0, minute=0, second=0, microsecond=0)


def _question(source: Source, day: datetime, *, parameter: str | None = None) -> Question:
    return Question(
        operation=source.operation,
        issued_at=day,
        issue={},
        of_subject=lambda subject: {parameter: subject} if parameter else {},
        subject_of=lambda parameters: parameters[parameter] if parameter else ALL,
        published=[(asset_key, "") for asset_key in source.published],
    )
