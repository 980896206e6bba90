"""The Dagster definitions of the places domain."""

import dagster as dg

from weatherflick_assets.places.assets.codes import code_assets
from weatherflick_assets.places.assets.collection_plan import collection_plan, quotas
from weatherflick_assets.places.assets.country_lists import festivals, pets, stays
from weatherflick_assets.places.assets.details import detail_assets
from weatherflick_assets.places.assets.listings import place_listing_assets
from weatherflick_assets.places.assets.place_changes import place_changes
from weatherflick_assets.places.assets.place_details import place_details
from weatherflick_assets.places.assets.places import place_assets
from weatherflick_assets.places.assets.serving import serving_assets
from weatherflick_assets.places.jobs import JOBS


def definitions() -> dg.Definitions:
    """Assets, checks and jobs of places."""
    return dg.Definitions(
        assets=[
            *place_listing_assets(),
            *(place_changes, place_details, festivals, pets, stays),
            *place_assets(),
            *detail_assets(),
            *code_assets(),
            collection_plan,
            *serving_assets(),
        ],
        asset_checks=[quotas],
        jobs=JOBS,
    )
