"""When what follows is worked out, in Korean time: plain data, declared once."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, datetime, timedelta

from weatherflick_assets.orchestration.flows import Flow, Priority, Stage, partitions_due
from weatherflick_assets.weather.issues import FORECASTS, key_of


def _days(dsn: str, at: datetime) -> Sequence[str]:
    """The days whose forecasts are to be measured."""
    from weatherflick_assets.insight.forecast_skill import due  # noqa: PLC0415 - declarations load without it

    return partitions_due(dsn, at, due, date.isoformat)


FORECAST_SKILL = Flow(
    "forecast_skill",
    "20 1 * * *",
    "Compares what was forecast with what was observed, once the last hour of the day has been collected.",
    (Stage("measure_forecast_skill", _days, depends_on_need=True, every=timedelta(days=1)),),
    needs=("core/weather_observations",),
)


def _verified_days(dsn: str, at: datetime) -> Sequence[str]:
    """The days of which is to be found how right it was what had been said."""
    from weatherflick_assets.insight.verification.verify import due  # noqa: PLC0415

    return partitions_due(dsn, at, due, date.isoformat)


VERIFICATION = Flow(
    "recommendation_verification",
    "50 1 * * *",
    "Compares what was said and recommended of a day with the weather that came, once the last hour of the day has been collected.",
    (Stage("verify_recommendations", _verified_days, depends_on_need=True, every=timedelta(days=1)),),
    needs=("core/weather_observations",),
)


def _issues(dsn: str, at: datetime) -> Sequence[str]:
    """The newest issue that is published, unless it is scored by all that is known."""
    from weatherflick_assets.insight.suitability.due import due  # noqa: PLC0415

    return partitions_due(dsn, at, due, key_of)


SUITABILITY = Flow(
    "suitability",
    "17,27,37,57 * * * *",
    "Scores the next days at every place, recommends the best and says what changed, after each issue and when warnings change.",
    (Stage("score_suitability", _issues, depends_on_need=True, every=FORECASTS.longest_interval),),
    needs=("core/daily_forecasts",),
    priority=Priority.TIMELY,
)


def _climate(dsn: str, at: datetime) -> Sequence[None]:
    """One run, if a month has ended or a year of the stations was published since the last one."""
    from weatherflick_assets.insight.climate.publish import due  # noqa: PLC0415
    from weatherflick_assets.warehouse.connections import connect  # noqa: PLC0415

    with connect(dsn) as connection:
        return due(connection, at)


CLIMATE = Flow(
    "climate",
    "20 23 * * *",
    "Works out what each month is like in each region, when a month has ended or a year of the stations was collected.",
    (Stage("work_out_climate", _climate, depends_on_need=True, every=timedelta(days=31)),),
)


def _weeks(dsn: str, at: datetime) -> Sequence[str]:
    """The week that is over."""
    from weatherflick_assets.insight.region_reports.evidence import due  # noqa: PLC0415

    return partitions_due(dsn, at, due, date.isoformat)


REGION_REPORTS = Flow(
    "region_reports",
    "30 7 * * mon",
    "Writes the page of each region about the week that is over and the days ahead, before people begin their week.",
    (Stage("report_regions", _weeks, depends_on_need=True, every=timedelta(days=7)),),
)

AT_ONCE = (replace(SUITABILITY, cron=None),)
"""What commands run after they have collected the weather."""

FLOWS = (FORECAST_SKILL, VERIFICATION, SUITABILITY, CLIMATE, REGION_REPORTS)
"""Every flow that a schedule starts."""
