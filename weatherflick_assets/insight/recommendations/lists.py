"""The lists of a day: from the scores of places to the places in each list. Pure."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from weatherflick_assets.insight.recommendations import ranking
from weatherflick_assets.insight.recommendations.ranking import Candidates, Floats, Integers
from weatherflick_assets.insight.recommendations.topics import TOPICS
from weatherflick_assets.insight.suitability.activities import ACTIVITIES
from weatherflick_assets.places.content_types import CONTENT_TYPES

KINDS = tuple(kind.content_type_id for kind in CONTENT_TYPES)
"""The kinds of places in the order of their numbers."""


@dataclass(frozen=True)
class Places:
    """The places that can be recommended, in the order of their ids; codes are numbers in the order of what they stand for."""

    content_id: NDArray[np.object_]
    kind: Integers
    area: Integers
    areas: NDArray[np.object_]
    group: Integers
    klass: Integers
    appeal: Floats

    def __len__(self) -> int:
        return len(self.content_id)


@dataclass(frozen=True)
class Scores:
    """The scores of a day that are fair at least: the numbers of place and activity, and the suitability."""

    place: Integers
    activity: Integers
    suitability: Floats


class Listed(NamedTuple):
    """A place in a list."""

    kto_area_code: str
    day: str
    topic: str
    rank: int
    content_id: str
    activity: str
    worth: float


def lists_of(day: date, places: Places, scores: Scores) -> Iterator[Listed]:
    """The places in the lists of a day, by topic, area and rank."""
    of_place = scores.place
    worth = ranking.worth(scores.suitability, places.appeal[of_place]).round(1)
    candidates = Candidates(
        place=of_place,
        area=places.area[of_place],
        group=places.group[of_place],
        klass=places.klass[of_place],
        worth=worth,
        chance=ranking.chances(places.content_id, day)[of_place],
    )
    kind, names = places.kind[of_place], list(ACTIVITIES)
    for topic in TOPICS.values():
        is_kind = np.array([each in topic.content_type_ids for each in KINDS])
        is_activity = np.array([name in topic.activities for name in names])
        found = np.flatnonzero(is_kind[kind] & is_activity[scores.activity])
        rows, ranks = ranking.listed(candidates.of(found), topic.most)
        listed = found[rows]
        columns = (
            places.areas[candidates.area[listed]],
            ranks,
            places.content_id[of_place[listed]],
            scores.activity[listed],
            worth[listed],
        )
        for area, rank, content_id, activity, value in zip(*(column.tolist() for column in columns), strict=True):
            yield Listed(area, day.isoformat(), topic.name, rank, content_id, names[activity], value)
