"""Collects an issue of the mid-term forecast: all points, land regions and offices."""

from collections.abc import Mapping
from datetime import datetime

from weatherflick_assets.settings import KST, Clock
from weatherflick_assets.upstream.client import UpstreamClient
from weatherflick_assets.weather import midterm
from weatherflick_assets.weather.collect.answers import Collected, Question, collect_answers, problem_of
from weatherflick_assets.weather.issues import MIDTERM, key_of
from weatherflick_assets.weather.store import collections
from weatherflick_assets.weather.store.answers import AnswerStore


async def collect_midterm(
    client: UpstreamClient, dsn: str, issue: datetime, *, clock: Clock
) -> Mapping[str, Collected]:
    """Ask about everything that is not answered yet, and note the answers.

    Returns:
        What was asked and answered, by operation; those after an error of the upstream are missing.

    Raises:
        PastRetentionError, LateIssueError: the upstream does not give the issue any more, or not yet.
    """
    MIDTERM.check_readable(issue, clock())
    found: dict[str, Collected] = {}
    subjects = midterm.subjects()
    with collections.attempt(dsn, MIDTERM, issue, clock()) as attempt:
        attempt.planned = sum(len(asked) for _, asked in subjects)
        async with AnswerStore(dsn) as store:
            for operation, asked in subjects:
                parameter = midterm.SUBJECT_PARAMETER[operation.name]
                question = Question(
                    operation=operation,
                    issued_at=issue,
                    issue=midterm.issue_parameters(issue.astimezone(KST)),
                    of_subject=lambda subject, parameter=parameter: {parameter: subject},
                    subject_of=lambda parameters, parameter=parameter: parameters[parameter],
                    published=[(midterm.ASSET_KEY, key_of(issue))],
                )
                found[operation.name] = await collect_answers(client, store, question, asked)
                attempt.answered += found[operation.name].known
                if found[operation.name].stopped_by is not None:
                    break
        attempt.problem = next(filter(None, map(problem_of, found.values())), None)
    return found
