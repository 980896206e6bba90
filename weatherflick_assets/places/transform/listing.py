"""From a page of list items to rows of the raw layer: identity, region, visibility. Values stay as received."""

import pandas as pd

from weatherflick_assets.places.transform.columns import each, kst_timestamps, text_columns
from weatherflick_assets.places.transform.regions import REGION_FIELDS, resolve_regions
from weatherflick_assets.upstream.second_reading import DAMAGED
from weatherflick_assets.warehouse.json_text import as_json

_FIELDS = ("contentid", "contenttypeid", "modifiedtime", "showflag", *REGION_FIELDS)

_LONGEST_CODE = 100
"""In characters. Longer text is not an id or code, and is too long for an index."""


def listed_items(items: list[dict[str, object]], response_id: int) -> pd.DataFrame:
    """One row per item of a page; fields of items may be missing or of the wrong type.

    Returns:
        Columns content_id (missing where the item has none), content_type_id, listed_region_code (as received, missing
        where it is blank), region_code, region_source, sigungu_code (as `resolve_regions` finds them), payload (JSON
        text), modified_at (aware, or missing), is_visible, response_id.
    """
    fields = text_columns(items, _FIELDS)
    regions = resolve_regions(fields)
    return pd.DataFrame(
        {
            "content_id": each(fields["contentid"], _code),
            "content_type_id": each(fields["contenttypeid"], lambda text: text if len(text) <= _LONGEST_CODE else ""),
            "listed_region_code": each(fields["lDongRegnCd"], _code),
            "region_code": regions["region_code"],
            "region_source": regions["region_source"],
            "sigungu_code": regions["sigungu_code"],
            "payload": [as_json(item) for item in items],
            "modified_at": kst_timestamps(fields["modifiedtime"]),
            # Hidden places have 0. Lists without the flag contain only visible places.
            "is_visible": fields["showflag"] != "0",
            "response_id": response_id,
        },
        copy=False,
    )


def _code(text: str) -> str | None:
    return text if 0 < len(text) <= _LONGEST_CODE and DAMAGED not in text else None
