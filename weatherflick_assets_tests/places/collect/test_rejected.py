"""Items that had no id are read again when a rule changes: from the raw layer, without a call, and nothing newer is lost."""

import asyncio
from collections.abc import Collection

import pytest
from psycopg.types.json import Jsonb

from weatherflick_assets.korea.regions import UNASSIGNED
from weatherflick_assets.places.collect.rejected import read_again
from weatherflick_assets.places.transform import listing, regions
from weatherflick_assets.upstream import second_reading
from weatherflick_assets.warehouse.response_store import ResponseStore
from weatherflick_assets_tests.places.collecting import collect_from, collect_rows, publish
from weatherflick_assets_tests.places.store.draining import pending_keys
from weatherflick_assets_tests.places.store.stock import at, execute, item, merge, response, rows, table
from weatherflick_assets_tests.upstream.hosts import always, envelope

LONG_ID = "7" * 150
"""Longer than an id may be."""

BROKEN = 'he said "hi"'


def again(dsn: str, *, kinds: Collection[str] | None = None, reason: str | None = None) -> None:
    read_again(dsn, content_type_ids=kinds, region_codes=None, reason=reason, at=at(100))


def items(dsn: str) -> set[str]:
    return set(table(dsn, "raw.place_items", "content_id"))


def kept(dsn: str) -> list[str]:
    return [row["reason"] for row in rows(dsn, "SELECT reason FROM core.rejected_items ORDER BY reason")]


@pytest.fixture
def answered(store: str) -> str:
    """A database with the response that items of `merge` came in."""

    async def keep() -> None:
        async with ResponseStore(store, run_id="run", partition_key="50") as responses:
            await responses.keep(response())

    asyncio.run(keep())
    return store


def response_of(dsn: str) -> int:
    (row,) = rows(dsn, "SELECT response_id FROM raw.calls")
    return row["response_id"]


def test_an_item_whose_id_a_new_rule_accepts_becomes_a_place_and_its_partition_pending(
    answered: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    merge(answered, 0, [item("1"), item(LONG_ID), item("")], response_id=response_of(answered))
    publish(answered)
    assert (items(answered), kept(answered)) == ({"1"}, ["content_id_missing"] * 2)
    execute(answered, "DELETE FROM ops.pending_publications")
    before = rows(answered, "SELECT count(*) FROM raw.calls")

    again(answered)
    assert (items(answered), kept(answered), pending_keys(answered)) == ({"1"}, ["content_id_missing"] * 2, set())

    monkeypatch.setattr(listing, "_LONGEST_CODE", 200)
    again(answered)
    assert (items(answered), kept(answered)) == ({"1", LONG_ID}, ["content_id_missing"])
    assert ("core/attractions", "50") in pending_keys(answered)
    (found,) = rows(answered, "SELECT * FROM raw.place_items WHERE content_id = %s", LONG_ID)
    (call,) = rows(answered, "SELECT * FROM raw.calls")
    assert (found["response_id"], found["first_seen_at"]) == (call["response_id"], call["fetched_at"])
    publish(answered)
    assert set(table(answered, "core.attractions", "content_id")) == {"1", LONG_ID}
    assert rows(answered, "SELECT count(*) FROM raw.calls") == before


def test_an_item_moves_to_the_region_that_a_new_rule_finds(answered: str, monkeypatch: pytest.MonkeyPatch) -> None:
    nowhere = item("", lDongRegnCd="", lDongSignguCd="", addr1="탐라 1", mapx="", mapy="")
    merge(answered, 0, [nowhere], response_id=response_of(answered))
    assert rows(answered, "SELECT region_code FROM core.rejected_items") == [{"region_code": UNASSIGNED}]
    resolve = regions.resolve_regions
    monkeypatch.setattr(
        listing,
        "resolve_regions",
        lambda fields: resolve(fields.assign(addr1=fields["addr1"].str.replace("탐라", "제주특별자치도"))),
    )
    again(answered)
    assert rows(answered, "SELECT region_code FROM core.rejected_items") == [{"region_code": "50"}]
    assert pending_keys(answered) >= {("core/attractions", "50"), ("core/attractions", UNASSIGNED)}


def test_a_row_that_a_new_rule_can_read_is_read_from_the_body_of_its_response(
    store: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    body = envelope([item(str(number)) for number in range(1, 31)]).replace("관광지 15".encode(), BROKEN.encode())
    collect_from(always(body), store)
    assert (len(items(store)), kept(store)) == (29, ["unreadable"])
    before = table(store, "raw.place_items", "content_id")
    again(store)
    assert (table(store, "raw.place_items", "content_id"), kept(store)) == (before, ["unreadable"])

    loaded = second_reading._loaded
    monkeypatch.setattr(second_reading, "_loaded", lambda text: loaded(text.replace('"hi"', "hi")))
    again(store)
    after = table(store, "raw.place_items", "content_id")
    assert (after.keys() - before.keys(), kept(store)) == ({"15"}, [])
    assert after["15"]["payload"]["title"] == "he said hi"
    assert {key: row for key, row in after.items() if key != "15"} == before  # not even written again
    publish(store)
    assert len(table(store, "core.attractions", "content_id")) == 30
    assert len(rows(store, "SELECT FROM raw.calls")) == 1


def test_what_is_known_of_a_place_from_a_later_response_stays(store: str, monkeypatch: pytest.MonkeyPatch) -> None:
    body = envelope([item("1"), item("2"), item("3")]).replace("관광지 2".encode(), BROKEN.encode())
    collect_from(always(body), store)
    (stand_in,) = rows(store, "SELECT * FROM core.rejected_items")
    collect_rows([item("1"), item("2", title="later"), item("3")], store)
    assert kept(store) == []
    # A list read at the same time may keep the row a little longer.
    with_stand_in = "INSERT INTO core.rejected_items SELECT * FROM jsonb_populate_record(NULL::core.rejected_items, %s)"
    execute(store, with_stand_in, Jsonb({**stand_in, "rejected_at": stand_in["rejected_at"].isoformat()}))
    before = table(store, "raw.place_items", "content_id")
    loaded = second_reading._loaded
    monkeypatch.setattr(second_reading, "_loaded", lambda text: loaded(text.replace('"hi"', "hi")))
    again(store)
    assert (table(store, "raw.place_items", "content_id"), kept(store)) == (before, [])


def test_a_row_whose_body_is_no_longer_stored_stays_as_it_is(store: str, monkeypatch: pytest.MonkeyPatch) -> None:
    body = envelope([item("1"), item("2")]).replace("관광지 2".encode(), BROKEN.encode())
    collect_from(always(body), store)
    execute(store, "UPDATE raw.bodies SET body = NULL, dropped_at = now()")
    before = rows(store, "SELECT * FROM core.rejected_items")
    loaded = second_reading._loaded
    monkeypatch.setattr(second_reading, "_loaded", lambda text: loaded(text.replace('"hi"', "hi")))
    again(store)
    assert rows(store, "SELECT * FROM core.rejected_items") == before


def test_only_what_is_selected_is_read_again(answered: str, monkeypatch: pytest.MonkeyPatch) -> None:
    merge(
        answered,
        0,
        [item(LONG_ID), item(LONG_ID[1:], contenttypeid="39", lDongRegnCd="11")],
        response_id=response_of(answered),
        is_complete=False,
    )
    monkeypatch.setattr(listing, "_LONGEST_CODE", 200)
    again(answered, reason="unreadable")
    assert items(answered) == set()
    again(answered, kinds=["39"], reason="content_id_missing")
    assert items(answered) == {LONG_ID[1:]}
    read_again(answered, content_type_ids=None, region_codes=["11"], reason=None, at=at(100))
    assert items(answered) == {LONG_ID[1:]}
    read_again(answered, content_type_ids=None, region_codes=["50"], reason=None, at=at(100))
    assert (items(answered), kept(answered)) == ({LONG_ID[1:], LONG_ID}, [])
