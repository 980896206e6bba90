"""What the tests of details share: collecting what the plan allots to a region, as the asset does.

As a program it collects the details of Jeju at a time, until it is killed: `python -m … URL DSN TIME`.
"""

import asyncio
import sys
from collections import Counter
from dataclasses import replace
from datetime import datetime

from pydantic import SecretStr

from weatherflick_assets.places.collect.details import Details, collect_details
from weatherflick_assets.upstream.access import Access
from weatherflick_assets.upstream.client import UpstreamClient
from weatherflick_assets.upstream.declarations import Quota, RateLimit
from weatherflick_assets.warehouse.response_store import ResponseStore
from weatherflick_assets_tests.places.collecting import CLOCK, EAGER_KTO
from weatherflick_assets_tests.places.store.stock import rows

OPERATIONS = ("detailCommon2", "detailIntro2", "detailInfo2", "detailImage2")


def access(url: str = "", *, limit: int = 1000, keys: tuple[str, ...] = ("sandbox",)) -> Access:
    """The server at `url`, with a daily limit of our own."""
    provider = replace(EAGER_KTO, quota=Quota(limit), rate_limit=RateLimit(in_flight=3, per_second=1000))
    return Access(provider, url, tuple(map(SecretStr, keys)))


def collect_region(url: str, dsn: str, region: str = "50", *, limit: int = 1000) -> Details:
    """Collect the details of one region from the server at `url`."""

    async def run() -> Details:
        async with ResponseStore(dsn, run_id="run", partition_key=region) as store:
            reached = access(url, limit=limit)
            async with UpstreamClient(reached, store.keep, dsn, clock=CLOCK) as client:
                return await collect_details(client, dsn, region, access=reached, clock=CLOCK)

    return asyncio.run(run())


def answered(dsn: str) -> Counter[tuple[str, str]]:
    """How often each operation has answered about each place."""
    query = (
        "SELECT operation, request_params ->> 'contentId' AS content_id FROM raw.calls WHERE operation LIKE 'detail%%'"
    )
    return Counter((row["operation"], row["content_id"]) for row in rows(dsn, query))


def known_places(dsn: str, operation: str = "detailCommon2") -> set[str]:
    """The places that an operation has said something about, or that there is nothing."""
    query = "SELECT content_id FROM raw.place_details WHERE operation = %s"
    return {row["content_id"] for row in rows(dsn, query, operation)}


if __name__ == "__main__":
    CLOCK.time = datetime.fromisoformat(sys.argv[3])
    collect_region(sys.argv[1], sys.argv[2])
