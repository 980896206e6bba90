"""What tests of details share: answers to store, and what the table says of a place."""

import asyncio
from collections.abc import Mapping, Sequence
from typing import Any

from weatherflick_assets.places.kto import OPERATION_BY_NAME
from weatherflick_assets.places.store.details import DetailAnswer, DetailStore
from weatherflick_assets_tests.places.store.stock import at, rows


def answer(content_id: str, response_id: int, *items: Mapping[str, object]) -> DetailAnswer:
    """An answer about a place that came in a response."""
    return DetailAnswer(content_id, items, response_id, at(response_id))


def merge_details(dsn: str, operation: str, *answers: DetailAnswer) -> frozenset[tuple[str, str]]:
    """Merge one batch."""

    async def run() -> frozenset[tuple[str, str]]:
        async with DetailStore(dsn) as store:
            return await store.merge(OPERATION_BY_NAME[operation], answers)

    return asyncio.run(run())


def details_of(dsn: str, operation: str) -> Mapping[str, dict[str, Any]]:
    """The rows of an operation, by place."""
    query = "SELECT * FROM raw.place_details WHERE operation = %s"
    return {row["content_id"]: row for row in rows(dsn, query, operation)}


def known(dsn: str, operation: str, content_id: str = "1") -> tuple[Sequence[Mapping[str, object]], dict[str, int]]:
    """The items of a place, and where what was kept of them came from."""
    row = details_of(dsn, operation)[content_id]
    return row["items"], row["kept_from"]
