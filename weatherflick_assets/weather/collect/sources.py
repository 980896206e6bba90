"""Collects answers of sources: about an issue, or about what is so now."""

from collections.abc import Mapping, Sequence

from weatherflick_assets.settings import Clock
from weatherflick_assets.upstream.client import UpstreamClient
from weatherflick_assets.warehouse.connections import connect
from weatherflick_assets.warehouse.partitioned import ensure
from weatherflick_assets.weather.collect.answers import Collected, Question, collect_answers, problem_of
from weatherflick_assets.weather.issues import NothingCollectedError, Series
from weatherflick_assets.weather.store import collections
from weatherflick_assets.weather.store.answers import AnswerStore
from weatherflick_assets.weather.tables import ISSUE_ANSWERS


async def collect_issue(
    client: UpstreamClient,
    dsn: str,
    series: Series,
    question: Question,
    subjects: Sequence[str],
    *,
    clock: Clock,
    most_asked: int | None = None,
) -> Mapping[str, Collected]:
    """Have a question about an issue answered, of so many subjects at most, and record how far that got.

    Returns:
        What was asked and answered, by operation.

    Raises:
        PastRetentionError, LateIssueError: the upstream does not give the issue any more, or not yet.
    """
    now = clock()
    series.check_readable(question.issued_at, now)
    with collections.attempt(dsn, series, question.issued_at, now) as attempt:
        attempt.planned = len(subjects)
        async with AnswerStore(dsn) as store:
            collected = await collect_answers(client, store, question, subjects, most_asked=most_asked)
        attempt.answered = collected.known
        attempt.problem = problem_of(collected, may_be_empty=question.may_be_empty)
    return {question.operation.name: collected}


async def collect_now(
    client: UpstreamClient, dsn: str, question: Question, subjects: Sequence[str]
) -> Mapping[str, Collected]:
    """Have a question about what is so now answered.

    Returns:
        What was asked and answered, by operation.

    Raises:
        LateIssueError: there are no data about any subject, and the question says that this can't be.
        NothingCollectedError: no answer could be read, and the question says that there must be one.
    """
    with connect(dsn) as connection:
        ensure(connection, ISSUE_ANSWERS, question.issued_at)
    async with AnswerStore(dsn) as store:
        collected = await collect_answers(client, store, question, subjects)
    if collected.unreadable and not collected.known and not question.may_be_empty:
        raise NothingCollectedError(next(iter(collected.unreadable.values())))
    return {question.operation.name: collected}
