"""The raw layer as a collecting run writes it: its responses, and the current list item of every place.

Responses are kept by `response_store.py`, items staged and merged by `item_stage.py`; here stands what a sweep makes of
them. What is published of it stands in `publishing.py`, what the change feed does to the raw layer in `change_store.py`.
"""

from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from types import TracebackType
from typing import Self

import pandas as pd

from weatherflick_assets.places.store.item_stage import (
    NOT_STAGED_UNKEYED,
    Absences,
    Counted,
    ItemStage,
    too_many_absences,
)
from weatherflick_assets.warehouse.response_store import ResponseRecord, ResponseStore, StoredResponse

_FORGET_UNKEYED = f"""
DELETE FROM core.rejected_items AS rejected
WHERE content_type_id = %(content_type_id)s
  -- Like the items a sweep covers: those that carry its region's code, or for `unassigned` no current one.
  AND CASE WHEN %(region_code)s = 'unassigned'
           THEN NOT EXISTS (SELECT FROM core.regions AS region WHERE region.region_code = btrim(payload ->> 'lDongRegnCd'))
           ELSE btrim(payload ->> 'lDongRegnCd') = %(region_code)s END
  AND {NOT_STAGED_UNKEYED}
"""  # noqa: S608 - constants

# What a sweep covers: a region's sweep the items that carry its code, the sweep for `unassigned` those found otherwise.
_COVERED = """\
content_type_id = %(content_type_id)s AND absent_since IS NULL AND is_visible
AND CASE WHEN %(region_code)s = 'unassigned' THEN region_source <> 'code'
         ELSE region_code = %(region_code)s AND region_source = 'code' END
"""

_COUNT_ABSENCES = (
    "SELECT count(*) FILTER (WHERE last_seen_at < %(finished_at)s), count(*) FROM raw.place_items WHERE "  # noqa: S608 - constants
    + _COVERED
)

_MARK_ABSENCES = (
    "UPDATE raw.place_items SET absent_since = %(finished_at)s WHERE last_seen_at < %(finished_at)s AND "  # noqa: S608 - constants
    + _COVERED
)

_RECORD_SWEEP = """
INSERT INTO raw.sweeps (
    provider, operation, content_type_id, region_code, started_at, finished_at,
    pages, total_count, items_seen, is_complete, run_id
) VALUES (
    %(provider)s, %(operation)s, %(content_type_id)s, %(region_code)s, %(started_at)s, %(finished_at)s,
    %(pages)s, %(total_count)s, %(items_seen)s, %(is_complete)s, %(run_id)s
)
"""


@dataclass(frozen=True)
class SweepRecord:
    """What is kept of one sweep; the fields are columns of `raw.sweeps`."""

    provider: str
    operation: str
    content_type_id: str
    region_code: str
    started_at: datetime
    finished_at: datetime
    pages: int
    total_count: int
    items_seen: int
    is_complete: bool


@dataclass(frozen=True)
class Merged(Counted):
    """What merging a sweep brought.

    Attributes:
        absences: what the sweep proved gone.
    """

    absences: Absences


class RawStore:
    """Writes the raw layer for one run. Use it as an asynchronous context manager.

    Two connections: responses commit at once on the first, whatever becomes of the items staged on the second.

    Attributes:
        run_id: the run that writes.
        items: the staged items and their transaction.
    """

    def __init__(self, dsn: str, *, run_id: str | None, partition_key: str | None) -> None:
        self.run_id = run_id
        self.items = ItemStage(dsn)
        self._responses = ResponseStore(dsn, run_id=run_id, partition_key=partition_key)

    async def __aenter__(self) -> Self:
        await self._responses.__aenter__()
        await self.items.__aenter__()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        await self._responses.__aexit__(kind, error, traceback)
        await self.items.__aexit__(kind, error, traceback)

    async def keep(self, record: ResponseRecord) -> int:
        """Store and commit one response; return its id."""
        return await self._responses.keep(record)

    def recall(
        self, provider: str, operation: str, parameters: Mapping[str, str], *, since: datetime, page: int | None = None
    ) -> AsyncIterator[StoredResponse]:
        """What has been answered to a list since then, page by page, in the order in which it came.

        Args:
            provider: who was asked.
            operation: which list.
            parameters: what was listed, without page and page size.
            since: the earliest time.
            page: only the answers to this page, of any size.
        """
        return self._responses.recall(
            provider,
            operation,
            parameters if page is None else {**parameters, "pageNo": str(page)},
            page_parameters=("numOfRows", "pageNo") if page is None else ("numOfRows",),
            since=since,
        )

    async def stage(self, items: pd.DataFrame) -> None:
        """Take one page of items with the columns of `ITEM_COLUMNS`; nothing is visible before `merge`."""
        await self.items.stage(items)

    async def merge(self, sweep: SweepRecord) -> Merged:
        """Make the staged items the current ones and record their sweep, in one transaction."""
        counted = await self.items.merge(sweep.finished_at)
        absences = Absences()
        if sweep.is_complete:
            await self.items.connection.execute(_FORGET_UNKEYED, vars(sweep))
            absences = await self._mark_absences(sweep)
        await self.items.connection.execute(_RECORD_SWEEP, {**vars(sweep), "run_id": self.run_id})
        await self.items.clear()
        await self.items.commit()
        return Merged(**vars(counted), absences=absences)

    async def _mark_absences(self, sweep: SweepRecord) -> Absences:
        cursor = await self.items.connection.execute(_COUNT_ABSENCES, vars(sweep))
        row = await cursor.fetchone()
        assert row is not None
        missing, covered = row
        if too_many_absences(missing, covered):
            return Absences(withheld=missing)
        if missing:
            await self.items.connection.execute(_MARK_ABSENCES, vars(sweep))
        return Absences(marked=missing)
