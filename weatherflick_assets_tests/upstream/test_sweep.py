"""Reading a list page by page: everything once, or a clear word that it does not add up."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import replace

import pytest
from aiohttp import web
from hypothesis import given, settings
from hypothesis import strategies as st

from weatherflick_assets.upstream.client import Answer
from weatherflick_assets.upstream.errors import PermanentError, TransientError, UpstreamError
from weatherflick_assets.upstream.kto import KTO
from weatherflick_assets.upstream.sweep import READINGS, Sweep, sweep
from weatherflick_assets_tests.upstream.hosts import Kept, client_of, envelope, gateway_error, paged_by, serving

Item = dict[str, object]
PageOf = Callable[[int, int, int], tuple[list[Item], int]]
"""(reading, page, rows per page) to the items and the total."""


def rows(count: int) -> list[Item]:
    return [{"contentid": str(number), "title": f"place {number}"} for number in range(count)]


def pages_of(items: list[Item]) -> PageOf:
    return lambda _reading, page, size: (items[(page - 1) * size : page * size], len(items))


class ListHost:
    """A server of one list; page 1 begins a new reading."""

    def __init__(self, page_of: PageOf) -> None:
        self.page_of = page_of
        self.reading = 0
        self.asked: list[tuple[int, int]] = []

    async def __call__(self, request: web.Request) -> web.Response:
        page = int(request.query["pageNo"])
        self.reading += page == 1
        self.asked.append((self.reading, page))
        items, total = self.page_of(self.reading, page, int(request.query["numOfRows"]))
        return web.Response(body=envelope(items, total))


def swept(
    handler: Callable[[web.Request], Awaitable[web.StreamResponse]],
    *,
    rows_per_page: int = 10,
    take: Callable[[Answer], Awaitable[None]] | None = None,
) -> tuple[Sweep, list[Item]]:
    """The sweep of the list that `handler` serves, and every item that was handed on."""
    taken: list[Item] = []

    async def collect(answer: Answer) -> None:
        taken.extend(answer.page.items)

    async def run() -> Sweep:
        provider = replace(KTO, attempts=2)
        async with serving(handler) as url, client_of(url, Kept(), provider=provider) as client:
            operation = paged_by(rows_per_page)
            return await sweep(client, operation, {"contentTypeId": "12"}, id_field="contentid", take=take or collect)

    return asyncio.run(run()), taken


@settings(max_examples=15, deadline=None)
@given(st.integers(0, 60), st.integers(1, 25))
def test_any_list_in_any_page_size_is_read_whole_and_once(count: int, size: int) -> None:
    host = ListHost(pages_of(rows(count)))
    result, taken = swept(host, rows_per_page=size)
    pages = max(1, -(-count // size))
    assert result == Sweep(count, pages, count, {str(number) for number in range(count)}, 0, 1, is_complete=True)
    assert sorted(item["contentid"] for item in taken) == sorted(result.ids)  # type: ignore[type-var]
    assert sorted(host.asked) == [(1, page) for page in range(1, pages + 1)]


def test_an_empty_list_is_complete_after_one_page() -> None:
    result, taken = swept(ListHost(pages_of([])))
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
    result, taken = swept(ListHost(pages_of(items)))
    assert result.is_complete
    assert (len(result.ids), result.unkeyed, len(taken)) == (13, 5, 18)


def test_ids_written_as_numbers_are_ids() -> None:
    result, _ = swept(ListHost(pages_of([{"contentid": 126508}, {"contentid": " 126509 "}])))
    assert result.ids == {"126508", "126509"}
    assert result.is_complete


def test_a_list_that_moved_while_it_was_read_is_read_again() -> None:
    def page_of(reading: int, page: int, size: int) -> tuple[list[Item], int]:
        # In the first reading a row slipped from the second page to the first: one row twice, another never.
        items = rows(25)
        if reading == 1 and page == 2:
            items = [items[0], *items]
        return items[(page - 1) * size : page * size], 25

    result, _ = swept(ListHost(page_of))
    assert result.is_complete
    assert (result.readings, len(result.ids), result.pages) == (2, 25, 6)


def test_a_total_that_changed_between_pages_makes_it_read_again() -> None:
    def page_of(reading: int, page: int, size: int) -> tuple[list[Item], int]:
        return rows(25)[(page - 1) * size : page * size], 24 if (reading, page) == (1, 1) else 25

    result, _ = swept(ListHost(page_of))
    assert (result.is_complete, result.readings) == (True, 2)


@pytest.mark.parametrize(
    "page_of",
    [
        lambda _reading, page, size: (rows(25)[(page - 1) * size : page * size], 26),
        lambda _reading, _page, _size: (rows(10), 25),
        lambda _reading, page, size: ([*rows(24), rows(1)[0]][(page - 1) * size : page * size], 25),
        lambda reading, page, size: (rows(25)[(page - 1) * size : page * size], 25 + reading * page),
        lambda _reading, _page, _size: ([], 25),
        lambda _reading, _page, _size: (rows(5), 0),
    ],
    ids=["too few", "one page repeated", "an id twice", "a total that never holds still", "no rows", "no total"],
)
def test_a_list_that_never_adds_up_is_incomplete(page_of: PageOf) -> None:
    result, _ = swept(ListHost(page_of))
    assert not result.is_complete
    assert result.readings == READINGS


@pytest.mark.parametrize(
    ("answer", "kind"), [((400, gateway_error("12")), PermanentError), ((500, b"Unexpected errors"), TransientError)]
)
@pytest.mark.parametrize("failing_page", [1, 3])
def test_a_page_that_fails_raises_its_own_error(
    failing_page: int, answer: tuple[int, bytes], kind: type[UpstreamError]
) -> None:
    host = ListHost(pages_of(rows(60)))

    async def handle(request: web.Request) -> web.StreamResponse:
        if request.query["pageNo"] == str(failing_page):
            return web.Response(status=answer[0], body=answer[1])
        return await host(request)

    with pytest.raises(UpstreamError) as caught:
        swept(handle)
    assert type(caught.value) is kind


def test_trouble_in_taking_a_page_is_not_hidden() -> None:
    async def take(answer: Answer) -> None:
        if answer.page.items[0]["contentid"] == "20":
            raise OSError("the disk is full")

    with pytest.raises(OSError, match="the disk is full"):
        swept(ListHost(pages_of(rows(60))), take=take)


def test_a_page_in_trouble_is_asked_for_again_before_the_sweep_fails() -> None:
    host = ListHost(pages_of(rows(25)))
    troubled: set[str] = set()

    async def handle(request: web.Request) -> web.StreamResponse:
        page = request.query["pageNo"]
        if page not in troubled:
            troubled.add(page)
            return web.Response(status=502, body=b"Error receiving response from backend server")
        return await host(request)

    result, taken = swept(handle)
    assert result.is_complete
    assert result.readings == 1
    assert len(taken) == 25
