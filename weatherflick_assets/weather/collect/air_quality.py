"""Collects the measurements of an hour, one call for each region as AirKorea names them, and the forecasts of an issue."""

from collections.abc import Mapping
from datetime import datetime

from weatherflick_assets.korea.regions import REGIONS
from weatherflick_assets.settings import KST, Clock
from weatherflick_assets.upstream.client import UpstreamClient
from weatherflick_assets.weather.collect.answers import Collected, Question
from weatherflick_assets.weather.collect.sources import collect_issue
from weatherflick_assets.weather.issues import AIR_FORECASTS as FORECAST_SERIES
from weatherflick_assets.weather.issues import AIR_QUALITY as SERIES
from weatherflick_assets.weather.issues import key_of
from weatherflick_assets.weather.sources import AIR_FORECASTS, AIR_QUALITY
from weatherflick_assets.weather.transform.air_forecasts import issued_at
from weatherflick_assets.weather.transform.air_quality import measured_at

VERSION = "1.3"
"""The version of the answer with fine dust, flags, and the name of the region."""

FORECAST_VERSION = "1.1"
"""The version of the answer with fine dust."""

EVERYWHERE = "전국"
"""The subject of the forecasts, which are asked for all at once."""

SIDO_NAMES = tuple(name for region in REGIONS for name in region.airkorea_names)


async def collect_air_quality(
    client: UpstreamClient, dsn: str, hour: datetime, *, clock: Clock
) -> Mapping[str, Collected]:
    """Ask for the measurements of an hour; a region that still tells those of the hour before is not answered.

    Raises:
        PastRetentionError, LateIssueError: the upstream does not give the hour any more, or not yet.
    """

    def is_of_the_hour(item: Mapping[str, object]) -> bool:
        return measured_at(item.get("dataTime")) == hour

    question = Question(
        operation=AIR_QUALITY.operation,
        issued_at=hour,
        issue={"ver": VERSION},
        of_subject=lambda subject: {"sidoName": subject},
        subject_of=lambda parameters: parameters["sidoName"],
        published=[(asset_key, key_of(hour)) for asset_key in AIR_QUALITY.published],
        is_about_issue=is_of_the_hour,
    )
    return await collect_issue(client, dsn, SERIES, question, SIDO_NAMES, clock=clock)


async def collect_air_forecasts(
    client: UpstreamClient, dsn: str, issue: datetime, *, clock: Clock
) -> Mapping[str, Collected]:
    """Ask for the forecasts of an issue; the answer has those of earlier issues of the day, too.

    Raises:
        PastRetentionError, LateIssueError: the issue is not given any more, or not yet.
    """

    def is_of_the_issue(item: Mapping[str, object]) -> bool:
        return issued_at(item.get("dataTime")) == issue

    question = Question(
        operation=AIR_FORECASTS.operation,
        issued_at=issue,
        issue={"searchDate": f"{issue.astimezone(KST):%Y-%m-%d}", "ver": FORECAST_VERSION},
        of_subject=lambda _subject: {},
        subject_of=lambda _parameters: EVERYWHERE,
        published=[(asset_key, key_of(issue)) for asset_key in AIR_FORECASTS.published],
        is_about_issue=is_of_the_issue,
    )
    return await collect_issue(client, dsn, FORECAST_SERIES, question, [EVERYWHERE], clock=clock)
