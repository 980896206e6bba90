"""Views are made from a file whenever its text has changed, and whoever was allowed to read them still is."""

from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

from weatherflick_assets.warehouse.code_versions import apply_views, replace_versions

FIRST = "DROP VIEW IF EXISTS serving.shown; CREATE VIEW serving.shown AS SELECT 1 AS one"
SECOND = "DROP VIEW IF EXISTS serving.shown; CREATE VIEW serving.shown AS SELECT 'text' AS one, 100 % 7 AS two"
GONE = "DROP VIEW IF EXISTS serving.shown; CREATE VIEW serving.other AS SELECT 1 AS one"


@pytest.fixture
def connection(store: str) -> Iterator[psycopg.Connection]:
    """A transaction that is rolled back."""
    with psycopg.connect(store) as opened:
        yield opened
        opened.rollback()


def apply(connection: psycopg.Connection, folder: Path, text: str) -> None:
    file = folder / "views.sql"
    file.write_text(text, encoding="utf-8")
    apply_views(connection, "test/views.sql", file)


def test_what_differs_is_returned_with_the_former_version(connection: psycopg.Connection) -> None:
    assert replace_versions(connection, {"a": "1", "b": "1"}) == {"a": None, "b": None}
    assert replace_versions(connection, {"a": "1", "b": "2", "c": "1"}) == {"b": "1", "c": None}
    assert replace_versions(connection, {"a": "1", "b": "2", "c": "1"}) == {}


def test_a_file_is_run_once_until_its_text_changes(connection: psycopg.Connection, tmp_path: Path) -> None:
    apply(connection, tmp_path, FIRST)
    (before,) = connection.execute("SELECT 'serving.shown'::regclass::oid").fetchall()
    apply(connection, tmp_path, FIRST)
    assert connection.execute("SELECT 'serving.shown'::regclass::oid").fetchall() == [before]
    apply(connection, tmp_path, SECOND)
    assert connection.execute("SELECT * FROM serving.shown").fetchall() == [("text", 2)]


@pytest.fixture
def reader(superuser: psycopg.Connection) -> Iterator[None]:
    """A role with a name that has to be quoted."""
    superuser.execute('CREATE ROLE "a reader"')
    yield
    superuser.execute('DROP ROLE "a reader"')


@pytest.mark.usefixtures("reader")
def test_permissions_survive_a_change_of_the_views(connection: psycopg.Connection, tmp_path: Path) -> None:
    apply(connection, tmp_path, FIRST)
    connection.execute('GRANT SELECT ON serving.shown TO "a reader" WITH GRANT OPTION')
    connection.execute("GRANT SELECT ON serving.shown TO PUBLIC")
    granted = (
        "SELECT array_agg(acl::text ORDER BY acl::text) FROM pg_class, unnest(relacl) AS acl WHERE relname = 'shown'"
    )
    before = connection.execute(granted).fetchall()
    apply(connection, tmp_path, SECOND)
    assert connection.execute(granted).fetchall() == before
    apply(connection, tmp_path, GONE)
    assert connection.execute("SELECT to_regclass('serving.shown')").fetchall() == [(None,)]
