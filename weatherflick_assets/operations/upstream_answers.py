"""Looks at a sample of the answers that were stored since the last look, and keeps what is known of their fields.

It reads `raw` and sends nothing, away from collecting. A sample is spread over the time since the last look, because answers
of one hour may lack what those of another have. Answers that report an error, hold nothing, or took a second reading are left
out: they say nothing of what the upstream means to send.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TypeVar

import psycopg

from weatherflick_assets.quality.drift import Answer, FieldType, look, settled
from weatherflick_assets.quality.upstream_fields import Shape, keep_fields, known_fields
from weatherflick_assets.upstream.declarations import Operation
from weatherflick_assets.upstream.errors import UpstreamError
from weatherflick_assets.upstream.outcomes import Reply, read_answer
from weatherflick_assets.upstream.reasons import REASON_BY_CODE
from weatherflick_assets.warehouse.connections import connect

MOST_CALLS = 20_000
"""Calls of an operation among which a sample is chosen: more than a day has."""

MOST_RESPONSES = 40
"""Responses of a shape that are read at once."""

MOST_ITEMS = 100
"""Items of a response that are looked at."""

T = TypeVar("T")

# Calls made by hand may ask for anything, and have no run.
_CALLS = """
SELECT response_id, request_params FROM raw.calls JOIN raw.bodies USING (body_sha256)
WHERE provider = %s AND operation = %s AND http_status = 200 AND run_id IS NOT NULL AND body IS NOT NULL AND response_id > %s
ORDER BY fetched_at DESC LIMIT %s
"""

_BODY = "SELECT fetched_at, body FROM raw.responses WHERE response_id = %s"


@dataclass(frozen=True)
class Looked:
    """What was looked at of one shape.

    Attributes:
        responses: responses that were read.
        items: items that were looked at.
        unreadable: responses that hold neither items nor an error that anybody knows.
    """

    responses: int = 0
    items: int = 0
    unreadable: int = 0


def look_at_answers(
    dsn: str, operations: Iterable[Operation], at: datetime, *, accept: Collection[str] = ()
) -> dict[Shape, Looked]:
    """Look at what was answered since the last look. Returns what was looked at, by shape; shapes without an answer too.

    Args:
        dsn: the platform's database.
        operations: whose answers to look at.
        at: the time, at which what differs for long enough becomes known.
        accept: the shapes, or operations, whose present fields somebody has said to be right, as `str(Shape)` begins.
    """
    with connect(dsn) as connection:
        known = known_fields(connection, for_update=True)
        looked: dict[Shape, Looked] = {shape: Looked() for shape in known}
        for operation in operations:
            for shape, responses in _stored(connection, operation, known).items():
                answers, unreadable = _answers(connection, operation, responses)
                known[shape] = look(known.get(shape, ()), answers)
                looked[shape] = Looked(len(responses), sum(len(answer.items) for answer in answers), unreadable)
        for shape, types in known.items():
            known[shape] = settled(types, at, accepted=any(_is_meant(shape, name) for name in accept))
        keep_fields(connection, known)
    return looked


def _is_meant(shape: Shape, name: str) -> bool:
    return f"{shape} ".startswith(f"{name.strip()} ")


def _stored(
    connection: psycopg.Connection, operation: Operation, known: Mapping[Shape, Sequence[FieldType]]
) -> dict[Shape, list[int]]:
    """A sample of the responses of an operation since the last look, by shape, the oldest first."""
    provider, name = operation.provider.name, operation.name
    seen = {
        shape: max((each.last_response_id for each in types), default=0)
        for shape, types in known.items()
        if (shape.provider, shape.operation) == (provider, name)
    }
    found: dict[Shape, list[int]] = defaultdict(list)
    since = min(seen.values(), default=0)
    for response_id, parameters in connection.execute(_CALLS, (provider, name, since, MOST_CALLS)):
        shape = Shape(provider, name, operation.shape(parameters))
        if response_id > seen.get(shape, 0):
            found[shape].append(response_id)
    return {shape: spread(sorted(responses), MOST_RESPONSES) for shape, responses in found.items()}


def _answers(
    connection: psycopg.Connection, operation: Operation, responses: Iterable[int]
) -> tuple[list[Answer], int]:
    """What responses hold, and how many of them can't be read."""
    answers, unreadable = [], 0
    for response_id in responses:
        for fetched_at, body in connection.execute(_BODY, (response_id,)):
            try:
                page = read_answer(operation, Reply(200, {}, body), needs_total=False)
            except UpstreamError as error:
                unreadable += error.code not in REASON_BY_CODE
                continue
            if page.items and not page.is_repaired:
                answers.append(Answer(response_id, fetched_at, spread(page.items, MOST_ITEMS), not page.is_xml))
    return answers, unreadable


def spread(values: Sequence[T], most: int) -> list[T]:
    """At most so many of the values, in their order and evenly spread, the first and the last among them."""
    if len(values) <= most:
        return list(values)
    return [values[round(place * (len(values) - 1) / (most - 1))] for place in range(most)]
