"""Core tables of places: reads a partition's raw items with their details, and publishes the rows made from them.

`merging.py` stages and merges; this module has what is specific to places. Rows of places that are gone stay, as
tombstones with the time of removal. Unusable items are kept with the reason. A place with a new id keeps its history.
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import orjson
import pandas as pd
from psycopg import sql
from sqlalchemy import Table

from weatherflick_assets.places.fields import OPERATIONS_OF_PLACES, RECEIVED_FIELDS, ReceivedField
from weatherflick_assets.warehouse.loading import copy_rows, copy_text
from weatherflick_assets.warehouse.merging import Kept, PartitionMerge, ahead
from weatherflick_assets.warehouse.statements import names

CHUNK_ROWS = 2_500
"""Rows processed at once: enough to be fast, few enough to keep memory flat."""

READ_OPERATIONS = ("detailCommon2", "detailIntro2", "searchFestival2")
"""The operations that give one item per place, from which columns of its row are read."""

_ITEM_COLUMNS = ("content_id", "content_type_id", "previous_content_id", "response_id")
_REGION_COLUMNS = ("region_code", "region_source", "sigungu_code")

# Looked up by key one by one. While a first collection runs, statistics don't know most regions yet, and a join that trusts
# them compares every item with every place of the region.
LISTED = sql.SQL("""
core.place_regions AS located
CROSS JOIN LATERAL (SELECT * FROM raw.place_items AS listed WHERE listed.content_id = located.content_id OFFSET 0) AS item
""")

# The same for an answer about `item`. It is found by the place: the operation alone may have one for every place.
ANSWER = sql.SQL("""
LATERAL (
    SELECT * FROM raw.place_details AS answer
    WHERE answer.content_id = item.content_id AND answer.operation || '' = {operation} OFFSET 0
) AS {detail}
""")

_PLACES = sql.SQL("""
{listed} {details}
WHERE located.region_code = %(region_code)s AND item.content_type_id = %(content_type_id)s
  AND item.is_visible AND item.absent_since IS NULL
  AND (%(keys)s::text[] IS NULL OR located.content_id = ANY(%(keys)s))
""")

# Rows that a region answers for. A place may come from another region and be gone before this one published it: that one has
# left its row to this one.
CONCERNED = """(
    region_code = %(region_code)s OR content_id = ANY (%(noted)s::text[]) OR content_id IN (
        SELECT content_id FROM core.place_regions WHERE %(keys)s::text[] IS NULL AND region_code = %(region_code)s
    )
)"""

_READ_ITEMS = """
SELECT {columns}, item.payload::text{answers} FROM {places}
"""

# Operations without any details are not looked up.
_ANSWERED_OPERATIONS = """
SELECT name FROM unnest(%s::text[]) AS name WHERE EXISTS (SELECT FROM raw.place_details WHERE operation = name)
"""

_IS_EMPTY = f"""
SELECT NOT EXISTS (SELECT FROM {{places}}) AND NOT EXISTS (
    SELECT FROM {{table}} WHERE {CONCERNED} AND removed_at IS NULL
) AND NOT EXISTS (
    SELECT FROM core.rejected_items WHERE content_type_id = %(content_type_id)s AND region_code = %(region_code)s
)
"""  # noqa: S608 - constants

_ANSWER = """
, CASE WHEN {detail}.response_id IS NOT NULL THEN jsonb_build_object(
    'item', {detail}.items -> 0, 'response_id', {detail}.response_id, 'kept_from', {detail}.kept_from
)::text END
"""

_JOIN_ANSWER = sql.SQL("LEFT JOIN {answer} ON TRUE")

# The older row may be in another region, and may already be removed.
_PUBLISHED_AT = """
coalesce((SELECT former.published_at FROM {table} AS former WHERE former.content_id = staged.previous_content_id), %(now)s)
"""

KEPT = Kept(
    at_first={"published_at": sql.SQL(_PUBLISHED_AT), "updated_at": sql.SQL("%(now)s")},
    on_change={
        # A place may turn out to be re-keyed only after it was published.
        "published_at": sql.SQL("least(present.published_at, excluded.published_at)"),
        "updated_at": sql.SQL("%(now)s"),
        "removed_at": sql.SQL("NULL"),
    },
    changed_when=sql.SQL("present.removed_at IS NOT NULL"),
    is_shown=sql.SQL("removed_at IS NULL"),
)

_REJECTED = sql.Identifier("staged_rejections")

_CREATE_REJECTED = """
CREATE TEMPORARY TABLE staged_rejections (content_id text, reason text, payload jsonb, response_id bigint) ON COMMIT DROP
"""

# A place that moved to another region is not gone. That region publishes it, or removes it if it can't be used there.
_REMOVE = f"""
UPDATE {{table}} AS place SET removed_at = %(now)s
WHERE {CONCERNED} AND removed_at IS NULL
  AND (%(keys)s::text[] IS NULL OR content_id = ANY(%(keys)s))
  AND NOT EXISTS (SELECT FROM merged_keys AS merged WHERE merged.content_id = place.content_id)
  AND NOT EXISTS (
    SELECT FROM raw.place_items AS item JOIN core.place_regions AS located USING (content_id)
    WHERE content_id = place.content_id AND item.content_type_id = place.content_type_id
      AND located.region_code <> %(region_code)s AND item.is_visible AND item.absent_since IS NULL
  )
"""  # noqa: S608 - constants

_REJECT = """
INSERT INTO core.rejected_items AS rejected (
    content_type_id, item_key, region_code, content_id, reason, payload, response_id, rejected_at
)
SELECT %(content_type_id)s, content_id, %(region_code)s, content_id, reason, payload, response_id, %(now)s
FROM staged_rejections
ON CONFLICT (content_type_id, item_key) DO UPDATE SET
    region_code = EXCLUDED.region_code,
    payload = EXCLUDED.payload,
    response_id = EXCLUDED.response_id,
    reason = EXCLUDED.reason,
    rejected_at = CASE WHEN rejected.reason = EXCLUDED.reason THEN rejected.rejected_at ELSE EXCLUDED.rejected_at END
WHERE (rejected.region_code, rejected.reason, rejected.response_id)
    IS DISTINCT FROM (EXCLUDED.region_code, EXCLUDED.reason, EXCLUDED.response_id)
"""

_FORGET_REJECTIONS = """
DELETE FROM core.rejected_items AS rejected
WHERE content_type_id = %(content_type_id)s AND region_code = %(region_code)s AND content_id IS NOT NULL
  AND (%(keys)s::text[] IS NULL OR content_id = ANY(%(keys)s))
  AND NOT EXISTS (SELECT FROM staged_rejections AS staged WHERE staged.content_id = rejected.content_id)
"""

_COUNT_REJECTED = """
SELECT reason, count(*) FROM core.rejected_items
WHERE content_type_id = %(content_type_id)s AND region_code = %(region_code)s GROUP BY reason
"""

_COUNT_UNUSABLE = """
SELECT lost.key || '_' || (lost.value ->> 'reason'), count(*)
FROM (SELECT unusable_values FROM {rows} WHERE unusable_values IS NOT NULL) AS made CROSS JOIN LATERAL jsonb_each(unusable_values) AS lost
GROUP BY 1
"""

_HAS_DETAILS = "SELECT EXISTS (SELECT FROM {rows} WHERE detail_completeness IS NOT NULL)"


@dataclass(frozen=True)
class Published:
    """The effect of publishing one partition, in rows.

    Attributes:
        published: rows made; the other rows of the partition stayed as they were.
        added: number of these that are new.
        changed: number of these with a changed value.
        removed: rows marked removed because their place is gone or no longer usable; for details, rows deleted.
        rejected: unusable items of the partition; always 0 for details.
    """

    published: int
    added: int
    changed: int
    removed: int
    rejected: int = 0


class Publication(PartitionMerge[Published]):
    """One partition of one table of places, from reading to publishing. Use it as a context manager.

    Args:
        dsn: the platform's database.
        table: the core table.
        content_type_id, region_code: the partition.
        now: the time of publishing.
        only_noted: whether to make again only the places that the outbox names.
    """

    def __init__(
        self, dsn: str, table: Table, *, content_type_id: str, region_code: str, now: datetime, only_noted: bool = False
    ) -> None:
        scope = {"content_type_id": content_type_id, "region_code": region_code, "now": now}
        super().__init__(dsn, table, KEPT, scope, subject="content_id", only_noted=only_noted)

    def is_empty(self) -> bool:
        """Whether nothing in the partition is listed, published or rejected."""
        (is_empty,) = self._one_row(
            sql.SQL(_IS_EMPTY).format(places=_PLACES.format(listed=LISTED, details=sql.SQL("")), **self._named)
        )
        return is_empty

    def items(self) -> Iterator[pd.DataFrame]:
        """The partition's visible raw items, at most `CHUNK_ROWS` at a time, in the form `transforms.places` takes."""
        with self._reading() as connection, connection.cursor(name="items") as cursor:
            answered = {name for (name,) in connection.execute(_ANSWERED_OPERATIONS, (list(OPERATIONS_OF_PLACES),))}
            operations = [name for name in READ_OPERATIONS if name in answered]
            received = [field for field in RECEIVED_FIELDS if field.operation in answered]
            cursor.execute(_items_statement(operations, received), self._scope)
            columns = (*_ITEM_COLUMNS, *_REGION_COLUMNS, *(field.column for field in received))
            for rows in ahead(lambda: cursor.fetchmany(CHUNK_ROWS) or None):
                yield _items(rows, columns, operations)

    def stage(self, places: pd.DataFrame, rejected: pd.DataFrame) -> None:
        """Stage rows for the table, and unusable items (content_id, reason, payload as text, response_id).

        Columns that the rows lack become null, such as the columns from details when only the list is known.
        `detail_completeness` is always present and shows whether a row has details. Nothing is visible before
        `publish`.
        """
        rejections = copy_text(rejected)
        self._merge(places, lambda: copy_rows(self._cursor, _REJECTED, rejected.columns, rejections))

    def rejections(self) -> Counter[str]:
        """The items of the partition that can't be rows, by reason, once everything is staged and completed."""
        return Counter(dict(self._cursor.execute(_COUNT_REJECTED, self._scope).fetchall()))

    def unusable_values(self) -> Counter[str]:
        """The values of rows that are empty because they can't be used, by column and reason, likewise."""
        statement = sql.SQL(_COUNT_UNUSABLE).format(rows=self.rows_as_published())
        return Counter(dict(self._cursor.execute(statement).fetchall()))

    def has_details(self) -> bool:
        """Whether the details of a place in the partition are known, once everything is staged and completed."""
        (has_details,) = self._one_row(sql.SQL(_HAS_DETAILS).format(rows=self.rows_as_published()))
        return has_details

    def _prepare(self) -> None:
        if not self._is_prepared:
            self._cursor.execute(_CREATE_REJECTED)
        super()._prepare()

    def _finish(self) -> Published:
        removed = self._cursor.execute(sql.SQL(_REMOVE).format(**self._named), self._scope).rowcount
        self._cursor.execute(_FORGET_REJECTIONS, self._scope)
        self._cursor.execute(_REJECT, self._scope)
        return Published(self._staged, self._added, self._changed, removed, self.rejections().total())


def _items_statement(operations: Sequence[str], received: Sequence[ReceivedField]) -> sql.Composed:
    as_received = [
        sql.SQL("({detail}.items)::text" if field.is_list else "({detail}.items -> 0)::text").format(
            detail=sql.Identifier(field.operation)
        )
        for field in received
    ]
    joined = dict.fromkeys((*operations, *(field.operation for field in received)))
    joins = [
        _JOIN_ANSWER.format(answer=ANSWER.format(detail=sql.Identifier(name), operation=sql.Literal(name)))
        for name in joined
    ]
    return sql.SQL(_READ_ITEMS).format(
        columns=sql.SQL(", ").join([names(_ITEM_COLUMNS, "item"), names(_REGION_COLUMNS, "located"), *as_received]),
        answers=sql.SQL("").join(sql.SQL(_ANSWER).format(detail=sql.Identifier(name)) for name in operations),
        places=_PLACES.format(listed=LISTED, details=sql.SQL(" ").join(joins)),
    )


def _items(rows: list[tuple], named: Sequence[str], detail_operations: Sequence[str]) -> pd.DataFrame:
    received = list(zip(*rows, strict=True))
    columns: dict[str, Any] = dict(zip(named, received, strict=False))
    payloads, *answers = received[len(named) :]
    columns["payload"] = _read_all(payloads)
    columns["details"] = _details(detail_operations, answers) if any(map(any, answers)) else [None] * len(rows)
    # The type is object, because pandas would otherwise scan every value to infer one.
    kinds = {"response_id": "int64"}
    made = {name: pd.Series(values, dtype=kinds.get(name, "object")) for name, values in columns.items()}
    return pd.DataFrame(made, copy=False)


def _details(operations: Sequence[str], answers: Iterable[Sequence[str | None]]) -> list[dict[str, Any] | None]:
    """For each place, the details by operation."""
    by_place = zip(*map(_read_all, answers), strict=True)
    found = [{name: said for name, said in zip(operations, of_place, strict=True) if said} for of_place in by_place]
    return [of_place or None for of_place in found]


def _read_all(texts: Sequence[str | None]) -> list[Any]:
    """Parse JSON documents. Parsing them as one document takes half the time of parsing thousands."""
    return orjson.loads(f"[{','.join(text or 'null' for text in texts)}]")
