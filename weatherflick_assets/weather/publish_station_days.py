"""Publishes a day or a year of the stations: rows made from the stored answers, judged and put in place of those before."""

import math
from collections import Counter
from datetime import date, datetime
from itertools import chain

import pandas as pd
import psycopg
from psycopg import sql

from weatherflick_assets.korea.asos_stations import asos_stations
from weatherflick_assets.quality.store import Batch
from weatherflick_assets.settings import KST, Clock, bounds
from weatherflick_assets.warehouse.connections import connect
from weatherflick_assets.warehouse.replacing import Replacement
from weatherflick_assets.weather import source_suites, tables
from weatherflick_assets.weather.issues import key_of
from weatherflick_assets.weather.publish import Publishing, said, without_impossible
from weatherflick_assets.weather.publish_sources import Items, judged, rows_of
from weatherflick_assets.weather.sources import STATION_DAYS, STATION_YEARS, Source
from weatherflick_assets.weather.store.answers import newest_issues, stored_answers
from weatherflick_assets.weather.suites import OVERALL
from weatherflick_assets.weather.transform.station_days import day_rows

STATIONS_AT_ONCE = 20
"""Stations whose rows are made at once: a year of them is read in parts."""


def publish_station_days(dsn: str, issue: datetime, *, clock: Clock, run_id: str | None = None) -> Publishing:
    """Publish a day of the stations.

    Raises:
        NothingCollectedError: no answer is stored.
        BodiesDroppedError: the answers are no longer stored; what was published stays.
        JudgeLostError: the judging process ended; nothing is published or recorded.
    """
    day = issue.astimezone(KST).date()
    return _publish(dsn, STATION_DAYS, issue, day, day, clock=clock, run_id=run_id)


def publish_station_years(dsn: str, issue: datetime, *, clock: Clock, run_id: str | None = None) -> Publishing:
    """Publish a year of the stations, in place of all its days; errors as of `publish_station_days`.

    Days of stations that are not answered yet stay.
    """
    first = issue.astimezone(KST).date()
    return _publish(dsn, STATION_YEARS, issue, first, first.replace(month=12, day=31), clock=clock, run_id=run_id)


def _publish(
    dsn: str, source: Source, issue: datetime, first: date, last: date, *, clock: Clock, run_id: str | None
) -> Publishing:
    table, (asset_key,), key = tables.STATION_DAYS, source.published, key_of(issue)
    with connect(dsn) as reading:
        subjects = {*newest_issues(reading, source.operation, issue, issue)}
        partition = sql.SQL("day BETWEEN {} AND {} AND station_id = ANY({})").format(first, last, [*subjects])
        with Replacement(dsn, table, asset_key, key, partition) as publication:
            rows, problems = _rows(reading, source, issue, first, last)
            is_known = rows["station_id"].isin(asos_stations())
            problems["station_unknown"] += int((~is_known).sum())
            rows = without_impossible(rows[is_known].copy(), problems, source_suites.DAY_RANGES)
            return judged(
                publication,
                Batch(asset_key.replace("/", "."), key, clock(), run_id, data_as_of=bounds(last)[0]),
                _described(rows),
                minimum_rows=max(1, math.ceil(OVERALL * len(subjects) * ((last - first).days + 1))),
                items=len(subjects),
                left_out=sorted(subjects.difference(rows["station_id"])),
                problems=+problems,
            )


def _rows(
    reading: psycopg.Connection, source: Source, issue: datetime, first: date, last: date
) -> tuple[pd.DataFrame, Counter[str]]:
    """The rows of the days of an issue, and what could not be used.

    Raises:
        NothingCollectedError: no answer is stored.
    """
    parts: list[pd.DataFrame] = []
    problems: Counter[str] = Counter()
    stored = stored_answers(reading, source.operation, issue, at_once=STATIONS_AT_ONCE)
    for answers in chain([next(stored, [])], stored):
        rows, found = rows_of(
            source,
            answers,
            lambda items, answer: day_rows(_of_days(items, first, last), response_id=answer.response_ids[0]),
        )
        parts.append(rows)
        problems += found
    return pd.concat([part for part in parts if len(part)] or parts[:1], ignore_index=True), problems


def _described(rows: pd.DataFrame) -> pd.DataFrame:
    stations = [asos_stations()[station_id] for station_id in rows["station_id"]]
    known = {(station.station_id, station.region_code) for station in asos_stations().values()}
    found = rows.assign(
        day=rows["day"].astype(str),
        station_name=pd.Series([station.name for station in stations], index=rows.index, dtype=object),
        region_code=pd.Series([station.region_code for station in stations], index=rows.index, dtype=object),
    )
    names = pd.Series([*zip(found["station_id"], found["region_code"], strict=True)], rows.index, dtype=object)
    return found.assign(**{source_suites.STATION_FINDING: said("is no such station", ~names.isin(known))})


def _of_days(items: Items, first: date, last: date) -> Items:
    """The items of some days: an answer may be about others, too. Those whose day can't be read are told apart by the transform."""
    return [item for item in items if first.isoformat() <= str(item.get("tm")).strip() <= last.isoformat()]
