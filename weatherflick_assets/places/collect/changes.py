"""The change feed: finds what changed in the upstream's list of all places since the last reading, in few calls.

One reading fetches the list of the whole country, hidden places included, newest first. It stops one day before the
watermark, the latest modification time that the previous reading saw. On a usual day that is one page. The reading
merges these items. Then it compares the list's total count with the number of places known to be listed.

- The numbers agree: nothing disappeared, and one call was enough.
- A new place looks like a known one with another id: it was re-keyed, and the old id is in no list any more. If the
  numbers agree without the old id, that proves it. Otherwise the upstream is asked by `oldContentid`.
- The numbers still differ: places disappeared without a trace, or appeared with an old time. `reconciliation.py`
  searches for them. If a search would cost as much as reading the whole list, or the list moved during it, the whole
  list is read.

An empty answer proves nothing, and neither does a list that shrank too much: places then stay as they are, and the
result says how many were missing. Until a reading or a complete set of sweeps has covered the whole list, there is no
watermark and the whole list is read.

The upstream does not document its `modifiedtime` parameter, so it is not used.

Resuming. A reading commits everything at once: items, absences, its watermark, and the outbox entries for what must be
published again. An interrupted reading leaves only its responses, and the next one resumes from them (`resumed_from`).
This is correct even hours later. Rows that arrive in between go to the top and push the rest down, so a later page only
repeats rows; their times are newer than the watermark that this reading will leave. Only rows that leave pull other
rows up, onto pages already read. The total then shrinks, and the pages read under a larger total are read again. If the
search fails, the items from the feed are still merged and recorded, without absences.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import count
from types import MappingProxyType

import numpy as np
import pandas as pd

from weatherflick_assets.places.collect.reconciliation import NEVER, Rows, Search, Times, expected_pages
from weatherflick_assets.places.collect.whole_lists import recall_pages
from weatherflick_assets.places.following import Partition
from weatherflick_assets.places.kto import LIST_OPERATION
from weatherflick_assets.places.store.changes import ChangeStore, ReadingRecord
from weatherflick_assets.places.store.item_stage import ItemStage, too_many_absences
from weatherflick_assets.places.transform.columns import kst_timestamps
from weatherflick_assets.places.transform.listing import listed_items
from weatherflick_assets.settings import Clock
from weatherflick_assets.upstream.client import Answer, UpstreamClient
from weatherflick_assets.upstream.errors import IncompleteSweepError, UpstreamError
from weatherflick_assets.upstream.sweep import READINGS, sweep
from weatherflick_assets.warehouse.response_store import ResponseStore

OVERLAP = timedelta(days=1)
"""How far before the watermark to read. The upstream may show an entry later than the time it gives it."""

assert LIST_OPERATION.rows_per_page is not None
_ROWS_PER_PAGE = LIST_OPERATION.rows_per_page

_NEWEST_FIRST: Mapping[str, str] = MappingProxyType({"arrange": "C"})


@dataclass(frozen=True)
class Changes:
    """The result of one reading, in items unless stated otherwise.

    Attributes:
        reading_id: key in `raw.change_readings`.
        touched: partitions (content_type_id, region_code) in which the visible data changed.
        counts: items that really changed: new, changed, hidden, returned, moved (to another region or kind), absent;
            and rekeyed, the new ones that were known under another id.
        absences_withheld: places that were missing but not marked absent, because there were too many.
        pages: pages fetched or recalled, including those read by the search.
        calls, retries: calls sent, and how many of them were retries.
        is_whole: whether the whole list was read.
        watermark_before, watermark: before and after this reading; None if the whole list was not known.
        doubt: why the whole list proves no absences; "" if it adds up or was not read.
        total_count, known_count: places by the upstream's count, and places known to be listed.
    """

    reading_id: int
    touched: frozenset[Partition]
    counts: Mapping[str, int]
    absences_withheld: int
    pages: int
    calls: int
    retries: int
    is_whole: bool
    watermark_before: datetime | None
    watermark: datetime | None
    total_count: int
    known_count: int
    doubt: str


async def read_changes(
    client: UpstreamClient,
    responses: ResponseStore,
    stage: ItemStage,
    *,
    clock: Clock,
    resumed_from: datetime | None = None,
) -> Changes:
    """Bring `raw.place_items` up to date with the upstream's list.

    Args:
        client: the provider's client.
        responses: the raw layer, open.
        stage: where items are staged and merged, open.
        clock: the current time.
        resumed_from: when the interrupted reading began. Pages read since then are not fetched again.

    Raises:
        UpstreamError: a page could not be fetched. If the newest changes were read, they are merged and recorded
            without absences. Otherwise nothing changed.
        IncompleteSweepError: the whole list was read and differs with every reading. The items seen are merged; no
            place is marked absent.
    """
    reading = _Reading(client, responses, stage, clock, resumed_from or clock(), is_resumed=resumed_from is not None)
    return await reading.made()


@dataclass
class _Reading:
    """One reading in progress. Its fields hold what has been proven so far."""

    client: UpstreamClient
    responses: ResponseStore
    stage: ItemStage
    clock: Clock
    since: datetime
    is_resumed: bool
    pages: int = 0
    total: int = 0
    newest: datetime | None = None
    oldest: datetime | None = None
    is_whole: bool = False
    withheld: int = 0
    doubt: str = ""
    rows_per_page: int = _ROWS_PER_PAGE
    gone: set[str] = field(default_factory=set)

    async def made(self) -> Changes:
        started_at = self.clock()
        self.feed = ChangeStore(self.stage)
        before = await self.feed.watermark(self.client.provider.name, LIST_OPERATION.name)
        listed = {} if before is None else await self._read_newest(before - OVERLAP)
        self.seen_at = self.clock()
        failure: UpstreamError | None = None
        try:
            if before is None:
                await self._read_everything()
            else:
                await self.feed.merge(self.seen_at)
                await self._reconcile(listed)
        except UpstreamError as error:
            if before is None and not isinstance(error, IncompleteSweepError):
                raise
            failure = error
        absences = await self.feed.conclude(self.gone, self.seen_at)
        watermark = None if before is None and failure else self._watermark(before, started_at)
        known, _ = await self.feed.counted()
        reading_id = await self.feed.record(
            ReadingRecord(
                started_at=started_at,
                finished_at=self.clock(),
                read_back_to=None if self.is_whole else self.oldest,
                watermark=watermark,
                pages=self.pages,
                total_count=self.total,
                known_count=known,
            )
        )
        if failure:
            raise failure
        return Changes(
            reading_id=reading_id,
            touched=frozenset(self.feed.touched),
            counts=dict(self.feed.counts),
            absences_withheld=self.withheld + absences.withheld,
            pages=self.pages,
            calls=self.client.count.sent,
            retries=self.client.count.retried,
            is_whole=self.is_whole,
            watermark_before=before,
            watermark=watermark,
            total_count=self.total,
            known_count=known,
            doubt=self.doubt,
        )

    async def _read_newest(self, back_to: datetime) -> dict[int, "_ListedPage"]:
        """Read and stage pages, newest first, until one is older than `back_to`; return them by number."""
        listed: dict[int, _ListedPage] = {}
        readings = 1
        for number in count(1):
            listed[number] = await self._read_newest_page(number)
            while longer := [earlier for earlier in listed if listed[earlier].total > self.total]:
                if (readings := readings + 1) > READINGS:
                    message = "The list of changes shrinks each time it is read. What is known stays as it is; read it again later."
                    raise IncompleteSweepError(message, code="incomplete")
                for earlier in longer:
                    listed[earlier] = await self._read_newest_page(earlier, afresh=True)
            page = listed[number]
            if number == 1 and 0 < len(page.rows.ids) < min(_ROWS_PER_PAGE, self.total):
                self.rows_per_page = len(page.rows.ids)  # the upstream lowers the page size
            if not page.rows.ids or number * self.rows_per_page >= self.total or page.is_older_than(back_to):
                break
        return listed

    async def _read_newest_page(self, number: int, *, afresh: bool = False) -> "_ListedPage":
        page, items = await self._read(number, afresh=afresh)
        self._note_times(items)
        await self.stage.stage(items)
        return page

    async def _reconcile(self, listed: Mapping[int, "_ListedPage"]) -> None:
        """Find the known places that are gone."""
        known = sum(await self.feed.counted())
        if not self.total or not listed[1].rows.ids or too_many_absences(known - self.total, known):
            self.withheld = max(0, known - self.total)
            return
        shown = {identity for page in listed.values() for identity in page.rows.ids}
        suspected = await self.feed.suspected_rekeyings(self.seen_at, shown)
        if known - len(suspected) == self.total:
            self.gone.update(suspected.values())
        else:
            for newer, former in suspected.items():
                if await self._is_rekeyed(newer, former):
                    self.gone.add(former)
        if known - len(self.gone) != self.total:
            await self._search(listed, abs(known - len(self.gone) - self.total))

    async def _search(self, listed: Mapping[int, "_ListedPage"], missing: int) -> None:
        """Find rows that disappeared, or appeared with an old time, from a few pages of the list or from all."""
        last_page = -(-self.total // self.rows_per_page)
        if len(listed) + expected_pages(missing, last_page) < last_page:
            search = Search(await self._mirror(), self.total, self.rows_per_page)
            for number, page in listed.items():
                search.add(number, page.rows, page.total)
            while (number := search.next_page()) is not None:
                page, items = await self._read(number)
                search.add(number, page.rows, page.total)
                # Known rows with the same time are skipped: the page may be an older answer than what was merged.
                is_new = [
                    not search.is_known(identity, time)
                    for identity, time in zip(page.rows.ids, page.rows.times.tolist(), strict=True)
                ]
                await self.stage.stage(items[is_new])
            found = search.conclusion()
            if found.is_settled:
                await self.feed.merge(self.seen_at)
                self.gone |= found.missing
                return
        await self._read_everything()

    async def _mirror(self) -> Rows:
        """The rows known to be listed, without those proven gone."""
        known = await self.feed.mirror(without=self.gone)
        times = np.array([NEVER if time is None else time for _, time in known], dtype=np.int64)
        unkeyed = pd.Series(await self.feed.unkeyed_times(), dtype=object)
        ids = [*(identity for identity, _ in known), *("" for _ in unkeyed)]
        return Rows(ids, np.concatenate([times, _seconds(kst_timestamps(unkeyed))]))

    async def _read_everything(self) -> None:
        """Read and count the whole list. Pages that this reading has already read are not fetched again."""

        async def take(answer: Answer) -> None:
            items = listed_items(answer.page.items, answer.response_id)
            self._note_times(items)
            await self.stage.stage(items)

        recalled = recall_pages(self.client, self.responses, LIST_OPERATION, _NEWEST_FIRST, self.since)
        swept = await sweep(
            self.client, LIST_OPERATION, _NEWEST_FIRST, id_field="contentid", take=take, recalled=recalled
        )
        self.pages, self.total, self.is_whole = swept.pages, swept.total_count, swept.is_complete
        unseen = await self.feed.merge(self.seen_at, is_whole=swept.is_complete)
        self.doubt = swept.doubt("The list of all places")
        swept.require_steady(
            "The list of all places",
            "What was seen is kept; no place is taken to be gone. Read the changes again later.",
        )
        if swept.rows:
            self.gone = unseen
        else:
            self.withheld = len(unseen)

    async def _read(self, number: int, *, afresh: bool = False) -> tuple["_ListedPage", pd.DataFrame]:
        """A page of the list and its items. An answer from before an interruption is reused, unless `afresh` is set."""
        answer = None if afresh else await self._recalled(_NEWEST_FIRST, number)
        if answer is None:
            parameters = {**_NEWEST_FIRST, **LIST_OPERATION.page(number, rows=self.rows_per_page)}
            answer = await self.client.call(LIST_OPERATION, parameters)
        self.pages += 1
        self.total = answer.page.total_count
        items = listed_items(answer.page.items, answer.response_id)
        ids = items["content_id"].fillna("").tolist()
        return _ListedPage(Rows(ids, _seconds(items["modified_at"])), answer.page.total_count), items

    async def _is_rekeyed(self, newer: str, former: str) -> bool:
        """Whether the upstream confirms that place `newer` had the id `former`."""
        asked = {"oldContentid": former}
        answer = await self._recalled(asked, 1)
        if answer is None:
            answer = await self.client.call(LIST_OPERATION, {**asked, **LIST_OPERATION.page(1, rows=1)})
        return any(str(item.get("contentid")).strip() == newer for item in answer.page.items)

    async def _recalled(self, parameters: Mapping[str, str], number: int) -> Answer | None:
        """The last good answer for a page since the interrupted reading began; None if there is none."""
        if not self.is_resumed:
            return None
        pages = recall_pages(self.client, self.responses, LIST_OPERATION, parameters, self.since, page=number)
        answers = [answer async for _, answer in pages]
        return answers[-1] if answers else None

    def _note_times(self, items: pd.DataFrame) -> None:
        times = items["modified_at"].dropna()
        if len(times):
            newest, oldest = times.max().to_pydatetime(), times.min().to_pydatetime()
            self.newest = max(self.newest or newest, newest)
            self.oldest = min(self.oldest or oldest, oldest)

    def _watermark(self, before: datetime | None, started_at: datetime) -> datetime | None:
        # A watermark in the future would hide all changes until then.
        seen = None if self.newest is None else min(self.newest, started_at)
        return max((time for time in (before, seen) if time is not None), default=None)


@dataclass(frozen=True)
class _ListedPage:
    """A page of the list: ids and times of its rows, and the total count that the list reports."""

    rows: Rows
    total: int

    def is_older_than(self, time: datetime) -> bool:
        """Whether everything after the page is older than `time`. False for an unsorted page, which proves nothing."""
        times = self.rows.times[self.rows.times != NEVER]
        newer_than_before = times - np.minimum.accumulate(times) if len(times) else times
        is_sorted = not np.any(newer_than_before > OVERLAP.total_seconds())
        return is_sorted and (not len(times) or int(times.min()) < time.timestamp())


def _seconds(times: pd.Series) -> Times:
    """Aware times as epoch seconds; `NEVER` for a missing time."""
    return times.to_numpy("datetime64[s]").astype(np.int64)
