"""The outbox: which partitions of which published assets must be published again, and since when.

A row is written in the transaction that changes what an asset is made from, and deleted in the transaction that
publishes the asset. Whoever launches runs, the sensor or a command, reads only the outbox. What must be published again
never travels in events or in memory, so a process that ends loses nothing.

Concurrency: every note gives the row a new `change_id`. A publication looks up the `change_id` before it reads
anything, and deletes the row only if the `change_id` is still the same. What was noted while it read therefore stays
noted.
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
"""Notes partitions as pending, with the parameters of `note_parameters`.

`since` stays that of the first note. Rows are locked in the order of their keys, so concurrent writers wait for each
other and never deadlock."""

_CHANGE_ID = "SELECT change_id FROM ops.pending_publications WHERE asset_key = %s AND partition_key = %s"
_SETTLE = "DELETE FROM ops.pending_publications WHERE asset_key = %s AND partition_key = %s AND change_id = %s"
_PENDING = """
SELECT asset_key, partition_key, since, cause, change_id FROM ops.pending_publications ORDER BY since, asset_key, partition_key
"""


@dataclass(frozen=True)
class Pending:
    """A partition that must be published again.

    Attributes:
        asset_key: e.g. `core/attractions`.
        partition_key: its partition; "" for an asset without partitions.
        since: when it was first noted after its last publication.
        cause: the latest change, in words.
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
        partitions: asset key and partition key of each partition, without duplicates.
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
    """Every partition that must be published again, the longest waiting first."""
    return [Pending(*row) for row in connection.execute(_PENDING)]


def change_id(connection: psycopg.Connection, asset_key: str, partition_key: str) -> int | None:
    """The latest note about a partition, to be looked up before it is read; None if nothing is pending."""
    row = connection.execute(_CHANGE_ID, (asset_key, partition_key)).fetchone()
    return None if row is None else row[0]


def settle(connection: psycopg.Connection, asset_key: str, partition_key: str, seen: int | None) -> None:
    """Delete the note `seen` in the publishing transaction; a later note stays."""
    if seen is not None:
        connection.execute(_SETTLE, (asset_key, partition_key, seen))
