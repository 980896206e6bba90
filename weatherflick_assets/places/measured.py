"""What is measured of the tables of the catalogue: places and their details by region, codes by code space.

A test holds these lines against the suites.
"""

from collections.abc import Mapping
from datetime import timedelta
from types import MappingProxyType

from weatherflick_assets.places.content_types import CONTENT_TYPES, ContentType
from weatherflick_assets.places.detail_tables import DETAILS
from weatherflick_assets.places.lists_read import lists_read
from weatherflick_assets.quality.measured import MeasuredTable

_LISTED = timedelta(days=15)
"""Every list is read again on Sundays; one that failed twice in a row is stale."""

_LIST_READ = timedelta(days=15)
"""Codes are read again on Mondays."""

_REQUIRED_OF_DETAILS: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        "place_images": ("image_url", "licence"),
        "place_infos": ("name",),
        "course_stops": ("name", "stop_content_id"),
        "rooms": ("title",),
        "pet_policies": ("scope",),
    }
)


def _places(content_type: ContentType) -> MeasuredTable:
    # 4 % of travel courses have an address.
    address = () if content_type.name == "travel_courses" else ("address",)
    return MeasuredTable(
        f"core.{content_type.name}",
        _LISTED,
        by_region=True,
        read_at=lists_read([content_type.content_type_id]),
        required=("title", "latitude", "longitude", *address, "class_code"),
        duplicate_rules=("content_id_unique", "title_and_address_once"),
    )


MEASURED = (
    *map(_places, CONTENT_TYPES),
    *(
        MeasuredTable(
            f"core.{detail.name}",
            _LISTED,
            by_region=True,
            read_at=lists_read(detail.content_type_ids),
            required=_REQUIRED_OF_DETAILS[detail.name],
        )
        for detail in DETAILS
    ),
    MeasuredTable(
        "core.codes", _LIST_READ, must_be_fresh=False, required=("code", "name"), duplicate_rules=("code_unique",)
    ),
)
"""One line for each table."""
