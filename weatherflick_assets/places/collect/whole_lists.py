"""Reads a list of the whole country: fetches all its pages into the raw layer, counts them, and resumes."""

from collections.abc import AsyncIterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime

from weatherflick_assets.upstream.client import Answer, UpstreamClient
from weatherflick_assets.upstream.declarations import Operation
from weatherflick_assets.upstream.errors import UpstreamError
from weatherflick_assets.upstream.outcomes import Reply, read_answer
from weatherflick_assets.upstream.sweep import Sweep, sweep
from weatherflick_assets.warehouse.response_store import ResponseStore


@dataclass(frozen=True)
class ReceivedItem:
    """A row of a list as received, with its response."""

    item: Mapping[str, object]
    response_id: int
    fetched_at: datetime


@dataclass(frozen=True)
class WholeList:
    """A steady list. A page that was read twice contributes the rows of both readings, later answers last."""

    items: list[ReceivedItem]
    sweep: Sweep


async def read_whole_list(
    client: UpstreamClient,
    responses: ResponseStore,
    operation: Operation,
    parameters: Mapping[str, str],
    *,
    id_field: str,
    resumed_from: datetime | None = None,
) -> WholeList:
    """Read all pages of a list that fits in memory, say up to 10,000 rows.

    Args:
        client: the provider's client.
        responses: the raw layer, open.
        operation: a list operation.
        parameters: the request without page number and page size.
        id_field: the field that identifies a row.
        resumed_from: when the interrupted collection began. Pages read since then are not fetched again.

    Raises:
        UpstreamError: a page could not be fetched, or the list differs with every reading. The responses received are
            kept.
    """
    items: list[ReceivedItem] = []

    async def take(answer: Answer) -> None:
        items.extend(ReceivedItem(item, answer.response_id, answer.fetched_at) for item in answer.page.items)

    recalled = recall_pages(client, responses, operation, parameters, resumed_from)
    swept = await sweep(client, operation, parameters, id_field=id_field, take=take, recalled=recalled)
    swept.require_steady(
        f"The list {operation.name}", "What was received is kept, and nothing was made of it. Collect it again later."
    )
    return WholeList(items, swept)


async def recall_pages(
    client: UpstreamClient,
    responses: ResponseStore,
    operation: Operation,
    parameters: Mapping[str, str],
    since: datetime | None,
    *,
    page: int | None = None,
) -> AsyncIterator[tuple[int, Answer]]:
    """The good pages of a list read since `since`, by number; or only the answers for one `page`, of any size.

    Pages of another size than is asked for first have other numbers, so they are left out.
    """
    if since is None:
        return
    pager = operation.pager
    asked, page_parameters = parameters, operation.page_parameters
    if page is not None:
        asked, page_parameters = {**parameters, pager.position: operation.page(page)[pager.position]}, (pager.size,)
    recalled = responses.recall(
        client.provider.name, operation.name, asked, page_parameters=page_parameters, since=since
    )
    async for response in recalled:
        if page is None and response.request_params.get(pager.size) != operation.page(1)[pager.size]:
            continue
        with suppress(UpstreamError):
            reply = Reply(response.http_status, {}, response.body)
            read = read_answer(operation, reply, needs_total=page is not None)
            yield pager.number(response.request_params), Answer(read, response.response_id, response.fetched_at)
