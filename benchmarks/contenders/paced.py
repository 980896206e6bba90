"""Many small calls at the client's own rate limit: the rate it reaches, and how often it is refused.

Usage: python -m benchmarks.contenders.paced SANDBOX_URL DSN SECONDS
"""

import asyncio
import json
import sys
import time
from dataclasses import replace

from pydantic import SecretStr

from weatherflick_assets.places.kto import KTO, OPERATION_BY_NAME
from weatherflick_assets.settings import now
from weatherflick_assets.upstream.access import Access
from weatherflick_assets.upstream.client import UpstreamClient
from weatherflick_assets.upstream.declarations import Quota, RateLimit
from weatherflick_assets.warehouse.response_store import ResponseRecord

WARM_UP_SECONDS = 5.0

_KTO = replace(KTO, quota=Quota(1_000_000), rate_limit=RateLimit(in_flight=4, per_second=30))
_OPERATION = replace(OPERATION_BY_NAME["ldongCode2"], provider=_KTO)


async def work(url: str, dsn: str, seconds: float) -> dict[str, float]:
    """Call until the time is up. Calls during the warm-up do not count."""
    ends: list[tuple[float, int | None]] = []

    async def keep(response: ResponseRecord) -> int:
        ends.append((time.monotonic(), response.http_status))
        return len(ends)

    client = UpstreamClient(Access(_KTO, url, (SecretStr("sandbox"),)), keep, dsn, clock=now)
    began = time.monotonic()

    async def call() -> None:
        while time.monotonic() - began < seconds:
            await client.call(_OPERATION, {"numOfRows": "1"})

    async with client, asyncio.TaskGroup() as workers:
        for _ in range(client.concurrency):
            workers.create_task(call())
    warm = began + WARM_UP_SECONDS
    counted = [(at, status) for at, status in ends if warm <= at < began + seconds]
    return {
        "per_second": sum(status == 200 for _, status in counted) / (seconds - WARM_UP_SECONDS),
        "refused": sum(status != 200 for _, status in counted),
        "refused_while_warming_up": sum(status != 200 for at, status in ends if at < warm),
    }


if __name__ == "__main__":
    print(json.dumps(asyncio.run(work(sys.argv[1], sys.argv[2], float(sys.argv[3])))))
