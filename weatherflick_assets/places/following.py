"""Which published assets become pending when places or their details change in the raw layer.

Asset keys are strings here, and nothing imports Dagster. The transactions that change raw data note these keys in the
outbox.
"""

from collections.abc import Iterable

from weatherflick_assets.places.content_types import CONTENT_TYPES
from weatherflick_assets.places.detail_tables import DETAILS
from weatherflick_assets.places.fields import OPERATIONS_OF_PLACES
from weatherflick_assets.places.kto import LIST_OPERATION

Partition = tuple[str, str]
"""Content type code and region code of places."""

CODES_ASSET = "core/codes"
"""The published asset of code lists. It has no partitions."""

_PLACES_OF = {content_type.content_type_id: f"core/{content_type.name}" for content_type in CONTENT_TYPES}


def published_of(content_type_id: str, operation: str | None = None) -> tuple[str, ...]:
    """Keys of the published assets that are made from places of a kind; none of an undeclared kind.

    With an operation, only those that use its answers.
    """
    if content_type_id not in _PLACES_OF:
        return ()
    details = tuple(
        f"core/{detail.name}"
        for detail in DETAILS
        if content_type_id in detail.content_type_ids and operation in (None, detail.operation)
    )
    return (_PLACES_OF[content_type_id], *details) if operation in (None, *OPERATIONS_OF_PLACES) else details


def publications_of(touched: Iterable[Partition], operation: str | None = None) -> set[tuple[str, str]]:
    """Asset key and region of everything to publish again after places in these partitions changed.

    With an operation, only its answers changed; without, places appeared, moved or disappeared.
    """
    return {(asset, region) for kind, region in touched for asset in published_of(kind, operation)}


def publications_of_change(before: Partition | None, after: Partition | None) -> set[tuple[str, str]]:
    """Asset key and region of everything to publish again after a list item of a place changed.

    `before` and `after` are the partitions that showed it and show it now; None if it is not shown. If a place stays in
    its partition, only its own row changes. Rows of details depend on the partition that shows the place.
    """
    operation = LIST_OPERATION.name if before == after else None
    return publications_of((partition for partition in (before, after) if partition), operation)
