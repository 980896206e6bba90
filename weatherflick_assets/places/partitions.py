"""Partitions: places are partitioned by region, because a single region can be collected again on its own."""

import dagster as dg

from weatherflick_assets.korea.regions import REGION_CODES, UNASSIGNED

REGION_PARTITIONS = dg.StaticPartitionsDefinition([UNASSIGNED, *REGION_CODES])
"""The regions by their current code, and `unassigned` for rows without one. `unassigned` comes first, because its
places may belong to any of the others."""

FROM_LISTING = dg.StaticPartitionMapping(
    {UNASSIGNED: [UNASSIGNED, *REGION_CODES], **{code: [code] for code in REGION_CODES}}
)
"""A region's places come from its own list, and from rows without a code whose address or coordinates are in it."""
