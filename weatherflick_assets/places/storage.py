"""How long what is known of readings of lists is kept. Places themselves are never deleted for their age.

How old the data of a region are is told by the last complete reading of its lists, so that one stays, however old.
"""

from weatherflick_assets.places.tables import (
    CHANGE_READINGS,
    CODES,
    COLLECTION_PLAN,
    DETAIL_TABLES,
    PLACE_DETAILS,
    PLACE_ITEMS,
    PLACE_REGIONS,
    PLACE_TABLES,
    REJECTED_ITEMS,
    SWEEPS,
    UNREADABLE_DETAILS,
)
from weatherflick_assets.warehouse.row_policies import RowPolicy

ROWS = (
    RowPolicy(
        SWEEPS,
        "finished_at",
        stays="""old.is_complete AND NOT EXISTS (
            SELECT FROM raw.sweeps AS later
            WHERE later.content_type_id = old.content_type_id AND later.region_code = old.region_code
              AND later.is_complete AND later.sweep_id > old.sweep_id
        )""",
    ),
    RowPolicy(
        CHANGE_READINGS,
        "finished_at",
        stays="""old.reading_id = (SELECT max(reading_id) FROM raw.change_readings)
            OR old.reading_id = (SELECT max(reading_id) FROM raw.change_readings WHERE read_back_to IS NULL)""",
    ),
)
"""One policy for each table that gains rows every day."""

LASTING = {
    "As many rows as the catalogue has places, also those that are gone.": (
        PLACE_ITEMS,
        PLACE_REGIONS,
        PLACE_DETAILS,
        UNREADABLE_DETAILS,
        REJECTED_ITEMS,
        *PLACE_TABLES.values(),
        *DETAIL_TABLES.values(),
    ),
    "As many rows as there are codes, and kinds of calls to plan.": (CODES, COLLECTION_PLAN),
}
"""Tables of which nothing is deleted, by the reason."""
