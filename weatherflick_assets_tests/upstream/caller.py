"""A program that calls until it has had what it wants, for tests that need many processes.

Usage: python -m weatherflick_assets_tests.upstream.caller URL DSN KEYS WANTED DAYS

It says that it is ready, and begins when it is told by how many seconds its clock is ahead. It waits for the quota's reset as
often as it may (DAYS - 1 times), and prints how many of its calls were answered.
"""

import asyncio
import sys
from dataclasses import replace
from datetime import datetime, timedelta

from pydantic import SecretStr

from weatherflick_assets.places.kto import KTO, OPERATION_BY_NAME
from weatherflick_assets.settings import now
from weatherflick_assets.upstream.access import Access
from weatherflick_assets.upstream.client import UpstreamClient
from weatherflick_assets.upstream.declarations import Quota, RateLimit
from weatherflick_assets.upstream.errors import ExhaustedError
from weatherflick_assets.warehouse.response_store import ResponseRecord

LIMIT = 1000
HASTY_KTO = replace(KTO, quota=Quota(LIMIT), rate_limit=RateLimit(in_flight=3, per_second=10_000))
OPERATION = replace(OPERATION_BY_NAME["ldongCode2"], provider=HASTY_KTO)


async def main(url: str, dsn: str, keys: str, wanted: int, offset: timedelta, days: int) -> int:
    """Call `wanted` times; return how many were answered."""

    def clock() -> datetime:
        return now() + offset

    async def keep(_: ResponseRecord) -> int:
        return 0

    answered = 0
    turns = iter(range(wanted))
    client = UpstreamClient(Access(HASTY_KTO, url, [*map(SecretStr, keys.split(","))]), keep, dsn, clock=clock)

    async def work() -> None:
        nonlocal answered
        resets = 0
        for _ in turns:
            while True:
                try:
                    await client.call(OPERATION, {"numOfRows": "1"})
                except ExhaustedError as error:
                    resets += 1
                    if resets == days or error.resumes_at is None:
                        return
                    await asyncio.sleep((error.resumes_at - clock()).total_seconds())
                else:
                    break
            answered += 1

    async with client, asyncio.TaskGroup() as workers:
        for _ in range(client.concurrency):
            workers.create_task(work())
    return answered


if __name__ == "__main__":
    address, database, given, calls, periods = sys.argv[1:]
    print("ready", flush=True)  # noqa: T201 - to who started it
    ahead = timedelta(seconds=float(sys.stdin.readline()))
    count = asyncio.run(main(address, database, given, int(calls), ahead, int(periods)))
    sys.stdout.write(f"{count}\n")
