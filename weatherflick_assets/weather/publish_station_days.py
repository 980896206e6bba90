"""Publishes a day of the stations: rows made from the stored answers about the day, judged and put in place of those before."""

import math
from datetime import date, datetime

import pandas as pd

from weatherflick_assets.korea.asos_stations import asos_stations
from weatherflick_assets.quality.store import Batch
from weatherflick_assets.settings import KST, Clock
from weatherflick_assets.warehouse.connections import connect
from weatherflick_assets.warehouse.replacing import Replacement
from weatherflick_assets.weather import source_suites, tables
from weatherflick_assets.weather.issues import key_of
from weatherflick_assets.weather.publish import Publishing, said, without_impossible
from weatherflick_assets.weather.publish_sources import Items, judged, rows_of
from weatherflick_assets.weather.sources import STATION_DAYS
from weatherflick_assets.weather.store.answers import stored_answers
from weatherflick_assets.weather.suites import OVERALL
from weatherflick_assets.weather.transform.station_days import day_rows

_ALL = 1_000


def publish_station_days(dsn: str, issue: datetime, *, clock: Clock, run_id: str | None = None) -> Publishing:
    """Publish a day of the stations.

    Raises:
        NothingCollectedError: no answer is stored.
        BodiesDroppedError: the answers are no longer stored; what was published stays.
        JudgeLostError: the judging process ended; nothing is published or recorded.
    """
    table, key, day = tables.STATION_DAYS, key_of(issue), issue.astimezone(KST).date()
    with Replacement(dsn, table, STATION_DAYS.published[0], key, {"day": day}) as publication, connect(dsn) as reading:
        stored = stored_answers(reading, STATION_DAYS.operation, issue, at_once=_ALL)
        answers = [answer for answers in stored for answer in answers]
        rows, problems = rows_of(
            STATION_DAYS,
            answers,
            lambda items, answer: day_rows(_of_the_day(items, day), response_id=answer.response_ids[0]),
        )
        is_known = rows["station_id"].isin(asos_stations())
        problems["station_unknown"] += int((~is_known).sum())
        rows = without_impossible(rows[is_known].copy(), problems, source_suites.DAY_RANGES)
        return judged(
            publication,
            Batch(table.fullname, key, clock(), run_id, data_as_of=issue),
            _described(rows, day),
            minimum_rows=max(1, math.ceil(OVERALL * len(answers))),
            items=len(answers),
            left_out=sorted({answer.subject for answer in answers}.difference(rows["station_id"])),
            problems=+problems,
        )


def _described(rows: pd.DataFrame, day: date) -> pd.DataFrame:
    stations = [asos_stations()[station_id] for station_id in rows["station_id"]]
    known = {(station.station_id, station.region_code) for station in asos_stations().values()}
    found = rows.assign(
        day=day.isoformat(),
        station_name=pd.Series([station.name for station in stations], index=rows.index, dtype=object),
        region_code=pd.Series([station.region_code for station in stations], index=rows.index, dtype=object),
    )
    names = pd.Series([*zip(found["station_id"], found["region_code"], strict=True)], rows.index, dtype=object)
    return found.assign(**{source_suites.STATION_FINDING: said("is no such station", ~names.isin(known))})


def _of_the_day(items: Items, day: date) -> Items:
    """The items of a day: an answer may be about several. Those without a readable day are told apart by the transform."""
    return [item for item in items if str(item.get("tm")).strip() == day.isoformat()]
