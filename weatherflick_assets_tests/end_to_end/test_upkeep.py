"""Day after day, publishing only what the change feed made pending ends in the very tables of a collection from scratch."""

from typing import Any

import pytest

from weatherflick_assets.korea.regions import REGION_CODES, UNASSIGNED
from weatherflick_assets.places.content_types import CONTENT_TYPES
from weatherflick_assets.places.tables import PLACE_TABLES
from weatherflick_assets.sandbox.behaviour import Behaviour
from weatherflick_assets.sandbox.catalogue import Catalogue
from weatherflick_assets.sandbox.korea.country import synthetic_korea
from weatherflick_assets.sandbox.operations import OPERATIONS
from weatherflick_assets.sandbox.server import RunningSandbox
from weatherflick_assets_tests.places.collect.reading import noted, read
from weatherflick_assets_tests.places.collecting import publish
from weatherflick_assets_tests.places.store.stock import rows
from weatherflick_assets_tests.warehouse.stored import empty

pytestmark = pytest.mark.slow

DAYS = 3
REGIONS = ("제주", "강원")
SOME_OF_EACH = {
    "new": 3, "changed": 6, "hidden": 3, "vanished": 2, "returned": 1, "moved": 2, "rekeyed": 2, "ended": 1, "editions": 1,
}  # fmt: skip

OWN_COLUMNS = {
    "source_response_id", "response_id", "published_at", "updated_at", "removed_at", "rejected_at", "previous_content_id",
}  # fmt: skip
"""What a collection from scratch can't have alike: which response a row came in, when the platform did what, and which id a
place had before."""

EVENTS = ("eventstartdate", "eventenddate", "progresstype", "festivaltype")

Tables = dict[str, list[dict[str, Any]]]


def two_regions() -> Catalogue:
    """The places of two regions, shown and hidden."""
    korea = synthetic_korea(scale=0.1, seed=20260701)
    keys = (*OPERATIONS["areaBasedSyncList2"].keys, *EVENTS)
    found = (korea.row(position, keys) for position in range(len(korea)))
    return Catalogue.from_rows(row for row in found if str(row["addr1"]).startswith(REGIONS))


def publish_noted(dsn: str) -> None:
    touched = noted(dsn)
    held_back = [
        (kind.name, region)
        for kind in CONTENT_TYPES
        for region in (*REGION_CODES, UNASSIGNED)
        if (kind.content_type_id, region) in touched and publish(dsn, region, kind).published is None
    ]
    assert held_back == []


def published(dsn: str) -> Tables:
    tables = {
        table.fullname: rows(dsn, f"SELECT * FROM {table.fullname} WHERE removed_at IS NULL ORDER BY content_id")
        for table in PLACE_TABLES.values()
    }
    tables["rejected_items"] = rows(dsn, "SELECT * FROM core.rejected_items ORDER BY content_type_id, item_key")
    return {
        name: [{column: value for column, value in row.items() if column not in OWN_COLUMNS} for row in found]
        for name, found in tables.items()
    }


@pytest.mark.torture
def test_what_is_published_day_by_day_is_what_a_collection_from_scratch_publishes(
    store: str, another_database: str
) -> None:
    with RunningSandbox(catalogue=two_regions(), behaviour=Behaviour(daily_changes=SOME_OF_EACH)) as sandbox:
        read(sandbox.url, store)
        publish_noted(store)
        for _ in range(DAYS):
            sandbox.advance()
            changes = read(sandbox.url, store)
            assert changes.counts["rekeyed"] == changes.counts["absent"] == 2
            publish_noted(store)
            empty(another_database)
            read(sandbox.url, another_database)
            publish_noted(another_database)
            found, expected = published(store), published(another_database)
            assert {name: len(table) for name, table in found.items()} == {
                name: len(table) for name, table in expected.items()
            }
            for name, table in expected.items():
                assert [pair for pair in zip(found[name], table, strict=True) if pair[0] != pair[1]] == [], name
