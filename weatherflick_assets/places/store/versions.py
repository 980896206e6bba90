"""Republishes places from stored data, without calls, after the code that makes them has changed."""

from datetime import datetime

import psycopg

from weatherflick_assets.places.code_versions import REGION_RULE, code_versions, region_rule_version
from weatherflick_assets.places.following import CODES_ASSET, publications_of
from weatherflick_assets.places.kto import LIST_OPERATION
from weatherflick_assets.warehouse.code_versions import replace_versions
from weatherflick_assets.warehouse.outbox import NOTE, Notes

_PARTITIONS = """
SELECT DISTINCT item.content_type_id, located.region_code
FROM raw.place_items AS item JOIN core.place_regions AS located USING (content_id)
"""
_REJECTED = "SELECT DISTINCT content_type_id, region_code FROM core.rejected_items"
_HAS_CODES = "SELECT EXISTS (SELECT FROM core.codes WHERE source_response_id IS NOT NULL)"


def follow_code(connection: psycopg.Connection, *, since: datetime) -> None:
    """Mark the assets whose code changed as pending, and find regions again if their rule changed; the caller commits.

    A database without recorded versions only gets them recorded.
    """
    replaced = replace_versions(connection, {REGION_RULE: region_rule_version(), **code_versions()})
    changed = {key for key, former in replaced.items() if former is not None}
    if REGION_RULE in changed:
        from weatherflick_assets.places.store.place_regions import relocate  # noqa: PLC0415 - it needs data frames

        relocate(connection, since=since)
    if not changed.intersection(code_versions()):
        return
    notes = Notes()
    notes.add(key for key in made_from_raw(connection) if key[0] in changed)
    connection.execute(NOTE, notes.parameters(cause="the code that makes it changed", since=since))


def made_from_raw(connection: psycopg.Connection) -> set[tuple[str, str]]:
    """Asset key and partition key of everything that can be published again without a call."""
    found = publications_of(connection.execute(_PARTITIONS).fetchall())
    found |= publications_of(connection.execute(_REJECTED).fetchall(), LIST_OPERATION.name)
    if connection.execute(_HAS_CODES).fetchone() == (True,):
        found.add((CODES_ASSET, ""))
    return found
