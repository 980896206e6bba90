"""The platform's way with an issue: collected into the raw layer, then transformed, judged and published, with its outlook by day.

Usage: python -m benchmarks.contenders.weather_ours SANDBOX_URL DSN
"""

import asyncio
import resource
import sys
from dataclasses import replace

from pydantic import SecretStr

import weatherflick_assets.definitions  # noqa: F401 (a collecting process has them loaded)
from benchmarks.contenders.cells import issue, stock
from benchmarks.contenders.floor import IN_FLIGHT
from benchmarks.contenders.judging import warm_up
from benchmarks.contenders.reporting import peak_memory_mb, report
from weatherflick_assets.quality.judge_process import JUDGE
from weatherflick_assets.settings import now
from weatherflick_assets.upstream.access import Access
from weatherflick_assets.upstream.client import UpstreamClient
from weatherflick_assets.upstream.declarations import Quota, RateLimit
from weatherflick_assets.warehouse.gc_tuning import expect_many_rows
from weatherflick_assets.warehouse.response_store import ResponseStore
from weatherflick_assets.weather.collect.cells import CellsCollected, collect_cells
from weatherflick_assets.weather.issues import key_of
from weatherflick_assets.weather.kma import KMA
from weatherflick_assets.weather.products import FORECASTS
from weatherflick_assets.weather.publish import publish_cells
from weatherflick_assets.weather.publish_days import publish_days

# The floor's concurrency, no rate limit, and a quota for all cells: other benchmarks measure these.
_UNPACED = replace(KMA, rate_limit=RateLimit(in_flight=IN_FLIGHT, per_second=10_000), quota=Quota(1_000_000))


def work(url: str, dsn: str) -> dict[str, object]:
    """Collect and publish the newest issue."""
    at = issue()
    access = Access(_UNPACED, url, (SecretStr("sandbox"),))

    async def collect() -> CellsCollected:
        async with (
            ResponseStore(dsn, run_id="benchmark", partition_key=key_of(at)) as responses,
            UpstreamClient(access, responses.keep, dsn, clock=now) as client,
        ):
            return await collect_cells(client, dsn, FORECASTS, at, access=access, clock=now)

    collected = asyncio.run(collect())
    hours = publish_cells(dsn, FORECASTS, at, clock=now)
    days = publish_days(dsn, at, clock=now)
    JUDGE.stop()
    return {
        "rows": hours.rows,
        "cells": collected.collected.known,
        "held_back": not (hours.verdict.passed and days.verdict.passed),
        "judge_peak_mb": peak_memory_mb(resource.RUSAGE_CHILDREN),
    }


if __name__ == "__main__":
    stock(sys.argv[2])
    warm_up()
    expect_many_rows()
    report(lambda: work(sys.argv[1], sys.argv[2]))
