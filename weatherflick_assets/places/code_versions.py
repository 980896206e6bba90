"""Code versions of the published assets: a short digest of the source files that each asset's rows depend on.

If a digest differs from the recorded one, all partitions of its asset become pending, without a call
(`store/versions.py`). Files are read, not imported, so this costs milliseconds.
"""

from collections.abc import Mapping
from functools import cache
from types import MappingProxyType

from weatherflick_assets.places.content_types import CONTENT_TYPES
from weatherflick_assets.places.detail_tables import DETAILS
from weatherflick_assets.places.following import CODES_ASSET
from weatherflick_assets.source_digests import digest

REGION_RULE = "core/place_regions"
"""The key under which the version of the region rule is recorded."""

_TEXT = ("places/transform/columns.py", "places/transform/text.py")
_REGIONS = ("korea/*.py", "korea/*.csv", *_TEXT, "places/transform/regions.py")
_VALUES = ("places/content_types.py", "places/fields.py", *_TEXT, "places/transform/detail*.py")
_PLACES = (
    *_VALUES,
    "korea/*.py",
    "places/class_codes.py",
    "places/transform/place*.py",
    "places/suites/common_rules.py",
    "places/suites/places.py",
)
_DETAILS = (*_VALUES, "places/detail_tables.py", "places/suites/common_rules.py", "places/suites/details.py")
_CODES = (
    "places/content_types.py",
    *_TEXT,
    "places/transform/codes.py",
    "places/suites/codes.py",
)


@cache
def code_versions() -> Mapping[str, str]:
    """The digest of every published asset of places, by asset key."""
    places, details = digest(_PLACES), digest(_DETAILS)
    return MappingProxyType(
        {f"core/{content_type.name}": places for content_type in CONTENT_TYPES}
        | {f"core/{detail.name}": details for detail in DETAILS}
        | {CODES_ASSET: digest(_CODES)}
    )


@cache
def region_rule_version() -> str:
    """The digest of the region rule and of the facts it uses."""
    return digest(_REGIONS)
