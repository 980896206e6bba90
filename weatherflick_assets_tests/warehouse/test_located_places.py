"""The cells of places, and those for which weather is wanted: what domains publish there, and the seats of the areas."""

from collections.abc import Iterator

import pytest
from sqlalchemy import Connection, create_engine
from sqlalchemy.pool import NullPool

from weatherflick_assets.build import DOMAINS
from weatherflick_assets.korea.regions import SERVING_REGIONS
from weatherflick_assets.places.content_types import CONTENT_TYPES
from weatherflick_assets.warehouse import located_places
from weatherflick_assets.warehouse.connections import connect
from weatherflick_assets_tests.places.store.draining import drain
from weatherflick_assets_tests.places.store.stock import item, merge, rows

SEATS = {(area.grid_x, area.grid_y): 0 for area in SERVING_REGIONS}
JEJU = next((area.grid_x, area.grid_y) for area in SERVING_REGIONS if area.name == "제주")
QUERIES = [domain.locations for domain in DOMAINS if domain.locations]


def counted(dsn: str) -> dict[tuple[int, int], int]:
    return {(cell["nx"], cell["ny"]): cell["places"] for cell in rows(dsn, "SELECT * FROM core.cells")}


@pytest.fixture
def connection(store: str) -> Iterator[Connection]:
    """A transaction that is rolled back."""
    engine = create_engine("postgresql+psycopg://", creator=lambda: connect(store), poolclass=NullPool)
    with engine.connect() as opened:
        yield opened
        opened.rollback()


def test_the_seats_of_the_seventeen_areas_are_wanted_before_there_is_a_place(store: str) -> None:
    assert counted(store) == SEATS
    assert len(SEATS) == 17


def test_places_of_all_kinds_are_counted_by_cell_while_they_are_shown(store: str) -> None:
    in_jeju, in_seogwipo = {"mapx": "126.5312", "mapy": "33.4996"}, {"mapx": "126.5601", "mapy": "33.2541"}
    kinds = [
        item(number, contenttypeid=kind.content_type_id, **in_jeju) for number, kind in enumerate(CONTENT_TYPES, 1)
    ]
    merge(store, 0, [*kinds, item("20", **in_seogwipo), item("21", **in_seogwipo), item("22", mapx="")])
    drain(store)
    # One has no position: it counts for the cell of the seat of its area, Jeju.
    assert counted(store) == {**SEATS, (53, 38): 8, (53, 33): 2, JEJU: 1}
    found = rows(store, "SELECT content_id, nx, ny FROM core.located_places WHERE is_of_the_area")
    assert found == [{"content_id": "22", "nx": JEJU[0], "ny": JEJU[1]}]
    merge(store, 1, [item("20", **in_seogwipo), item("21", **in_seogwipo, showflag="0")], is_complete=False)
    drain(store, 1)
    assert counted(store) == {**SEATS, (53, 38): 8, (53, 33): 1, JEJU: 1}


def test_cells_of_several_domains_are_added_up_and_a_place_without_position_and_area_has_none(
    connection: Connection,
) -> None:
    others = "VALUES ('b', '12', '1', 1::smallint, 2::smallint), ('c', '12', '39', NULL, NULL), ('d', '12', NULL, NULL, NULL)"
    located_places.load(connection, queries=["SELECT 'a', '12', '1', 1::smallint, 2::smallint", others])
    found = connection.exec_driver_sql("SELECT nx, ny, places FROM core.cells WHERE places > 0 ORDER BY nx").fetchall()
    assert [tuple(row) for row in found] == [(1, 2, 2), (*JEJU, 1)]


def test_the_view_is_made_again_only_when_its_text_has_changed_and_stays_the_same_object(
    connection: Connection,
) -> None:
    def versions() -> tuple[object, ...]:
        query = "SELECT ev_class::oid, xmin::text FROM pg_rewrite WHERE ev_class = 'core.cells'::regclass"
        return tuple(connection.exec_driver_sql(query).one())

    before = versions()
    located_places.load(connection, queries=QUERIES)
    assert versions() == before
    located_places.load(connection, queries=QUERIES[:1] * 2)
    (identity, made), (first_identity, first_made) = versions(), before
    assert identity == first_identity
    assert made != first_made
