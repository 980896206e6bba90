"""Publishing places, and what is said about them, in a region: raw items transformed, staged, judged, and only then shown.

Here transforms, quality and warehouse are put together; Dagster's view of it is in `assets/`. A verdict is recorded with
the rows it lets through. Where it holds rows back, or there are none, it is recorded alone.
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
"""Below it, half of the required share is enough."""


@dataclass(frozen=True)
class Publishing:
    """How publishing one partition ended.

    Attributes:
        items: items the raw layer holds for the visible places of the partition.
        unusable: items that could not become rows.
        verdict: what the suite found.
        verdict_id: under which it is recorded.
        published: what changed; None when the verdict held the rows back.
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
    """Make the core rows of one partition from the raw layer, and publish them if their suite lets them.

    The partition passes through in chunks: while one is made, the ones before are judged, in the judging process, and
    merged by the database. When a blocking rule fails nothing but the verdict is written, so the last good rows stay.
    Where nothing is listed and nothing is published, an empty verdict is recorded without judging.

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
    """Make the rows of a table of details about one region's places from the raw layer; published like `publish_places`."""
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
    """Begin to complete and profile what was staged, while it is judged; the result publishes it as the verdict says."""
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
    """Nothing is listed and nothing is published: the verdict says so, and there is nothing to hold back."""
    verdict = Verdict(suite.name, 0, (), minimum_score=suite.minimum_score)
    verdict_id = publication.leave_empty(lambda cursor: record(cursor, batch, verdict, (), published=True))
    return Publishing(0, 0, verdict, verdict_id, Published(0, 0, 0, 0))


def _judged(rows: pd.DataFrame, suite: Suite) -> pd.DataFrame:
    """What the suite looks at."""
    return rows[[column for column in suite.columns if column in rows]]


def _minimum_rows(items: int, share: float) -> int:
    """How many of the items must have become rows.

    Items without a title and the like are set apart; when many are, the list itself is broken. Of a handful, one or two
    say nothing.
    """
    return math.ceil(share * items) if items >= FEW_ITEMS else math.ceil(share * items / 2)
