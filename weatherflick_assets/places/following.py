"""What has to be done after a raw asset was collected: which partitions of which published assets it touched.

Assets that change places of several regions say so in their metadata; who launches runs (the sensor, the command line)
reads it here.
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import dagster as dg

from weatherflick_assets.orchestration.tags import REGIONS_TO_COLLECT, TOUCHED
from weatherflick_assets.places.assets.details import detail_key
from weatherflick_assets.places.assets.places import places_key
from weatherflick_assets.places.content_types import CONTENT_TYPES
from weatherflick_assets.places.detail_tables import DETAILS

Touched = Iterable[tuple[str, str]]
"""Content types and regions, by their codes."""


def touched_by(materializations: Iterable[dg.AssetMaterialization]) -> set[tuple[str, str]]:
    """The content types and regions whose places these materializations say to have changed."""
    return {
        (content_type_id, region_code)
        for materialization in materializations
        for content_type_id, region_code in _value(materialization, TOUCHED, [])
    }


def _value(materialization: dg.AssetMaterialization, name: str, otherwise: Any) -> Any:
    found = materialization.metadata.get(name)
    return otherwise if found is None else found.value


def published_assets(touched: Touched) -> Mapping[str, Sequence[dg.AssetKey]]:
    """By region, the published assets that are made of what was touched, in the order of their declarations."""
    types_by_region: dict[str, set[str]] = {}
    for content_type_id, region_code in sorted(touched):
        types_by_region.setdefault(region_code, set()).add(content_type_id)
    return {
        region_code: [
            *(places_key(kind) for kind in CONTENT_TYPES if kind.content_type_id in types),
            *(detail_key(detail) for detail in DETAILS if types.intersection(detail.content_type_ids)),
        ]
        for region_code, types in types_by_region.items()
    }


def planned_regions(materializations: Iterable[dg.AssetMaterialization]) -> list[str]:
    """The regions that a collection plan among them has calls for, the one worth most first."""
    return [
        region_code
        for materialization in materializations
        for region_code in _value(materialization, REGIONS_TO_COLLECT, [])
    ]
