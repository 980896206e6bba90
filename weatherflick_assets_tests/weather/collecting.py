"""What the tests of the weather share: places in cells, a sandbox at a time, and collecting and publishing as the assets do."""

import asyncio
from collections.abc import AsyncIterator, Callable, Iterator, Mapping
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from aiohttp import web
from pydantic import SecretStr

from weatherflick_assets.upstream.access import Access
from weatherflick_assets.upstream.client import UpstreamClient
from weatherflick_assets.upstream.declarations import Quota, RateLimit
from weatherflick_assets.warehouse.connections import connect
from weatherflick_assets.warehouse.response_store import ResponseStore
from weatherflick_assets.weather.collect.answers import Collected
from weatherflick_assets.weather.collect.cells import CellsCollected, collect_cells
from weatherflick_assets.weather.collect.midterm import collect_midterm
from weatherflick_assets.weather.issues import key_of
from weatherflick_assets.weather.kma import KMA
from weatherflick_assets.weather.products import FORECASTS, CellProduct
from weatherflick_assets.weather.publish import Publishing, publish_cells
from weatherflick_assets.weather.publish_days import publish_days
from weatherflick_assets.weather.publish_midterm import publish_midterm
from weatherflick_assets_tests.sandbox.agencies import Agencies, agencies
from weatherflick_assets_tests.sandbox.calling import fetch
from weatherflick_assets_tests.upstream.hosts import serving_beside

EAGER_KMA = replace(KMA, back_off_seconds=(0.0, 0.0), rate_limit=RateLimit(in_flight=3, per_second=1000))

_SEAT = (60, 127)

_PLACE = """
INSERT INTO core.attractions (content_id, content_type_id, title, region_code, region_source, nx, ny, completeness, source_response_id,
    created_at, published_at, updated_at)
SELECT 'place ' || number, '12', 'Place', '11', 'code', %s, %s, 0, 1, now(), now(), now()
FROM generate_series(%s::int, %s::int) AS number
"""


def stock(dsn: str, places: dict[tuple[int, int], int]) -> None:
    """Publish so many places in cells."""
    number = 0
    with connect(dsn, autocommit=True) as connection:
        for (nx, ny), count in places.items():
            connection.execute(_PLACE, (nx, ny, number + 1, number + count))
            number += count


def rows(dsn: str, query: str, *parameters: object) -> list[tuple[Any, ...]]:
    """What a query gives."""
    with connect(dsn) as connection:
        return connection.execute(query, parameters).fetchall()  # type: ignore[arg-type]


@dataclass
class Weather:
    """A sandbox at a time, and the database that is filled from it."""

    served: Agencies
    dsn: str
    limit: int = 10_000
    keys: tuple[str, ...] = ("sandbox",)
    front: str = ""
    """The address of a server before the sandbox."""

    def at(self, now: datetime) -> "Weather":
        """The same at another time."""
        self.served.now = now
        return self

    @property
    def access(self) -> Access:
        """How the sandbox is reached."""
        provider = replace(EAGER_KMA, quota=Quota(self.limit))
        return Access(provider, self.front or self.served.sandbox.url, tuple(map(SecretStr, self.keys)))

    def _clock(self) -> datetime:
        return self.served.now

    @asynccontextmanager
    async def _client(self, issue: datetime) -> AsyncIterator[UpstreamClient]:
        async with (
            ResponseStore(self.dsn, run_id="run", partition_key=key_of(issue)) as responses,
            UpstreamClient(self.access, responses.keep, self.dsn, clock=self._clock) as client,
        ):
            yield client

    def collect(self, issue: datetime, product: CellProduct = FORECASTS) -> CellsCollected:
        """Collect an issue."""

        async def run() -> CellsCollected:
            async with self._client(issue) as client:
                return await collect_cells(client, self.dsn, product, issue, access=self.access, clock=self._clock)

        return asyncio.run(run())

    def collect_midterm(self, issue: datetime) -> Mapping[str, Collected]:
        """Collect an issue of the mid-term forecast."""

        async def run() -> Mapping[str, Collected]:
            async with self._client(issue) as client:
                return await collect_midterm(client, self.dsn, issue, clock=self._clock)

        return asyncio.run(run())

    def publish_midterm(self, issue: datetime) -> Publishing:
        """Publish an issue of the mid-term forecast."""
        return publish_midterm(self.dsn, issue, clock=self._clock, run_id="run")

    def publish(self, issue: datetime, product: CellProduct = FORECASTS) -> Publishing:
        """Publish an issue."""
        return publish_cells(self.dsn, product, issue, clock=self._clock, run_id="run")

    def publish_days(self, issue: datetime) -> Publishing:
        """Publish the outlook of an issue."""
        return publish_days(self.dsn, issue, clock=self._clock, run_id="run")


@contextmanager
def behind(at: Weather, change: Callable[[Mapping[str, str], bytes], bytes]) -> Iterator[Weather]:
    """The same behind a server that changes the bodies of answers, given the parameters of the call."""

    async def answer(request: web.Request) -> web.Response:
        reply = await asyncio.to_thread(fetch, at.served.sandbox, request.raw_path)
        return web.Response(
            status=reply.status,
            body=change(request.query, reply.body),
            content_type=reply.headers["Content-Type"].split(";")[0],
        )

    with serving_beside(answer) as url:
        yield replace(at, front=url)


@contextmanager
def weather(dsn: str, now: datetime, **settings: Any) -> Iterator[Weather]:
    """A sandbox at `now` that fills a database."""
    with agencies(now, **settings) as served:
        yield Weather(served, dsn)
