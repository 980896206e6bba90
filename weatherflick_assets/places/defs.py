"""The Dagster definitions of the places domain."""

import dagster as dg

from weatherflick_assets.orchestration.serving import serving_assets
from weatherflick_assets.places.assets.codes import core_codes, raw_codes
from weatherflick_assets.places.assets.collection_plan import collection_plan, quotas
from weatherflick_assets.places.assets.country_lists import festivals, pets, stays
from weatherflick_assets.places.assets.listings import listings
from weatherflick_assets.places.assets.place_changes import place_changes
from weatherflick_assets.places.assets.place_details import place_details
from weatherflick_assets.places.assets.region_tables import region_tables
from weatherflick_assets.places.flows import PUBLISHING
from weatherflick_assets.places.jobs import JOBS
from weatherflick_assets.places.store.reference import SERVING


def definitions() -> dg.Definitions:
    """Assets, checks and jobs of places."""
    return dg.Definitions(
        assets=[
            *(listings, place_changes, place_details, festivals, pets, stays, raw_codes),
            *(region_tables, core_codes, collection_plan),
            *serving_assets([asset for assets in PUBLISHING.values() for asset in assets], SERVING),
        ],
        asset_checks=[quotas],
        jobs=JOBS,
    )
