"""Whatever goes wrong on the way, what is published in the end is what would have been without.

The whole synthetic Korea is collected from a sandbox that fails one call in five, in every kind of fault it knows. What is
known of its places then, and what is published of some regions, is compared with a collection in which nothing went wrong.
By default the client meets one generation of errors and the command another; torture lets the client meet all of them.

Which calls fail depends on the seed, so every run of these tests meets the same faults. Of seeds drawn at random about one
in 75 would end a collection: a call is given up when all its six attempts fail, or when a third of them is answered with
what blames the call (a firewall's page, codes 10 and 12). For the seeds used here no order, of many thousands tried, in
which calls under way at once can meet the faults gives up a call.
"""

import asyncio
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import replace
from typing import Any

import pytest
from pydantic import SecretStr
from sqlalchemy import URL

from weatherflick_assets.korea.regions import REGION_CODES, UNASSIGNED
from weatherflick_assets.places.collect.listing import Listing, collect_listing
from weatherflick_assets.places.content_types import CONTENT_TYPES
from weatherflick_assets.places.store.item_stage import ItemStage
from weatherflick_assets.sandbox.behaviour import Behaviour
from weatherflick_assets.sandbox.catalogue import Catalogue
from weatherflick_assets.sandbox.korea.country import synthetic_korea
from weatherflick_assets.sandbox.options import SandboxOptions
from weatherflick_assets.sandbox.server import RunningSandbox
from weatherflick_assets.settings import now
from weatherflick_assets.upstream.access import Access
from weatherflick_assets.upstream.client import UpstreamClient
from weatherflick_assets.upstream.errors import IncompleteSweepError
from weatherflick_assets.upstream.retry_budget import RetryBudget
from weatherflick_assets.warehouse.response_store import ResponseStore
from weatherflick_assets_tests.cli.commands import live_platform
from weatherflick_assets_tests.databases import Template, dsn_of
from weatherflick_assets_tests.places.collecting import EAGER_KTO, publish
from weatherflick_assets_tests.places.store.stock import rows

pytestmark = pytest.mark.slow

SCALE = 0.3
"""Of the real numbers: lists of one, two, five and six pages."""

PARTITIONS = (UNASSIGNED, *REGION_CODES)
PUBLISHED = (UNASSIGNED, "11", "36110", "41", "50")
"""The largest regions, the smallest, an island; judging every kind of place in all of them is most of the time it takes."""

KEY = "registered+with/the=sandbox"

FAILING = Behaviour(fault_rate=0.2, gzip_lie=0.3)
SEED_OF = {"json4xx": 1623, "xml200": 2999, "text": 435}
SEED_OF_MOVES = 516

OWN_COLUMNS = {"source_response_id", "response_id", "published_at", "updated_at", "removed_at", "rejected_at"}
"""What differs between any two collections: which response a row came in, and when the platform did what."""

LISTED = "raw.place_items"

Tables = dict[str, list[dict[str, Any]]]


@pytest.fixture(scope="module")
def korea() -> Catalogue:
    return synthetic_korea(scale=SCALE, seed=SandboxOptions().seed)


@pytest.fixture(scope="module")
def without_faults(template_database: Template, korea: Catalogue) -> Tables:
    """What is published when nothing goes wrong."""
    return collected_in_peace(template_database, korea, PARTITIONS)


@pytest.fixture(scope="module")
def some_without_faults(template_database: Template, korea: Catalogue) -> Tables:
    """The same where only what is published is listed."""
    return collected_in_peace(template_database, korea, PUBLISHED)


def collected_in_peace(template_database: Template, korea: Catalogue, partitions: Sequence[str]) -> Tables:
    with template_database.clone() as url, RunningSandbox(SandboxOptions(keys=(KEY,)), catalogue=korea) as sandbox:
        dsn = dsn_of(url)
        listings = collect(sandbox.url, dsn, partitions)
        assert sum(listing.retries for listing in listings) == 0
        assert max(listing.pages for listing in listings) > 4
        publish_some(dsn)
        return published(dsn)


def collect(url: str, dsn: str, partitions: Sequence[str] = PARTITIONS, *, tolerant: bool = False) -> list[Listing]:
    """List every kind of place in some partitions; each partition is a run, with a retry budget of its own.

    A `tolerant` one bears lists that moved too much to add up, as the schedule does: the next collection reads them again.
    """

    async def run(region: str, retry_budget: RetryBudget) -> list[Listing]:
        listings = []
        for kind in CONTENT_TYPES:
            access = Access(EAGER_KTO, url, (SecretStr(KEY),))
            async with (
                ResponseStore(dsn, run_id="run", partition_key=region) as responses,
                ItemStage(dsn, run_id="run") as stage,
                UpstreamClient(access, responses.keep, dsn, clock=now, retry_budget=retry_budget) as client,
            ):
                with suppress(*([IncompleteSweepError] if tolerant else [])):
                    listings.append(await collect_listing(client, responses, stage, kind, region, clock=now))
        return listings

    return [listing for region in partitions for listing in asyncio.run(run(region, RetryBudget(now)))]


def publish_some(dsn: str) -> None:
    held_back = [
        (kind.name, region)
        for region in PUBLISHED
        for kind in CONTENT_TYPES
        if publish(dsn, region, kind).published is None
    ]
    assert held_back == []


def published(dsn: str) -> Tables:
    """Every place listed, every published row and every rejected item, without what differs between any two collections."""
    tables = {
        kind.name: rows(dsn, f"SELECT * FROM core.{kind.name} WHERE removed_at IS NULL ORDER BY content_id")
        for kind in CONTENT_TYPES
    }
    tables["rejected_items"] = rows(dsn, "SELECT * FROM core.rejected_items ORDER BY content_type_id, item_key")
    tables[LISTED] = rows(
        dsn,
        "SELECT content_id, content_type_id, region_code, is_visible, payload FROM raw.place_items JOIN core.place_regions USING (content_id) "
        "WHERE absent_since IS NULL ORDER BY content_id",
    )
    return {
        name: [{column: value for column, value in row.items() if column not in OWN_COLUMNS} for row in found]
        for name, found in tables.items()
    }


def faults(sandbox: RunningSandbox) -> dict[str, int]:
    """How often the sandbox failed, by kind; it must have refused nothing and found fault with nothing."""
    status = sandbox.status()
    (calls,) = status["calls"]
    assert (calls["refused"], status["violations"]) == (0, [])
    return calls["faults"]


def assert_same(found: Tables, expected: Tables) -> None:
    assert {name: len(table) for name, table in found.items()} == {name: len(table) for name, table in expected.items()}
    for name, table in expected.items():
        different = [(ours, theirs) for ours, theirs in zip(found[name], table, strict=True) if ours != theirs]
        assert different == [], name
    assert all(expected[kind.name] for kind in CONTENT_TYPES)


@pytest.mark.parametrize(
    "generation",
    ["xml200", "json4xx", "text"],
)
@pytest.mark.torture
def test_with_one_call_in_five_failing_the_very_same_is_published(
    store: str, korea: Catalogue, without_faults: Tables, generation: str
) -> None:
    behaviour = replace(FAILING, error_generation=generation, seed=SEED_OF[generation])
    with RunningSandbox(SandboxOptions(keys=(KEY,)), catalogue=korea, behaviour=behaviour) as sandbox:
        listings = collect(sandbox.url, store)
        met = faults(sandbox)
    assert len(met) >= 10  # of eleven kinds
    assert sum(listing.retries for listing in listings) == sum(met.values())
    assert sum(listing.calls for listing in listings) == sum(listing.pages for listing in listings) + sum(met.values())
    publish_some(store)
    assert_same(published(store), without_faults)


@pytest.mark.torture
def test_a_country_that_moves_while_calls_fail_is_published_as_it_is_once_it_has_settled(
    store: str, another_database: str, korea: Catalogue
) -> None:
    behaviour = replace(FAILING, moving_rows=2, moves=20, seed=SEED_OF_MOVES)
    with RunningSandbox(SandboxOptions(keys=(KEY,)), catalogue=korea, behaviour=behaviour) as sandbox:
        collect(sandbox.url, store, tolerant=True)
        publish_some(store)
        assert sandbox.status()["moves"] == 20
        listings = collect(sandbox.url, store)
        publish_some(store)
        assert sum(faults(sandbox).values()) > sum(listing.retries for listing in listings) > 0
        sandbox.change(fault_rate=0, gzip_lie=0)
        collect(sandbox.url, another_database)
    publish_some(another_database)
    assert_same(published(store), published(another_database))
    # What left is known to have left, and nothing else is.
    removed = {
        row["content_id"] for row in rows(store, "SELECT content_id FROM core.attractions WHERE removed_at IS NOT NULL")
    }
    assert removed.isdisjoint(row["content_id"] for row in published(another_database)["attractions"])


def test_the_command_collects_the_very_same_from_a_failing_upstream_and_counts_its_retries(
    command_database: URL, korea: Catalogue, some_without_faults: Tables
) -> None:
    behaviour = replace(FAILING, error_generation="json4xx", seed=SEED_OF["json4xx"])
    with (
        RunningSandbox(SandboxOptions(keys=(KEY,)), catalogue=korea, behaviour=behaviour) as sandbox,
        live_platform(command_database, sandbox.url, KEY) as created,
    ):
        done = created.run_here("collect", "--regions", ",".join(PUBLISHED), "--json")
        assert done.code == 0, done.said
        met = faults(sandbox)
    assert done.summary["outcome"] == "complete"
    assert done.summary["retries"] == sum(met.values()) > 5
    found = published(dsn_of(command_database))
    assert found.pop(LISTED)
    # The command also publishes places of other regions that `unassigned` found.
    for kind in CONTENT_TYPES:
        found[kind.name] = [row for row in found[kind.name] if row["region_code"] in PUBLISHED]
    assert_same(found, {name: table for name, table in some_without_faults.items() if name != LISTED})
