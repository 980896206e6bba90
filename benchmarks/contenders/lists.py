"""The lists that all contenders read: one per kind of place and region, pages of a thousand."""

import os

from weatherflick_assets.content_types import CONTENT_TYPES, ContentType
from weatherflick_assets.regions import REGION_CODES

REGIONS_VARIABLE = "BENCHMARK_REGIONS"
"""Environment variable with the regions to read, comma-separated; all of them where it is unset."""

LISTS: tuple[tuple[ContentType, str], ...] = tuple(
    (content_type, region_code)
    for content_type in CONTENT_TYPES
    for region_code in os.environ.get(REGIONS_VARIABLE, ",".join(REGION_CODES)).split(",")
)
"""Kind of place and region, in the order in which they are read."""
