"""One database for many tests: which tables it is emptied of between them."""

import psycopg
from sqlalchemy import Table

from weatherflick_assets.insight import tables as insight
from weatherflick_assets.places.tables import DETAIL_TABLES, PLACE_TABLES
from weatherflick_assets.weather import tables as weather

_DECLARED = (weather.WARNING_ZONES, weather.WARNING_ZONES_OF_CELLS)
"""Their rows are written when a database is prepared."""

FILLED = (
    "raw.calls",
    "raw.bodies",
    "raw.sweeps",
    "raw.change_readings",
    "ops.api_calls_daily",
    "ops.api_key_refusals",
    "ops.api_paces",
    "ops.pending_publications",
    "ops.sizes_daily",
    "ops.deliveries",
    "ops.messages",
    "ops.incidents",
    "ops.incident_watch",
    "raw.place_items",
    "core.place_regions",
    "raw.place_details",
    "ops.collection_plan",
    "ops.unreadable_details",
    "core.rejected_items",
    "quality.verdicts",
    "quality.rule_results",
    "quality.column_profiles",
    "quality.rejections",
    "quality.statistics",
    "quality.trends",
    "quality.upstream_fields",
    *(table.fullname for table in (*PLACE_TABLES.values(), *DETAIL_TABLES.values())),
    *(table.fullname for table in vars(weather).values() if isinstance(table, Table) and table not in _DECLARED),
    *(table.fullname for table in vars(insight).values() if isinstance(table, Table)),
)
"""Tables that collecting and publishing write."""


_EMPTY = "; ".join(
    (
        *(f"DELETE FROM {name}" for name in FILLED),
        "SELECT setval(format('%I.%I', schemaname, sequencename)::regclass, start_value, false) FROM pg_sequences",
    )
)
"""Where there are few rows, deleting takes a fiftieth of the time that TRUNCATE takes for new files."""


def empty(dsn: str) -> None:
    """Empty every table that collecting and publishing write, and number their rows from the beginning."""
    with psycopg.connect(dsn) as connection:
        connection.execute(_EMPTY)  # type: ignore[arg-type]
