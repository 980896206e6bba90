"""Publishes the places of a region and their details: transforms, stages and judges raw items before showing them.

This module combines transforms, quality and warehouse. The Dagster assets are in `assets/`. A verdict is recorded in
the same transaction as the rows it lets through. If it holds rows back, or there are none, it is recorded alone.
"""

import math
from collections import Counter
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import TYPE_CHECKING

from weatherflick_assets.places.content_types import ContentType
from weatherflick_assets.places.detail_tables import DetailTable
from weatherflick_assets.places.lists_read import list_read
from weatherflick_assets.places.rejections import WITHOUT_ID
from weatherflick_assets.places.store import findings
from weatherflick_assets.places.store.detail_publication import DetailPublication
from weatherflick_assets.places.store.place_publication import Publication, Published
from weatherflick_assets.places.suites.common_rules import A_PERSON, ASKED_BY, THE_OUTBOX
from weatherflick_assets.places.suites.places import SUITES
from weatherflick_assets.places.tables import DETAIL_TABLES, KEPT_BY_THE_TABLE, PLACE_TABLES
from weatherflick_assets.places.transform.details import detail_rows
from weatherflick_assets.places.transform.locations import with_location_findings
from weatherflick_assets.places.transform.places import places
from weatherflick_assets.quality.auditing import audit, record_nothing
from weatherflick_assets.quality.judge_process import JUDGE
from weatherflick_assets.quality.rules import Suite
from weatherflick_assets.quality.store import Batch
from weatherflick_assets.quality.verdict import Verdict
from weatherflick_assets.settings import Clock
from weatherflick_assets.warehouse.merging import PartitionMerge
from weatherflick_assets.warehouse.publishing import Derived

if TYPE_CHECKING:
    import pandas as pd

FEW_ITEMS = 20
"""Below this, half of the required share is enough."""


@dataclass(frozen=True)
class Publishing:
    """The result of publishing one partition.

    Attributes:
        items: items of the raw layer from which rows were made.
        unusable: those of them that could not become rows.
        verdict: the verdict of the suite on the whole partition.
        verdict_id: the id of the recorded verdict.
        published: what changed; None if the verdict held the rows back.
        coordinate_problems: rows made without coordinates, by reason.
        rejections: what could not be used of the whole partition, by reason: items that are no rows, and values.
    """

    items: int
    unusable: int
    verdict: Verdict
    verdict_id: int
    published: Published | None
    coordinate_problems: Counter[str] = field(default_factory=Counter)
    rejections: Counter[str] = field(default_factory=Counter)


@dataclass(frozen=True)
class Publisher:
    """Publishes partitions: makes rows from the raw layer, judges the partition as it will be, and shows it if it passes.

    Rows are made in chunks; while one is made, the database merges the earlier ones. If a blocking rule fails, only the
    verdict is written, so the last good rows stay. If nothing is listed and nothing is published, an empty verdict is
    recorded without judging.

    Attributes:
        dsn: the platform's database.
        clock: the current time.
        run_id: the run that publishes.
        only_noted: make only what the outbox names again. The other rows are what making them would give.
        accepts_fewer: whether far fewer places than usual are published all the same, because a person asks for it.
    """

    dsn: str
    clock: Clock
    run_id: str | None = None
    only_noted: bool = False
    accepts_fewer: bool = False

    def places(self, content_type: ContentType, region_code: str) -> Publishing:
        """Publish the places of one kind in one region.

        Raises:
            JudgeLostError: the judging process ended; nothing is published or recorded.
        """
        table = PLACE_TABLES[content_type.name]
        suite = SUITES[table.fullname]
        items, problems, now = 0, Counter[str](), self.clock()
        partition = {"content_type_id": content_type.content_type_id, "region_code": region_code}
        with Publication(self.dsn, table, **partition, now=now, only_noted=self.only_noted) as publication:
            batch = self._batch(publication, region_code, [content_type.content_type_id], now)
            if publication.is_empty():
                return _nothing(publication, suite, batch)
            JUDGE.start()  # it imports its libraries while rows are made
            for received in publication.items():
                made = places(received)
                publication.stage(made.rows, made.rejected)
                items += len(received)
                problems.update(made.rows["coordinates_problem"].dropna())
            published = publication.complete()
            has_details = publication.has_details()
            without = frozenset() if has_details else suite.optional_columns
            derived = findings.of_places(content_type, region_code, now=now, has_details=has_details)
            rows = _rows(publication, [column for column in suite.columns if column not in without], derived)
            judged = (with_location_findings(part, region_code) for part in rows)
            unusable = publication.unusable_values()
            result = self._judged(publication, suite, batch, judged, items, published, unusable_values=unusable)
        return replace(result, coordinate_problems=problems)

    def details(self, detail: DetailTable, region_code: str) -> Publishing:
        """Publish a table of details of one region. Raises like `places`."""
        table = DETAIL_TABLES[detail.name]
        suite, now = SUITES[table.fullname], self.clock()
        with DetailPublication(
            self.dsn, detail, region_code=region_code, now=now, only_noted=self.only_noted
        ) as publication:
            batch = self._batch(publication, region_code, detail.content_type_ids, now)
            if publication.is_empty():
                return _nothing(publication, suite, batch)
            JUDGE.start()
            items = 0
            for answers in publication.answers():
                publication.stage(detail_rows(detail.operation, answers))
                items += sum(map(len, answers["items"]))
            published = publication.complete()
            rows = _rows(publication, suite.columns, findings.of_details(detail, region_code))
            return self._judged(publication, suite, batch, rows, items, published)

    def _batch(
        self, publication: PartitionMerge[Published], region_code: str, content_type_ids: Collection[str], now: datetime
    ) -> Batch:
        """What is judged. A list that is read from now on is not in it."""
        read_at = publication.first(lambda connection: list_read(connection, content_type_ids, region_code))
        return Batch(publication.table.fullname, region_code, now, self.run_id, data_as_of=read_at)

    def _judged(
        self,
        publication: Publication | DetailPublication,
        suite: Suite,
        batch: Batch,
        rows: Iterator["pd.DataFrame"],
        items: int,
        published: Published,
        *,
        unusable_values: Counter[str] | None = None,
    ) -> Publishing:
        """Judge the partition as it will be, and publish it if it passes.

        Args:
            publication: with everything staged and completed.
            suite: its rules.
            batch: what is judged.
            rows: the rows as they will be, with the columns of the suite.
            items: how many items rows were made from.
            published: what publishing changes.
            unusable_values: values of the rows that are empty because they can't be used, by reason.
        """
        rejections = publication.rejections()
        # What has no id was never a place of the list, so no row is expected of it.
        unusable = sum(count for reason, count in rejections.items() if reason not in WITHOUT_ID)
        rejections += unusable_values or Counter()
        verdict, verdict_id = audit(
            publication,
            suite,
            replace(batch, rejections=rejections),
            rows,
            profiled=[column for column in publication.table.columns if column.name not in KEPT_BY_THE_TABLE],
            given={
                "region_code": batch.partition_key or "",
                "judged_at": batch.judged_at.isoformat(),
                ASKED_BY: A_PERSON if self.accepts_fewer else THE_OUTBOX,
            },
            given_at_end=lambda rows: {"minimum_rows": _minimum_rows(rows + unusable, suite.minimum_score / 100)},
        )
        shown = published if verdict.passed else None
        return Publishing(items, items - published.published, verdict, verdict_id, shown, rejections=rejections)


def _rows(
    publication: Publication | DetailPublication, columns: Sequence[str], derived: Sequence[Derived]
) -> Iterator["pd.DataFrame"]:
    """The rows as they will be published, with those of the columns that the table has, and what is derived."""
    return publication.read([column for column in columns if column in publication.table.columns], derived)


def _nothing(publication: PartitionMerge[Published], suite: Suite, batch: Batch) -> Publishing:
    """Record an empty verdict for a partition in which nothing is listed and nothing is published."""
    verdict, verdict_id = record_nothing(publication, suite, replace(batch, rejections={}))
    return Publishing(0, 0, verdict, verdict_id, Published(0, 0, 0, 0))


def _minimum_rows(items: int, share: float) -> int:
    """The number of items that must have become rows.

    Items without a title and the like are rejected. If many are, the list itself is broken. In a small list, one or two
    rejected items prove nothing.
    """
    return math.ceil(share * items) if items >= FEW_ITEMS else math.ceil(share * items / 2)
