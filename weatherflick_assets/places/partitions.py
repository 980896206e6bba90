"""How assets are cut: places by region, because a region can be asked for again alone; what is read of all by its day."""

import dagster as dg

from weatherflick_assets.korea.regions import REGION_CODES, UNASSIGNED
from weatherflick_assets.settings import KST

REGION_PARTITIONS = dg.StaticPartitionsDefinition([UNASSIGNED, *REGION_CODES])
"""The regions by their current code, and `unassigned` for rows that carry none. It comes first: what it finds may belong
to any of the others."""

FROM_LISTING = dg.StaticPartitionMapping(
    {UNASSIGNED: [UNASSIGNED, *REGION_CODES], **{code: [code] for code in REGION_CODES}}
)
"""A region's places come from its own list, and from rows without a code whose address or coordinates lie in it."""

DAY_PARTITIONS = dg.DailyPartitionsDefinition("2026-11-01", timezone=str(KST), end_offset=1)
"""Days in Korea, today included: what is read anew every day carries the day on which it was read, and can be read on that day
only."""
