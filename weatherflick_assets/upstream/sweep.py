"""Reading a whole list, page by page, and knowing whether the pages add up.

Upstream lists move while they are read: rows appear, vanish and shift between pages. A sweep counts the different ids it
received against the total the upstream names; it reads again when they differ, and only a sweep that adds up may be
concluded from. Pages are fetched concurrently and handed on as they arrive, so memory does not grow with the list.
"""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field

from weatherflick_assets.upstream.client import Answer, UpstreamClient
from weatherflick_assets.upstream.declarations import Operation

READINGS = 3
"""How often a list is read at most before its sweep is given up as incomplete."""


@dataclass
class Sweep:
    """How a sweep went.

    Attributes:
        total_count: rows the upstream names; of the last page read.
        pages: pages read, re-read ones included.
        rows: rows received in the last reading, duplicates included.
        ids: different ids received in the last reading.
        unkeyed: rows of the last reading that have no id.
        readings: how often the list was read.
        is_complete: whether ids and rows without one add up to the total, and the total held still.
    """

    total_count: int = 0
    pages: int = 0
    rows: int = 0
    ids: set[str] = field(default_factory=set)
    unkeyed: int = 0
    readings: int = 0
    is_complete: bool = False


TakePage = Callable[[Answer], Awaitable[None]]
"""Receives every page once per reading; pages may come in any order."""


async def sweep(
    client: UpstreamClient,
    operation: Operation,
    parameters: Mapping[str, str],
    *,
    id_field: str,
    take: TakePage,
) -> Sweep:
    """Read all pages of a list; the caller's `take` sees each page, and must bear to see an item twice.

    Raises:
        UpstreamError: a page could not be had. Pages already taken were taken.
    """
    result = Sweep()
    while result.readings < READINGS and not result.is_complete:
        result.readings += 1
        await _read_all(client, operation, parameters, id_field, take, result)
    return result


async def _read_all(
    client: UpstreamClient,
    operation: Operation,
    parameters: Mapping[str, str],
    id_field: str,
    take: TakePage,
    result: Sweep,
) -> None:
    assert operation.rows_per_page is not None, f"{operation.name} has no pages"
    rows_per_page = operation.rows_per_page
    result.rows, result.unkeyed, result.ids = 0, 0, set()
    totals: set[int] = set()

    async def read(number: int) -> Answer:
        answer = await client.call(operation, {**parameters, "numOfRows": str(rows_per_page), "pageNo": str(number)})
        result.pages += 1
        totals.add(answer.page.total_count)
        result.total_count = answer.page.total_count
        for item in answer.page.items:
            result.rows += 1
            if identity := _identity(item.get(id_field)):
                result.ids.add(identity)
            else:
                result.unkeyed += 1
        await take(answer)
        return answer

    first = await read(1)
    pages = iter(range(2, -(-first.page.total_count // rows_per_page) + 1))

    async def work() -> None:
        for number in pages:
            await read(number)

    # A worker per permitted call takes the next page when its last is done: no more than these are ever in memory.
    try:
        async with asyncio.TaskGroup() as workers:
            for _ in range(client.provider.calls_in_flight):
                workers.create_task(work())
    except ExceptionGroup as group:
        raise group.exceptions[0] from None
    result.is_complete = len(totals) == 1 and len(result.ids) + result.unkeyed == result.total_count == result.rows


def _identity(value: object) -> str:
    """An id as text; "" for what is none. Some agencies write ids as numbers."""
    return str(value).strip() if isinstance(value, str | int) and not isinstance(value, bool) else ""
