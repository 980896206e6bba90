"""Collects details: makes the calls that the plan allots to a region, most valuable place first, and merges in batches.

No call is repeated, however a collection ends. Merged answers are fresh, so the plan skips them. If a process is killed
before it merges its answers, the next collection merges them first. A place whose answer can't be read is put off, and
the others go on.
"""

import asyncio
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import timedelta

from weatherflick_assets.places.plan.plans import Ask, asks_of_region
from weatherflick_assets.places.plan.policy import PLANNED_OPERATIONS, POLICY, Policy
from weatherflick_assets.places.store.details import DetailAnswer, DetailStore
from weatherflick_assets.settings import Clock
from weatherflick_assets.upstream.access import Access
from weatherflick_assets.upstream.client import UpstreamClient
from weatherflick_assets.upstream.declarations import Operation
from weatherflick_assets.upstream.errors import (
    DownError,
    ExhaustedError,
    PermanentError,
    RefusedKeyError,
    ThrottledError,
    UpstreamError,
)
from weatherflick_assets.upstream.outcomes import Reply, read_answer
from weatherflick_assets.upstream.workers import work_through
from weatherflick_assets.warehouse.response_store import StoredResponse

BATCH = 50
"""Answers merged at once: few enough to keep memory flat."""

LOOKED_BACK = timedelta(days=7)
"""How far back to look for stored answers that were not merged."""

FAILURES_OF_PLACES = 5
"""After this many failed places without a good answer, the operation is not asked about further places."""

_OF_THE_UPSTREAM = (DownError, ThrottledError)
"""Errors that say nothing about the requested place: they end the collection."""

_OPERATION = {operation.name: operation for operation in PLANNED_OPERATIONS}


@dataclass(frozen=True)
class Details:
    """The result of collecting the details of one region.

    Attributes:
        planned: calls the plan wanted at the start.
        asked: answers received, by operation.
        empty: number of these without items.
        unreadable: why the answer about a place could not be read, by operation and place. These places are put off.
        recalled: answers of earlier collections, merged without a call.
        calls, retries: calls sent, and how many of them were retries.
        touched: partitions (content_type_id, region_code) of places whose details changed.
        stopped_by: the error that ended the collection early; None if every call was made.
    """

    planned: int
    asked: Mapping[str, int]
    empty: int
    unreadable: Mapping[str, Mapping[str, str]]
    recalled: int
    calls: int
    retries: int
    touched: frozenset[tuple[str, str]]
    stopped_by: UpstreamError | None


async def collect_details(
    client: UpstreamClient, dsn: str, region_code: str, *, access: Access, clock: Clock, policy: Policy = POLICY
) -> Details:
    """Make the calls that today's plan allots to a region and that were not made yet, and merge the answers.

    A call that fails for good, however often the client has sent it, is a failure of its place: the place is put off and
    the others go on. That is so for errors that look like trouble of the upstream, too, because a place that always gets
    one would otherwise end every collection. Many failures without a good answer end their operation, as an exhausted
    quota does. An upstream that is down or refuses the keys ends the collection. Answers received are always merged; if
    the database is lost, the next collection merges them. `access` is planned for if there is no plan for today.
    """
    async with DetailStore(dsn) as store:
        collection = _Collection(client, store, clock)
        # Recall before planning, so that calls already answered are not planned again.
        await collection.recall()
        asks = await asyncio.to_thread(asks_of_region, dsn, access, region_code, clock=clock, policy=policy)
        stopped_by = await collection.work_through(asks)
        await collection.merge_all()
    return Details(
        planned=len(asks),
        asked=dict(collection.asked),
        empty=collection.empty,
        unreadable=collection.unreadable,
        recalled=collection.recalled,
        calls=client.count.sent,
        retries=client.count.retried,
        touched=frozenset(collection.touched),
        stopped_by=stopped_by,
    )


@dataclass
class _Collection:
    """One collection in progress, with the answers that are not merged yet, by operation.

    Attributes:
        unreadable: why calls failed, by operation and place.
        doubted: calls whose key was refused, before any other call showed whether that is for the key or for the place.
        failures_in_a_row: how many calls of an operation failed since its last good answer.
        ended: operations that are not asked any more, with the reason.
    """

    client: UpstreamClient
    store: DetailStore
    clock: Clock
    asked: Counter[str] = field(default_factory=Counter)
    empty: int = 0
    recalled: int = 0
    touched: set[tuple[str, str]] = field(default_factory=set)
    waiting: dict[str, list[DetailAnswer]] = field(default_factory=lambda: defaultdict(list))
    unreadable: dict[str, dict[str, str]] = field(default_factory=lambda: defaultdict(dict))
    doubted: list[tuple[Ask, RefusedKeyError]] = field(default_factory=list)
    failures_in_a_row: Counter[str] = field(default_factory=Counter)
    ended: dict[str, UpstreamError] = field(default_factory=dict)

    async def recall(self) -> None:
        """Merge stored answers that were never merged."""
        since = self.clock() - LOOKED_BACK
        for operation in PLANNED_OPERATIONS:
            kept = self.store.unmerged(
                self.client.provider.name, operation.name, operation.page(1), since=since, batch=BATCH
            )
            async for responses in kept:
                answers = list(_readable(operation, responses))
                self.touched |= await self.store.merge(operation, answers)
                self.recalled += len(answers)

    async def work_through(self, asks: list[Ask]) -> UpstreamError | None:
        """Make the calls in order, as many at once as the client allows; return the error that ended it, if any."""

        async def work(ask: Ask) -> None:
            if ask.operation_name not in self.ended:
                await self._ask(ask)

        error = await work_through(asks, work, workers=self.client.concurrency)
        return error or next(iter((*self.ended.values(), *(doubt for _, doubt in self.doubted))), None)

    async def _ask(self, ask: Ask) -> None:
        operation = _OPERATION[ask.operation_name]
        parameters = {"contentId": ask.content_id, "contentTypeId": ask.content_type_id}
        needed = {name: parameters[name] for name in operation.required}
        try:
            # No place has more items than fit on a page.
            answer = await self.client.call(operation, {**needed, **operation.page(1)}, needs_total=False)
            if not (answer.page.items or answer.page.is_counted):
                message = (
                    f"{operation.name} of {ask.content_id}: the answer has no items, and no total that can be read."
                )
                raise PermanentError(message, code="no_total")
            if not _is_about(ask.content_id, answer.page.items):
                message = f"{operation.name} of {ask.content_id}: the answer is about another place. It is kept, and not used."
                raise PermanentError(message, code="other_place")
        except ExhaustedError as error:
            self.ended[operation.name] = error
        except _OF_THE_UPSTREAM:
            raise
        except RefusedKeyError as error:
            if error.is_certain:
                raise
            self.doubted.append((ask, error))
        except UpstreamError as error:
            await self._put_off(ask, error)
            self.failures_in_a_row[operation.name] += 1
            if self.failures_in_a_row[operation.name] >= FAILURES_OF_PLACES:
                self.ended.setdefault(operation.name, error)
        else:
            await self._take(
                operation.name, DetailAnswer(ask.content_id, answer.page.items, answer.response_id, answer.fetched_at)
            )

    async def _take(self, operation_name: str, answer: DetailAnswer) -> None:
        self.failures_in_a_row[operation_name] = 0
        while self.doubted:  # the key works
            await self._put_off(*self.doubted.pop())
        self.asked[operation_name] += 1
        self.empty += not answer.items
        self.waiting[operation_name].append(answer)
        if len(self.waiting[operation_name]) >= BATCH:
            await self._merge(operation_name)

    async def _put_off(self, ask: Ask, error: UpstreamError) -> None:
        self.unreadable[ask.operation_name][ask.content_id] = str(error)
        await self.store.put_off(_OPERATION[ask.operation_name], ask.content_id, str(error), self.clock())

    async def merge_all(self) -> None:
        """Merge the answers still waiting."""
        for name in list(self.waiting):
            await self._merge(name)

    async def _merge(self, operation_name: str) -> None:
        if answers := self.waiting.pop(operation_name, None):
            self.touched |= await self.store.merge(_OPERATION[operation_name], answers)


def _readable(operation: Operation, responses: list[StoredResponse]) -> Iterator[DetailAnswer]:
    for response in responses:
        with suppress(UpstreamError):
            page = read_answer(operation, Reply(response.http_status, {}, response.body), needs_total=False)
            content_id = response.request_params["contentId"]
            if (page.items or page.is_counted) and _is_about(content_id, page.items):
                yield DetailAnswer(content_id, page.items, response.response_id, response.fetched_at)


def _is_about(content_id: str, items: Iterable[Mapping[str, object]]) -> bool:
    """Whether no item names another place than the one that was asked for."""
    return all(str(item.get("contentid", content_id)).strip() == content_id for item in items)
