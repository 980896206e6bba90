"""The lists that all contenders read: one per kind of place and region, pages of a thousand."""

from weatherflick_assets.content_types import CONTENT_TYPES, ContentType
from weatherflick_assets.regions import REGIONS

LISTS: tuple[tuple[ContentType, str], ...] = tuple(
    (content_type, region.region_code) for content_type in CONTENT_TYPES for region in REGIONS
)
"""Kind of place and region, in the order in which they are read."""
