"""Reading a list page by page: everything once, only what is in doubt again, or a clear word that it does not add up.

Lists that move at random while they are read stand in `test_moving_lists.py`.
"""

import asyncio
import tracemalloc
from collections.abc import Awaitable, Callable, Collection
from dataclasses import replace

import orjson
import pytest
from aiohttp import web
from hypothesis import given, settings
from hypothesis import strategies as st

from weatherflick_assets.upstream.client import Answer
from weatherflick_assets.upstream.errors import IncompleteSweepError, PermanentError, TransientError, UpstreamError
from weatherflick_assets.upstream.sweep import MOST_PAGES, Sweep, TakePage, sweep
from weatherflick_assets_tests.upstream.hosts import (
    PATIENT_KTO,
    Kept,
    always,
    client_of,
    envelope,
    gateway_error,
    paged_by,
    serving,
)

Item = dict[str, object]
AnswerTo = Callable[[int, int, int], tuple[list[Item], int]]
"""(how many requests came before, page, rows per page) to the items and the total."""

NONSENSE = 2**31 - 1


def rows(count: int) -> list[Item]:
    return [{"contentid": str(number), "title": f"place {number}"} for number in range(count)]


def page_of(items: list[Item], page: int, size: int) -> list[Item]:
    return items[(page - 1) * size : page * size]


def still(items: list[Item], total: int | None = None) -> AnswerTo:
    return lambda _before, page, size: (page_of(items, page, size), len(items) if total is None else total)


def changing(versions: dict[int, list[Item]]) -> AnswerTo:
    """A list by how many requests have been answered when it becomes so."""

    def answer_to(before: int, page: int, size: int) -> tuple[list[Item], int]:
        items = versions[max(since for since in versions if since <= before)]
        return page_of(items, page, size), len(items)

    return answer_to


class ListHost:
    """A server of one list that remembers which pages were asked for."""

    def __init__(self, answer_to: AnswerTo) -> None:
        self.answer_to = answer_to
        self.asked: list[int] = []

    async def __call__(self, request: web.Request) -> web.Response:
        page = int(request.query["pageNo"])
        items, total = self.answer_to(len(self.asked), page, int(request.query["numOfRows"]))
        self.asked.append(page)
        return web.Response(body=envelope(items, total))


def swept(
    handler: Callable[[web.Request], Awaitable[web.StreamResponse]],
    *,
    rows_per_page: int = 10,
    take: TakePage | None = None,
) -> tuple[Sweep, list[Item]]:
    """The sweep of the list that `handler` serves, and every item that was handed on."""
    taken: list[Item] = []

    async def collect(answer: Answer) -> None:
        taken.extend(answer.page.items)

    async def run() -> Sweep:
        provider = replace(PATIENT_KTO, attempts=2)
        async with serving(handler) as url, client_of(url, Kept(), provider=provider) as client:
            operation = replace(paged_by(rows_per_page), provider=provider)
            return await sweep(client, operation, {"contentTypeId": "12"}, id_field="contentid", take=take or collect)

    return asyncio.run(run()), taken


def ids_of(items: list[Item]) -> set[object]:
    return {item["contentid"] for item in items}


@settings(max_examples=15, deadline=None)
@given(st.integers(0, 60), st.integers(1, 25))
def test_any_list_in_any_page_size_is_read_whole_and_once(count: int, size: int) -> None:
    host = ListHost(still(rows(count)))
    result, taken = swept(host, rows_per_page=size)
    pages = max(1, -(-count // size))
    assert result == Sweep(
        total_count=count,
        pages=pages,
        rows=count,
        items_seen=count,
        unkeyed=0,
        readings=1,
        reread_pages=0,
        damaged=0,
        uncounted=0,
        is_complete=True,
        is_steady=True,
    )
    assert sorted(str(item["contentid"]) for item in taken) == sorted(str(number) for number in range(count))
    assert sorted(host.asked) == list(range(1, pages + 1))


def test_an_empty_list_is_complete_after_one_page() -> None:
    result, taken = swept(ListHost(still([])))
    assert result.is_complete
    assert (result.total_count, result.pages, taken) == (0, 1, [])


def test_rows_without_an_id_are_counted_and_complete_the_sum() -> None:
    items = [
        *rows(13),
        {"contentid": ""},
        {"title": "no id"},
        {"contentid": None},
        {"contentid": "  "},
        {"contentid": []},
    ]
    result, taken = swept(ListHost(still(items)))
    assert result.is_complete
    assert (result.items_seen, result.unkeyed, len(taken)) == (13, 5, 18)


def test_whole_pages_of_rows_without_an_id_are_read_like_any_other() -> None:
    result, taken = swept(ListHost(still([{"title": f"place {number}"} for number in range(35)])))
    assert result.is_complete
    assert (result.unkeyed, len(taken), result.pages) == (35, 35, 4)


def test_an_id_is_the_same_whether_written_as_text_or_as_a_number() -> None:
    result, _ = swept(ListHost(still([{"contentid": 126508}, {"contentid": " 126509 "}])))
    assert (result.items_seen, result.is_complete) == (2, True)
    result, _ = swept(ListHost(still([{"contentid": 126508}, {"contentid": " 126508 "}])))
    assert (result.items_seen, result.is_complete) == (1, False)


NEW: Item = {"contentid": "new"}


@pytest.mark.parametrize("position", [0, 37, 95, 99, 100, 150, 200])
@pytest.mark.parametrize("answered", [1, 10, 19])
def test_an_insertion_costs_the_pages_that_it_shifted_after_they_were_read(position: int, answered: int) -> None:
    before = rows(200)
    after = [*before[:position], NEW, *before[position:]]
    host = ListHost(changing({0: before, answered: after}))
    result, taken = swept(host)
    assert result.is_complete
    assert result.items_seen == 201
    assert ids_of(taken) == ids_of(after)
    shifted = max(0, answered - position // 10)
    assert result.reread_pages <= shifted + 1
    assert result.pages == len(host.asked) == 21 + result.reread_pages


@pytest.mark.parametrize("position", [0, 37, 199])
@pytest.mark.parametrize("answered", [1, 10, 19])
def test_after_a_deletion_the_pages_that_were_read_before_it_are_read_again(position: int, answered: int) -> None:
    before = rows(200)
    after = [*before[:position], *before[position + 1 :]]
    result, taken = swept(ListHost(changing({0: before, answered: after})))
    assert result.is_complete
    assert (result.items_seen, result.readings) == (199, 2)
    assert ids_of(after) <= ids_of(taken)
    assert result.reread_pages <= answered + 1


def test_a_row_that_moved_to_a_page_already_read_is_found_there() -> None:
    before = rows(200)
    after = [*before[:70], before[185], *before[70:185], *before[186:]]
    result, taken = swept(ListHost(changing({0: before, 10: after})))
    assert result.is_complete
    assert ids_of(taken) == ids_of(before)
    assert 1 <= result.reread_pages <= 5


def test_a_list_that_lost_whole_pages_while_it_was_read_ends_where_it_now_ends() -> None:
    result, taken = swept(ListHost(changing({0: rows(100), 4: rows(33)})))
    assert result.is_complete
    assert (result.items_seen, result.total_count) == (33, 33)
    assert ids_of(rows(33)) <= ids_of(taken)


def test_a_list_that_grew_by_whole_pages_while_it_was_read_is_read_to_its_new_end() -> None:
    result, taken = swept(ListHost(changing({0: rows(40), 3: rows(95)})))
    assert result.is_complete
    assert (result.items_seen, len(taken)) == (95, 95)


@pytest.mark.parametrize(
    ("odd_items", "odd_total"), [([], 0), ([], 75), (rows(3), 75), (rows(25), 75), (rows(10), NONSENSE)]
)
@pytest.mark.parametrize("odd_page", [1, 4, 8])
def test_one_odd_answer_does_not_cost_the_list(odd_items: list[Item], odd_total: int, odd_page: int) -> None:
    odd: set[int] = set()

    def answer_to(_: int, page: int, size: int) -> tuple[list[Item], int]:
        if page == odd_page and page not in odd:
            odd.add(page)
            return odd_items, odd_total
        return page_of(rows(75), page, size), 75

    result, taken = swept(ListHost(answer_to))
    # An empty first page is an empty list to anyone; an answer that names another total is not believed over the rest.
    if (odd_page, odd_total) == (1, 0):
        assert (result.is_complete, result.total_count, result.pages) == (True, 0, 1)
    else:
        assert (result.is_complete, result.items_seen, ids_of(taken)) == (True, 75, ids_of(rows(75)))
        assert result.reread_pages <= 4


def test_a_row_that_slips_away_between_two_changes_that_cancel_out_is_seen_by_nobody() -> None:
    before = rows(20)
    after = [*before[:5], *before[6:], NEW]
    result, taken = swept(ListHost(changing({0: before, 1: after})))
    assert "10" in ids_of(before) & ids_of(after)
    assert "10" not in ids_of(taken)
    # The same as if this list had stood still.
    assert (result, taken) == swept(ListHost(still(taken)))


NEVER_ADDING_UP: dict[str, AnswerTo] = {
    "too few": still(rows(25), total=26),
    "too many": still(rows(25), total=24),
    "three too few, always": still(rows(25), total=28),
    "a page too few, always": still(rows(20), total=23),
    "one short page": still(rows(7), total=10),
    "one page repeated": lambda _before, _page, _size: (rows(10), 25),
    "an id on two pages": still([*rows(24), rows(1)[0]]),
    "an id twice on a page": still([*rows(3), rows(1)[0], *rows(25)[3:]]),
    "a short page in the middle": lambda _before, page, size: (page_of(rows(25), page, size - (page == 2)), 25),
    "an empty page in the middle": lambda _before, page, size: (page_of(rows(25), page, size) if page != 2 else [], 25),
    "no total": lambda _before, _page, _size: (rows(5), 0),
}


@pytest.mark.fault(
    "Blast radius", "a list never adds up, in the same way each time", "what was seen is used, no absences"
)
@pytest.mark.parametrize("answer_to", NEVER_ADDING_UP.values(), ids=NEVER_ADDING_UP)
def test_a_list_that_never_adds_up_in_the_same_way_is_steady_and_proves_nothing_gone(answer_to: AnswerTo) -> None:
    host = ListHost(answer_to)
    result, taken = swept(host)
    assert (result.is_complete, result.is_steady) == (False, True)
    assert result.readings == 2
    assert taken
    result.require_steady("The list", "")
    assert "does not add up" in result.doubt("The list")
    # The pages in doubt are read once more, and a first page that seems short is once followed.
    assert len(host.asked) <= 2 * 3 + 1


@pytest.mark.parametrize(
    "answer_to",
    [lambda before, page, size: (page_of(rows(25), page, size), 25 + before), still([], total=25)],
    ids=["a total that never holds still", "no rows"],
)
def test_a_list_that_differs_with_every_reading_or_shows_nothing_is_given_up(answer_to: AnswerTo) -> None:
    result, _ = swept(ListHost(answer_to))
    assert (result.is_complete, result.is_steady) == (False, False)
    with pytest.raises(IncompleteSweepError):
        result.require_steady("The list", "")


@pytest.mark.fault("Blast radius", "an upstream gives fewer rows on a page than asked", "its page size is followed")
@pytest.mark.parametrize("offset_by", ["asked size", "size of its own"])
@pytest.mark.parametrize(("count", "cap"), [(25, 4), (100, 7), (11, 10), (1000, 1), (30, 9)])
def test_a_page_size_that_the_upstream_lowers_is_followed(count: int, cap: int, offset_by: str) -> None:
    def answer_to(_: int, page: int, size: int) -> tuple[list[Item], int]:
        step = size if offset_by == "asked size" else min(size, cap)
        return rows(count)[(page - 1) * step :][: min(size, cap)], count

    host = ListHost(answer_to)
    result, taken = swept(host, rows_per_page=20)
    assert result.is_complete
    assert (result.items_seen, ids_of(taken)) == (count, ids_of(rows(count)))
    assert len(host.asked) == len(set(host.asked)) == -(-count // cap)


@pytest.mark.fault(
    "Blast radius", "an upstream lowers its page size while a list is read", "every row is read, and none of them twice"
)
@pytest.mark.parametrize(
    ("since", "offset_by"),
    [("a moment", "asked size"), ("a moment", "size of its own"), ("a page", "asked size")],
)
@pytest.mark.parametrize("answered", [1, 2, 3, 4, 5, 8, 9])
@pytest.mark.parametrize(("count", "cap"), [(100, 4), (95, 5), (93, 7), (91, 9), (99, 1)])
def test_a_page_size_that_the_upstream_lowers_in_mid_sweep_is_followed(
    count: int, cap: int, answered: int, since: str, offset_by: str
) -> None:
    def answer_to(before: int, page: int, size: int) -> tuple[list[Item], int]:
        is_lowered = before >= answered if since == "a moment" else (page - 1) * size >= answered * 10
        given = min(size, cap) if is_lowered else size
        step = size if offset_by == "asked size" else given
        return rows(count)[(page - 1) * step :][:given], count

    host = ListHost(answer_to)
    result, taken = swept(host)
    assert result.is_complete
    assert (result.items_seen, ids_of(taken)) == (count, ids_of(rows(count)))
    # What was read whole is not read again, and few pages are read before the lowering is noticed.
    assert len(host.asked) <= answered + -(-(count - answered * 10) // cap) + 4 * PATIENT_KTO.rate_limit.in_flight


def test_a_page_size_that_is_lowered_twice_is_followed_twice() -> None:
    def answer_to(before: int, page: int, size: int) -> tuple[list[Item], int]:
        return page_of(rows(300), page, size)[: 100 if before < 4 else 7 if before < 20 else 3], 300

    result, taken = swept(ListHost(answer_to))
    assert (result.is_complete, ids_of(taken)) == (True, ids_of(rows(300)))


@pytest.mark.fault("Blast radius", "the id of a row is damaged", "the list is used, and proves no absences")
@pytest.mark.parametrize("damage", [b"\xff", b"\x01", b"\xec\x8b"])
def test_a_row_whose_id_is_damaged_is_not_taken_to_be_gone(damage: bytes) -> None:
    whole = envelope(rows(5))
    broken = whole.replace(b'"contentid":"3"', b'"contentid":"' + damage + b'"')
    result, taken = swept(always(broken))
    assert (result.is_complete, result.is_steady, result.damaged, result.readings) == (False, True, 1, 1)
    assert len(taken) == 5
    result, _ = swept(always(whole.replace(b"place 3", b"place " + damage)))
    assert (result.is_complete, result.damaged) == (True, 0)


NO_TOTALS = ["many", None, -1, "", 7.5, "1e3", [], 10**12, "\u0663"]


def without_totals(
    count: int, total: object, *, only: Collection[int] = ()
) -> Callable[[web.Request], Awaitable[web.Response]]:
    """A list whose total can't be read, on the pages given or on all."""

    async def handle(request: web.Request) -> web.Response:
        page, size = int(request.query["pageNo"]), int(request.query["numOfRows"])
        body = orjson.loads(envelope(page_of(rows(count), page, size), count))
        if not only or page in only:
            body["response"]["body"]["totalCount"] = total
        return web.Response(body=orjson.dumps(body))

    return handle


@pytest.mark.fault("Blast radius", "the total of a list can't be read", "what was read is used, and proves no absences")
@pytest.mark.parametrize("total", NO_TOTALS, ids=str)
@pytest.mark.parametrize("count", [1, 25, 30])
def test_a_list_whose_total_cannot_be_read_is_read_to_its_end_and_proves_nothing_gone(
    count: int, total: object
) -> None:
    result, taken = swept(without_totals(count, total))
    assert (result.is_complete, result.is_steady, result.items_seen) == (False, True, count)
    assert ids_of(taken) == ids_of(rows(count))
    assert result.pages <= -(-count // 10) + 2
    result.require_steady("The list", "")
    assert "can't be read" in result.doubt("The list")


@pytest.mark.parametrize("page", [1, 2, 3])
def test_where_one_total_cannot_be_read_the_others_count(page: int) -> None:
    result, taken = swept(without_totals(25, "many", only=[page]))
    assert (result.is_complete, result.is_steady, result.uncounted, result.total_count) == (False, True, 1, 25)
    assert ids_of(taken) == ids_of(rows(25))
    assert result.pages <= 6


def test_an_empty_page_in_the_middle_does_not_keep_the_pages_behind_it_from_being_taken() -> None:
    host = ListHost(lambda _before, page, size: (page_of(rows(200), page, size) if page != 3 else [], 200))
    result, taken = swept(host)
    assert not result.is_complete
    assert result.items_seen == 190
    assert len(ids_of(taken)) == 190


@pytest.mark.parametrize(
    "answer_to",
    [
        still(rows(25), total=NONSENSE),
        still([], total=NONSENSE),
        lambda _before, _page, _size: (rows(10), NONSENSE),
        lambda before, page, _size: ([{"contentid": f"{page}-{row}"} for row in range(10)], 25 + 10 * before),
        lambda before, page, size: (page_of(rows(25), page, size), 25 * 2**before),
    ],
    ids=["rows end", "no rows", "one page for ever", "a list that grows for ever", "a total that doubles"],
)
def test_a_total_that_is_nonsense_costs_few_calls(answer_to: AnswerTo) -> None:
    host = ListHost(answer_to)
    result, _ = swept(host)
    assert not result.is_complete
    assert len(host.asked) <= 60


def test_a_host_that_makes_up_rows_for_ever_is_left_at_a_declared_page() -> None:
    host = ListHost(lambda _before, page, _size: ([{"contentid": str(page)}], NONSENSE))
    result, _ = swept(host, rows_per_page=1)
    assert not result.is_complete
    assert sorted(host.asked) == list(range(1, MOST_PAGES + 1))


def test_of_a_page_no_more_is_kept_than_eight_bytes_an_id_and_a_little() -> None:
    kept: list[int] = []

    async def measure(_: Answer) -> None:
        if host.asked[-1] == 40:
            ours = tracemalloc.take_snapshot().filter_traces([tracemalloc.Filter(True, sweep.__code__.co_filename)])
            kept.append(sum(trace.size for trace in ours.traces))

    host = ListHost(still(rows(20_000)))
    tracemalloc.start()
    try:
        result, _ = swept(host, rows_per_page=500, take=measure)
    finally:
        tracemalloc.stop()
    assert result.is_complete
    assert kept
    assert max(kept) < 10 * 20_000


@pytest.mark.parametrize(
    ("answer", "kind"), [((400, gateway_error("12")), PermanentError), ((500, b"Unexpected errors"), TransientError)]
)
@pytest.mark.parametrize("failing_page", [1, 3])
def test_a_page_that_fails_raises_its_own_error(
    failing_page: int, answer: tuple[int, bytes], kind: type[UpstreamError]
) -> None:
    host = ListHost(still(rows(60)))

    async def handle(request: web.Request) -> web.StreamResponse:
        if request.query["pageNo"] == str(failing_page):
            return web.Response(status=answer[0], body=answer[1])
        return await host(request)

    with pytest.raises(UpstreamError) as caught:
        swept(handle)
    assert type(caught.value) is kind


def test_when_a_page_fails_what_is_under_way_is_waited_for_and_taken() -> None:
    host = ListHost(still(rows(40)))
    taking, under_way, refused, came = (asyncio.Event() for _ in range(4))
    taken: list[object] = []

    async def handle(request: web.Request) -> web.StreamResponse:
        if request.query["pageNo"] == "3":
            await taking.wait()
            await under_way.wait()
            refused.set()
            return web.Response(status=400, body=gateway_error("12"))
        if request.query["pageNo"] == "4":
            under_way.set()
            await refused.wait()
            for _ in range(200):  # host and client share a loop: by then the client knows of the refusal
                await asyncio.sleep(0)
        return await host(request)

    async def take(answer: Answer) -> None:
        first = answer.page.items[0]["contentid"]
        if first == "10":
            taking.set()
            await came.wait()
        if first == "30":
            came.set()
        taken.append(first)

    with pytest.raises(PermanentError):
        swept(handle, take=take)
    assert taken == ["0", "30", "10"]


def test_no_page_is_asked_for_after_one_failed() -> None:
    host = ListHost(still(rows(600)))

    async def handle(request: web.Request) -> web.StreamResponse:
        if request.query["pageNo"] == "5":
            return web.Response(status=400, body=gateway_error("12"))
        return await host(request)

    with pytest.raises(PermanentError):
        swept(handle)
    assert max(host.asked) < 15


def test_trouble_in_taking_a_page_is_not_hidden() -> None:
    async def take(answer: Answer) -> None:
        if answer.page.items[0]["contentid"] == "20":
            raise OSError("the disk is full")

    with pytest.raises(OSError, match="the disk is full"):
        swept(ListHost(still(rows(60))), take=take)


def test_a_page_in_trouble_is_asked_for_again_before_the_sweep_fails() -> None:
    host = ListHost(still(rows(25)))
    troubled: set[str] = set()

    async def handle(request: web.Request) -> web.StreamResponse:
        page = request.query["pageNo"]
        if page not in troubled:
            troubled.add(page)
            return web.Response(status=502, body=b"Error receiving response from backend server")
        return await host(request)

    result, taken = swept(handle)
    assert (result.is_complete, result.readings, result.reread_pages) == (True, 1, 0)
    assert len(taken) == 25
