"""Reading a partition costs what the partition has, whatever the database's statistics say."""

from collections.abc import Iterator, Mapping
from typing import Any

import psycopg
import pytest

from weatherflick_assets.places.fields import OPERATIONS_OF_PLACES, RECEIVED_FIELDS
from weatherflick_assets.places.store import detail_publication, place_publication
from weatherflick_assets_tests.places.store.stock import at, item, merge

PLACES = 1_000

_TELL = """
INSERT INTO raw.place_details (content_id, operation, items, response_id, fetched_at)
SELECT content_id, unnest(%(operations)s::text[]), '[{"overview": "…"}]', 1, %(now)s FROM core.place_regions WHERE region_code = %(region)s
"""

_SCOPE = {
    "region_code": "50",
    "content_type_id": "12",
    "content_type_ids": ["12"],
    "operation": "detailImage2",
    "keys": None,
    "now": at(0),
}


@pytest.fixture
def misled(store: str) -> Iterator[psycopg.Connection]:
    """A database whose statistics were made before the places of Jeju came, as happens during every first collection."""
    with psycopg.connect(store, autocommit=True) as connection:
        for hours, region, kind, count in ((0, "11", "39", 200), (1, "50", "12", PLACES)):
            listed = [item(int(region) * 10_000 + n, lDongRegnCd=region, contenttypeid=kind) for n in range(count)]
            merge(store, hours, listed, region_code=region, content_type_id=kind)
            connection.execute(
                _TELL, {"operations": [*OPERATIONS_OF_PLACES, "detailImage2"], "region": region, "now": at(hours)}
            )
            if hours == 0:
                connection.execute("ANALYZE")
        yield connection


def _rows_visited(node: Mapping[str, Any]) -> float:
    """Rows that a plan and all below it read or discarded, over all repetitions."""
    here = (node["Actual Rows"] + sum(count for name, count in node.items() if name.startswith("Rows Removed"))) * node[
        "Actual Loops"
    ]
    return here + sum(map(_rows_visited, node.get("Plans", ())))


@pytest.mark.parametrize(
    "statement",
    [
        place_publication._items_statement(place_publication.READ_OPERATIONS, RECEIVED_FIELDS),
        detail_publication._READ,
    ],
    ids=["places with their answers", "answers of an operation"],
)
def test_a_partition_is_read_in_proportion_to_its_places(misled: psycopg.Connection, statement: Any) -> None:
    explain = place_publication.sql.SQL("EXPLAIN (ANALYZE, FORMAT JSON) {}").format(statement)
    ((((plan,),)),) = misled.execute(explain, _SCOPE).fetchall()
    assert plan["Plan"]["Actual Rows"] == PLACES
    # Every place is found once, and each of its few answers is looked at by every operation that is joined.
    assert _rows_visited(plan["Plan"]) < 100 * PLACES
