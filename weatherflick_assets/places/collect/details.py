"""Collecting details: what the plan allots to a region is asked, the place worth most first, and merged batch by batch.

What was asked is never asked again, however a collection ends: merged answers are fresh, and answers that were kept and
not merged when a process was killed are merged first by the next one. Here client, plan and warehouse are put together;
Dagster's view of it stands in `assets/`.
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
"""Answers that are merged at once: few enough that memory stays flat."""

LOOKED_BACK = timedelta(days=7)
"""How far back answers are looked for that were kept and not merged."""

FAILURES_OF_PLACES = 5
"""So many permanent errors without one good answer are not the places': the operation itself is refused."""

_OF_THE_PLACE = frozenset({"10", "11"})
"""Codes of permanent errors that can be about the place that was asked for."""

_OPERATION = {operation.name: operation for operation in PLANNED_OPERATIONS}


@dataclass(frozen=True)
class Details:
    """What collecting the details of one region brought.

    Attributes:
        planned: calls the plan wanted when it began.
        asked: answers received, by operation.
        empty: of these, answers without items.
        failed: places that the upstream refuses to answer about, by operation.
        recalled: answers of earlier collections that were merged without a call.
        calls: calls sent, retries included.
        retries: calls that had to be sent again.
        touched: kinds and regions (content_type_id, region_code) whose places' details changed.
        stopped_by: why it ended before all was asked; None if all was.
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
    """Ask what the plan of today allots to a region and was not asked yet, and merge the answers.

    An upstream error ends it, but for permanent ones about a single place, which are remembered like an empty answer, and
    for spent calls, which end their operation alone. What was received is merged however it ends.

    Args:
        client: of the provider; it keeps every answer.
        dsn: the platform's database.
        region_code: the partition.
        access: what the plan is made for, where there is none of today.
        clock: the time.
        policy: what is worth how much.

    Raises:
        psycopg.Error: the database refused or broke off. What was received is merged by the next collection.
    """
    started_at = clock()
    async with DetailStore(dsn) as store:
        collection = _Collection(client, store, clock, started_at)
        # Before it is decided what to ask: what was answered already need not be.
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
    """One collection under way.

    Attributes:
        waiting: answers that are not merged yet, by operation.
        refused: permanent errors of an operation since its last good answer, not believed before there is one.
        spent: operations whose calls are spent.
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
        """Merge what was answered and never merged."""
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
        """Ask in this order, as many at once as the client may; return what ended it early."""
        left = iter(asks)

        async def work() -> None:
            try:
                for ask in left:
                    if ask.operation_name not in self.spent:
                        await self._ask(ask)
            finally:
                deque(left, maxlen=0)  # after an error nobody asks on

        # Calls under way when one fails are paid for: their answers are waited for.
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
            # No place has more items than a page holds.
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
        """The operation answers: what it refused is about the places, and is not asked again before its time."""
        for ask in self.refused.pop(operation.name, ()):
            self.failed[operation.name] += 1
            last = await self.store.last_call(
                self.client.provider.name, operation.name, ask.content_id, since=self.started_at
            )
            if last is not None:
                self.waiting[operation.name].append(DetailAnswer(ask.content_id, (), *last))

    async def merge_all(self) -> None:
        """Merge what is left."""
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
