"""Writes the zones of warnings, and those of every cell on land, when a database is prepared."""

from sqlalchemy import Connection

from weatherflick_assets.source_digests import digest
from weatherflick_assets.warehouse.code_versions import replace_versions
from weatherflick_assets.warehouse.reference import upsert
from weatherflick_assets.weather.tables import WARNING_ZONES, WARNING_ZONES_OF_CELLS

_MADE_FROM = (
    "korea/cells.py",
    "korea/geography.py",
    "korea/land_cells.py",
    "korea/region_grid.csv",
    "korea/warning_zone*",
)


def load_zones(connection: Connection) -> None:
    """Replace the rows if what they are made from has changed; the caller commits."""
    driver = connection.connection.driver_connection
    assert driver is not None
    if not replace_versions(driver, {"core/warning_zones": digest(_MADE_FROM)}):
        return
    from weatherflick_assets.korea.land_cells import land_cells  # noqa: PLC0415 - a start rarely needs it
    from weatherflick_assets.korea.warning_zones import warning_zones, zones_of_cells  # noqa: PLC0415

    for table in (WARNING_ZONES_OF_CELLS, WARNING_ZONES):
        connection.execute(table.delete())
    zones = [
        {
            "zone_code": zone.code,
            "parent_code": zone.parent or None,
            "name": zone.name,
            "full_name": zone.full_name,
            "region_code": zone.region_code or None,
        }
        for zone in warning_zones().values()
    ]
    nx, ny = land_cells()
    of_cells = [
        {"nx": x, "ny": y, "zone_code": code, "place": place}
        for x, y, codes in zip(nx.tolist(), ny.tolist(), zones_of_cells(nx, ny), strict=True)
        for place, code in enumerate(codes, start=1)
    ]
    upsert(connection, WARNING_ZONES, zones)
    upsert(connection, WARNING_ZONES_OF_CELLS, of_cells)
