"""Finds which answers, and which items of them, could not be used for a reason: by making their rows once more.

Nothing is kept of what is left out but its number. The stored answers say the rest, without a call.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import datetime
from types import MappingProxyType
from typing import Any

import psycopg

from weatherflick_assets.quality.rejections import Sample
from weatherflick_assets.settings import KST
from weatherflick_assets.warehouse.json_text import as_json
from weatherflick_assets.weather.issues import KEY_FORMAT
from weatherflick_assets.weather.products import PRODUCTS, CellProduct
from weatherflick_assets.weather.publish import CELLS_AT_ONCE, LEFT_OUT, cell_answer, cell_rejections
from weatherflick_assets.weather.publish_sources import Items, items_of
from weatherflick_assets.weather.sources import (
    AIR_FORECASTS,
    AIR_QUALITY,
    AIR_STATIONS,
    HOLIDAYS,
    STATION_DAYS,
    STATION_YEARS,
)
from weatherflick_assets.weather.store.answers import BodiesDroppedError, StoredAnswer, newest_answers, stored_answers
from weatherflick_assets.weather.transform.air_forecasts import air_forecast_rows
from weatherflick_assets.weather.transform.air_quality import station_rows
from weatherflick_assets.weather.transform.air_stations import air_station_rows
from weatherflick_assets.weather.transform.cell_forecasts import CellAnswer
from weatherflick_assets.weather.transform.holidays import holiday_rows
from weatherflick_assets.weather.transform.rows import Rows
from weatherflick_assets.weather.transform.station_days import day_rows

_CELLS = MappingProxyType({product.table.fullname: product for product in PRODUCTS.values()})

_SOURCES: Mapping[str, tuple[Any, Callable[[Items, str], Rows]]] = MappingProxyType(
    {
        "core.holidays": (HOLIDAYS, lambda items, _: holiday_rows(items, response_id=0)),
        "core.air_stations": (AIR_STATIONS, lambda items, _: air_station_rows(items, response_id=0)),
        "core.air_quality": (AIR_QUALITY, lambda items, sido: station_rows(items, sido_name=sido, response_id=0)),
        "core.air_quality_forecasts": (AIR_FORECASTS, lambda items, _: air_forecast_rows(items, response_id=0)),
        "core.station_days": (STATION_DAYS, lambda items, _: day_rows(items, response_id=0)),
        "core.station_years": (STATION_YEARS, lambda items, _: day_rows(items, response_id=0)),
    }
)
"""By table: its source, and how the rows of an answer about a subject are made."""

_VALUES = ("fcstValue", "obsrValue")


def samples(
    connection: psycopg.Connection, table_name: str, partition_key: str | None, reason: str, most: int
) -> list[Sample]:
    """Answers of a partition that hold what could not be used for a reason, at most so many, each with the first such item.

    None where the answers are no longer stored, or where only several answers together show the reason.
    """
    found: list[Sample] = []
    try:
        if product := _CELLS.get(table_name):
            issue = datetime.strptime(partition_key or "", KEY_FORMAT).replace(tzinfo=KST)
            candidates = _of_cells(connection, product, issue, reason)
        elif table_name in _SOURCES:
            candidates = _of_source(connection, table_name, partition_key, reason)
        else:
            return []
        for sample in candidates:
            found.append(sample)
            if len(found) == most:
                break
    except BodiesDroppedError:
        return found
    return found


def _of_cells(connection: psycopg.Connection, product: CellProduct, issue: datetime, reason: str) -> Iterator[Sample]:
    for stored in stored_answers(connection, product.operation, issue, at_once=CELLS_AT_ONCE):
        read = [cell_answer(product, answer) for answer in stored]
        if reason not in cell_rejections(product, issue, read):
            continue
        for answer, cell in zip(stored, read, strict=True):

            def is_in(items: Items, cell: CellAnswer = cell) -> bool:
                part = CellAnswer(cell.nx, cell.ny, cell.response_id, list(items))  # type: ignore[arg-type]
                return reason in cell_rejections(product, issue, [part])

            if is_in(cell.items):
                yield _sample(answer, None if reason == LEFT_OUT else _culprit(cell.items, is_in))


def _of_source(
    connection: psycopg.Connection, table_name: str, partition_key: str | None, reason: str
) -> Iterator[Sample]:
    source, made = _SOURCES[table_name]
    if partition_key:
        issue = datetime.strptime(partition_key, KEY_FORMAT).replace(tzinfo=KST)
        chunks = stored_answers(connection, source.operation, issue, at_once=CELLS_AT_ONCE)
        answers = (answer for stored in chunks for answer in stored)
    else:
        answers = iter(newest_answers(connection, source.operation))
    for answer in answers:

        def is_in(items: Items, subject: str = answer.subject) -> bool:
            return bool(made(items, subject).problems[reason])

        items = items_of(source.operation, answer)
        if is_in(items):
            yield _sample(answer, _culprit(items, is_in))


def _culprit(items: Sequence[Mapping[str, Any]], is_in: Callable[[Items], bool]) -> Mapping[str, Any] | None:
    """The one item that shows a reason, found by halving; None if only several together show it."""
    while len(items) > 1:
        middle = len(items) // 2
        half = next((half for half in (items[:middle], items[middle:]) if is_in(half)), None)
        if half is None:
            return None
        items = half
    return items[0] if items else None


def _sample(answer: StoredAnswer, item: Mapping[str, Any] | None) -> Sample:
    value = next((str(item[name]) for name in _VALUES if name in item), None) if item else None
    return Sample(answer.subject, value, as_json(item) if item else "", answer.response_ids[0], answer.fetched_at)
