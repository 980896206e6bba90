"""What the tests of the warehouse share: items and sweeps to store, and plain ways to look at tables."""

import asyncio
from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import orjson
import pandas as pd
import psycopg
from psycopg.rows import dict_row
from psycopg.types.json import Jsonb

from weatherflick_assets.places.store.item_stage import ItemStage
from weatherflick_assets.places.store.sweeps import Merged, SweepRecord, merge_sweep
from weatherflick_assets.places.transform.listing import listed_items
from weatherflick_assets.warehouse.response_store import ResponseRecord

START = datetime(2026, 7, 1, tzinfo=UTC)


def at(hours: int) -> datetime:
    """A moment of the test."""
    return START + timedelta(hours=hours)


def item(content_id: object, **changes: object) -> dict[str, object]:
    """An attraction in Jeju as the list has it."""
    row: dict[str, object] = {
        "contentid": content_id, "contenttypeid": "12", "title": f"관광지 {content_id}", "addr1": "제주특별자치도 제주시 1",
        "lDongRegnCd": "50", "lDongSignguCd": "110", "mapx": "126.5", "mapy": "33.4", "modifiedtime": "20260101000000",
        "createdtime": "20200101000000", "lclsSystm1": "NA", "lclsSystm2": "NA01", "lclsSystm3": "NA010100",
        "firstimage": "http://tong.visitkorea.or.kr/a.jpg", "showflag": "1",
    }  # fmt: skip
    return {**row, **changes}


def response(body: bytes = b"{}") -> ResponseRecord:
    """A response to keep."""
    return ResponseRecord(
        provider="kto",
        operation="areaBasedSyncList2",
        request_params={"contentTypeId": "12", "pageNo": "1"},
        http_status=200,
        result_code="0000",
        body=body,
        api_key_id="0123456789ab",
        duration_ms=12,
        fetched_at=START,
        expires_at=at(24),
    )


def sweep_at(hours: int, **changes: Any) -> SweepRecord:
    """A complete sweep of the attractions of Jeju."""
    record = SweepRecord(
        provider="kto",
        operation="areaBasedSyncList2",
        content_type_id="12",
        region_code="50",
        started_at=at(hours),
        finished_at=at(hours),
        pages=1,
        total_count=0,
        items_seen=0,
        is_complete=True,
    )
    return replace(record, **changes)


def merge(
    dsn: str, hours: int, items: Iterable[dict[str, object]], *, response_id: int | None = None, **changes: Any
) -> Merged:
    """Stage items and merge them as one sweep; by default of a response of its own for each hour."""

    async def run() -> Merged:
        async with ItemStage(dsn, run_id="run") as stage:
            listed = listed_items(list(items), hours + 1 if response_id is None else response_id)
            if len(listed):
                await stage.stage(listed)
            return await merge_sweep(stage, sweep_at(hours, **changes))

    return asyncio.run(run())


def stage_and_leave(dsn: str, frame: pd.DataFrame) -> None:
    """Stage items without merging them."""

    async def run() -> None:
        async with ItemStage(dsn, run_id=None) as stage:
            await stage.stage(frame)

    asyncio.run(run())


def rows(dsn: str, query: str, *parameters: object) -> list[dict[str, Any]]:
    """What a query gives, in mappings."""
    with psycopg.connect(dsn) as connection, connection.cursor(row_factory=dict_row) as cursor:
        return cursor.execute(query, parameters).fetchall()  # type: ignore[arg-type]


def table(dsn: str, name: str, key: str) -> dict[str, dict[str, Any]]:
    """All of a table, and where each row version came from (xmin), by key."""
    return {row[key]: row for row in rows(dsn, f"SELECT xmin::text, * FROM {name} ORDER BY {key}")}


def execute(dsn: str, statement: str, *parameters: object) -> None:
    """Run one statement and commit."""
    with psycopg.connect(dsn) as connection:
        connection.execute(statement, parameters)  # type: ignore[arg-type]


def tell(
    dsn: str,
    content_id: str,
    operation: str,
    items: list[Any],
    *,
    response_id: int = 1,
    kept_from: dict[str, int] | None = None,
) -> None:
    """Put into the raw layer what an operation said about a place."""
    tell_each(dsn, operation, {content_id: items}, response_id=response_id, kept_from=kept_from)


def tell_each(
    dsn: str,
    operation: str,
    answers: Mapping[str, list[Any]],
    *,
    response_id: int = 1,
    kept_from: dict[str, int] | None = None,
) -> None:
    """Put into the raw layer what an operation said about places, by content id."""
    told = (
        (content_id, operation, Jsonb(items), Jsonb(kept_from or {}), response_id, START)
        for content_id, items in answers.items()
    )
    with psycopg.connect(dsn) as connection, connection.cursor() as cursor:
        cursor.executemany(
            "INSERT INTO raw.place_details (content_id, operation, items, kept_from, response_id, fetched_at) "
            "VALUES (%s, %s, %s, %s, %s, %s) ON CONFLICT (content_id, operation) DO UPDATE SET "
            "(items, kept_from, response_id) = (EXCLUDED.items, EXCLUDED.kept_from, EXCLUDED.response_id)",
            told,
        )


def payload_of(row: dict[str, Any]) -> dict[str, Any]:
    """The payload of a row, read."""
    payload = row["payload"]
    return payload if isinstance(payload, dict) else orjson.loads(payload)
