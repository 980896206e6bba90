"""Collecting details: what the plan allots is asked once, stops and goes on anywhere, and nothing that came is lost."""

import asyncio
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from datetime import timedelta

import orjson
import pytest
from aiohttp import web

from weatherflick_assets.places.collect.details import BATCH, FAILURES_OF_PLACES, Details
from weatherflick_assets.places.kto import OPERATION_BY_NAME
from weatherflick_assets.sandbox.behaviour import Behaviour
from weatherflick_assets.sandbox.catalogue import Catalogue
from weatherflick_assets.sandbox.korea.country import synthetic_korea
from weatherflick_assets.sandbox.server import RunningSandbox
from weatherflick_assets.upstream.client import UpstreamClient
from weatherflick_assets.upstream.errors import (
    ExhaustedError,
    PermanentError,
    RefusedKeyError,
    TransientError,
    UpstreamError,
)
from weatherflick_assets.warehouse.response_store import ResponseStore
from weatherflick_assets_tests.places.collecting import CLOCK, collect
from weatherflick_assets_tests.places.detailing import (
    OPERATIONS,
    access,
    answered,
    collect_region,
    known_places,
)
from weatherflick_assets_tests.places.store.stock import execute, item, merge, rows
from weatherflick_assets_tests.places.store.stored_details import details_of
from weatherflick_assets_tests.upstream.hosts import PATIENT_KTO, Handler, envelope, serving

_OTHER_CONNECTIONS = """
SELECT pid FROM pg_stat_activity
WHERE datname = current_database() AND pid <> pg_backend_pid() AND backend_type = 'client backend'
"""

LISTED = frozenset(map(str, range(1, 21)))


def twenty() -> Catalogue:
    return Catalogue.from_rows([item(content_id) for content_id in sorted(LISTED)])


@pytest.fixture
def sandbox(store: str) -> Iterator[RunningSandbox]:
    """A sandbox of twenty attractions in Jeju, which are listed already; its days are those of the tests' clock."""
    with RunningSandbox(catalogue=twenty(), clock=CLOCK) as running:
        collect(running.url, store)
        yield running


def collect_from(handler: Handler, dsn: str) -> Details:
    async def run() -> Details:
        async with serving(handler) as url:
            return await asyncio.to_thread(collect_region, url, dsn)

    return asyncio.run(run())


def next_day() -> None:
    CLOCK.time += timedelta(days=1)


def test_every_shown_place_is_asked_once_by_every_operation_and_what_is_fresh_never_again(
    store: str, sandbox: RunningSandbox
) -> None:
    execute(store, "UPDATE raw.place_items SET is_visible = false WHERE content_id = '1'")
    execute(store, "UPDATE raw.place_items SET absent_since = now() WHERE content_id = '2'")
    shown = LISTED - {"1", "2"}
    first = collect_region(sandbox.url, store)
    assert (first.planned, first.stopped_by) == (4 * len(shown), None)
    assert first.asked == dict.fromkeys(OPERATIONS, len(shown))
    assert (first.calls, first.retries, first.recalled, first.unreadable) == (4 * len(shown), 0, 0, {})
    assert first.touched == {("12", "50")}
    assert answered(store) == {(operation, place): 1 for operation in OPERATIONS for place in shown}

    second = collect_region(sandbox.url, store)
    next_day()
    third = collect_region(sandbox.url, store)
    assert [(done.planned, done.calls, done.touched) for done in (second, third)] == [(0, 0, frozenset())] * 2


def test_answers_are_current_with_their_response_and_empty_ones_are_counted(
    store: str, sandbox: RunningSandbox
) -> None:
    done = collect_region(sandbox.url, store)
    (common,) = rows(
        store,
        "SELECT detail.*, response.body, response.request_params FROM raw.place_details AS detail "
        "JOIN raw.responses AS response USING (response_id, operation) "
        "WHERE detail.operation = 'detailCommon2' AND content_id = '7'",
    )
    assert common["request_params"] == {"contentId": "7", "numOfRows": "1000", "pageNo": "1"}
    received = orjson.loads(common["body"])["response"]["body"]["items"]["item"]
    assert common["items"] == received
    assert common["place_modified_at"].isoformat() == "2025-12-31T15:00:00+00:00"
    (empty,) = rows(store, "SELECT count(*) FROM raw.place_details WHERE items = '[]'")
    assert done.empty == empty["count"]
    intros = rows(store, "SELECT request_params FROM raw.calls WHERE operation = 'detailIntro2'")
    assert {row["request_params"]["contentTypeId"] for row in intros} == {"12"}


def test_a_small_quota_is_kept_to_and_the_next_days_go_on_where_it_ended(store: str, sandbox: RunningSandbox) -> None:
    sandbox.change(daily_limit=10)
    asked = []
    for _ in range(4):
        next_day()
        done = collect_region(sandbox.url, store, limit=10)
        assert done.stopped_by is None
        asked.append(done.asked.get("detailCommon2", 0))
    assert asked == [9, 9, 2, 0], "one in ten calls is held back for the day"
    assert answered(store) == {(operation, place): 1 for operation in OPERATIONS for place in LISTED}
    assert sandbox.status()["violations"] == []


def test_a_second_collection_of_a_day_does_not_begin_the_allotment_anew(store: str, sandbox: RunningSandbox) -> None:
    next_day()
    assert collect_region(sandbox.url, store, limit=10).calls == 36
    assert collect_region(sandbox.url, store, limit=10).calls == 0


def test_a_quota_that_ends_early_stops_it_with_what_came_kept_and_the_next_day_resumes(
    store: str, sandbox: RunningSandbox
) -> None:
    next_day()
    sandbox.change(daily_limits={"detailIntro2": 5})
    stopped = collect_region(sandbox.url, store)
    assert isinstance(stopped.stopped_by, ExhaustedError)
    assert stopped.asked == {**dict.fromkeys(OPERATIONS, 20), "detailIntro2": 5}
    assert len(known_places(store, "detailIntro2")) == 5
    assert isinstance(collect_region(sandbox.url, store).stopped_by, ExhaustedError)
    next_day()
    sandbox.change(daily_limits={})
    assert collect_region(sandbox.url, store).asked == {"detailIntro2": 15}
    assert known_places(store, "detailIntro2") == LISTED


def test_places_that_changed_come_back_into_the_queue_and_no_others(store: str) -> None:
    with RunningSandbox(catalogue=synthetic_korea(scale=0.02), clock=CLOCK) as sandbox:
        collect(sandbox.url, store, "11")
        collect_region(sandbox.url, store, "11")
        before = answered(store)
        shown = known_places(store)
        times = {row["content_id"]: row["modified_at"] for row in rows(store, "SELECT * FROM raw.place_items")}
        sandbox.advance(days=20)
        next_day()
        collect(sandbox.url, store, "11")
        now_listed = rows(store, "SELECT * FROM raw.place_items WHERE is_visible AND absent_since IS NULL")
        changed = {row["content_id"] for row in now_listed if times.get(row["content_id"]) != row["modified_at"]}
        assert changed & shown, "the days were long enough for a change"
        done = collect_region(sandbox.url, store, "11")
        assert done.asked == dict.fromkeys(OPERATIONS, len(changed))
        assert answered(store) - before == {(operation, place): 1 for operation in OPERATIONS for place in changed}
        next_day()
        assert collect_region(sandbox.url, store, "11").calls == 0


def test_a_collection_killed_between_answers_and_merge_loses_nothing_and_asks_nothing_again(
    store: str, sandbox: RunningSandbox
) -> None:
    assert len(LISTED) < BATCH, "nothing is merged before the end"
    sandbox.change(latency=0.05)
    program = "weatherflick_assets_tests.places.detailing"
    command = [sys.executable, "-m", program, sandbox.url, store, CLOCK().isoformat()]
    with subprocess.Popen(command, stderr=subprocess.DEVNULL) as collector:
        while answered(store).total() < 10:
            assert collector.poll() is None, "it ended before it could be killed"
        collector.kill()
    while rows(store, _OTHER_CONNECTIONS):
        pass  # what the server has begun for the killed process it ends
    kept = answered(store)
    assert known_places(store) == set()
    sandbox.change(latency=0)
    done = collect_region(sandbox.url, store)
    assert done.recalled == kept.total()
    assert done.planned == 4 * len(LISTED) - kept.total()
    assert answered(store) == {(operation, place): 1 for operation in OPERATIONS for place in LISTED}
    assert all(known_places(store, operation) == LISTED for operation in OPERATIONS)


def test_what_a_person_asked_whole_counts_as_asked_and_parts_of_an_answer_do_not(
    store: str, sandbox: RunningSandbox
) -> None:
    async def ask() -> None:
        async with (
            ResponseStore(store, run_id=None, partition_key=None) as raw,
            UpstreamClient(access(sandbox.url), raw.keep, store, clock=CLOCK) as client,
        ):
            operation = OPERATION_BY_NAME["detailImage2"]
            await client.call(operation, {"contentId": "1", "numOfRows": "1000", "pageNo": "1"})
            await client.call(operation, {"contentId": "2", "numOfRows": "1", "pageNo": "1"})

    asyncio.run(ask())
    done = collect_region(sandbox.url, store)
    assert (done.recalled, done.asked["detailImage2"]) == (1, 19)


def test_blank_answers_never_take_what_was_known(store: str) -> None:
    merge(store, 0, [item("1")])
    said: dict[str, object] = {"overview": "좋은 곳", "homepage": "https://a.example"}

    async def handle(request: web.Request) -> web.Response:
        is_common = request.path.endswith("detailCommon2")
        return web.Response(body=envelope([{"contentid": "1", **said}] if is_common else []))

    collect_from(handler=handle, dsn=store)
    execute(store, "UPDATE raw.place_items SET modified_at = '2026-06-01+09'")
    said["overview"] = " "
    next_day()
    collect_from(handler=handle, dsn=store)
    row = details_of(store, "detailCommon2")["1"]
    assert row["items"] == [{"contentid": "1", "overview": "좋은 곳", "homepage": "https://a.example"}]
    (first, _second) = rows(store, "SELECT response_id FROM raw.calls WHERE operation = 'detailCommon2' ORDER BY 1")
    assert row["kept_from"] == {"overview": first["response_id"]}


def failing(places: set[str], how: Callable[[], web.StreamResponse | None]) -> Handler:
    """A host that answers about all but some places; None: it breaks the connection off."""

    async def handle(request: web.Request) -> web.StreamResponse:
        if request.query["contentId"] not in places:
            return web.Response(body=envelope([{"contentid": request.query["contentId"]}]))
        if (response := how()) is None:
            assert request.transport is not None
            request.transport.abort()
        return response or web.Response()

    return handle


REFUSAL = {"responseTime": "", "resultCode": "10", "resultMsg": "INVALID_REQUEST_PARAMETER_ERROR(contentId)"}

OF_A_PLACE = {
    "refused": lambda: web.json_response(REFUSAL),
    "not found": lambda: web.Response(status=404),
    "server error": lambda: web.Response(status=500, text="Unexpected errors"),
    "unavailable": lambda: web.Response(status=503),
    "application error": lambda: web.json_response({"resultCode": "01", "resultMsg": "APPLICATION_ERROR"}),
    "no envelope": lambda: web.Response(text="it broke", content_type="application/json"),
    "cut off": lambda: web.Response(body=envelope([{"contentid": "3"}])[:-9]),
    "a page": lambda: web.Response(text="<html>Sorry</html>", content_type="text/html"),
    "another shape": lambda: web.json_response({"response": {"header": {"resultCode": "0000"}, "body": 7}}),
    "nothing": web.Response,
    "another place": lambda: web.Response(body=envelope([{"contentid": "999999"}])),
    "connection lost": lambda: None,
}
"""How the answer about one place can fail, while the others come."""


@pytest.mark.fault(
    "Blast radius",
    "the answer about one place fails, however often it is asked for",
    "the place is put off, counted and shown; every other place is asked",
)
@pytest.mark.parametrize("how", OF_A_PLACE.values(), ids=OF_A_PLACE)
def test_a_place_that_cannot_be_read_is_put_off_and_the_line_goes_on(
    store: str, how: Callable[[], web.StreamResponse | None]
) -> None:
    merge(store, 0, [item(content_id) for content_id in sorted(LISTED)])
    bad = {"3", "4", "5"}  # one after another in the line
    host = failing(bad, how)
    done = collect_from(host, store)
    assert done.stopped_by is None
    assert done.asked == dict.fromkeys(OPERATIONS, 17)
    assert {name: reasons.keys() for name, reasons in done.unreadable.items()} == dict.fromkeys(OPERATIONS, bad)
    assert all(known_places(store, operation) == LISTED - bad for operation in OPERATIONS)
    assert collect_from(host, store).planned == 0, "not asked again on the same day"


@pytest.mark.fault(
    "Blast radius",
    "a place fails day after day",
    "the distance before it is asked again doubles, up to 64 days; its first good answer ends that",
)
def test_the_distance_before_a_place_is_asked_again_grows_until_it_is_answered(store: str) -> None:
    merge(store, 0, [item("1"), item("2")])
    host = failing({"1"}, OF_A_PLACE["refused"])
    asked_on = []
    for day in range(16):
        if any("1" in reasons for reasons in collect_from(host, store).unreadable.values()):
            asked_on.append(day)
        next_day()
    assert asked_on == [0, 1, 3, 7, 15]
    (row, *_) = rows(store, "SELECT * FROM ops.unreadable_details ORDER BY operation")
    assert (row["content_id"], row["failures"], row["operation"]) == ("1", 5, "detailCommon2")
    assert row["reason"]
    CLOCK.time = row["not_before"] + timedelta(minutes=1)
    assert collect_from(failing(set(), OF_A_PLACE["refused"]), store).unreadable == {}
    assert rows(store, "SELECT * FROM ops.unreadable_details") == []


@pytest.mark.fault(
    "Blast radius",
    "one operation fails for every place",
    "it ends for the day with an error; the other operations are asked to their end",
)
def test_an_operation_that_fails_for_every_place_ends_alone(store: str) -> None:
    merge(store, 0, [item(content_id) for content_id in sorted(LISTED)])
    fails, answers = failing(set(LISTED), OF_A_PLACE["refused"]), failing(set(), OF_A_PLACE["refused"])

    async def handle(request: web.Request) -> web.StreamResponse:
        return await (fails if request.path.endswith("detailIntro2") else answers)(request)

    done = collect_from(handle, store)
    assert isinstance(done.stopped_by, UpstreamError)
    assert done.asked == {name: 20 for name in OPERATIONS if name != "detailIntro2"}
    assert FAILURES_OF_PLACES <= len(done.unreadable["detailIntro2"]) < FAILURES_OF_PLACES + 3
    assert known_places(store, "detailIntro2") == set()


KEY_REFUSED = {"resultCode": "30", "resultMsg": "SERVICE_KEY_IS_NOT_REGISTERED_ERROR"}


@pytest.mark.fault(
    "Blast radius",
    "the key is refused for one place, and works for others",
    "the place is put off like one that can't be read; the key stays in use and the line goes on",
)
@pytest.mark.parametrize(
    "bad", [{"1"}, {"8"}, {"20"}, {"3", "4", "5"}, {"2", "11", "17"}], ids=lambda bad: "-".join(sorted(bad))
)
def test_a_place_for_which_the_key_is_refused_is_put_off_and_the_key_goes_on(store: str, bad: set[str]) -> None:
    merge(store, 0, [item(content_id) for content_id in sorted(LISTED)])
    host = failing(bad, lambda: web.json_response(KEY_REFUSED, status=401))
    done = collect_from(host, store)
    assert done.stopped_by is None
    assert {name: reasons.keys() for name, reasons in done.unreadable.items()} == dict.fromkeys(OPERATIONS, bad)
    assert done.asked == dict.fromkeys(OPERATIONS, 20 - len(bad))
    assert rows(store, "SELECT FROM ops.api_key_refusals WHERE refused_until > %s", CLOCK.time) == []
    assert collect_from(host, store).planned == 0, "not asked again on the same day"


def test_a_key_that_is_refused_for_every_place_ends_it_after_two_requests_and_puts_no_place_off(store: str) -> None:
    merge(store, 0, [item(content_id) for content_id in sorted(LISTED)])
    done = collect_from(failing(set(LISTED), lambda: web.json_response(KEY_REFUSED, status=401)), store)
    assert isinstance(done.stopped_by, RefusedKeyError)
    assert done.unreadable == {}
    assert done.calls <= 2 + PATIENT_KTO.rate_limit.in_flight
    (refusal,) = rows(store, "SELECT * FROM ops.api_key_refusals")
    assert (refusal["code"], refusal["request"]) == ("30", None)


def test_a_key_that_is_refused_from_some_moment_on_ends_it_soon(store: str) -> None:
    merge(store, 0, [item(content_id) for content_id in sorted(LISTED)])
    answers = 0

    async def handle(request: web.Request) -> web.StreamResponse:
        nonlocal answers
        answers += 1
        return await failing(
            set(LISTED) if answers > 30 else set(), lambda: web.json_response(KEY_REFUSED, status=401)
        )(request)

    done = collect_from(handle, store)
    assert isinstance(done.stopped_by, RefusedKeyError)
    assert sum(map(len, done.unreadable.values())) <= PATIENT_KTO.rate_limit.in_flight
    assert done.calls <= 30 + 2 + 1 + PATIENT_KTO.rate_limit.in_flight


def test_an_operation_that_refuses_everything_stops_after_a_few_calls(store: str) -> None:
    merge(store, 0, [item(content_id) for content_id in sorted(LISTED)])
    done = collect_from(failing(set(LISTED), OF_A_PLACE["refused"]), store)
    assert isinstance(done.stopped_by, PermanentError)
    assert known_places(store) == set()
    assert done.calls <= 4 * (FAILURES_OF_PLACES + 10)


def test_an_upstream_in_trouble_ends_it_and_what_came_is_merged(store: str) -> None:
    merge(store, 0, [item(content_id) for content_id in sorted(LISTED)])
    answers = 0

    async def handle(request: web.Request) -> web.Response:
        nonlocal answers
        answers += 1
        if answers > 8:
            return web.Response(status=500, text="Unexpected errors")
        return web.Response(body=envelope([{"contentid": request.query["contentId"]}]))

    done = collect_from(handle, store)
    assert isinstance(done.stopped_by, TransientError)
    assert len(rows(store, "SELECT FROM raw.place_details")) == sum(done.asked.values()) == 8


def test_regions_collected_at_the_same_time_share_one_plan_and_keep_to_it(store: str) -> None:
    listed = [item(str(number), lDongRegnCd=region) for number, region in enumerate(["50", "11"] * 15)]
    with RunningSandbox(catalogue=Catalogue.from_rows(listed), clock=CLOCK) as sandbox:
        for region in ("50", "11"):
            collect(sandbox.url, store, region)
        next_day()
        together = threading.Barrier(2)

        def work(region: str) -> None:
            together.wait()
            collect_region(sandbox.url, store, region, limit=20)

        threads = [threading.Thread(target=work, args=(region,)) for region in ("50", "11")]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    assert len({row["planned_at"] for row in rows(store, "SELECT planned_at FROM ops.collection_plan")}) == 1
    assert set(answered(store).values()) == {1}
    assert len(known_places(store)) == 19


def test_details_of_every_kind_survive_a_bad_day(store: str) -> None:
    with RunningSandbox(
        catalogue=synthetic_korea(scale=0.01), clock=CLOCK, behaviour=Behaviour(fault_rate=0.05)
    ) as sandbox:
        collect(sandbox.url, store, "11")
        asked = 0
        for _ in range(5):
            asked += sum(collect_region(sandbox.url, store, "11").asked.values())
        shown = rows(store, "SELECT FROM raw.place_items WHERE is_visible AND absent_since IS NULL")
    assert asked == 4 * len(shown)
    assert len(rows(store, "SELECT FROM raw.place_details")) == 4 * len(shown)
