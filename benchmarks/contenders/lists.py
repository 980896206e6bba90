"""The lists that all contenders read: two kinds of places, one list per kind and region, 1,000 rows per page."""

import os

from weatherflick_assets.korea.regions import REGION_CODES
from weatherflick_assets.places.content_types import CONTENT_TYPE_BY_NAME, ContentType

REGIONS_VARIABLE = "BENCHMARK_REGIONS"
"""Environment variable with the regions to read, comma-separated; all regions if unset."""

_KINDS = ("attractions", "restaurants")
"""Two large kinds with few long texts: the benchmark measures rows, not the number of kinds."""

LISTS: tuple[tuple[ContentType, str], ...] = tuple(
    (CONTENT_TYPE_BY_NAME[kind], region_code)
    for kind in _KINDS
    for region_code in os.environ.get(REGIONS_VARIABLE, ",".join(REGION_CODES)).split(",")
)
"""Kind of place and region, in reading order."""
