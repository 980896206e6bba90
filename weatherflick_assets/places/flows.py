"""The schedules for collecting the catalogue, in Korean time, and the jobs that publish it: plain data, declared once.

Quotas reset at midnight in Korea. The change feed is read first, so that the plan knows what changed. Then the day's
calls for details are planned and made. Publishing needs no flow, because it follows the outbox.
"""

from collections.abc import Collection, Sequence
from datetime import datetime

from weatherflick_assets.korea.regions import REGION_CODES, UNASSIGNED
from weatherflick_assets.orchestration.flows import Flow, Stage
from weatherflick_assets.places.content_types import CONTENT_TYPES
from weatherflick_assets.places.detail_tables import DETAILS as DETAIL_TABLES
from weatherflick_assets.settings import KST

PUBLISHING = {
    "publish_places": tuple(f"core/{table.name}" for table in (*CONTENT_TYPES, *DETAIL_TABLES)),
    "publish_codes": ("core/codes",),
}
"""Maps each job to the assets it publishes."""


def _unassigned(_dsn: str, _at: datetime) -> Sequence[str]:
    return [UNASSIGNED]


def _regions(_dsn: str, _at: datetime) -> Sequence[str]:
    return REGION_CODES


def _planned_regions(dsn: str, at: datetime) -> Sequence[str]:
    """The regions with calls in the day's plan, most valuable first; none if the day has no plan."""
    from weatherflick_assets.warehouse.connections import connect  # noqa: PLC0415 - declarations load without it

    with connect(dsn) as connection:
        rows = connection.execute(_PLANNED_REGIONS, {"zone": str(KST), "day": at.astimezone(KST).date()}).fetchall()
    return [region_code for (region_code,) in rows]


_PLANNED_REGIONS = """
SELECT region_code FROM ops.collection_plan
WHERE calls > 0 AND (planned_at AT TIME ZONE %(zone)s)::date = %(day)s
GROUP BY region_code ORDER BY min(rank), region_code
"""

_KTO = "kto"

PLACES = Flow(
    "places",
    "0 2 * * sun",
    "Lists every place of every region again: what the change feed can't see is found here. Rows without a region come "
    "first and alone, because they may belong to any region.",
    (Stage("collect_places", _unassigned), Stage("collect_places", _regions)),
    _KTO,
)
CHANGES = Flow(
    "changes", "5 0 * * *", "Reads what changed since yesterday, newest first.", (Stage("collect_changes"),), _KTO
)
FESTIVALS = Flow("festivals", "15 0 * * *", "Reads the dates of festivals.", (Stage("collect_festivals"),), _KTO)
PLAN = Flow("plan", None, "Plans the day's calls for details.", (Stage("plan_details"),), _KTO)
DETAILS = Flow(
    "details",
    "30 0 * * *",
    "Plans the day's calls for details, after the quota was reset, and makes them, the regions worth most first.",
    (*PLAN.stages, Stage("collect_details", _planned_regions, depends_on_need=True)),
    _KTO,
    # Calls would be spent on places that have changed since.
    needs=("raw/kto/place_changes",),
)
CODES = Flow("codes", "0 3 * * mon", "Reads the code tables and publishes them.", (Stage("collect_codes"),), _KTO)
PETS = Flow(
    "pets", "15 3 * * mon", "Reads the rules for pets, of the whole country at once.", (Stage("collect_pets"),), _KTO
)
STAYS = Flow("stays", "30 3 * * mon", "Reads the list of places to stay.", (Stage("collect_stays"),), _KTO)
QUOTAS = Flow("quotas", "0 6,12,18 * * *", "Looks at the quotas while there is time to act.", (Stage("check_quotas"),))

FLOWS = (CHANGES, FESTIVALS, DETAILS, PLACES, CODES, PETS, STAYS, QUOTAS)
"""Every flow that a schedule starts."""

REFRESH = (CHANGES, FESTIVALS)
LISTS = (CODES, FESTIVALS, PETS, STAYS)
FIRST_CYCLE = (*LISTS, PLACES, PLAN)
"""Everything except details. The lists come first, because their data is published with the places."""


def assets_of(content_types: Collection[str]) -> list[str]:
    """The names of the assets that `collect_places` makes for these kinds of places."""
    kinds = [kind for kind in CONTENT_TYPES if kind.name in content_types]
    codes = {kind.content_type_id for kind in kinds}
    return [
        *(f"raw/kto/{kind.name}_listing" for kind in kinds),
        *(f"core/{kind.name}" for kind in kinds),
        *(f"core/{table.name}" for table in DETAIL_TABLES if codes.intersection(table.content_type_ids)),
    ]
