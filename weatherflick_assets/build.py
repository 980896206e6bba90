"""Assembly of the definitions: explicit, and with resources that tests and tools may replace."""

from collections.abc import Mapping

import dagster as dg

from weatherflick_assets.assets.core.places import place_assets
from weatherflick_assets.assets.operations.api_quotas import api_quotas
from weatherflick_assets.assets.operations.expired_responses import expired_responses
from weatherflick_assets.assets.raw.place_listings import place_listing_assets
from weatherflick_assets.jobs import maintain_job, places_job
from weatherflick_assets.resources.upstream import UpstreamResource
from weatherflick_assets.resources.warehouse import WarehouseResource


def build_defs(*, resources: Mapping[str, object] | None = None) -> dg.Definitions:
    """Everything Dagster knows of the platform.

    Args:
        resources: replacements by name; what is not named is as in operation.
    """
    return dg.Definitions(
        assets=[*place_listing_assets(), *place_assets(), expired_responses, api_quotas],
        jobs=[places_job, maintain_job],
        executor=dg.in_process_executor,
        resources={
            "warehouse": WarehouseResource(dsn=dg.EnvVar("WEATHERFLICK_DATABASE_URL")),
            "upstream": UpstreamResource(),
            **(resources or {}),
        },
    )
