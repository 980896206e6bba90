"""Publishes the forecasts of dust and ozone of an issue: rows of zones and days, judged and put in place of those before."""

from datetime import datetime

import pandas as pd

from weatherflick_assets.quality.store import Batch
from weatherflick_assets.settings import KST, Clock
from weatherflick_assets.warehouse.connections import connect
from weatherflick_assets.warehouse.replacing import Replacement
from weatherflick_assets.weather import tables
from weatherflick_assets.weather.issues import key_of
from weatherflick_assets.weather.publish import Publishing, said
from weatherflick_assets.weather.publish_sources import judged, rows_of
from weatherflick_assets.weather.source_suites import LEAD_DAYS, ZONE_FINDING, ZONES_LACKING
from weatherflick_assets.weather.sources import AIR_FORECASTS
from weatherflick_assets.weather.store.answers import stored_answers
from weatherflick_assets.weather.transform.air_forecasts import POLLUTANTS, ZONES, air_forecast_rows, issued_at

FEWEST_ROWS = round(0.9 * len(ZONES) * len(POLLUTANTS))
"""At least one day of nearly all zones and pollutants."""


def publish_air_forecasts(dsn: str, issue: datetime, *, clock: Clock, run_id: str | None = None) -> Publishing:
    """Publish the forecasts of an issue.

    Raises:
        NothingCollectedError: no answer is stored.
        BodiesDroppedError: the answer is no longer stored; what was published stays.
        JudgeLostError: the judging process ended; nothing is published or recorded.
    """
    table, key = tables.AIR_QUALITY_FORECASTS, key_of(issue)
    asset_key = AIR_FORECASTS.published[0]
    with Replacement(dsn, table, asset_key, key, {"issued_at": issue}) as publication, connect(dsn) as reading:
        stored = stored_answers(reading, AIR_FORECASTS.operation, issue, at_once=1)
        rows, problems = rows_of(
            AIR_FORECASTS,
            [answer for answers in stored for answer in answers],
            lambda items, answer: air_forecast_rows(
                [item for item in items if issued_at(item.get("dataTime")) == issue], response_id=answer.response_ids[0]
            ),
        )
        today = pd.Timestamp(issue.astimezone(KST).date())
        return judged(
            publication,
            Batch(table.fullname, key, clock(), run_id, data_as_of=issue),
            rows.assign(
                **{
                    LEAD_DAYS: (pd.to_datetime(rows["day"]) - today).dt.days,
                    ZONE_FINDING: said("is no such zone", rows["zone_name"].map(ZONES) != rows["region_code"]),
                    ZONES_LACKING: _zones_lacking(rows),
                }
            ),
            minimum_rows=FEWEST_ROWS,
            items=len(rows),
            problems=problems,
        )


def _zones_lacking(rows: pd.DataFrame) -> pd.Series:
    """In the first row of each pollutant and day, the zones of which nothing is forecast; null where there are none."""
    lacking = pd.Series(None, rows.index, dtype=object)
    for _, zones in rows.groupby(["pollutant", "day"])["zone_name"]:
        present = {*zones}
        if absent := [zone for zone in ZONES if zone not in present]:
            lacking[zones.index[0]] = f"without {', '.join(absent)}"
    return lacking
