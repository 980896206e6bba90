"""Collects the answers of an operation about an issue: subject by subject, resumed where an earlier collection stopped.

No call is repeated, however a collection ends. Answers that are noted are not asked for again. Those that were received
and not noted, because the process was killed, are noted first. A subject whose answer can't be read costs itself alone.
"""

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime

from weatherflick_assets.upstream.client import Answer, UpstreamClient
from weatherflick_assets.upstream.declarations import Operation
from weatherflick_assets.upstream.errors import (
    DownError,
    ExhaustedError,
    PermanentError,
    RefusedKeyError,
    ThrottledError,
    UpstreamError,
)
from weatherflick_assets.upstream.outcomes import Reply, read_answer
from weatherflick_assets.upstream.workers import work_through
from weatherflick_assets.warehouse.response_store import StoredResponse
from weatherflick_assets.weather.issues import KEY_FORMAT, LateIssueError, NoAnswerError
from weatherflick_assets.weather.store.answers import AnswerStore, IssueAnswer

BATCH = 100
"""Answers noted at once."""

EMPTY_AT_FIRST = 3
"""If this many subjects have no data and none has any, no others are asked: the issue, or the rest of it, is not published."""

FAILURES_IN_A_ROW = 5
"""After this many subjects without a readable answer in between, no further ones are asked about."""

_OF_THE_UPSTREAM = (DownError, ExhaustedError, RefusedKeyError, ThrottledError)
"""Errors that say nothing about the subject: they end the collection."""


@dataclass(frozen=True)
class Question:
    """An operation asked about subjects of an issue.

    Attributes:
        operation: what is called.
        issued_at: the issue.
        issue: the parameters that name it.
        of_subject: the further parameters that name a subject.
        subject_of: the subject that the parameters of a call name; None for a call that does not answer the question.
        published: asset key and partition key of everything that is made from the answers.
        is_about_issue: whether an item is about the issue; an answer without such an item is not there yet. None: all are.
        may_be_empty: whether the upstream may have nothing to say about all subjects, so that this is not taken for lateness.
    """

    operation: Operation
    issued_at: datetime
    issue: Mapping[str, str]
    of_subject: Callable[[str], Mapping[str, str]]
    subject_of: Callable[[Mapping[str, str]], str | None]
    published: Collection[tuple[str, str]]
    is_about_issue: Callable[[Mapping[str, object]], bool] | None = None
    may_be_empty: bool = False

    def is_answered_by(self, items: Iterable[Mapping[str, object]]) -> bool:
        """Whether rows are an answer."""
        return any(self.is_about_issue is None or self.is_about_issue(item) for item in items)

    @property
    def name(self) -> str:
        """Operation and issue, for people."""
        return f"{self.operation.name} of {self.issued_at.strftime(KEY_FORMAT)}"


@dataclass
class Collected:
    """What a collection of answers did.

    Attributes:
        wanted: subjects that were to be answered.
        before: of these, subjects that were answered before.
        recalled: subjects whose answer was received by an earlier collection, and noted now.
        answered: subjects that were asked about and answered.
        empty: subjects that the upstream has no data about.
        unreadable: why an answer could not be read, by subject.
        unasked: subjects that were left for another time, because there were to be no more calls.
        stopped_by: the error that ended it early.
    """

    wanted: int
    before: int = 0
    recalled: int = 0
    answered: int = 0
    empty: list[str] = field(default_factory=list)
    unreadable: dict[str, str] = field(default_factory=dict)
    unasked: int = 0
    stopped_by: UpstreamError | None = None

    @property
    def known(self) -> int:
        """Subjects of which there is an answer."""
        return self.before + self.recalled + self.answered


async def collect_answers(
    client: UpstreamClient,
    store: AnswerStore,
    question: Question,
    subjects: Sequence[str],
    *,
    most_asked: int | None = None,
) -> Collected:
    """Have a question answered about subjects, in this order, as far as the upstream allows.

    Answers received are always noted, also those before an error. `most_asked`: about so many subjects at most.

    Raises:
        LateIssueError: the issue is not published.
    """
    recalled = await _recalled(store, question)
    await _note(store, question, [answer for answer in recalled if answer.subject in {*subjects}])
    answered = await store.answered(question.operation, question.issued_at)
    collected = Collected(len(subjects))
    collected.recalled = sum(answer.subject in {*subjects} for answer in recalled)
    collected.before = len(answered.intersection(subjects)) - collected.recalled
    collection = _Collection(client, store, question, collected)
    left = [subject for subject in subjects if subject not in answered]
    if most_asked is not None:
        left, unasked = left[:most_asked], left[most_asked:]
        collected.unasked = len(unasked)
    while left and collected.stopped_by is None and not collection.is_in_vain:
        # A few at a time until one is answered, so that an issue that is not published costs few calls.
        several = left if collected.answered else left[:EMPTY_AT_FIRST]
        left = left[len(several) :]
        collected.stopped_by = await work_through(several, collection.ask, workers=client.concurrency)
    await collection.note()
    if collection.is_in_vain and not collected.known:
        raise LateIssueError(
            f"{question.name} is not published: {len(collected.empty)} of {len(subjects)} subjects were asked about, and there "
            "are no data. It is asked for again; until then the issue before it stands."
        )
    return collected


def problem_of(collected: Collected, *, may_be_empty: bool = False) -> str | None:
    """Why a collection is not complete, in a sentence; None if it is. `may_be_empty`: as a question says."""
    if collected.stopped_by is not None:
        return str(collected.stopped_by)
    if (missing := collected.wanted - collected.known) > (len(collected.empty) if may_be_empty else 0):
        reasons = [f"{len(collected.empty)} were asked about and have no data"] if collected.empty else []
        reasons += [problem.rstrip(".") for problem in sorted({*collected.unreadable.values()})[:1]]
        reasons += [f"for {collected.unasked} there are to be no calls now"] if collected.unasked else []
        return f"{missing} of {collected.wanted} subjects are not answered: {'; '.join(reasons)}"
    return None


def check_answered(found: Iterable[Collected]) -> None:
    """Let a run fail that can't go on, or has nothing to show; what was answered is kept.

    Raises:
        UpstreamError: what ended a collection early.
        NoAnswerError: not one answer could be read.
    """
    collected = [*found]
    for each in collected:
        if each.stopped_by is not None:
            raise each.stopped_by
    if any(each.unreadable for each in collected) and not any(each.known for each in collected):
        raise NoAnswerError(" ".join(f"{problem}." for each in collected if (problem := problem_of(each))))


@dataclass
class _Collection:
    """One collection in progress, with the answers that are not noted yet."""

    client: UpstreamClient
    store: AnswerStore
    question: Question
    collected: Collected
    waiting: list[IssueAnswer] = field(default_factory=list)
    failures_in_a_row: int = 0

    @property
    def is_in_vain(self) -> bool:
        """Whether nothing has come but word that there are no data."""
        if self.question.may_be_empty:
            return False
        found = self.collected
        left = found.wanted - found.before - found.recalled - found.unasked
        return not found.answered and 0 < min(EMPTY_AT_FIRST, left) <= len(found.empty)

    async def ask(self, subject: str) -> None:
        """Ask about a subject."""
        try:
            answers = await self._answers(subject)
        except _OF_THE_UPSTREAM:
            raise
        except UpstreamError as error:
            self.collected.unreadable[subject] = str(error)
            self.failures_in_a_row += 1
            if self.failures_in_a_row >= FAILURES_IN_A_ROW:
                raise
            return
        self.failures_in_a_row = 0
        if not self.question.is_answered_by(item for answer in answers for item in answer.page.items):
            self.collected.empty.append(subject)
            return
        self.collected.answered += 1
        ids = [answer.response_id for answer in answers]
        self.waiting.append(IssueAnswer(subject, ids, answers[-1].fetched_at))
        if len(self.waiting) >= BATCH:
            await self.note()

    async def note(self) -> None:
        """Note the answers that wait for it."""
        waiting, self.waiting = self.waiting, []
        await _note(self.store, self.question, waiting)

    async def _answers(self, subject: str) -> list[Answer]:
        """All pages about a subject.

        Raises:
            PermanentError: the pages have fewer rows than the upstream says there are.
        """
        operation = self.question.operation
        asked = {**self.question.issue, **self.question.of_subject(subject)}
        answers: list[Answer] = []
        rows = 0
        while not answers or (rows < answers[0].page.total_count and answers[-1].page.items):
            page = operation.page(len(answers) + 1) if operation.rows_per_page else {}
            answers.append(await self.client.call(operation, {**asked, **page}))
            rows += len(answers[-1].page.items)
        if (missing := answers[0].page.total_count - rows) > 0 and rows:
            message = (
                f"{self.question.name} about {subject}: {missing} rows of {answers[0].page.total_count} are missing."
            )
            raise PermanentError(message, code="incomplete")
        return answers


async def _note(store: AnswerStore, question: Question, answers: Sequence[IssueAnswer]) -> None:
    if answers:
        await store.note(question.operation, question.issued_at, answers, question.published)


async def _recalled(store: AnswerStore, question: Question) -> list[IssueAnswer]:
    """Complete answers among the responses that were received and not noted."""
    kept = await store.unnoted(question.operation, question.issued_at, question.issue, question.subject_of)
    return [answer for subject, responses in kept.items() if (answer := _whole(question, subject, responses))]


def _whole(question: Question, subject: str, responses: Iterable[StoredResponse]) -> IssueAnswer | None:
    """The answer that stored pages make up; None if pages are missing or none has a row of the issue."""
    operation = question.operation
    pages: dict[int, tuple[list[dict[str, object]], StoredResponse]] = {}
    total = None
    for response in responses:
        with suppress(UpstreamError):
            page = read_answer(operation, Reply(response.http_status, {}, response.body))
            number = operation.pager.number(response.request_params) if operation.rows_per_page else 1
            pages[number] = page.items, response
            total = page.total_count
    if not pages or [*sorted(pages)] != [*range(1, len(pages) + 1)]:
        return None
    rows = [item for items, _ in pages.values() for item in items]
    if total is None or len(rows) < total or not question.is_answered_by(rows):
        return None
    return IssueAnswer(
        subject,
        [pages[number][1].response_id for number in sorted(pages)],
        max(response.fetched_at for _, response in pages.values()),
    )
