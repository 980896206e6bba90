"""Responses as received: every call on record, every different body once.

A response is committed before anything is made of it, whatever it is. A failed one keeps what was received: its status,
its result code if the body has one, and its body byte for byte. If no whole answer came, the body is empty and the
result code says why; without any answer there is no status. It expires like any other. `raw.responses` shows calls and bodies as one relation. `retention.py` decides when bodies
may be dropped.
"""

import hashlib
from collections.abc import AsyncIterator, Collection, Mapping
from dataclasses import dataclass
from datetime import datetime

from psycopg.types.json import Jsonb

from weatherflick_assets.warehouse.outages import lease_lost
from weatherflick_assets.warehouse.sessions import Session

_RECORD_CALL = """
INSERT INTO raw.calls (
    provider, operation, request_params, http_status, result_code, body_sha256,
    api_key_id, duration_ms, fetched_at, expires_at, run_id, partition_key
)
SELECT
    %(provider)s, %(operation)s, %(request_params)s, %(http_status)s, %(result_code)s, body_sha256,
    %(api_key_id)s, %(duration_ms)s, %(fetched_at)s, %(expires_at)s, %(run_id)s, %(partition_key)s
FROM kept
RETURNING response_id, ops.leases_are_held()
"""

# Locked until the call is on record: whoever drops bodies skips a locked one, or has dropped it before.
_KEEP_KNOWN = f"""
WITH kept AS (
    SELECT body_sha256 FROM raw.bodies WHERE body_sha256 = %(body_sha256)b AND body IS NOT NULL FOR SHARE
)
{_RECORD_CALL}
"""  # noqa: S608 - constants

# Others may be storing the same body just now, or have dropped it: what is stored stays.
_KEEP = f"""
WITH kept AS (
    INSERT INTO raw.bodies AS stored (body_sha256, body, body_bytes)
    VALUES (%(body_sha256)b, %(body)b, %(body_bytes)s)
    ON CONFLICT (body_sha256) DO UPDATE SET body = coalesce(stored.body, EXCLUDED.body), dropped_at = NULL
    RETURNING body_sha256
)
{_RECORD_CALL}
"""  # noqa: S608 - constants

# The answers to one list, for any page, in the order in which they came.
_RECALL = """
SELECT response_id, request_params, http_status, body, fetched_at FROM raw.responses
WHERE provider = %(provider)s AND operation = %(operation)s AND fetched_at >= %(since)s AND http_status = 200
  AND request_params - %(page_parameters)s::text[] = %(parameters)s AND body IS NOT NULL
ORDER BY response_id
"""

_ASKED_FOR_FIRST_BYTES = 65_536
"""A body at least this large is sent only if it is not stored yet; sending a smaller one is as fast as asking."""


@dataclass(frozen=True)
class ResponseRecord:
    """One response as received, before anything is made of it; the fields are columns of `raw.responses`."""

    provider: str
    operation: str
    request_params: dict[str, str]
    http_status: int | None
    result_code: str | None
    body: bytes
    api_key_id: str
    duration_ms: int
    fetched_at: datetime
    expires_at: datetime | None


@dataclass(frozen=True)
class StoredResponse:
    """A response read back; the fields are columns of `raw.responses`."""

    response_id: int
    request_params: dict[str, str]
    http_status: int
    body: bytes
    fetched_at: datetime


class ResponseStore(Session):
    """Keeps responses for one run, each committed at once. Use it as an asynchronous context manager.

    Attributes:
        kept: the ids of the responses that it has kept, in their order.
    """

    def __init__(self, dsn: str, *, run_id: str | None, partition_key: str | None) -> None:
        super().__init__(dsn, autocommit=True)
        self.kept: list[int] = []
        self._stamp = {"run_id": run_id, "partition_key": partition_key}

    async def keep(self, record: ResponseRecord) -> int:
        """Store and commit one response; return its id.

        A large body that is stored already is not sent again. Characters that PostgreSQL's text can't hold (NUL, lone
        surrogates) become U+FFFD in the result code and the parameters; the body is stored as it came.

        Raises:
            OutageError: the run has lost its lease; the response is kept all the same, as it is paid for.
        """
        call = {
            **vars(record),
            **self._stamp,
            "request_params": Jsonb(
                {_storable(name): _storable(value) for name, value in record.request_params.items()}
            ),
            "result_code": None if record.result_code is None else _storable(record.result_code),
            "body_sha256": hashlib.sha256(record.body).digest(),
            "body_bytes": len(record.body),
        }
        row = None
        if len(record.body) >= _ASKED_FOR_FIRST_BYTES:
            row = await (await self.connection.execute(_KEEP_KNOWN, call)).fetchone()
        if row is None:
            row = await (await self.connection.execute(_KEEP, call)).fetchone()
        assert row is not None
        response_id, is_leased = row
        self.kept.append(response_id)
        if not is_leased:
            raise lease_lost()
        return response_id

    async def recall(
        self,
        provider: str,
        operation: str,
        parameters: Mapping[str, str],
        *,
        page_parameters: Collection[str],
        since: datetime,
    ) -> AsyncIterator[StoredResponse]:
        """The answers to a request since a time, for any of its pages, in the order in which they came.

        `parameters` are those of the request without `page_parameters`, which name a page.
        """
        asked = {
            "provider": provider,
            "operation": operation,
            "parameters": Jsonb(dict(parameters)),
            "page_parameters": list(page_parameters),
            "since": since,
        }
        # Row by row: the pages of a long list are a lot to hold at once.
        async with self.connection.transaction(), self.connection.cursor("recalled") as cursor:
            cursor.itersize = 1
            async for row in await cursor.execute(_RECALL, asked):
                yield StoredResponse(*row)


def _storable(text: str) -> str:
    """`text` without what PostgreSQL's text can't hold; surrogate pairs become the character they mean."""
    return (
        text.encode("utf-16-le", "surrogatepass")
        .decode("utf-16-le", "replace")
        .replace("\0", "\N{REPLACEMENT CHARACTER}")
    )
