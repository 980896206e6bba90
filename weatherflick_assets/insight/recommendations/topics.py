"""What one can ask for: each topic has a list of its own for every area and day."""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

from weatherflick_assets.insight.suitability.activities import ACTIVITIES
from weatherflick_assets.places.content_types import CONTENT_TYPE_BY_NAME, CONTENT_TYPES

EVERYTHING = "all"
IF_IT_RAINS = "indoor"
"""The topic that takes the place of `EVERYTHING` if it rains."""

_NOT_GONE_TO = ("accommodations", "restaurants")
"""One sleeps and eats on a journey, and does not go there for it."""

DESTINATIONS = frozenset(kind.content_type_id for kind in CONTENT_TYPES if kind.name not in _NOT_GONE_TO)
"""The kinds of places that one goes to for their own sake, as content types."""


@dataclass(frozen=True)
class Topic:
    """One topic.

    Attributes:
        name: as in tables.
        korean: as people say it.
        content_type_ids: the kinds of places that are listed.
        activities: what one would do there.
        most: places in a list, at most.
    """

    name: str
    korean: str
    content_type_ids: frozenset[str]
    activities: frozenset[str]
    most: int = 10


_ANY = frozenset(ACTIVITIES)
_ANYWHERE = frozenset(kind.content_type_id for kind in CONTENT_TYPES)

TOPICS: Mapping[str, Topic] = MappingProxyType(
    {
        topic.name: topic
        for topic in (
            Topic(EVERYTHING, "가 볼 만한 곳", DESTINATIONS, _ANY, most=20),
            *(Topic(kind.name, kind.korean_name, frozenset({kind.content_type_id}), _ANY) for kind in CONTENT_TYPES),
            *(
                Topic(
                    activity.name,
                    activity.korean,
                    # A camp site is a place to stay, and the reason to go there.
                    _ANYWHERE if activity.name == "camping" else DESTINATIONS,
                    frozenset({activity.name}),
                )
                for activity in ACTIVITIES.values()
            ),
        )
    }
)
"""Every topic by name."""

assert len(TOPICS) == 1 + len(CONTENT_TYPE_BY_NAME) + len(ACTIVITIES), "a kind and an activity have the same name"
