"""What could not become rows, of all domains: counted by reason, and samples of it, from the database.

Counts are those of the last verdicts. Items that a domain keeps are counted as they are now, unless the last verdict on
their partition held it back: then they are still those of what is published.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

import orjson
import psycopg
from psycopg import sql

from weatherflick_assets.quality.measured import MeasuredTable
from weatherflick_assets.quality.rejections import Reason, Rejections, Sample

LOOKED_BACK = timedelta(days=1)
"""How far back the partitions of a table are looked at that are times, such as issues."""

_NOTHING_KEPT = """
SELECT NULL::text AS table_name, NULL::text AS partition_key, NULL::text AS reason, NULL::text AS subject, NULL::text AS payload,
       NULL::bigint AS response_id, NULL::timestamptz AS rejected_at WHERE FALSE
"""

_GROUPS = """
WITH last AS MATERIALIZED (
    SELECT DISTINCT ON (table_name, partition_key) verdict_id, table_name, partition_key, judged_at, published
    FROM quality.verdicts
    WHERE table_name = ANY(%(states)s) OR table_name = ANY(%(times)s) AND judged_at > %(since)s
    ORDER BY table_name, partition_key, judged_at DESC, verdict_id DESC
), kept AS ({kept}), counted AS (
    SELECT table_name, partition_key, reason, count(*) AS items, max(rejected_at) AS newest_at, FALSE AS is_held_back
    FROM kept WHERE NOT EXISTS (
        SELECT FROM last WHERE (last.table_name, last.partition_key) = (kept.table_name, kept.partition_key) AND NOT published
    )
    GROUP BY 1, 2, 3
    UNION ALL
    SELECT table_name, partition_key, reason, rejected_count, judged_at, NOT published
    FROM last JOIN quality.rejections USING (verdict_id)
    WHERE NOT published OR table_name <> ALL(%(kept_tables)s)
)
SELECT table_name, partition_key, reason, items, newest_at, is_held_back FROM counted
WHERE (%(tables)s::text[] IS NULL OR table_name = ANY(%(tables)s))
  AND (%(partition_keys)s::text[] IS NULL OR partition_key = ANY(%(partition_keys)s) AND table_name = ANY(%(by_region)s || %(kept_tables)s::text[]))
  AND (%(reason)s::text IS NULL OR reason = %(reason)s)
ORDER BY reason, table_name, partition_key
"""

_SAMPLES = """
SELECT partition_key, subject, NULL, payload, response_id, rejected_at FROM ({kept}) AS kept
WHERE table_name = %s AND partition_key = ANY(%s) AND reason = %s
ORDER BY rejected_at DESC, subject, response_id LIMIT %s
"""


@dataclass(frozen=True)
class Selection:
    """What is looked at: tables, e.g. `core.restaurants`, regions, and a reason; None: all."""

    tables: Collection[str] | None = None
    regions: Collection[str] | None = None
    reason: str | None = None


@dataclass(frozen=True)
class Group:
    """What could not become rows of a partition for one reason.

    Attributes:
        partition_key: The region, the issue or the code space; None: the table has none.
        items: How many.
        newest_at: When the newest was rejected; of what is not kept, when it was last counted.
        is_held_back: Whether the partition's last verdict held it back, so that this is about what was not published.
    """

    table_name: str
    partition_key: str | None
    reason: str
    items: int
    newest_at: datetime
    is_held_back: bool


class Rejected:
    """What could not become rows, as of a time.

    Args:
        connection: to the platform's database.
        measured: the tables there are.
        rejections: what each domain says.
        at: the time.
    """

    def __init__(
        self,
        connection: psycopg.Connection,
        measured: Sequence[MeasuredTable],
        rejections: Sequence[Rejections],
        at: datetime,
    ) -> None:
        self._connection = connection
        self._rejections = rejections
        self._kept = sql.SQL(" UNION ALL ").join(sql.SQL(each.kept or _NOTHING_KEPT) for each in rejections)  # type: ignore[arg-type]
        self._kept_tables = [name for each in rejections for name in each.kept_tables]
        self._asked = {
            "states": [table.table_name for table in measured if table.is_state],
            "times": [table.table_name for table in measured if not table.is_state],
            "by_region": [table.table_name for table in measured if table.by_region],
            "kept_tables": self._kept_tables,
            "since": at - LOOKED_BACK,
        }

    def groups(self, selection: Selection) -> list[Group]:
        """What is selected, by reason, table and partition."""
        asked = {
            **self._asked,
            "tables": _listed(selection.tables),
            "partition_keys": _listed(selection.regions),
            "reason": selection.reason,
        }
        rows = self._connection.execute(sql.SQL(_GROUPS).format(kept=self._kept), asked).fetchall()
        return [Group(*row) for row in rows]

    def samples(self, groups: Sequence[Group], most: int) -> list[tuple[Group, Sample]]:
        """The newest samples of groups of one reason and one table, at most so many."""
        if not groups or not most:
            return []
        first = groups[0]
        if first.table_name in self._kept_tables:
            by_partition = {group.partition_key: group for group in groups}
            statement = sql.SQL(_SAMPLES).format(kept=self._kept)
            asked = (first.table_name, list(by_partition), first.reason, most)
            rows = self._connection.execute(statement, asked).fetchall()
            return [
                (by_partition[partition_key], self._valued(first.reason, Sample(*row))) for partition_key, *row in rows
            ]
        found: list[tuple[Group, Sample]] = []
        for group in sorted(groups, key=lambda group: group.newest_at, reverse=True):
            for each in self._rejections:
                if each.samples is not None and len(found) < most:
                    samples = each.samples(
                        self._connection, group.table_name, group.partition_key, group.reason, most - len(found)
                    )
                    found += [(group, self._valued(group.reason, sample)) for sample in samples]
        return found

    def reason(self, name: str) -> Reason | None:
        """What is said about a reason; None if nothing is."""
        return next((said for each in self._rejections if (said := each.reason(name))), None)

    def _valued(self, reason: str, sample: Sample) -> Sample:
        """A sample with the value that is wrong, as far as a field has it."""
        said = self.reason(reason)
        if sample.value is not None or not sample.payload or said is None or said.field is None:
            return sample
        value = orjson.loads(sample.payload).get(said.field)
        return replace(sample, value=value if isinstance(value, str) else orjson.dumps(value).decode())


def _listed(names: Collection[str] | None) -> list[str] | None:
    return None if names is None else list(names)
