"""Code versions of the weather's published assets: a digest of the source files that each asset's rows depend on.

If a digest differs from the recorded one, the issues whose responses are still stored become pending, without a call.
"""

from collections.abc import Mapping
from functools import cache
from types import MappingProxyType

from weatherflick_assets.source_digests import digest
from weatherflick_assets.weather.midterm import ASSET_KEY
from weatherflick_assets.weather.products import PRODUCTS

_CELLS = (
    "weather/issues.py",
    "weather/products.py",
    "weather/publish.py",
    "weather/suites.py",
    "weather/transform/cell_forecasts.py",
    "weather/transform/feels_like.py",
    "weather/transform/values.py",
)
_DAYS = ("korea/temperature_points.*", "weather/publish_days.py", "weather/store/daily*.sql", "weather/suites.py")
_MIDTERM = (
    "korea/temperature_points.*",
    "weather/midterm.py",
    "weather/publish_midterm.py",
    "weather/suites.py",
    "weather/transform/mid_term*.py",
)
_DAYS_ASSET = "core/daily_forecasts"


@cache
def code_versions() -> Mapping[str, str]:
    """The digest of every published asset of the weather, by asset key."""
    cells, days = digest(_CELLS), digest(_DAYS)
    return MappingProxyType(
        {f"core/{product.table.name}": cells for product in PRODUCTS.values()}
        | {_DAYS_ASSET: days, ASSET_KEY: digest(_MIDTERM)}
    )
