"""What the tests of the catalogue share: collecting from a sandbox and publishing, as the assets do."""

import asyncio
from collections.abc import Iterable
from dataclasses import replace
from datetime import UTC, datetime, timedelta

from pydantic import SecretStr

from weatherflick_assets.korea.regions import REGION_CODES, UNASSIGNED
from weatherflick_assets.places.collect.listing import Listing, collect_listing
from weatherflick_assets.places.content_types import CONTENT_TYPE_BY_NAME, CONTENT_TYPES, ContentType
from weatherflick_assets.places.kto import KTO
from weatherflick_assets.places.publish import Publisher, Publishing
from weatherflick_assets.places.store.item_stage import ItemStage
from weatherflick_assets.sandbox.catalogue import Catalogue
from weatherflick_assets.sandbox.server import RunningSandbox
from weatherflick_assets.upstream.access import Access
from weatherflick_assets.upstream.client import UpstreamClient
from weatherflick_assets.warehouse.response_store import ResponseStore
from weatherflick_assets_tests.upstream.hosts import Handler, serving

ATTRACTIONS = CONTENT_TYPE_BY_NAME["attractions"]
EAGER_KTO = replace(KTO, back_off_seconds=(0.0, 0.0))
PARTITIONS = (*REGION_CODES, UNASSIGNED)


class TickingClock:
    """A clock that moves on a second with every look at it."""

    def __init__(self) -> None:
        self.time = datetime(2026, 11, 22, tzinfo=UTC)

    def __call__(self) -> datetime:
        self.time += timedelta(seconds=1)
        return self.time


CLOCK = TickingClock()


def collect(url: str, dsn: str, region: str = "50", content_type: ContentType = ATTRACTIONS) -> Listing:
    """Collect one partition from the server at `url`."""

    async def run() -> Listing:
        access = Access(EAGER_KTO, url, (SecretStr("sandbox"),))
        async with (
            ResponseStore(dsn, run_id="run", partition_key=region) as responses,
            ItemStage(dsn, run_id="run") as stage,
            UpstreamClient(access, responses.keep, dsn, clock=CLOCK) as client,
        ):
            return await collect_listing(client, responses, stage, content_type, region, clock=CLOCK)

    return asyncio.run(run())


def collect_from(handler: Handler, dsn: str, region: str = "50") -> Listing:
    """Collect one partition of attractions from a server that answers so."""

    async def run() -> Listing:
        async with serving(handler) as url:
            return await asyncio.to_thread(collect, url, dsn, region)

    return asyncio.run(run())


def collect_rows(rows: Iterable[dict[str, object]], dsn: str, region: str = "50") -> Listing:
    """Collect one partition of attractions from a sandbox that serves `rows`."""
    with RunningSandbox(catalogue=Catalogue.from_rows(rows)) as sandbox:
        return collect(sandbox.url, dsn, region)


def publish(dsn: str, region: str = "50", content_type: ContentType = ATTRACTIONS) -> Publishing:
    """Publish one partition."""
    return Publisher(dsn, CLOCK).places(content_type, region)


def collect_everything(url: str, dsn: str, regions: Iterable[str]) -> dict[tuple[str, str], tuple[Listing, Publishing]]:
    """Collect all kinds in these partitions, then publish them, as a full run does; by kind and region."""
    keys = [(content_type, region) for region in regions for content_type in CONTENT_TYPES]
    listed = {(kind.name, region): collect(url, dsn, region, kind) for kind, region in keys}
    return {(kind.name, region): (listed[kind.name, region], publish(dsn, region, kind)) for kind, region in keys}
