"""The places catalogue as a domain: the API it calls, the data it keeps, and its Dagster definitions."""

from typing import TYPE_CHECKING

from weatherflick_assets.orchestration.domain import Domain
from weatherflick_assets.places.answers import ANSWERS
from weatherflick_assets.places.content_types import CONTENT_TYPES
from weatherflick_assets.places.flows import FLOWS, PUBLISHING
from weatherflick_assets.places.kto import OPERATIONS
from weatherflick_assets.places.measured import MEASURED
from weatherflick_assets.places.rejections import REJECTIONS
from weatherflick_assets.places.storage import LASTING, ROWS
from weatherflick_assets.places.store.reference import load

if TYPE_CHECKING:
    import dagster as dg


def _definitions() -> "dg.Definitions":
    from weatherflick_assets.places.defs import definitions  # noqa: PLC0415 - the declaration itself needs no Dagster

    return definitions()


_PUBLISHED = " UNION ALL ".join(
    f"SELECT content_id, '{content_type.content_type_id}', kto_area_code, nx, ny, published_at "  # noqa: S608
    f"FROM core.{content_type.name} WHERE removed_at IS NULL"
    for content_type in CONTENT_TYPES
)
_LOCATIONS = f"""
SELECT DISTINCT ON (content_id) content_id, content_type_id, kto_area_code, nx, ny
FROM ({_PUBLISHED}) AS place (content_id, content_type_id, kto_area_code, nx, ny, published_at)
ORDER BY content_id, published_at DESC, content_type_id
"""  # noqa: S608
"""A place whose kind has changed is published as both until the list of the former kind is collected: it is what it became last."""

PLACES = Domain(
    name="places",
    operations=OPERATIONS,
    load=load,
    needed_responses=(
        "SELECT response_id FROM raw.place_items",
        "SELECT response_id FROM core.rejected_items",
        "SELECT response_id FROM raw.place_details",
        # A single field may come from an earlier answer.
        "SELECT kept.value::bigint FROM raw.place_details, jsonb_each_text(kept_from) AS kept",
    ),
    rows=ROWS,
    lasting=LASTING,
    flows=FLOWS,
    publishing=PUBLISHING,
    locations=_LOCATIONS,
    measured=MEASURED,
    rejections=REJECTIONS,
    answers=ANSWERS,
    definitions=_definitions,
)
