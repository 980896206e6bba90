"""One database for many tests: emptying its tables takes milliseconds."""

import psycopg

from weatherflick_assets.places.tables import DETAIL_TABLES, PLACE_TABLES

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


def empty(dsn: str) -> None:
    """Empty every table that collecting and publishing write."""
    with psycopg.connect(dsn) as connection:
        connection.execute(f"TRUNCATE {', '.join(FILLED)} RESTART IDENTITY")  # type: ignore[arg-type]
