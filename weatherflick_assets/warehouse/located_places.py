"""The views `core.located_places` and `core.cells`: which cell of KMA's forecast grid each place has, and how many each serves.

Every domain that publishes places says where they are, each once (`Domain.locations`). A place without a position has the cell in which
the seat of its area lies; one without an area, too, has none. The cells of the seats are always among those for which
weather is wanted.
"""

from collections.abc import Sequence
from hashlib import sha256

from sqlalchemy import Connection

from weatherflick_assets.warehouse.code_versions import replace_versions

_VIEWS = """
CREATE OR REPLACE VIEW core.located_places AS
SELECT place.content_id, coalesce(place.nx, area.grid_x) AS nx, coalesce(place.ny, area.grid_y) AS ny,
       place.nx IS NULL AS is_of_the_area, place.content_type_id
FROM ({queries}) AS place (content_id, content_type_id, kto_area_code, nx, ny) LEFT JOIN core.kto_areas AS area USING (kto_area_code)
WHERE coalesce(place.nx, area.grid_x) IS NOT NULL;
COMMENT ON VIEW core.located_places IS 'The cell of the KMA forecast grid of every published place, each place once.';
COMMENT ON COLUMN core.located_places.content_id IS 'id of the place';
COMMENT ON COLUMN core.located_places.nx IS 'column of the grid, from 1 in the west';
COMMENT ON COLUMN core.located_places.ny IS 'row of the grid, from 1 in the south';
COMMENT ON COLUMN core.located_places.is_of_the_area IS
    'whether the place has no position, and the cell is that of the seat of its area';
COMMENT ON COLUMN core.located_places.content_type_id IS 'kind of place';
CREATE OR REPLACE VIEW core.cells AS
SELECT nx, ny, sum(places)::bigint AS places
FROM (
    SELECT nx, ny, count(*) AS places FROM core.located_places GROUP BY nx, ny
    UNION ALL SELECT grid_x, grid_y, 0 FROM core.kto_areas
) AS cell
GROUP BY nx, ny;
COMMENT ON VIEW core.cells IS
    'Cells of the KMA forecast grid for which weather is wanted: those with places and those of the seats of the areas.';
COMMENT ON COLUMN core.cells.nx IS 'column of the grid, from 1 in the west';
COMMENT ON COLUMN core.cells.ny IS 'row of the grid, from 1 in the south';
COMMENT ON COLUMN core.cells.places IS 'published places that have this cell; 0: only the seat of an area';
"""


def load(connection: Connection, *, queries: Sequence[str]) -> None:
    """Make the views of the places that `queries` give, if their text has changed; the caller commits.

    Args:
        connection: of the platform's database.
        queries: for content_id, content_type_id, kto_area_code, nx and ny of places, each place once; null where these three
            are not known.
    """
    statements = _VIEWS.format(queries=" UNION ALL ".join(f"({query})" for query in queries)).encode()
    driver = connection.connection.driver_connection
    assert driver is not None
    if replace_versions(driver, {"warehouse/located_places.py": sha256(statements).hexdigest()[:12]}):
        driver.execute(statements)
