"""The current answers of the detail operations for each place: the only writer of `raw.place_details`.

Answers that could not be read are remembered in `ops.unreadable_details` until the place is answered about.

An answer never erases a known value. For an operation with one item per place, a blank field keeps its previous value.
An answer without items keeps the previous items. A list of items is replaced as a whole. `kept_from` names the response
that a kept value came from, across any number of blank answers: by field, else by `items`, else the last response.
"""

from collections.abc import AsyncIterator, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from psycopg.types.json import Jsonb

from weatherflick_assets.places.following import Partition, publications_of
from weatherflick_assets.upstream.declarations import Operation
from weatherflick_assets.warehouse.json_text import as_json
from weatherflick_assets.warehouse.outbox import NOTE, Notes
from weatherflick_assets.warehouse.response_store import StoredResponse
from weatherflick_assets.warehouse.sessions import Session

# A field is blank if it is missing, null, or text without a visible character. The modification time is that of the
# list item known when the place was requested: an item that came after the answer says nothing about the answer.
_MERGE = r"""
WITH answers AS MATERIALIZED (
    SELECT * FROM unnest(
        %(content_ids)s::text[], %(items)s::jsonb[], %(response_ids)s::bigint[], %(fetched_at)s::timestamptz[]
    ) AS answer (content_id, items, response_id, fetched_at)
), before AS MATERIALIZED (
    SELECT stored.content_id, stored.items FROM raw.place_details AS stored JOIN answers USING (content_id)
    WHERE stored.operation = %(operation)s
), merged AS (
    INSERT INTO raw.place_details AS stored (
        content_id, operation, items, response_id, fetched_at, place_modified_at
    )
    SELECT answer.content_id, %(operation)s, answer.items, answer.response_id, answer.fetched_at,
           CASE WHEN item.response_id <= answer.response_id THEN item.modified_at END
    FROM answers AS answer LEFT JOIN raw.place_items AS item USING (content_id)
    ORDER BY answer.content_id
    ON CONFLICT (content_id, operation) DO UPDATE SET
        (items, kept_from) = (
            SELECT
                CASE WHEN EXCLUDED.items = '[]' THEN stored.items
                     WHEN fields IS NULL THEN EXCLUDED.items
                     ELSE jsonb_set(EXCLUDED.items, '{0}', EXCLUDED.items -> 0 || fields) END,
                CASE WHEN EXCLUDED.items <> '[]' THEN coalesce(sources, '{}')
                     WHEN stored.items = '[]' THEN '{}'
                     ELSE jsonb_build_object('items', stored.response_id) || stored.kept_from END
            FROM (
                SELECT jsonb_object_agg(known.key, known.value) AS fields,
                       jsonb_object_agg(known.key, coalesce(
                           stored.kept_from -> known.key, stored.kept_from -> 'items', to_jsonb(stored.response_id)
                       )) AS sources
                FROM jsonb_each(CASE WHEN %(is_single)s THEN stored.items -> 0 END) AS known
                WHERE known.value #>> '{}' ~ '\S' AND coalesce(EXCLUDED.items -> 0 ->> known.key, '') !~ '\S'
            ) AS kept
        ),
        response_id = EXCLUDED.response_id,
        fetched_at = EXCLUDED.fetched_at,
        place_modified_at = coalesce(EXCLUDED.place_modified_at, stored.place_modified_at)
    WHERE stored.response_id < EXCLUDED.response_id
    RETURNING stored.content_id, stored.items
)
SELECT item.content_type_id, located.region_code, array_agg(content_id)
FROM merged JOIN raw.place_items AS item USING (content_id) JOIN core.place_regions AS located USING (content_id)
LEFT JOIN before USING (content_id)
WHERE merged.items <> coalesce(before.items, '[]') AND item.is_visible AND item.absent_since IS NULL
GROUP BY 1, 2
"""

# Places are locked while their details are merged, so the noted partition is the one that shows them.
_HOLD_PLACES = """
SELECT count(*) FROM (
    SELECT FROM raw.place_items WHERE content_id = ANY(%s) ORDER BY content_id FOR SHARE
) AS held
"""

# An answer is unmerged if its place has no answer as late: the process was killed, or something else made the call.
_UNMERGED = """
SELECT response_id, request_params, http_status, body, fetched_at FROM raw.responses AS response
WHERE provider = %(provider)s AND operation = %(operation)s AND fetched_at >= %(since)s AND response_id > %(after)s
  AND http_status = 200 AND body IS NOT NULL
  AND request_params - ARRAY['contentId', 'contentTypeId'] = %(page)s
  AND NOT EXISTS (
    SELECT FROM raw.place_details AS detail
    WHERE detail.content_id = response.request_params ->> 'contentId' AND detail.operation = response.operation
      AND detail.response_id >= response.response_id
  )
ORDER BY response_id LIMIT %(batch)s
"""

_PUT_OFF = """
INSERT INTO ops.unreadable_details AS known (content_id, operation, failures, reason, failed_at, not_before)
VALUES (%(content_id)s, %(operation)s, 1, %(reason)s, %(now)s, %(now)s + %(first)s)
ON CONFLICT (content_id, operation) DO UPDATE SET
    failures = known.failures + 1,
    reason = EXCLUDED.reason,
    failed_at = EXCLUDED.failed_at,
    not_before = EXCLUDED.failed_at + least(%(first)s * power(2, known.failures), %(longest)s)
"""

_READABLE = "DELETE FROM ops.unreadable_details WHERE operation = %s AND content_id = ANY(%s)"

FIRST_DISTANCE, LONGEST_DISTANCE = timedelta(days=1), timedelta(days=64)
"""How long a place waits after its answer could not be read: doubled with every failure in a row."""


@dataclass(frozen=True)
class DetailAnswer:
    """One operation's answer about one place; without items if the upstream has nothing about it."""

    content_id: str
    items: Sequence[Mapping[str, object]]
    response_id: int
    fetched_at: datetime


class DetailStore(Session):
    """Merges answers and commits each batch. Use it as an asynchronous context manager."""

    def __init__(self, dsn: str) -> None:
        super().__init__(dsn, autocommit=True)

    async def merge(self, operation: Operation, answers: Sequence[DetailAnswer]) -> frozenset[Partition]:
        """Merge these answers (a few hundred at once are best) in one transaction, and note what follows in the outbox.

        Several answers about one place are merged in the order of their responses. An answer that is not later than the
        stored one changes nothing, so merging is idempotent. Answers about unlisted places are kept too.

        Returns:
            Partitions (content_type_id, region_code) of visible places whose items changed.
        """
        touched: set[Partition] = set()
        notes = Notes()
        async with self._one_at_a_time, self.connection.transaction():
            content_ids = [answer.content_id for answer in answers]
            await self.connection.execute(_HOLD_PLACES, (content_ids,))
            await self.connection.execute(_READABLE, (operation.name, content_ids))
            for together in _once_each(answers):
                cursor = await self.connection.execute(
                    _MERGE,
                    {
                        "operation": operation.name,
                        "is_single": operation.has_single_item,
                        "content_ids": [answer.content_id for answer in together],
                        "items": [f"[{','.join(map(as_json, answer.items))}]" for answer in together],
                        "response_ids": [answer.response_id for answer in together],
                        "fetched_at": [answer.fetched_at for answer in together],
                    },
                )
                for kind, region, content_ids in await cursor.fetchall():
                    touched.add((kind, region))
                    notes.add(publications_of([(kind, region)], operation.name), content_ids)
            if notes:
                since = max(answer.fetched_at for answer in answers)
                noted = notes.parameters(cause=f"details of {operation.name}", since=since)
                await self.connection.execute(NOTE, noted)
        return frozenset(touched)

    async def unmerged(
        self, provider: str, operation_name: str, page: Mapping[str, str], *, since: datetime, batch: int
    ) -> AsyncIterator[list[StoredResponse]]:
        """Stored answers about single places that were never merged, in batches, in the order they arrived.

        `page` are the page parameters of a request for a complete answer.
        """
        asked = {"provider": provider, "operation": operation_name, "page": Jsonb(dict(page)), "since": since}
        after = 0
        while True:
            cursor = await self.connection.execute(_UNMERGED, {**asked, "after": after, "batch": batch})
            found = [StoredResponse(*row) for row in await cursor.fetchall()]
            if not found:
                return
            after = found[-1].response_id
            yield found

    async def put_off(self, operation: Operation, content_id: str, reason: str, now: datetime) -> None:
        """Remember a place whose answer could not be read; it is not asked again for a while."""
        failed = {"content_id": content_id, "operation": operation.name, "reason": reason, "now": now}
        distances = {"first": FIRST_DISTANCE, "longest": LONGEST_DISTANCE}
        async with self._one_at_a_time:
            await self.connection.execute(_PUT_OFF, {**failed, **distances})


def _once_each(answers: Sequence[DetailAnswer]) -> Iterator[Sequence[DetailAnswer]]:
    """The answers in parts with no place twice, earlier responses of a place before later ones."""
    left = sorted(answers, key=lambda answer: answer.response_id)
    while left:
        together = {answer.content_id: answer for answer in reversed(left)}
        yield list(together.values())
        taken = {id(answer) for answer in together.values()}
        left = [answer for answer in left if id(answer) not in taken]
