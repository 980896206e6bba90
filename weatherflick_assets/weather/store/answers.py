"""Which responses answer an issue: the only writer of `raw.issue_answers`, and the reader that publications use.

An answer is noted when it is complete, with all its pages. Answers that were received and not noted, because the process
was killed, are found again in `raw.responses`, so that no call is repeated.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

import psycopg
from psycopg.types.json import Jsonb

from weatherflick_assets.errors import PlatformError
from weatherflick_assets.upstream.declarations import Operation
from weatherflick_assets.warehouse.outbox import NOTE, Notes
from weatherflick_assets.warehouse.response_store import StoredResponse
from weatherflick_assets.warehouse.sessions import Session

_NOTE_ANSWERS = """
INSERT INTO raw.issue_answers AS known (provider, operation, issued_at, subject, response_ids, fetched_at)
SELECT %(provider)s, %(operation)s, %(issued_at)s, subject, response_ids::bigint[], fetched_at
FROM unnest(%(subjects)s::text[], %(responses)s::text[], %(fetched_at)s::timestamptz[])
     AS answer (subject, response_ids, fetched_at)
ORDER BY subject
ON CONFLICT (provider, operation, issued_at, subject) DO UPDATE
SET response_ids = EXCLUDED.response_ids, fetched_at = EXCLUDED.fetched_at
WHERE EXCLUDED.fetched_at > known.fetched_at
"""

_ANSWERED = """
SELECT subject FROM raw.issue_answers WHERE provider = %s AND operation = %s AND issued_at = %s
"""

_NEWEST = """
SELECT subject, max(issued_at) FROM raw.issue_answers
WHERE provider = %s AND operation = %s AND issued_at BETWEEN %s AND %s GROUP BY subject
"""

_KEPT = """
SELECT response_id, request_params, fetched_at FROM raw.calls
WHERE provider = %(provider)s AND operation = %(operation)s AND fetched_at >= %(since)s AND http_status = 200
  AND request_params @> %(issue)s
ORDER BY response_id
"""

_RESPONSES = """
SELECT response_id, request_params, http_status, body, fetched_at FROM raw.responses
WHERE response_id = ANY(%s) AND body IS NOT NULL ORDER BY response_id
"""

_ANSWERS = """
SELECT answer.subject, answer.fetched_at, answer.response_ids, ARRAY(
    SELECT stored.body FROM unnest(answer.response_ids) WITH ORDINALITY AS page (response_id, number)
    JOIN raw.responses AS stored USING (response_id) WHERE stored.body IS NOT NULL ORDER BY page.number
)
FROM raw.issue_answers AS answer
WHERE provider = %s AND operation = %s AND issued_at = %s ORDER BY subject
"""

_ANSWERS_SINCE = _ANSWERS.replace("issued_at = %s ORDER BY subject", "issued_at >= %s ORDER BY fetched_at")

_NEWEST_ANSWERS = _ANSWERS.replace(
    "issued_at = %s",
    """NOT EXISTS (
    SELECT FROM raw.issue_answers AS newer
    WHERE (newer.provider, newer.operation, newer.subject) = (answer.provider, answer.operation, answer.subject)
      AND newer.issued_at > answer.issued_at
)""",
)


class BodiesDroppedError(PlatformError):
    """The responses that an issue was made from are no longer stored."""


@dataclass(frozen=True)
class IssueAnswer:
    """The complete answer about a subject of an issue.

    Attributes:
        subject: what was asked about.
        response_ids: the responses that it came in, page by page.
        fetched_at: when the last of them had been read.
    """

    subject: str
    response_ids: Sequence[int]
    fetched_at: datetime


@dataclass(frozen=True)
class StoredAnswer:
    """An answer read back: its subject, when it was read, its responses, and their bodies, page by page."""

    subject: str
    fetched_at: datetime
    response_ids: list[int]
    bodies: list[bytes]


class AnswerStore(Session):
    """Notes answers, each batch in a transaction of its own. Use it as an asynchronous context manager."""

    def __init__(self, dsn: str) -> None:
        super().__init__(dsn, autocommit=True)

    async def note(
        self,
        operation: Operation,
        issued_at: datetime,
        answers: Sequence[IssueAnswer],
        published: Iterable[tuple[str, str]],
    ) -> None:
        """Note answers, and in the outbox what follows: asset keys and partition keys."""
        notes = Notes()
        notes.add(published)
        async with self._one_at_a_time, self.connection.transaction():
            await self.connection.execute(
                _NOTE_ANSWERS,
                {
                    "provider": operation.provider.name,
                    "operation": operation.name,
                    "issued_at": issued_at,
                    "subjects": [answer.subject for answer in answers],
                    # Arrays of arrays must be rectangular, and answers have different numbers of pages.
                    "responses": [f"{{{','.join(map(str, answer.response_ids))}}}" for answer in answers],
                    "fetched_at": [answer.fetched_at for answer in answers],
                },
            )
            if notes:
                since = max(answer.fetched_at for answer in answers)
                await self.connection.execute(NOTE, notes.parameters(cause=f"answers of {operation.name}", since=since))

    async def answered(self, operation: Operation, issued_at: datetime) -> set[str]:
        """The subjects of an issue that are answered."""
        return {
            subject for (subject,) in await self.rows(_ANSWERED, (operation.provider.name, operation.name, issued_at))
        }

    async def unnoted(
        self,
        operation: Operation,
        issued_at: datetime,
        issue: Mapping[str, str],
        subject_of: Callable[[Mapping[str, str]], str | None],
    ) -> dict[str, list[StoredResponse]]:
        """Responses about subjects of an issue that are not noted, by subject, in the order in which they came.

        Args:
            operation: what was called.
            issued_at: the issue.
            issue: the parameters that name it in a call.
            subject_of: the subject that the parameters of a call name; None for a call that is about something else.
        """
        noted = await self.answered(operation, issued_at)
        found = await self.rows(
            _KEPT,
            {
                "provider": operation.provider.name,
                "operation": operation.name,
                "since": issued_at,
                "issue": Jsonb(dict(issue)),
            },
        )
        ids = [response_id for response_id, parameters, _ in found if subject_of(parameters) not in {None, *noted}]
        grouped: dict[str, list[StoredResponse]] = {}
        for row in await self.rows(_RESPONSES, (ids,)) if ids else ():
            response = StoredResponse(*row)
            if (subject := subject_of(response.request_params)) is not None:
                grouped.setdefault(subject, []).append(response)
        return grouped


def newest_issues(
    connection: psycopg.Connection, operation: Operation, after: datetime, until: datetime
) -> dict[str, datetime]:
    """The newest issue between two times that each subject is answered in."""
    asked = (operation.provider.name, operation.name, after, until)
    return dict(connection.execute(_NEWEST, asked).fetchall())


def stored_answers(
    connection: psycopg.Connection, operation: Operation, issued_at: datetime, *, at_once: int
) -> Iterator[list[StoredAnswer]]:
    """The answers of an issue with their bodies, a number of them at once, by subject.

    Raises:
        BodiesDroppedError: a body is no longer stored.
    """
    with connection.cursor(name="issue_answers") as cursor:
        cursor.execute(_ANSWERS, (operation.provider.name, operation.name, issued_at))
        while rows := cursor.fetchmany(at_once):
            answers = [StoredAnswer(*row) for row in rows]
            for answer in answers:
                if len(answer.bodies) < len(answer.response_ids):
                    raise BodiesDroppedError(
                        f"{operation.name} of {issued_at.isoformat()}: the responses about {answer.subject} are no longer "
                        "stored. What was published of this issue stays as it is."
                    )
            yield answers


def answers_since(connection: psycopg.Connection, operation: Operation, since: datetime) -> list[StoredAnswer]:
    """The answers of all issues from a time on whose bodies are stored, the oldest first."""
    return _with_bodies(connection, _ANSWERS_SINCE, (operation.provider.name, operation.name, since))


def newest_answers(connection: psycopg.Connection, operation: Operation) -> list[StoredAnswer]:
    """The newest answer about each subject, in whichever issue it was given, of those whose bodies are stored."""
    return _with_bodies(connection, _NEWEST_ANSWERS, (operation.provider.name, operation.name))


def _with_bodies(connection: psycopg.Connection, query: str, asked: tuple[object, ...]) -> list[StoredAnswer]:
    answers = [StoredAnswer(*row) for row in connection.execute(query, asked)]  # type: ignore[arg-type]
    return [answer for answer in answers if len(answer.bodies) == len(answer.response_ids)]
