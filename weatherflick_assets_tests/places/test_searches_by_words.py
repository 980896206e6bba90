"""Attractions and restaurants are found by words in a narrow index, which a row of any published length fits into."""

from collections.abc import Iterator
from random import Random

import psycopg
import pytest
from psycopg import sql

from weatherflick_assets.places.content_types import CONTENT_TYPE_BY_NAME
from weatherflick_assets.places.fields import LONGEST, ListKind
from weatherflick_assets_tests.places.backend import QUERIES

_PLACE = """
INSERT INTO core.{table} (
    content_id, content_type_id, title, address, address_detail, class_division_code, region_code, region_source, completeness,
    source_response_id, published_at, updated_at, removed_at, kto_area_code
) VALUES (%s, %s, %s, %s, %s, 'FD', '50', 'code', 1, 1, now(), now(), CASE WHEN %s THEN now() END, '39')
"""

PLACES = (
    ("1", "Cafe 바다", "제주시 1", None, False),
    ("2", "식당", "제주시 2", "cafe 건물 3층", False),
    ("3", "식당", None, "CAFÉ 골목", False),
    ("4", "caf_", None, None, False),
    ("5", "Cafe", "제주시 cafe", None, True),
    ("6", "까페", "서귀포시 100%", "", False),
)
"""With some of both lines of an address or none; the fifth is removed."""

SEARCHES = {
    "attractions": ("attractions: search", ("1", "2")),
    "restaurants": ("local info: restaurants by words", ()),
}
"""By table the backend's search, and what it finds of a word that is in some name, or in the second line of an address."""


@pytest.fixture
def searched(store: str) -> Iterator[psycopg.Connection]:
    """Six places of either kind, in a transaction that is undone."""
    with psycopg.connect(store) as connection:
        for table in SEARCHES:
            for content_id, *values in PLACES:
                _insert(connection, table, content_id, *values)
        yield connection
        connection.rollback()


def _insert(connection: psycopg.Connection, table: str, content_id: str, *values: object) -> None:
    kind = CONTENT_TYPE_BY_NAME[table].content_type_id
    connection.execute(sql.SQL(_PLACE).format(table=sql.Identifier(table)), (content_id, kind, *values))


def _found(connection: psycopg.Connection, table: str, word: str) -> tuple[str, ...]:
    query, _ = SEARCHES[table]
    return tuple(sorted(row[0] for row in connection.execute(QUERIES[query], {"word": word})))  # type: ignore[arg-type]


@pytest.mark.parametrize("table", SEARCHES)
def test_a_word_is_found_in_any_case_where_the_view_has_it(searched: psycopg.Connection, table: str) -> None:
    assert _found(searched, table, "%cAFE%") == SEARCHES[table][1]
    assert _found(searched, table, "%제주시%") == ("1", "2")
    assert _found(searched, table, "%100\\%%") == ("6",)
    assert _found(searched, table, "%없는낱말%") == ()


def test_the_address_of_an_attraction_is_the_lines_that_it_has(searched: psycopg.Connection) -> None:
    searched.execute("UPDATE core.attractions SET title = 'x'")
    found = searched.execute(
        "SELECT view.address, concat_ws(' ', place.address, place.address_detail) FROM serving.tourist_attractions AS view "
        "JOIN core.attractions AS place USING (content_id)"
    ).fetchall()
    assert len(found) == 5
    assert all(address == expected for address, expected in found)


@pytest.mark.parametrize("table", SEARCHES)
def test_a_search_can_be_answered_from_the_narrow_index_alone(searched: psycopg.Connection, table: str) -> None:
    # Without any other index, statistics decide nothing.
    searched.execute(
        sql.SQL("ALTER TABLE core.{} DROP CONSTRAINT {}").format(sql.Identifier(table), sql.Identifier(f"{table}_pkey"))
    )
    others = searched.execute(
        "SELECT indexname FROM pg_indexes WHERE schemaname = 'core' AND tablename = %s AND indexname <> %s",
        (table, f"{table}_words_idx"),
    ).fetchall()
    for (other,) in others:
        searched.execute(sql.SQL("DROP INDEX core.{}").format(sql.Identifier(other)))
    for way in ("seqscan", "bitmapscan"):
        searched.execute(f"SET LOCAL enable_{way} = off")  # type: ignore[arg-type]
    plan = searched.execute(f"EXPLAIN {QUERIES[SEARCHES[table][0]]}", {"word": "%바다%"}).fetchall()  # type: ignore[arg-type]
    assert f"Index Only Scan using {table}_words_idx on {table} place" in "\n".join(line for (line,) in plan)


@pytest.mark.parametrize("table", SEARCHES)
def test_the_longest_texts_that_are_published_fit_into_the_index(searched: psycopg.Connection, table: str) -> None:
    random = Random(1)

    def text(length: int) -> str:
        """Characters of four bytes, in no order that could be compressed."""
        return "".join(chr(random.randrange(0x20000, 0x2A6DF)) for _ in range(length))

    name, *lines = (text(LONGEST[ListKind.LINE]) for _ in range(3))
    content_id = "".join(random.choices("0123456789", k=100))
    _insert(searched, table, content_id, name, *lines, False)
    searched.execute(
        sql.SQL("UPDATE core.{} SET class_division_code = %s WHERE content_id = %s").format(sql.Identifier(table)),
        (text(LONGEST[ListKind.CODE]), content_id),
    )
    found = searched.execute(
        sql.SQL("SELECT FROM core.{} WHERE removed_at IS NULL AND title = %s").format(sql.Identifier(table)), (name,)
    )
    assert found.rowcount == 1
