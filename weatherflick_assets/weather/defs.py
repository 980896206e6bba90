"""The Dagster definitions of the weather domain."""

import dagster as dg

from weatherflick_assets.orchestration.serving import serving_assets
from weatherflick_assets.weather.assets.cell_tables import CELL_TABLE_ASSETS
from weatherflick_assets.weather.assets.cells import CELL_ASSETS
from weatherflick_assets.weather.assets.days import daily_forecasts
from weatherflick_assets.weather.assets.lists import LIST_ASSETS
from weatherflick_assets.weather.assets.midterm import midterm, midterm_forecasts
from weatherflick_assets.weather.assets.stations import STATION_ASSETS
from weatherflick_assets.weather.assets.warnings import WARNING_ASSETS
from weatherflick_assets.weather.flows import PUBLISHING
from weatherflick_assets.weather.jobs import JOBS
from weatherflick_assets.weather.tables import SERVING


def definitions() -> dg.Definitions:
    """Assets, checks and jobs of the weather."""
    return dg.Definitions(
        assets=[
            *CELL_ASSETS,
            midterm,
            midterm_forecasts,
            *CELL_TABLE_ASSETS,
            daily_forecasts,
            *LIST_ASSETS,
            *STATION_ASSETS,
            *WARNING_ASSETS,
            *_served(),
        ],
        jobs=JOBS,
    )


def _served() -> list[dg.AssetSpec]:
    return [*serving_assets([asset for assets in PUBLISHING.values() for asset in assets], SERVING)]
