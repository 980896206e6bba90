"""Publishing a kind of place in a region: raw items transformed, staged, judged, and only then shown.

Here transforms, quality and warehouse are put together; Dagster's view of it stands in `assets/`.
"""

import math
from collections import Counter
from dataclasses import dataclass

from weatherflick_assets.content_types import ContentType
from weatherflick_assets.quality.judge_process import JUDGE
from weatherflick_assets.quality.suites import SUITES
from weatherflick_assets.quality.verdict import Verdict
from weatherflick_assets.settings import Clock
from weatherflick_assets.transforms.places import places
from weatherflick_assets.warehouse.publishing import Publication, Published
from weatherflick_assets.warehouse.tables import PLACE_TABLES

FEW_ITEMS = 20
"""Below it, half of the required share is enough."""


@dataclass(frozen=True)
class Publishing:
    """How publishing one partition ended.

    Attributes:
        items: visible items the raw layer holds for the partition.
        unusable: items that could not become rows.
        coordinate_problems: rows without coordinates, by reason.
        verdict: what the suite found.
        published: what changed; None when the verdict held the rows back.
    """

    items: int
    unusable: int
    coordinate_problems: Counter[str]
    verdict: Verdict
    published: Published | None


def publish_places(dsn: str, content_type: ContentType, region_code: str, *, clock: Clock) -> Publishing:
    """Make the core rows of one partition from the raw layer, and publish them if their suite lets them.

    The partition passes through in chunks: while one is made, the ones before are judged, in the judging process, and
    merged by the database. When a blocking rule fails nothing is changed, so the last good rows stay.
    """
    table = PLACE_TABLES[content_type.name]
    suite = SUITES[table.fullname]
    judged = list(suite.columns)
    now = clock()
    usable = unusable = 0
    problems: Counter[str] = Counter()
    partition = {"content_type_id": content_type.content_type_id, "region_code": region_code}
    with (
        Publication(dsn, table, **partition, now=now) as publication,
        JUDGE.judgement(suite.table_name, {"region_code": region_code, "judged_at": now.isoformat()}) as judgement,
    ):
        for items in publication.items():
            made = places(items)
            judgement.add(made.rows[judged])
            publication.stage(made.rows, made.rejected)
            usable += len(made.rows)
            unusable += len(made.rejected)
            problems.update(made.rows["coordinates_problem"].dropna())
        publication.complete()
        verdict = judgement.verdict({"minimum_rows": _minimum_rows(usable + unusable, suite.minimum_score / 100)})
        published = publication.publish() if verdict.passed else None
    return Publishing(usable + unusable, unusable, problems, verdict, published)


def _minimum_rows(items: int, share: float) -> int:
    """How many of the items must have become rows.

    Items without a title and the like are set apart; when many are, the list itself is broken. Of a handful, one or two
    say nothing.
    """
    return math.ceil(share * items) if items >= FEW_ITEMS else math.ceil(share * items / 2)
