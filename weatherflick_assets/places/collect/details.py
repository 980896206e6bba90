"""Collects details: makes the calls that the plan allots to a region, most valuable place first, and merges in batches.

No call is repeated, however a collection ends. Merged answers are fresh, so the plan skips them. If a process is killed
before it merges its answers, the next collection merges them first.
"""

import asyncio
from collections import Counter, defaultdict, deque
from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from weatherflick_assets.places.plan.plans import Ask, asks_of_region
from weatherflick_assets.places.plan.policy import PLANNED_OPERATIONS, POLICY, Policy
from weatherflick_assets.places.store.details import DetailAnswer, DetailStore
from weatherflick_assets.settings import Clock
from weatherflick_assets.upstream.access import Access
from weatherflick_assets.upstream.client import UpstreamClient
from weatherflick_assets.upstream.declarations import Operation
from weatherflick_assets.upstream.errors import ExhaustedError, PermanentError, UpstreamError
from weatherflick_assets.upstream.outcomes import Reply, read_answer
from weatherflick_assets.warehouse.response_store import StoredResponse

BATCH = 50
"""Answers merged at once: few enough to keep memory flat."""

LOOKED_BACK = timedelta(days=7)
"""How far back to look for stored answers that were not merged."""

FAILURES_OF_PLACES = 5
"""After this many permanent errors without a good answer, the operation is refused, not the places."""

_OF_THE_PLACE = frozenset({"10", "11"})
"""Codes of permanent errors that may concern only the requested place."""

_OPERATION = {operation.name: operation for operation in PLANNED_OPERATIONS}


@dataclass(frozen=True)
class Details:
    """The result of collecting the details of one region.

    Attributes:
        planned: calls the plan wanted at the start.
        asked: answers received, by operation.
        empty: number of these without items.
        failed: places for which the upstream refuses an answer, by operation.
        recalled: answers of earlier collections, merged without a call.
        calls, retries: calls sent, and how many of them were retries.
        touched: partitions (content_type_id, region_code) of places whose details changed.
        stopped_by: the error that ended the collection early; None if every call was made.
    """

    planned: int
    asked: Mapping[str, int]
    empty: int
    failed: Mapping[str, int]
    recalled: int
    calls: int
    retries: int
    touched: frozenset[tuple[str, str]]
    stopped_by: UpstreamError | None


async def collect_details(
    client: UpstreamClient, dsn: str, region_code: str, *, access: Access, clock: Clock, policy: Policy = POLICY
) -> Details:
    """Make the calls that today's plan allots to a region and that were not made yet, and merge the answers.

    An upstream error ends the collection, with two exceptions. A permanent error about a single place is recorded like
    an empty answer. An exhausted quota ends only its own operation. Answers received are always merged; if the database
    is lost, the next collection merges them. `access` is planned for if there is no plan for today.
    """
    started_at = clock()
    async with DetailStore(dsn) as store:
        collection = _Collection(client, store, clock, started_at)
        # Recall before planning, so that calls already answered are not planned again.
        await collection.recall()
        asks = await asyncio.to_thread(asks_of_region, dsn, access, region_code, clock=clock, policy=policy)
        stopped_by = await collection.work_through(asks)
        await collection.merge_all()
    return Details(
        planned=len(asks),
        asked=dict(collection.asked),
        empty=collection.empty,
        failed=dict(collection.failed),
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
        refused: calls with permanent errors since the operation's last good answer; its next good answer confirms them.
        spent: operations whose quota is exhausted.
    """

    client: UpstreamClient
    store: DetailStore
    clock: Clock
    started_at: datetime
    asked: Counter[str] = field(default_factory=Counter)
    failed: Counter[str] = field(default_factory=Counter)
    empty: int = 0
    recalled: int = 0
    touched: set[tuple[str, str]] = field(default_factory=set)
    waiting: dict[str, list[DetailAnswer]] = field(default_factory=lambda: defaultdict(list))
    refused: dict[str, list[Ask]] = field(default_factory=lambda: defaultdict(list))
    spent: dict[str, ExhaustedError] = field(default_factory=dict)

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
        left = iter(asks)

        async def work() -> None:
            try:
                for ask in left:
                    if ask.operation_name not in self.spent:
                        await self._ask(ask)
            finally:
                deque(left, maxlen=0)  # after an error, no worker makes another call

        # Calls in flight when another fails already count against the quota, so wait for their answers.
        outcomes = await asyncio.gather(*(work() for _ in range(self.client.concurrency)), return_exceptions=True)
        errors = [outcome for outcome in outcomes if isinstance(outcome, BaseException)]
        for error in errors:
            if not isinstance(error, UpstreamError):
                raise error
        return next((error for error in (*errors, *self.spent.values()) if isinstance(error, UpstreamError)), None)

    async def _ask(self, ask: Ask) -> None:
        operation = _OPERATION[ask.operation_name]
        parameters = {"contentId": ask.content_id, "contentTypeId": ask.content_type_id}
        needed = {name: parameters[name] for name in operation.required}
        try:
            # No place has more items than fit on a page.
            answer = await self.client.call(operation, {**needed, **operation.page(1)})
        except ExhaustedError as error:
            self.spent[operation.name] = error
        except PermanentError as error:
            refused = self.refused[operation.name]
            refused.append(ask)
            if error.code not in _OF_THE_PLACE or len(refused) >= FAILURES_OF_PLACES:
                raise
        else:
            self.asked[operation.name] += 1
            self.empty += not answer.page.items
            self.waiting[operation.name].append(
                DetailAnswer(ask.content_id, answer.page.items, answer.response_id, answer.fetched_at)
            )
            await self._believe_refusals(operation)
            if len(self.waiting[operation.name]) >= BATCH:
                await self._merge(operation.name)

    async def _believe_refusals(self, operation: Operation) -> None:
        """After a good answer, record earlier refusals as empty answers, so they are not repeated until they expire."""
        for ask in self.refused.pop(operation.name, ()):
            self.failed[operation.name] += 1
            last = await self.store.last_call(
                self.client.provider.name, operation.name, ask.content_id, since=self.started_at
            )
            if last is not None:
                self.waiting[operation.name].append(DetailAnswer(ask.content_id, (), *last))

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
            page = read_answer(operation, Reply(response.http_status, {}, response.body))
            content_id = response.request_params["contentId"]
            yield DetailAnswer(content_id, page.items, response.response_id, response.fetched_at)
