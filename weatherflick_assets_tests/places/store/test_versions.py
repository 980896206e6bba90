"""Changed code makes everything it makes pending, once, and without a call; the code of a fresh database is on record alone."""

from types import MappingProxyType

import psycopg
import pytest

from weatherflick_assets.places.code_versions import REGION_RULE, code_versions, region_rule_version
from weatherflick_assets.places.content_types import CONTENT_TYPES
from weatherflick_assets.places.detail_tables import DETAILS
from weatherflick_assets.places.store import versions
from weatherflick_assets.places.store.versions import follow_code
from weatherflick_assets_tests.places.store.draining import drain, pending_keys
from weatherflick_assets_tests.places.store.stock import at, item, merge, rows

ATTRACTIONS = "core/attractions"


def follow(dsn: str, hours: int = 1) -> None:
    with psycopg.connect(dsn) as connection:
        follow_code(connection, since=at(hours))


def pretend(monkeypatch: pytest.MonkeyPatch, **changed: str) -> None:
    """Let code have changed, by table."""
    names = {f"core/{name}": version for name, version in changed.items()}
    monkeypatch.setattr(versions, "code_versions", lambda: MappingProxyType({**code_versions(), **names}))


@pytest.fixture
def published(store: str) -> str:
    merge(store, 0, [item("1"), item("2", lDongRegnCd="11"), item("3", contenttypeid="39")], is_complete=False)
    drain(store)
    return store


def test_a_prepared_database_knows_every_version(published: str) -> None:
    found = {row["asset_key"]: row["code_version"] for row in rows(published, "SELECT * FROM ops.code_versions")}
    assert found.items() >= {**code_versions(), REGION_RULE: region_rule_version()}.items()
    assert {f"core/{declared.name}" for declared in (*CONTENT_TYPES, *DETAILS)} | {"core/codes"} == set(code_versions())


def test_unchanged_code_makes_nothing_pending(published: str) -> None:
    follow(published)
    assert pending_keys(published) == set()


def test_the_first_versions_of_a_database_make_nothing_pending(published: str) -> None:
    with psycopg.connect(published) as connection:
        connection.execute("DELETE FROM ops.code_versions WHERE asset_key LIKE 'core/%'")
        follow_code(connection, since=at(1))
        assert pending_keys(published) == set()
        connection.rollback()


def test_changed_code_makes_every_partition_of_its_asset_pending_once(
    published: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    pretend(monkeypatch, attractions="another")
    follow(published)
    assert pending_keys(published) == {(ATTRACTIONS, "50"), (ATTRACTIONS, "11")}
    (cause,) = {row["cause"] for row in rows(published, "SELECT cause FROM ops.pending_publications")}
    assert cause == "the code that makes it changed"
    drain(published)
    follow(published)
    assert pending_keys(published) == set()
    monkeypatch.undo()
    follow(published)
    assert pending_keys(published) == {(ATTRACTIONS, "50"), (ATTRACTIONS, "11")}


def test_a_changed_region_rule_has_places_looked_for_again(published: str, monkeypatch: pytest.MonkeyPatch) -> None:
    with psycopg.connect(published) as connection:
        connection.execute("UPDATE core.place_regions SET region_code = '11' WHERE content_id = '3'")
    monkeypatch.setattr(versions, "region_rule_version", lambda: "another")
    follow(published)
    assert {region for _, region in pending_keys(published)} == {"50", "11"}
    assert {asset for asset, _ in pending_keys(published)} >= {"core/restaurants", "core/place_images"}
    (found,) = rows(published, "SELECT region_code FROM core.place_regions WHERE content_id = '3'")
    assert found == {"region_code": "50"}
    monkeypatch.undo()
    follow(published)


def test_a_change_that_is_not_committed_is_followed_the_next_time(
    published: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    pretend(monkeypatch, restaurants="another")
    with psycopg.connect(published) as connection:
        follow_code(connection, since=at(1))
        connection.rollback()
    follow(published)
    assert pending_keys(published) == {("core/restaurants", "50")}
    monkeypatch.undo()
    follow(published)
