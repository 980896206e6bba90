"""What the tests of holidays, the air, warnings and stations share: a sandbox at a time, collecting and publishing from it."""

import asyncio
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

import orjson
from pydantic import SecretStr

from weatherflick_assets.upstream.access import Access
from weatherflick_assets.upstream.client import UpstreamClient
from weatherflick_assets.upstream.declarations import Provider, Quota, RateLimit
from weatherflick_assets.warehouse.connections import connect
from weatherflick_assets.warehouse.response_store import ResponseStore
from weatherflick_assets.weather.collect.air_quality import collect_air_forecasts, collect_air_quality
from weatherflick_assets.weather.collect.answers import Collected
from weatherflick_assets.weather.collect.lists import collect_air_stations, collect_holidays
from weatherflick_assets.weather.collect.station_days import collect_station_days
from weatherflick_assets.weather.collect.station_years import collect_station_years
from weatherflick_assets.weather.collect.warnings import collect_warnings
from weatherflick_assets.weather.sources import (
    AIR_FORECASTS,
    AIR_QUALITY,
    AIR_STATIONS,
    HOLIDAYS,
    SOURCES,
    STATION_DAYS,
    STATION_YEARS,
    WARNINGS,
    Source,
)
from weatherflick_assets_tests.sandbox.agencies import Agencies, agencies

COLLECTORS: Mapping[str, Callable[..., Any]] = {
    HOLIDAYS.name: collect_holidays,
    AIR_STATIONS.name: collect_air_stations,
    AIR_QUALITY.name: collect_air_quality,
    AIR_FORECASTS.name: collect_air_forecasts,
    WARNINGS.name: collect_warnings,
    STATION_DAYS.name: collect_station_days,
    STATION_YEARS.name: collect_station_years,
}
assert COLLECTORS.keys() == SOURCES.keys()


def _eager(provider: Provider) -> Provider:
    return replace(provider, back_off_seconds=(0.0, 0.0), rate_limit=RateLimit(in_flight=3, per_second=1000))


@dataclass(frozen=True)
class Reading:
    """What a collection found, by operation, and how many calls it took."""

    found: Mapping[str, Collected]
    calls: int

    @property
    def first(self) -> Collected:
        """What was found of the first operation."""
        return next(iter(self.found.values()))


@dataclass
class Country:
    """A sandbox at a time, and the database that is filled from it."""

    served: Agencies
    dsn: str
    limit: int = 10_000

    def at(self, now: datetime) -> "Country":
        """The same at another time."""
        self.served.now = now
        return self

    def clock(self) -> datetime:
        """The time."""
        return self.served.now

    def collect(self, source: Source, *issue: datetime) -> Reading:
        """Collect a source as its asset does."""
        provider = replace(_eager(source.operation.provider), quota=Quota(self.limit))
        access = Access(provider, self.served.sandbox.url, (SecretStr("sandbox"),))

        async def run() -> Reading:
            async with (
                ResponseStore(self.dsn, run_id="run", partition_key=None) as responses,
                UpstreamClient(access, responses.keep, self.dsn, clock=self.clock) as client,
            ):
                found = await COLLECTORS[source.name](client, self.dsn, *issue, clock=self.clock)
                return Reading(found, client.count.sent)

        return asyncio.run(run())

    def publish(self, publisher: Callable[..., Any], *issue: datetime) -> Any:
        """Publish as an asset does."""
        return publisher(self.dsn, *issue, clock=self.clock, run_id="run")


@contextmanager
def country(dsn: str, now: datetime, *, limit: int = 10_000, **settings: Any) -> Iterator[Country]:
    """A sandbox at `now` that fills a database, with so many calls of each operation a day."""
    with agencies(now, **settings) as served:
        yield Country(served, dsn, limit)


def change_answers(dsn: str, operation: str, change: Callable[[list[dict[str, Any]]], None]) -> None:
    """Have stored answers of an operation say something else: `change` gets the items of each."""
    with connect(dsn) as connection:
        found = connection.execute(
            "SELECT body_sha256, body FROM raw.bodies WHERE body_sha256 IN "
            "(SELECT body_sha256 FROM raw.calls WHERE operation = %s)",
            (operation,),
        ).fetchall()
        for sha256, stored in found:
            body = orjson.loads(stored)
            if (inside := body["response"].get("body")) is None:  # there were no data
                continue
            items = inside["items"] if isinstance(inside["items"], list) else inside["items"]["item"]
            change(items)
            inside["totalCount"] = len(items)
            connection.execute("UPDATE raw.bodies SET body = %s WHERE body_sha256 = %s", (orjson.dumps(body), sha256))
