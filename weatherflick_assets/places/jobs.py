"""The jobs of places: which assets are materialized together. `flows.py` declares when they run."""

from weatherflick_assets.orchestration.schedules import asset_job, check_job
from weatherflick_assets.places.assets.collection_plan import QUOTA_CHECK_KEY
from weatherflick_assets.places.content_types import CONTENT_TYPES
from weatherflick_assets.places.flows import PUBLISHING, assets_of

_PUBLISHED = PUBLISHING["publish_places"]

JOBS = (
    asset_job(
        "collect_places",
        assets_of([kind.name for kind in CONTENT_TYPES]),
        "Lists the places of one region, all eight kinds, and publishes them.",
    ),
    asset_job("collect_changes", ["raw/kto/place_changes"], "Reads what changed in the whole country, newest first."),
    asset_job("publish_places", _PUBLISHED, "Publishes one region again from the raw layer, without a call."),
    asset_job("publish_codes", PUBLISHING["publish_codes"], "Publishes the code tables again, without a call."),
    asset_job("plan_details", ["insight/collection_plan"], "Plans which details the day's quota is spent on."),
    asset_job(
        "collect_details",
        ["raw/kto/place_details", *_PUBLISHED],
        "Asks for the details of one region that the plan allots to it, and publishes them.",
    ),
    asset_job("collect_codes", ["raw/kto/codes", "core/codes"], "Reads the code tables and publishes them."),
    asset_job("collect_festivals", ["raw/kto/festivals"], "Reads the dates of festivals, whole country."),
    asset_job("collect_pets", ["raw/kto/pets"], "Reads the rules for pets, whole country."),
    asset_job("collect_stays", ["raw/kto/stays"], "Reads the list of places to stay, whole country."),
    check_job(
        "check_quotas", [QUOTA_CHECK_KEY], "Looks at what is left of the day's quotas, and at keys that are refused."
    ),
)
