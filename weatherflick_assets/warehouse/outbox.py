"""The outbox: which partitions of which published assets have to be published again, and since when.

A row is written in the transaction that changes what an asset is made of, and deleted in the transaction that publishes it.
Whoever launches runs, the sensor as well as the commands, reads the outbox and nothing else: what is to be published again
never travels in events or in memory, so nothing that ends a process loses it.

Concurrency. Every note gives the row a new `change_id`. A publication looks up the `change_id` before it reads what it is
made of, and deletes the row only where it is still the same: what was noted while it read stays noted.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import psycopg

NOTE = """
INSERT INTO ops.pending_publications (asset_key, partition_key, since, cause)
SELECT asset_key, partition_key, %(since)s, %(cause)s
FROM unnest(%(asset_keys)s::text[], %(partition_keys)s::text[]) AS noted (asset_key, partition_key)
ORDER BY asset_key, partition_key
ON CONFLICT (asset_key, partition_key) DO UPDATE SET change_id = EXCLUDED.change_id, cause = EXCLUDED.cause
"""
"""Notes partitions as pending, with the parameters of `note_parameters`. `since` stays that of the first note. Rows are locked
in the order of their keys, so two that note at once wait for each other and never deadlock."""

_CHANGE_ID = "SELECT change_id FROM ops.pending_publications WHERE asset_key = %s AND partition_key = %s"
_SETTLE = "DELETE FROM ops.pending_publications WHERE asset_key = %s AND partition_key = %s AND change_id = %s"
_PENDING = """
SELECT asset_key, partition_key, since, cause, change_id FROM ops.pending_publications ORDER BY since, asset_key, partition_key
"""


@dataclass(frozen=True)
class Pending:
    """A partition that has to be published again.

    Attributes:
        asset_key: e.g. `core/attractions`.
        partition_key: its partition; "" for an asset without partitions.
        since: when it was first noted after it was last published.
        cause: what changed last, in words.
        change_id: differs for every note.
    """

    asset_key: str
    partition_key: str
    since: datetime
    cause: str
    change_id: int


def note_parameters(partitions: Iterable[tuple[str, str]], *, cause: str, since: datetime) -> Mapping[str, Any]:
    """The parameters of `NOTE`.

    Args:
        partitions: asset key and partition key of each partition; none of them twice.
        cause: what changed, in words.
        since: the time, aware.
    """
    noted = sorted(partitions)
    return {
        "asset_keys": [asset_key for asset_key, _ in noted],
        "partition_keys": [partition_key for _, partition_key in noted],
        "cause": cause,
        "since": since,
    }


def pending(connection: psycopg.Connection) -> list[Pending]:
    """Every partition that has to be published again, the longest waiting first."""
    return [Pending(*row) for row in connection.execute(_PENDING)]


def change_id(connection: psycopg.Connection, asset_key: str, partition_key: str) -> int | None:
    """The last note about a partition, to be looked up before it is read; None where nothing is pending."""
    row = connection.execute(_CHANGE_ID, (asset_key, partition_key)).fetchone()
    return None if row is None else row[0]


def settle(connection: psycopg.Connection, asset_key: str, partition_key: str, seen: int | None) -> None:
    """Delete the note `seen` in the transaction that publishes; one that came later stays."""
    if seen is not None:
        connection.execute(_SETTLE, (asset_key, partition_key, seen))
