"""The platform: every list collected into the raw layer, then transformed, judged and published.

Usage: python -m benchmarks.contenders.ours SANDBOX_URL DSN
"""

import asyncio
import resource
import sys
from dataclasses import replace

from pydantic import SecretStr

import weatherflick_assets.definitions  # noqa: F401 (a collecting process has them loaded)
from benchmarks.contenders.floor import IN_FLIGHT
from benchmarks.contenders.lists import LISTS
from benchmarks.contenders.reporting import peak_memory_mb, report
from weatherflick_assets.catalogue.calling import calling
from weatherflick_assets.catalogue.listing import collect_listing
from weatherflick_assets.catalogue.publication import publish_places
from weatherflick_assets.content_types import ContentType
from weatherflick_assets.interpreter import expect_many_rows
from weatherflick_assets.quality.judge_process import JUDGE
from weatherflick_assets.settings import now
from weatherflick_assets.upstream.access import Access
from weatherflick_assets.upstream.declarations import Pace
from weatherflick_assets.upstream.kto import KTO
from weatherflick_assets.warehouse.raw_store import RawStore

# As many calls at once as the floor makes, and as fast: how a pace is kept is measured by a benchmark of its own.
_UNPACED = replace(KTO, pace=Pace(in_flight=IN_FLIGHT, per_second=10_000))


async def _collect(url: str, dsn: str, content_type: ContentType, region_code: str) -> int:
    access = Access(_UNPACED, url, (SecretStr("sandbox"),))
    async with (
        RawStore(dsn, run_id="benchmark", partition_key=region_code) as store,
        calling(access, store, dsn, clock=now) as client,
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
    JUDGE.stop()
    return {
        "rows": published + rejected,
        "listed": listed,
        "rejected": rejected,
        "held_back": held_back,
        "judge_peak_mb": peak_memory_mb(resource.RUSAGE_CHILDREN),
    }


if __name__ == "__main__":
    # As where judging has happened before: Great Expectations is imported, in the judging process.
    with JUDGE.judgement("core.attractions", {"region_code": "50", "judged_at": now().isoformat()}) as nothing:
        nothing.verdict({"minimum_rows": 0})
    expect_many_rows()
    report(lambda: work(*sys.argv[1:3]))
