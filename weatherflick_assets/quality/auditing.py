"""The audit of write, audit, publish: staged rows are judged and profiled, and the verdict is recorded with what it lets through."""

from collections.abc import Callable, Iterable, Sequence
from typing import TYPE_CHECKING

from sqlalchemy import Column

from weatherflick_assets.quality.history import usual_rows
from weatherflick_assets.quality.judge_process import JUDGE
from weatherflick_assets.quality.profiles import profile
from weatherflick_assets.quality.rules import USUAL_ROWS, GivenValues, Suite
from weatherflick_assets.quality.store import Batch, record
from weatherflick_assets.quality.verdict import Verdict
from weatherflick_assets.warehouse.publishing import PublishingTransaction

if TYPE_CHECKING:
    import pandas as pd


def audit(
    publication: PublishingTransaction,
    suite: Suite,
    batch: Batch,
    rows: Iterable["pd.DataFrame"],
    *,
    profiled: Sequence[Column],
    given: GivenValues,
    given_at_end: Callable[[int], GivenValues],
) -> tuple[Verdict, int]:
    """Judge a partition as it will be, and publish it if it passes. Returns the verdict and its id.

    Args:
        publication: with everything staged.
        suite: its rules.
        batch: what is judged.
        rows: the rows that it will have, in parts, with the columns of the suite.
        profiled: the columns to profile.
        given: values that the rules need.
        given_at_end: values that follow from the number of rows.

    Raises:
        JudgeLostError: the judging process ended; nothing is published or recorded.
    """
    with JUDGE.judgement(suite, given) as judgement:
        row_count = 0
        for part in rows:
            judgement.add(part)
            row_count += len(part)
        # While the rows are judged, the database looks at their columns.
        usual = publication.then(lambda cursor: usual_rows(cursor, suite, batch)).result()
        profiling = publication.then(lambda cursor: profile(cursor, publication.rows_as_published(), profiled))
        verdict = judgement.verdict({USUAL_ROWS: usual, **given_at_end(row_count)})
        profiles = profiling.result()
    conclude = publication.publish if verdict.passed else publication.hold_back
    return verdict, conclude(lambda cursor: record(cursor, batch, verdict, profiles, published=verdict.passed))


def record_nothing(publication: PublishingTransaction, suite: Suite, batch: Batch) -> tuple[Verdict, int]:
    """Record an empty verdict for a partition that has nothing to publish. Returns it with its id."""
    verdict = Verdict(suite.name, 0, (), minimum_score=suite.minimum_score)
    return verdict, publication.leave_empty(lambda cursor: record(cursor, batch, verdict, (), published=True))
