"""The jobs: one per collection, each over one partition a run, in one process.

A process per step would cost several seconds and an import of everything for steps that take a second.
"""

import dagster as dg

from weatherflick_assets.assets.core.places import places_key
from weatherflick_assets.assets.raw.place_listings import listing_key
from weatherflick_assets.content_types import CONTENT_TYPES
from weatherflick_assets.tags import MAX_RUNTIME_SECONDS

PLACES_JOB = "collect_places"

places_job = dg.define_asset_job(
    PLACES_JOB,
    selection=dg.AssetSelection.assets(
        *(key for content_type in CONTENT_TYPES for key in (listing_key(content_type), places_key(content_type)))
    ),
    executor_def=dg.in_process_executor,
    tags=MAX_RUNTIME_SECONDS,
    description="Lists the places of one region, and publishes them: attractions, restaurants.",
)
