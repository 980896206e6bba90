"""The jobs of places: what is collected or published together. When they run stands in `schedules.py`."""

import dagster as dg

from weatherflick_assets.orchestration.schedules import asset_job
from weatherflick_assets.orchestration.tags import MAX_RUNTIME_SECONDS
from weatherflick_assets.places.assets.codes import CORE_CODES_KEY
from weatherflick_assets.places.assets.collection_plan import COLLECTION_PLAN_KEY, QUOTA_CHECK_KEY
from weatherflick_assets.places.assets.country_lists import FESTIVALS_KEY, PETS_KEY, STAYS_KEY
from weatherflick_assets.places.assets.details import detail_key
from weatherflick_assets.places.assets.listings import listing_key
from weatherflick_assets.places.assets.place_changes import PLACE_CHANGES_KEY
from weatherflick_assets.places.assets.place_details import PLACE_DETAILS_KEY
from weatherflick_assets.places.assets.places import places_key
from weatherflick_assets.places.assets.raw_codes import RAW_CODES_KEY
from weatherflick_assets.places.content_types import CONTENT_TYPES
from weatherflick_assets.places.detail_tables import DETAILS

_PUBLISHED = [
    *(places_key(content_type) for content_type in CONTENT_TYPES),
    *(detail_key(detail) for detail in DETAILS),
]


collect_places_job = asset_job(
    "collect_places",
    [*(listing_key(content_type) for content_type in CONTENT_TYPES), *_PUBLISHED],
    "Lists the places of one region, all eight kinds, and publishes them.",
)
collect_changes_job = asset_job(
    "collect_changes", [PLACE_CHANGES_KEY], "Reads what changed in the whole country, newest first."
)
publish_places_job = asset_job(
    "publish_places", _PUBLISHED, "Publishes one region anew from the raw layer, without a call."
)
plan_details_job = asset_job("plan_details", [COLLECTION_PLAN_KEY], "Plans which details the day's quota is spent on.")
collect_details_job = asset_job(
    "collect_details",
    [PLACE_DETAILS_KEY, *_PUBLISHED],
    "Asks for the details of one region that the plan allots to it, and publishes them.",
)
collect_codes_job = asset_job(
    "collect_codes", [RAW_CODES_KEY, CORE_CODES_KEY], "Reads the code tables and publishes them."
)
collect_festivals_job = asset_job("collect_festivals", [FESTIVALS_KEY], "Reads the dates of festivals, whole country.")
collect_pets_job = asset_job("collect_pets", [PETS_KEY], "Reads the rules for pets, whole country.")
collect_stays_job = asset_job("collect_stays", [STAYS_KEY], "Reads the list of places to stay, whole country.")
check_quotas_job = dg.define_asset_job(
    "check_quotas",
    selection=dg.AssetSelection.checks(QUOTA_CHECK_KEY),
    executor_def=dg.in_process_executor,
    tags=MAX_RUNTIME_SECONDS,
    description="Looks at what is left of the day's quotas, and at keys that are refused.",
)

JOBS = (
    collect_places_job,
    collect_changes_job,
    publish_places_job,
    plan_details_job,
    collect_details_job,
    collect_codes_job,
    collect_festivals_job,
    collect_pets_job,
    collect_stays_job,
    check_quotas_job,
)
