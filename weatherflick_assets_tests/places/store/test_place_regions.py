"""A better rule for regions is applied to what is stored: no call is made, and what moves is published where it belongs."""

import re
from datetime import datetime

import psycopg
import pytest

from weatherflick_assets.places.store import place_regions
from weatherflick_assets.places.store.place_regions import relocate
from weatherflick_assets.places.transform import regions
from weatherflick_assets_tests.places.store.draining import drain, pending_keys
from weatherflick_assets_tests.places.store.stock import at, item, merge, rows, table

ISLAND = item("1", addr1="탐라도 제주시 애월읍 1", lDongRegnCd="", lDongSignguCd="", mapx="", mapy="")
"""A place whose address names its region in a spelling that the rule does not know."""


def found(dsn: str) -> dict[str, tuple[str, str, str | None]]:
    located = table(dsn, "core.place_regions", "content_id")
    return {key: (row["region_code"], row["region_source"], row["sigungu_code"]) for key, row in located.items()}


def relocated(dsn: str, since: datetime) -> int:
    with psycopg.connect(dsn) as connection:
        return relocate(connection, since=since)


@pytest.fixture
def known_spelling(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(regions, "_REGION_OF_SPELLING", {**regions._REGION_OF_SPELLING, "탐라도": "50"})
    monkeypatch.setattr(regions, "_SPELLINGS", re.compile(f"탐라도|{regions._SPELLINGS.pattern}"))


@pytest.fixture
def collected(store: str) -> str:
    merge(store, 0, [ISLAND, item("3", addr1="")], region_code="unassigned", is_complete=False)
    merge(store, 0, [item("2"), item("4", showflag="0")])
    drain(store)
    return store


def test_a_place_appears_in_the_region_that_a_new_rule_finds_without_a_call(
    collected: str, request: pytest.FixtureRequest
) -> None:
    before = rows(collected, "SELECT * FROM ops.api_calls_daily"), rows(collected, "SELECT * FROM raw.calls")
    raw = table(collected, "raw.place_items", "content_id")
    assert found(collected)["1"] == ("unassigned", "unassigned", None)
    request.getfixturevalue("known_spelling")
    assert relocated(collected, at(1)) == 1
    assert pending_keys(collected) >= {("core/attractions", "unassigned"), ("core/attractions", "50")}
    assert {region for _, region in pending_keys(collected)} == {"unassigned", "50"}
    (noted,) = {(row["since"], row["cause"]) for row in rows(collected, "SELECT * FROM ops.pending_publications")}
    assert noted == (at(1), "the rule that finds regions changed")
    drain(collected, 2)
    (published,) = rows(collected, "SELECT * FROM core.attractions WHERE content_id = '1'")
    assert (published["region_code"], published["sigungu_code"], published["removed_at"]) == ("50", "110", None)
    (served,) = rows(collected, "SELECT region_code FROM serving.tourist_attractions WHERE content_id = '1'")
    assert served == {"region_code": "39"}
    assert (rows(collected, "SELECT * FROM ops.api_calls_daily"), rows(collected, "SELECT * FROM raw.calls")) == before
    assert table(collected, "raw.place_items", "content_id") == raw


@pytest.mark.parametrize("chunk", [1, 2, 5_000])
def test_relocating_by_an_unchanged_rule_changes_nothing(
    collected: str, monkeypatch: pytest.MonkeyPatch, chunk: int
) -> None:
    monkeypatch.setattr(place_regions, "CHUNK_PLACES", chunk)
    before = table(collected, "core.place_regions", "content_id")
    assert relocated(collected, at(1)) == 0
    assert table(collected, "core.place_regions", "content_id") == before
    assert pending_keys(collected) == set()


def test_places_whose_region_was_lost_or_wrong_are_found_again_in_any_chunks(
    collected: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(place_regions, "CHUNK_PLACES", 2)
    before = found(collected)
    with psycopg.connect(collected) as connection:
        connection.execute("UPDATE core.place_regions SET region_code = '11', sigungu_code = NULL")
        connection.execute("DELETE FROM core.place_regions WHERE content_id = '3'")
    assert relocated(collected, at(1)) == 4
    assert found(collected) == before
    assert {region for _, region in pending_keys(collected)} == {"11", "50", "unassigned"}


def test_a_hidden_place_that_moves_makes_nothing_pending(store: str) -> None:
    merge(store, 0, [item("1", showflag="0")])
    with psycopg.connect(store) as connection:
        connection.execute("UPDATE core.place_regions SET region_code = '11'")
    assert relocated(store, at(1)) == 1
    assert pending_keys(store) == set()
