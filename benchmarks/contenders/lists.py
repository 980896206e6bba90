"""The lists that all contenders read: of two kinds of places, one per kind and region, pages of a thousand."""

import os

from weatherflick_assets.korea.regions import REGION_CODES
from weatherflick_assets.places.content_types import CONTENT_TYPE_BY_NAME, ContentType

REGIONS_VARIABLE = "BENCHMARK_REGIONS"
"""Environment variable with the regions to read, comma-separated; all of them where it is unset."""

_KINDS = ("attractions", "restaurants")
"""The two largest with few long texts: what is measured is rows, not how many kinds they are cut into."""

LISTS: tuple[tuple[ContentType, str], ...] = tuple(
    (CONTENT_TYPE_BY_NAME[kind], region_code)
    for kind in _KINDS
    for region_code in os.environ.get(REGIONS_VARIABLE, ",".join(REGION_CODES)).split(",")
)
"""Kind of place and region, in the order in which they are read."""
