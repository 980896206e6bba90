"""`serving/*`: the views the backend reads, with lineage to what they show.

A view is never materialized: it shows at any time what is published, so it has no status of its own.
"""

from collections.abc import Sequence

import dagster as dg

from weatherflick_assets.orchestration.tags import OWNERS

_PLACES = {
    "tourist_attractions": "attractions",
    "cultural_facilities": "cultural_facilities",
    "festivals_events": "festivals",
    "travel_courses": "travel_courses",
    "leisure_sports": "leisure_sports",
    "accommodations": "accommodations",
    "shopping": "shopping",
    "restaurants": "restaurants",
}
"""View to the kind of place that it shows, with the names of codes."""

SERVING = {
    **{view: (f"core/{kind}", "core/codes") for view, kind in _PLACES.items()},
    "places": tuple(f"core/{kind}" for kind in _PLACES.values()),
    "content_images": ("core/place_images", "serving/places"),
    "content_detail_info": ("core/course_stops", "core/place_infos", "core/rooms", "serving/places"),
    "pet_tour_info": ("core/pet_policies", "serving/places"),
    "category_codes": ("core/codes",),
    "regions": ("core/codes",),
}
"""View to the assets that it reads."""


def serving_assets() -> Sequence[dg.AssetSpec]:
    """One external asset per view."""
    return [
        dg.AssetSpec(
            dg.AssetKey(["serving", view]),
            deps=[dg.AssetKey.from_user_string(source) for source in sources],
            group_name="serving",
            owners=OWNERS,
            kinds={"postgres", "view"},
            tags={"layer": "serving"},
            description=f"The view serving.{view} that the backend reads. It shows what is published, at any time.",
            metadata={"dagster/table_name": f"serving.{view}"},
        )
        for view, sources in SERVING.items()
    ]
