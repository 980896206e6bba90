"""Publishes issues again from stored answers, without calls, after the code that makes them has changed."""

from collections.abc import Collection, Iterator
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
    *((product.operation, product.published, True) for product in PRODUCTS.values()),
    (midterm.TEMPERATURES, (midterm.ASSET_KEY,), True),
    *((source.operation, source.published, source.series is not None) for source in SOURCES.values()),
)
"""Operations, the published assets that their answers become, and whether each issue is a partition of these."""

_MARGIN = timedelta(hours=6)
"""Bodies that are about to be dropped may be gone before they are read."""


def follow_code(connection: psycopg.Connection, *, since: datetime) -> None:
    """Mark the issues whose answers are stored as pending where the code that makes them changed; the caller commits.

    A database without recorded versions only gets them recorded.
    """
    replaced = replace_versions(connection, code_versions())
    changed = {key for key, former in replaced.items() if former is not None}
    notes = Notes()
    notes.add(made_from_stored(connection, changed, at=since))
    if notes:
        connection.execute(NOTE, notes.parameters(cause="the code that makes it changed", since=since))


def made_from_stored(
    connection: psycopg.Connection, assets: Collection[str], *, at: datetime
) -> Iterator[tuple[str, str]]:
    """Asset key and partition key of everything that can be published again without a call at a time, of some assets."""
    for operation, published, is_by_issue in _MADE_FROM:
        if concerned := [asset_key for asset_key in published if asset_key in assets]:
            oldest = at - operation.time_to_live + _MARGIN
            found = connection.execute(_ISSUES, (operation.provider.name, operation.name, oldest)).fetchall()
            keys = {key_of(issued_at) if is_by_issue else "" for (issued_at,) in found}
            yield from ((asset_key, key) for asset_key in concerned for key in keys)
