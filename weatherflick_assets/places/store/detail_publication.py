"""Core tables of details: reads an operation's answers about a partition's places, and publishes their rows.

`merging.py` stages and merges; this module has what is specific to details. A row is in the current region of its
place. A row that is no longer made (fewer images, place hidden or gone) is deleted.
"""

from collections import Counter
from collections.abc import Iterator
from datetime import datetime

import orjson
import pandas as pd
from psycopg import sql

from weatherflick_assets.places.detail_tables import DETAILS, DetailTable
from weatherflick_assets.places.store.place_publication import ANSWER, CONCERNED, LISTED, Published
from weatherflick_assets.places.tables import DETAIL_TABLES
from weatherflick_assets.warehouse.connections import connect
from weatherflick_assets.warehouse.merging import Kept, PartitionMerge, ahead
from weatherflick_assets.warehouse.outbox import Noted, settle
from weatherflick_assets.warehouse.statements import identifier, names

CHUNK_PLACES = 500
"""Places whose details are processed at once. They make up to some ten thousand rows."""

_COLUMNS = ("content_id", "content_type_id", "region_code", "response_id", "items", "kept_from")

_ANSWERED = sql.SQL("""
{listed} CROSS JOIN {answer}
WHERE located.region_code = %(region_code)s AND item.content_type_id = ANY(%(content_type_ids)s)
  AND item.is_visible AND item.absent_since IS NULL
  AND (%(keys)s::text[] IS NULL OR located.content_id = ANY(%(keys)s))
  AND detail.items <> '[]'
""").format(
    listed=LISTED, answer=ANSWER.format(detail=sql.Identifier("detail"), operation=sql.Placeholder("operation"))
)

_READ = sql.SQL("""
SELECT item.content_id, item.content_type_id, located.region_code, detail.response_id, detail.items::text, detail.kept_from
FROM {answered}
""").format(answered=_ANSWERED)

_COUNT_UNUSABLE = """
SELECT coalesce(sum(jsonb_array_length(detail.items)), 0)::bigint - (SELECT count(*) FROM {rows}) FROM {answered}
"""

_IS_EMPTY = f"""
SELECT NOT EXISTS (SELECT FROM {{table}} WHERE {CONCERNED}) AND NOT EXISTS ({{read}})
"""  # noqa: S608 - constants

_NOW = {"updated_at": sql.SQL("%(now)s")}
KEPT = Kept(at_first=_NOW, on_change=_NOW, changed_when=sql.SQL("FALSE"))

# Rows of a place that moved to another region are published by that region.
_DELETE = f"""
DELETE FROM {{table}} AS present
WHERE {CONCERNED}
  AND (%(keys)s::text[] IS NULL OR present.content_id = ANY(%(keys)s))
  AND NOT EXISTS (SELECT FROM merged_keys AS merged WHERE ({{merged}}) = ({{present}}))
  AND NOT EXISTS (
    SELECT FROM raw.place_items AS item JOIN core.place_regions AS located USING (content_id)
    WHERE content_id = present.content_id AND item.content_type_id = ANY(%(content_type_ids)s)
      AND located.region_code <> %(region_code)s AND item.is_visible AND item.absent_since IS NULL
  )
"""  # noqa: S608 - constants


_NOTED = """
SELECT asset_key, change_id, keys FROM ops.pending_publications WHERE partition_key = %s AND asset_key = ANY(%s) AND keys IS NOT NULL
"""

_HAVE_NO_ROWS = """
SELECT NOT EXISTS (
    SELECT FROM raw.place_details WHERE content_id = ANY(%(keys)s) AND operation = %(operation)s AND items <> '[]'
) AND NOT EXISTS (SELECT FROM {table} WHERE content_id = ANY(%(keys)s))
"""


def settle_without_rows(dsn: str, region_code: str) -> None:
    """Settle the notes about details of places that have none, such as new ones: publishing them would change nothing."""
    detail_of = {f"core/{detail.name}": detail for detail in DETAILS}
    with connect(dsn, autocommit=True) as connection:
        for asset_key, change_id, keys in connection.execute(_NOTED, (region_code, list(detail_of))).fetchall():
            detail = detail_of[asset_key]
            statement = sql.SQL(_HAVE_NO_ROWS).format(table=identifier(DETAIL_TABLES[detail.name]))
            # Looked at after the note, like a publication: what is said meanwhile changes the note.
            if connection.execute(statement, {"keys": keys, "operation": detail.operation}).fetchone() == (True,):
                settle(connection, asset_key, region_code, Noted(change_id, keys))


class DetailPublication(PartitionMerge[Published]):
    """One partition of one table of details, from reading to publishing. Use it as a context manager.

    Args:
        dsn: the platform's database.
        detail: the table.
        region_code: the partition.
        now: the time of publishing.
        only_noted: whether to make again only the rows of places that the outbox names.
    """

    def __init__(
        self, dsn: str, detail: DetailTable, *, region_code: str, now: datetime, only_noted: bool = False
    ) -> None:
        scope = {
            "operation": detail.operation,
            "content_type_ids": list(detail.content_type_ids),
            "region_code": region_code,
            "now": now,
        }
        self._detail = detail
        super().__init__(dsn, DETAIL_TABLES[detail.name], KEPT, scope, subject="content_id", only_noted=only_noted)

    def is_empty(self) -> bool:
        """Whether nothing is known about the partition's places, and nothing is published for it or them."""
        (is_empty,) = self._one_row(sql.SQL(_IS_EMPTY).format(read=_READ, **self._named))
        return is_empty

    def answers(self) -> Iterator[pd.DataFrame]:
        """Details of the partition's visible places, `CHUNK_PLACES` at a time, as input for `transforms.details`."""
        with self._reading() as connection, connection.cursor(name="answers") as cursor:
            cursor.execute(_READ, self._scope)
            for rows in ahead(lambda: cursor.fetchmany(CHUNK_PLACES) or None):
                answers = pd.DataFrame(rows, columns=list(_COLUMNS))
                answers["items"] = orjson.loads(f"[{','.join(answers['items'])}]")
                yield answers

    def stage(self, rows: pd.DataFrame) -> None:
        """Stage rows for the table. They are not visible before `publish`."""
        self._merge(rows)

    def rejections(self) -> Counter[str]:
        """The items of the partition that are not rows, by reason, once everything is staged and completed."""
        statement = sql.SQL(_COUNT_UNUSABLE).format(rows=self.rows_as_published(), answered=_ANSWERED)
        ((unusable,),) = self._cursor.execute(statement, {**self._scope, "keys": None}).fetchall()
        return +Counter({self._detail.unusable: unusable})

    def _finish(self) -> Published:
        delete = sql.SQL(_DELETE).format(
            merged=names(self._key, "merged"),
            present=names(self._key, "present"),
            **self._named,
        )
        deleted = self._cursor.execute(delete, self._scope).rowcount
        return Published(self._staged, self._added, self._changed, deleted)
