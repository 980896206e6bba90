"""One database for many tests: which tables it is emptied of between them, or brought back to."""

import psycopg
from sqlalchemy import Table

from weatherflick_assets.alerts import tables as _alerts  # noqa: F401 - declared with the others
from weatherflick_assets.insight import tables as insight
from weatherflick_assets.places.tables import DETAIL_TABLES, PLACE_TABLES
from weatherflick_assets.quality import tables as _quality  # noqa: F401 - likewise
from weatherflick_assets.warehouse.tables import METADATA
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


# Rows are written after those that they refer to.
_BRING_BACK = "; ".join(
    (
        *(f"DELETE FROM {name}" for name in FILLED),
        *(
            f'INSERT INTO {name} OVERRIDING SYSTEM VALUE TABLE kept."{name}"'
            for name in sorted(FILLED, key=[table.fullname for table in METADATA.sorted_tables].index)
        ),
    )
)


def keep(dsn: str) -> None:
    """Keep what the tables hold, to bring them back to it; what was kept before is forgotten."""
    with psycopg.connect(dsn) as connection:
        connection.execute("DROP SCHEMA IF EXISTS kept CASCADE; CREATE SCHEMA kept")
        for name in FILLED:
            connection.execute(f'CREATE TABLE kept."{name}" AS TABLE {name}')  # type: ignore[arg-type]


def bring_back(dsn: str) -> None:
    """Bring the tables back to what was kept. Numbers of rows that were given meanwhile are not given again."""
    with psycopg.connect(dsn) as connection:
        connection.execute(_BRING_BACK)  # type: ignore[arg-type]
