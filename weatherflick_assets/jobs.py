"""The jobs: one per collection, each over one partition a run, and the upkeep of the database; each run in one process.

A process per step would cost several seconds and an import of everything for steps that take a second.
"""

import dagster as dg

from weatherflick_assets.assets.core.places import places_key
from weatherflick_assets.assets.operations.api_quotas import API_QUOTAS_KEY
from weatherflick_assets.assets.operations.expired_responses import EXPIRED_RESPONSES_KEY
from weatherflick_assets.assets.raw.place_listings import listing_key
from weatherflick_assets.content_types import CONTENT_TYPES
from weatherflick_assets.tags import MAX_RUNTIME_SECONDS

PLACES_JOB = "collect_places"
MAINTAIN_JOB = "maintain"

places_job = dg.define_asset_job(
    PLACES_JOB,
    selection=dg.AssetSelection.assets(
        *(key for content_type in CONTENT_TYPES for key in (listing_key(content_type), places_key(content_type)))
    ),
    executor_def=dg.in_process_executor,
    tags=MAX_RUNTIME_SECONDS,
    description="Lists the places of one region, and publishes them: attractions, restaurants.",
)

maintain_job = dg.define_asset_job(
    MAINTAIN_JOB,
    selection=dg.AssetSelection.assets(EXPIRED_RESPONSES_KEY, API_QUOTAS_KEY),
    executor_def=dg.in_process_executor,
    tags=MAX_RUNTIME_SECONDS,
    description="Keeps the database in bounds by dropping the bodies of expired responses, and tells what is left of the quotas.",
)
