"""Code versions of the weather's published assets: a digest of the source files that each asset's rows depend on.

If a digest differs from the recorded one, the issues whose responses are still stored become pending, without a call.
"""

from collections.abc import Mapping
from functools import cache
from types import MappingProxyType

from weatherflick_assets.source_digests import digest
from weatherflick_assets.weather.midterm import ASSET_KEY
from weatherflick_assets.weather.products import PRODUCTS
from weatherflick_assets.weather.sources import SOURCES

_CELLS = (
    "weather/issues.py",
    "weather/products.py",
    "weather/publish.py",
    "weather/suites.py",
    "weather/transform/cell_forecasts.py",
    "weather/transform/feels_like.py",
    "weather/transform/values.py",
    "weather/words.py",
)
_DAYS = ("korea/temperature_points.*", "weather/publish_days.py", "weather/store/daily*.sql", "weather/suites.py")
_MIDTERM = (
    "korea/temperature_points.*",
    "weather/midterm.py",
    "weather/publish_midterm.py",
    "weather/suites.py",
    "weather/transform/mid_term*.py",
)
_STATIONS = (
    "korea/asos_stations.*",
    "weather/publish_station_days.py",
    "weather/transform/station_days.py",
    "weather/transform/values.py",
)
_DAYS_ASSET = "core/daily_forecasts"

_SOURCES: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        "holidays": ("weather/publish_lists.py", "weather/transform/holidays.py"),
        "air_stations": (
            "korea/cells.py",
            "korea/land_cells.py",
            "korea/regions.*",
            "weather/publish_lists.py",
            "weather/transform/air_stations.py",
        ),
        "air_quality": (
            "weather/publish_air_quality.py",
            "weather/transform/air_quality.py",
            "weather/transform/values.py",
        ),
        "air_quality_forecasts": (
            "korea/regions.*",
            "weather/publish_air_forecasts.py",
            "weather/transform/air_forecasts.py",
        ),
        "warnings": ("korea/warning_zone*", "weather/publish_warnings.py", "weather/transform/warning*.py"),
        "station_days": _STATIONS,
        "station_years": _STATIONS,
    }
)
"""By the name of the source."""

_ALL_SOURCES = ("weather/publish_sources.py", "weather/source_suites.py")


@cache
def code_versions() -> Mapping[str, str]:
    """The digest of every published asset of the weather, by asset key."""
    cells, days = digest(_CELLS), digest(_DAYS)
    return MappingProxyType(
        {f"core/{product.table.name}": cells for product in PRODUCTS.values()}
        | {_DAYS_ASSET: days, ASSET_KEY: digest(_MIDTERM)}
        | {
            asset_key: digest((*_SOURCES[source.name], *_ALL_SOURCES))
            for source in SOURCES.values()
            for asset_key in source.published
        }
    )
