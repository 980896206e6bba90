"""The tables of details that have separate rows: images, further texts, stops, rooms, rules for pets. Declared once.

Tables, transforms, suites, assets and the data catalogue are made from these lines. Their columns are in
`places/fields.py`.
"""

from dataclasses import dataclass

from weatherflick_assets.places.content_types import CONTENT_TYPE_BY_NAME, CONTENT_TYPES
from weatherflick_assets.places.fields import (
    COURSE_STOP_FIELDS,
    IMAGE_FIELDS,
    INFO_FIELDS,
    PET_POLICY_FIELDS,
    ROOM_FIELDS,
    PlaceField,
)


@dataclass(frozen=True)
class DetailTable:
    """A table of one detail operation's answers, with one or several rows per place.

    Attributes:
        name: the name of table and asset.
        operation: the operation its rows come from.
        content_type_ids: kinds of places whose answers have this shape.
        fields: its columns besides those that identify the place.
        description: what a row is.
        unusable: why an item of an answer is no row; there is one reason for each operation.
        in_order: whether a place has several rows, numbered by `position`.
    """

    name: str
    operation: str
    content_type_ids: tuple[str, ...]
    fields: tuple[PlaceField, ...]
    description: str
    unusable: str
    in_order: bool = True


_EVERY_KIND = tuple(content_type.content_type_id for content_type in CONTENT_TYPES)
_COURSE, _ACCOMMODATION = (CONTENT_TYPE_BY_NAME[name].content_type_id for name in ("travel_courses", "accommodations"))
_OTHERS = tuple(kind for kind in _EVERY_KIND if kind not in (_COURSE, _ACCOMMODATION))

DETAILS = (
    DetailTable(
        "place_images", "detailImage2", _EVERY_KIND, IMAGE_FIELDS, "Images of places, in their order.", "image_missing"
    ),
    DetailTable(
        "place_infos",
        "detailInfo2",
        _OTHERS,
        INFO_FIELDS,
        "What else is said about places: names and texts.",
        "says_nothing",
    ),
    DetailTable(
        "course_stops", "detailInfo2", (_COURSE,), COURSE_STOP_FIELDS, "The stops of courses, in order.", "says_nothing"
    ),
    DetailTable(
        "rooms", "detailInfo2", (_ACCOMMODATION,), ROOM_FIELDS, "The types of rooms of accommodations.", "says_nothing"
    ),
    DetailTable(
        "pet_policies",
        "detailPetTour2",
        _EVERY_KIND,
        PET_POLICY_FIELDS,
        "Whether and how pets may come.",
        "said_again",
        in_order=False,
    ),
)
"""All tables of details."""
