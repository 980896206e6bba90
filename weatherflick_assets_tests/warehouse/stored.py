"""One prepared database for many tests: emptying tables takes milliseconds, making a database takes seconds."""

from collections.abc import Iterator
from contextlib import contextmanager
from uuid import uuid4

import psycopg
from sqlalchemy import URL

from weatherflick_assets.build import prepare_database
from weatherflick_assets.places.tables import DETAIL_TABLES, PLACE_TABLES
from weatherflick_assets.settings import Mode
from weatherflick_assets.warehouse.database import Addresses
from weatherflick_assets_tests.databases import dsn_of

FILLED = (
    "raw.calls",
    "raw.bodies",
    "raw.sweeps",
    "raw.change_readings",
    "ops.api_calls_daily",
    "ops.api_key_refusals",
    "ops.api_paces",
    "ops.pending_publications",
    "raw.place_items",
    "core.place_regions",
    "raw.place_details",
    "ops.collection_plan",
    "core.rejected_items",
    "quality.verdicts",
    "quality.rule_results",
    "quality.column_profiles",
    *(table.fullname for table in (*PLACE_TABLES.values(), *DETAIL_TABLES.values())),
)
"""Tables that collecting and publishing write."""


@contextmanager
def prepared(server: URL) -> Iterator[str]:
    """A prepared platform database, dropped afterwards."""
    url = server.set(database=f"test_{uuid4().hex[:12]}")
    # Dagster's storage is not looked at: the maintenance database stands in, to be there already.
    addresses = Addresses(url, server.set(database="postgres"))
    prepare_database(addresses, Mode.SANDBOX)
    yield addresses.platform_dsn
    with psycopg.connect(dsn_of(server.set(database="postgres")), autocommit=True) as connection:
        connection.execute(f'DROP DATABASE "{url.database}" WITH (FORCE)')  # type: ignore[arg-type]


def empty(dsn: str) -> None:
    """Empty every table that collecting and publishing write."""
    with psycopg.connect(dsn) as connection:
        connection.execute(f"TRUNCATE {', '.join(FILLED)} RESTART IDENTITY")  # type: ignore[arg-type]
