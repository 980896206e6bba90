"""The lists that all contenders read: one list per kind of place and region, 1,000 rows per page."""

import os

from weatherflick_assets.korea.regions import REGION_CODES
from weatherflick_assets.places.content_types import CONTENT_TYPE_BY_NAME, ContentType

REGIONS_VARIABLE = "BENCHMARK_REGIONS"
"""Environment variable with the regions to read, comma-separated; all regions if unset."""

KINDS_VARIABLE = "BENCHMARK_KINDS"
"""Environment variable with the kinds to read, comma-separated.

If unset, two large kinds with few long texts: most benchmarks measure rows, not the number of kinds.
"""

LISTS: tuple[tuple[ContentType, str], ...] = tuple(
    (CONTENT_TYPE_BY_NAME[kind], region_code)
    for kind in os.environ.get(KINDS_VARIABLE, "attractions,restaurants").split(",")
    for region_code in os.environ.get(REGIONS_VARIABLE, ",".join(REGION_CODES)).split(",")
)
"""Kind of place and region, in reading order."""
