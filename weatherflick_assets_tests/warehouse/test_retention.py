"""What expires and what stays: nothing unexpired and nothing that items came from is ever lost."""

import asyncio
import threading
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from functools import partial

import psycopg
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from weatherflick_assets.places.domain import PLACES
from weatherflick_assets.places.store.item_stage import ItemStage
from weatherflick_assets.places.store.sweeps import merge_sweep
from weatherflick_assets.places.transform.listing import listed_items
from weatherflick_assets.warehouse import retention
from weatherflick_assets.warehouse.response_store import ResponseStore
from weatherflick_assets.warehouse.retention import CALLS_KEPT, Space, space
from weatherflick_assets_tests.places.store.stock import START, at, execute, item, response, rows, sweep_at
from weatherflick_assets_tests.places.store.stored_details import answer, merge_details
from weatherflick_assets_tests.warehouse.stored import empty

drop_expired = partial(retention.drop_expired, needed=PLACES.needed_responses)

PAGE = b'{"contentid": "126508"}' * 5_000
NOW = START + timedelta(days=60)


@dataclass(frozen=True)
class Call:
    """A call of the test: which body it brought, when it was made and expires (in days; never), and what depends on it."""

    body: int
    fetched: int = 0
    expires: int | None = 30
    has_item: bool = False
    has_rejected: bool = False


def body_of(call: Call) -> bytes:
    return PAGE + str(call.body).encode()


def keep(dsn: str, calls: Sequence[Call]) -> list[int]:
    """Keep what the calls brought, with the items that came from them; return their ids."""

    async def run() -> list[int]:
        ids = []
        async with (
            ResponseStore(dsn, run_id="run", partition_key="50") as responses,
            ItemStage(dsn, run_id="run") as stage,
        ):
            for number, call in enumerate(calls):
                record = replace(
                    response(body_of(call)),
                    fetched_at=START + timedelta(days=call.fetched),
                    expires_at=None if call.expires is None else START + timedelta(days=call.fetched + call.expires),
                )
                ids.append(await responses.keep(record))
                items = [item(f"{number + 1}")] * call.has_item + [item("", title=f"{number}")] * call.has_rejected
                if items:
                    await stage.stage(listed_items(items, ids[-1]))
            await merge_sweep(stage, sweep_at(0, is_complete=False))
        return ids

    return asyncio.run(run())


def stored(dsn: str) -> dict[int, bytes | None]:
    return {row["response_id"]: row["body"] for row in rows(dsn, "SELECT response_id, body FROM raw.responses")}


def test_an_expired_body_is_dropped_and_its_call_stays_on_record(store: str) -> None:
    (response_id,) = keep(store, [Call(1)])
    before = space(store)
    assert before == Space(calls=1, bodies=1, stored_bytes=before.stored_bytes, received_bytes=len(PAGE) + 1)
    assert 0 < before.stored_bytes < len(PAGE) / 10
    upkeep = drop_expired(store, now=NOW)
    assert (upkeep.bodies_dropped, upkeep.bytes_freed, upkeep.calls_deleted) == (1, before.stored_bytes, 0)
    assert upkeep.left == space(store) == Space(calls=1, bodies=0, stored_bytes=0, received_bytes=0)
    (row,) = rows(store, "SELECT * FROM raw.responses")
    assert (row["response_id"], row["body"], row["body_dropped_at"]) == (response_id, None, NOW)
    assert (row["body_bytes"], row["http_status"], row["operation"]) == (len(PAGE) + 1, 200, "areaBasedSyncList2")


def test_a_body_is_kept_until_the_moment_it_expires(store: str) -> None:
    ids = keep(store, [Call(1)])
    expiry = START + timedelta(days=30)
    assert drop_expired(store, now=expiry - timedelta(microseconds=1)).bodies_dropped == 0
    assert stored(store) == {ids[0]: body_of(Call(1))}
    assert drop_expired(store, now=expiry).bodies_dropped == 1


@pytest.mark.parametrize(
    "dependant", [Call(1, has_item=True), Call(1, has_rejected=True)], ids=["item", "rejected item"]
)
def test_a_body_that_an_item_came_from_is_kept_also_for_other_calls_that_brought_it(
    store: str, dependant: Call
) -> None:
    ids = keep(store, [Call(1), dependant, Call(2)])
    upkeep = drop_expired(store, now=NOW)
    assert (upkeep.bodies_dropped, upkeep.bodies_depended_on, upkeep.left.bodies) == (1, 1, 1)
    assert stored(store) == {ids[0]: body_of(Call(1)), ids[1]: body_of(Call(1)), ids[2]: None}


def test_bodies_that_details_or_single_fields_of_them_came_from_are_kept(store: str) -> None:
    ids = keep(store, [Call(number) for number in range(5)])
    first, second, third, _fourth, fifth = ids
    merge_details(store, "detailCommon2", answer("1", first, {"a": "1", "b": "1"}), answer("1", second, {"b": "2"}))
    merge_details(store, "detailInfo2", answer("1", third, {"name": "a"}), answer("1", fifth))
    upkeep = drop_expired(store, now=NOW)
    assert (upkeep.bodies_dropped, upkeep.bodies_depended_on) == (1, 4)
    assert [response_id for response_id, body in stored(store).items() if body is not None] == [
        first, second, third, fifth,
    ]  # fmt: skip
    merge_details(store, "detailCommon2", answer("1", fifth + 1, {"a": "3", "b": "3"}))
    assert drop_expired(store, now=NOW).bodies_dropped == 2


def test_a_body_goes_once_its_items_have_come_again_from_elsewhere(store: str) -> None:
    (first,) = keep(store, [Call(1, has_item=True)])
    assert drop_expired(store, now=NOW).bodies_dropped == 0
    execute(store, "UPDATE raw.place_items SET response_id = %s", first + 1)
    assert drop_expired(store, now=NOW).bodies_dropped == 1


def test_a_failed_response_goes_when_it_expires(store: str) -> None:
    async def run() -> None:
        async with ResponseStore(store, run_id=None, partition_key=None) as responses:
            await responses.keep(replace(response(b"<html>Bad Gateway</html>"), http_status=502, result_code=None))

    asyncio.run(run())
    assert drop_expired(store, now=at(23)).bodies_dropped == 0
    assert drop_expired(store, now=at(24)).bodies_dropped == 1


def test_calls_are_taken_off_the_record_after_their_span_unless_items_came_from_them(store: str) -> None:
    ids = keep(store, [Call(1), Call(2, has_item=True), Call(3, fetched=1), Call(4, expires=None), Call(1, fetched=2)])
    upkeep = drop_expired(store, now=START + CALLS_KEPT + timedelta(hours=1))
    assert (upkeep.calls_deleted, upkeep.left.calls) == (1, 4)
    assert sorted(stored(store)) == ids[1:]
    assert len(rows(store, "SELECT FROM raw.bodies")) == 4
    drop_expired(store, now=START + CALLS_KEPT + timedelta(days=3))
    assert stored(store) == {ids[1]: body_of(Call(2)), ids[3]: body_of(Call(4))}
    assert len(rows(store, "SELECT FROM raw.bodies")) == 2, "nothing is left of bodies that no call brought"


CALLS = st.lists(
    st.builds(
        Call,
        body=st.integers(1, 6),
        fetched=st.sampled_from([0, 20, 300, 500]),
        expires=st.sampled_from([10, 30, 180, None]),
        has_item=st.booleans(),
        has_rejected=st.integers(0, 4).map(lambda number: number == 0),
    ),
    max_size=12,
)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None, max_examples=25)
@given(calls=CALLS, day=st.integers(0, 1000), batch=st.sampled_from([1, 2, 500]))
def test_exactly_what_is_expired_and_not_depended_on_goes(
    prepared_database: str, calls: list[Call], day: int, batch: int
) -> None:
    empty(prepared_database)
    ids = keep(prepared_database, calls)
    before = space(prepared_database)
    upkeep = drop_expired(prepared_database, now=START + timedelta(days=day), batch=batch)

    unexpired = {call.body for call in calls if call.expires is None or call.fetched + call.expires > day}
    needed = {call.body for call in calls if call.has_item or call.has_rejected}
    expected = {
        response_id: body_of(call) if call.body in unexpired | needed else None
        for response_id, call in zip(ids, calls, strict=True)
        if call.body in unexpired | needed or call.fetched + CALLS_KEPT.days >= day
    }
    assert stored(prepared_database) == expected
    assert upkeep.bodies_dropped == len({call.body for call in calls} - unexpired - needed)
    assert upkeep.bodies_depended_on == len(needed - unexpired)
    assert upkeep.calls_deleted == len(calls) - len(expected)
    assert upkeep.left == space(prepared_database)
    assert upkeep.bytes_freed + upkeep.left.stored_bytes == before.stored_bytes
    again = drop_expired(prepared_database, now=START + timedelta(days=day), batch=batch)
    assert (again.bodies_dropped, again.bytes_freed, again.calls_deleted) == (0, 0, 0)


def test_a_body_that_is_just_being_kept_again_is_left_for_the_next_time(store: str) -> None:
    (first,) = keep(store, [Call(1)])
    with psycopg.connect(store) as keeping:
        keeping.execute("SELECT FROM raw.bodies FOR SHARE")
        assert drop_expired(store, now=NOW).bodies_dropped == 0
        assert stored(store) == {first: body_of(Call(1))}
    assert drop_expired(store, now=NOW).bodies_dropped == 1


def test_a_locked_table_stops_it_with_a_plain_error_and_nothing_is_half_done(store: str) -> None:
    ids = keep(store, [Call(1)])
    with psycopg.connect(store) as migrating:
        migrating.execute("LOCK TABLE raw.bodies IN ACCESS EXCLUSIVE MODE")
        with pytest.raises(psycopg.errors.LockNotAvailable):
            drop_expired(store, now=NOW)
    assert stored(store) == {ids[0]: body_of(Call(1))}


def test_collections_that_go_on_meanwhile_find_all_that_they_kept(store: str) -> None:
    keep(store, [Call(number) for number in range(40)])
    done, failures = threading.Event(), []

    def collect(first: int) -> None:
        try:
            for day in range(30, 36):
                keep(store, [Call(number, fetched=day, expires=100) for number in range(first, 40, 2)])
        except BaseException as error:  # noqa: BLE001 - whatever it is, the test must fail with it
            failures.append(error)

    def maintain() -> None:
        try:
            while not done.is_set():
                drop_expired(store, now=NOW, batch=3)
        except BaseException as error:  # noqa: BLE001
            failures.append(error)

    collecting = [threading.Thread(target=collect, args=(first,)) for first in (0, 1)]
    maintaining = [threading.Thread(target=maintain) for _ in range(2)]
    for thread in (*maintaining, *collecting):
        thread.start()
    for thread in collecting:
        thread.join()
    done.set()
    for thread in maintaining:
        thread.join()
    assert failures == []
    found = rows(store, "SELECT body FROM raw.responses")
    assert len(found) == 280
    assert {row["body"] for row in found} == {body_of(Call(number)) for number in range(40)}
