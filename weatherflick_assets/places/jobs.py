"""The jobs: what is collected or published together, each over one partition a run, in one process.

A process per step would cost several seconds and an import of everything for steps that take a second. When they run stands
in `places/schedules.py`.
"""

from collections.abc import Iterable

import dagster as dg

from weatherflick_assets.operations.api_quotas import API_QUOTAS_KEY
from weatherflick_assets.operations.expired_responses import EXPIRED_RESPONSES_KEY
from weatherflick_assets.orchestration.tags import MAX_RUNTIME_SECONDS
from weatherflick_assets.places.assets.codes import CORE_CODES_KEY
from weatherflick_assets.places.assets.collection_plan import COLLECTION_PLAN_KEY
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


def _job(name: str, keys: Iterable[dg.AssetKey], description: str):
    return dg.define_asset_job(
        name,
        selection=dg.AssetSelection.assets(*keys),
        executor_def=dg.in_process_executor,
        tags=MAX_RUNTIME_SECONDS,
        description=description,
    )


collect_places_job = _job(
    "collect_places",
    [*(listing_key(content_type) for content_type in CONTENT_TYPES), *_PUBLISHED],
    "Lists the places of one region, all eight kinds, and publishes them.",
)
collect_changes_job = _job(
    "collect_changes", [PLACE_CHANGES_KEY], "Reads what changed in the whole country, newest first."
)
publish_places_job = _job("publish_places", _PUBLISHED, "Publishes one region anew from the raw layer, without a call.")
plan_details_job = _job("plan_details", [COLLECTION_PLAN_KEY], "Plans which details the day's quota is spent on.")
collect_details_job = _job(
    "collect_details",
    [PLACE_DETAILS_KEY, *_PUBLISHED],
    "Asks for the details of one region that the plan allots to it, and publishes them.",
)
collect_codes_job = _job("collect_codes", [RAW_CODES_KEY, CORE_CODES_KEY], "Reads the code tables and publishes them.")
collect_festivals_job = _job("collect_festivals", [FESTIVALS_KEY], "Reads the dates of festivals, whole country.")
collect_pets_job = _job("collect_pets", [PETS_KEY], "Reads the rules for pets, whole country.")
collect_stays_job = _job("collect_stays", [STAYS_KEY], "Reads the list of places to stay, whole country.")
maintain_job = _job(
    "maintain",
    [EXPIRED_RESPONSES_KEY, API_QUOTAS_KEY],
    "Keeps the database in bounds by dropping the bodies of expired responses, and tells what is left of the quotas.",
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
    maintain_job,
)
