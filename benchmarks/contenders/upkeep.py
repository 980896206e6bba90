"""One reading of the change feed, killed (SIGKILL) after it has stored a number of responses.

Usage: python -m benchmarks.contenders.upkeep SANDBOX_URL DSN RESPONSES RESUMED_FROM

With RESPONSES 0 it is not killed. RESUMED_FROM is an ISO time, or empty if there is nothing to resume.
"""

import asyncio
import json
import os
import signal
import sys
from dataclasses import asdict
from datetime import datetime

from pydantic import SecretStr

from weatherflick_assets.places.collect.changes import Changes, read_changes
from weatherflick_assets.places.kto import KTO
from weatherflick_assets.places.store.item_stage import ItemStage
from weatherflick_assets.settings import now
from weatherflick_assets.upstream.access import Access
from weatherflick_assets.upstream.client import UpstreamClient
from weatherflick_assets.warehouse.response_store import ResponseRecord, ResponseStore


class _MortalStore(ResponseStore):
    """A response store that kills its process after it has stored a number of responses."""

    def __init__(self, dsn: str, responses: int) -> None:
        super().__init__(dsn, run_id="benchmark", partition_key=None)
        self._left = responses

    async def keep(self, record: ResponseRecord) -> int:
        response_id = await super().keep(record)
        self._left -= 1
        if self._left == 0:
            os.kill(os.getpid(), signal.SIGKILL)
        return response_id


async def _read(url: str, dsn: str, responses: int, resumed_from: datetime | None) -> Changes:
    access = Access(KTO, url, (SecretStr("sandbox"),))
    async with (
        _MortalStore(dsn, responses) as kept,
        ItemStage(dsn, run_id="benchmark") as stage,
        UpstreamClient(access, kept.keep, dsn, clock=now) as client,
    ):
        return await read_changes(client, kept, stage, clock=now, resumed_from=resumed_from)


def read(url: str, dsn: str, *, killed_after: int = 0, resumed_from: datetime | None = None) -> Changes:
    """Read the change feed once in this process."""
    return asyncio.run(_read(url, dsn, killed_after, resumed_from))


if __name__ == "__main__":
    changes = read(
        *sys.argv[1:3],
        killed_after=int(sys.argv[3]),
        resumed_from=datetime.fromisoformat(sys.argv[4]) if sys.argv[4] else None,
    )
    print(json.dumps({**asdict(changes), "touched": sorted(changes.touched)}, default=str))
