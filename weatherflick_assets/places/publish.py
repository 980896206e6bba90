"""Publishes the places of a region and their details: transforms, stages and judges raw items before showing them.

This module combines transforms, quality and warehouse. The Dagster assets are in `assets/`. A verdict is recorded in
the same transaction as the rows it lets through. If it holds rows back, or there are none, it is recorded alone.
"""

import math
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field

import pandas as pd
from sqlalchemy import Table

from weatherflick_assets.places.content_types import ContentType
from weatherflick_assets.places.detail_tables import DetailTable
from weatherflick_assets.places.store.detail_publication import DetailPublication
from weatherflick_assets.places.store.place_publication import Publication, Published
from weatherflick_assets.places.suites.places import SUITES
from weatherflick_assets.places.tables import DETAIL_TABLES, KEPT_BY_THE_TABLE, PLACE_TABLES
from weatherflick_assets.places.transform.details import detail_rows
from weatherflick_assets.places.transform.places import places
from weatherflick_assets.quality.judge_process import JUDGE
from weatherflick_assets.quality.profiles import profile
from weatherflick_assets.quality.rules import Suite
from weatherflick_assets.quality.store import Batch, record
from weatherflick_assets.quality.verdict import Verdict
from weatherflick_assets.settings import Clock
from weatherflick_assets.warehouse.merging import PartitionMerge

FEW_ITEMS = 20
"""Below this, half of the required share is enough."""


@dataclass(frozen=True)
class Publishing:
    """The result of publishing one partition.

    Attributes:
        items: items in the raw layer for the visible places of the partition.
        unusable: items that could not become rows.
        verdict: the verdict of the suite.
        verdict_id: the id of the recorded verdict.
        published: what changed; None if the verdict held the rows back.
        coordinate_problems: rows without coordinates, by reason.
    """

    items: int
    unusable: int
    verdict: Verdict
    verdict_id: int
    published: Published | None
    coordinate_problems: Counter[str] = field(default_factory=Counter)


def publish_places(
    dsn: str, content_type: ContentType, region_code: str, *, clock: Clock, run_id: str | None = None
) -> Publishing:
    """Make the core rows of one partition from the raw layer, and publish them if their suite passes.

    The partition is processed in chunks. While one chunk is made, the judging process judges the earlier ones and the
    database merges them. If a blocking rule fails, only the verdict is written, so the last good rows stay. If nothing
    is listed and nothing is published, an empty verdict is recorded without judging.

    Raises:
        JudgeLostError: the judging process ended; nothing is published or recorded.
    """
    table = PLACE_TABLES[content_type.name]
    suite = SUITES[table.fullname]
    now = clock()
    batch = Batch(table.fullname, region_code, now, run_id)
    usable = unusable = 0
    problems: Counter[str] = Counter()
    partition = {"content_type_id": content_type.content_type_id, "region_code": region_code}
    given = {"region_code": region_code, "judged_at": now.isoformat()}
    with Publication(dsn, table, **partition, now=now) as publication:
        if publication.is_empty():
            return _nothing(publication, suite, batch)
        with JUDGE.judgement(suite, given) as judgement:
            for items in publication.items():
                made = places(items)
                judgement.add(_judged(made.rows, suite))
                publication.stage(made.rows, made.rejected)
                usable += len(made.rows)
                unusable += len(made.rejected)
                problems.update(made.rows["coordinates_problem"].dropna())
            conclude = _concluding(publication, table, batch)
            verdict = judgement.verdict({"minimum_rows": _minimum_rows(usable + unusable, suite.minimum_score / 100)})
            published, verdict_id = conclude(verdict)
    return Publishing(usable + unusable, unusable, verdict, verdict_id, published, problems)


def publish_details(
    dsn: str, detail: DetailTable, region_code: str, *, clock: Clock, run_id: str | None = None
) -> Publishing:
    """Make the rows of a table of details for one region from the raw layer, and publish them like `publish_places`."""
    table = DETAIL_TABLES[detail.name]
    suite = SUITES[table.fullname]
    now = clock()
    batch = Batch(table.fullname, region_code, now, run_id)
    items = usable = 0
    with DetailPublication(dsn, detail, region_code=region_code, now=now) as publication:
        if publication.is_empty():
            return _nothing(publication, suite, batch)
        with JUDGE.judgement(suite, {"region_code": region_code}) as judgement:
            for answers in publication.answers():
                made = detail_rows(detail.operation, answers)
                judgement.add(_judged(made, suite))
                publication.stage(made)
                items += sum(map(len, answers["items"]))
                usable += len(made)
            conclude = _concluding(publication, table, batch)
            verdict = judgement.verdict({"minimum_rows": _minimum_rows(items, suite.minimum_score / 100)})
            published, verdict_id = conclude(verdict)
    return Publishing(items, items - usable, verdict, verdict_id, published)


def _concluding(
    publication: PartitionMerge[Published], table: Table, batch: Batch
) -> Callable[[Verdict], tuple[Published | None, int]]:
    """Start to complete and profile staged rows while they are judged; return a function that publishes by verdict."""
    publication.complete()
    columns = [column for column in table.columns if column.name not in KEPT_BY_THE_TABLE]
    profiling = publication.then(
        lambda cursor: profile(cursor, publication.staged_rows, columns, filled=publication.staged_columns)
    )

    def conclude(verdict: Verdict) -> tuple[Published | None, int]:
        profiles = profiling.result()
        if not verdict.passed:
            return None, publication.hold_back(lambda cursor: record(cursor, batch, verdict, profiles, published=False))
        recording = publication.then(lambda cursor: record(cursor, batch, verdict, profiles, published=True))
        return publication.publish(), recording.result()

    return conclude


def _nothing(publication: PartitionMerge[Published], suite: Suite, batch: Batch) -> Publishing:
    """Record an empty verdict for a partition in which nothing is listed and nothing is published."""
    verdict = Verdict(suite.name, 0, (), minimum_score=suite.minimum_score)
    verdict_id = publication.leave_empty(lambda cursor: record(cursor, batch, verdict, (), published=True))
    return Publishing(0, 0, verdict, verdict_id, Published(0, 0, 0, 0))


def _judged(rows: pd.DataFrame, suite: Suite) -> pd.DataFrame:
    """The columns that the suite judges."""
    return rows[[column for column in suite.columns if column in rows]]


def _minimum_rows(items: int, share: float) -> int:
    """The number of items that must have become rows.

    Items without a title and the like are rejected. If many are, the list itself is broken. In a small list, one or two
    rejected items prove nothing.
    """
    return math.ceil(share * items) if items >= FEW_ITEMS else math.ceil(share * items / 2)
