"""The outbox: which partitions of which published assets must be published again, and since when.

A row is written in the transaction that changes what an asset is made from, and deleted in the transaction that
publishes the asset. Whoever launches runs, the sensor or a command, reads only the outbox. What must be published again
never travels in events or in memory, so a process that ends loses nothing.

Concurrency: every note gives the row a new `change_id`. A publication looks up the `change_id` before it reads
anything, and deletes the row only if the `change_id` is still the same. What was noted while it read therefore stays
noted.

What changed: a note names the keys of what changed in the partition, e.g. ids of places, so that a publication makes
only these rows again. Later notes add their keys. With many keys, or if everything changed, the whole partition is
noted.
"""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import psycopg
from psycopg.types.json import Jsonb

MOST_KEYS = 1_000
"""With more changes than this in a partition, all of it is made again, which then costs little more."""

NOTE = """
INSERT INTO ops.pending_publications AS noted (asset_key, partition_key, since, cause, keys)
SELECT asset_key, partition_key, %(since)s, %(cause)s, keys
FROM jsonb_to_recordset(%(notes)s) AS note (asset_key text, partition_key text, keys text[])
ORDER BY asset_key, partition_key
ON CONFLICT (asset_key, partition_key) DO UPDATE SET
    change_id = EXCLUDED.change_id,
    cause = EXCLUDED.cause,
    keys = CASE WHEN cardinality(noted.keys) + cardinality(EXCLUDED.keys) <= %(most_keys)s
                THEN ARRAY(SELECT DISTINCT unnest(noted.keys || EXCLUDED.keys) ORDER BY 1) END
"""
"""Notes partitions as pending, with the parameters of `note_parameters`.

`since` stays that of the first note. Rows are locked in the order of their keys, so concurrent writers wait for each
other and never deadlock."""

_FIND = "SELECT change_id, keys FROM ops.pending_publications WHERE asset_key = %s AND partition_key = %s"
_SETTLE = "DELETE FROM ops.pending_publications WHERE asset_key = %s AND partition_key = %s AND change_id = %s"
_PENDING = """
SELECT asset_key, partition_key, since, cause, change_id, keys IS NULL
FROM ops.pending_publications ORDER BY since, asset_key, partition_key
"""


class Notes:
    """What a transaction makes pending: partitions of published assets, each with the keys of what changed in it."""

    def __init__(self) -> None:
        self._keys: dict[tuple[str, str], set[str] | None] = {}

    def __bool__(self) -> bool:
        return bool(self._keys)

    def add(self, partitions: Iterable[tuple[str, str]], keys: Collection[str] | None = None) -> None:
        """Add asset keys with their partition keys. `keys` says what changed in each of them; None: everything."""
        for partition in partitions:
            noted = self._keys.setdefault(partition, set())
            if noted is not None:
                noted.update(keys or ())
                if keys is None or len(noted) > MOST_KEYS:
                    self._keys[partition] = None

    def parameters(self, *, cause: str, since: datetime) -> Mapping[str, Any]:
        """The parameters of `NOTE`.

        Args:
            cause: what changed, in words.
            since: the time, aware.
        """
        notes = [
            {"asset_key": asset_key, "partition_key": partition_key, "keys": None if keys is None else sorted(keys)}
            for (asset_key, partition_key), keys in self._keys.items()
        ]
        return {"notes": Jsonb(notes), "cause": cause, "since": since, "most_keys": MOST_KEYS}


@dataclass(frozen=True)
class Pending:
    """A partition that must be published again.

    Attributes:
        asset_key: e.g. `core/attractions`.
        partition_key: its partition; "" for an asset without partitions.
        since: when it was first noted after its last publication.
        cause: the latest change, in words.
        change_id: differs for every note.
        is_whole: whether all of the partition is made again, not just what changed.
    """

    asset_key: str
    partition_key: str
    since: datetime
    cause: str
    change_id: int
    is_whole: bool = True


@dataclass(frozen=True)
class Noted:
    """The latest note about a partition.

    Attributes:
        change_id: which note it is.
        keys: what changed in the partition; None: everything.
    """

    change_id: int
    keys: list[str] | None


def pending(connection: psycopg.Connection) -> list[Pending]:
    """Every partition that must be published again, the longest waiting first."""
    return [Pending(*row) for row in connection.execute(_PENDING)]


def find(connection: psycopg.Connection, asset_key: str, partition_key: str) -> Noted | None:
    """The latest note about a partition, to be looked up before it is read; None if nothing is pending."""
    row = connection.execute(_FIND, (asset_key, partition_key)).fetchone()
    return None if row is None else Noted(*row)


def settle(connection: psycopg.Connection, asset_key: str, partition_key: str, noted: Noted | None) -> None:
    """Delete the note `noted` in the publishing transaction; a later note stays."""
    if noted is not None:
        connection.execute(_SETTLE, (asset_key, partition_key, noted.change_id))
