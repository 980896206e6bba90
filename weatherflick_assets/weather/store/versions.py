"""Publishes issues again from stored answers, without calls, after the code that makes them has changed."""

from datetime import datetime, timedelta

import psycopg

from weatherflick_assets.warehouse.code_versions import replace_versions
from weatherflick_assets.warehouse.outbox import NOTE, Notes
from weatherflick_assets.weather import midterm
from weatherflick_assets.weather.code_versions import code_versions
from weatherflick_assets.weather.issues import key_of
from weatherflick_assets.weather.products import PRODUCTS
from weatherflick_assets.weather.sources import SOURCES

_ISSUES = """
SELECT DISTINCT issued_at FROM raw.issue_answers
WHERE provider = %s AND operation = %s AND fetched_at > %s
"""

_MADE_FROM = (
    *((product.operation, product.published) for product in PRODUCTS.values()),
    (midterm.TEMPERATURES, (midterm.ASSET_KEY,)),
)
"""Operations, and the published assets that their answers about an issue become."""

_MARGIN = timedelta(hours=6)
"""Bodies that are about to be dropped may be gone before they are read."""


def follow_code(connection: psycopg.Connection, *, since: datetime) -> None:
    """Mark the issues whose answers are stored as pending where the code that makes them changed; the caller commits.

    A database without recorded versions only gets them recorded.
    """
    replaced = replace_versions(connection, code_versions())
    changed = {key for key, former in replaced.items() if former is not None}
    notes = Notes()
    for operation, published in _MADE_FROM:
        assets = changed.intersection(published)
        if assets:
            oldest = since - operation.time_to_live + _MARGIN
            found = connection.execute(_ISSUES, (operation.provider.name, operation.name, oldest)).fetchall()
            notes.add((asset_key, key_of(issued_at)) for asset_key in assets for (issued_at,) in found)
    for source in SOURCES.values():
        assets = changed.intersection(source.published)
        if assets:
            operation = source.operation
            oldest = since - operation.time_to_live + _MARGIN
            found = connection.execute(_ISSUES, (operation.provider.name, operation.name, oldest)).fetchall()
            keys = {key_of(issued_at) for (issued_at,) in found} if source.series else {""} if found else set()
            notes.add((asset_key, key) for asset_key in assets for key in keys)
    if notes:
        connection.execute(NOTE, notes.parameters(cause="the code that makes it changed", since=since))
