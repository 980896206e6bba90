"""A list that moves while it is paged."""

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from weatherflick_assets.sandbox.behaviour import Behaviour
from weatherflick_assets.sandbox.catalogue import Catalogue
from weatherflick_assets.sandbox.host import Sandbox
from weatherflick_assets.sandbox.moving import MOVES, unused_identifiers
from weatherflick_assets.sandbox.options import SandboxOptions
from weatherflick_assets.sandbox.server import RunningSandbox
from weatherflick_assets_tests.sandbox.calling import ask, everything

NOW = datetime(2026, 7, 1, 3, tzinfo=UTC)
WRITTEN_NOW = "20260701120000"


def rows(number: int) -> list[dict[str, str]]:
    return [
        {
            "contentid": str(100 + position),
            "title": f"곳 {position:03}",
            "contenttypeid": "12" if position % 2 else "39",
            "createdtime": "20200101000000",
            "modifiedtime": f"20210101000{position % 10}00",
            "lDongRegnCd": "50",
            "showflag": "1",
        }
        for position in range(number)
    ]


def places(sandbox: RunningSandbox, **parameters: Any) -> list[dict[str, Any]]:
    return everything(sandbox, "areaBasedSyncList2", **parameters)


@pytest.fixture
def sandbox() -> Iterator[RunningSandbox]:
    with RunningSandbox(catalogue=Catalogue.from_rows(rows(30)), clock=lambda: NOW) as running:
        yield running


def pages(sandbox: RunningSandbox, number: int, **parameters: Any) -> list[list[str]]:
    """The contentids of the first page, read `number` times."""
    return [[row["contentid"] for row in ask(sandbox, "areaBasedSyncList2", **parameters).items] for _ in range(number)]


def test_nothing_moves_unless_asked_for(sandbox: RunningSandbox) -> None:
    before = places(sandbox)
    pages(sandbox, 20)
    assert places(sandbox) == before
    assert sandbox.status()["moves"] == 0


def test_something_moves_after_every_so_many_pages_of_places(sandbox: RunningSandbox) -> None:
    sandbox.change(moving_rows=3)
    pages(sandbox, 2)
    ask(sandbox, "ldongCode2")  # a code list is not a page of places
    assert sandbox.status()["moves"] == 0
    pages(sandbox, 1)
    assert sandbox.status()["moves"] == 1
    pages(sandbox, 6)
    assert sandbox.status()["moves"] == 3


def test_a_list_settles_after_the_moves_it_was_given(sandbox: RunningSandbox) -> None:
    before = places(sandbox)
    sandbox.change(moving_rows=1, moves=5)
    pages(sandbox, 20)
    settled = places(sandbox)
    assert sandbox.status()["moves"] == 5
    assert settled == places(sandbox)
    assert settled != before


def test_the_same_seed_makes_the_same_moves_and_another_seed_others() -> None:
    def moved(seed: int) -> list[dict[str, Any]]:
        behaviour = Behaviour(moving_rows=1, moves=10, seed=seed)
        with RunningSandbox(catalogue=Catalogue.from_rows(rows(30)), behaviour=behaviour, clock=lambda: NOW) as sandbox:
            pages(sandbox, 12)
            return places(sandbox)

    assert moved(1) == moved(1) != moved(2)


def test_what_moves_is_in_the_list_that_was_read(sandbox: RunningSandbox) -> None:
    restaurants = places(sandbox, contentTypeId="39")
    sandbox.change(moving_rows=1, moves=8)
    pages(sandbox, 10, contentTypeId="12")
    assert places(sandbox, contentTypeId="39") == restaurants


def test_a_page_is_answered_before_anything_moves(sandbox: RunningSandbox) -> None:
    first = pages(sandbox, 1)
    sandbox.change(moving_rows=1)
    assert pages(sandbox, 1) == first


@pytest.mark.parametrize("kind", MOVES)
def test_each_kind_of_move_leaves_a_sound_catalogue(kind: str) -> None:
    before = Catalogue.from_rows(rows(5))
    after = MOVES[kind](before, 2, WRITTEN_NOW, unused_identifiers(before))
    assert after.source == before.source
    assert {len(column) for column in after.columns.values()} == {len(after)}
    identifiers = list(after.column("contentid"))
    assert len(set(identifiers)) == len(identifiers)
    others = [row for row in rows(5) if row["contentid"] != "102"]
    kept = [
        after.row(position, list(others[0]))
        for position, name in enumerate(identifiers)
        if name in {row["contentid"] for row in others}
    ]
    assert kept == others


def moved_row(kind: str, identifier: str = "102") -> dict[str, Any]:
    before = Catalogue.from_rows(rows(5))
    after = MOVES[kind](before, 2, WRITTEN_NOW, unused_identifiers(before))
    position = list(after.column("contentid")).index(identifier)
    return after.row(position, list(rows(1)[0]))


def test_a_changed_row_is_modified_now() -> None:
    assert moved_row("changed") == {**rows(5)[2], "modifiedtime": WRITTEN_NOW}


def test_a_retitled_row_has_another_place_in_the_order_of_titles() -> None:
    assert moved_row("retitled") == {**rows(5)[2], "title": "신 곳 002", "modifiedtime": WRITTEN_NOW}


def test_a_hidden_row_stays_as_a_tombstone_without_codes() -> None:
    assert moved_row("hidden") == {**rows(5)[2], "showflag": "0", "lDongRegnCd": "", "modifiedtime": WRITTEN_NOW}


def test_a_row_that_appears_has_a_contentid_that_was_never_used() -> None:
    new = {"contentid": "105", "createdtime": WRITTEN_NOW, "modifiedtime": WRITTEN_NOW}
    assert moved_row("appeared", "105") == {**rows(5)[2], **new}


def test_a_removed_row_is_gone() -> None:
    before = Catalogue.from_rows(rows(5))
    after = MOVES["removed"](before, 2, WRITTEN_NOW, unused_identifiers(before))
    assert list(after.column("contentid")) == ["100", "101", "103", "104"]


@given(seed=st.integers(0, 10_000), size=st.integers(0, 6))
def test_under_any_moves_contentids_stay_unique_are_never_reused_and_pages_add_up(seed: int, size: int) -> None:
    sandbox = Sandbox(SandboxOptions(), Catalogue.from_rows(rows(size)), lambda: NOW, Behaviour(moving_rows=1))
    sandbox.change({"seed": seed})
    path = "/B551011/KorService2/areaBasedSyncList2?serviceKey=sandbox&MobileOS=ETC&MobileApp=t&_type=json&numOfRows=99"
    gone: set[str] = set()
    before: set[str] = set()
    for _ in range(12):
        body = orjson.loads(sandbox.decide(path, {"User-Agent": "tests"}, "").answer.body)
        found = body["response"]["body"]
        listed = [row["contentid"] for row in (found["items"]["item"] if found["items"] else [])]
        assert len(set(listed)) == len(listed) == found["totalCount"]
        gone |= before - set(listed)
        before = set(listed)
        assert not gone & before
