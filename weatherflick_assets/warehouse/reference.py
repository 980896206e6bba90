"""Rows that come from declarations rather than from an API: regions, former areas, names of code divisions.

They are written whenever the database is prepared, so a changed declaration reaches the tables with the next start. Names
of codes are declared only so that there are some before the first ones are collected: what was collected stays.
"""

from collections.abc import Iterable, Mapping
from typing import Any

from sqlalchemy import ColumnElement, Connection, Table
from sqlalchemy.dialects.postgresql import insert

from weatherflick_assets.korea.regions import REGIONS, SERVING_REGIONS
from weatherflick_assets.places.class_codes import CLASS_DIVISIONS
from weatherflick_assets.places.content_types import content_type_id_of_class
from weatherflick_assets.warehouse.tables import CODES, KTO_AREAS
from weatherflick_assets.warehouse.tables import REGIONS as REGIONS_TABLE


def load(connection: Connection) -> None:
    """Insert or update the reference rows on `connection`; the caller commits."""
    _upsert(
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
    _upsert(
        connection,
        KTO_AREAS,
        ({name: getattr(area, name) for name in KTO_AREAS.columns.keys()} for area in SERVING_REGIONS),  # noqa: SIM118
    )
    divisions = [
        {
            "code_space": "class",
            "code": code,
            "name": name,
            "level": 1,
            "content_type_id": content_type_id_of_class(code),
        }
        for code, name in CLASS_DIVISIONS.items()
    ]
    # Those that an earlier version declared, without a kind of place, are declared anew.
    _upsert(connection, CODES, divisions, only_where=CODES.c.source_response_id.is_(None))


def _upsert(
    connection: Connection,
    table: Table,
    rows: Iterable[Mapping[str, Any]],
    *,
    only_where: ColumnElement[bool] | None = None,
) -> None:
    statement = insert(table)
    values = {column.name: statement.excluded[column.name] for column in table.columns if not column.primary_key}
    update = statement.on_conflict_do_update(
        index_elements=list(table.primary_key.columns), set_=values, where=only_where
    )
    connection.execute(update, list(rows))
