"""Codes in the database: the last good answers they come from, and `core.codes`, published in one transaction.

A code that the upstream no longer lists stays, marked as withdrawn. Places use old codes for years after a reform and
still need their names.
"""

from collections.abc import AsyncGenerator, Collection, Mapping
from dataclasses import dataclass
from datetime import datetime

import pandas as pd
import psycopg
from psycopg import sql
from psycopg.types.json import Jsonb

from weatherflick_assets.places.following import CODES_ASSET
from weatherflick_assets.warehouse.connections import connect
from weatherflick_assets.warehouse.loading import copy_rows, copy_text
from weatherflick_assets.warehouse.outbox import NOTE, Noted, Notes, find, settle
from weatherflick_assets.warehouse.response_store import StoredResponse
from weatherflick_assets.warehouse.sessions import Session

_LAST_ANSWERS = """
SELECT response_id, request_params, http_status, body, fetched_at FROM raw.responses
WHERE provider = %(provider)s AND operation = %(operation)s AND http_status = 200 AND body IS NOT NULL
  AND request_params - %(position)s::text = %(parameters)s AND request_params ? %(position)s
ORDER BY response_id DESC
"""

_STAGED = sql.Identifier("staged_codes")

_STAGE = """
CREATE TEMPORARY TABLE staged_codes ON COMMIT DROP AS
SELECT code_space, code, name, parent_code, level, content_type_id, source_response_id FROM core.codes WITH NO DATA
"""

_READ_AT = """
SELECT min(fetched_at) FROM raw.calls
WHERE response_id IN (SELECT source_response_id FROM staged_codes WHERE code_space = %s)
"""

# The same code in a newer response is not a change. A code that was only declared now gets a source.
_MERGE = """
WITH merged AS (
    INSERT INTO core.codes AS known (
        code_space, code, name, parent_code, level, content_type_id, source_response_id, updated_at
    )
    SELECT code_space, code, name, parent_code, level, content_type_id, source_response_id, %(now)s FROM staged_codes
    ON CONFLICT (code_space, code) DO UPDATE SET
        name = EXCLUDED.name,
        parent_code = EXCLUDED.parent_code,
        level = EXCLUDED.level,
        content_type_id = EXCLUDED.content_type_id,
        source_response_id = EXCLUDED.source_response_id,
        updated_at = EXCLUDED.updated_at,
        withdrawn_at = NULL
    WHERE (known.name, known.parent_code, known.level, known.content_type_id)
        IS DISTINCT FROM (EXCLUDED.name, EXCLUDED.parent_code, EXCLUDED.level, EXCLUDED.content_type_id)
       OR known.source_response_id IS NULL OR known.withdrawn_at IS NOT NULL
    RETURNING xmax = 0 AS is_new
)
SELECT count(*) FILTER (WHERE is_new), count(*) FILTER (WHERE NOT is_new) FROM merged
"""

_WITHDRAW = """
UPDATE core.codes AS known SET withdrawn_at = %(now)s
WHERE code_space = ANY (%(spaces)s) AND withdrawn_at IS NULL
  AND NOT EXISTS (
    SELECT FROM staged_codes AS staged WHERE (staged.code_space, staged.code) = (known.code_space, known.code)
  )
"""

# Rows without a code or a name are judged and profiled like the others, but not published.
_KEEP_USABLE = "DELETE FROM staged_codes WHERE code IS NULL OR name IS NULL OR code_space <> ALL (%s)"

_COUNT = """
SELECT code_space, count(*) FROM core.codes
WHERE source_response_id IS NOT NULL AND withdrawn_at IS NULL GROUP BY code_space
"""


@dataclass(frozen=True)
class PublishedCodes:
    """The effect of publishing, in numbers of codes.

    Attributes:
        published: listed codes.
        added, changed: those of them that are new, and those with a new name or parent, or not listed before.
        withdrawn: codes that are no longer listed.
    """

    published: int
    added: int
    changed: int
    withdrawn: int


class CodeStore(Session):
    """The code lists for one run. Use it as an asynchronous context manager."""

    async def last_answers(
        self, provider: str, operation: str, parameters: Mapping[str, str], *, position: str
    ) -> AsyncGenerator[StoredResponse]:
        """All stored answers for a list, any page, newest first.

        `parameters` are those of the request, page size included, without its page number `position`.
        """
        asked = {
            "provider": provider,
            "operation": operation,
            "parameters": Jsonb(dict(parameters)),
            "position": position,
        }
        async with self.connection.cursor("answers") as cursor:
            cursor.itersize = 1
            async for row in await cursor.execute(_LAST_ANSWERS, asked):
                yield StoredResponse(*row)

    async def listed(self) -> dict[str, int]:
        """The number of codes of each space that came from the upstream and are not withdrawn."""
        cursor = await self.connection.execute(_COUNT)
        return {space: count async for space, count in cursor}


def note_codes(dsn: str, *, since: datetime) -> None:
    """Note in the outbox that codes must be published again. The caller commits the answers of a list one by one."""
    notes = Notes()
    notes.add([(CODES_ASSET, "")])
    with connect(dsn) as connection:
        connection.execute(NOTE, notes.parameters(cause="the lists of codes were read", since=since))


def noted_codes(dsn: str) -> Noted | None:
    """The outbox note that publishing will settle. Look it up before reading answers."""
    with connect(dsn) as connection:
        return find(connection, CODES_ASSET, "")


def settle_codes(connection: psycopg.Connection, noted: Noted | None) -> None:
    """Delete that note in the transaction that publishes the codes."""
    settle(connection, CODES_ASSET, "", noted)


def stage_codes(cursor: psycopg.Cursor, codes: pd.DataFrame) -> None:
    """Stage rows of `CODE_COLUMNS` until the transaction ends. Other publishers wait until then."""
    cursor.execute("SELECT pg_advisory_xact_lock(hashtextextended('core.codes', 0))")
    cursor.execute(_STAGE)
    copy_rows(cursor, _STAGED, codes.columns, copy_text(codes))


def staged_codes_of(space: str) -> sql.Composed:
    """The staged codes of a space, as an SQL source to use after FROM."""
    return sql.SQL("{} WHERE code_space = {}").format(_STAGED, sql.Literal(space))


def codes_read_at(cursor: psycopg.Cursor, space: str) -> datetime | None:
    """When the list of a staged space was read; of several answers, the first. None of a space without codes."""
    (read_at,) = cursor.execute(_READ_AT, (space,)).fetchone() or (None,)
    return read_at


def merge_codes(cursor: psycopg.Cursor, *, spaces: Collection[str], now: datetime) -> PublishedCodes:
    """Merge the staged codes of these spaces, and mark all other codes of these spaces withdrawn.

    The cursor is that of the transaction in which the codes were staged; the caller commits.
    """
    cursor.execute(_KEEP_USABLE, (list(spaces),))
    counted = cursor.execute(_MERGE, {"now": now}).fetchone()
    assert counted is not None
    withdrawn = cursor.execute(_WITHDRAW, {"now": now, "spaces": list(spaces)}).rowcount
    (published,) = cursor.execute("SELECT count(*) FROM staged_codes").fetchone() or (0,)
    added, changed = counted
    return PublishedCodes(published, added, changed, withdrawn)
