"""How assets are cut: places by region, because a region can be asked for again alone."""

import dagster as dg

from weatherflick_assets.korea.regions import REGION_CODES, UNASSIGNED

REGION_PARTITIONS = dg.StaticPartitionsDefinition([UNASSIGNED, *REGION_CODES])
"""The regions by their current code, and `unassigned` for rows that carry none. It comes first: what it finds may belong
to any of the others."""

FROM_LISTING = dg.StaticPartitionMapping(
    {UNASSIGNED: [UNASSIGNED, *REGION_CODES], **{code: [code] for code in REGION_CODES}}
)
"""A region's places come from its own list, and from rows without a code whose address or coordinates lie in it."""
