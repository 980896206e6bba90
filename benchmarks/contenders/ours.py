"""The platform: collects every list into the raw layer, then transforms, judges and publishes it.

Two processes take every other list each, as `weatherflick collect` does with regions.

Usage: python -m benchmarks.contenders.ours SANDBOX_URL DSN
"""

import asyncio
import json
import resource
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace

from pydantic import SecretStr

import weatherflick_assets.definitions  # noqa: F401 (a collecting process has them loaded)
from benchmarks.contenders.floor import IN_FLIGHT
from benchmarks.contenders.judging import warm_up
from benchmarks.contenders.lists import LISTS
from benchmarks.contenders.reporting import peak_memory_mb, report
from weatherflick_assets.places.collect.listing import collect_listing
from weatherflick_assets.places.content_types import ContentType
from weatherflick_assets.places.kto import KTO
from weatherflick_assets.places.publish import Publisher
from weatherflick_assets.places.store.item_stage import ItemStage
from weatherflick_assets.quality.judge_process import JUDGE
from weatherflick_assets.settings import now
from weatherflick_assets.upstream.access import Access
from weatherflick_assets.upstream.client import UpstreamClient
from weatherflick_assets.upstream.declarations import RateLimit
from weatherflick_assets.warehouse.connections import reusing
from weatherflick_assets.warehouse.gc_tuning import expect_many_rows
from weatherflick_assets.warehouse.response_store import ResponseStore

# The floor's concurrency and no rate limit: `paced_calls` measures the rate limiter.
_UNPACED = replace(KTO, rate_limit=RateLimit(in_flight=IN_FLIGHT, per_second=10_000))


_SECOND = "second"
_READY, _BEGIN = "ready\n", "begin\n"

Figures = Mapping[str, float]


async def _collect(url: str, dsn: str, content_type: ContentType, region_code: str) -> int:
    access = Access(_UNPACED, url, (SecretStr("sandbox"),))
    async with (
        ResponseStore(dsn, run_id="benchmark", partition_key=region_code) as responses,
        ItemStage(dsn, run_id="benchmark") as stage,
        UpstreamClient(access, responses.keep, dsn, clock=now) as client,
    ):
        return (await collect_listing(client, responses, stage, content_type, region_code, clock=now)).listed


def _work_through(url: str, dsn: str, lists: Sequence[tuple[ContentType, str]]) -> Figures:
    """Collect and publish list by list."""
    processor_started = time.process_time()
    listed = published = rejected = held_back = 0
    with reusing(dsn):
        for content_type, region_code in lists:
            listed += asyncio.run(_collect(url, dsn, content_type, region_code))
            publishing = Publisher(dsn, now).places(content_type, region_code)
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
        "processor_seconds": time.process_time() - processor_started,
        "peak_mb": peak_memory_mb(),
        "judge_peak_mb": peak_memory_mb(resource.RUSAGE_CHILDREN),
    }


def work(url: str, dsn: str, second: "subprocess.Popen[str]") -> Figures:
    """Process every other list here, the rest in the second process; memory is that of the larger process."""
    assert second.stdin is not None
    assert second.stdout is not None
    second.stdin.write(_BEGIN)
    second.stdin.flush()
    here, there = _work_through(url, dsn, LISTS[::2]), json.loads(second.stdout.readline())
    return {
        name: max(value, there[name]) if name.endswith("_mb") else value + there[name] for name, value in here.items()
    }


@contextmanager
def _second_process(url: str, dsn: str) -> "Iterator[subprocess.Popen[str]]":
    """A process with all imports done, as the second process of `weatherflick collect` has for most of its time."""
    command = (sys.executable, "-m", "benchmarks.contenders.ours", url, dsn, _SECOND)
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == _READY
        yield process


def _prepare() -> None:
    """Bring the process to where one is that has published before."""
    warm_up()
    expect_many_rows()


if __name__ == "__main__":
    address, database, *role = sys.argv[1:]
    _prepare()
    if role:
        sys.stdout.write(_READY)
        sys.stdout.flush()
        assert sys.stdin.readline() == _BEGIN
        print(json.dumps(_work_through(address, database, LISTS[1::2])))
    else:
        with _second_process(address, database) as other:
            report(lambda: {**work(address, database, other)})
