"""What the contenders of an issue ask about: grid cells on land, and the newest issue that can be read."""

import os
from datetime import datetime

import numpy as np

from weatherflick_assets.korea.cells import cells_of
from weatherflick_assets.korea.geography import regions_of_points
from weatherflick_assets.settings import now
from weatherflick_assets.warehouse.connections import connect
from weatherflick_assets.weather.products import FORECASTS

CELLS_VARIABLE = "WEATHERFLICK_BENCHMARK_CELLS"

_PLACES = """
INSERT INTO core.attractions (content_id, content_type_id, title, region_code, region_source, nx, ny, completeness,
    source_response_id, created_at, published_at, updated_at)
SELECT nx || ',' || ny, '12', 'place', '11', 'code', nx, ny, 0, 1, now(), now(), now()
FROM unnest(%s::smallint[], %s::smallint[]) AS cell (nx, ny)
"""


def cells() -> list[tuple[int, int]]:
    """So many cells on land, spread over the country."""
    longitude, latitude = np.meshgrid(np.arange(126.0, 129.6, 0.02), np.arange(34.3, 38.3, 0.02))
    is_land = regions_of_points(longitude.ravel(), latitude.ravel()) != np.array(None)
    nx, ny = cells_of(latitude.ravel()[is_land], longitude.ravel()[is_land])
    found = sorted({*zip(nx.tolist(), ny.tolist(), strict=True)})
    wanted = int(os.environ[CELLS_VARIABLE])
    return found[:: max(1, len(found) // wanted)][:wanted]


def issue() -> datetime:
    """The newest issue of the short-term forecast."""
    return FORECASTS.series.readable(now())[0]


def stock(dsn: str) -> None:
    """Publish a place in every cell, and nothing else for which weather is wanted."""
    nx, ny = zip(*cells(), strict=True)
    with connect(dsn) as connection:
        connection.execute(_PLACES, (list(nx), list(ny)))
        connection.execute("DELETE FROM core.kto_areas")
