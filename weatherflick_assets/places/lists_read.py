"""When the lists that a published table is made from were last read whole: the age of places, declared once.

A list is read whole by a complete sweep of one kind in one region, or by a reading of the change feed that went to its end,
which holds every list. What the feed says in between makes single places newer, and proves nothing of the others.
"""

from collections.abc import Iterable
from datetime import datetime

import psycopg

_ALL_READ = "(SELECT max(finished_at) FROM raw.change_readings WHERE read_back_to IS NULL)"


def lists_read(content_type_ids: Iterable[str]) -> str:
    """A query for when the lists of these kinds were last read whole, by region: partition_key, read_at.

    Of several lists it is the one that was read longest ago. Regions that were swept are in it; without a complete sweep
    and reading, read_at is null.
    """
    kinds = ", ".join(f"'{content_type_id}'" for content_type_id in content_type_ids)
    return f"""
SELECT partition_key, greatest(min(read_at), {_ALL_READ}) AS read_at
FROM (
    SELECT region_code AS partition_key, max(finished_at) FILTER (WHERE is_complete) AS read_at
    FROM raw.sweeps WHERE content_type_id IN ({kinds}) GROUP BY region_code, content_type_id
) AS lists
GROUP BY partition_key
"""  # noqa: S608 - ids that the code declares


def list_read(connection: psycopg.Connection, content_type_ids: Iterable[str], region_code: str) -> datetime | None:
    """When the lists of these kinds were last read whole in a region; None if they never were."""
    query = f"""
SELECT coalesce((SELECT read_at FROM ({lists_read(content_type_ids)}) AS lists WHERE partition_key = %s), {_ALL_READ})
"""  # noqa: S608 - constants
    (read_at,) = connection.execute(query, (region_code,)).fetchone() or (None,)  # type: ignore[arg-type]
    return read_at
