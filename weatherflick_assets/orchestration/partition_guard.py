"""Assets that read what the upstream says today: a partition of another day can't be read any more, or not yet."""

from datetime import date

import dagster as dg

from weatherflick_assets.orchestration.tags import FAILURE_KIND
from weatherflick_assets.settings import KST, Clock


def today(context: dg.AssetExecutionContext, clock: Clock) -> date:
    """The day of the partition, in Korea.

    Raises:
        dagster.Failure: it isn't today; nothing is asked, as the answer would be kept under a wrong day.
    """
    day, current = date.fromisoformat(context.partition_key), clock().astimezone(KST).date()
    if day != current:
        raise dg.Failure(
            description=(
                f"{context.asset_key.to_user_string()} reads what the upstream says now, and {day} is not today in Korea. "
                f"Materialize the partition {current} instead."
            ),
            metadata={FAILURE_KIND: "permanent"},
            allow_retries=False,
        )
    return day
