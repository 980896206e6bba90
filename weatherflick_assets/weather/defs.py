"""The Dagster definitions of the weather domain."""

import dagster as dg

from weatherflick_assets.weather.assets.cell_tables import CELL_TABLE_ASSETS
from weatherflick_assets.weather.assets.cells import CELL_ASSETS
from weatherflick_assets.weather.assets.days import daily_forecasts
from weatherflick_assets.weather.jobs import JOBS


def definitions() -> dg.Definitions:
    """Assets, checks and jobs of the weather."""
    return dg.Definitions(assets=[*CELL_ASSETS, *CELL_TABLE_ASSETS, daily_forecasts], jobs=JOBS)
