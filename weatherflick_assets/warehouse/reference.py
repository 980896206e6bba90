"""Rows that come from declarations rather than from an API: regions, former areas, names of code divisions.

They are written whenever the database is prepared, so a changed declaration reaches the tables with the next start.
"""

from collections.abc import Iterable, Mapping
from typing import Any

from sqlalchemy import Connection, Table
from sqlalchemy.dialects.postgresql import insert

from weatherflick_assets.regions import REGIONS, SERVING_REGIONS
from weatherflick_assets.warehouse.tables import CODES, KTO_AREAS
from weatherflick_assets.warehouse.tables import REGIONS as REGIONS_TABLE

CLASS_DIVISIONS = {
    "AC": "숙박",
    "C01": "추천코스",
    "EV": "축제/공연/행사",
    "EX": "체험관광",
    "FD": "음식",
    "HS": "역사관광",
    "LS": "레저스포츠",
    "NA": "자연관광",
    "SH": "쇼핑",
    "VE": "문화관광",
}
"""First level of KTO's classification (lclsSystm1), manual v4.4."""


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
    _upsert(
        connection,
        CODES,
        (
            {"code_space": "class", "code": code, "name": name, "parent_code": None, "level": 1}
            for code, name in CLASS_DIVISIONS.items()
        ),
    )


def _upsert(connection: Connection, table: Table, rows: Iterable[Mapping[str, Any]]) -> None:
    statement = insert(table)
    values = {column.name: statement.excluded[column.name] for column in table.columns if not column.primary_key}
    connection.execute(
        statement.on_conflict_do_update(index_elements=list(table.primary_key.columns), set_=values), list(rows)
    )
