"""Collects what the KMA says of warnings now: those in force and expected, and the bulletins of the last days."""

from collections.abc import Mapping
from datetime import datetime, timedelta

from weatherflick_assets.settings import KST, Clock
from weatherflick_assets.upstream.client import UpstreamClient
from weatherflick_assets.upstream.declarations import Operation
from weatherflick_assets.weather.collect.answers import Collected, Question
from weatherflick_assets.weather.collect.sources import collect_now
from weatherflick_assets.weather.sources import WARNINGS
from weatherflick_assets.weather.transform.warning_cycles import NATIONWIDE_OFFICE

STATUS, BULLETINS = WARNINGS.operations

LOOKED_BACK_DAYS = 3
"""Bulletins are read of today and this many days before; six days at once is the most that is given."""

EVERY = timedelta(minutes=10)
"""What was answered within a period of this length is not asked again."""


async def collect_warnings(client: UpstreamClient, dsn: str, *, clock: Clock) -> Mapping[str, Collected]:
    """Ask for both, the bulletins only once the other is answered. There may be no bulletins."""
    asked_at = _period(clock())
    since = asked_at - timedelta(days=LOOKED_BACK_DAYS)
    status = await collect_now(client, dsn, _question(STATUS, asked_at), ["now"])
    if not status[STATUS.name].known:
        return status
    question = _question(BULLETINS, asked_at, stnId=NATIONWIDE_OFFICE, fromTmFc=_day(since), toTmFc=_day(asked_at))
    return {**status, **await collect_now(client, dsn, question, ["now"])}


def _question(operation: Operation, asked_at: datetime, **parameters: str) -> Question:
    return Question(
        operation=operation,
        issued_at=asked_at,
        issue=parameters,
        of_subject=lambda _subject: {},
        subject_of=lambda _parameters: "now",
        published=[(asset_key, "") for asset_key in WARNINGS.published],
        may_be_empty=operation is BULLETINS,
    )


def _period(now: datetime) -> datetime:
    """The beginning of the period that a time is in."""
    midnight = now.astimezone(KST).replace(hour=0, minute=0, second=0, microsecond=0)
    return midnight + (now - midnight) // EVERY * EVERY


def _day(at: datetime) -> str:
    return f"{at.astimezone(KST):%Y%m%d}"
