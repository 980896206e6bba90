"""Which published assets follow from a change of the raw layer: what a change of places, or of their details, makes pending.

Asset keys are strings here, and nothing imports Dagster: the transactions that change raw note these keys in the outbox.
"""

from collections.abc import Iterable

from weatherflick_assets.places.content_types import CONTENT_TYPES
from weatherflick_assets.places.detail_tables import DETAILS
from weatherflick_assets.places.fields import OPERATIONS_OF_PLACES
from weatherflick_assets.places.kto import LIST_OPERATION

Partition = tuple[str, str]
"""Content type and region of places, by their codes."""

CODES_ASSET = "core/codes"
"""The published asset of code lists. It has no partitions."""

_PLACES_OF = {content_type.content_type_id: f"core/{content_type.name}" for content_type in CONTENT_TYPES}


def published_of(content_type_id: str, operation: str | None = None) -> tuple[str, ...]:
    """Keys of the published assets that are made of places of a kind.

    Args:
        content_type_id: the kind; one that is not declared is published nowhere.
        operation: only assets that use what this operation says about places.
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
    """Asset key and region of everything to publish again after places of these kinds and regions changed.

    Args:
        touched: kinds and regions.
        operation: what said something else; by default places came, moved or went.
    """
    return {(asset, region) for kind, region in touched for asset in published_of(kind, operation)}


def publications_of_change(before: Partition | None, after: Partition | None) -> set[tuple[str, str]]:
    """What to publish again after a list item of a place changed.

    A place that stays where it was changes its own row alone; rows of details depend on where a place is shown.

    Args:
        before: kind and region in which the place was shown; None where it was not.
        after: likewise, where it is shown now.
    """
    operation = LIST_OPERATION.name if before == after else None
    return publications_of((partition for partition in (before, after) if partition), operation)
