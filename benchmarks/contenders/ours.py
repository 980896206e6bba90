"""The platform: every list collected into the raw layer, then transformed, judged and published.

Usage: python -m benchmarks.contenders.ours SANDBOX_URL DSN
"""

import asyncio
import sys

from pydantic import SecretStr

import weatherflick_assets.definitions  # noqa: F401 (a collecting process has them loaded)
from benchmarks.contenders.lists import LISTS
from benchmarks.contenders.reporting import report
from weatherflick_assets.catalogue.listing import collect_listing, keep_in
from weatherflick_assets.catalogue.publication import publish_places
from weatherflick_assets.content_types import ContentType
from weatherflick_assets.settings import now
from weatherflick_assets.upstream.api_keys import KeyRing
from weatherflick_assets.upstream.client import UpstreamClient
from weatherflick_assets.upstream.kto import KTO
from weatherflick_assets.warehouse.raw_store import RawStore


async def _collect(url: str, dsn: str, content_type: ContentType, region_code: str) -> int:
    keys = KeyRing.of(KTO.name, (SecretStr("sandbox"),))
    async with (
        RawStore(dsn, run_id="benchmark", partition_key=region_code) as store,
        UpstreamClient(KTO, base_url=url, keys=keys, keep=keep_in(store), clock=now) as client,
    ):
        return (await collect_listing(client, store, content_type, region_code, clock=now)).listed


def work(url: str, dsn: str) -> dict[str, object]:
    """Collect and publish list by list."""
    listed = published = rejected = held_back = 0
    for content_type, region_code in LISTS:
        listed += asyncio.run(_collect(url, dsn, content_type, region_code))
        publishing = publish_places(dsn, content_type, region_code, clock=now)
        if publishing.published is None:
            held_back += 1
            continue
        published += publishing.published.published
        rejected += publishing.published.rejected
    return {"rows": published + rejected, "listed": listed, "rejected": rejected, "held_back": held_back}


if __name__ == "__main__":
    import great_expectations  # noqa: F401 (as in a process that has judged before)

    report(lambda: work(*sys.argv[1:3]))
