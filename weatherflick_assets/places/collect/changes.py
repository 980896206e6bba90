"""The change feed: what the upstream's list of all places changed since it was last read, for as few calls as show it.

One reading. The list of the whole country, hidden places included, is read newest first, down to a day before the
watermark: the latest modification time that the reading before had seen. On a usual day that is one page. What is on it is
merged, and then the list's length is compared with how many places are known to be listed.

- They agree: nothing vanished, and one call was enough.
- A place that is new to us looks like one that we know under another id: it was re-keyed, and the other is in no list any
  more. If the count agrees without the other one, that is proof; else the upstream is asked by `oldContentid`.
- They still differ: places vanished without a trace, or appeared with an old time. They are searched for
  (`reconciliation.py`); where a search would cost as much, or the list moved under it, everything is read and counted.

Nothing is proven by an empty answer, nor by a list that shrank too much: then places stay as they are, and the result says
how many were missing. Where no reading or complete set of sweeps has shown the whole list yet there is no watermark, and the
whole list is read.

What is asked with `modifiedtime` is nowhere stated by the upstream; it is not used.

Resuming. All of a reading is committed at once: items, absences, its watermark, and the outbox with what has to be published
again. A reading that is interrupted before leaves its responses alone, and the next one resumes from these (`resumed_from`).
That is the same reading even hours later: what arrives in between moves to the top and pushes the rest down, so a later page
repeats rows, and what is newly modified is newer than the watermark that this reading will leave. Only rows that leave pull
others up, over the edge of a page that was read: the total then shrinks, and the pages read under a longer total are read
again. An error during the search keeps what the feed brought: it is merged and recorded, without absences.
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
"""How far behind the watermark is read: entries that the upstream dates earlier than it shows them."""

assert LIST_OPERATION.rows_per_page is not None
_ROWS_PER_PAGE = LIST_OPERATION.rows_per_page

_NEWEST_FIRST: Mapping[str, str] = MappingProxyType({"arrange": "C"})


@dataclass(frozen=True)
class Changes:
    """What a reading brought, in items unless said otherwise.

    Attributes:
        reading_id: of `raw.change_readings`.
        touched: kinds and regions (content_type_id, region_code) in which what is shown changed.
        counts: items that really changed: new, changed, hidden, returned, moved (to another region or kind), absent; and
            rekeyed, of the new ones those that were known under another id.
        absences_withheld: places that were missing but not marked absent, because too many were.
        pages: pages read or taken from what was kept, those read to find what vanished included.
        calls: calls sent, retries included.
        retries: calls that had to be sent again.
        is_whole: whether the whole list was read.
        watermark_before: up to when changes were known; None: the whole list was not.
        watermark: up to when they are now.
        total_count: rows the upstream says there are.
        known_count: places that are known to be listed.
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
        client: of the provider.
        responses: the raw layer, open.
        stage: where items are staged and merged, open.
        clock: the time.
        resumed_from: when the interrupted reading began: pages read since then are not asked for again.

    Raises:
        UpstreamError: a page could not be had. If the newest changes were read they are merged and recorded, without
            absences; else everything is as before.
        IncompleteSweepError: the whole list was read and does not add up. What was seen is current; nothing is concluded
            from absences.
    """
    reading = _Reading(client, responses, stage, clock, resumed_from or clock(), is_resumed=resumed_from is not None)
    return await reading.made()


@dataclass
class _Reading:
    """One reading, step by step; what has been proven so far is in its fields."""

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
        )

    async def _read_newest(self, back_to: datetime) -> dict[int, "_ListedPage"]:
        """Read and stage the newest pages, until one is older than `back_to`; by number."""
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
            if not page.rows.ids or number * _ROWS_PER_PAGE >= self.total or page.is_older_than(back_to):
                break
        return listed

    async def _read_newest_page(self, number: int, *, afresh: bool = False) -> "_ListedPage":
        page, items = await self._read(number, afresh=afresh)
        self._note_times(items)
        await self.stage.stage(items)
        return page

    async def _reconcile(self, listed: Mapping[int, "_ListedPage"]) -> None:
        """Find out which of the places that are known are gone."""
        known = sum(await self.feed.counted())
        if not self.total or not listed[1].rows.ids or too_many_absences(known - self.total, known):
            self.withheld = max(0, known - self.total)
            return
        suspected = await self.feed.suspected_rekeyings(self.seen_at)
        if known - len(suspected) == self.total:
            self.gone.update(suspected.values())
        else:
            for newer, former in suspected.items():
                if await self._is_rekeyed(newer, former):
                    self.gone.add(former)
        if known - len(self.gone) != self.total:
            await self._search(listed, abs(known - len(self.gone) - self.total))

    async def _search(self, listed: Mapping[int, "_ListedPage"], missing: int) -> None:
        """Find rows that vanished, or appeared with an old time, by few pages of the list or by all."""
        last_page = -(-self.total // _ROWS_PER_PAGE)
        if len(listed) + expected_pages(missing, last_page) < last_page:
            search = Search(await self._mirror(), self.total, _ROWS_PER_PAGE)
            for number, page in listed.items():
                search.add(number, page.rows, page.total)
            while (number := search.next_page()) is not None:
                page, items = await self._read(number)
                search.add(number, page.rows, page.total)
                # What is known and not newer stays: the page may be an earlier answer than what was merged.
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
        """What is known to be listed, but for what is proven gone."""
        known = await self.feed.mirror(without=self.gone)
        times = np.array([NEVER if time is None else time for _, time in known], dtype=np.int64)
        unkeyed = pd.Series(await self.feed.unkeyed_times(), dtype=object)
        ids = [*(identity for identity, _ in known), *("" for _ in unkeyed)]
        return Rows(ids, np.concatenate([times, _seconds(kst_timestamps(unkeyed))]))

    async def _read_everything(self) -> None:
        """Read the whole list, and count it; pages that this reading has read already are not asked for again."""

        async def take(answer: Answer) -> None:
            items = listed_items(answer.page.items, answer.response_id)
            self._note_times(items)
            await self.stage.stage(items)

        recalled = recall_pages(self.client, self.responses, LIST_OPERATION, _NEWEST_FIRST, self.since)
        swept = await sweep(
            self.client, LIST_OPERATION, _NEWEST_FIRST, id_field="contentid", take=take, recalled=recalled
        )
        self.pages, self.total, self.is_whole = swept.pages, swept.total_count, swept.is_complete
        await self.feed.merge(self.seen_at, is_whole=swept.is_complete)
        if not swept.is_complete:
            message = (
                f"The list of all places does not add up: after {swept.readings} readings its pages hold "
                f"{swept.items_seen:,} different ids and the upstream counts {swept.total_count:,}. What was seen is kept; "
                "no place is taken to be gone. Read the changes again later."
            )
            raise IncompleteSweepError(message, code="incomplete")
        unseen = await self.feed.unseen(self.seen_at)
        if swept.rows:
            self.gone = unseen
        else:
            self.withheld = len(unseen)

    async def _read(self, number: int, *, afresh: bool = False) -> tuple["_ListedPage", pd.DataFrame]:
        """A page of the list and its items, as it was answered before this reading was broken off, unless it is asked for `afresh`."""
        answer = None if afresh else await self._recalled(_NEWEST_FIRST, number)
        if answer is None:
            parameters = {**_NEWEST_FIRST, **LIST_OPERATION.page(number)}
            answer = await self.client.call(LIST_OPERATION, parameters)
        self.pages += 1
        self.total = answer.page.total_count
        items = listed_items(answer.page.items, answer.response_id)
        ids = items["content_id"].fillna("").tolist()
        return _ListedPage(Rows(ids, _seconds(items["modified_at"])), answer.page.total_count), items

    async def _is_rekeyed(self, newer: str, former: str) -> bool:
        """Whether the upstream says that a place had another id."""
        asked = {"oldContentid": former}
        answer = await self._recalled(asked, 1)
        if answer is None:
            answer = await self.client.call(LIST_OPERATION, {**asked, **LIST_OPERATION.page(1, rows=1)})
        return any(str(item.get("contentid")).strip() == newer for item in answer.page.items)

    async def _recalled(self, parameters: Mapping[str, str], number: int) -> Answer | None:
        """The last good answer to a page since a reading began that was broken off."""
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
        # A time that is still to come would hide all changes until then.
        seen = None if self.newest is None else min(self.newest, started_at)
        return max((time for time in (before, seen) if time is not None), default=None)


@dataclass(frozen=True)
class _ListedPage:
    """A page of the list.

    Attributes:
        rows: ids and times of its rows.
        total: rows that the list has.
    """

    rows: Rows
    total: int

    def is_older_than(self, time: datetime) -> bool:
        """Whether what follows the page is older; never so where the page is not sorted: then it says nothing."""
        times = self.rows.times[self.rows.times != NEVER]
        newer_than_before = times - np.minimum.accumulate(times) if len(times) else times
        is_sorted = not np.any(newer_than_before > OVERLAP.total_seconds())
        return is_sorted and (not len(times) or int(times.min()) < time.timestamp())


def _seconds(times: pd.Series) -> Times:
    """Aware times in epoch seconds, `NEVER` where there is none."""
    return times.to_numpy("datetime64[s]").astype(np.int64)
