"""The view `core.cells`: for which cells of KMA's forecast grid weather is wanted, and how many places are in each.

Every domain that has places says in which cells they are (`Domain.cells`). The seats of the seventeen areas are always
among them, because their weather stands in for places without a position.
"""

from collections.abc import Sequence
from hashlib import sha256

from sqlalchemy import Connection

from weatherflick_assets.warehouse.code_versions import replace_versions

_VIEW = """
CREATE OR REPLACE VIEW core.cells AS
SELECT nx::smallint AS nx, ny::smallint AS ny, sum(places)::bigint AS places
FROM ({queries}) AS cell (nx, ny, places)
GROUP BY nx, ny;
COMMENT ON VIEW core.cells IS
    'Cells of the KMA forecast grid for which weather is wanted: those with places and those of the seats of the areas.';
COMMENT ON COLUMN core.cells.nx IS 'column of the grid, from 1 in the west';
COMMENT ON COLUMN core.cells.ny IS 'row of the grid, from 1 in the south';
COMMENT ON COLUMN core.cells.places IS 'published places in the cell; 0: only the seat of an area';
"""

_SEATS = "SELECT grid_x, grid_y, 0 FROM core.kto_areas"


def load(connection: Connection, *, queries: Sequence[str]) -> None:
    """Make the view of the cells that `queries` give (nx, ny, places), if its text has changed; the caller commits."""
    statements = _VIEW.format(queries=" UNION ALL ".join((*queries, _SEATS))).encode()
    driver = connection.connection.driver_connection
    assert driver is not None
    if replace_versions(driver, {"warehouse/cells.py": sha256(statements).hexdigest()[:12]}):
        driver.execute(statements)
