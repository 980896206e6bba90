"""Rows that come from declarations rather than from an API: regions and former areas, and how a domain writes its own.

They are written whenever the database is prepared, so a changed declaration reaches the tables with the next start.
"""

from collections.abc import Iterable, Mapping
from typing import Any

from sqlalchemy import ColumnElement, Connection, Table
from sqlalchemy.dialects.postgresql import insert

from weatherflick_assets.korea.regions import REGIONS, SERVING_REGIONS
from weatherflick_assets.warehouse.tables import KTO_AREAS
from weatherflick_assets.warehouse.tables import REGIONS as REGIONS_TABLE


def load(connection: Connection) -> None:
    """Insert or update the reference rows on `connection`; the caller commits."""
    upsert(
        connection,
        REGIONS_TABLE,
        (
            {
                "region_code": region.region_code,
                "name": region.name,
                "short_name": region.short_name,
                "english_name": region.english_name,
                "kto_area_code": region.kto_area_codes[-1],
                "kto_area_codes": list(region.kto_area_codes),
                "former_region_codes": list(region.former_region_codes),
                "latitude": region.latitude,
                "longitude": region.longitude,
                "kma_nx": region.kma_nx,
                "kma_ny": region.kma_ny,
                "kma_land_region_ids": list(region.kma_land_region_ids),
                "kma_temperature_region_ids": list(region.kma_temperature_region_ids),
                "airkorea_names": list(region.airkorea_names),
            }
            for region in REGIONS
        ),
    )
    upsert(
        connection,
        KTO_AREAS,
        ({name: getattr(area, name) for name in KTO_AREAS.columns.keys()} for area in SERVING_REGIONS),  # noqa: SIM118
    )


def upsert(
    connection: Connection,
    table: Table,
    rows: Iterable[Mapping[str, Any]],
    *,
    only_where: ColumnElement[bool] | None = None,
) -> None:
    """Insert rows, or update them by primary key; existing ones only where `only_where` holds."""
    statement = insert(table)
    values = {column.name: statement.excluded[column.name] for column in table.columns if not column.primary_key}
    update = statement.on_conflict_do_update(
        index_elements=list(table.primary_key.columns), set_=values, where=only_where
    )
    connection.execute(update, list(rows))
