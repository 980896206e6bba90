"""The change feed: what changes upstream reaches the raw layer, for the fewest calls, whatever breaks in on it."""

import asyncio
from collections.abc import Iterable
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from aiohttp import web

from weatherflick_assets.places.collect.changes import Changes
from weatherflick_assets.places.content_types import CONTENT_TYPES
from weatherflick_assets.places.store.item_stage import FEW_ABSENCES
from weatherflick_assets.sandbox.behaviour import Behaviour
from weatherflick_assets.sandbox.catalogue import Catalogue
from weatherflick_assets.sandbox.options import SandboxOptions
from weatherflick_assets.sandbox.server import RunningSandbox
from weatherflick_assets.upstream.errors import IncompleteSweepError, PermanentError
from weatherflick_assets_tests.places.collect.reading import (
    FragileResponses,
    FragileStage,
    KilledError,
    differing,
    known,
    noted,
    read,
    world,
)
from weatherflick_assets_tests.places.collecting import CLOCK, PARTITIONS
from weatherflick_assets_tests.places.store.stock import execute, item, rows, table
from weatherflick_assets_tests.upstream.hosts import envelope, gateway_error, serving

SMALL = SandboxOptions(scale=0.02)
SOME_OF_EACH = {
    "new": 9, "changed": 24, "hidden": 6, "vanished": 5, "returned": 4, "moved": 6, "rekeyed": 3, "ended": 2, "editions": 3,
}  # fmt: skip
TRACED = {kind: number for kind, number in SOME_OF_EACH.items() if kind != "vanished"}

SEARCHED = {**SOME_OF_EACH, "vanished": 1}
"""One place that vanished is found by a search of a list of seven pages; five would have all of them read."""


def serve(dsn: str, served: Iterable[dict[str, object]], **arguments: Any) -> Changes:
    """Read the changes of a list that holds these rows."""
    with RunningSandbox(catalogue=Catalogue.from_rows(served)) as sandbox:
        return read(sandbox.url, dsn, **arguments)


def stock(count: int = 60) -> list[dict[str, object]]:
    """Places of different age; the first is the newest."""
    newest = datetime(2026, 1, 1, 23, 59, tzinfo=UTC)
    times = (newest - timedelta(hours=number) for number in range(count))
    return [item(str(number), modifiedtime=f"{time:%Y%m%d%H%M%S}") for number, time in enumerate(times)]


# What changes


def test_the_first_reading_takes_the_whole_list_and_the_next_finds_nothing_with_one_call(store: str) -> None:
    with RunningSandbox(SMALL) as sandbox:
        first = read(sandbox.url, store)
        assert (first.is_whole, first.watermark_before, first.calls) == (True, None, 2)
        assert known(store) == world(sandbox)
        again = read(sandbox.url, store)
    assert (again.is_whole, again.calls, again.pages, again.retries) == (False, 1, 1, 0)
    assert (again.touched, again.counts) == (frozenset(), {})
    assert again.watermark_before == again.watermark == first.watermark
    assert again.known_count == again.total_count == first.known_count


@pytest.mark.parametrize("kind", SOME_OF_EACH)
def test_every_kind_of_change_reaches_the_raw_layer_and_touches_what_it_changes(store: str, kind: str) -> None:
    with RunningSandbox(SMALL, behaviour=Behaviour(daily_changes={kind: 5})) as sandbox:
        read(sandbox.url, store)
        before = known(store)
        assert noted(store) == differing({}, before)
        sandbox.advance()
        changes = read(sandbox.url, store)
        after = known(store)
        assert after == world(sandbox)
        changed = sandbox.changes(1)
    assert changes.touched == noted(store) == differing(before, after)
    assert changes.calls == (1 if kind != "vanished" else 2)
    counted = {"ended": "hidden", "vanished": "absent", "editions": "changed"}.get(kind, kind)
    assert changes.counts[counted] == len(changed[kind]) > 0
    assert changes.known_count == changes.total_count


def test_days_of_all_changes_end_each_in_the_very_list_of_the_upstream(store: str) -> None:
    with RunningSandbox(SMALL, behaviour=Behaviour(daily_changes=SOME_OF_EACH)) as sandbox:
        read(sandbox.url, store)
        noted(store)
        for _ in range(4):
            before = known(store)
            sandbox.advance()
            changes = read(sandbox.url, store)
            assert known(store) == world(sandbox)
            assert noted(store) == differing(before, known(store))
            assert changes.counts["rekeyed"] == 3
            assert changes.counts["absent"] == 5


def test_several_days_may_pass_between_readings(store: str) -> None:
    with RunningSandbox(SMALL, behaviour=Behaviour(daily_changes=TRACED)) as sandbox:
        read(sandbox.url, store)
        sandbox.advance(3)
        changes = read(sandbox.url, store)
        assert changes.calls == 1
        assert known(store) == world(sandbox)


def test_a_day_with_more_changes_than_a_page_holds_is_read_to_its_end(store: str) -> None:
    with RunningSandbox(SandboxOptions(scale=0.06), behaviour=Behaviour(daily_changes={"changed": 1500})) as sandbox:
        first = read(sandbox.url, store)
        assert first.calls == 5
        sandbox.advance()
        changes = read(sandbox.url, store)
        assert (changes.calls, changes.counts["changed"]) == (2, 1500)
        assert known(store) == world(sandbox)


def test_a_place_without_a_region_code_is_touched_where_its_address_is(store: str) -> None:
    serve(store, stock())
    uncoded = item("900", lDongRegnCd="", lDongSignguCd="", modifiedtime="20260102000000")
    changes = serve(store, [*stock(), uncoded])
    assert (changes.touched, changes.counts) == ({("12", "50")}, {"new": 1})
    assert known(store)["900"]["region_source"] == "address"


def test_a_place_that_becomes_another_kind_touches_both(store: str) -> None:
    serve(store, stock())
    served = [item("0", contenttypeid="39", modifiedtime="20260102000000"), *stock()[1:]]
    changes = serve(store, served)
    assert (changes.touched, changes.counts) == ({("12", "50"), ("39", "50")}, {"moved": 1})


def test_a_hidden_place_that_changes_touches_nothing_that_is_shown(store: str) -> None:
    serve(store, [item("900", showflag="0"), *stock()])
    changes = serve(store, [item("900", showflag="0", title="다른", modifiedtime="20260102000000"), *stock()])
    assert (changes.touched, changes.counts) == (frozenset(), {"changed": 1})
    assert known(store)["900"]["payload"]["title"] == "다른"


def test_a_place_that_was_absent_and_is_listed_again_is_back(store: str) -> None:
    serve(store, stock())
    assert serve(store, stock()[1:]).counts == {"absent": 1, "rekeyed": 0}
    changes = serve(store, [item("0", modifiedtime="20260102000000"), *stock()[1:]])
    assert (changes.counts, changes.touched) == ({"returned": 1}, {("12", "50")})
    assert set(known(store)) == {str(number) for number in range(60)}


def test_items_without_an_id_are_rejected_and_counted(store: str) -> None:
    served = [*stock(), item("", modifiedtime="20200101000000")]
    assert serve(store, served).known_count == 60
    changes = serve(store, [*served, item("", title="새", modifiedtime="20260102000000")])
    assert (changes.calls, changes.is_whole, changes.known_count, changes.total_count) == (1, False, 60, 62)
    assert len(rows(store, "SELECT FROM core.rejected_items WHERE reason = 'content_id_missing'")) == 2
    assert serve(store, stock()).is_whole
    assert rows(store, "SELECT FROM core.rejected_items") == []


# The watermark


SWEPT = [(kind.content_type_id, region) for kind in CONTENT_TYPES for region in PARTITIONS]


def sweep_instead(dsn: str, partitions: Iterable[tuple[str, str]]) -> None:
    """Leave a database as complete sweeps of these kinds and regions would have left it."""
    execute(dsn, "TRUNCATE raw.change_readings")
    for kind, region in partitions:
        execute(
            dsn,
            "INSERT INTO raw.sweeps (provider, operation, content_type_id, region_code, started_at, finished_at, pages,"
            " total_count, items_seen, is_complete)"
            " SELECT 'kto', 'areaBasedSyncList2', %s, %s, coalesce(max(last_seen_at), now()),"
            " coalesce(max(last_seen_at), now()), 1, 1, 1, true FROM raw.place_items",
            kind,
            region,
        )


def test_complete_sweeps_of_every_kind_and_region_are_as_good_as_a_reading(store: str) -> None:
    with RunningSandbox(SMALL, behaviour=Behaviour(daily_changes=TRACED)) as sandbox:
        newest = read(sandbox.url, store).watermark
        sweep_instead(store, SWEPT)
        sandbox.advance()
        changes = read(sandbox.url, store)
        assert (changes.calls, changes.is_whole, changes.watermark_before) == (1, False, newest)
        assert known(store) == world(sandbox)


def test_with_a_listing_that_was_never_swept_the_whole_list_is_read(store: str) -> None:
    with RunningSandbox(SMALL) as sandbox:
        sweep_instead(store, SWEPT[1:])
        changes = read(sandbox.url, store)
        assert (changes.watermark_before, changes.is_whole) == (None, True)
        assert known(store) == world(sandbox)


def test_a_time_that_is_still_to_come_does_not_hide_what_changes_until_then(store: str) -> None:
    changes = serve(store, [item("900", modifiedtime="20991231000000"), *stock()])
    assert changes.watermark is not None
    assert changes.watermark < CLOCK()


# Re-keyed places


def details_of(dsn: str) -> dict[tuple[str, str], int]:
    found = rows(dsn, "SELECT content_id, operation, response_id FROM raw.place_details")
    return {(row["content_id"], row["operation"]): row["response_id"] for row in found}


def add_details(dsn: str, content_id: str, operation: str, response_id: int) -> None:
    execute(
        dsn,
        "INSERT INTO raw.place_details (content_id, operation, items, response_id, fetched_at)"
        " VALUES (%s, %s, '[]', %s, now())",
        content_id,
        operation,
        response_id,
    )


REKEYED = item("990000", title="관광지 0", modifiedtime="20260102000000", oldContentid="0")


def test_a_place_under_a_new_id_keeps_its_details_and_its_age_and_the_count_is_proof_enough(store: str) -> None:
    serve(store, stock())
    add_details(store, "0", "detailCommon2", 7)
    add_details(store, "0", "detailIntro2", 8)
    before = table(store, "raw.place_items", "content_id")
    changes = serve(store, [REKEYED, *stock()[1:]])
    assert (changes.calls, changes.counts["rekeyed"], changes.counts["absent"]) == (1, 1, 0)
    after = table(store, "raw.place_items", "content_id")
    assert after["990000"]["previous_content_id"] == "0"
    assert after["990000"]["first_seen_at"] == before["0"]["first_seen_at"]
    assert after["0"]["absent_since"] is not None
    assert details_of(store)[("990000", "detailCommon2")] == 7
    assert details_of(store)[("990000", "detailIntro2")] == 8


def test_where_the_count_is_no_proof_the_upstream_is_asked_for_the_former_id(store: str) -> None:
    serve(store, stock(1100))
    served = [REKEYED, *stock(1100)[1:1090], *stock(1100)[1091:]]
    changes = serve(store, served)
    assert (changes.counts["rekeyed"], changes.counts["absent"]) == (1, 1)
    asked = rows(store, "SELECT request_params FROM raw.calls WHERE request_params ? 'oldContentid'")
    assert [row["request_params"]["oldContentid"] for row in asked] == ["0"]


def test_a_place_that_only_looks_like_another_stays_beside_it(store: str) -> None:
    serve(store, stock(1100))
    twin = item("990000", title="관광지 1095", modifiedtime="20260102000000")
    changes = serve(store, [twin, *stock(1100)])
    assert changes.counts == {"new": 1}
    assert len(known(store)) == 1101
    assert len(rows(store, "SELECT FROM raw.calls WHERE request_params ? 'oldContentid'")) == 1


# Guards


def test_an_empty_list_proves_nothing(store: str) -> None:
    serve(store, stock())
    before = known(store)
    changes = serve(store, [])
    assert (changes.absences_withheld, changes.touched, changes.total_count) == (60, frozenset(), 0)
    assert known(store) == before
    assert serve(store, stock()).absences_withheld == 0


def test_a_list_that_shrank_too_much_is_not_believed(store: str) -> None:
    serve(store, stock(100))
    changes = serve(store, stock(100)[:70])
    assert (changes.absences_withheld, changes.touched) == (30, frozenset())
    assert len(known(store)) == 100


def test_a_region_that_lost_too_much_is_not_believed_while_others_are(store: str) -> None:
    elsewhere = [
        item(
            f"s{number}",
            lDongRegnCd="11",
            lDongSignguCd="110",
            modifiedtime=f"202512{number // 60 + 1:02}00{number % 60:02}00",
        )
        for number in range(300)
    ]
    serve(store, [*stock(), *elsewhere])
    changes = serve(store, [*stock()[: 60 - FEW_ABSENCES - 5], *elsewhere[1:]])
    assert (changes.absences_withheld, changes.counts["absent"]) == (FEW_ABSENCES + 5, 1)
    assert changes.touched == {("12", "11")}


# Interrupted and resumed


def test_a_reading_killed_after_any_answer_ends_in_the_same_and_asks_nothing_twice(store: str) -> None:
    with RunningSandbox(SandboxOptions(scale=0.1), behaviour=Behaviour(daily_changes=SEARCHED)) as sandbox:
        read(sandbox.url, store)
        noted(store)
        for broken_off_after in range(1, 4):
            sandbox.advance()
            before, began = known(store), CLOCK()
            sandbox.reset()
            with pytest.raises(KilledError):
                read(sandbox.url, store, responses=FragileResponses(store, responses=broken_off_after))
            assert known(store) == before
            assert noted(store) == set()
            changes = read(sandbox.url, store, resumed_from=began)
            assert known(store) == world(sandbox)
            assert noted(store) == differing(before, known(store))
            asked = rows(store, "SELECT request_params FROM raw.calls WHERE fetched_at > %s", began)
            targets = [tuple(sorted(row["request_params"].items())) for row in asked]
            assert len(targets) == len(set(targets)) == changes.calls + broken_off_after


@pytest.mark.parametrize("committed", [False, True], ids=["before it is committed", "after"])
def test_a_reading_killed_at_its_end_loses_nothing(store: str, committed: bool) -> None:
    with RunningSandbox(SMALL, behaviour=Behaviour(daily_changes=SOME_OF_EACH)) as sandbox:
        read(sandbox.url, store)
        noted(store)
        sandbox.advance()
        before, began = known(store), CLOCK()
        with pytest.raises(KilledError):
            read(sandbox.url, store, stage=FragileStage(store, committed=committed))
        changes = read(sandbox.url, store, resumed_from=began)
        assert known(store) == world(sandbox)
        assert noted(store) == differing(before, known(store))
        assert changes.calls == 0


def test_days_after_it_was_broken_off_a_reading_goes_on_although_the_list_has_moved(store: str) -> None:
    with RunningSandbox(SandboxOptions(scale=0.06), behaviour=Behaviour(daily_changes=SOME_OF_EACH)) as sandbox:
        read(sandbox.url, store)
        sandbox.advance()
        began = CLOCK()
        with pytest.raises(KilledError):
            read(sandbox.url, store, responses=FragileResponses(store, responses=2))
        sandbox.advance()
        read(sandbox.url, store, resumed_from=began)
        read(sandbox.url, store)
        assert known(store) == world(sandbox)


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_a_list_that_moves_while_it_is_read_is_known_as_it_is_once_it_has_settled(store: str, seed: int) -> None:
    behaviour = Behaviour(daily_changes=SEARCHED, seed=seed)
    with RunningSandbox(SandboxOptions(scale=0.06), behaviour=behaviour) as sandbox:
        read(sandbox.url, store)
        sandbox.advance()
        sandbox.change(moving_rows=1, moves=8)
        while sandbox.status()["moves"] < 8:
            with suppress(IncompleteSweepError):
                read(sandbox.url, store)
        read(sandbox.url, store)
        assert known(store) == world(sandbox)


def test_an_error_while_it_is_searched_leaves_what_the_feed_brought(store: str) -> None:
    before = stock(2500)
    serve(store, before)
    listed = [item("990000", modifiedtime="20260102000000"), *before[:1500], *before[1501:]]

    async def handle(request: web.Request) -> web.Response:
        if request.query["pageNo"] == "1":
            return web.Response(body=envelope(listed[:1000], total=len(listed)))
        return web.Response(status=400, body=gateway_error("12"))

    async def run() -> None:
        async with serving(handle) as url:
            with pytest.raises(PermanentError):
                await asyncio.to_thread(read, url, store)

    asyncio.run(run())
    assert "990000" in known(store)
    assert len(known(store)) == 2501
    last = rows(store, "SELECT * FROM raw.change_readings ORDER BY reading_id DESC LIMIT 1")[0]
    assert last["watermark"] == datetime(2026, 1, 1, 15, tzinfo=UTC)
    assert noted(store) == {("12", "50")}
