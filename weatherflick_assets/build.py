"""Assembly of the definitions: explicit, and with resources that tests and tools may replace."""

from collections.abc import Mapping

import dagster as dg

from weatherflick_assets.operations.api_quotas import api_quotas
from weatherflick_assets.operations.expired_responses import expired_responses
from weatherflick_assets.orchestration.upstream import UpstreamResource
from weatherflick_assets.orchestration.warehouse import WarehouseResource
from weatherflick_assets.places.assets.codes import code_assets
from weatherflick_assets.places.assets.collection_plan import collection_plan
from weatherflick_assets.places.assets.country_lists import festivals, pets, stays
from weatherflick_assets.places.assets.details import detail_assets
from weatherflick_assets.places.assets.listings import place_listing_assets
from weatherflick_assets.places.assets.place_changes import place_changes
from weatherflick_assets.places.assets.place_details import place_details
from weatherflick_assets.places.assets.places import place_assets
from weatherflick_assets.places.jobs import JOBS
from weatherflick_assets.places.schedules import SCHEDULES
from weatherflick_assets.places.sensors import follow_collections


def build_defs(*, resources: Mapping[str, object] | None = None) -> dg.Definitions:
    """Everything Dagster knows of the platform.

    Args:
        resources: replacements by name; what is not named is as in operation.
    """
    return dg.Definitions(
        assets=[
            *place_listing_assets(),
            *(place_changes, place_details, festivals, pets, stays),
            *place_assets(),
            *detail_assets(),
            *code_assets(),
            collection_plan,
            *(expired_responses, api_quotas),
        ],
        jobs=JOBS,
        schedules=SCHEDULES,
        sensors=[follow_collections],
        executor=dg.in_process_executor,
        resources={
            "warehouse": WarehouseResource(dsn=dg.EnvVar("WEATHERFLICK_DATABASE_URL")),
            "upstream": UpstreamResource(),
            **(resources or {}),
        },
    )
