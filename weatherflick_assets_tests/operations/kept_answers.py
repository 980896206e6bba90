"""Answers as the raw layer keeps them, to look at their fields."""

import asyncio
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta

import orjson

from weatherflick_assets.upstream.declarations import Operation
from weatherflick_assets.warehouse.response_store import ResponseRecord, ResponseStore


def in_json(items: object) -> bytes:
    """A good answer of data.go.kr."""
    header = {"resultCode": "0000", "resultMsg": "OK"}
    total = len(items) if isinstance(items, list) else 1
    return orjson.dumps({"response": {"header": header, "body": {"items": {"item": items}, "totalCount": total}}})


def in_xml(items: Sequence[Mapping[str, object]]) -> bytes:
    """The same in XML."""
    rows = "".join(
        f"<item>{''.join(f'<{name}>{value}</{name}>' for name, value in item.items())}</item>" for item in items
    )
    return (
        "<response><header><resultCode>00</resultCode><resultMsg>OK</resultMsg></header>"
        f"<body><items>{rows}</items><totalCount>{len(items)}</totalCount></body></response>"
    ).encode()


def keep(
    dsn: str,
    operation: Operation,
    bodies: Sequence[bytes],
    at: datetime,
    *,
    parameters: Mapping[str, str] | None = None,
    run_id: str | None = "run",
) -> list[int]:
    """Keep one response for each body, fetched a second apart from `at` on; return their ids."""

    async def run() -> list[int]:
        async with ResponseStore(dsn, run_id=run_id, partition_key=None) as responses:
            for number, body in enumerate(bodies):
                record = ResponseRecord(
                    provider=operation.provider.name,
                    operation=operation.name,
                    request_params=dict(parameters or {}),
                    http_status=200,
                    result_code="0000",
                    body=body,
                    api_key_id="0123456789ab",
                    duration_ms=12,
                    fetched_at=at + timedelta(seconds=number),
                    expires_at=None,
                )
                await responses.keep(record)
            return responses.kept

    return asyncio.run(run())
